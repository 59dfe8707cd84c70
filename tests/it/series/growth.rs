use mensuel_tests::TestApp;
use serde_json::{Value, json};

use super::{day, days, on, path, plan, series, thursdays, warnings};
use crate::asserts::{each, everything, invalid, items, refused};

const SEASON: [&str; 11] = [
    "2026-12-10",
    "2027-01-14",
    "2027-02-11",
    "2027-03-11",
    "2027-04-08",
    "2027-05-20",
    "2027-06-10",
    "2027-09-09",
    "2027-10-14",
    "2027-11-18",
    "2027-12-09",
];

#[tokio::test]
async fn a_series_holds_its_dates_for_twelve_months_once() {
    let app = TestApp::start().await;
    let made = app.post("/api/v1/series").json(&thursdays(json!({ "capacity": 40 }))).expect(201).await;
    let series = made.json();
    assert_eq!(app.get(made.header("location").unwrap()).expect(200).await.json(), series);
    assert_eq!(days(&app).await, SEASON);
    for evening in items(&app, "/api/v1/events").await.as_array().unwrap() {
        assert_eq!((&evening["stage"], &evening["series_id"]), (&json!("held"), &series["id"]));
        assert_eq!((&evening["title"], &evening["capacity"]), (&json!("Les soirées du jeudi"), &json!(40)));
        assert_eq!((&evening["slug"], &evening["own_fields"]), (&json!(null), &json!([])));
        assert_eq!(evening["series_month"].as_str().unwrap(), &day(evening)[..7]);
        assert_eq!(
            &evening["starts_at"].as_str().unwrap()[10..19],
            "T19:00:00",
            "the wall time, summer and winter"
        );
    }
    let before = everything(&app).await;
    for now in ["2026-12-01T23:30:00Z", "2026-12-02T09:00:00Z", "2026-12-31T22:00:00Z"] {
        app.clock.set(now.parse().unwrap());
        app.work().await;
    }
    for name in ["id", "starts_at", "updated_at"] {
        assert_eq!(each(&everything(&app).await["events"], name), each(&before["events"], name), "{name}");
    }

    // Half past midnight in Paris: January has begun there.
    app.clock.set("2026-12-31T23:30:00Z".parse().unwrap());
    app.work().await;
    app.work().await;
    let mut grown = SEASON.to_vec();
    grown.push("2028-01-13");
    assert_eq!(days(&app).await, grown);
    assert!(app.mails().await.is_empty(), "growing mails nobody");
}

#[tokio::test]
async fn a_restart_grows_nothing_twice() {
    let mut app = TestApp::start().await;
    series(&app, json!({})).await;
    app.restart().await;
    app.work().await;
    assert_eq!(days(&app).await, SEASON);
}

#[tokio::test]
async fn a_deleted_date_does_not_grow_again() {
    let app = TestApp::start().await;
    let series = series(&app, json!({})).await;
    let march = on(&app, "2027-03-11").await;
    app.delete(&crate::events::path(&march)).expect(204).await;
    app.clock.set("2027-01-02T09:00:00Z".parse().unwrap());
    app.work().await;
    let days = days(&app).await;
    assert!(!days.contains(&"2027-03-11".to_owned()) && days.contains(&"2028-01-13".to_owned()), "{days:?}");
    let dates = items(&app, &format!("{}/dates?from=2027-03&to=2027-03", path(&series))).await;
    assert_eq!(each(&dates, "state"), ["dropped"]);
    let change = json!({ "title": "Autrement" });
    assert_eq!(super::change(&app, &series, "", change).await.status, 200);
    assert!(!super::days(&app).await.contains(&"2027-03-11".to_owned()), "nor with a change of the series");
}

#[tokio::test]
async fn the_dates_of_a_series_are_shown_with_what_deserves_a_look() {
    let app = TestApp::start().await;
    let series = series(&app, json!({ "moves": { "2027-05": "2027-05-20" } })).await;
    let dates = items(&app, &format!("{}/dates", path(&series))).await;
    let line = |date: &Value| {
        format!(
            "{} {} {}",
            date["month"].as_str().unwrap(),
            date["date"].as_str().unwrap_or("-"),
            date["state"].as_str().unwrap()
        )
    };
    let lines: Vec<String> = dates.as_array().unwrap().iter().map(line).collect();
    assert_eq!(lines.len(), 13, "from this month to the horizon: {lines:?}");
    assert_eq!(
        (&lines[0][..], &lines[5][..], &lines[7][..]),
        ("2026-12 2026-12-10 held", "2027-05 2027-05-20 held", "2027-07 - skipped")
    );
    let november = &dates[11];
    assert_eq!((&november["date"], &november["stage"]), (&json!("2027-11-11"), &json!("held")));
    assert_eq!(warnings(&november["warnings"]), ["holiday 2027-11"]);
    assert_eq!(warnings(&dates[5]["warnings"]), Vec::<String>::new());

    let later = items(&app, &format!("{}/dates?from=2028-03&to=2028-04", path(&series))).await;
    assert_eq!(each(&later, "state"), ["would_hold", "would_hold"]);
    assert_eq!(each(&later, "date"), ["2028-03-09", "2028-04-13"]);
    assert_eq!(each(&later, "event_id"), ["null", "null"]);
    for (query, pointer) in
        [("from=spring", "/from"), ("to=2027-13", "/to"), ("from=2027-01&to=2039-01", "/to")]
    {
        let answer = app.get(&format!("{}/dates?{query}", path(&series))).wrong().send().await;
        invalid(&answer, &[pointer]);
    }
}

#[tokio::test]
async fn an_hour_that_the_clock_jumps_over_is_listed_and_not_held() {
    let app = TestApp::start().await;
    let rule = json!({ "week": "last", "weekday": "sunday", "at": "02:30", "time_zone": "Europe/Paris", "duration": "PT1H" });
    let night = thursdays(json!({ "rule": rule, "skips": [], "moves": {} }));
    let planned = app.post("/api/v1/series?dry_run=true").json(&night).expect(200).await.json();
    assert!(warnings(&planned["warnings"]).contains(&"gap 2027-03".to_owned()), "{planned}");
    assert_eq!(items(&app, "/api/v1/series").await, json!([]), "nothing was made");
    assert!(days(&app).await.is_empty());

    let made = app.create("/api/v1/series", night).await;
    let days = days(&app).await;
    assert!(days.contains(&"2027-02-28".to_owned()) && !days.contains(&"2027-03-28".to_owned()), "{days:?}");
    let dates = items(&app, &format!("{}/dates?from=2027-03&to=2027-03", path(&made))).await;
    assert_eq!(each(&dates, "state"), ["gap"]);
    assert_eq!(warnings(&dates[0]["warnings"]), ["gap 2027-03"]);
}

#[tokio::test]
async fn a_plan_lists_what_a_new_series_would_hold() {
    let app = TestApp::start().await;
    let planned = app
        .post("/api/v1/series?dry_run=true")
        .json(&thursdays(json!({ "moves": {} })))
        .expect(200)
        .await
        .json();
    let lines = plan(&planned);
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[0], "hold 2026-12 2026-12-10");
    assert_eq!(warnings(&planned["warnings"]), ["holiday 2027-11"]);
    assert!(days(&app).await.is_empty());
}

#[tokio::test]
async fn a_series_ends_with_its_last_month_or_day() {
    let app = TestApp::start().await;
    let made = series(&app, json!({ "from": "2027-02-12", "until": "2027-05", "moves": {} })).await;
    assert_eq!(days(&app).await, ["2027-03-11", "2027-04-08", "2027-05-13"]);
    assert_eq!(super::change(&app, &made, "", json!({ "until": "2027-05-12" })).await.status, 200);
    assert_eq!(days(&app).await, ["2027-03-11", "2027-04-08"]);
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused_by_field() {
    let app = TestApp::start().await;
    let before = everything(&app).await;
    let rule = |name: &str, value: Value| {
        let mut rule = thursdays(json!({}))["rule"].clone();
        rule[name] = value;
        json!({ "rule": rule })
    };
    for (with, pointer) in [
        (json!({ "until": "2026-11" }), "/until"),
        (json!({ "moves": { "2027-05": "2027-09-20" } }), "/moves/2027-05"),
        (json!({ "venue_id": "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99" }), "/venue_id"),
        (json!({ "format": "seminar" }), "/format"),
        (json!({ "title": " " }), "/title"),
        (json!({ "from": "soon" }), "/from"),
        (json!({ "skips": ["13"] }), "/skips/0"),
        (json!({ "moves": { "2027-05": "the 20th" } }), "/moves/2027-05"),
        (json!({ "moves": { "May": "2027-05-20" } }), "/moves/May"),
        (rule("week", json!(5)), "/rule/week"),
        (rule("weekday", json!("jeudi")), "/rule/weekday"),
        (rule("at", json!("25:00")), "/rule/at"),
        (rule("time_zone", json!("Lugdunum")), "/rule/time_zone"),
        (rule("duration", json!("PT0M")), "/rule/duration"),
        (rule("colour", json!("red")), "/rule/colour"),
        (json!({ "colour": "red" }), "/colour"),
    ] {
        let answer = app.post("/api/v1/series").json(&thursdays(with.clone())).wrong().send().await;
        assert_eq!(answer.status, 422, "{with}: {}", answer.text());
        invalid(&answer, &[pointer]);
    }
    assert_eq!(everything(&app).await, before);
    refused(&app.get("/api/v1/series/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99").send().await, 404);
}
