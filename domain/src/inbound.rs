//! What becomes of a mail that came in: applied, ignored, or held for an organizer. Each ends with
//! one reason, and the reason says which of the three it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::rsvp::Refusal;

/// A mail that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMail;

/// How a mail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It did what it was sent for.
    Applied,
    /// Nothing follows from it.
    Ignored,
    /// An organizer decides; nothing was changed.
    Held,
}

impl Ending {
    pub const ALL: [Ending; 3] = [Ending::Applied, Ending::Ignored, Ending::Held];

    pub const fn name(self) -> &'static str {
        match self {
            Ending::Applied => "applied",
            Ending::Ignored => "ignored",
            Ending::Held => "held",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.name() == name)
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $ending:ident;)+) => {
        /// Why a mail ended as it did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Reason {
            $($(#[$doc])* $variant,)+
        }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$variant),+];

            /// As in rows and JSON.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Reason::$variant => $name,)+
                }
            }

            pub const fn ending(self) -> Ending {
                match self {
                    $(Reason::$variant => Ending::$ending,)+
                }
            }
        }
    };
}

reasons! {
    /// The answer of a calendar is the member's answer now.
    Recorded = "recorded", Applied;
    /// Recorded and marked: it was given to the evening as it was before it moved.
    RecordedBeforeMove = "recorded_before_move", Applied;
    /// Recorded; no seat was free, and the calendar is corrected by a mail.
    Waitlisted = "waitlisted", Applied;
    /// The mail's recipient gets no more invitations.
    Unsubscribed = "unsubscribed", Applied;
    /// Marked as spam: nothing is sent to this address any more.
    Complained = "complained", Applied;
    /// Nobody has this address: nothing is sent to it any more.
    AddressStopped = "address_stopped", Applied;
    /// It could not be delivered for now. Only full mailboxes are counted.
    SoftBounce = "soft_bounce", Applied;
    /// Full for the third time within thirty days: nothing is sent to this address any more.
    SoftBouncesStopped = "soft_bounces_stopped", Applied;
    /// The mail was refused for what we are or send; the address stays.
    MailRefused = "mail_refused", Applied;
    /// A person's words, passed on to the organizers.
    Forwarded = "forwarded", Applied;
    /// Held before; an organizer took it as the member's answer.
    TakenByOrganizer = "taken_by_organizer", Applied;

    /// No invitation has this UID.
    UnknownUid = "unknown_uid", Ignored;
    /// It answers for somebody else than the sender and the one who was invited.
    OtherAttendee = "other_attendee", Ignored;
    /// A later answer of the calendar was recorded.
    OlderThanReply = "older_than_reply", Ignored;
    /// A later answer was given elsewhere.
    OlderThanAnswer = "older_than_answer", Ignored;
    NoAnswerInReply = "no_answer_in_reply", Ignored;
    /// After the deadline.
    TooLate = "too_late", Ignored;
    /// Before answers open.
    TooEarly = "too_early", Ignored;
    EveningEnded = "evening_ended", Ignored;
    EveningCancelled = "evening_cancelled", Ignored;
    /// More people than there are seats, or than this evening allows.
    PartyTooLarge = "party_too_large", Ignored;
    /// Who was invited left, or is no longer on the programme.
    NoLongerInvited = "no_longer_invited", Ignored;
    /// The token in the address is not ours.
    UnknownToken = "unknown_token", Ignored;
    ReportWithoutToken = "report_without_token", Ignored;
    /// A report of a delay or of a delivery.
    NoFailure = "no_failure", Ignored;
    ComplaintWithoutMail = "complaint_without_mail", Ignored;
    /// Feedback that is no complaint.
    NoComplaint = "no_complaint", Ignored;
    /// The mail that it is about is not known any more, or was to nobody who is still here.
    UnknownMail = "unknown_mail", Ignored;
    AutomaticReply = "automatic_reply", Ignored;
    /// Our own mail, come back to us.
    OwnMail = "own_mail", Ignored;
    /// Held before; an organizer put it aside.
    Dismissed = "dismissed", Ignored;

    /// Somebody whom the invitation was forwarded to, or the member from an address not known.
    OtherAddress = "other_address", Held;
    /// Another time is proposed.
    Counter = "counter", Held;
    Delegated = "delegated", Held;
    Refresh = "refresh", Held;
    CalendarRequest = "calendar_request", Held;
    CalendarCancel = "calendar_cancel", Held;
    CalendarPublish = "calendar_publish", Held;
    CalendarAdd = "calendar_add", Held;
    DeclineCounter = "decline_counter", Held;
    CalendarWithoutMethod = "calendar_without_method", Held;
    SeveralEvents = "several_events", Held;
    CalendarUnreadable = "calendar_unreadable", Held;
    ReplyWithoutEvent = "reply_without_event", Held;
    ReplyWithoutUid = "reply_without_uid", Held;
    ReplyWithoutAttendee = "reply_without_attendee", Held;
    ReplyOfSeveral = "reply_of_several", Held;
    MailTooLarge = "mail_too_large", Held;
    CalendarTooLarge = "calendar_too_large", Held;
    PartsTooDeep = "parts_too_deep", Held;
    TooManyParts = "too_many_parts", Held;
    /// A person's words, kept here only: so much came in this hour that the organizers are spared.
    NotForwarded = "not_forwarded", Held;
}

impl Reason {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name)
    }

    /// Whether an organizer may take it as the member's answer.
    pub const fn may_be_taken(self) -> bool {
        matches!(self, Reason::OtherAddress)
    }

    /// Why an answer that came by calendar was not recorded.
    pub const fn of_refusal(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NotYetOpen(_) => Reason::TooEarly,
            Refusal::Late => Reason::TooLate,
            Refusal::Ended => Reason::EveningEnded,
            Refusal::Cancelled => Reason::EveningCancelled,
            Refusal::NotPublished => Reason::UnknownUid,
            Refusal::TooManyGuests { .. }
            | Refusal::LargerThanRoom { .. }
            | Refusal::GuestsLeft { .. }
            | Refusal::TooManyNames => Reason::PartyTooLarge,
        }
    }

    /// Whether the calendar that answered shows something that is not so, and its owner is to be
    /// told: of a cancelled evening they were told, and one that is over corrects itself.
    pub const fn misleads(self) -> bool {
        matches!(self, Reason::TooLate | Reason::TooEarly | Reason::PartyTooLarge)
    }
}

/// A mail that told somebody why the answer of their calendar was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub why: Reason,
    /// Of the evening then.
    pub sequence: u32,
    pub at: DateTime<Utc>,
}

/// Whether an answer that was not taken is to be told. A calendar that accepts by itself answers the
/// mail that tells it, so the same is said once: until the evening has changed, or until an answer
/// was taken in between.
pub fn is_to_be_told(
    why: Reason,
    sequence: u32,
    answered_at: Option<DateTime<Utc>>,
    before: &[Told],
) -> bool {
    let stands = |told: &Told| told.sequence == sequence && answered_at.is_none_or(|at| at <= told.at);
    why.misleads() && !before.iter().any(|told| told.why == why && stands(told))
}

/// Mails that strangers may make us pass on to the organizers within an hour, from one sender and
/// in all.
pub const SHOWN_OF_ONE: u64 = 3;
pub const SHOWN_OF_ALL: u64 = 30;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_reason_has_one_name() {
        let names: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::from_name(reason.name()), Some(*reason));
        }
    }

    #[test]
    fn the_same_is_told_once_until_something_has_changed() {
        let at = |hour: i64| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour);
        let before = [Told { why: Reason::TooLate, sequence: 2, at: at(5) }];
        for (why, sequence, answered_at, expected) in [
            (Reason::TooLate, 2, None, false),
            (Reason::TooLate, 2, Some(at(5)), false),
            (Reason::TooLate, 2, Some(at(6)), true),
            (Reason::TooLate, 3, None, true),
            (Reason::TooEarly, 2, None, true),
            (Reason::EveningCancelled, 3, None, false),
        ] {
            let told = is_to_be_told(why, sequence, answered_at, &before);
            assert_eq!(told, expected, "{why:?} {sequence} {answered_at:?}");
        }
    }

    #[test]
    fn only_what_is_held_can_be_taken() {
        for reason in Reason::ALL.iter().filter(|reason| reason.may_be_taken()) {
            assert_eq!(reason.ending(), Ending::Held);
        }
    }
}
