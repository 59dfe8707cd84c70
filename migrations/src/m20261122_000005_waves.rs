//! Rounds of invitations with their waves, and what sending remembers of the relay and of full
//! mailboxes.

use crate::migration::Migration;

pub(crate) const MIGRATION: Migration = Migration {
    name: "m20261122_000005_waves",
    statements: &[
        "alter table events add column wave_plan text",
        // Each time that an audience was asked for. The mails of one may be withdrawn.
        "create table invitation_rounds (
            id $id primary key,
            event_id $id not null references events (id) on delete cascade,
            audience text not null,
            invited bigint not null,
            asked_at $instant not null,
            undo_until $instant,
            opened_followers boolean not null)",
        "create index invitation_rounds_event on invitation_rounds (event_id)",
        "alter table invitations add column round_id $id",
        "alter table outbox add column round_id $id",
        "create index outbox_round on outbox (round_id)",
        "create index rsvps_by_seat on rsvps (member_id, seat)",
        // One row: whether the relay refuses us, since when, and until when nothing is sent.
        "create table mail_pause (
            id integer primary key check (id = 1),
            level integer not null,
            since $instant,
            until $instant,
            reason text,
            refused_for text not null,
            told_at $instant)",
        "insert into mail_pause (id, level, refused_for) values (1, 0, '')",
        // A mail that a full mailbox kept out, each once.
        "create table full_mailboxes (
            notice_id $id primary key,
            member_id $id not null references members (id) on delete cascade,
            email_key text not null,
            at $instant not null)",
        "create index full_mailboxes_address on full_mailboxes (email_key, at)",
    ],
    postgres: &[],
};
