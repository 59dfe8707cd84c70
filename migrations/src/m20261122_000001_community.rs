//! The community, its evenings, answers, facts and outbox.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, Statement},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for table in TABLES {
            let sql = spelled_for(backend, table);
            connection.execute_raw(Statement::from_string(backend, sql)).await?;
        }
        Ok(())
    }

    /// On SQLite too: half a schema is no schema.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The column types that the two databases call by other names.
fn spelled_for(backend: sea_orm_migration::sea_orm::DatabaseBackend, sql: &str) -> String {
    use sea_orm_migration::sea_orm::DatabaseBackend::Postgres;
    let names: [(&str, &str, &str); 4] = [
        ("$id", "uuid", "uuid_text"),
        ("$instant", "timestamptz", "timestamp_with_timezone_text"),
        ("$wall", "timestamp", "datetime_text"),
        ("$bytes", "bytea", "blob"),
    ];
    names.iter().fold(sql.to_owned(), |sql, (name, postgres, sqlite)| {
        sql.replace(name, if backend == Postgres { postgres } else { sqlite })
    })
}

/// In order: a table stands after those it refers to.
const TABLES: &[&str] = &[
    // One row. `change` is raised by each commit; kept bytes carry it.
    "create table community (
        id integer primary key check (id = 1),
        change bigint not null,
        changed_at $instant not null,
        calendar_changed_at $instant not null)",
    "create table venues (
        id $id primary key,
        name text not null,
        name_key text not null,
        area text,
        address text,
        address_key text not null,
        access_notes text,
        revision integer not null,
        created_at $instant not null,
        updated_at $instant not null,
        constraint venues_name unique (name_key, address_key))",
    "create table members (
        id $id primary key,
        name text not null,
        name_key text not null,
        search text not null,
        language text not null,
        company text,
        job_title text,
        member_since date,
        status text not null,
        paused_until $instant,
        follows text not null,
        wants_invitations boolean not null,
        roles text not null,
        preferences_epoch integer not null,
        feed_epoch integer not null,
        revision integer not null,
        created_at $instant not null,
        updated_at $instant not null)",
    "create table member_emails (
        email_key text primary key,
        member_id $id not null references members (id) on delete cascade,
        email text not null,
        is_primary boolean not null,
        verified boolean not null,
        stopped text)",
    "create index member_emails_member on member_emails (member_id)",
    "create index members_by_name on members (name_key, id)",
    "create table series (
        id $id primary key,
        title text not null,
        week integer not null,
        weekday integer not null,
        at text not null,
        time_zone text not null,
        minutes integer not null,
        format text,
        capacity integer,
        venue_id $id references venues (id),
        from_day date not null,
        until_day date,
        skips text not null,
        moves text not null,
        revision integer not null,
        created_at $instant not null,
        updated_at $instant not null)",
    // A month of a series whose date was deleted or skipped: it does not grow again by itself.
    "create table series_drops (
        series_id $id not null references series (id) on delete cascade,
        month text not null,
        reason text not null,
        primary key (series_id, month))",
    "create table events (
        id $id primary key,
        uid text not null,
        series_id $id references series (id),
        series_month text,
        stage text not null,
        slug text,
        format text,
        title text,
        summary text,
        language text not null,
        start_wall $wall not null,
        end_wall $wall not null,
        time_zone text not null,
        starts_at $instant not null,
        ends_at $instant not null,
        venue_id $id references venues (id),
        online_url text,
        capacity integer,
        max_guests integer not null,
        opens_at $instant,
        deadline $instant,
        members_only boolean not null,
        address_for text not null,
        details text not null,
        own text not null,
        cancellation_reason text,
        followers_asked boolean not null,
        sequence integer not null,
        revision integer not null,
        published_at $instant,
        start_set_at $instant not null,
        cancelled_at $instant,
        created_at $instant not null,
        updated_at $instant not null,
        constraint events_uid unique (uid),
        constraint events_slug unique (slug),
        constraint events_occurrence unique (series_id, series_month))",
    "create index events_starts_at on events (starts_at)",
    "create table event_people (
        event_id $id not null references events (id) on delete cascade,
        role text not null,
        position integer not null,
        kind text not null,
        member_id $id references members (id),
        name text,
        email text,
        primary key (event_id, role, position))",
    "create index event_people_member on event_people (member_id)",
    // Counters, kept in the transaction that changes the rows they count.
    "create table event_seats (
        event_id $id primary key references events (id) on delete cascade,
        confirmed integer not null,
        guests integer not null,
        waitlisted integer not null,
        offered integer not null,
        yes integer not null,
        no integer not null,
        maybe integer not null,
        next_number bigint not null)",
    "create table invitations (
        id $id primary key,
        event_id $id not null references events (id) on delete cascade,
        member_id $id references members (id) on delete cascade,
        guest_name text,
        guest_email text,
        guest_email_key text,
        uid text not null,
        link_epoch integer not null,
        wave integer,
        invited_at $instant not null,
        told_at $instant,
        entry_sent_at $instant,
        constraint invitations_member unique (event_id, member_id),
        constraint invitations_guest unique (event_id, guest_email_key),
        constraint invitations_uid unique (uid))",
    "create index invitations_by_member on invitations (member_id)",
    "create table rsvps (
        invitation_id $id primary key references invitations (id) on delete cascade,
        event_id $id not null references events (id) on delete cascade,
        member_id $id references members (id) on delete cascade,
        answer text not null,
        guests integer not null,
        guest_names text not null,
        seat text not null,
        number bigint,
        place text not null,
        channel text not null,
        answered_at $instant not null,
        before_move boolean not null,
        changed_at $instant not null,
        constraint rsvps_number unique (event_id, number))",
    "create index rsvps_line on rsvps (event_id, seat, guests, number)",
    "create index rsvps_by_member on rsvps (member_id)",
    "create table facts (
        id $id primary key,
        change bigint not null,
        at $instant not null,
        actor_kind text not null,
        actor_id $id,
        kind text not null,
        subject_kind text not null,
        subject_id $id,
        data text not null)",
    "create index facts_subject on facts (subject_id)",
    "create index facts_kind on facts (kind, at)",
    // Ids only: no address, no body, no token. The mail is written when it leaves.
    "create table outbox (
        id $id primary key,
        kind text not null,
        event_id $id references events (id) on delete cascade,
        invitation_id $id references invitations (id) on delete cascade,
        recipient_kind text not null,
        recipient_id $id not null,
        detail text not null,
        state text not null,
        why text,
        due_at $instant not null,
        attempts integer not null,
        lease_until $instant,
        lease_id $id,
        last_error text,
        change bigint not null,
        created_at $instant not null,
        finished_at $instant)",
    "create index outbox_due on outbox (state, due_at)",
    "create index outbox_about on outbox (event_id, recipient_id)",
    "create index outbox_recipient on outbox (recipient_id)",
    "create table reminders (
        event_id $id not null references events (id) on delete cascade,
        days integer not null,
        starts_at $instant not null,
        planned_at $instant not null,
        primary key (event_id, days, starts_at))",
    "create table api_tokens (
        id $id primary key,
        name text not null,
        member_id $id references members (id) on delete cascade,
        scope text not null,
        hash $bytes not null,
        created_at $instant not null,
        constraint api_tokens_hash unique (hash))",
    // Answers already given to an Idempotency-Key, for a day. They hold no secret.
    "create table idempotency_keys (
        caller text not null,
        key text not null,
        fingerprint text not null,
        subject_id $id,
        status integer,
        headers text,
        body text,
        created_at $instant not null,
        primary key (caller, key))",
    "create index idempotency_keys_age on idempotency_keys (created_at)",
    "insert into community (id, change, changed_at, calendar_changed_at)
        values (1, 0, '1970-01-01T00:00:00+00:00', '1970-01-01T00:00:00+00:00')",
];
