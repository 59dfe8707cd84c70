//! One evening: held, draft, published, cancelled.

mod around;
mod edit;
mod field;

pub use edit::{Change, Edit, EditRefused, Move};
pub use field::Field;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    fact::{Decision, Fact},
    format::{Details, Flaw, Format, Person, Programme, Role, Wrong, contradictions, round_table},
    id::Id,
    lang::Lang,
    member::Member,
    series::{Month, Series},
    text::{Line, Prose, Slug, Title, WebAddress},
    time::Span,
    venue::Venue,
    wave::WavePlan,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: Id<Event>,
    /// The UID of the public calendar entry (RFC 5545, section 3.8.4.7): random and stored.
    pub uid: String,
    /// The series that grew it, and for which month.
    pub occurrence: Option<(Id<Series>, Month)>,
    pub stage: Stage,
    /// Fixed at publication, kept ever after.
    pub slug: Option<Slug>,
    pub format: Option<Format>,
    pub title: Option<Title>,
    pub summary: Option<Prose>,
    /// The language that the organizers write this evening in.
    pub language: Lang,
    pub span: Span,
    pub venue: Option<Id<Venue>>,
    pub online_url: Option<WebAddress>,
    pub capacity: Option<u32>,
    /// Guests that one member may bring.
    pub max_guests: u32,
    pub opens_at: Option<DateTime<Utc>>,
    /// The start, unless set.
    pub deadline: Option<DateTime<Utc>>,
    pub members_only: bool,
    pub address_for: AddressFor,
    pub details: Details,
    /// The fields that were set on this evening itself and no longer follow its series.
    pub own: BTreeSet<Field>,
    pub cancellation_reason: Option<Line>,
    /// Whether the followers of this evening have been asked for: who comes later is then invited.
    pub followers_asked: bool,
    /// How its waves go by themselves.
    pub wave_plan: Option<WavePlan>,
    /// RFC 5546, section 2.1.4: raised by each change that calendars must take over.
    pub sequence: u32,
    /// The SEQUENCE that the last move gave it; 0 when it never moved. An answer to a lower one was
    /// given to another date or place.
    pub moved_sequence: u32,
    /// Raised by each change; the ETag.
    pub revision: u32,
    pub published_at: Option<DateTime<Utc>>,
    /// Since when the present start has been set.
    pub start_set_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A date and a place in the season.
    Held,
    /// Being planned.
    Draft,
    /// The whole typed programme of its format.
    Published,
    /// Final.
    Cancelled,
}

impl Stage {
    pub const ALL: [Stage; 4] = [Stage::Held, Stage::Draft, Stage::Published, Stage::Cancelled];

    pub const fn name(self) -> &'static str {
        match self {
            Stage::Held => "held",
            Stage::Draft => "draft",
            Stage::Published => "published",
            Stage::Cancelled => "cancelled",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Still to be announced: nobody was told of it.
    pub const fn is_before_publication(self) -> bool {
        match self {
            Stage::Held | Stage::Draft => true,
            Stage::Published | Stage::Cancelled => false,
        }
    }
}

/// The most places of an evening: a number above is a slip of the hand.
pub const MOST_PLACES: u32 = 10_000;
/// The most guests that a member may bring.
pub const MOST_GUESTS: u32 = 20;

/// Who sees address, access notes and online link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressFor {
    #[default]
    Confirmed,
    Invited,
}

impl AddressFor {
    pub const fn name(self) -> &'static str {
        match self {
            AddressFor::Confirmed => "confirmed",
            AddressFor::Invited => "invited",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [AddressFor::Confirmed, AddressFor::Invited].into_iter().find(|who| who.name() == name)
    }
}

/// Why an evening was not published or cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageRefused {
    /// Held nothing but flaws in its programme, title included.
    Incomplete(Vec<Flaw>),
    InThePast,
    Cancelled,
    NotPublished,
    /// It takes no yes any more.
    Closed,
}

impl Event {
    pub fn is_past(&self, now: DateTime<Utc>) -> bool {
        self.span.ends_at <= now
    }

    /// Until when a yes is taken.
    pub fn deadline(&self) -> DateTime<Utc> {
        self.deadline.unwrap_or(self.span.starts_at)
    }

    /// Whether it is too late for a yes, so that nobody is asked to come.
    pub fn is_closed(&self, now: DateTime<Utc>) -> bool {
        self.deadline() <= now
    }

    /// The places of this evening; `None` is no limit. A round table has as many as its tables.
    pub fn places(&self) -> Option<u32> {
        match self.format {
            Some(Format::RoundTable) => {
                let seats = round_table::seats(&self.details);
                match (self.capacity, seats) {
                    (Some(capacity), Some(seats)) => Some(capacity.min(seats)),
                    (capacity, seats) => capacity.or(seats),
                }
            }
            Some(Format::Workshop | Format::Retex | Format::OpenDiscussion) | None => self.capacity,
        }
    }

    /// What is missing before this evening can be published.
    pub fn missing(&self) -> Vec<Flaw> {
        let missing = |field| Flaw { field, what: Wrong::Missing };
        let mut flaws = Vec::new();
        if self.title.is_none() {
            flaws.push(missing(Field::Title));
        }
        if self.venue.is_none() && self.online_url.is_none() {
            flaws.push(missing(Field::VenueId));
        }
        match self.format {
            None => flaws.push(missing(Field::Format)),
            Some(format) => {
                if let Err(wrong) = Programme::of(format, &self.details, self.capacity) {
                    flaws.extend(wrong);
                }
            }
        }
        flaws
    }

    /// What can never be right, at any stage.
    pub fn contradictions(&self) -> Vec<Flaw> {
        contradictions(self.format, &self.details, self.capacity)
    }

    /// Publishes the evening under a slug. Publishing it again changes nothing.
    pub fn publish(&self, slug: Slug, now: DateTime<Utc>) -> Result<Decision<Event>, StageRefused> {
        match self.stage {
            Stage::Published => return Ok(Decision::unchanged(self.clone())),
            Stage::Cancelled => return Err(StageRefused::Cancelled),
            Stage::Held | Stage::Draft => {}
        }
        if self.span.starts_at <= now {
            return Err(StageRefused::InThePast);
        }
        let mut missing = self.missing();
        if self.is_closed(now) {
            missing.push(Flaw { field: Field::Deadline, what: Wrong::Past });
        }
        if !missing.is_empty() {
            return Err(StageRefused::Incomplete(missing));
        }
        Ok(self.published(slug, now))
    }

    /// Publishes an evening of the past as history, told to nobody: an import does it.
    pub fn publish_history(&self, slug: Slug, now: DateTime<Utc>) -> Result<Decision<Event>, StageRefused> {
        match self.stage {
            Stage::Published => return Ok(Decision::unchanged(self.clone())),
            Stage::Cancelled => return Err(StageRefused::Cancelled),
            Stage::Held | Stage::Draft => {}
        }
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(StageRefused::Incomplete(missing));
        }
        Ok(self.published(slug, now))
    }

    fn published(&self, slug: Slug, now: DateTime<Utc>) -> Decision<Event> {
        let mut event = self.clone();
        event.stage = Stage::Published;
        event.slug = Some(self.slug.clone().unwrap_or(slug));
        event.published_at = Some(now);
        event.touch(now, true);
        Decision::of(event, Fact::EventPublished { event: self.id })
    }

    /// Cancels for good. What was never published can be deleted, not cancelled. Cancelling it
    /// again changes nothing.
    pub fn cancel(&self, reason: Option<Line>, now: DateTime<Utc>) -> Result<Decision<Event>, StageRefused> {
        match self.stage {
            // What people were told stays: another reason would reach nobody.
            Stage::Cancelled if reason.is_some() && reason != self.cancellation_reason => {
                return Err(StageRefused::Cancelled);
            }
            Stage::Cancelled => return Ok(Decision::unchanged(self.clone())),
            Stage::Held | Stage::Draft => return Err(StageRefused::NotPublished),
            Stage::Published => {}
        }
        if self.is_past(now) {
            return Err(StageRefused::InThePast);
        }
        let mut event = self.clone();
        event.stage = Stage::Cancelled;
        event.cancellation_reason = reason;
        event.cancelled_at = Some(now);
        event.touch(now, true);
        Ok(Decision::of(event, Fact::EventCancelled { event: self.id }))
    }

    /// Takes somebody who leaves off the programme. The last of a role that the format cannot do
    /// without leaves it vacant; the evening stays published and the organizers are told.
    pub fn without(
        &self,
        member: Id<Member>,
        becomes: Departure,
        now: DateTime<Utc>,
    ) -> Option<Decision<Event>> {
        let role = self.details.role_of(member)?;
        let gone = |person: &Person| matches!(person, Person::Member(id) if *id == member);
        let people = self.details.people().filter(|(r, _)| *r == role).map(|(_, p)| p.clone());
        let history =
            !self.stage.is_before_publication() && (self.is_past(now) || self.stage == Stage::Cancelled);
        let (left, vacated) = match (history, becomes) {
            (true, Departure::Left) => return None,
            (true, Departure::Erased) => {
                (people.map(|p| if gone(&p) { Person::Former } else { p }).collect::<Vec<_>>(), false)
            }
            (false, _) => {
                let stay: Vec<Person> = people.filter(|p| !gone(p)).collect();
                let deserted = !stay.iter().any(Person::is_somebody);
                let vacated = deserted && self.stage == Stage::Published && needed(role);
                (if vacated { vec![Person::Vacant] } else { stay }, vacated)
            }
        };
        let mut event = self.clone();
        event.details.set_people(role, left);
        event.touch(now, self.stage == Stage::Published);
        let mut facts = vec![Fact::LeftProgramme { event: self.id, member, role }];
        if vacated {
            facts.push(Fact::RoleVacated { event: self.id, role });
        }
        Some(Decision { value: event, facts })
    }

    /// The same wall times under the present rules of their zone. Opening time and deadline, of which
    /// only the instants are kept, stay as far from the start as they were.
    pub fn with_instants(&self, span: Span, now: DateTime<Utc>) -> Decision<Event> {
        let mut event = self.clone();
        let by = span.starts_at - self.span.starts_at;
        event.opens_at = self.opens_at.map(|at| at + by);
        event.deadline = self.deadline.map(|at| at + by);
        event.span = span;
        event.touch(now, true);
        Decision::of(event, Fact::InstantsDerived { event: self.id })
    }

    /// What it was born with is no change: its numbers begin anew.
    pub fn begin_history(&mut self) {
        (self.sequence, self.moved_sequence, self.revision) = (0, 0, 1);
    }

    /// Marks a change: the ETag moves, and SEQUENCE where calendars must take it over.
    pub(crate) fn touch(&mut self, now: DateTime<Utc>, calendars: bool) {
        self.revision += 1;
        if calendars {
            self.sequence += 1;
        }
        self.updated_at = now;
    }
}

/// How somebody stops being there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// Left or suspended: the past keeps their name.
    Left,
    Erased,
}

/// A format cannot do without its last speaker, facilitator or moderator.
fn needed(role: Role) -> bool {
    match role {
        Role::Moderator | Role::Facilitator | Role::Speaker => true,
        Role::Panellist | Role::Scribe => false,
    }
}
