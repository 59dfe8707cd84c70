//! The one transaction: a change of the community, its facts and its notifications.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use mensuel_domain::{
    fact::{Actor, Fact},
    id::Id,
};
use sea_orm::{
    AccessMode, DatabaseTransaction, EntityTrait, IsolationLevel, QueryFilter, QuerySelect,
    SqliteTransactionMode, TransactionOptions, TransactionTrait, prelude::Expr, sea_query::ExprTrait,
};
use uuid::Uuid;

use super::{Change, Store, StoreError, community, facts, outbox};
use crate::clock;

/// An open transaction. Dropping it undoes everything; [`Tx::commit`] is the only way to keep it.
#[derive(Debug)]
pub struct Tx {
    transaction: DatabaseTransaction,
    store: Store,
    now: DateTime<Utc>,
    round: Option<Round>,
}

/// Invitations made and enqueued in a transaction, as one that may be withdrawn.
#[derive(Clone, Copy, Debug)]
struct Round {
    id: Uuid,
    /// When its mails come due.
    mail_due: DateTime<Utc>,
}

impl Tx {
    pub(super) async fn begin(store: &Store, now: DateTime<Utc>) -> Result<Self, StoreError> {
        // IMMEDIATE: a deferred transaction that turns from reading to writing fails at once when
        // another one wrote meanwhile, whatever the busy timeout says.
        let options = TransactionOptions {
            isolation_level: match store.backend() {
                sea_orm::DatabaseBackend::Postgres => Some(IsolationLevel::ReadCommitted),
                _ => None,
            },
            access_mode: Some(AccessMode::ReadWrite)
                .filter(|_| store.backend() == sea_orm::DatabaseBackend::Postgres),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        };
        let transaction = store.writer.begin_with_options(options).await?;
        Ok(Self { transaction, store: store.clone(), now, round: None })
    }

    /// The instant of this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// For the queries of the store.
    pub fn db(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// From here on invitations belong to a round, and so do, from its beginning, the mails of this
    /// transaction that invite; they come due at `mail_due`.
    pub fn begin_round(&mut self, mail_due: DateTime<Utc>) -> Uuid {
        let id = self.new_uuid();
        self.round = Some(Round { id, mail_due });
        id
    }

    pub(super) fn round(&self) -> Option<Uuid> {
        self.round.map(|round| round.id)
    }

    /// When mails that invite come due.
    pub(super) fn invitations_due(&self) -> DateTime<Utc> {
        self.round.map_or(self.now, |round| round.mail_due)
    }

    /// A new identifier, made from this transaction's instant.
    pub fn new_id<T>(&self) -> Id<T> {
        Id::new(self.new_uuid())
    }

    pub fn new_uuid(&self) -> Uuid {
        clock::new_uuid(self.now)
    }

    /// Records the facts, enqueues what they say must be told, and commits. With no facts nothing
    /// happened: the transaction is undone.
    pub async fn commit(self, actor: Actor, facts: Vec<Fact>) -> Result<(), StoreError> {
        self.commit_all(&[(actor, facts)]).await
    }

    /// As [`Tx::commit`], for several who did something.
    pub async fn commit_all(self, done: &[(Actor, Vec<Fact>)]) -> Result<(), StoreError> {
        let facts: Vec<&Fact> = done.iter().flat_map(|(_, facts)| facts).collect();
        if facts.is_empty() {
            return self.undo().await;
        }
        let change = self.raise(facts.iter().any(|fact| facts::is_seen_in_calendars(fact))).await?;
        for (actor, facts) in done {
            facts::record(&self, change.number, *actor, facts).await?;
            outbox::enqueue(&self, change.number, facts).await?;
        }
        self.transaction.commit().await.map_err(StoreError::of_commit)?;
        self.store.announce(change);
        Ok(())
    }

    /// Shows what would happen, and undoes it.
    pub async fn undo(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }

    /// Commits rows that are no change of the community: what came of a delivery, a mail that was
    /// ignored.
    pub(super) async fn keep(self) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(StoreError::of_commit)
    }

    /// The last lock that is taken, so that numbers and commits come in one order: who reads at a
    /// number sees all that was done up to it.
    async fn raise(&self, calendars: bool) -> Result<Change, StoreError> {
        let mut update = community::Entity::update_many()
            .col_expr(community::Column::Change, Expr::col(community::Column::Change).add(1))
            .col_expr(community::Column::ChangedAt, Expr::value(self.now));
        if calendars {
            let stamp = self.next_stamp().await?;
            update = update.col_expr(community::Column::CalendarChangedAt, Expr::value(stamp));
        }
        let row = update
            .filter(Expr::col(community::Column::Id).eq(1))
            .exec_with_returning(&self.transaction)
            .await?
            .pop()
            .ok_or_else(|| super::corrupt("the community's row is missing"))?;
        Ok(row.into())
    }

    /// When calendars changed, as HTTP dates say it: a second later at each change, also when this
    /// transaction began before the one that committed last.
    async fn next_stamp(&self) -> Result<DateTime<Utc>, StoreError> {
        let row = community::Entity::find_by_id(1).lock_exclusive().one(&self.transaction).await?;
        let last = row.ok_or_else(|| super::corrupt("the community's row is missing"))?.calendar_changed_at;
        Ok(std::cmp::max(self.now, last.trunc_subsecs(0) + TimeDelta::seconds(1)))
    }
}
