//! Mail that comes in, and which answers were given before a move.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000002_inbound_mail",
    statements: &[
        "alter table events add column moved_sequence integer not null default 0",
        // Who is on the programme without being a member has no row of addresses.
        "alter table invitations add column guest_stopped text",
        // A mail is the same when its Message-ID and its body are. Words are kept of what a person has
        // to read, and go with the member.
        "create table inbound_mail (
            id $id primary key,
            message_id text not null,
            body_hash text not null,
            received_at $instant not null,
            channel text not null,
            kind text not null,
            ending text not null,
            reason text not null,
            member_id $id references members (id) on delete cascade,
            event_id $id references events (id) on delete cascade,
            invitation_id $id references invitations (id) on delete cascade,
            notice_id $id references outbox (id) on delete cascade,
            answer text,
            given_at $instant,
            sender text,
            sender_key text,
            subject text,
            words text,
            shown boolean not null,
            constraint inbound_mail_same unique (message_id, body_hash))",
        "create index inbound_mail_by_time on inbound_mail (received_at, id)",
        "create index inbound_mail_of_invitation on inbound_mail (invitation_id)",
        "create index inbound_mail_of_member on inbound_mail (member_id)",
        "create index inbound_mail_of_sender on inbound_mail (sender_key, received_at)",
    ],
    postgres: &[],
};
