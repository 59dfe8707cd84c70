//! What each member chooses of their mail: kinds of it, and when they are reminded.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000004_preferences",
    // Who had unsubscribed had unsubscribed from all three kinds.
    statements: &[
        "alter table members add column wants_nudges boolean not null default true",
        "alter table members add column wants_news boolean not null default true",
        "alter table members add column reminder_days text not null default ',7,1,'",
        "update members set wants_nudges = wants_invitations, wants_news = wants_invitations",
    ],
    postgres: &[],
};
