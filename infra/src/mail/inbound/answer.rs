//! When the answer of a calendar counts: whose it is, and whether a newer one stands.
//!
//! The UID was sent to one person alone, so it is what proves an answer; the attendee says that it
//! is theirs and not that of somebody it was forwarded to. The sender proves nothing: iCloud sends
//! from an address of its own.

use chrono::{DateTime, TimeDelta, Utc};
use mensuel_domain::{inbound::Reason, text::Email};

use super::AuthResults;
use crate::calendar::reply::Reply;

/// An answer given elsewhere is taken back by a reply up to this much older: clocks differ.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// The invitation that a UID belongs to, and the addresses of its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    pub uid: String,
    /// What the invitation was sent to.
    pub address: Email,
    /// Their other verified addresses.
    pub aliases: Vec<Email>,
    /// Addresses that they are known by and never verified.
    pub known: Vec<Email>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Apply,
    Hold(Held),
    Ignore(NotTaken),
}

/// Why an organizer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Somebody answers for themselves whom the invitation was forwarded to, or the member from an
    /// address that we do not know.
    OtherAddress,
}

/// Why a reply does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// No invitation has this UID.
    UnknownUid,
    /// It answers for somebody else than the sender and the one who was invited.
    OtherAttendee,
}

impl Held {
    pub const fn reason(self) -> Reason {
        match self {
            Held::OtherAddress => Reason::OtherAddress,
        }
    }
}

impl NotTaken {
    pub const fn reason(self) -> Reason {
        match self {
            NotTaken::UnknownUid => Reason::UnknownUid,
            NotTaken::OtherAttendee => Reason::OtherAttendee,
        }
    }
}

/// Whether a reply may be taken as the answer of the person whose invitation it names.
pub fn may_apply(
    reply: &Reply,
    invited: Option<&Invited>,
    from: Option<&Email>,
    auth: &AuthResults,
) -> Verdict {
    let Some(invited) = invited.filter(|invited| invited.uid.eq_ignore_ascii_case(&reply.uid)) else {
        return Verdict::Ignore(NotTaken::UnknownUid);
    };
    let attendee = reply.attendee.key();
    let is_one_of = |addresses: &[Email]| addresses.iter().any(|address| address.key() == attendee);
    if invited.address.key() == attendee || is_one_of(&invited.aliases) {
        return Verdict::Apply;
    }
    match from.filter(|from| from.key() == attendee) {
        Some(from) if is_one_of(&invited.known) && auth.vouch_for(from) => Verdict::Apply,
        Some(_) => Verdict::Hold(Held::OtherAddress),
        None => Verdict::Ignore(NotTaken::OtherAttendee),
    }
}

/// What is on record when a reply comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnRecord {
    /// The time, by [`given_at`], of the last reply that was recorded.
    pub last_reply: Option<DateTime<Utc>>,
    /// When the answer in force was given, if it was given on the web, by an organizer, or else
    /// than by a calendar.
    pub elsewhere: Option<DateTime<Utc>>,
    /// SEQUENCE of the event after its last move; 0 when it never moved.
    pub moved_at_sequence: u32,
}

/// Whether a reply takes the place of what is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The answer of now.
    Counts,
    /// Recorded and marked "before the move"; nothing is mailed.
    BeforeMove,
    /// A later reply was recorded.
    OlderThanReply,
    /// A later answer was given elsewhere.
    OlderThanAnswer,
}

/// When an answer was given: the earlier of its DTSTAMP and its receipt, so that a wrong clock
/// cannot make it newer than it is.
pub fn given_at(reply: &Reply, received_at: DateTime<Utc>) -> DateTime<Utc> {
    reply.dtstamp.map_or(received_at, |stamp| stamp.min(received_at))
}

/// Newest wins, across channels.
pub fn supersedes(reply: &Reply, received_at: DateTime<Utc>, record: &OnRecord) -> Turn {
    turn(given_at(reply, received_at), reply.sequence, record)
}

/// As [`supersedes`], of a reply that was kept: when it was given, and the SEQUENCE that it answers.
pub fn turn(given_at: DateTime<Utc>, sequence: u32, record: &OnRecord) -> Turn {
    if record.last_reply.is_some_and(|last| given_at < last) {
        Turn::OlderThanReply
    } else if record.elsewhere.is_some_and(|answer| answer.signed_duration_since(given_at) > TOLERANCE) {
        Turn::OlderThanAnswer
    } else if sequence < record.moved_at_sequence {
        Turn::BeforeMove
    } else {
        Turn::Counts
    }
}
