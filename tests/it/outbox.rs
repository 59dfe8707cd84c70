//! Notifications as organizers see them: what became of each, why, and sending one again.

use chrono::TimeDelta;
use mensuel_tests::{
    TestApp,
    app::id,
    mailbox::{Behaviour, Reaction, Step},
};
use serde_json::{Value, json};

use crate::{
    asserts::{each, everything, invalid, items, pages, people, recipients, refused, yes},
    events::path,
    members::changed,
};

async fn outbox(app: &TestApp, state: &str) -> Vec<Value> {
    items(app, &format!("/api/v1/outbox?state={state}")).await.as_array().unwrap().clone()
}

async fn to(app: &TestApp, member: &Value) -> Value {
    let all = items(app, "/api/v1/outbox?limit=200").await;
    let theirs: Vec<&Value> =
        all.as_array().unwrap().iter().filter(|item| item["recipient"]["id"] == member["id"]).collect();
    assert_eq!(theirs.len(), 1, "{all}");
    theirs[0].clone()
}

#[tokio::test]
async fn a_notification_waits_and_is_sent_and_holds_ids_only() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    let queued = outbox(&app, "queued").await;
    assert_eq!(queued.len(), 3, "Ana, Bob and the organizer");
    for item in &queued {
        assert_eq!(
            (&item["kind"], &item["event_id"], &item["attempts"]),
            (&json!("invitation"), &event["id"], &json!(0))
        );
        assert_eq!((&item["recipient"]["kind"], &item["sent_at"]), (&json!("member"), &json!(null)));
    }
    assert!(!json!(queued).to_string().contains("example"), "no address: {queued:?}");
    app.mails().await;
    assert!(outbox(&app, "queued").await.is_empty());
    let sent = outbox(&app, "sent").await;
    assert_eq!(sent.len(), 3);
    assert!(
        sent.iter()
            .all(|item| item["attempts"] == 1 && item["sent_at"].is_string() && item["last_error"].is_null())
    );
    let invitations = items(&app, &format!("{}/invitations", path(&event))).await;
    assert_eq!(each(&invitations, "mail"), ["sent", "sent", "sent"]);
    for item in &sent {
        refused(&app.post(&format!("/api/v1/outbox/{}/retry", id(item))).send().await, 409);
    }
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn what_was_refused_for_good_can_be_sent_again() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.mailbox.script_for("bob@membres.example", Behaviour::at(Step::Rcpt, Reaction::Reply(554)));
    app.publish(&event, "followers").await;
    assert_eq!(recipients(&app.mails().await), ["ana@membres.example"], "the others are not held up");
    let failed = to(&app, &bob).await;
    assert_eq!((&failed["state"], &failed["attempts"]), (&json!("failed"), &json!(1)));
    assert!(failed["last_error"].as_str().unwrap().contains("554"), "{failed}");
    let retry = format!("/api/v1/outbox/{}/retry", id(&failed));
    assert_eq!(each(&json!(outbox(&app, "failed").await), "id"), [id(&failed)]);

    app.mailbox.behave();
    app.clock.advance(TimeDelta::hours(1));
    let queued = app.post(&retry).expect(200).await.json();
    assert_eq!((&queued["state"], &queued["id"]), (&json!("queued"), &failed["id"]));
    refused(&app.post(&retry).send().await, 409);
    assert_eq!(recipients(&app.mails().await), ["bob@membres.example"]);
    assert_eq!(to(&app, &bob).await["state"], "sent");
    assert!(each(&items(&app, "/api/v1/facts").await, "kind").contains(&"notice_retried".to_owned()));
}

#[tokio::test]
async fn what_the_relay_puts_off_is_tried_again_and_expires_after_two_days() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.mailbox.script_for("bob@membres.example", Behaviour::at(Step::Rcpt, Reaction::Reply(450)));
    app.publish(&event, "followers").await;
    app.mails().await;
    let waiting = to(&app, &bob).await;
    assert_eq!((&waiting["state"], &waiting["attempts"]), (&json!("queued"), &json!(1)));
    assert!(waiting["last_error"].as_str().unwrap().contains("450"), "{waiting}");
    assert!(waiting["due_at"].as_str() > waiting["created_at"].as_str());
    app.advance(TimeDelta::hours(2)).await;
    let attempts = to(&app, &bob).await["attempts"].as_u64().unwrap();
    assert!((2..=20).contains(&attempts), "{attempts} attempts in two hours");
    app.advance(TimeDelta::hours(47)).await;
    let expired = to(&app, &bob).await;
    assert_eq!(expired["state"], "expired", "{expired}");
    assert!(expired["last_error"].is_string());

    app.mailbox.behave();
    app.mails().await;
    app.post(&format!("/api/v1/outbox/{}/retry", id(&expired))).expect(200).await;
    assert_eq!(recipients(&app.mails().await), ["bob@membres.example"]);
}

#[tokio::test]
async fn what_is_no_longer_so_is_dropped() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    yes(&app, &event, &bob).await;
    changed(&app, &eve, json!({ "status": "paused" })).await;
    app.mails().await;
    let dropped = outbox(&app, "dropped").await;
    let mut whom = dropped
        .iter()
        .map(|item| (item["kind"].as_str().unwrap(), item["recipient"]["id"].clone()))
        .collect::<Vec<_>>();
    whom.sort_by_key(|(_, id)| id.to_string());
    let mut expected = vec![("invitation", bob["id"].clone()), ("invitation", eve["id"].clone())];
    expected.sort_by_key(|(_, id)| id.to_string());
    assert_eq!(whom, expected, "invited to what is answered already, and while paused");
    for item in &dropped {
        refused(&app.post(&format!("/api/v1/outbox/{}/retry", id(item))).send().await, 409);
    }
}

#[tokio::test]
async fn an_erased_persons_queue_is_empty() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    app.delete(&crate::members::path(&bob)).expect(204).await;
    assert!(!everything(&app).await["outbox"].to_string().contains(id(&bob)));
    assert_eq!(recipients(&app.mails().await), ["ana@membres.example"]);
}

#[tokio::test]
async fn the_outbox_is_listed_newest_first_page_by_page() {
    let app = TestApp::start().await;
    let all = people(&app, &["Ana", "Bob", "Eve", "Ida"]).await;
    for day in ["2027-01-14T19:00", "2027-02-11T19:00"] {
        let event = app.retex(&all[0], json!({ "starts_at": day })).await;
        app.publish(&event, "followers").await;
        app.clock.advance(TimeDelta::seconds(1));
    }
    let whole = items(&app, "/api/v1/outbox").await;
    assert_eq!(whole.as_array().unwrap().len(), 10);
    for limit in [1, 3, 10] {
        assert_eq!(each(&json!(pages(&app, "/api/v1/outbox", limit).await), "id"), each(&whole, "id"));
    }
    assert!(whole[0]["created_at"].as_str() > whole[9]["created_at"].as_str());
    invalid(&app.get("/api/v1/outbox?state=lost").wrong().send().await, &["/state"]);
    invalid(&app.get("/api/v1/outbox?cursor=x").wrong().send().await, &["/cursor"]);
    let unknown = "/api/v1/outbox/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99/retry";
    refused(&app.post(unknown).send().await, 404);
}
