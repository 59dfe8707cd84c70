//! An evening in JSON, as far as its reader may see it.

use std::collections::{BTreeMap, BTreeSet};

use mensuel_domain::{
    event::{Event, Field},
    format::{Person, Role},
    id::Id,
    lang::Lang,
    member::Member,
    series::Series,
    venue::Venue,
};
use mensuel_infra::store::{StoreError, members, venues};
use serde::Serialize;

use super::write::{instant, instant_in};
use crate::{
    app::App,
    problem::{Mistake, SaidMistake},
    sight::{self, Online, Private, Reader, Sight},
};

/// Evenings with the rows that they name.
pub struct Season {
    venues: BTreeMap<Id<Venue>, Venue>,
    people: BTreeMap<Id<Member>, Member>,
}

impl Season {
    pub async fn load(app: &App, events: &[Event]) -> Result<Self, StoreError> {
        let db = app.store.read();
        let people: BTreeSet<Id<Member>> = events
            .iter()
            .flat_map(|event| event.details.people())
            .filter_map(|(_, it)| member_of(it))
            .collect();
        let rooms: BTreeSet<Id<Venue>> = events.iter().filter_map(|event| event.venue).collect();
        let venues = match rooms.len() {
            0 => BTreeMap::new(),
            1 => {
                let mut found = BTreeMap::new();
                for id in rooms {
                    found.extend(venues::find(db, id).await?.map(|kept| (id, kept.venue)));
                }
                found
            }
            _ => venues::all(db).await?.into_iter().map(|venue| (venue.id, venue)).collect(),
        };
        Ok(Self { venues, people: members::find_many(db, people).await? })
    }

    pub fn venue(&self, event: &Event) -> Option<&Venue> {
        self.venues.get(&event.venue?)
    }

    /// A name of the programme; `None` for a former member or a vacant role.
    pub fn name(&self, person: &Person) -> Option<String> {
        match person {
            Person::Member(id) => self.people.get(id).map(|member| member.name.to_string()),
            Person::Guest { name, .. } => Some(name.to_string()),
            Person::Former | Person::Vacant => None,
        }
    }
}

fn member_of(person: &Person) -> Option<Id<Member>> {
    match person {
        Person::Member(id) => Some(*id),
        Person::Guest { .. } | Person::Former | Person::Vacant => None,
    }
}

/// What an answer says of an evening.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Seen {
    Whole(Box<Whole>),
    Public(Box<Public>),
    ForMembers(ForMembers),
}

#[derive(Serialize)]
pub struct ForMembers {
    id: Id<Event>,
    stage: &'static str,
    starts_at: String,
    ends_at: String,
    time_zone: &'static str,
    members_only: bool,
}

/// What an organizer sees.
#[derive(Serialize)]
pub struct Whole {
    #[serde(flatten)]
    shown: Shown,
    #[serde(flatten)]
    people: Programme,
    address: Option<String>,
    access_notes: Option<String>,
    online_url: Option<String>,
    questions: Vec<String>,
    own_fields: Vec<&'static str>,
    missing: Vec<SaidMistake>,
    moved_by_hand: bool,
}

/// What strangers see of a published evening.
#[derive(Serialize)]
pub struct Public {
    #[serde(flatten)]
    shown: Shown,
    #[serde(flatten)]
    people: Programme,
}

#[derive(Serialize)]
struct Shown {
    id: Id<Event>,
    uid: String,
    slug: Option<String>,
    series_id: Option<Id<Series>>,
    series_month: Option<String>,
    stage: &'static str,
    past: bool,
    format: Option<&'static str>,
    title: Option<String>,
    summary: Option<String>,
    language: &'static str,
    starts_at: String,
    ends_at: String,
    time_zone: &'static str,
    venue_id: Option<Id<Venue>>,
    venue: Option<String>,
    area: Option<String>,
    capacity: Option<u32>,
    max_guests: u32,
    opens_at: Option<String>,
    deadline: Option<String>,
    members_only: bool,
    address_for: &'static str,
    context: Option<String>,
    confidentiality: Option<&'static str>,
    prerequisites: Option<String>,
    bring: Option<String>,
    case: Option<String>,
    subjects: Vec<String>,
    time_box_minutes: Option<u32>,
    tables: Option<u32>,
    seats_per_table: Option<u32>,
    cancellation_reason: Option<String>,
    sequence: u32,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Programme {
    moderator: Option<Part>,
    panel: Vec<Part>,
    facilitator: Option<Part>,
    speakers: Vec<Part>,
    scribe: Option<Part>,
}

/// Somebody of the programme.
#[derive(Serialize)]
#[serde(untagged)]
enum Part {
    Member { member_id: Id<Member>, name: String },
    Named { name: String, email: String },
    ByName { name: String },
    Former { former_member: bool },
    Vacant { vacant: bool },
}

/// An evening for an organizer.
pub fn whole(app: &App, event: &Event, season: &Season, lang: Lang) -> Whole {
    let there = sight::whereabouts(event, season.venue(event), Private::Shown);
    let missing = if event.stage.is_before_publication() { event.missing() } else { Vec::new() };
    Whole {
        shown: shown(app, event, season),
        people: programme(event, |person| part(season, person)),
        address: text(there.address),
        access_notes: text(there.access),
        online_url: match there.online {
            Online::At(url) => Some(url.to_string()),
            Online::No | Online::Later => None,
        },
        questions: texts(&event.details.questions),
        own_fields: event.own.iter().map(|field| field.name()).collect(),
        missing: missing.into_iter().map(|flaw| Mistake::of_flaw(flaw).said(lang)).collect(),
        moved_by_hand: event.own.contains(&Field::StartsAt),
    }
}

/// An evening for anybody; `None` is not to be seen at all.
pub fn seen(app: &App, event: &Event, season: &Season, reader: Reader, lang: Lang) -> Option<Seen> {
    match sight::see(event, reader) {
        Sight::Held => None,
        Sight::MembersOnly => Some(Seen::ForMembers(ForMembers {
            id: event.id,
            stage: event.stage.name(),
            starts_at: instant_in(event.span.starts_at, event.span.zone),
            ends_at: instant_in(event.span.ends_at, event.span.zone),
            time_zone: event.span.zone.name(),
            members_only: true,
        })),
        Sight::Whole(_) if reader == Reader::Organizer => {
            Some(Seen::Whole(Box::new(whole(app, event, season, lang))))
        }
        Sight::Whole(_) => Some(Seen::Public(Box::new(Public {
            shown: shown(app, event, season),
            people: programme(event, |person| public_part(season, person)),
        }))),
    }
}

fn shown(app: &App, event: &Event, season: &Season) -> Shown {
    let (zone, details) = (event.span.zone, &event.details);
    let venue = season.venue(event);
    Shown {
        id: event.id,
        uid: event.uid.clone(),
        slug: text(event.slug.as_ref()),
        series_id: event.occurrence.map(|(series, _)| series),
        series_month: event.occurrence.map(|(_, month)| month.to_string()),
        stage: event.stage.name(),
        past: event.is_past(app.now()),
        format: event.format.map(|format| format.name()),
        title: text(event.title.as_ref()),
        summary: text(event.summary.as_ref()),
        language: event.language.code(),
        starts_at: instant_in(event.span.starts_at, zone),
        ends_at: instant_in(event.span.ends_at, zone),
        time_zone: zone.name(),
        venue_id: event.venue,
        venue: venue.map(|venue| venue.name.to_string()),
        area: venue.and_then(|venue| text(venue.area.as_ref())),
        capacity: event.capacity,
        max_guests: event.max_guests,
        opens_at: event.opens_at.map(|at| instant_in(at, zone)),
        deadline: event.deadline.map(|at| instant_in(at, zone)),
        members_only: event.members_only,
        address_for: event.address_for.name(),
        context: text(details.context.as_ref()),
        confidentiality: details.confidentiality.map(|level| level.name()),
        prerequisites: text(details.prerequisites.as_ref()),
        bring: text(details.bring.as_ref()),
        case: text(details.case.as_ref()),
        subjects: texts(&details.subjects),
        time_box_minutes: details.time_box_minutes,
        tables: details.tables,
        seats_per_table: details.seats_per_table,
        cancellation_reason: text(event.cancellation_reason.as_ref()),
        sequence: event.sequence,
        created_at: instant(event.created_at),
        updated_at: instant(event.updated_at),
    }
}

fn programme(event: &Event, part: impl Fn(&Person) -> Part) -> Programme {
    let details = &event.details;
    Programme {
        moderator: details.moderator.as_ref().map(&part),
        panel: details.panel.iter().map(&part).collect(),
        facilitator: details.facilitator.as_ref().map(&part),
        speakers: details.speakers.iter().map(&part).collect(),
        scribe: details.scribe.as_ref().map(&part),
    }
}

fn part(season: &Season, person: &Person) -> Part {
    match person {
        Person::Member(id) => match season.name(person) {
            Some(name) => Part::Member { member_id: *id, name },
            None => Part::Former { former_member: true },
        },
        Person::Guest { name, email: Some(email) } => {
            Part::Named { name: name.to_string(), email: email.to_string() }
        }
        Person::Guest { name, email: None } => Part::ByName { name: name.to_string() },
        Person::Former => Part::Former { former_member: true },
        Person::Vacant => Part::Vacant { vacant: true },
    }
}

fn public_part(season: &Season, person: &Person) -> Part {
    match (person, season.name(person)) {
        (Person::Vacant, _) => Part::Vacant { vacant: true },
        (_, Some(name)) => Part::ByName { name },
        (_, None) => Part::Former { former_member: true },
    }
}

/// The people of an evening with their roles, by name.
pub fn people(event: &Event, season: &Season) -> Vec<(Role, Option<String>)> {
    event.details.people().map(|(role, person)| (role, season.name(person))).collect()
}

pub fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

fn texts(values: &[impl ToString]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}
