use mensuel_tests::{TestApp, app::ORGANIZER};
use serde_json::{Value, json};

use super::{changed, path};
use crate::asserts::{
    answer_by_link, answer_token, each, items, on_behalf, only, people, recipients, refused, yes,
};

/// A published retex of two places with Bob and Eve seated, and Ida and Zoe waiting.
async fn full_house(app: &TestApp) -> (Value, Vec<Value>, String) {
    let all = people(app, &["Ana", "Bob", "Eve", "Ida", "Zoe"]).await;
    let event = app.retex(&all[0], json!({})).await;
    app.publish(&event, "followers").await;
    let token = answer_token(only(&app.mails().await, "bob@membres.example"));
    for member in &all[1..] {
        yes(app, &event, member).await;
    }
    app.mails().await;
    (event, all, token)
}

/// Name and seat of each answer, those who wait in their order.
async fn seats_of(app: &TestApp, event: &Value) -> Vec<(String, String)> {
    let roster = items(app, &format!("{}/rsvps", crate::events::path(event))).await;
    let names = each(&roster, "name").into_iter().map(|name| name.replace(" Durand", ""));
    let mut all: Vec<(String, String)> = names.zip(each(&roster, "seat")).collect();
    // The order of those who sit tells nothing.
    all.sort_by_key(|(name, seat)| {
        (seat == "waitlisted", if seat == "waitlisted" { String::new() } else { name.clone() })
    });
    all
}

fn line(name: &str, seat: &str) -> (String, String) {
    (name.to_owned(), seat.to_owned())
}

#[tokio::test]
async fn who_leaves_frees_the_seat_and_the_first_of_the_line_is_told() {
    let app = TestApp::start().await;
    let (event, all, token) = full_house(&app).await;
    assert_eq!(changed(&app, &all[1], json!({ "status": "left" })).await["status"], "left");
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["ida@membres.example"]);
    assert_eq!(
        seats_of(&app, &event).await,
        [line("Eve", "confirmed"), line("Ida", "confirmed"), line("Zoe", "waitlisted")]
    );
    refused(&app.client.get(&format!("/api/v1/rsvps/{token}")).send().await, 410);
    refused(&answer_by_link(&app, &token, json!({ "answer": "yes" })).await, 410);
    let for_bob = format!("{}/rsvps/{}", crate::events::path(&event), all[1]["id"].as_str().unwrap());
    refused(&app.put(&for_bob).json(&json!({ "answer": "yes" })).send().await, 409);
    app.check_counters().await;

    changed(&app, &all[1], json!({ "status": "active" })).await;
    assert_eq!(
        answer_by_link(&app, &token, json!({ "answer": "yes" })).await.json()["place_in_line"],
        2,
        "back at the end of the line"
    );
}

#[tokio::test]
async fn who_pauses_keeps_the_seat_and_gets_no_invitation() {
    let app = TestApp::start().await;
    let (event, all, token) = full_house(&app).await;
    changed(&app, &all[1], json!({ "status": "paused" })).await;
    assert!(app.mails().await.is_empty());
    assert_eq!(seats_of(&app, &event).await[0], line("Bob", "confirmed"));
    assert_eq!(
        app.client.get(&format!("/api/v1/rsvps/{token}")).expect(200).await.json()["seat"],
        "confirmed"
    );
    let next = app.retex(&all[0], json!({ "starts_at": "2027-02-11T19:00" })).await;
    app.publish(&next, "followers").await;
    let told = recipients(&app.mails().await);
    assert!(!told.contains(&"bob@membres.example".to_owned()), "{told:?}");
    assert_eq!(told.len(), 4);
}

#[tokio::test]
async fn who_is_erased_is_forgotten_everywhere() {
    let app = TestApp::start().await;
    let (event, all, token) = full_house(&app).await;
    let scribe = json!({ "scribe": { "member_id": all[4]["id"] } });
    let past = app.retex(&all[1], json!({ "starts_at": "2026-12-03T19:00", "title": "Histoire", "scribe": { "member_id": all[2]["id"] } })).await;
    app.publish(&past, "none").await;
    assert_eq!(app.edit(&event, scribe).await.status, 200);
    app.clock.set("2026-12-05T09:00:00Z".parse().unwrap());
    app.mails().await;

    app.delete(&path(&all[1])).expect(204).await;
    refused(&app.get(&path(&all[1])).send().await, 404);
    refused(&app.delete(&path(&all[1])).send().await, 404);
    refused(&app.client.get(&format!("/api/v1/rsvps/{token}")).send().await, 410);
    assert_eq!(recipients(&app.mails().await), ["ida@membres.example"]);
    assert!(!seats_of(&app, &event).await.iter().any(|(name, _)| name == "Bob"));
    let history = crate::events::read(&app, &past).await;
    assert_eq!(
        history["speakers"],
        json!([{ "former_member": true }]),
        "the record says that somebody spoke"
    );
    assert_eq!(history["scribe"]["name"], "Eve Durand");
    let everything = crate::asserts::everything(&app).await.to_string();
    assert!(!everything.contains("bob@") && !everything.contains("Bob"), "{everything}");
    app.check_counters().await;
    app.member("Bob Durand", "bob@membres.example", json!({})).await;
}

#[tokio::test]
async fn when_the_last_speaker_goes_the_role_is_vacant_and_the_organizers_are_told() {
    let app = TestApp::start().await;
    for goes in ["left", "erased"] {
        let ana = app.member("Ana Durand", &format!("ana-{goes}@x.example"), json!({})).await;
        let bob = app.member("Bob Durand", &format!("bob-{goes}@x.example"), json!({})).await;
        let both = json!({ "speakers": [{ "member_id": ana["id"] }, { "member_id": bob["id"] }] });
        let event = app.retex(&ana, both).await;
        app.publish(&event, "none").await;
        app.mails().await;
        changed(&app, &bob, json!({ "status": "left" })).await;
        assert!(app.mails().await.is_empty(), "one of two is no vacancy");
        match goes {
            "left" => drop(changed(&app, &ana, json!({ "status": "left" })).await),
            _ => drop(app.delete(&path(&ana)).expect(204).await),
        }
        let shown = crate::events::read(&app, &event).await;
        assert_eq!(
            (&shown["stage"], &shown["speakers"]),
            (&json!("published"), &json!([{ "vacant": true }]))
        );
        let mails = app.mails().await;
        let told: Vec<&str> = mails.iter().map(|mail| mail.to()).collect();
        assert_eq!(told, [ORGANIZER]);
        let stranger = app.client.get(&crate::events::path(&event)).expect(200).await.json();
        assert_eq!(stranger["speakers"], json!([{ "vacant": true }]));

        let reworded = app.edit(&event, json!({ "summary": "Encore à annoncer." })).await;
        assert_eq!(reworded.status, 200, "other things may still be changed: {}", reworded.text());
        let filled = app.edit(&event, json!({ "speakers": [{ "name": "Ada Martin" }] })).await.json();
        assert_eq!(filled["speakers"], json!([{ "name": "Ada Martin" }]));
    }
}

#[tokio::test]
async fn a_draft_loses_who_leaves_and_lacks_a_speaker_again() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let draft = app.retex(&ana, json!({})).await;
    changed(&app, &ana, json!({ "status": "left" })).await;
    let draft = crate::events::read(&app, &draft).await;
    assert_eq!(draft["speakers"], json!([]));
    assert_eq!(each(&draft["missing"], "pointer"), ["/speakers"]);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_no_of_the_programme_is_told_to_the_organizers_and_changes_no_programme() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "none").await;
    app.mails().await;
    on_behalf(&app, &event, &ana, json!({ "answer": "no" })).await;
    let mails = app.mails().await;
    assert!(mails.iter().any(|mail| mail.to() == ORGANIZER), "{}", app.mailbox.digest());
    assert_eq!(crate::events::read(&app, &event).await["speakers"][0]["member_id"], ana["id"]);
}
