//! VTIMEZONE from the rules that a zone follows now (RFC 5545, section 3.6.5).
//!
//! Some readers use the block in the file rather than their own knowledge of the zone, and some
//! understand nothing in it but "this numbered weekday of this month, each year". So a zone is
//! written with just that, if it is true of every year asked for; otherwise not at all.

use std::ops::RangeInclusive;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone as _, Weekday};
use chrono_tz::{OffsetName, Tz};
use ics::{Daylight, Standard, TimeZone};

use super::value::{Line, Value};

/// The year in which the written rules begin. No entry is older.
const SINCE: i32 = 1970;

/// More years than this are not proven: nobody's calendar needs them.
const MOST_YEARS: i32 = 50;

/// What the clocks of a zone do in each year for which it was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    Fixed(Clock),
    Yearly { daylight: Change, standard: Change },
}

/// What clocks show: seconds east of Greenwich, and a short name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    east: i32,
    name: Option<String>,
}

/// A change of the clocks that comes back every year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    day: Day,
    /// Wall time that the clocks show just before.
    at: NaiveTime,
    from: Clock,
    to: Clock,
}

/// The first (1) to fourth (4) or the last (-1) such weekday of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Day {
    month: u32,
    weekday: Weekday,
    nth: i8,
}

/// A change that took place, in wall time just before it.
struct Event {
    wall: NaiveDateTime,
    from: Clock,
    to: Clock,
}

/// The yearly rules of a zone, if they are true to the second for all of these years. UTC itself
/// needs no rules: its times are written as such.
pub(super) fn prove(zone: Tz, years: RangeInclusive<i32>) -> Option<Rules> {
    if *years.start() < SINCE || years.end() - years.start() > MOST_YEARS {
        return None;
    }
    let events = events(zone, &years)?;
    let (Some(one), Some(two)) = (events.first(), events.get(1)) else {
        let clock = clock(zone, NaiveDate::from_ymd_opt(*years.start(), 1, 1)?.and_time(NaiveTime::MIN));
        let fixed = events.is_empty() && clock.name.as_deref() != Some("UTC");
        return fixed.then_some(Rules::Fixed(clock));
    };
    let both = [one, two].map(|event| every_year(zone, event, &events, &years));
    let [Some(one), Some(two)] = both else { return None };
    let closed = one.to == two.from && two.to == one.from;
    let complete = events.len() == 2 * years.count();
    (closed && complete)
        .then(|| if one.to.east > one.from.east { yearly(one, two) } else { yearly(two, one) })
}

fn yearly(daylight: Change, standard: Change) -> Rules {
    Rules::Yearly { daylight, standard }
}

/// The rule that gives this change in its year and one equal to it in each other year.
fn every_year(zone: Tz, event: &Event, events: &[Event], years: &RangeInclusive<i32>) -> Option<Change> {
    let same = |other: &&Event| {
        other.from == event.from && other.to == event.to && other.wall.time() == event.wall.time()
    };
    let dates: Vec<NaiveDate> = events.iter().filter(same).map(|other| other.wall.date()).collect();
    let true_of_all =
        |day: &Day| years.clone().map(|year| day.in_year(year)).eq(dates.iter().copied().map(Some));
    let change = |day| Change { day, at: event.wall.time(), from: event.from.clone(), to: event.to.clone() };
    Day::candidates(event.wall.date())
        .into_iter()
        .filter(true_of_all)
        .map(change)
        // In few years the fourth and the last can be the same; later ones tell them apart.
        .max_by_key(|change| (1..=12).filter(|more| change.happens(zone, years.end() + more)).count())
}

impl Day {
    fn candidates(date: NaiveDate) -> Vec<Self> {
        let (month, weekday) = (date.month(), date.weekday());
        let numbered = i8::try_from(date.day().div_ceil(7)).ok().filter(|nth| *nth <= 4);
        let last = (date + Duration::weeks(1)).month() != month;
        let day = |nth| Self { month, weekday, nth };
        numbered.map(day).into_iter().chain(last.then(|| day(-1))).collect()
    }

    fn in_year(self, year: i32) -> Option<NaiveDate> {
        let numbered = |nth| NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, nth);
        match u8::try_from(self.nth) {
            Ok(nth) => numbered(nth),
            Err(_) => numbered(5).or_else(|| numbered(4)),
        }
    }
}

impl Change {
    fn happens(&self, zone: Tz, year: i32) -> bool {
        let Some(wall) = self.day.in_year(year).map(|date| date.and_time(self.at)) else { return false };
        let utc = wall - Duration::seconds(self.from.east.into());
        clock(zone, utc - Duration::seconds(1)) == self.from && clock(zone, utc) == self.to
    }
}

/// All changes of the clocks in some years (of the wall clock).
fn events(zone: Tz, years: &RangeInclusive<i32>) -> Option<Vec<Event>> {
    let midnight = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(|date| date.and_time(NaiveTime::MIN));
    let (mut day, end) =
        (midnight(*years.start())? - Duration::days(1), midnight(years.end() + 1)? + Duration::days(1));
    let mut events = Vec::new();
    while day < end {
        let next = day + Duration::days(1);
        if east(zone, day) != east(zone, next) {
            events.push(between(zone, day, next));
        }
        day = next;
    }
    events.retain(|event| years.contains(&event.wall.year()));
    Some(events)
}

/// The change between two instants (UTC) at which the clocks differ.
fn between(zone: Tz, mut before: NaiveDateTime, mut after: NaiveDateTime) -> Event {
    let from = clock(zone, before);
    while after - before > Duration::seconds(1) {
        let middle = before + Duration::seconds((after - before).num_seconds() / 2);
        if east(zone, middle) == from.east { before = middle } else { after = middle }
    }
    Event { wall: after + Duration::seconds(from.east.into()), from, to: clock(zone, after) }
}

fn clock(zone: Tz, utc: NaiveDateTime) -> Clock {
    let offset = zone.offset_from_utc_datetime(&utc);
    Clock { east: offset.fix().local_minus_utc(), name: offset.abbreviation().map(str::to_owned) }
}

fn east(zone: Tz, utc: NaiveDateTime) -> i32 {
    zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
}

/// The block of a zone under its IANA name.
pub(super) fn component(zone: Tz, rules: &Rules) -> TimeZone<'static> {
    match rules {
        Rules::Fixed(clock) => fixed(zone.name(), clock),
        Rules::Yearly { daylight, standard } => {
            let mut out = TimeZone::standard(Value::word(zone.name()), standard_part(standard));
            out.add_daylight(daylight_part(daylight));
            out
        }
    }
}

/// The block for a calendar that has no other: all its times are in UTC.
pub(super) fn utc() -> TimeZone<'static> {
    fixed(Tz::Etc__UTC.name(), &Clock { east: 0, name: Some("UTC".to_owned()) })
}

fn fixed(name: &'static str, clock: &Clock) -> TimeZone<'static> {
    let since = NaiveDate::from_ymd_opt(SINCE, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN);
    let mut part = Standard::new(Value::wall(since), Value::offset(clock.east), Value::offset(clock.east));
    push_name(clock, |line| part.push(line));
    TimeZone::standard(Value::word(name), part)
}

fn standard_part(change: &Change) -> Standard<'static> {
    let mut part =
        Standard::new(change.onset(), Value::offset(change.from.east), Value::offset(change.to.east));
    part.push(Line::new("RRULE", change.rule()));
    push_name(&change.to, |line| part.push(line));
    part
}

fn daylight_part(change: &Change) -> Daylight<'static> {
    let mut part =
        Daylight::new(change.onset(), Value::offset(change.from.east), Value::offset(change.to.east));
    part.push(Line::new("RRULE", change.rule()));
    push_name(&change.to, |line| part.push(line));
    part
}

fn push_name(clock: &Clock, push: impl FnOnce(Line)) {
    if let Some(name) = &clock.name {
        push(Line::new("TZNAME", Value::text(name)));
    }
}

impl Change {
    /// The first time that the rule gives: a constant, so that the block never changes by itself.
    fn onset(&self) -> Value {
        Value::wall(self.day.in_year(SINCE).unwrap_or_default().and_time(self.at))
    }

    fn rule(&self) -> Value {
        Value::yearly(self.day.month, two_letters(self.day.weekday), self.day.nth)
    }
}

fn two_letters(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}
