//! Whether a mail may have arrived already, apart from the words of its error; and names ordered by
//! their bytes, whatever the locale of the database.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000006_review",
    statements: &["alter table outbox add column uncertain boolean not null default false"],
    // SQLite compares bytes by itself. A cursor and an index that follow a locale break when the
    // library with its rules is upgraded.
    postgres: &[
        "alter table members alter column name_key type text collate \"C\"",
        "alter table venues alter column name_key type text collate \"C\"",
    ],
};
