//! To which address a mail left, by a hash; mailboxes of named guests that were full; where the
//! sender of a mail that came in wants to be answered.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000007_returned_mail",
    statements: &[
        // A report that comes back late stops the address that the mail went to, and no later one.
        "alter table outbox add column sent_to_hash text",
        "alter table inbound_mail add column reply_to text",
        // Who is on the programme without being a member has no row of addresses.
        "create table full_guest_mailboxes (
            notice_id $id primary key,
            invitation_id $id not null references invitations (id) on delete cascade,
            at $instant not null)",
        "create index full_guest_mailboxes_of on full_guest_mailboxes (invitation_id, at)",
    ],
    postgres: &[],
};
