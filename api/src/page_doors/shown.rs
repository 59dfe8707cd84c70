//! An evening as the views show it: names instead of ids, cut to what the reader may see.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    format::{Format, Person},
    id::Id,
    member::Member,
    rsvp::Prospect,
    text::Prose,
    venue::Venue,
    waitlist::Room,
};
use mensuel_infra::{
    markdown::SafeHtml,
    store::{StoreError, members, venues},
};

use crate::{
    app::App,
    entries,
    pages::{
        Places,
        programme::{Address, Evening, Online, Venue as ShownVenue, Who},
    },
    sight::{self, Private, Reader},
};

/// What an evening refers to.
pub struct Around {
    pub venue: Option<Venue>,
    pub people: BTreeMap<Id<Member>, Member>,
}

impl Around {
    pub async fn of(app: &App, event: &Event) -> Result<Self, StoreError> {
        let db = app.store.read();
        let venue = match event.venue {
            Some(id) => venues::find(db, id).await?.map(|kept| kept.venue),
            None => None,
        };
        let ids = event.details.people().filter_map(|(_, person)| match person {
            Person::Member(id) => Some(*id),
            Person::Guest { .. } | Person::Former | Person::Vacant => None,
        });
        Ok(Self { venue, people: members::find_many(db, ids).await? })
    }
}

impl Around {
    /// The evening as calendar entries are made of it.
    pub fn beside<'a>(&'a self, event: &'a Event) -> entries::Evening<'a> {
        entries::Evening { event, venue: self.venue.as_ref(), people: &self.people }
    }
}

/// A published or cancelled evening for one reader.
pub fn evening(event: &Event, around: &Around, reader: Reader, private: Private) -> Evening {
    let details = &event.details;
    let html = |text: &Option<Prose>| text.as_ref().map(|text| SafeHtml::of_markdown(text.as_str()));
    let lines = |lines: &[mensuel_domain::text::Line]| lines.iter().map(ToString::to_string).collect();
    Evening {
        slug: event.slug.as_ref().map(ToString::to_string).unwrap_or_default(),
        format: event.format.unwrap_or(Format::OpenDiscussion),
        title: event.title.as_ref().map(ToString::to_string).unwrap_or_default(),
        language: event.language,
        span: event.span,
        venue: venue(event, around, private),
        online: online(event, around, private),
        people: event.details.people().map(|(role, person)| (role, who(person, around))).collect(),
        summary: html(&event.summary),
        context: details.context.as_ref().map(ToString::to_string),
        confidentiality: event.format.and_then(|format| details.confidentiality_of(format)),
        prerequisites: html(&details.prerequisites),
        bring: html(&details.bring),
        case: html(&details.case),
        subjects: lines(&details.subjects),
        time_box: event.format.and_then(|format| details.time_box_of(format)),
        questions: lines(sight::questions(event, reader)),
        tables: details.tables.zip(details.seats_per_table),
    }
}

fn who(person: &Person, around: &Around) -> Who {
    match person {
        Person::Member(id) => {
            around.people.get(id).map_or(Who::Former, |member| Who::Named(member.name.to_string()))
        }
        Person::Guest { name, .. } => Who::Named(name.to_string()),
        Person::Former => Who::Former,
        Person::Vacant => Who::Vacant,
    }
}

fn venue(event: &Event, around: &Around, private: Private) -> Option<ShownVenue> {
    let place = sight::whereabouts(event, around.venue.as_ref(), private);
    let address = match (place.address, place.access) {
        (None, None) if place.address_later => Address::Later,
        (None, None) => Address::Unknown,
        (address, access) => Address::Told {
            address: address.map(ToString::to_string),
            access: access.map(|notes| SafeHtml::of_markdown(notes.as_str())),
        },
    };
    Some(ShownVenue { name: place.venue?.to_string(), area: place.area.map(ToString::to_string), address })
}

fn online(event: &Event, around: &Around, private: Private) -> Online {
    match sight::whereabouts(event, around.venue.as_ref(), private).online {
        sight::Online::No => Online::No,
        _ if event.stage == Stage::Cancelled => Online::Over,
        sight::Online::Later => Online::Later,
        sight::Online::At(url) => Online::At(url.clone()),
    }
}

/// What is left, as pages say it: full also while somebody waits, unless seats go to who comes first.
pub fn places(room: &Room, prospect: Prospect) -> Places {
    let for_the_line = room.waitlisted > 0 && prospect != Prospect::FirstCome;
    match room.capacity {
        None => Places::Unlimited,
        Some(_) if room.free() == 0 || for_the_line => Places::Full { waiting: room.waitlisted },
        Some(_) => Places::Left(room.free()),
    }
}

/// An instant on the wall of the evening's zone.
pub fn on_the_wall(event: &Event, instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&event.span.zone).naive_local()
}
