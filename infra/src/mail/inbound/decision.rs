//! What follows from a mail, in the order of the design: first whom it came in for, then a calendar
//! part, then an automatic reply, then a person's words. Nothing ends without a reason.

use mensuel_domain::inbound::Reason;
use uuid::Uuid;

use super::{Bounce, Complaint, Content, Feedback, Inbound, Recipient, TooLarge};
use crate::calendar::{
    PartStat,
    reply::{Flaw, NoAnswer, Reply},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A mail of ours came back; the row of the outbox is proven by a token.
    Bounce {
        row: Uuid,
        bounce: Bounce,
    },
    /// Counts when its row or its Message-ID is one of ours.
    Complaint(Complaint),
    /// The person of this row leaves the list.
    Unsubscribe(Uuid),
    /// Counts as far as [`super::answer::may_apply`] says.
    Reply(Reply),
    /// Held for an organizer; nothing changes.
    ShowToOrganizer(Shown),
    /// A person's words, for the organizers' mailbox.
    Forward,
    Ignore(Ignored),
}

/// Why an organizer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Calendar(NoAnswer),
    SeveralEvents,
    Malformed(Flaw),
    TooLarge(TooLarge),
}

/// Why nothing follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// The token in the address is not ours.
    UnknownToken,
    /// A report of failure without any token of ours.
    ReportWithoutToken,
    /// A report of a delay or of a delivery.
    NoFailure,
    /// A complaint that names no mail of ours.
    ComplaintWithoutMail,
    /// Feedback that is no complaint.
    NoComplaint,
    /// A reply with PARTSTAT=NEEDS-ACTION, or without one that says anything.
    NoAnswerInReply,
    AutoReply,
}

impl Shown {
    /// A calendar entry, of the kind that the organizers of an evening send and none of its guests.
    pub const fn is_of_organizers(self) -> bool {
        matches!(self, Shown::Calendar(what) if what.is_of_organizers())
    }

    pub const fn reason(self) -> Reason {
        match self {
            Shown::Calendar(NoAnswer::Counter) => Reason::Counter,
            Shown::Calendar(NoAnswer::Refresh) => Reason::Refresh,
            Shown::Calendar(NoAnswer::Delegated) => Reason::Delegated,
            Shown::Calendar(NoAnswer::Request) => Reason::CalendarRequest,
            Shown::Calendar(NoAnswer::Cancel) => Reason::CalendarCancel,
            Shown::Calendar(NoAnswer::Publish) => Reason::CalendarPublish,
            Shown::Calendar(NoAnswer::Add) => Reason::CalendarAdd,
            Shown::Calendar(NoAnswer::DeclineCounter) => Reason::DeclineCounter,
            Shown::Calendar(NoAnswer::Unknown) => Reason::CalendarWithoutMethod,
            Shown::SeveralEvents => Reason::SeveralEvents,
            Shown::Malformed(Flaw::NoCalendar) => Reason::CalendarUnreadable,
            Shown::Malformed(Flaw::NoEvent) => Reason::ReplyWithoutEvent,
            Shown::Malformed(Flaw::NoUid) => Reason::ReplyWithoutUid,
            Shown::Malformed(Flaw::NoAttendee) => Reason::ReplyWithoutAttendee,
            Shown::Malformed(Flaw::SeveralAttendees) => Reason::ReplyOfSeveral,
            Shown::TooLarge(TooLarge::Mail) => Reason::MailTooLarge,
            Shown::TooLarge(TooLarge::Calendar) => Reason::CalendarTooLarge,
            Shown::TooLarge(TooLarge::Depth) => Reason::PartsTooDeep,
            Shown::TooLarge(TooLarge::Parts) => Reason::TooManyParts,
        }
    }
}

impl Ignored {
    pub const fn reason(self) -> Reason {
        match self {
            Ignored::UnknownToken => Reason::UnknownToken,
            Ignored::ReportWithoutToken => Reason::ReportWithoutToken,
            Ignored::NoFailure => Reason::NoFailure,
            Ignored::ComplaintWithoutMail => Reason::ComplaintWithoutMail,
            Ignored::NoComplaint => Reason::NoComplaint,
            Ignored::NoAnswerInReply => Reason::NoAnswerInReply,
            Ignored::AutoReply => Reason::AutomaticReply,
        }
    }
}

/// The decision for one mail.
pub fn classify(mail: &Inbound, to: &Recipient) -> Decision {
    match (to, &mail.content) {
        (Recipient::Unsubscribe(row), _) => {
            row.map_or(Decision::Ignore(Ignored::UnknownToken), Decision::Unsubscribe)
        }
        (Recipient::Bounce(row), Content::Bounce(bounce)) => {
            bounced(row.or(bounce.row), bounce, Ignored::UnknownToken)
        }
        (Recipient::Bounce(_) | Recipient::Complaints | Recipient::Main | Recipient::Other, _) => {
            by_content(mail)
        }
    }
}

fn by_content(mail: &Inbound) -> Decision {
    match &mail.content {
        Content::Bounce(bounce) => bounced(bounce.row, bounce, Ignored::ReportWithoutToken),
        Content::NoFailure => Decision::Ignore(Ignored::NoFailure),
        Content::Complaint(complaint) => complained(complaint),
        Content::Reply(reply) if reply.partstat == PartStat::NeedsAction => {
            Decision::Ignore(Ignored::NoAnswerInReply)
        }
        Content::Reply(reply) => Decision::Reply(reply.clone()),
        Content::Calendar { what, .. } => Decision::ShowToOrganizer(Shown::Calendar(*what)),
        Content::Several => Decision::ShowToOrganizer(Shown::SeveralEvents),
        Content::Malformed(flaw) => Decision::ShowToOrganizer(Shown::Malformed(*flaw)),
        Content::TooLarge(what) => Decision::ShowToOrganizer(Shown::TooLarge(*what)),
        Content::AutoReply => Decision::Ignore(Ignored::AutoReply),
        Content::Words => Decision::Forward,
    }
}

fn bounced(row: Option<Uuid>, bounce: &Bounce, otherwise: Ignored) -> Decision {
    match row {
        Some(row) => Decision::Bounce { row, bounce: bounce.clone() },
        None => Decision::Ignore(otherwise),
    }
}

fn complained(complaint: &Complaint) -> Decision {
    match complaint.feedback {
        Feedback::NotSpam | Feedback::AuthFailure | Feedback::Virus => Decision::Ignore(Ignored::NoComplaint),
        Feedback::Complaint if complaint.row.is_none() && complaint.original.is_none() => {
            Decision::Ignore(Ignored::ComplaintWithoutMail)
        }
        Feedback::Complaint => Decision::Complaint(complaint.clone()),
    }
}
