//! Changing an evening: by hand, or because its series changed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{AddressFor, Event, Field, Stage};
use crate::{
    fact::{Decision, Fact},
    format::{Confidentiality, Flaw, Format, Person, Role, Wrong},
    id::Id,
    lang::Lang,
    text::{Line, Prose, Title, WebAddress},
    time::{Span, moved_along},
    venue::Venue,
};

/// One field and its new value; `None` and empty lists clear it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Between held and draft; publication and cancellation are decisions of their own.
    Stage(Stage),
    Format(Option<Format>),
    Title(Option<Title>),
    Summary(Option<Prose>),
    Language(Lang),
    Span(Span),
    Venue(Option<Id<Venue>>),
    OnlineUrl(Option<WebAddress>),
    Capacity(Option<u32>),
    MaxGuests(u32),
    OpensAt(Option<DateTime<Utc>>),
    Deadline(Option<DateTime<Utc>>),
    MembersOnly(bool),
    AddressFor(AddressFor),
    People(Role, Vec<Person>),
    Context(Option<Line>),
    Confidentiality(Option<Confidentiality>),
    Prerequisites(Option<Prose>),
    Bring(Option<Prose>),
    Case(Option<Prose>),
    Subjects(Vec<Line>),
    TimeBoxMinutes(Option<u32>),
    Questions(Vec<Line>),
    Tables(Option<u32>),
    SeatsPerTable(Option<u32>),
}

/// Who makes the change: values set on the evening itself stay when its series changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    OnItself,
    BySeries,
    /// As [`Edit::OnItself`], by a file that says what was: the day of a past evening stays, its
    /// hours, place and seats may still be written down.
    History,
}

/// Where and when an evening was before it moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub span: Span,
    pub venue: Option<Id<Venue>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRefused {
    Cancelled,
    /// The new start lies in the past.
    IntoThePast,
    /// An evening that is over keeps its date.
    Over,
    /// A published or cancelled evening does not go back.
    StageIsFinal,
    /// What contradicts the format, or what a published evening would then lack.
    Flaws(Vec<Flaw>),
    DeadlineAfterEnd,
    OpensAfterDeadline,
}

impl Event {
    /// Applies changes. What does not change anything is no change: no fact, the same revision.
    pub fn edit(
        &self,
        changes: Vec<Change>,
        by: Edit,
        now: DateTime<Utc>,
    ) -> Result<Decision<Event>, EditRefused> {
        if self.stage == Stage::Cancelled {
            return Err(EditRefused::Cancelled);
        }
        let mut event = self.clone();
        let (mut fields, mut pinned) = (BTreeSet::new(), BTreeSet::new());
        // Opening and deadline move along with the date, unless they are set at the same time: dates
        // first.
        let (dates, others): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| matches!(change, Change::Span(_)));
        for change in dates.into_iter().chain(others) {
            let before = event.clone();
            let names = change.touches(&event);
            pinned.extend(names.iter().copied().filter(|field| *field != Field::Stage));
            event.apply(change, now)?;
            if event != before {
                fields.extend(names);
            }
        }
        let on_itself = match by {
            Edit::OnItself | Edit::History => true,
            Edit::BySeries => false,
        };
        if on_itself && self.occurrence.is_some() {
            event.own.extend(pinned.iter().copied());
        }
        if event == *self {
            return Ok(Decision::unchanged(event));
        }
        self.check_edit(&event, by, now)?;
        event.touch(now, fields.iter().any(|field| field.is_shown(self.stage)));
        // Nothing but "set on itself" changed: the fact names what no longer follows the series.
        let named = if fields.is_empty() { &event.own - &self.own } else { fields };
        let mut facts = vec![Fact::EventChanged { event: self.id, fields: named.into_iter().collect() }];
        if self.is_elsewhere(&event) {
            if event.span.starts_at != self.span.starts_at {
                event.start_set_at = now;
            }
            facts.push(event.moved_from(self));
        }
        Ok(Decision { value: event, facts })
    }

    fn check_edit(&self, edited: &Event, by: Edit, now: DateTime<Utc>) -> Result<(), EditRefused> {
        self.check_time(edited, by, now)?;
        if edited.deadline.is_some_and(|deadline| deadline > edited.span.ends_at) {
            return Err(EditRefused::DeadlineAfterEnd);
        }
        if edited.opens_at.is_some_and(|opens| opens >= edited.deadline()) {
            return Err(EditRefused::OpensAfterDeadline);
        }
        let flaws = match edited.stage {
            Stage::Published => edited.missing(),
            Stage::Held | Stage::Draft | Stage::Cancelled => edited.contradictions(),
        };
        let new: Vec<Flaw> = flaws.into_iter().filter(|flaw| !self.has_departed(flaw, edited)).collect();
        if new.is_empty() { Ok(()) } else { Err(EditRefused::Flaws(new)) }
    }

    fn check_time(&self, edited: &Event, by: Edit, now: DateTime<Utc>) -> Result<(), EditRefused> {
        let moved = edited.span != self.span;
        let starts_in_past = edited.span.starts_at <= now && edited.span.starts_at != self.span.starts_at;
        let into_the_past = moved && (starts_in_past || edited.is_past(now));
        let writes_history = by == Edit::History
            && self.stage.is_before_publication()
            && edited.span.date() == self.span.date();
        if writes_history && (self.is_past(now) || into_the_past) {
            return Ok(());
        }
        if self.is_past(now) && (self.is_elsewhere(edited) || self.seats() != edited.seats()) {
            return Err(EditRefused::Over);
        }
        if into_the_past { Err(EditRefused::IntoThePast) } else { Ok(()) }
    }

    fn seats(&self) -> [Option<u32>; 4] {
        [self.capacity, Some(self.max_guests), self.details.tables, self.details.seats_per_table]
    }

    /// A role that stood vacant, or with a former member, may go on standing so.
    fn has_departed(&self, flaw: &Flaw, edited: &Event) -> bool {
        let count = |event: &Event, who: &Person| {
            event.details.people().filter(|(role, p)| role.field() == flaw.field && *p == who).count()
        };
        flaw.what == Wrong::Nobody
            && [Person::Vacant, Person::Former].iter().all(|who| count(edited, who) <= count(self, who))
    }

    /// A move: another date, hour or place. A link beside a room is not the place; a link alone is.
    fn is_elsewhere(&self, edited: &Event) -> bool {
        edited.span != self.span
            || edited.venue != self.venue
            || (edited.venue.is_none() && edited.online_url != self.online_url)
    }

    fn apply(&mut self, change: Change, now: DateTime<Utc>) -> Result<(), EditRefused> {
        let details = &mut self.details;
        match change {
            Change::Stage(stage) => {
                if stage != self.stage
                    && !(stage.is_before_publication() && self.stage.is_before_publication())
                {
                    return Err(EditRefused::StageIsFinal);
                }
                self.stage = stage;
            }
            Change::Span(span) => {
                let along = |instant| moved_along(instant, &self.span, &span);
                self.deadline = self.deadline.map(along);
                // What takes answers already goes on taking them.
                self.opens_at = self.opens_at.map(|opens| match opens <= now {
                    true => opens.min(along(opens)),
                    false => along(opens),
                });
                self.span = span;
            }
            Change::Format(format) => self.format = format,
            Change::Title(title) => self.title = title,
            Change::Summary(summary) => self.summary = summary,
            Change::Language(language) => self.language = language,
            Change::Venue(venue) => self.venue = venue,
            Change::OnlineUrl(url) => self.online_url = url,
            Change::Capacity(capacity) => self.capacity = capacity,
            Change::MaxGuests(guests) => self.max_guests = guests,
            Change::OpensAt(opens) => self.opens_at = opens,
            Change::Deadline(deadline) => self.deadline = deadline,
            Change::MembersOnly(members_only) => self.members_only = members_only,
            Change::AddressFor(who) => self.address_for = who,
            Change::People(role, people) => details.set_people(role, people),
            Change::Context(context) => details.context = context,
            Change::Confidentiality(level) => details.confidentiality = level,
            Change::Prerequisites(text) => details.prerequisites = text,
            Change::Bring(text) => details.bring = text,
            Change::Case(text) => details.case = text,
            Change::Subjects(subjects) => details.subjects = subjects,
            Change::TimeBoxMinutes(minutes) => details.time_box_minutes = minutes,
            Change::Questions(questions) => details.questions = questions,
            Change::Tables(tables) => details.tables = tables,
            Change::SeatsPerTable(seats) => details.seats_per_table = seats,
        }
        Ok(())
    }
}

impl Change {
    /// The fields that it sets.
    pub const fn fields(&self) -> &'static [Field] {
        match self {
            Change::Stage(_) => &[Field::Stage],
            Change::Format(_) => &[Field::Format],
            Change::Title(_) => &[Field::Title],
            Change::Summary(_) => &[Field::Summary],
            Change::Language(_) => &[Field::Language],
            Change::Span(_) => &[Field::StartsAt, Field::EndsAt],
            Change::Venue(_) => &[Field::VenueId],
            Change::OnlineUrl(_) => &[Field::OnlineUrl],
            Change::Capacity(_) => &[Field::Capacity],
            Change::MaxGuests(_) => &[Field::MaxGuests],
            Change::OpensAt(_) => &[Field::OpensAt],
            Change::Deadline(_) => &[Field::Deadline],
            Change::MembersOnly(_) => &[Field::MembersOnly],
            Change::AddressFor(_) => &[Field::AddressFor],
            Change::People(Role::Moderator, _) => &[Field::Moderator],
            Change::People(Role::Panellist, _) => &[Field::Panel],
            Change::People(Role::Facilitator, _) => &[Field::Facilitator],
            Change::People(Role::Speaker, _) => &[Field::Speakers],
            Change::People(Role::Scribe, _) => &[Field::Scribe],
            Change::Context(_) => &[Field::Context],
            Change::Confidentiality(_) => &[Field::Confidentiality],
            Change::Prerequisites(_) => &[Field::Prerequisites],
            Change::Bring(_) => &[Field::Bring],
            Change::Case(_) => &[Field::Case],
            Change::Subjects(_) => &[Field::Subjects],
            Change::TimeBoxMinutes(_) => &[Field::TimeBoxMinutes],
            Change::Questions(_) => &[Field::Questions],
            Change::Tables(_) => &[Field::Tables],
            Change::SeatsPerTable(_) => &[Field::SeatsPerTable],
        }
    }
}

impl Change {
    /// The fields that it would set anew on an evening: of a date, those that differ.
    fn touches(&self, event: &Event) -> Vec<Field> {
        let Change::Span(span) = self else {
            return self.fields().to_vec();
        };
        let start = (span.start, span.zone) != (event.span.start, event.span.zone);
        let end = (span.end, span.zone) != (event.span.end, event.span.zone);
        [(start, Field::StartsAt), (end, Field::EndsAt)]
            .into_iter()
            .filter_map(|(differs, field)| differs.then_some(field))
            .collect()
    }
}

impl Field {
    /// Whether others see it at this stage, so that a change of it raises SEQUENCE: of a held or
    /// draft evening only the date.
    fn is_shown(self, stage: Stage) -> bool {
        match stage {
            Stage::Held | Stage::Draft => {
                matches!(self, Field::StartsAt | Field::EndsAt | Field::MembersOnly)
            }
            Stage::Published | Stage::Cancelled => self.is_visible(),
        }
    }

    /// Written in calendar entries of a published evening, of some reader at least.
    fn is_visible(self) -> bool {
        match self {
            Field::Stage
            | Field::Capacity
            | Field::MaxGuests
            | Field::OpensAt
            | Field::Deadline
            | Field::Tables
            | Field::SeatsPerTable => false,
            Field::Format
            | Field::Title
            | Field::Summary
            | Field::Language
            | Field::StartsAt
            | Field::EndsAt
            | Field::VenueId
            | Field::OnlineUrl
            | Field::MembersOnly
            | Field::AddressFor
            | Field::Moderator
            | Field::Panel
            | Field::Facilitator
            | Field::Speakers
            | Field::Scribe
            | Field::Context
            | Field::Confidentiality
            | Field::Prerequisites
            | Field::Bring
            | Field::Case
            | Field::Subjects
            | Field::Questions
            | Field::TimeBoxMinutes => true,
        }
    }
}
