//! What is written to a group of people, once, for the many mails that will carry it.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000010_group_messages",
    statements: &[
        // The outbox holds ids only: the words stand here.
        "create table group_messages (
            id $id primary key,
            event_id $id references events (id) on delete cascade,
            subject text not null,
            words text not null,
            written_by $id references members (id) on delete set null,
            written_at $instant not null)",
        "alter table outbox add column group_message_id $id",
    ],
    postgres: &[],
};
