use mensuel_tests::TestApp;
use serde_json::{Value, json};

use super::{discussion, path, read};
use crate::asserts::{everything, invalid};

async fn starts(app: &TestApp, body: Value) -> String {
    app.create("/api/v1/events", body).await["starts_at"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_time_is_on_the_wall_or_with_the_offset_in_force_there() {
    let app = TestApp::start().await;
    let paris = |at: &str| json!({ "starts_at": at, "time_zone": "Europe/Paris" });
    assert_eq!(starts(&app, paris("2027-01-14T19:00")).await, "2027-01-14T19:00:00+01:00");
    assert_eq!(starts(&app, paris("2027-01-14T19:00:00+01:00")).await, "2027-01-14T19:00:00+01:00");
    assert_eq!(starts(&app, paris("2027-06-10T19:00")).await, "2027-06-10T19:00:00+02:00");
    let montreal =
        json!({ "starts_at": "2027-06-10T18:30", "time_zone": "America/Montreal", "duration": "PT90M" });
    assert_eq!(starts(&app, montreal).await, "2027-06-10T18:30:00-04:00");

    let before = everything(&app).await;
    invalid(
        &app.post("/api/v1/events").json(&paris("2027-01-14T19:00:00+02:00")).send().await,
        &["/starts_at"],
    );
    invalid(&app.post("/api/v1/events").json(&paris("2027-06-10T17:00:00Z")).send().await, &["/starts_at"]);
    invalid(
        &app.post("/api/v1/events").json(&json!({ "starts_at": "2027-01-14T19:00" })).send().await,
        &["/time_zone"],
    );
    let nowhere = json!({ "starts_at": "2027-01-14T19:00", "time_zone": "Europe/Lugdunum" });
    invalid(&app.post("/api/v1/events").json(&nowhere).send().await, &["/time_zone"]);
    let end = json!({ "starts_at": "2027-01-14T19:00", "ends_at": "2027-01-14T21:00:00+03:00", "time_zone": "Europe/Paris" });
    invalid(&app.post("/api/v1/events").json(&end).send().await, &["/ends_at"]);
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn an_hour_that_does_not_exist_is_refused_and_one_that_comes_twice_is_the_first() {
    let app = TestApp::start().await;
    let gap = json!({ "starts_at": "2027-03-28T02:30", "time_zone": "Europe/Paris" });
    let answer = app.post("/api/v1/events").json(&gap).send().await;
    invalid(&answer, &["/starts_at"]);
    let fold = json!({ "starts_at": "2027-10-31T02:30", "time_zone": "Europe/Paris", "duration": "PT2H" });
    let event = app.create("/api/v1/events", fold).await;
    assert_eq!(event["starts_at"], "2027-10-31T02:30:00+02:00");
    assert_eq!(event["ends_at"], "2027-10-31T03:30:00+01:00", "two hours of real time");
}

#[tokio::test]
async fn an_end_comes_after_the_start_within_a_day_and_not_beside_a_length() {
    let app = TestApp::start().await;
    let with = |name: &str, value: &str| json!({ "starts_at": "2027-01-14T19:00", "time_zone": "Europe/Paris", name: value });
    let before = everything(&app).await;
    for (name, value) in
        [("ends_at", "2027-01-14T19:00"), ("ends_at", "2027-01-14T18:00"), ("ends_at", "2027-01-16T19:00")]
    {
        invalid(&app.post("/api/v1/events").json(&with(name, value)).send().await, &["/ends_at"]);
    }
    for wrong in ["PT0M", "2 hours", "PT25H", "P1D", "-PT2H"] {
        invalid(
            &app.post("/api/v1/events").json(&with("duration", wrong)).wrong().send().await,
            &["/duration"],
        );
    }
    let mut both = with("ends_at", "2027-01-14T21:00");
    both["duration"] = json!("PT2H");
    let answer = app.post("/api/v1/events").json(&both).wrong().expect(422).await;
    assert!(answer.text().contains("/duration"), "{}", answer.text());
    invalid(
        &app.post("/api/v1/events").json(&json!({ "title": "Sans date" })).wrong().send().await,
        &["/starts_at"],
    );
    invalid(
        &app.post("/api/v1/events").json(&with("starts_at", "jeudi")).wrong().send().await,
        &["/starts_at"],
    );
    assert_eq!(everything(&app).await, before);
    assert_eq!(starts(&app, with("duration", "PT90M")).await, "2027-01-14T19:00:00+01:00");
}

#[tokio::test]
async fn a_new_start_keeps_the_length_and_takes_the_deadline_along() {
    let app = TestApp::start().await;
    let event =
        discussion(&app, "2027-03-25", json!({ "duration": "PT3H", "deadline": "2027-03-24T12:00" })).await;
    let moved = app.edit(&event, json!({ "starts_at": "2027-04-01T20:00" })).await.json();
    assert_eq!(moved["starts_at"], "2027-04-01T20:00:00+02:00");
    assert_eq!(moved["ends_at"], "2027-04-01T23:00:00+02:00");
    assert_eq!(
        instant(&moved["deadline"]),
        instant(&json!("2027-03-31T13:00:00+02:00")),
        "a week and an hour later"
    );
    let longer = app.edit(&event, json!({ "duration": "PT4H" })).await.json();
    assert_eq!(longer["ends_at"], "2027-04-02T00:00:00+02:00");
    let elsewhere = app.edit(&event, json!({ "time_zone": "Europe/London" })).await.json();
    assert_eq!(elsewhere["starts_at"], "2027-04-01T20:00:00+01:00", "the wall time is kept");

    for (change, pointer) in [
        (json!({ "deadline": "2027-04-03T12:00" }), "/deadline"),
        (json!({ "opens_at": "2027-04-03T12:00" }), "/opens_at"),
    ] {
        let before = read(&app, &event).await;
        invalid(&app.edit(&event, change).await, &[pointer]);
        assert_eq!(read(&app, &event).await, before);
    }
    let cleared = app.edit(&event, json!({ "deadline": null })).await.json();
    assert_eq!(cleared["deadline"], json!(null));
    assert!(app.get(&path(&event)).expect(200).await.etag().starts_with('"'));
}

fn instant(value: &Value) -> chrono::DateTime<chrono::Utc> {
    value.as_str().expect("an instant").parse().expect("RFC 3339")
}

#[tokio::test]
async fn an_evening_that_ends_in_the_second_pass_of_a_fold_keeps_its_length() {
    let app = TestApp::start().await;
    let speaker = app.member("Ana Durand", "ana@membres.example", json!({})).await;
    let night = json!({ "starts_at": "2027-10-31T01:00", "duration": "PT2H30M" });
    let event = app.retex(&speaker, night).await;
    assert_eq!(event["ends_at"], "2027-10-31T02:30:00+01:00");
    app.publish(&event, "none").await;
    let before = everything(&app).await;
    assert_eq!(mensuel::use_cases::events::derive_instants(&app.app).await.unwrap(), 0);
    assert_eq!(everything(&app).await, before);
}
