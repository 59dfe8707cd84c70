//! Which state of its evening a held answer was given to.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000008_answered_entry",
    // Of what was filed before this is not known: null.
    statements: &["alter table inbound_mail add column sequence integer"],
    postgres: &[],
};
