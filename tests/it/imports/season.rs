use mensuel_tests::TestApp;
use serde_json::{Value, json};

use super::{DRY, MEMBERS, REALLY, SEASON, SKIPPING, counts, file, members, season, wrong};
use crate::{
    asserts::{each, everything, items, people, recipients, yes},
    events::{discussion, path, read},
    series::{days, on, series},
};

const HEADING: &str = "date,start,end,time_zone,format,title,speakers,venue,capacity,status";

/// The community and its dates: the second Thursday of each month.
async fn community() -> (TestApp, Value) {
    let app = TestApp::start().await;
    members(&app, MEMBERS, REALLY).await;
    let thursdays = series(&app, json!({})).await;
    (app, thursdays)
}

#[tokio::test]
async fn the_season_fills_the_held_dates_and_doubles_none() {
    let (app, thursdays) = community().await;
    let held = days(&app).await;
    let ids = each(&items(&app, "/api/v1/events").await, "id");
    let before = everything(&app).await;
    let planned = season(&app, SEASON, DRY).await;
    assert_eq!((counts(&planned), planned.carried_out), ([0, 10, 0, 0], false));
    assert_eq!(everything(&app).await, before);

    let report = season(&app, SEASON, REALLY).await;
    assert_eq!((counts(&report), report.carried_out), ([0, 10, 0, 0], true));
    assert_eq!(days(&app).await, held, "no date is doubled");
    let after = items(&app, "/api/v1/events").await;
    assert_eq!(each(&after, "id"), ids, "they are the same evenings");
    assert!(each(&after, "series_id").iter().all(|owner| owner == thursdays["id"].as_str().unwrap()));
    let stages = each(&after, "stage");
    assert_eq!(
        stages,
        ["held", "published", "draft", "draft", "held", "held", "held", "held", "held", "held", "held"]
    );
    let formats = [
        "null",
        "retex",
        "round_table",
        "workshop",
        "open_discussion",
        "retex",
        "round_table",
        "open_discussion",
        "workshop",
        "retex",
        "round_table",
    ];
    assert_eq!(each(&after, "format"), formats);

    let january = on(&app, "2027-01-14").await;
    assert_eq!(january["speakers"][0]["name"], "Mathilde Lemoine");
    assert_eq!((&january["venue"], &january["area"]), (&json!("Confluence Data"), &json!("69002 Lyon")));
    assert_eq!((&january["capacity"], &january["missing"]), (&json!(40), &json!([])));
    let workshop = on(&app, "2027-03-11").await;
    assert_eq!(
        (&workshop["starts_at"], &workshop["bring"]),
        (&json!("2027-03-11T18:30:00+01:00"), &json!("Un ordinateur portable, Docker installé"))
    );
    assert_eq!(on(&app, "2027-04-08").await["subjects"].as_array().unwrap().len(), 3);
    let table = on(&app, "2027-02-11").await;
    assert_eq!(
        (&table["tables"], &table["seats_per_table"], table["panel"].as_array().unwrap().len()),
        (&json!(4), &json!(8), 3)
    );
    assert!(app.mails().await.is_empty(), "an import mails nobody");
    assert_eq!(
        app.client.get("/api/v1/events").expect(200).await.json()["items"].as_array().unwrap().len(),
        1
    );

    app.clock.advance(chrono::TimeDelta::hours(1));
    let before = everything(&app).await;
    assert_eq!(counts(&season(&app, SEASON, REALLY).await), [0, 0, 10, 0]);
    assert_eq!(everything(&app).await, before, "the same lines again change nothing");
}

#[tokio::test]
async fn what_the_file_said_stays_when_the_series_changes() {
    let (app, thursdays) = community().await;
    season(&app, SEASON, REALLY).await;
    let answer =
        crate::series::change(&app, &thursdays, "", json!({ "title": "Autrement", "capacity": 99 })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let april = on(&app, "2027-04-08").await;
    assert_eq!((&april["title"], &april["capacity"]), (&json!("Discussion libre de printemps"), &json!(25)));
    assert_eq!(on(&app, "2026-12-10").await["title"], "Autrement");
}

#[tokio::test]
async fn invitations_are_asked_for_after_an_import() {
    let (app, _) = community().await;
    season(&app, SEASON, REALLY).await;
    let january = on(&app, "2027-01-14").await;
    let invitations = format!("{}/invitations", path(&january));
    let body = json!({ "audience": "followers" });
    let planned = app.post(&format!("{invitations}?dry_run=true")).json(&body).expect(200).await.json();
    // 227 active members of the file, of whom those who follow all or retex, and the organizer.
    let file = String::from_utf8(MEMBERS.to_vec()).unwrap();
    let asked = file
        .lines()
        .filter(|line| line.ends_with(",active") && !line.contains(",round_table;open_discussion,"))
        .count();
    assert_eq!(planned["invited"], asked + 1);
    assert_eq!(planned["names"].as_array().unwrap().len(), asked + 1);
    assert!(app.mails().await.is_empty());
    let made = app.post(&invitations).json(&body).expect(202).await.json();
    assert_eq!(made["invited"], asked + 1);
    assert_eq!(app.post(&invitations).json(&body).expect(202).await.json()["invited"], 0);
    assert_eq!(recipients(&app.mails().await).len(), asked);
}

#[tokio::test]
async fn a_line_without_a_held_date_makes_one_evening_and_one_beyond_the_horizon_takes_its_month() {
    let (app, thursdays) = community().await;
    let lines = [
        "2027-01-20,18:00,20:00,,open_discussion,Hors série,,Canut Studio,,draft",
        "2028-03-09,19:00,21:30,,open_discussion,Plus tard,,Canut Studio,,held",
    ];
    assert_eq!(counts(&season(&app, &file(HEADING, &lines), REALLY).await), [2, 0, 0, 0]);
    let single = on(&app, "2027-01-20").await;
    assert_eq!((&single["series_id"], &single["stage"]), (&json!(null), &json!("draft")));
    let later = on(&app, "2028-03-09").await;
    assert_eq!((&later["series_id"], &later["series_month"]), (&thursdays["id"], &json!("2028-03")));
    app.clock.set("2027-03-02T09:00:00Z".parse().unwrap());
    app.work().await;
    let march: Vec<String> = days(&app).await.into_iter().filter(|day| day.starts_with("2028-03")).collect();
    assert_eq!(march, ["2028-03-09"], "grown once");
    assert_eq!(read(&app, &later).await["title"], "Plus tard");
}

#[tokio::test]
async fn a_past_evening_is_history() {
    let app = TestApp::start().await;
    people(&app, &["Ana"]).await;
    let lines = ["2026-10-08,19:00,21:30,,retex,Une histoire,ana@membres.example,Canut Studio,,published"];
    assert_eq!(counts(&season(&app, &file(HEADING, &lines), REALLY).await), [1, 0, 0, 0]);
    let past = on(&app, "2026-10-08").await;
    assert_eq!((&past["stage"], &past["past"]), (&json!("published"), &json!(true)));
    assert!(app.mails().await.is_empty());
    let announced = app.client.get("/feed.atom").expect(200).await.text();
    assert!(!announced.contains("Une histoire"), "nobody announces the past: {announced}");
    assert_eq!(counts(&season(&app, &file(HEADING, &lines), REALLY).await), [0, 0, 1, 0]);
}

#[tokio::test]
async fn wrong_lines_are_named_and_change_nothing_unless_skipped() {
    let app = TestApp::start().await;
    people(&app, &["Ana"]).await;
    let lines = [
        "2027-01-14,19:00,21:30,,retex,Bon,ana@membres.example,Canut Studio,,published",
        "2027-02-11,19:00,21:30,,retex,Inconnu,nobody@x.example,Canut Studio,,draft",
        "2027-03-11,19:00,21:30,,workshop,Sans places,,Canut Studio,,published",
        "2027-04-08,19:00,21:30,,open_discussion,Avec orateur,ana@membres.example,Canut Studio,,draft",
        "2027-03-28,02:30,04:00,,retex,Heure sautée,,Canut Studio,,draft",
        "11/05/2027,19:00,21:30,,retex,Quel jour,,Canut Studio,,draft",
        "2027-06-10,19:00,21:30,,seminar,Quel format,,Canut Studio,,draft",
        "2027-01-14,19:00,21:30,,retex,Deux fois,,Canut Studio,,draft",
    ];
    let bytes = file(HEADING, &lines);
    let before = everything(&app).await;
    let refused = season(&app, &bytes, REALLY).await;
    assert!(!refused.carried_out);
    assert_eq!(everything(&app).await, before);
    let told = wrong(&refused);
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8, 9], "{told:?}");
    assert!(told[0].1.contains("nobody@x.example") && told[5].1.contains("seminar"), "{told:?}");
    assert!(told.iter().all(|(_, sentence)| sentence.len() > 15), "{told:?}");
    let report = season(&app, &bytes, SKIPPING).await;
    assert_eq!(counts(&report), [1, 0, 0, 7]);
    assert_eq!(days(&app).await, ["2027-01-14"]);
    assert_eq!(
        items(&app, "/api/v1/venues").await.as_array().unwrap().len(),
        1,
        "a wrong line leaves no room behind"
    );
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn what_was_published_or_cancelled_is_left_alone() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    let lines =
        |title: &str| format!("2027-01-14,19:00,21:30,,open_discussion,{title},,Canut Studio,,published");
    let first = lines("Une soirée");
    assert_eq!(counts(&season(&app, &file(HEADING, &[&first]), REALLY).await), [1, 0, 0, 0]);
    let event = on(&app, "2027-01-14").await;
    yes(&app, &event, &ana).await;
    app.mails().await;
    let before = everything(&app).await;
    let other = lines("Une autre");
    let report = season(&app, &file(HEADING, &[&other]), REALLY).await;
    assert_eq!((counts(&report), report.carried_out), ([0, 0, 0, 1], false));
    assert!(wrong(&report)[0].1.contains("published"), "{:?}", wrong(&report));
    let moved = first.replace("19:00", "18:00");
    assert_eq!(counts(&season(&app, &file(HEADING, &[&moved]), REALLY).await), [0, 0, 0, 1]);
    assert_eq!(everything(&app).await, before);
    app.put(&format!("{}/cancellation", path(&event))).json(&json!({})).expect(200).await;
    app.mails().await;
    assert_eq!(counts(&season(&app, &file(HEADING, &[&other]), REALLY).await), [0, 0, 0, 1]);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_planned_evening_of_that_day_is_taken_before_a_new_one_is_made() {
    let app = TestApp::start().await;
    let planned = discussion(&app, "2027-01-14", json!({ "summary": "Reste." })).await;
    let line = "2027-01-14,19:30,21:30,,open_discussion,Nouveau titre,,Gerland Bio,30,draft";
    assert_eq!(counts(&season(&app, &file(HEADING, &[line]), REALLY).await), [0, 1, 0, 0]);
    let after = read(&app, &planned).await;
    assert_eq!(
        (&after["title"], &after["summary"], &after["capacity"]),
        (&json!("Nouveau titre"), &json!("Reste."), &json!(30))
    );
    assert_eq!(
        (&after["starts_at"], &after["venue"]),
        (&json!("2027-01-14T19:30:00+01:00"), &json!("Gerland Bio"))
    );
    assert_eq!(days(&app).await, ["2027-01-14"]);
}

#[tokio::test]
async fn a_past_day_is_history_also_where_its_hours_differ_from_the_held_date() {
    let (app, _) = community().await;
    app.work().await;
    app.clock.set("2027-03-20T09:00:00Z".parse().unwrap());
    let report = season(&app, SEASON, REALLY).await;
    assert!(report.carried_out, "{:?}", wrong(&report));
    let workshop = on(&app, "2027-03-11").await;
    assert_eq!(workshop["starts_at"], "2027-03-11T18:30:00+01:00");
    assert_eq!((&workshop["venue"], &workshop["capacity"]), (&json!("Part-Dieu Cloud"), &json!(16)));
    assert_eq!(on(&app, "2027-01-14").await["stage"], "published");
    assert_eq!(days(&app).await.iter().filter(|day| day.starts_with("2027-03")).count(), 1);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_guest_of_the_file_whose_address_is_a_members_is_that_member() {
    let app = TestApp::start().await;
    let [bob] = people(&app, &["Bob"]).await.try_into().unwrap();
    let line = "2027-01-14,19:00,21:30,,retex,Bon,B. Durand <bob@membres.example>,Canut Studio,,draft";
    assert_eq!(counts(&season(&app, &file(HEADING, &[line]), REALLY).await), [1, 0, 0, 0]);
    assert_eq!(on(&app, "2027-01-14").await["speakers"][0]["member_id"], bob["id"]);
    assert_eq!(counts(&season(&app, &file(HEADING, &[line]), REALLY).await), [0, 0, 1, 0]);
}
