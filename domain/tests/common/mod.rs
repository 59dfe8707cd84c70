//! What the tests of the crate start from.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{AddressFor, Event, Stage},
    format::{Details, Format, Person},
    id::Id,
    lang::Lang,
    series::{Rule, Series, Week},
    text::{Email, Line, PersonName, Slug, Title},
    time::Span,
};
use uuid::Uuid;

pub const PARIS: Tz = Tz::Europe__Paris;

pub fn id<T>(number: u128) -> Id<T> {
    Id::new(Uuid::from_u128(number))
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn now() -> DateTime<Utc> {
    at("2026-12-01T09:00:00Z")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// An evening from 19:00 to 21:30 in Paris.
pub fn evening_of(date: &str) -> Span {
    Span::lasting(day(date), "19:00:00".parse().unwrap(), PARIS, 150).unwrap()
}

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub fn title(text: &str) -> Title {
    Title::parse(text).unwrap()
}

pub fn member(number: u128) -> Person {
    Person::Member(id(number))
}

pub fn guest(name: &str, email: Option<&str>) -> Person {
    Person::Guest { name: PersonName::parse(name).unwrap(), email: email.map(|e| Email::parse(e).unwrap()) }
}

/// The least that a format asks for; a workshop needs a capacity besides.
pub fn details(format: Format) -> Details {
    let none = Details::default();
    match format {
        Format::RoundTable => {
            Details { moderator: Some(member(1)), tables: Some(4), seats_per_table: Some(8), ..none }
        }
        Format::Workshop => Details { facilitator: Some(member(1)), ..none },
        Format::Retex => Details { speakers: vec![member(1)], ..none },
        Format::OpenDiscussion => none,
    }
}

/// A draft of 14 January 2027 that can be published as it is.
pub fn draft(format: Format) -> Event {
    Event {
        id: id(100),
        uid: "public-uid".into(),
        occurrence: None,
        stage: Stage::Draft,
        slug: None,
        format: Some(format),
        title: Some(title("Sortir d'un monolithe")),
        summary: None,
        language: Lang::Fr,
        span: evening_of("2027-01-14"),
        venue: Some(id(7)),
        online_url: None,
        capacity: Some(12),
        max_guests: 0,
        opens_at: None,
        deadline: None,
        members_only: false,
        address_for: AddressFor::Confirmed,
        details: details(format),
        own: BTreeSet::new(),
        cancellation_reason: None,
        followers_asked: false,
        wave_plan: None,
        sequence: 0,
        revision: 1,
        published_at: None,
        moved_sequence: 0,
        start_set_at: now(),
        cancelled_at: None,
        created_at: now(),
        updated_at: now(),
    }
}

pub fn slug(event: &Event) -> Slug {
    Slug::of(event.span.date(), event.title.as_ref().unwrap())
}

pub fn published(format: Format) -> Event {
    let draft = draft(format);
    draft.publish(slug(&draft), now()).unwrap().value
}

/// The second Thursday at 19:00 in Paris, from January 2027, not in July and August.
pub fn series() -> Series {
    Series {
        id: id(50),
        title: title("Les soirées"),
        rule: Rule {
            week: Week::nth(2).unwrap(),
            weekday: Weekday::Thu,
            at: "19:00:00".parse().unwrap(),
            zone: PARIS,
            minutes: 150,
        },
        format: None,
        capacity: None,
        venue: None,
        from: day("2027-01-01"),
        until: None,
        skips: ["07", "08"].into_iter().map(|skip| skip.parse().unwrap()).collect(),
        moves: BTreeMap::new(),
        revision: 1,
        created_at: now(),
        updated_at: now(),
    }
}

/// The instants whose local time in a zone is a wall time, in order, found by trying every offset
/// that the zone has around it.
pub fn instants_of(wall: NaiveDateTime, zone: Tz) -> Vec<DateTime<Utc>> {
    let offsets: BTreeSet<i32> = (-30..=30)
        .map(|hours| (wall + TimeDelta::hours(hours)).and_utc())
        .map(|utc| zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc())
        .collect();
    let mut found: Vec<DateTime<Utc>> = offsets
        .into_iter()
        .map(|seconds| (wall - TimeDelta::seconds(i64::from(seconds))).and_utc())
        .filter(|utc| utc.with_timezone(&zone).naive_local() == wall)
        .collect();
    found.sort();
    found
}

/// Random numbers that are the same in every run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}
