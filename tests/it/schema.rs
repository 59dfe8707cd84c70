//! The database itself: how it is opened, and what earlier versions left in it.

use mensuel_infra::store::{Place, Store};
use mensuel_migrations::Migrator;
use mensuel_tests::postgres::{self, TestDatabase};
use sea_orm::{ConnectionTrait as _, DatabaseBackend};
use sea_orm_migration::MigratorTrait as _;

use crate::scene::texts;

/// A database in which nothing was made yet.
struct Empty {
    store: Store,
    _folder: tempfile::TempDir,
    _database: Option<TestDatabase>,
}

impl Empty {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = postgres::fresh(None).await;
        let place = match &database {
            Some(database) => Place::Postgres(database.url()),
            None => Place::Sqlite(folder.path().join("mensuel.db")),
        };
        let store = Store::open(&place).await.expect("it opens");
        Self { store, _folder: folder, _database: database }
    }

    /// Makes so many changes of the schema, or all that are left.
    async fn migrate(&self, steps: Option<u32>) {
        Migrator::up(self.store.for_migrations(), steps).await.expect("the schema changes");
    }

    async fn execute(&self, sql: &str) {
        self.store
            .for_migrations()
            .execute_unprepared(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        texts(self.store.read(), sql.to_owned()).await
    }

    async fn member(&self, id: &str, name: &str, wants_invitations: bool) {
        self.execute(&format!(
            "insert into members (id, name, name_key, search, language, status, follows, wants_invitations, roles,
                preferences_epoch, feed_epoch, revision, created_at, updated_at)
             values ('{id}', '{name}', '{name}', '{name}', 'fr', 'active', '*', {wants_invitations}, '', 0, 0, 1,
                '{THEN}', '{THEN}')"
        ))
        .await;
    }
}

const THEN: &str = "2026-12-01T09:00:00+00:00";
const ZOE: &str = "0193d0a6-5c00-7a31-9c4e-000000000001";
const BOB: &str = "0193d0a6-5c00-7a31-9c4e-000000000002";

/// What was acknowledged is on the disk, rows that refer to nothing are refused, and who reads cannot write.
#[tokio::test]
async fn sqlite_is_opened_so_that_nothing_is_lost() {
    let empty = Empty::new().await;
    if empty.store.backend() == DatabaseBackend::Postgres {
        return;
    }
    let pragma = |name: &str| format!("select cast({name} as text) from pragma_{name}");
    for (name, value) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
        assert_eq!(texts(empty.store.for_migrations(), pragma(name)).await, [value], "{name}");
    }
    assert_eq!(empty.texts(&pragma("query_only")).await, ["1"]);
}

#[tokio::test]
async fn who_had_unsubscribed_stays_so_from_every_kind_of_mail() {
    let empty = Empty::new().await;
    empty.migrate(Some(3)).await;
    empty.member(ZOE, "zoe", false).await;
    empty.member(BOB, "bob", true).await;
    empty.migrate(None).await;
    let wants = "select name || case when wants_invitations and wants_nudges and wants_news then ' all'
        when wants_invitations or wants_nudges or wants_news then ' some' else ' none' end from members order by name";
    assert_eq!(empty.texts(wants).await, ["bob all", "zoe none"]);
}

#[tokio::test]
async fn mailboxes_that_were_full_stay_counted() {
    let empty = Empty::new().await;
    empty.migrate(Some(8)).await;
    empty.member(ZOE, "zoe", true).await;
    let evening = "0193d0a6-5c00-7a31-9c4e-000000000003";
    let invitation = "0193d0a6-5c00-7a31-9c4e-000000000004";
    for sql in [
        format!(
            "insert into events (id, uid, stage, language, start_wall, end_wall, time_zone, starts_at, ends_at,
                max_guests, members_only, address_for, details, own, followers_asked, sequence, revision,
                start_set_at, created_at, updated_at)
             values ('{evening}', 'u', 'published', 'fr', '2027-01-14 19:00:00', '2027-01-14 21:00:00', 'Europe/Paris',
                '{THEN}', '{THEN}', 0, false, 'confirmed', '', '', false, 0, 1, '{THEN}', '{THEN}', '{THEN}')"
        ),
        format!(
            "insert into invitations (id, event_id, guest_name, guest_email, guest_email_key, uid, link_epoch, invited_at)
             values ('{invitation}', '{evening}', 'Ada', 'ada@soie.example', 'ada@soie.example', 'v', 0, '{THEN}')"
        ),
        format!(
            "insert into full_mailboxes (notice_id, member_id, email_key, at)
             values ('0193d0a6-5c00-7a31-9c4e-000000000005', '{ZOE}', 'zoe@soie.example', '{THEN}')"
        ),
        format!(
            "insert into full_guest_mailboxes (notice_id, invitation_id, at)
             values ('0193d0a6-5c00-7a31-9c4e-000000000006', '{invitation}', '{THEN}')"
        ),
    ] {
        empty.execute(&sql).await;
    }
    empty.migrate(None).await;
    let counted = "select email_key from full_mailboxes order by email_key";
    assert_eq!(empty.texts(counted).await, ["ada@soie.example", "zoe@soie.example"]);
    empty.execute(&format!("delete from members where id = '{ZOE}'")).await;
    empty.execute(&format!("delete from events where id = '{evening}'")).await;
    assert!(empty.texts(counted).await.is_empty(), "forgotten with whom they belong to");
}
