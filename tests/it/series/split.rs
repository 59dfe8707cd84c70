use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

use super::{days, on, path, plan, published, series, tuesday};
use crate::asserts::{
    answer_by_link, answer_token, each, everything, invalid, items, only, people, recipients, refused, yes,
};

const BEFORE: [&str; 5] = ["2026-12-10", "2027-01-14", "2027-02-11", "2027-03-11", "2027-04-08"];

fn splits(series: &Value, query: &str) -> String {
    format!("{}/splits{query}", path(series))
}

#[tokio::test]
async fn this_and_following_is_planned_and_then_done() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    let old = items(&app, "/api/v1/events").await;
    let body = json!({ "from": "2027-05", "rule": tuesday(), "moves": {}, "title": "Les mardis" });
    let before = everything(&app).await;
    let planned = app.post(&splits(&thursdays, "?dry_run=true")).json(&body).expect(200).await.json();
    assert_eq!(everything(&app).await, before, "nothing changed");
    let lines = plan(&planned);
    assert!(lines.contains(&"move 2027-05 2027-05-18".to_owned()), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains(" 2027-04 ")), "{lines:?}");

    let made = app.post(&splits(&thursdays, "")).json(&body).expect(201).await;
    let tuesdays = made.json();
    assert_eq!(app.get(made.header("location").unwrap()).expect(200).await.json(), tuesdays);
    assert_eq!(
        (&tuesdays["from"], &tuesdays["title"], &tuesdays["rule"]),
        (&json!("2027-05"), &json!("Les mardis"), &tuesday())
    );
    assert_eq!(app.get(&path(&thursdays)).expect(200).await.json()["until"], "2027-04");

    let now = days(&app).await;
    assert_eq!(now[..5], BEFORE);
    assert_eq!(
        now[5..],
        ["2027-05-18", "2027-06-15", "2027-09-21", "2027-10-19", "2027-11-16", "2027-12-21"]
    );
    let new = items(&app, "/api/v1/events").await;
    for name in ["id", "uid", "series_month"] {
        assert_eq!(each(&new, name), each(&old, name), "{name}");
    }
    let owners = each(&new, "series_id");
    assert!(
        owners[..5].iter().all(|owner| owner == id(&thursdays))
            && owners[5..].iter().all(|owner| owner == id(&tuesdays))
    );

    app.clock.set("2027-01-02T09:00:00Z".parse().unwrap());
    app.work().await;
    assert_eq!(days(&app).await.last().unwrap(), "2028-01-18", "the new one goes on");
    assert_eq!(days(&app).await.len(), 12, "and the old one has ended");
}

#[tokio::test]
async fn published_evenings_keep_their_date_until_it_is_said_and_links_survive() {
    let app = TestApp::start().await;
    let [bob, _] = people(&app, &["Bob", "Eve"]).await.try_into().unwrap();
    let thursdays = series(&app, json!({})).await;
    let june = published(&app, "2027-06-10", "followers").await;
    let token = answer_token(only(&app.mails().await, "bob@membres.example"));
    yes(&app, &june, &bob).await;
    app.mails().await;

    let body = json!({ "from": "2027-05", "rule": tuesday() });
    let tuesdays = app.post(&splits(&thursdays, "")).json(&body).expect(201).await.json();
    let kept = crate::events::read(&app, &june).await;
    assert_eq!((&kept["starts_at"], &kept["series_id"]), (&june["starts_at"], &tuesdays["id"]));
    assert_eq!(
        on(&app, "2027-05-20").await["starts_at"],
        "2027-05-20T18:30:00+02:00",
        "placed by hand, at the new hour"
    );
    assert!(app.mails().await.is_empty());

    let mut rule = tuesday();
    rule["at"] = json!("20:00");
    let again = json!({ "from": "2027-06", "rule": rule });
    let planned = app
        .post(&splits(&tuesdays, "?dry_run=true&include_published=true"))
        .json(&again)
        .expect(200)
        .await
        .json();
    assert!(plan(&planned).iter().any(|line| line.starts_with("notify 2027-06")), "{planned}");
    app.post(&splits(&tuesdays, "?include_published=true")).json(&again).expect(201).await;
    let moved = crate::events::read(&app, &june).await;
    assert_eq!(moved["starts_at"], "2027-06-15T20:00:00+02:00");
    for name in ["id", "uid", "slug"] {
        assert_eq!(moved[name], june[name], "{name}");
    }
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["bob@membres.example", "eve@membres.example"]);
    assert_eq!(answer_token(only(&mails, "bob@membres.example")), token);
    assert_eq!(answer_by_link(&app, &token, json!({ "answer": "yes" })).await.json()["seat"], "confirmed");
    app.check_counters().await;
}

#[tokio::test]
async fn a_split_that_would_lose_a_published_evening_names_it() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    published(&app, "2027-06-10", "none").await;
    let before = everything(&app).await;
    let body = json!({ "from": "2027-05", "skips": ["06", "07", "08"] });
    let answer = app.post(&splits(&thursdays, "")).json(&body).send().await;
    refused(&answer, 409);
    assert!(answer.text().contains("Discussion"), "{}", answer.text());
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn a_split_lies_within_the_series() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({ "until": "2027-06" })).await;
    let before = everything(&app).await;
    for from in ["2026-11", "2026-12", "2027-07"] {
        invalid(&app.post(&splits(&thursdays, "")).json(&json!({ "from": from })).send().await, &["/from"]);
    }
    invalid(
        &app.post(&splits(&thursdays, "")).json(&json!({ "from": "2027-05-01" })).wrong().send().await,
        &["/from"],
    );
    invalid(
        &app.post(&splits(&thursdays, "")).json(&json!({ "title": "Sans mois" })).wrong().send().await,
        &["/from"],
    );
    assert_eq!(everything(&app).await, before);
    let unknown = "/api/v1/series/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99/splits";
    refused(&app.post(unknown).json(&json!({ "from": "2027-05" })).send().await, 404);
}

#[tokio::test]
async fn a_date_deleted_by_hand_stays_deleted_in_the_new_series() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    app.delete(&crate::events::path(&on(&app, "2027-09-09").await)).expect(204).await;
    app.post(&splits(&thursdays, ""))
        .json(&json!({ "from": "2027-05", "rule": tuesday(), "moves": {} }))
        .expect(201)
        .await;
    app.work().await;
    assert!(!days(&app).await.iter().any(|day| day.starts_with("2027-09")), "{:?}", days(&app).await);
}

#[tokio::test]
async fn an_evening_that_goes_over_to_the_new_series_is_another_version_of_itself() {
    let app = TestApp::start().await;
    let thursdays = series(&app, json!({})).await;
    let (april, june) = (on(&app, "2027-04-08").await, on(&app, "2027-06-10").await);
    let version = async |event: &Value| app.get(&crate::events::path(event)).expect(200).await.etag();
    let before = [version(&april).await, version(&june).await];
    app.post(&splits(&thursdays, "")).json(&json!({ "from": "2027-05" })).expect(201).await;
    assert_ne!(on(&app, "2027-06-10").await["series_id"], june["series_id"]);
    assert_ne!(version(&june).await, before[1]);
    assert_eq!(version(&april).await, before[0], "it stays where it was");
}
