//! What becomes of a notification when it comes due: sent, dropped, or merged into a later one.

use chrono::{DateTime, Utc};

use crate::{
    event::Stage,
    fact::NoticeKind,
    member::Status,
    reminder::Times,
    rsvp::{Answer, Seat},
};

/// What is known of the evening, the person and what else waits for them, when a row comes due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    pub now: DateTime<Utc>,
    pub evening: Option<Evening>,
    pub person: Person,
    /// The answer in force, if there is one.
    pub answer: Option<(Answer, Seat)>,
    /// It was given after the row was written.
    pub answered_since: bool,
    /// Whether some mail about this evening has already left for this person.
    pub told: bool,
    /// The kinds that wait for the same person and evening and were written after this one.
    pub later: Vec<NoticeKind>,
    /// The kinds that wait for them and were written before this one.
    pub earlier: Vec<NoticeKind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evening {
    pub stage: Stage,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// It takes no yes any more.
    pub closed: bool,
    /// For a reminder: the start that it was made for.
    pub reminded_start: Option<DateTime<Utc>>,
    /// For a reminder: how many days before it is.
    pub reminded_days: Option<u32>,
    /// For a reminder: whether it is the person's first of the evening, which also nudges.
    pub first_reminder: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    pub status: Status,
    pub wants_invitations: bool,
    pub wants_nudges: bool,
    /// The reminders they want now.
    pub reminders: Times,
    pub on_programme: bool,
    /// The address was stopped by a bounce or a complaint, or there is none.
    pub address_stopped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Send,
    Drop(Why),
    /// A notification written later says it too.
    Merge(NoticeKind),
}

/// Why nothing was sent; kept with the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    AddressStopped,
    NoLongerMember,
    Paused,
    Unsubscribed,
    Cancelled,
    Ended,
    Answered,
    /// The deadline passed: whoever came to the page would read "too late".
    TooLate,
    NeverTold,
    NotConcerned,
    Moved,
    /// They chose other reminders, or none.
    NotWanted,
}

impl Why {
    /// The name kept in the row.
    pub const fn name(self) -> &'static str {
        match self {
            Why::AddressStopped => "address_stopped",
            Why::NoLongerMember => "no_longer_member",
            Why::Paused => "paused",
            Why::Unsubscribed => "unsubscribed",
            Why::Cancelled => "cancelled",
            Why::Ended => "ended",
            Why::Answered => "already_answered",
            Why::TooLate => "too_late",
            Why::NeverTold => "never_told",
            Why::NotConcerned => "not_concerned",
            Why::Moved => "moved",
            Why::NotWanted => "not_wanted",
        }
    }
}

/// The decision for one row. A mail never tells what is no longer so, and nobody is told twice.
pub fn settle(kind: NoticeKind, at: &Circumstances) -> Verdict {
    if at.person.address_stopped {
        return Verdict::Drop(Why::AddressStopped);
    }
    if !at.person.status.belongs() {
        return Verdict::Drop(Why::NoLongerMember);
    }
    match at.evening {
        Some(evening) => settle_evening(kind, at, evening),
        None => Verdict::Send,
    }
}

fn settle_evening(kind: NoticeKind, at: &Circumstances, evening: Evening) -> Verdict {
    if kind == NoticeKind::Links {
        return Verdict::Send;
    }
    if evening.stage == Stage::Cancelled && kind != NoticeKind::Cancelled {
        return Verdict::Drop(Why::Cancelled);
    }
    if evening.ends_at <= at.now {
        return Verdict::Drop(Why::Ended);
    }
    if kind.is_for_organizers() {
        return Verdict::Send;
    }
    match kind {
        NoticeKind::Invitation => settle_invitation(at, evening),
        NoticeKind::Answer => settle_answer(at),
        NoticeKind::Promoted => settle_change_of_seat(at, is_seated(at)),
        NoticeKind::Offered => settle_change_of_seat(at, is_offered(at)),
        NoticeKind::OfferExpired => settle_change_of_seat(at, waits(at)),
        NoticeKind::Reminder => settle_reminder(at, evening),
        NoticeKind::Moved => settle_move(at),
        NoticeKind::Cancelled => settle_cancellation(at),
        NoticeKind::AnswerNotTaken => said_later(at).map_or(Verdict::Send, Verdict::Merge),
        NoticeKind::Links
        | NoticeKind::RoleVacant
        | NoticeKind::ProgrammeDeclined
        | NoticeKind::InboundMail
        | NoticeKind::MailPaused => Verdict::Send,
    }
}

/// Who comes onto the programme is told their role, also when they had answered before.
fn settle_invitation(at: &Circumstances, evening: Evening) -> Verdict {
    if at.answer.is_some() && (at.answered_since || !at.person.on_programme) {
        return Verdict::Drop(Why::Answered);
    }
    if at.later.contains(&NoticeKind::Invitation) {
        return Verdict::Merge(NoticeKind::Invitation);
    }
    if at.person.on_programme {
        return Verdict::Send;
    }
    if evening.closed {
        return Verdict::Drop(Why::TooLate);
    }
    if at.person.status == Status::Paused {
        return Verdict::Drop(Why::Paused);
    }
    if !at.person.wants_invitations {
        return Verdict::Drop(Why::Unsubscribed);
    }
    Verdict::Send
}

fn settle_answer(at: &Circumstances) -> Verdict {
    if at.answer.is_none() {
        return Verdict::Drop(Why::NotConcerned);
    }
    said_later(at).map_or(Verdict::Send, Verdict::Merge)
}

/// Told while it is still so, and unless something later says it.
fn settle_change_of_seat(at: &Circumstances, still: bool) -> Verdict {
    match said_later(at) {
        Some(later) if at.answer.is_some() => Verdict::Merge(later),
        Some(_) | None if still => Verdict::Send,
        Some(_) | None => Verdict::Drop(Why::NotConcerned),
    }
}

/// The last answer is the one that is told; a promotion or an offer says more than a place in the
/// line, and of several changes of a seat the one that is now.
fn said_later(at: &Circumstances) -> Option<NoticeKind> {
    let changes = [
        (is_seated(at), NoticeKind::Promoted),
        (is_offered(at), NoticeKind::Offered),
        (waits(at), NoticeKind::OfferExpired),
    ];
    let is_now = |(so, kind): &(bool, NoticeKind)| *so && at.later.contains(kind);
    match changes.into_iter().find(is_now) {
        Some((_, kind)) => Some(kind),
        None => at.later.contains(&NoticeKind::Answer).then_some(NoticeKind::Answer),
    }
}

fn settle_reminder(at: &Circumstances, evening: Evening) -> Verdict {
    if evening.starts_at <= at.now {
        return Verdict::Drop(Why::Ended);
    }
    if evening.reminded_start != Some(evening.starts_at) {
        return Verdict::Drop(Why::Moved);
    }
    match at.answer {
        Some((Answer::Yes, seat)) if seat.is_confirmed() => {
            if !is_chosen(at.person.reminders, evening) {
                return Verdict::Drop(Why::NotWanted);
            }
            if at.later.contains(&NoticeKind::Reminder) {
                return Verdict::Merge(NoticeKind::Reminder);
            }
            Verdict::Send
        }
        Some((Answer::Yes | Answer::No, _)) => Verdict::Drop(Why::NotConcerned),
        Some((Answer::Maybe, _)) | None => settle_nudge(at, evening),
    }
}

/// Asked again when it leaves: changed preferences hold for what is not yet sent.
fn is_chosen(times: Times, evening: Evening) -> bool {
    evening.reminded_days.is_none_or(|days| times.contains(days))
}

/// One nudge, with the first reminder, to those who said maybe and those who were told and are silent.
fn settle_nudge(at: &Circumstances, evening: Evening) -> Verdict {
    if !evening.first_reminder || !at.told {
        return Verdict::Drop(Why::NotConcerned);
    }
    if at.person.status == Status::Paused {
        return Verdict::Drop(Why::Paused);
    }
    // A question about an invitation is nothing to who wants none.
    if !at.person.wants_nudges || (at.answer.is_none() && !at.person.wants_invitations) {
        return Verdict::Drop(Why::Unsubscribed);
    }
    if !is_chosen(at.person.reminders.of_questions(), evening) {
        return Verdict::Drop(Why::NotWanted);
    }
    Verdict::Send
}

/// Told to all who were told of the evening; to those unsubscribed only if they come, may come, or wait.
fn settle_move(at: &Circumstances) -> Verdict {
    if at.later.contains(&NoticeKind::Moved) {
        return Verdict::Merge(NoticeKind::Moved);
    }
    let waits_to_be_invited =
        at.earlier.contains(&NoticeKind::Invitation) || at.later.contains(&NoticeKind::Invitation);
    if !at.told && at.answer.is_none() {
        return if waits_to_be_invited {
            Verdict::Merge(NoticeKind::Invitation)
        } else {
            Verdict::Drop(Why::NeverTold)
        };
    }
    word_of_evening(at)
}

/// Only to those who know of the evening: they were told, or have answered.
fn settle_cancellation(at: &Circumstances) -> Verdict {
    if !at.told && at.answer.is_none() {
        return Verdict::Drop(Why::NeverTold);
    }
    word_of_evening(at)
}

/// Unsubscribing does not stop word of an evening that one comes to, may come to, or waits for.
fn word_of_evening(at: &Circumstances) -> Verdict {
    let may_come = matches!(at.answer, Some((Answer::Yes | Answer::Maybe, _)));
    if may_come || at.person.on_programme || at.person.wants_invitations {
        Verdict::Send
    } else {
        Verdict::Drop(Why::Unsubscribed)
    }
}

fn is_seated(at: &Circumstances) -> bool {
    matches!(at.answer, Some((Answer::Yes, seat)) if seat.is_confirmed())
}

fn is_offered(at: &Circumstances) -> bool {
    matches!(at.answer, Some((Answer::Yes, Seat::Offered)))
}

fn waits(at: &Circumstances) -> bool {
    matches!(at.answer, Some((Answer::Yes, Seat::Waitlisted)))
}
