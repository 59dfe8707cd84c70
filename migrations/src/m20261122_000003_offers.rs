//! Offers of a seat: until when, and who let one pass.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000003_offers",
    statements: &[
        "alter table rsvps add column offer_until $instant",
        "alter table rsvps add column let_pass boolean not null default false",
    ],
    postgres: &[],
};
