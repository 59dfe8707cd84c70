//! What happened, and whom to tell.
//!
//! A decision is a value and the facts that it makes true. Facts are kept as the audit log; they
//! hold ids and values, never names, addresses or people's words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    event::{Event, Field},
    format::Role,
    id::Id,
    inbound::{InboundMail, Reason},
    invitation::Invitation,
    member::{Member, Status},
    reminder::Times,
    rsvp::{Answer, Channel, Seat},
    series::{Month, Series},
    venue::Venue,
};

/// The outcome of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<T> {
    pub value: T,
    pub facts: Vec<Fact>,
}

impl<T> Decision<T> {
    pub fn of(value: T, fact: Fact) -> Self {
        Self { value, facts: vec![fact] }
    }

    pub fn unchanged(value: T) -> Self {
        Self { value, facts: Vec::new() }
    }

    pub fn is_unchanged(&self) -> bool {
        self.facts.is_empty()
    }
}

fn no_times() -> Times {
    Times::NONE
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// Whoever sits at the command line of the server.
    Operator,
    Organizer(Id<Member>),
    Member(Id<Member>),
    /// The holder of a named guest's link.
    NamedGuest(Id<Invitation>),
    /// The program by itself: growth, reminders, promotions in the morning.
    Mensuel,
}

/// An API token, as far as the domain knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken;

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    SeriesCreated {
        series: Id<Series>,
    },
    SeriesChanged {
        series: Id<Series>,
    },
    SeriesSplit {
        series: Id<Series>,
        into: Id<Series>,
        from: Month,
    },
    DateHeld {
        event: Id<Event>,
        series: Id<Series>,
        month: Month,
    },
    EventCreated {
        event: Id<Event>,
    },
    EventChanged {
        event: Id<Event>,
        fields: Vec<Field>,
    },
    EventMoved {
        event: Id<Event>,
        from_start: DateTime<Utc>,
        from_end: DateTime<Utc>,
        from_venue: Option<Id<Venue>>,
        /// Published: the guests are told.
        told: bool,
    },
    EventPublished {
        event: Id<Event>,
    },
    EventCancelled {
        event: Id<Event>,
    },
    EventDeleted {
        event: Id<Event>,
    },
    /// Derived again after the rules of a zone changed; the wall time is as it was.
    InstantsDerived {
        event: Id<Event>,
    },
    LeftProgramme {
        event: Id<Event>,
        member: Id<Member>,
        role: Role,
    },
    RoleVacated {
        event: Id<Event>,
        role: Role,
    },
    /// `count` people got an invitation in this wave.
    Invited {
        event: Id<Event>,
        wave: Option<u32>,
        count: u64,
    },
    /// Invitations whose mail had not left, as if they had never been made.
    InvitationsWithdrawn {
        event: Id<Event>,
        count: u64,
    },
    /// The waves of an evening follow another plan, or none any more.
    WavesPlanned {
        event: Id<Event>,
    },
    InvitationMade {
        event: Id<Event>,
        invitation: Id<Invitation>,
        why: InvitedBecause,
    },
    Answered {
        event: Id<Event>,
        invitation: Id<Invitation>,
        answer: Answer,
        guests: u32,
        seat: Seat,
        channel: Channel,
        /// An organizer seated them though no seat was free.
        over_capacity: bool,
        /// They are on the programme: a no is told to the organizers.
        role: Option<Role>,
        /// Given to the evening as it was before it moved: the move's mail asks already.
        #[serde(default)]
        before_move: bool,
    },
    /// A calendar answered and it was not recorded.
    AnswerNotTaken {
        event: Id<Event>,
        invitation: Id<Invitation>,
        why: Reason,
        /// Of the evening then.
        #[serde(default)]
        sequence: u32,
    },
    /// From the waitlist to a seat.
    Promoted {
        event: Id<Event>,
        invitation: Id<Invitation>,
    },
    /// Seats held for a party that waits, until it says yes or no, or until then.
    Offered {
        event: Id<Event>,
        invitation: Id<Invitation>,
        until: DateTime<Utc>,
    },
    /// Nobody answered an offer: the party is at the end of the line.
    OfferExpired {
        event: Id<Event>,
        invitation: Id<Invitation>,
    },
    /// The evening will not take place: the party waits where it did.
    OfferWithdrawn {
        event: Id<Event>,
        invitation: Id<Invitation>,
    },
    /// A seat given back because somebody left, or went on the programme.
    SeatFreed {
        event: Id<Event>,
        invitation: Id<Invitation>,
    },
    /// Taken off the programme: their yes is a new yes at the end of the line.
    JoinedLine {
        event: Id<Event>,
        invitation: Id<Invitation>,
        seat: Seat,
    },
    /// The name and address of somebody who is no longer on the programme of a past evening, with
    /// their answer.
    GuestForgotten {
        event: Id<Event>,
        invitation: Id<Invitation>,
    },
    ReminderDue {
        event: Id<Event>,
        days: u32,
        starts_at: DateTime<Utc>,
        /// Due at once after a long stop, and nearer to the evening: who chose one of them too hears
        /// that one.
        #[serde(default = "no_times")]
        nearer: Times,
    },
    MemberAdded {
        member: Id<Member>,
    },
    MemberChanged {
        member: Id<Member>,
    },
    MemberStatusChanged {
        member: Id<Member>,
        from: Status,
        to: Status,
    },
    MemberErased {
        member: Id<Member>,
    },
    OrganizerAdded {
        member: Id<Member>,
    },
    LinkRequested {
        member: Id<Member>,
        event: Option<Id<Event>>,
    },
    /// The links of this purpose that were given out until now lead nowhere any more.
    LinksRevoked {
        member: Id<Member>,
        links: Revocable,
    },
    Unsubscribed {
        member: Id<Member>,
    },
    Resubscribed {
        member: Id<Member>,
    },
    VenueAdded {
        venue: Id<Venue>,
    },
    VenueChanged {
        venue: Id<Venue>,
    },
    TokenMade {
        token: Id<ApiToken>,
    },
    TokenRevoked {
        token: Id<ApiToken>,
    },
    NoticeRetried {
        notice: Id<Notice>,
    },
    /// A mail of ours came back.
    NoticeBounced {
        notice: Id<Notice>,
        why: Reason,
    },
    MailCameIn {
        mail: Id<InboundMail>,
        why: Reason,
        /// The organizers get to read it.
        shown: bool,
    },
    /// The relay refuses us, whoever the mail is for: nothing is sent for a while.
    MailPaused,
    MembersImported {
        added: u64,
        changed: u64,
        unchanged: u64,
    },
    EventsImported {
        added: u64,
        changed: u64,
        unchanged: u64,
    },
}

/// Links of a member that can be revoked without the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocable {
    /// Those to the answers of every evening.
    Answers,
    /// The address of the private feed.
    Feed,
    Preferences,
}

impl Revocable {
    pub const ALL: [Revocable; 3] = [Revocable::Answers, Revocable::Feed, Revocable::Preferences];

    pub const fn name(self) -> &'static str {
        match self {
            Revocable::Answers => "answers",
            Revocable::Feed => "feed",
            Revocable::Preferences => "preferences",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|links| links.name() == name)
    }
}

/// Why one person was given an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitedBecause {
    /// "Invite me" on an evening's page, or their link asked for there.
    Asked,
    /// An organizer answered for them; the answer's own mail tells them.
    AnsweredFor,
    OnProgramme,
    /// On the programme at publication: their mail is asked for, with that of the others or later.
    Published,
    /// Became active or began to follow after the followers had been asked.
    Follows,
}

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
