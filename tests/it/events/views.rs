use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

use super::{discussion, path, read};
use crate::asserts::{each, everything, invalid, items, people, pointers, refused, yes};

#[tokio::test]
async fn a_change_needs_the_version_that_was_read() {
    let app = TestApp::start().await;
    let event = discussion(&app, "2027-02-11", json!({})).await;
    let first = app.get(&path(&event)).expect(200).await.etag();
    let title = json!({ "title": "Un autre titre" });
    refused(&app.patch(&path(&event)).json(&title).wrong().send().await, 428);
    let changed = app.patch(&path(&event)).if_match(&first).json(&title).expect(200).await;
    assert_ne!(changed.etag(), first);
    assert_eq!(app.get(&path(&event)).expect(200).await.etag(), changed.etag());
    let before = everything(&app).await;
    refused(
        &app.patch(&path(&event)).if_match(&first).json(&json!({ "title": "Un troisième" })).send().await,
        412,
    );
    refused(&app.patch(&path(&event)).if_match("nonsense").json(&title).send().await, 412);
    assert_eq!(everything(&app).await, before);
    let same = app.patch(&path(&event)).if_match(&changed.etag()).json(&title).expect(200).await;
    assert_eq!(same.etag(), changed.etag(), "what changes nothing is no change");
    assert_eq!(everything(&app).await, before);
    app.patch(&path(&event)).if_match("*").json(&json!({ "title": "Un troisième" })).expect(200).await;
}

#[tokio::test]
async fn of_two_changes_at_once_upon_one_version_one_is_made() {
    let app = TestApp::start().await;
    let event = discussion(&app, "2027-02-11", json!({})).await;
    let etag = app.get(&path(&event)).expect(200).await.etag();
    let tasks: Vec<_> = (0..8)
        .map(|at| {
            let change = json!({ "title": format!("Titre {at}") });
            tokio::spawn(app.patch(&path(&event)).if_match(&etag).json(&change).send())
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.expect("the request ends").status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn an_answer_does_not_change_the_version_of_the_evening() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "none").await;
    let etag = app.get(&path(&event)).expect(200).await.etag();
    yes(&app, &event, &bob).await;
    assert_eq!(app.get(&path(&event)).expect(200).await.etag(), etag);
    assert_eq!(app.seats(&event).await["confirmed"], 1);
}

#[tokio::test]
async fn unknown_fields_and_wrong_types_are_named_and_change_nothing() {
    let app = TestApp::start().await;
    let event = discussion(&app, "2027-02-11", json!({})).await;
    let etag = app.get(&path(&event)).expect(200).await.etag();
    let before = everything(&app).await;
    for (body, expected) in [
        (json!({ "colour": "red" }), "/colour"),
        (json!({ "id": "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a01" }), "/id"),
        (json!({ "slug": "autre" }), "/slug"),
        (json!({ "title": 7 }), "/title"),
        (json!({ "title": "" }), "/title"),
        (json!({ "title": "x".repeat(201) }), "/title"),
        (json!({ "capacity": "12" }), "/capacity"),
        (json!({ "capacity": -1 }), "/capacity"),
        (json!({ "capacity": 1.5 }), "/capacity"),
        (json!({ "members_only": "yes" }), "/members_only"),
        (json!({ "members_only": null }), "/members_only"),
        (json!({ "language": "de" }), "/language"),
        (json!({ "online_url": "javascript:alert(1)" }), "/online_url"),
        (json!({ "max_guests": 21 }), "/max_guests"),
        (json!({ "address_for": "everybody" }), "/address_for"),
        (json!({ "subjects": ["bon", 7] }), "/subjects/1"),
        (json!({ "subjects": "un seul" }), "/subjects"),
        (json!({ "venue_id": "nine" }), "/venue_id"),
    ] {
        let answer = app.patch(&path(&event)).if_match(&etag).json(&body).wrong().send().await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert_eq!(pointers(&answer), [expected], "{body}: {}", answer.text());
    }
    let several = json!({ "title": 7, "capacity": "12", "colour": "red" });
    let answer = app.patch(&path(&event)).if_match(&etag).json(&several).wrong().send().await;
    assert_eq!(pointers(&answer), ["/capacity", "/colour", "/title"], "all mistakes at once");
    let french =
        app.patch(&path(&event)).if_match(&etag).header("accept-language", "fr").json(&several).wrong();
    let english =
        app.patch(&path(&event)).if_match(&etag).header("accept-language", "en").json(&several).wrong();
    assert_ne!(french.send().await.json()["detail"], english.send().await.json()["detail"]);
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn null_clears_and_what_is_left_out_stays() {
    let app = TestApp::start().await;
    let with = json!({
        "summary": "Un résumé.", "capacity": 12, "max_guests": 2, "online_url": "https://visio.example/x",
        "deadline": "2027-02-10T12:00", "opens_at": "2027-01-10T12:00", "language": "en"
    });
    let event = discussion(&app, "2027-02-11", with).await;
    assert_eq!(event["area"], "69001 Lyon");
    let cleared =
        ["summary", "capacity", "online_url", "deadline", "opens_at", "format", "title", "venue_id"];
    let nulls: Value = cleared
        .iter()
        .map(|name| ((*name).to_owned(), json!(null)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let changed = app.edit(&event, nulls).await.json();
    for name in cleared.iter().chain(&["venue", "address", "area", "access_notes"]) {
        assert_eq!(changed[name], json!(null), "{name}");
    }
    for name in ["max_guests", "language", "starts_at", "ends_at", "uid", "members_only"] {
        assert_eq!(changed[name], event[name], "{name}");
    }
}

#[tokio::test]
async fn a_venue_is_meant_by_its_id_or_by_its_name_and_address() {
    let app = TestApp::start().await;
    let first = discussion(&app, "2027-02-11", json!({})).await;
    let second = discussion(&app, "2027-03-11", json!({})).await;
    assert_eq!(first["venue_id"], second["venue_id"], "the same room is not made twice");
    assert_eq!(first["area"], "69001 Lyon");
    let room = app
        .create(
            "/api/v1/venues",
            json!({ "name": "Part-Dieu Cloud", "address": "45 rue de la Villette, 69003 Lyon" }),
        )
        .await;
    let moved = app.edit(&first, json!({ "venue_id": room["id"] })).await.json();
    assert_eq!((&moved["venue"], &moved["area"]), (&json!("Part-Dieu Cloud"), &json!("69003 Lyon")));
    let back = app
        .edit(&first, json!({ "venue": "Canut Studio", "address": "8 place des Terreaux, 69001 Lyon" }))
        .await
        .json();
    assert_eq!(back["venue_id"], second["venue_id"]);
    let nowhere = json!({ "venue_id": "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99" });
    invalid(&app.edit(&first, nowhere).await, &["/venue_id"]);
    assert_eq!(items(&app, "/api/v1/venues").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn strangers_see_the_programme_and_not_the_address() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let private = json!({
        "online_url": "https://visio.example/secret",
        "speakers": [{ "member_id": ana["id"] }, { "name": "Ada Martin", "email": "ada@invitee.example" }]
    });
    let event = app.retex(&ana, private).await;
    let notes = json!({ "access_notes": "Code 4217B, deuxième étage." });
    app.patch(&format!("/api/v1/venues/{}", event["venue_id"].as_str().unwrap()))
        .if_match("*")
        .json(&notes)
        .expect(200)
        .await;
    assert_eq!(read(&app, &event).await["access_notes"], notes["access_notes"]);
    refused(&app.client.get(&path(&event)).send().await, 404);
    app.publish(&event, "none").await;
    let held = discussion(&app, "2027-02-11", json!({ "stage": "held" })).await;
    let draft = discussion(&app, "2027-03-11", json!({ "stage": "draft" })).await;
    for hidden in [&held, &draft] {
        refused(&app.client.get(&path(hidden)).send().await, 404);
    }
    let seen = app.client.get(&path(&event)).expect(200).await;
    let text = seen.text();
    for secret in [
        "rue",
        "quai",
        "4217B",
        "secret",
        "invitee.example",
        "membres.example",
        "member_id",
        "own_fields",
        "missing",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let seen = seen.json();
    assert_eq!(seen["speakers"], json!([{ "name": "Ana Durand" }, { "name": "Ada Martin" }]));
    assert_eq!((&seen["venue"], &seen["area"]), (&json!("Confluence Data"), &json!("69002 Lyon")));
    let list = app.client.get("/api/v1/events").expect(200).await.json();
    assert_eq!(each(&list["items"], "id"), [id(&event)]);
    assert_eq!(list["items"][0], seen);
    assert_eq!(read(&app, &event).await["address"], "12 quai Rambaud, 69002 Lyon");
    refused(&app.client.get("/api/v1/events?stage=draft").token("mensuel_nothing").send().await, 401);
    assert_eq!(app.client.get("/api/v1/events?stage=draft").expect(200).await.json()["items"], json!([]));
}

#[tokio::test]
async fn of_a_members_only_evening_strangers_see_the_date() {
    let app = TestApp::start().await;
    let event =
        discussion(&app, "2027-02-11", json!({ "members_only": true, "summary": "Entre nous." })).await;
    app.publish(&event, "none").await;
    let expected = json!({
        "id": event["id"], "stage": "published", "starts_at": "2027-02-11T19:00:00+01:00",
        "ends_at": "2027-02-11T21:30:00+01:00", "time_zone": "Europe/Paris", "members_only": true
    });
    assert_eq!(app.client.get(&path(&event)).expect(200).await.json(), expected);
    assert_eq!(app.client.get("/api/v1/events").expect(200).await.json()["items"], json!([expected]));
    let by_format = app.client.get("/api/v1/events?format=open_discussion").expect(200).await.json();
    assert_eq!(by_format["items"], json!([]), "a filter does not tell what is hidden");
}

#[tokio::test]
async fn strangers_still_see_what_was_cancelled() {
    let app = TestApp::start().await;
    let event = discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&event, "none").await;
    app.put(&format!("{}/cancellation", path(&event)))
        .json(&json!({ "reason": "Travaux." }))
        .expect(200)
        .await;
    let seen = app.client.get(&path(&event)).expect(200).await.json();
    assert_eq!((&seen["stage"], &seen["cancellation_reason"]), (&json!("cancelled"), &json!("Travaux.")));
}
