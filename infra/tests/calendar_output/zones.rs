//! VTIMEZONE blocks, evaluated by the reader and compared with chrono-tz.

use chrono::{DateTime, Duration, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use mensuel_infra::calendar::*;

use crate::reader::{Clocks, Component, read};
use crate::sample;

/// The block written for a calendar without evenings: 12 months back, 18 ahead.
fn block(zone: Tz) -> Component {
    let calendar = Calendar { zone, ..sample::calendar(vec![]) };
    let read = read(&feed(&calendar));
    assert_eq!(read.parts.len(), 1, "{zone}");
    read.parts[0].clone()
}

fn lines(part: &Component) -> Vec<String> {
    part.lines.iter().map(|line| format!("{}:{}", line.name, line.value)).collect()
}

fn east(zone: Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

#[test]
fn paris() {
    let block = block(Tz::Europe__Paris);
    assert_eq!(lines(&block), ["TZID:Europe/Paris"]);
    let standard = [
        "DTSTART:19701025T030000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZNAME:CET",
    ];
    let daylight = [
        "DTSTART:19700329T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZNAME:CEST",
    ];
    assert_eq!(lines(block.parts("STANDARD")[0]), standard);
    assert_eq!(lines(block.parts("DAYLIGHT")[0]), daylight);
}

#[test]
fn new_york_and_auckland() {
    let rules =
        |zone| ["STANDARD", "DAYLIGHT"].map(|part| block(zone).parts(part)[0].one("RRULE").value.clone());
    assert_eq!(
        rules(Tz::America__New_York),
        ["FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"]
    );
    assert_eq!(
        rules(Tz::Pacific__Auckland),
        ["FREQ=YEARLY;BYMONTH=4;BYDAY=1SU", "FREQ=YEARLY;BYMONTH=9;BYDAY=-1SU"]
    );
}

#[test]
fn tokyo_has_one_clock() {
    let block = block(Tz::Asia__Tokyo);
    assert_eq!(block.parts.len(), 1);
    assert_eq!(
        lines(block.parts("STANDARD")[0]),
        ["DTSTART:19700101T000000", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "TZNAME:JST"]
    );
}

#[test]
fn a_zone_without_a_yearly_rule_is_written_in_utc() {
    for zone in [Tz::Africa__Casablanca, Tz::UTC] {
        assert_eq!(block(zone).text("TZID"), "Etc/UTC");
        let span = sample::span("2027-02-11", zone);
        let feed = read(&feed(&sample::calendar(vec![Entry { span, ..sample::entry() }])));
        let event = feed.parts("VEVENT")[0];
        assert_eq!(event.one("DTSTART").value, format!("{}Z", span.starts_at.format("%Y%m%dT%H%M%S")));
        assert_eq!(feed.instant(event.one("DTEND")), span.ends_at);
        assert_eq!(feed.parts("VTIMEZONE")[0].text("TZID"), "Etc/UTC");
    }
}

#[test]
fn evenings_of_two_zones_bring_both() {
    let entries = [Tz::Europe__Paris, Tz::Asia__Tokyo, Tz::Africa__Casablanca]
        .map(|zone| Entry { span: sample::span("2027-06-10", zone), ..sample::entry() });
    let feed = read(&feed(&sample::calendar(entries.to_vec())));
    let zones: Vec<String> = feed.parts("VTIMEZONE").into_iter().map(|zone| zone.text("TZID")).collect();
    assert_eq!(zones, ["Asia/Tokyo", "Europe/Paris"]);
}

#[test]
fn an_evening_of_other_rules_or_another_age_is_written_in_utc() {
    // New York changed its rules in 2007; nobody can prove eight thousand years.
    for date in ["2006-10-12", "1969-06-12", "9999-06-10"] {
        let span = sample::span(date, Tz::America__New_York);
        let feed = read(&feed(&sample::calendar(vec![Entry { span, ..sample::entry() }])));
        assert_eq!(feed.instant(feed.parts("VEVENT")[0].one("DTSTART")), span.starts_at);
        assert!(feed.parts("VEVENT")[0].one("DTSTART").value.ends_with('Z'), "{date}");
    }
}

#[test]
fn an_hour_that_comes_twice_is_written_in_utc() {
    let wall = |text: &str| text.parse().unwrap();
    let span = mensuel_domain::time::Span::new(
        wall("2027-10-31T01:00:00"),
        wall("2027-10-31T02:30:00"),
        Tz::Europe__Paris,
    )
    .unwrap();
    let feed = read(&feed(&sample::calendar(vec![Entry { span, ..sample::entry() }])));
    let event = feed.parts("VEVENT")[0];
    assert_eq!(
        [&event.one("DTSTART").value, &event.one("DTEND").value],
        ["20271030T230000Z", "20271031T003000Z"]
    );
}

#[test]
fn the_block_does_not_move_with_the_window() {
    let at = |last_modified: &str| {
        feed(&Calendar {
            last_modified: sample::utc(last_modified),
            zone: Tz::Europe__Paris,
            ..sample::calendar(vec![])
        })
    };
    let block = |bytes: Vec<u8>| {
        String::from_utf8(bytes).unwrap().split_once("BEGIN:VTIMEZONE").unwrap().1.to_owned()
    };
    let first = block(at("2026-01-01T00:00:00Z"));
    for year in 2027..2035 {
        assert_eq!(block(at(&format!("{year}-05-01T00:00:00Z"))), first);
    }
}

/// Each zone of the database: what is written under its name is true, hour by hour and to the
/// second at each change, in all years that a calendar touches.
#[test]
fn every_block_that_is_written_is_true() {
    let (from, until) = (sample::utc("2025-01-01T00:00:00Z"), sample::utc("2029-01-01T00:00:00Z"));
    let mut proven = 0;
    for zone in chrono_tz::TZ_VARIANTS {
        let block = block(zone);
        if block.text("TZID") != zone.name() || zone == Tz::Etc__UTC {
            continue;
        }
        proven += 1;
        let clocks = Clocks::of(&block);
        let hours = (0..).map(|step| from + Duration::hours(5 * step)).take_while(|at| *at < until);
        let around = clocks
            .changes()
            .filter(|at| (from..until).contains(at))
            .flat_map(|at| [at - Duration::seconds(1), at]);
        for at in hours.chain(around) {
            assert_eq!(clocks.offset(at), east(zone, at), "{zone} at {at}");
        }
    }
    assert!(proven * 10 > chrono_tz::TZ_VARIANTS.len() * 9, "{proven} zones");
}
