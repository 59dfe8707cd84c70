//! Wall times and instants, against a search over the offsets of the zone.

mod common;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::{TZ_VARIANTS, Tz};
use common::{Dice, at, day, instants_of, wall};
use mensuel_domain::time::{Edge, Gap, Moment, Span, SpanError, When, WhenRefused, days_before, instant};

#[test]
fn twenty_thousand_wall_times_in_all_zones() {
    let (mut dice, mut gaps, mut folds) = (Dice(1), 0, 0);
    // Half of the pairs lie in the nights when Europe or America change their clocks.
    let nights = ["2026-03-29", "2026-10-25", "2027-03-14", "2027-03-28", "2027-10-31", "2027-11-07"];
    let changing = [Tz::Europe__Paris, Tz::America__New_York, Tz::Europe__Dublin, Tz::Australia__Lord_Howe];
    for round in 0..20_000 {
        let (zone, date) = if round % 2 == 0 {
            (dice.one_of(&changing), day(dice.one_of(&nights)))
        } else {
            let first = NaiveDate::from_ymd_opt(1975, 1, 1).unwrap();
            (dice.one_of(&TZ_VARIANTS), first + TimeDelta::days(dice.below(365 * 100) as i64))
        };
        let wall = date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(dice.below(24 * 60) as i64);
        let all = instants_of(wall, zone);
        assert_eq!(instant(wall, zone).ok(), all.first().copied(), "{wall} {zone}");
        gaps += usize::from(all.is_empty());
        folds += usize::from(all.len() > 1);
    }
    assert!(gaps > 50 && folds > 50, "{gaps} gaps and {folds} folds were met");
}

#[test]
fn every_minute_of_both_nights_in_paris() {
    for night in ["2027-03-28", "2027-10-31"] {
        for minute in 0..24 * 60 {
            let wall = day(night).and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(minute);
            let zone = Tz::Europe__Paris;
            assert_eq!(
                instant(wall, zone),
                instants_of(wall, zone).first().copied().ok_or(Gap { wall, zone }),
                "{wall}"
            );
        }
    }
}

#[test]
fn a_span_has_an_end_after_its_start_and_lasts_a_day_at_most() {
    let span = |start, end| Span::new(wall(start), wall(end), Tz::Europe__Paris);
    assert_eq!(span("2027-01-14T19:00:00", "2027-01-14T21:30:00").unwrap().minutes(), 150);
    assert_eq!(span("2027-01-14T19:00:00", "2027-01-14T19:00:00"), Err(SpanError::EndsBeforeStart));
    assert_eq!(span("2027-01-14T19:00:00", "2027-01-15T19:01:00"), Err(SpanError::TooLong));
    assert!(matches!(span("2027-03-28T01:00:00", "2027-03-28T02:30:00"), Err(SpanError::Gap(_))));
    assert_eq!(span("2027-03-28T01:00:00", "2027-03-28T04:00:00").unwrap().minutes(), 120);
}

#[test]
fn a_length_is_real_time_also_through_the_night_of_the_fold() {
    let lasting = |hour, minutes| {
        let at = chrono::NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
        Span::lasting(day("2027-10-31"), at, Tz::Europe__Paris, minutes).unwrap()
    };
    for (hour, minutes) in [(1, 90), (1, 120), (2, 45), (2, 150), (0, 24 * 60)] {
        assert_eq!(lasting(hour, minutes).minutes(), i64::from(minutes), "{hour}:30 for {minutes} minutes");
    }
    let too_long = Span::lasting(day("2027-01-14"), "19:00:00".parse().unwrap(), Tz::UTC, 24 * 60 + 1);
    assert_eq!(too_long, Err(SpanError::TooLong));
}

#[test]
fn a_day_before_in_a_gap_is_moved_on_by_the_width_of_the_gap() {
    let span =
        |zone, date: &str, time: &str| Span::lasting(day(date), time.parse().unwrap(), zone, 60).unwrap();
    let paris = span(Tz::Europe__Paris, "2027-03-29", "02:30:00");
    assert_eq!(days_before(&paris, 1), Some(at("2027-03-28T01:30:00Z")), "03:30 in summer time");
    let lord_howe = span(Tz::Australia__Lord_Howe, "2027-10-04", "02:10:00");
    assert_eq!(days_before(&lord_howe, 1), Some(at("2027-10-02T15:40:00Z")), "02:40, half an hour on");
    // Samoa had no 30 December 2011.
    let apia = span(Tz::Pacific__Apia, "2011-12-31", "19:00:00");
    assert_eq!(days_before(&apia, 1), Some(apia.starts_at));
}

#[test]
fn a_moment_is_a_wall_time_with_a_zone_or_has_the_offset_in_force_there() {
    let paris = Tz::Europe__Paris;
    let known = common::evening_of("2027-01-14");
    let from = |moment| When { start: Some(moment), ..When::default() };
    let fixed = |text: &str| Moment::Fixed(text.parse().unwrap());
    let start = |moment, known| from(moment).span(known, paris, 150).map(|span| span.starts_at);
    let new = Moment::Wall(wall("2027-02-11T19:00:00"));
    assert_eq!(start(new, Some(&known)), Ok(at("2027-02-11T18:00:00Z")));
    assert_eq!(start(new, None), Err(WhenRefused::NoZone));
    assert_eq!(start(fixed("2027-02-11T19:00:00+01:00"), None), Ok(at("2027-02-11T18:00:00Z")));
    let refused = Err(WhenRefused::Offset { of: Edge::Start, zone: paris });
    assert_eq!(start(fixed("2027-06-10T19:00:00+01:00"), None), refused, "summer time is +02:00");
    assert_eq!(start(fixed("2027-10-31T02:30:00+02:00"), None), Ok(at("2027-10-31T00:30:00Z")));
    assert_eq!(start(fixed("2027-10-31T02:30:00+01:00"), None), refused, "the first of the two is taken");
    let moved = from(new).span(Some(&known), paris, 60).unwrap();
    assert_eq!(moved.minutes(), 150, "a new start alone keeps the length");
    let both = When { end: Some(new), minutes: Some(60), ..from(new) };
    assert_eq!(both.span(Some(&known), paris, 60), Err(WhenRefused::EndAndLength));
    assert_eq!(When::default().span(None, paris, 60), Err(WhenRefused::NoStart));
    let longer = When { minutes: Some(180), ..When::default() }.span(Some(&known), paris, 60).unwrap();
    assert_eq!((longer.start, longer.minutes()), (known.start, 180));
}
