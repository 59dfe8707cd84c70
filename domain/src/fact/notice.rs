//! Whom to tell of what happened.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Fact, InvitedBecause};
use crate::{
    event::Event,
    format::Role,
    id::Id,
    inbound::{InboundMail, Reason},
    invitation::Invitation,
    member::Member,
    reminder::Times,
    rsvp::{Answer, Channel, Seat},
    venue::Venue,
};

/// The kinds of notification, each with its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    Invitation,
    /// What was answered and what it led to: confirmation, or the place in the waitlist.
    Answer,
    Promoted,
    /// Seats are held for them until they answer, or for some hours.
    Offered,
    OfferExpired,
    Reminder,
    Moved,
    Cancelled,
    /// "Your links".
    Links,
    /// To organizers: a role is vacant.
    RoleVacant,
    /// To organizers: somebody of the programme said no.
    ProgrammeDeclined,
    /// The answer of a calendar was not recorded, and why.
    AnswerNotTaken,
    /// To organizers: a mail came in that a person should read.
    InboundMail,
    /// To organizers: the relay refused us.
    MailPaused,
}

impl NoticeKind {
    pub const ALL: [NoticeKind; 14] = [
        NoticeKind::Invitation,
        NoticeKind::Answer,
        NoticeKind::Promoted,
        NoticeKind::Offered,
        NoticeKind::OfferExpired,
        NoticeKind::Reminder,
        NoticeKind::Moved,
        NoticeKind::Cancelled,
        NoticeKind::Links,
        NoticeKind::RoleVacant,
        NoticeKind::ProgrammeDeclined,
        NoticeKind::AnswerNotTaken,
        NoticeKind::InboundMail,
        NoticeKind::MailPaused,
    ];

    /// Whether it speaks to organizers, about somebody or about the service.
    pub const fn is_for_organizers(self) -> bool {
        match self {
            NoticeKind::RoleVacant
            | NoticeKind::ProgrammeDeclined
            | NoticeKind::InboundMail
            | NoticeKind::MailPaused => true,
            NoticeKind::Invitation
            | NoticeKind::Answer
            | NoticeKind::Promoted
            | NoticeKind::Offered
            | NoticeKind::OfferExpired
            | NoticeKind::Reminder
            | NoticeKind::Moved
            | NoticeKind::Cancelled
            | NoticeKind::Links
            | NoticeKind::AnswerNotTaken => false,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            NoticeKind::Invitation => "invitation",
            NoticeKind::Answer => "answer",
            NoticeKind::Promoted => "promoted",
            NoticeKind::Offered => "offered",
            NoticeKind::OfferExpired => "offer_expired",
            NoticeKind::Reminder => "reminder",
            NoticeKind::Moved => "moved",
            NoticeKind::Cancelled => "cancelled",
            NoticeKind::Links => "links",
            NoticeKind::RoleVacant => "role_vacant",
            NoticeKind::ProgrammeDeclined => "programme_declined",
            NoticeKind::AnswerNotTaken => "answer_not_taken",
            NoticeKind::InboundMail => "inbound_mail",
            NoticeKind::MailPaused => "mail_paused",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What is to be told, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub kind: NoticeKind,
    pub event: Option<Id<Event>>,
    pub audience: Audience,
    /// What the letter needs and the rows no longer say.
    pub detail: Detail,
}

/// Expanded inside the transaction by one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// One person about one evening.
    Invited(Id<Invitation>),
    /// Everybody with an invitation of this wave that has not been told.
    Wave(Option<u32>),
    /// Everybody with an invitation to the evening.
    AllInvited,
    /// Of those, who chose to be reminded so many days before, and none of the nearer times.
    Reminded {
        days: u32,
        nearer: Times,
    },
    Member(Id<Member>),
    Organizers,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_start: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_end: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_venue: Option<Id<Venue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Id<Invitation>>,
    /// When an offer ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<Id<InboundMail>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Reason>,
    /// Of the evening when it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
}

/// Who is told what: the one place.
pub fn notifications(fact: &Fact) -> Vec<Notification> {
    let about = |event: Id<Event>, kind, audience| Notification {
        kind,
        event: Some(event),
        audience,
        detail: Detail::default(),
    };
    match *fact {
        Fact::Invited { event, wave, .. } => vec![about(event, NoticeKind::Invitation, Audience::Wave(wave))],
        Fact::InvitationMade { event, invitation, why } => match why {
            InvitedBecause::AnsweredFor | InvitedBecause::Published => Vec::new(),
            InvitedBecause::Asked | InvitedBecause::OnProgramme | InvitedBecause::Follows => {
                vec![about(event, NoticeKind::Invitation, Audience::Invited(invitation))]
            }
        },
        Fact::Answered { event, invitation, answer, role, seat, channel, before_move, .. } => {
            let mut told = Vec::new();
            if !before_move && is_confirmed_by_mail(channel, seat) {
                told.push(about(event, NoticeKind::Answer, Audience::Invited(invitation)));
            }
            if let (Answer::No, Some(role)) = (answer, role) {
                told.push(Notification {
                    detail: Detail { role: Some(role), invitation: Some(invitation), ..Detail::default() },
                    ..about(event, NoticeKind::ProgrammeDeclined, Audience::Organizers)
                });
            }
            told
        }
        Fact::AnswerNotTaken { event, invitation, why, sequence } => vec![Notification {
            detail: Detail { why: Some(why), sequence: Some(sequence), ..Detail::default() },
            ..about(event, NoticeKind::AnswerNotTaken, Audience::Invited(invitation))
        }],
        Fact::MailCameIn { mail, why, shown: true } => vec![Notification {
            kind: NoticeKind::InboundMail,
            event: None,
            audience: Audience::Organizers,
            detail: Detail { mail: Some(mail), why: Some(why), ..Detail::default() },
        }],
        Fact::JoinedLine { event, invitation, .. } => {
            vec![about(event, NoticeKind::Answer, Audience::Invited(invitation))]
        }
        Fact::Promoted { event, invitation } => {
            vec![about(event, NoticeKind::Promoted, Audience::Invited(invitation))]
        }
        Fact::Offered { event, invitation, until } => vec![Notification {
            detail: Detail { until: Some(until), ..Detail::default() },
            ..about(event, NoticeKind::Offered, Audience::Invited(invitation))
        }],
        Fact::OfferExpired { event, invitation } => {
            vec![about(event, NoticeKind::OfferExpired, Audience::Invited(invitation))]
        }
        Fact::EventMoved { event, from_start, from_end, from_venue, told: true } => vec![Notification {
            detail: Detail {
                from_start: Some(from_start),
                from_end: Some(from_end),
                from_venue,
                ..Detail::default()
            },
            ..about(event, NoticeKind::Moved, Audience::AllInvited)
        }],
        Fact::EventCancelled { event } => vec![about(event, NoticeKind::Cancelled, Audience::AllInvited)],
        Fact::RoleVacated { event, role } => vec![Notification {
            detail: Detail { role: Some(role), ..Detail::default() },
            ..about(event, NoticeKind::RoleVacant, Audience::Organizers)
        }],
        Fact::ReminderDue { event, days, starts_at, nearer } => vec![Notification {
            detail: Detail { days: Some(days), starts_at: Some(starts_at), ..Detail::default() },
            ..about(event, NoticeKind::Reminder, Audience::Reminded { days, nearer })
        }],
        Fact::LinkRequested { member, event } => vec![Notification {
            kind: NoticeKind::Links,
            event,
            audience: Audience::Member(member),
            detail: Detail::default(),
        }],
        Fact::MailPaused => vec![Notification {
            kind: NoticeKind::MailPaused,
            event: None,
            audience: Audience::Organizers,
            detail: Detail::default(),
        }],
        Fact::EventMoved { told: false, .. }
        | Fact::SeriesCreated { .. }
        | Fact::SeriesChanged { .. }
        | Fact::SeriesSplit { .. }
        | Fact::DateHeld { .. }
        | Fact::EventCreated { .. }
        | Fact::EventChanged { .. }
        | Fact::EventPublished { .. }
        | Fact::EventDeleted { .. }
        | Fact::InstantsDerived { .. }
        | Fact::InvitationsWithdrawn { .. }
        | Fact::WavesPlanned { .. }
        | Fact::LeftProgramme { .. }
        | Fact::OfferWithdrawn { .. }
        | Fact::SeatFreed { .. }
        | Fact::GuestForgotten { .. }
        | Fact::LinksRevoked { .. }
        | Fact::MemberAdded { .. }
        | Fact::MemberChanged { .. }
        | Fact::MemberStatusChanged { .. }
        | Fact::MemberErased { .. }
        | Fact::OrganizerAdded { .. }
        | Fact::Unsubscribed { .. }
        | Fact::Resubscribed { .. }
        | Fact::VenueAdded { .. }
        | Fact::VenueChanged { .. }
        | Fact::TokenMade { .. }
        | Fact::TokenRevoked { .. }
        | Fact::NoticeRetried { .. }
        | Fact::NoticeBounced { .. }
        | Fact::MailCameIn { shown: false, .. }
        | Fact::MembersImported { .. }
        | Fact::EventsImported { .. } => Vec::new(),
    }
}

/// A calendar already shows what it sent, unless the answer ended on the waitlist; an import mails
/// nobody.
fn is_confirmed_by_mail(channel: Channel, seat: Seat) -> bool {
    match channel {
        Channel::Link | Channel::Page | Channel::Organizer => true,
        Channel::Calendar => match seat {
            Seat::Waitlisted | Seat::Pending => true,
            Seat::None | Seat::Confirmed | Seat::Offered | Seat::Programme => false,
        },
        Channel::Import => false,
    }
}
