//! Full mailboxes of members and of named guests are counted alike, by their address.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000009_full_mailboxes",
    statements: &[
        // With whomever it belongs to it is forgotten.
        "create table full_addresses (
            notice_id $id primary key,
            member_id $id references members (id) on delete cascade,
            invitation_id $id references invitations (id) on delete cascade,
            email_key text not null,
            at $instant not null)",
        "insert into full_addresses (notice_id, member_id, email_key, at)
            select notice_id, member_id, email_key, at from full_mailboxes",
        "insert into full_addresses (notice_id, invitation_id, email_key, at)
            select notice_id, invitation_id, guest_email_key, at
            from full_guest_mailboxes join invitations on invitations.id = invitation_id
            where guest_email_key is not null",
        "drop table full_mailboxes",
        "drop table full_guest_mailboxes",
        "alter table full_addresses rename to full_mailboxes",
        "create index full_mailboxes_of on full_mailboxes (email_key, at)",
    ],
    postgres: &[],
};
