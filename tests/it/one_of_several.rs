//! One evening of several cannot be read: the others get what is due.

use mensuel::worker::until_idle;
use mensuel_tests::TestApp;
use serde_json::{Value, json};

use crate::{
    asserts::{each, on_behalf, people, recipients, yes},
    events::{discussion, path},
    scene::execute,
};

async fn set(app: &TestApp, sql: &str, event: &Value) {
    // An id is not text in each database.
    let title = event["title"].as_str().expect("a title");
    execute(app, &format!("{sql} where event_id in (select id from events where title = '{title}')")).await;
}

#[tokio::test]
async fn a_wave_goes_beside_an_evening_whose_waves_cannot_be_read() {
    let app = TestApp::start().await;
    let [ana, _bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    // Ana had no seat last time, so she is in the first wave and Bob in the second.
    let before = discussion(&app, "2026-12-10", json!({ "capacity": 1 })).await;
    app.publish(&before, "none").await;
    let [eve] = people(&app, &["Eve"]).await.try_into().unwrap();
    yes(&app, &before, &eve).await;
    yes(&app, &before, &ana).await;
    app.advance_to("2026-12-11T09:00:00Z".parse().unwrap()).await;
    let plan = json!({ "invite": "plan", "plan": { "every_hours": 48 } });
    let mut planned = Vec::new();
    for day in ["2027-01-14", "2027-01-21"] {
        let event = discussion(&app, day, json!({ "capacity": 4 })).await;
        app.put(&format!("{}/publication", path(&event))).json(&plan).expect(200).await;
        planned.push(event);
    }
    app.mails().await;
    set(&app, "update invitation_rounds set audience = 'nonsense'", &planned[0]).await;
    app.clock.set("2026-12-13T09:00:00Z".parse().unwrap());
    assert!(until_idle(&app.app).await.is_err(), "it is told");
    let waves = app.get(&format!("{}/waves", path(&planned[1]))).expect(200).await.json();
    assert_eq!(each(&waves["waves"], "state"), ["sent", "sent", "planned"]);
    set(&app, "update invitation_rounds set audience = 'wave:1'", &planned[0]).await;
    assert_eq!(recipients(&app.mails().await), ["bob@membres.example", "bob@membres.example"]);
}

#[tokio::test]
async fn a_line_is_served_beside_an_evening_whose_line_cannot_be_read() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    app.clock.set("2027-01-13T11:00:00Z".parse().unwrap());
    let mut full = Vec::new();
    for hour in ["18:00", "19:00"] {
        let with =
            json!({ "capacity": 1, "title": format!("À {hour}"), "starts_at": format!("2027-01-14T{hour}") });
        let event = discussion(&app, "2027-01-14", with).await;
        app.publish(&event, "none").await;
        for member in [&ana, &bob, &eve] {
            yes(&app, &event, member).await;
        }
        on_behalf(&app, &event, &ana, json!({ "answer": "no" })).await;
        assert_eq!(seat(&app, &event, &bob).await, "offered");
        full.push(event);
    }
    app.mails().await;
    set(&app, "update rsvps set number = null", &full[0]).await;
    // The offers end.
    app.clock.set("2027-01-14T10:00:00Z".parse().unwrap());
    assert!(until_idle(&app.app).await.is_err(), "it is told");
    assert_eq!(seat(&app, &full[1], &bob).await, "waitlisted");
    assert_ne!(seat(&app, &full[1], &eve).await, "waitlisted");
}

async fn seat(app: &TestApp, event: &Value, member: &Value) -> Value {
    let roster = crate::scene::roster(app, event).await;
    let line = roster.iter().find(|line| line["member_id"] == member["id"]).expect("they answered");
    line["seat"].clone()
}
