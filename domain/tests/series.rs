//! What a rule holds, month by month, and what a change of it does to the evenings that exist.

mod common;

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use common::{Dice, PARIS, at, day, details, evening_of, instants_of, member, now, series, slug, title};
use mensuel_domain::{
    event::{Change, Edit, Event, Field, Stage},
    fact::{Fact, NoticeKind, notifications},
    format::{Format, Role},
    series::{
        Date, KeptBecause, Month, Occurring, Plan, PlanRefused, Rule, Series, SeriesRefused, Skip,
        WarningKind, Week, horizon, plan,
    },
    time::Span,
};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn skips(all: &[&str]) -> BTreeSet<Skip> {
    all.iter().map(|skip| skip.parse().unwrap()).collect()
}

type Months = Vec<(Month, Occurring)>;

/// Carries a plan out, as a use case would.
fn carried_out(plan: &Plan, series: &Series, months: &Months) -> Months {
    let mut after = months.clone();
    for grown in &plan.hold {
        let held = Event {
            id: common::id(u128::try_from(grown.month.index()).unwrap()),
            occurrence: Some((series.id, grown.month)),
            stage: Stage::Held,
            format: None,
            title: None,
            venue: None,
            capacity: None,
            details: Default::default(),
            span: grown.span,
            ..common::draft(Format::Retex)
        };
        let held = held.edit(grown.changes.clone(), Edit::BySeries, now()).unwrap().value;
        after.push((grown.month, Occurring::Evening(Box::new(held))));
    }
    for (at, occurring) in &mut after {
        if let Some(planned) = plan.change.iter().find(|planned| planned.month == *at) {
            *occurring = Occurring::Evening(Box::new(planned.after.clone()));
        }
        if plan.drop.iter().any(|(dropped, _)| dropped == at) {
            *occurring = Occurring::Dropped;
        }
    }
    after.sort_by_key(|(month, _)| *month);
    after
}

fn grow(series: &Series, months: &Months, now: DateTime<Utc>) -> Plan {
    plan(None, series, months, false, now).unwrap()
}

/// The evenings of a series that has just been made.
fn season(series: &Series) -> Months {
    carried_out(&grow(series, &vec![], now()), series, &vec![])
}

fn change(months: &mut Months, at: &str, by: Edit, changes: Vec<Change>) {
    let event = evening_mut(months, at);
    *event = event.edit(changes, by, now()).unwrap().value;
}

fn evening_mut<'a>(months: &'a mut Months, at: &str) -> &'a mut Event {
    let found = months.iter_mut().find(|(m, _)| *m == month(at)).map(|(_, occurring)| occurring);
    match found {
        Some(Occurring::Evening(event)) => event,
        other => panic!("{at}: {other:?}"),
    }
}

/// Publishes the evening of a month as a retex.
fn publish(months: &mut Months, at: &str) {
    let as_retex = vec![
        Change::Format(Some(Format::Retex)),
        Change::People(Role::Speaker, vec![member(1)]),
        Change::Venue(Some(common::id(7))),
    ];
    change(months, at, Edit::OnItself, as_retex);
    let event = evening_mut(months, at);
    *event = event.publish(slug(event), now()).unwrap().value;
}

fn days(months: &Months) -> Vec<String> {
    let day = |occurring: &Occurring| match occurring {
        Occurring::Evening(event) => Some(event.span.date().to_string()),
        Occurring::Dropped => None,
    };
    months.iter().filter_map(|(_, occurring)| day(occurring)).collect()
}

fn changed(plan: &Plan) -> Vec<(String, String, String)> {
    plan.change
        .iter()
        .map(|c| (c.month.to_string(), c.before.span.date().to_string(), c.after.span.date().to_string()))
        .collect()
}

fn kept(plan: &Plan) -> Vec<(String, KeptBecause)> {
    plan.keep.iter().map(|kept| (kept.month.to_string(), kept.because)).collect()
}

fn warned(plan: &Plan) -> Vec<(String, WarningKind)> {
    plan.warnings.iter().map(|w| (w.date.to_string(), w.kind.clone())).collect()
}

#[test]
fn grown_to_the_end_of_the_twelfth_month_and_no_further() {
    let months = season(&series());
    assert_eq!(months.first().unwrap().0, month("2027-01"), "not before `from`");
    assert_eq!(months.last().unwrap().0, month("2027-12"));
    assert_eq!(days(&months).len(), 10, "July and August are skipped");
    assert_eq!(grow(&series(), &months, now()), Plan::default(), "grown again, nothing happens");
    let a_month_later = grow(&series(), &months, at("2027-01-01T00:00:00Z"));
    let held: Vec<_> = a_month_later.hold.iter().map(|grown| grown.span.date().to_string()).collect();
    assert_eq!(held, ["2028-01-13"]);
    let midnight_in_paris = at("2026-12-31T23:00:00Z");
    assert_eq!(horizon(PARIS, midnight_in_paris).1, month("2028-01"), "as the zone's calendar has it");
    assert_eq!(horizon(Tz::UTC, midnight_in_paris).1, month("2027-12"));
}

#[test]
fn what_is_grown_has_the_defaults_of_the_series_and_nothing_of_its_own() {
    let series = Series { format: Some(Format::Workshop), capacity: Some(16), ..series() };
    let (_, Occurring::Evening(held)) = &season(&series)[0] else { panic!() };
    assert_eq!((held.format, held.capacity), (Some(Format::Workshop), Some(16)));
    assert_eq!((held.title.clone(), held.own.len()), (Some(series.title), 0));
}

#[test]
fn nothing_is_grown_into_the_past() {
    let series = Series { from: day("2020-01-01"), ..series() };
    let held = |now| grow(&series, &vec![], at(now)).hold[0].span.date().to_string();
    assert_eq!(held("2027-01-14T17:59:59Z"), "2027-01-14");
    assert_eq!(held("2027-01-14T18:00:00Z"), "2027-02-11", "it has begun");
}

#[test]
fn a_deleted_date_does_not_grow_again() {
    let mut months = season(&series());
    months[1].1 = Occurring::Dropped;
    assert_eq!(grow(&series(), &months, now()), Plan::default());
    let back = Series { skips: skips(&[]), ..series() };
    let change = plan(Some(&series()), &back, &months, false, now()).unwrap();
    let held: Vec<_> = change.hold.iter().map(|grown| grown.month.to_string()).collect();
    assert_eq!(held, ["2027-07", "2027-08"], "the skipped months, not the deleted one");
}

#[test]
fn skips_moves_from_and_until() {
    let series = Series {
        skips: skips(&["07", "08", "2027-02"]),
        moves: [
            (month("2027-05"), day("2027-05-20")),
            (month("2027-07"), day("2027-07-01")),
            (month("2027-02"), day("2027-02-25")),
            (month("2027-04"), day("2027-03-31")),
        ]
        .into(),
        until: Some(day("2027-10-14")),
        ..series()
    };
    assert_eq!(
        days(&season(&series)),
        [
            "2027-01-14",
            "2027-03-11",
            "2027-03-31",
            "2027-05-20",
            "2027-06-10",
            "2027-07-01",
            "2027-09-09",
            "2027-10-14"
        ],
        "a date placed by hand comes before a skip of every year, not before that of its month"
    );
    assert_eq!(series.month_of(day("2027-03-31")), Some(month("2027-04")));
    assert_eq!(series.month_of(day("2027-03-11")), Some(month("2027-03")));
    assert_eq!(series.month_of(day("2027-05-13")), None, "moved away");
    let late = Series { from: day("2027-01-15"), ..common::series() };
    assert_eq!(late.date(month("2027-01")), Date::Outside);
}

#[test]
fn a_series_that_makes_no_sense_is_refused() {
    let ok = series();
    assert_eq!(ok.check(), Ok(()));
    let until = Series { until: Some(day("2026-12-31")), ..ok.clone() };
    assert_eq!(until.check(), Err(SeriesRefused::UntilBeforeFrom));
    for minutes in [0, 24 * 60 + 1] {
        let rule = Rule { minutes, ..ok.rule };
        assert_eq!(Series { rule, ..ok.clone() }.check(), Err(SeriesRefused::Duration));
    }
    let far = Series { moves: [(month("2027-05"), day("2027-07-01"))].into(), ..ok };
    assert_eq!(far.check(), Err(SeriesRefused::FarMove(month("2027-05"))));
    assert!([0, 5, 9].into_iter().all(|number| Week::nth(number).is_none()));
}

#[test]
fn skips_are_read_strictly() {
    for good in ["01", "12", "2027-02"] {
        assert_eq!(good.parse::<Skip>().unwrap().to_string(), good);
    }
    for bad in ["", "7", "00", "13", "+7", " 7", "2027-13", "2027-2", "27-02", "+027-02", "2027-02-01"] {
        assert!(bad.parse::<Skip>().is_err(), "{bad:?}");
    }
}

#[test]
fn a_wall_time_that_does_not_exist_is_not_grown_and_is_listed() {
    let mut series = series();
    series.rule =
        Rule { week: Week::Last, weekday: Weekday::Sun, at: "02:30:00".parse().unwrap(), ..series.rule };
    let plan = grow(&series, &vec![], now());
    assert!(plan.hold.iter().all(|grown| grown.month != month("2027-03")));
    assert_eq!(warned(&plan), [("2027-03-28".to_owned(), WarningKind::Gap)]);
    let autumn = plan.hold.iter().find(|grown| grown.month == month("2027-10")).unwrap();
    assert_eq!(autumn.span.starts_at, at("2027-10-31T00:30:00Z"), "of the hour that comes twice, the first");
    let later = grow(&series, &vec![], at("2027-04-01T00:00:00Z"));
    assert!(warned(&later).iter().all(|(date, _)| date != "2027-03-28"), "a gap that is over is no news");
}

#[test]
fn public_holidays_are_a_warning() {
    let plan = grow(&series(), &vec![], now());
    assert_eq!(warned(&plan), [("2027-11-11".to_owned(), WarningKind::Holiday("armistice de 1918"))]);
}

/// What the rule says of a month, said a second time by looking at each of its days.
fn naive(series: &Series, month: Month) -> Option<DateTime<Utc>> {
    let first = NaiveDate::from_ymd_opt(month.year, month.month, 1).unwrap();
    let days: Vec<NaiveDate> = (0..31)
        .map(|days| first + TimeDelta::days(days))
        .filter(|day| day.month() == month.month && day.weekday() == series.rule.weekday)
        .collect();
    let by_rule = match series.rule.week {
        Week::Nth(number) => days[usize::from(number) - 1],
        Week::Last => *days.last().unwrap(),
    };
    let by_hand = series.moves.get(&month);
    let says = |text: String| series.skips.iter().any(|skip| skip.to_string() == text);
    if says(month.to_string()) || (by_hand.is_none() && says(format!("{:02}", month.month))) {
        return None;
    }
    let day = *by_hand.unwrap_or(&by_rule);
    if day < series.from || series.until.is_some_and(|until| until < day) {
        return None;
    }
    instants_of(day.and_time(series.rule.at), series.rule.zone).first().copied()
}

fn random_series(dice: &mut Dice) -> Series {
    let zones = [
        PARIS,
        Tz::America__New_York,
        Tz::Australia__Lord_Howe,
        Tz::Asia__Kolkata,
        Tz::Africa__Cairo,
        Tz::UTC,
    ];
    let weekdays = [Weekday::Mon, Weekday::Thu, Weekday::Fri, Weekday::Sun, Weekday::Sun];
    let hour = dice.one_of(&[19, 19, 0, 2]);
    let some_month = |dice: &mut Dice| month("2026-12").plus(dice.below(26) as i32);
    let some_day = |dice: &mut Dice| day("2026-12-01") + TimeDelta::days(dice.below(760) as i64);
    let moves = (0..dice.below(3)).map(|_| {
        let of = some_month(dice);
        (of, of.first_day() + TimeDelta::days(dice.below(60) as i64 - 20))
    });
    let moves = moves.collect();
    let week = if dice.below(3) == 0 { Week::Last } else { Week::Nth(1 + dice.below(4) as u8) };
    Series {
        rule: Rule {
            week,
            weekday: dice.one_of(&weekdays),
            at: NaiveTime::from_hms_opt(hour, dice.one_of(&[0, 15, 30]), 0).unwrap(),
            zone: dice.one_of(&zones),
            minutes: 1 + dice.below(600) as u32,
        },
        from: day("2026-06-01") + TimeDelta::days(dice.below(400) as i64),
        until: (dice.below(3) == 0).then(|| some_day(dice)),
        skips: (0..dice.below(4))
            .map(|_| match dice.below(2) {
                0 => Skip::EveryYear(1 + dice.below(12) as u32),
                _ => Skip::Once(some_month(dice)),
            })
            .collect(),
        moves,
        ..series()
    }
}

#[test]
fn a_thousand_random_rules_agree_with_a_naive_calendar() {
    let (mut dice, mut gaps, mut held) = (Dice(3), 0, 0);
    for _ in 0..1_000 {
        let series = random_series(&mut dice);
        for month in month("2026-11").through(month("2029-02")) {
            let date = series.date(month);
            let start = match date {
                Date::On(span) => Some(span.starts_at),
                Date::Skipped | Date::Outside | Date::InGap(_) => None,
            };
            assert_eq!(start, naive(&series, month), "{month} of {series:?}");
            gaps += usize::from(matches!(date, Date::InGap(_)));
            held += usize::from(start.is_some());
            if let Date::On(span) = date {
                assert_eq!(span.minutes(), i64::from(series.rule.minutes));
            }
        }
    }
    assert!(gaps > 10 && held > 10_000, "{gaps} gaps, {held} dates");
}

#[test]
fn growing_any_series_twice_is_growing_it_once() {
    let mut dice = Dice(4);
    for _ in 0..200 {
        let series = random_series(&mut dice);
        let months = season(&series);
        assert!(grow(&series, &months, now()).hold.is_empty());
        let same = plan(Some(&series), &series, &months, true, now()).unwrap();
        assert!(same.hold.is_empty() && same.change.is_empty() && same.drop.is_empty(), "{same:?}");
        assert!(same.keep.is_empty(), "{same:?}");
    }
}

fn on_tuesdays() -> Series {
    let rule = Rule { week: Week::nth(3).unwrap(), weekday: Weekday::Tue, ..series().rule };
    Series { rule, ..series() }
}

#[test]
fn a_change_pairs_old_and_new_by_month() {
    let months = season(&series());
    let plan = plan(Some(&series()), &on_tuesdays(), &months, false, now()).unwrap();
    assert_eq!(changed(&plan).len(), 10);
    assert_eq!(changed(&plan)[0], ("2027-01".into(), "2027-01-14".into(), "2027-01-19".into()));
    assert_eq!((plan.hold.len(), plan.drop.len(), plan.keep.len()), (0, 0, 0));
    for planned in &plan.change {
        let (before, after) = (&planned.before, &planned.after);
        assert_eq!((before.id, &before.uid), (after.id, &after.uid), "identity stays through every edit");
        assert!(after.own.is_empty(), "it still follows");
        assert_eq!(planned.facts.iter().flat_map(notifications).count(), 0, "nobody knows of a held date");
    }
    let after = carried_out(&plan, &on_tuesdays(), &months);
    let again = self::plan(Some(&on_tuesdays()), &on_tuesdays(), &after, false, now()).unwrap();
    assert_eq!(again, Plan::default(), "the plan of its own result is empty");
}

#[test]
fn a_split_changes_this_and_following() {
    let months = season(&series());
    let new = Series { from: day("2027-05-01"), id: common::id(51), ..on_tuesdays() };
    let following: Months = months.iter().filter(|(m, _)| *m >= month("2027-05")).cloned().collect();
    let split = plan(Some(&series()), &new, &following, false, now()).unwrap();
    assert_eq!(changed(&split)[0], ("2027-05".into(), "2027-05-13".into(), "2027-05-18".into()));
    assert_eq!((split.change.len(), split.hold.len(), split.drop.len()), (6, 0, 0));
    let before: Months = months.into_iter().filter(|(m, _)| *m < month("2027-05")).collect();
    let old = Series { until: Some(day("2027-04-30")), ..series() };
    assert_eq!(plan(Some(&series()), &old, &before, false, now()).unwrap(), Plan::default());
}

#[test]
fn a_date_moved_by_hand_stays() {
    let mut months = season(&series());
    change(&mut months, "2027-03", Edit::OnItself, vec![Change::Span(evening_of("2027-03-18"))]);
    let new = Series { title: title("Les mardis"), ..on_tuesdays() };
    let change = plan(Some(&series()), &new, &months, true, now()).unwrap();
    assert_eq!(kept(&change), [("2027-03".into(), KeptBecause::PlacedByHand)]);
    let march = change.change.iter().find(|c| c.month == month("2027-03")).unwrap();
    assert_eq!(march.after.span, evening_of("2027-03-18"), "the date stays, the title follows");
    assert_eq!(march.after.title, Some(title("Les mardis")));
    let titled = Series { title: title("Autre"), ..series() };
    let other = plan(Some(&series()), &titled, &months, true, now()).unwrap();
    assert_eq!(kept(&other), [], "a change that is not of the date says nothing of it");
    let every_march = Series { skips: skips(&["07", "08", "03"]), ..series() };
    let skipped = plan(Some(&series()), &every_march, &months, true, now()).unwrap();
    assert_eq!(kept(&skipped), [("2027-03".into(), KeptBecause::PlacedByHand)]);
    let once = Series { skips: skips(&["07", "08", "2027-03"]), ..series() };
    assert_eq!(plan(Some(&series()), &once, &months, true, now()).unwrap().drop.len(), 1, "named, it goes");
}

#[test]
fn a_length_set_on_the_evening_stays_when_its_date_follows() {
    let mut months = season(&series());
    let longer = Span::lasting(day("2027-03-11"), "19:00:00".parse().unwrap(), PARIS, 180).unwrap();
    change(&mut months, "2027-03", Edit::OnItself, vec![Change::Span(longer)]);
    let change = plan(Some(&series()), &on_tuesdays(), &months, false, now()).unwrap();
    let march = change.change.iter().find(|c| c.month == month("2027-03")).unwrap();
    assert_eq!((march.after.span.date(), march.after.span.minutes()), (day("2027-03-16"), 180));
    assert_eq!(change.keep, []);
    let same = plan(Some(&series()), &series(), &months, true, now()).unwrap();
    assert_eq!(same, Plan::default());
}

#[test]
fn a_date_moved_in_the_series_moves_its_evening() {
    let months = season(&series());
    let new = Series { moves: [(month("2027-05"), day("2027-05-20"))].into(), ..series() };
    let plan = plan(Some(&series()), &new, &months, false, now()).unwrap();
    assert_eq!(changed(&plan), [("2027-05".into(), "2027-05-13".into(), "2027-05-20".into())]);
}

#[test]
fn published_evenings_move_only_when_they_are_included_and_then_are_told() {
    let mut months = season(&series());
    publish(&mut months, "2027-02");
    let left_out = plan(Some(&series()), &on_tuesdays(), &months, false, now()).unwrap();
    assert_eq!(kept(&left_out), [("2027-02".into(), KeptBecause::Published)]);
    assert_eq!(left_out.change.len(), 9);
    let included = plan(Some(&series()), &on_tuesdays(), &months, true, now()).unwrap();
    let february = included.change.iter().find(|c| c.month == month("2027-02")).unwrap();
    assert_eq!(february.after.span.date(), day("2027-02-16"));
    let kinds: Vec<NoticeKind> =
        february.facts.iter().flat_map(notifications).map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::Moved]);
    // Asked a second time, now with the published ones: they still follow.
    let after = carried_out(&left_out, &on_tuesdays(), &months);
    let again = plan(Some(&on_tuesdays()), &on_tuesdays(), &after, true, now()).unwrap();
    assert_eq!(changed(&again), [("2027-02".into(), "2027-02-11".into(), "2027-02-16".into())]);
}

#[test]
fn until_and_skips_that_would_hit_a_published_evening_are_refused_naming_it() {
    let mut months = season(&series());
    publish(&mut months, "2027-06");
    let hits = [
        Series { until: Some(day("2027-06-09")), ..series() },
        Series { skips: skips(&["07", "08", "06"]), ..series() },
        Series { skips: skips(&["07", "08", "2027-06"]), ..series() },
    ];
    for new in hits {
        for included in [false, true] {
            let refused = plan(Some(&series()), &new, &months, included, now()).unwrap_err();
            let PlanRefused::Published { month: hit, date, title, .. } = refused;
            assert_eq!((hit, date), (month("2027-06"), day("2027-06-10")));
            assert_eq!(title, Some(series().title));
        }
    }
    let harmless = Series { until: Some(day("2027-06-10")), ..series() };
    let plan = plan(Some(&series()), &harmless, &months, false, now()).unwrap();
    let dropped: Vec<_> = plan.drop.iter().map(|(month, _)| month.to_string()).collect();
    assert_eq!(dropped, ["2027-09", "2027-10", "2027-11", "2027-12"], "held dates go");
}

#[test]
fn a_month_that_the_series_never_held_is_not_hit_by_another_change() {
    let mut months = season(&series());
    let july = Event {
        occurrence: Some((series().id, month("2027-07"))),
        span: evening_of("2027-07-08"),
        details: details(Format::Retex),
        ..common::draft(Format::Retex)
    };
    for stage in [Stage::Draft, Stage::Published] {
        months.push((month("2027-07"), Occurring::Evening(Box::new(Event { stage, ..july.clone() }))));
        let new = Series { capacity: Some(30), ..series() };
        let plan = plan(Some(&series()), &new, &months, false, now()).unwrap();
        assert_eq!(plan.drop, [], "{stage:?}");
        months.pop();
    }
}

#[test]
fn what_is_past_running_or_cancelled_is_left_alone() {
    let mut months = season(&series());
    publish(&mut months, "2027-02");
    publish(&mut months, "2027-03");
    let march = evening_mut(&mut months, "2027-03");
    *march = march.cancel(None, now()).unwrap().value;
    let during = at("2027-02-11T19:00:00Z");
    let new = Series { skips: skips(&["02", "03"]), ..on_tuesdays() };
    let change = plan(Some(&series()), &new, &months, true, during).unwrap();
    assert!(changed(&change).iter().all(|(month, ..)| month.as_str() > "2027-03"), "{:?}", changed(&change));
    assert_eq!(change.drop, []);
    assert_eq!(grow(&series(), &months, now()), Plan::default(), "a cancelled month is taken");
}

#[test]
fn nothing_lands_in_the_past() {
    let months = season(&series());
    let early = Rule { week: Week::nth(1).unwrap(), ..series().rule };
    let on_the_tenth = at("2027-01-10T09:00:00Z");
    let new = Series { rule: early, ..series() };
    let plan = plan(Some(&series()), &new, &months, true, on_the_tenth).unwrap();
    assert_eq!(kept(&plan), [("2027-01".into(), KeptBecause::WouldBePast)]);
    assert_eq!(changed(&plan)[0].0, "2027-02");
    assert!(plan.hold.iter().all(|grown| grown.span.starts_at > on_the_tenth));
}

#[test]
fn defaults_follow_field_by_field() {
    let mut months = season(&series());
    change(&mut months, "2027-04", Edit::OnItself, vec![Change::Capacity(Some(20))]);
    change(&mut months, "2027-04", Edit::OnItself, vec![Change::Title(Some(title("À part")))]);
    let new = Series {
        title: title("Les jeudis"),
        capacity: Some(30),
        format: Some(Format::Retex),
        venue: Some(common::id(8)),
        ..series()
    };
    let change = plan(Some(&series()), &new, &months, false, now()).unwrap();
    let of = |at| &change.change.iter().find(|c| c.month == month(at)).unwrap().after;
    let april = of("2027-04");
    assert_eq!((april.capacity, april.title.clone()), (Some(20), Some(title("À part"))), "its own stay");
    assert_eq!((april.format, april.venue), (Some(Format::Retex), Some(common::id(8))), "the others follow");
    assert_eq!((of("2027-05").capacity, of("2027-05").title.clone()), (Some(30), Some(title("Les jeudis"))));
    assert_eq!(warned(&change), []);
}

#[test]
fn a_default_that_does_not_fit_is_not_applied_and_is_listed() {
    let mut months = season(&series());
    let as_round_table = vec![
        Change::Format(Some(Format::RoundTable)),
        Change::Tables(Some(2)),
        Change::SeatsPerTable(Some(8)),
    ];
    change(&mut months, "2027-02", Edit::OnItself, as_round_table);
    let new = Series { capacity: Some(40), title: title("Les jeudis"), ..series() };
    let applied = plan(Some(&series()), &new, &months, false, now()).unwrap();
    assert_eq!(
        warned(&applied),
        [("2027-02-11".to_owned(), WarningKind::DefaultNotApplied(Field::Capacity))]
    );
    let february = &applied.change.iter().find(|c| c.month == month("2027-02")).unwrap().after;
    assert_eq!((february.capacity, february.title.clone()), (None, Some(title("Les jeudis"))));
}

#[test]
fn a_published_evening_keeps_the_format_it_needs() {
    let mut months = season(&Series { format: Some(Format::OpenDiscussion), ..series() });
    let planned = vec![Change::People(Role::Scribe, vec![member(3)]), Change::Venue(Some(common::id(7)))];
    change(&mut months, "2027-02", Edit::OnItself, planned);
    let february = evening_mut(&mut months, "2027-02");
    *february = february.publish(slug(february), now()).unwrap().value;
    let old = Series { format: Some(Format::OpenDiscussion), ..series() };
    let new = Series { format: None, capacity: Some(30), ..series() };
    let change = plan(Some(&old), &new, &months, true, now()).unwrap();
    let warnings = [("2027-02-11".to_owned(), WarningKind::DefaultNotApplied(Field::Format))];
    assert_eq!(warned(&change), warnings, "a published evening keeps its format");
    let february = change.change.iter().find(|c| c.month == month("2027-02")).unwrap();
    assert_eq!((february.after.format, february.after.capacity), (Some(Format::OpenDiscussion), Some(30)));
    assert!(february.facts.iter().all(|fact| !matches!(fact, Fact::EventMoved { .. })));
}
