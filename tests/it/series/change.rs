use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

use super::{change, day, days, on, path, plan, published, series, tuesday, warnings};
use crate::asserts::{answer_token, everything, items, only, people, recipients, refused, yes};

#[tokio::test]
async fn a_change_is_planned_first_and_then_done_as_planned() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    let before = everything(&app).await;
    let body = json!({ "rule": tuesday(), "moves": {} });
    let planned = change(&app, &thursdays, "?dry_run=true", body.clone()).await;
    assert_eq!(planned.status, 200, "{}", planned.text());
    assert_eq!(everything(&app).await, before, "nothing changed");
    let lines = plan(&planned.json());
    assert!(lines.contains(&"move 2027-03 2027-03-16".to_owned()), "{lines:?}");
    assert!(lines.contains(&"move 2027-05 2027-05-18".to_owned()), "{lines:?}");

    let ids = |days: Value| {
        days.as_array()
            .unwrap()
            .iter()
            .map(|e| (e["id"].clone(), e["uid"].clone(), e["series_month"].clone()))
            .collect::<Vec<_>>()
    };
    let changed = change(&app, &thursdays, "", body).await;
    assert_eq!(changed.json()["rule"], tuesday());
    assert_eq!(
        ids(items(&app, "/api/v1/events").await),
        ids(before["events"].clone()),
        "the same evenings, month by month"
    );
    let now = days(&app).await;
    assert_eq!(
        now[0..7],
        ["2026-12-15", "2027-01-19", "2027-02-16", "2027-03-16", "2027-04-20", "2027-05-18", "2027-06-15"]
    );
    assert_eq!(now[7..], ["2027-09-21", "2027-10-19", "2027-11-16", "2027-12-21"]);
    let moved: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("move ")).map(|line| &line[8..]).collect();
    assert_eq!(moved, now, "what was planned is what happened");
    assert_eq!(on(&app, "2027-06-15").await["starts_at"], "2027-06-15T18:30:00+02:00");
}

#[tokio::test]
async fn what_was_set_on_an_evening_stays_and_the_rest_follows() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({ "capacity": 40 })).await;
    let (january, february, march) =
        (on(&app, "2027-01-14").await, on(&app, "2027-02-11").await, on(&app, "2027-03-11").await);
    app.edit(&january, json!({ "title": "Sortir d'un monolithe", "capacity": 12 })).await;
    let moved = app.edit(&february, json!({ "starts_at": "2027-02-18T19:00" })).await.json();
    assert_eq!(moved["moved_by_hand"], true);
    let body = json!({ "title": "Les soirées", "capacity": 50, "rule": tuesday() });
    let planned = change(&app, &thursdays, "?dry_run=true", body.clone()).await.json();
    assert!(plan(&planned).contains(&"keep 2027-02 2027-02-18".to_owned()), "{planned}");
    assert_eq!(change(&app, &thursdays, "", body).await.status, 200);

    let now = async |event: &Value| crate::events::read(&app, event).await;
    let january = now(&january).await;
    assert_eq!((&january["title"], &january["capacity"]), (&json!("Sortir d'un monolithe"), &json!(12)));
    assert_eq!(day(&january), "2027-01-19", "its date follows");
    let february = now(&february).await;
    assert_eq!(
        (day(&february).as_str(), &february["title"], &february["capacity"]),
        ("2027-02-18", &json!("Les soirées"), &json!(50))
    );
    let march = now(&march).await;
    assert_eq!((day(&march).as_str(), &march["title"]), ("2027-03-16", &json!("Les soirées")));
}

#[tokio::test]
async fn a_default_that_does_not_fit_the_format_is_listed_and_not_applied() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    let february = on(&app, "2027-02-11").await;
    app.edit(&february, json!({ "format": "round_table", "tables": 2, "seats_per_table": 4 })).await;
    let body = json!({ "capacity": 40 });
    let planned = change(&app, &thursdays, "?dry_run=true", body.clone()).await.json();
    assert_eq!(warnings(&planned["warnings"]), ["default_not_applied 2027-02"]);
    assert_eq!(change(&app, &thursdays, "", body).await.status, 200);
    assert_eq!(crate::events::read(&app, &february).await["capacity"], json!(null));
    assert_eq!(on(&app, "2027-03-11").await["capacity"], 40);
}

#[tokio::test]
async fn a_published_evening_moves_only_when_that_is_said_and_its_guests_are_told() {
    let app = TestApp::start().await;
    let [bob, _] = people(&app, &["Bob", "Eve"]).await.try_into().unwrap();
    let thursdays = series(&app, json!({})).await;
    let june = published(&app, "2027-06-10", "followers").await;
    let token = answer_token(only(&app.mails().await, "bob@membres.example"));
    yes(&app, &june, &bob).await;
    app.mails().await;
    let body = json!({ "rule": tuesday(), "moves": {} });

    let planned = change(&app, &thursdays, "?dry_run=true", body.clone()).await.json();
    assert!(plan(&planned).contains(&"keep 2027-06 2027-06-10".to_owned()), "{planned}");
    let with = change(&app, &thursdays, "?dry_run=true&include_published=true", body.clone()).await.json();
    let lines = plan(&with);
    assert!(lines.contains(&"move 2027-06 2027-06-15".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("notify 2027-06")), "{lines:?}");

    assert_eq!(change(&app, &thursdays, "", body.clone()).await.status, 200);
    let untouched = crate::events::read(&app, &june).await;
    assert_eq!(untouched["starts_at"], june["starts_at"]);
    assert_eq!(untouched["sequence"], june["sequence"]);
    assert!(app.mails().await.is_empty());
    assert_eq!(on(&app, "2027-09-21").await["stage"], "held", "the others follow");

    // Another hour, and now the published one too.
    let mut rule = tuesday();
    rule["at"] = json!("20:00");
    assert_eq!(
        change(&app, &thursdays, "?include_published=true", json!({ "rule": rule })).await.status,
        200
    );
    let moved = crate::events::read(&app, &june).await;
    assert_eq!(moved["starts_at"], "2027-06-15T20:00:00+02:00");
    for name in ["id", "uid", "slug", "stage"] {
        assert_eq!(moved[name], june[name], "{name}");
    }
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["bob@membres.example", "eve@membres.example"]);
    assert_eq!(answer_token(only(&mails, "bob@membres.example")), token);
    let shown = app.client.get(&format!("/api/v1/rsvps/{token}")).expect(200).await.json();
    assert_eq!((&shown["seat"], &shown["before_move"]), (&json!("confirmed"), &json!(true)));
}

#[tokio::test]
async fn an_end_or_a_skip_that_would_hit_a_published_evening_names_it() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    published(&app, "2027-06-10", "none").await;
    let before = everything(&app).await;
    for body in [
        json!({ "until": "2027-05" }),
        json!({ "skips": ["06"] }),
        json!({ "skips": ["07", "08", "2027-06"] }),
    ] {
        for query in ["", "?dry_run=true", "?include_published=true"] {
            let answer = change(&app, &thursdays, query, body.clone()).await;
            refused(&answer, 409);
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("Discussion") && detail.contains("2027"), "{detail}");
        }
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn skips_drop_held_dates_and_come_back() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    let february = on(&app, "2027-02-11").await;
    let body = json!({ "skips": ["07", "08", "2027-02"], "moves": { "2027-03": "2027-03-18" } });
    let planned = change(&app, &thursdays, "?dry_run=true", body.clone()).await.json();
    let lines = plan(&planned);
    for line in
        ["drop 2027-02 -", "move 2027-03 2027-03-18", "move 2027-05 2027-05-13", "move 2027-11 2027-11-11"]
    {
        assert!(lines.contains(&line.to_owned()), "{line} in {lines:?}");
    }
    assert_eq!(warnings(&planned["warnings"]), ["holiday 2027-11"]);
    assert_eq!(change(&app, &thursdays, "", body).await.status, 200);
    let now = days(&app).await;
    assert!(!now.iter().any(|day| day.starts_with("2027-02")), "{now:?}");
    refused(&app.get(&crate::events::path(&february)).send().await, 404);
    assert_eq!(change(&app, &thursdays, "", json!({ "skips": [] })).await.status, 200);
    let back = days(&app).await;
    assert!(back.contains(&"2027-02-11".to_owned()) && back.contains(&"2027-07-08".to_owned()), "{back:?}");
}

#[tokio::test]
async fn nothing_that_is_over_changes_and_nothing_lands_in_the_past() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    app.clock.set("2026-12-09T20:00:00Z".parse().unwrap());
    // The first Tuesday of December was yesterday.
    let mut first = tuesday();
    first["week"] = json!(1);
    let body = json!({ "rule": first, "moves": {} });
    let planned = change(&app, &thursdays, "?dry_run=true", body.clone()).await.json();
    assert!(plan(&planned).contains(&"keep 2026-12 2026-12-10".to_owned()), "{planned}");
    assert_eq!(change(&app, &thursdays, "", body).await.status, 200);
    let now = days(&app).await;
    assert_eq!(now[..2], ["2026-12-10", "2027-01-05"]);

    app.clock.set("2026-12-11T09:00:00Z".parse().unwrap());
    assert_eq!(change(&app, &thursdays, "", json!({ "title": "Autrement" })).await.status, 200);
    assert_eq!(on(&app, "2026-12-10").await["title"], "Les soirées du jeudi");
}

#[tokio::test]
async fn a_series_is_changed_in_the_version_that_was_read() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    let etag = app.get(&path(&thursdays)).expect(200).await.etag();
    let body = json!({ "title": "Autrement" });
    refused(&app.patch(&path(&thursdays)).json(&body).wrong().send().await, 428);
    let changed = app.patch(&path(&thursdays)).if_match(&etag).json(&body).expect(200).await;
    assert_ne!(changed.etag(), etag);
    refused(
        &app.patch(&path(&thursdays)).if_match(&etag).json(&json!({ "title": "Encore" })).send().await,
        412,
    );
    let cleared = change(&app, &thursdays, "", json!({ "until": "2027-11", "capacity": 40 })).await.json();
    assert_eq!((&cleared["until"], &cleared["capacity"]), (&json!("2027-11"), &json!(40)));
    let cleared = change(&app, &thursdays, "", json!({ "until": null, "capacity": null })).await.json();
    assert_eq!((&cleared["until"], &cleared["capacity"]), (&json!(null), &json!(null)));
    assert_eq!(items(&app, "/api/v1/series").await[0]["id"], id(&thursdays));
}
