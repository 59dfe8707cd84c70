//! What happened, and in [`notice`] whom to tell.
//!
//! A decision is a value and the facts that it makes true. Facts are kept as the audit log; they
//! hold ids and values, never names, addresses or people's words.

mod notice;

use chrono::{DateTime, Utc};
pub use notice::{Audience, Detail, NoticeKind, Notification, notifications};
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
