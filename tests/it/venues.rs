//! Venues through the JSON API.

use mensuel_tests::{TestApp, app::id};
use serde_json::json;

use crate::{
    asserts::{each, everything, invalid, items, pages, people, recipients, refused, yes},
    events::{discussion, read},
};

fn path(venue: &serde_json::Value) -> String {
    format!("/api/v1/venues/{}", id(venue))
}

#[tokio::test]
async fn there_is_one_venue_of_each_name_and_address() {
    let app = TestApp::start().await;
    let body = json!({ "name": "Confluence Data", "address": "12 quai Rambaud, 69002 Lyon" });
    let made = app.post("/api/v1/venues").json(&body).expect(201).await;
    let venue = made.json();
    assert_eq!(venue["area"], "69002 Lyon", "postcode and town out of the address");
    assert_eq!(app.get(made.header("location").unwrap()).expect(200).await.json(), venue);
    refused(&app.post("/api/v1/venues").json(&body).send().await, 409);
    let other =
        json!({ "name": "Confluence Data", "address": "1 place Bellecour, 69002 Lyon", "area": "Lyon" });
    assert_eq!(app.create("/api/v1/venues", other).await["area"], "Lyon");
    app.create("/api/v1/venues", json!({ "name": "Ailleurs" })).await;
    assert_eq!(
        each(&items(&app, "/api/v1/venues").await, "name"),
        ["Ailleurs", "Confluence Data", "Confluence Data"]
    );
    assert_eq!(pages(&app, "/api/v1/venues", 1).await.len(), 3);

    let second = items(&app, "/api/v1/venues").await[2].clone();
    let etag = app.get(&path(&second)).expect(200).await.etag();
    let taken = if second["id"] == venue["id"] {
        "1 place Bellecour, 69002 Lyon"
    } else {
        "12 quai Rambaud, 69002 Lyon"
    };
    refused(&app.patch(&path(&second)).if_match(&etag).json(&json!({ "address": taken })).send().await, 409);
}

#[tokio::test]
async fn a_change_of_a_venue_is_seen_by_all_its_evenings_and_is_no_move() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&event, "followers").await;
    yes(&app, &event, &ana).await;
    assert_eq!(recipients(&app.mails().await).len(), 2);
    let draft = discussion(&app, "2027-03-11", json!({})).await;
    let version =
        async |event: &serde_json::Value| app.get(&crate::events::path(event)).expect(200).await.etag();
    let versions = async || [version(&event).await, version(&draft).await];
    let before = versions().await;
    let venue = items(&app, "/api/v1/venues").await[0].clone();
    let etag = app.get(&path(&venue)).expect(200).await.etag();
    refused(&app.patch(&path(&venue)).json(&json!({ "name": "Autre" })).wrong().send().await, 428);
    let change = json!({ "name": "Canut Atelier", "access_notes": "Sonner à l'interphone.", "area": null });
    let changed = app.patch(&path(&venue)).if_match(&etag).json(&change).expect(200).await;
    assert_eq!((&changed.json()["area"], &changed.json()["address"]), (&json!(null), &venue["address"]));
    refused(&app.patch(&path(&venue)).if_match(&etag).json(&change).send().await, 412);
    let shown = read(&app, &event).await;
    assert_eq!(
        (&shown["venue"], &shown["access_notes"]),
        (&json!("Canut Atelier"), &json!("Sonner à l'interphone."))
    );
    assert!(app.mails().await.is_empty());
    let after = versions().await;
    assert!(before[0] != after[0] && before[1] != after[1], "what shows the venue has another version");
}

#[tokio::test]
async fn what_is_no_venue_is_refused_by_field() {
    let app = TestApp::start().await;
    let before = everything(&app).await;
    for (body, pointer) in [
        (json!({}), "/name"),
        (json!({ "name": "" }), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "name": "a\u{202e}b" }), "/name"),
        (json!({ "name": "A", "address": "x".repeat(301) }), "/address"),
        (json!({ "name": "A", "floor": 2 }), "/floor"),
    ] {
        invalid(&app.post("/api/v1/venues").json(&body).wrong().send().await, &[pointer]);
    }
    assert_eq!(everything(&app).await, before);
    let unknown = "/api/v1/venues/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99";
    refused(&app.get(unknown).send().await, 404);
    refused(&app.patch(unknown).if_match("*").json(&json!({ "name": "A" })).send().await, 404);
}

#[tokio::test]
async fn another_address_moves_the_evenings_to_come_and_is_told() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = discussion(&app, "2027-02-11", json!({ "address": "12 quai Rambaud, 69002 Lyon" })).await;
    app.publish(&event, "followers").await;
    yes(&app, &event, &ana).await;
    app.mails().await;
    let venue = items(&app, "/api/v1/venues").await[0].clone();
    let change = async |body: serde_json::Value| {
        let etag = app.get(&path(&venue)).expect(200).await.etag();
        app.patch(&path(&venue)).if_match(&etag).json(&body).expect(200).await;
    };
    let sequence = read(&app, &event).await["sequence"].as_u64().unwrap();
    change(json!({ "address": "12, quai Rambaud, 69002 Lyon", "correction": true })).await;
    assert!(app.mails().await.is_empty(), "it is written better");
    change(json!({ "address": "8 rue de la Barre, 69002 Lyon" })).await;
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["ana@membres.example", "bob@membres.example"]);
    let told = crate::asserts::only(&mails, "ana@membres.example");
    assert!(told.subject().starts_with("Nouveau lieu"), "{}", told.subject());
    assert!(told.text().contains("8 rue de la Barre"), "{}", told.text());
    let line = items(&app, &format!("/api/v1/events/{}/rsvps", id(&event))).await[0].clone();
    assert_eq!((&line["seat"], &line["before_move"]), (&json!("confirmed"), &json!(true)));
    assert_eq!(read(&app, &event).await["sequence"], sequence + 2);
}

#[tokio::test]
async fn names_are_ordered_by_their_bytes_whatever_the_locale() {
    let app = TestApp::start().await;
    for name in ["Œuvre", "Jean’s", "Zèbre", "Jean-Noël", "Łukasz", "Jeanne"] {
        app.create("/api/v1/venues", json!({ "name": name })).await;
    }
    let expected = ["Jean-Noël", "Jeanne", "Jean’s", "Zèbre", "Łukasz", "Œuvre"];
    assert_eq!(each(&items(&app, "/api/v1/venues").await, "name"), expected);
    assert_eq!(each(&json!(pages(&app, "/api/v1/venues", 1).await), "name"), expected);
}
