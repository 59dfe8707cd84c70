//! The four formats as the JSON API lets them be planned: a wrong evening cannot be published.

use mensuel_tests::{Answer, TestApp, app::id};
use serde_json::{Value, json};

use crate::asserts::{everything, invalid, items, people, pointers};

fn evening(format: &str, with: Value) -> Value {
    let mut body = json!({
        "starts_at": "2027-02-11T19:00", "time_zone": "Europe/Paris", "format": format,
        "title": "Une soirée", "venue": "Atelier Brotteaux", "address": "3 cours Franklin-Roosevelt, 69006 Lyon"
    });
    for (key, value) in with.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

async fn draft(app: &TestApp, format: &str, with: Value) -> Value {
    app.create("/api/v1/events", evening(format, with)).await
}

async fn publish(app: &TestApp, event: &Value) -> Answer {
    app.put(&format!("/api/v1/events/{}/publication", id(event)))
        .json(&json!({ "invite": "none" }))
        .send()
        .await
}

/// Tries to publish: these fields are in the way, the evening says so beforehand, nothing changes.
async fn lacks(app: &TestApp, event: &Value, expected: &[&str]) {
    let shown = app.get(&format!("/api/v1/events/{}", id(event))).expect(200).await.json();
    let mut missing: Vec<&str> =
        shown["missing"].as_array().unwrap().iter().map(|m| m["pointer"].as_str().unwrap()).collect();
    missing.sort_unstable();
    assert_eq!(missing, expected, "what the evening says is missing");
    let before = everything(app).await;
    invalid(&publish(app, event).await, expected);
    assert_eq!(everything(app).await, before, "something changed though it was refused");
}

/// Tries a change: refused for these places, nothing changes.
async fn does_not_take(app: &TestApp, event: &Value, change: Value, expected: &[&str]) {
    let before = everything(app).await;
    invalid(&app.edit(event, change).await, expected);
    assert_eq!(everything(app).await, before, "something changed though it was refused");
}

/// Tries to plan an evening: refused for these places, nothing is made.
async fn cannot_be_planned(app: &TestApp, body: Value, expected: &[&str]) {
    let before = everything(app).await;
    invalid(&app.post("/api/v1/events").json(&body).send().await, expected);
    assert_eq!(everything(app).await, before, "something was made though it was refused");
}

async fn takes(app: &TestApp, event: &Value, change: Value) -> Value {
    let answer = app.edit(event, change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn member(person: &Value) -> Value {
    json!({ "member_id": person["id"] })
}

#[tokio::test]
async fn a_workshop_needs_a_facilitator_and_counted_places() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let workshop = draft(&app, "workshop", json!({ "prerequisites": "Un ordinateur." })).await;
    lacks(&app, &workshop, &["/capacity", "/facilitator"]).await;
    takes(&app, &workshop, json!({ "facilitator": member(&ana) })).await;
    lacks(&app, &workshop, &["/capacity"]).await;

    let zero = json!({ "capacity": 0 });
    let path = format!("/api/v1/events/{}", id(&workshop));
    let etag = app.get(&path).expect(200).await.etag();
    invalid(&app.patch(&path).if_match(&etag).json(&zero).wrong().send().await, &["/capacity"]);

    takes(&app, &workshop, json!({ "capacity": 16 })).await;
    let published = publish(&app, &workshop).await.json();
    assert_eq!(published["stage"], "published");
    assert_eq!(published["missing"], json!([]));
    does_not_take(&app, &workshop, json!({ "capacity": null }), &["/capacity"]).await;
    does_not_take(&app, &workshop, json!({ "facilitator": null }), &["/facilitator"]).await;
}

#[tokio::test]
async fn a_retex_needs_a_speaker() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let retex =
        draft(&app, "retex", json!({ "confidentiality": "attendees_only", "context": "Une reprise" })).await;
    lacks(&app, &retex, &["/speakers"]).await;
    takes(
        &app,
        &retex,
        json!({ "speakers": [{ "name": "Ada Martin", "email": "ada@invitee.example" }, member(&bob)] }),
    )
    .await;
    takes(&app, &retex, json!({ "speakers": [member(&ana), { "name": "Ada Martin" }] })).await;

    let published = publish(&app, &retex).await.json();
    assert_eq!(
        published["speakers"],
        json!([{ "member_id": ana["id"], "name": "Ana Durand" }, { "name": "Ada Martin" }])
    );
    does_not_take(&app, &retex, json!({ "speakers": [] }), &["/speakers"]).await;
}

#[tokio::test]
async fn a_round_table_has_a_moderator_who_is_not_on_the_panel_and_no_more_places_than_seats() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    let table = draft(&app, "round_table", json!({})).await;
    lacks(&app, &table, &["/moderator", "/seats_per_table", "/tables"]).await;
    takes(&app, &table, json!({ "moderator": member(&ana), "tables": 4, "seats_per_table": 8 })).await;
    does_not_take(&app, &table, json!({ "panel": [member(&bob), member(&ana)] }), &["/panel"]).await;
    does_not_take(&app, &table, json!({ "panel": [member(&bob), member(&bob)] }), &["/panel"]).await;
    does_not_take(&app, &table, json!({ "capacity": 33 }), &["/capacity"]).await;
    takes(&app, &table, json!({ "panel": [member(&bob), member(&eve)], "questions": ["Quand ?", "Qui ?"] }))
        .await;
    does_not_take(&app, &table, json!({ "moderator": member(&eve) }), &["/panel"]).await;

    assert_eq!(publish(&app, &table).await.json()["stage"], "published");
    assert_eq!(app.seats(&table).await["capacity"], 32, "without a capacity, every seat at the tables");
    takes(&app, &table, json!({ "capacity": 30 })).await;
    assert_eq!(app.seats(&table).await["capacity"], 30);
    does_not_take(&app, &table, json!({ "tables": 3, "capacity": 30 }), &["/capacity"]).await;
    takes(&app, &table, json!({ "tables": 3, "capacity": null })).await;
    assert_eq!(app.seats(&table).await["capacity"], 24);
}

#[tokio::test]
async fn an_open_discussion_has_no_speaker() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let speaks = json!({ "speakers": [member(&ana)] });
    cannot_be_planned(&app, evening("open_discussion", speaks.clone()), &["/speakers"]).await;
    let discussion = draft(
        &app,
        "open_discussion",
        json!({ "subjects": ["Dire non", "Astreintes"], "time_box_minutes": 9 }),
    )
    .await;
    does_not_take(&app, &discussion, speaks.clone(), &["/speakers"]).await;
    assert_eq!(publish(&app, &discussion).await.json()["subjects"], json!(["Dire non", "Astreintes"]));
    does_not_take(&app, &discussion, speaks, &["/speakers"]).await;
    takes(&app, &discussion, json!({ "scribe": member(&ana) })).await;
}

#[tokio::test]
async fn nothing_of_one_format_is_taken_by_another() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let fields = [
        ("round_table", "moderator", member(&ana)),
        ("round_table", "panel", json!([member(&ana)])),
        ("round_table", "questions", json!(["Quand ?"])),
        ("round_table", "tables", json!(4)),
        ("round_table", "seats_per_table", json!(8)),
        ("workshop", "facilitator", member(&ana)),
        ("workshop", "prerequisites", json!("Un ordinateur.")),
        ("workshop", "bring", json!("Un ordinateur.")),
        ("workshop", "case", json!("Une migration.")),
        ("retex", "speakers", json!([member(&ana)])),
        ("retex", "context", json!("Une reprise")),
        ("retex", "confidentiality", json!("public")),
        ("open_discussion", "subjects", json!(["Dire non"])),
        ("open_discussion", "time_box_minutes", json!(7)),
    ];
    for format in ["round_table", "workshop", "retex", "open_discussion"] {
        for (home, field, value) in &fields {
            let body = evening(format, json!({ *field: value }));
            let answer = app.post("/api/v1/events").json(&body).send().await;
            if format == *home {
                assert_eq!(answer.status, 201, "{field} in a {format}: {}", answer.text());
            } else {
                invalid(&answer, &[&format!("/{field}")]);
            }
        }
    }
    for (_, field, value) in &fields {
        let mut body = evening("retex", json!({ *field: value }));
        body.as_object_mut().unwrap().remove("format");
        invalid(&app.post("/api/v1/events").json(&body).send().await, &[&format!("/{field}")]);
    }
}

#[tokio::test]
async fn an_evening_without_title_place_and_format_says_all_that_it_lacks() {
    let app = TestApp::start().await;
    let held = app
        .create("/api/v1/events", json!({ "starts_at": "2027-02-11T19:00:00+01:00", "stage": "held" }))
        .await;
    lacks(&app, &held, &["/format", "/title", "/venue_id"]).await;
    takes(&app, &held, json!({ "format": "open_discussion", "title": "Rentrée", "online_url": "https://visio.example/rentree" })).await;
    assert_eq!(publish(&app, &held).await.json()["online_url"], "https://visio.example/rentree");
    does_not_take(&app, &held, json!({ "online_url": null }), &["/venue_id"]).await;
    does_not_take(&app, &held, json!({ "title": null }), &["/title"]).await;
}

#[tokio::test]
async fn nobody_cannot_be_put_on_a_programme() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let wrong = [
        json!({ "vacant": true }),
        json!({ "former_member": true }),
        json!({ "member_id": ana["id"], "name": "Ana" }),
        json!({ "email": "ada@invitee.example" }),
        json!({}),
        json!("Ana"),
        json!(null),
    ];
    let before = everything(&app).await;
    for person in &wrong {
        let body = evening("retex", json!({ "speakers": [member(&ana), person] }));
        let answer = app.post("/api/v1/events").json(&body).wrong().expect(422).await;
        assert!(
            pointers(&answer).iter().all(|p| p.starts_with("/speakers/1")),
            "{person}: {}",
            answer.text()
        );
        if !person.is_null() {
            let body = evening("workshop", json!({ "facilitator": person, "capacity": 9 }));
            let answer = app.post("/api/v1/events").json(&body).wrong().expect(422).await;
            assert!(
                pointers(&answer).iter().all(|p| p.starts_with("/facilitator")),
                "{person}: {}",
                answer.text()
            );
        }
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn only_members_who_belong_and_only_once() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let nobody = json!({ "member_id": "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99" });
    cannot_be_planned(&app, evening("retex", json!({ "speakers": [nobody] })), &["/speakers"]).await;
    cannot_be_planned(
        &app,
        evening("retex", json!({ "speakers": [member(&ana)], "scribe": member(&ana) })),
        &["/scribe"],
    )
    .await;
    let guest = json!({ "name": "Ada Martin", "email": "Ada@invitee.example" });
    let again = json!({ "name": "Une autre", "email": "ada@INVITEE.example" });
    cannot_be_planned(&app, evening("retex", json!({ "speakers": [guest, again] })), &["/speakers"]).await;

    let path = format!("/api/v1/members/{}", id(&bob));
    let etag = app.get(&path).expect(200).await.etag();
    app.patch(&path).if_match(&etag).json(&json!({ "status": "left" })).expect(200).await;
    cannot_be_planned(&app, evening("retex", json!({ "speakers": [member(&bob)] })), &["/speakers"]).await;
}

#[tokio::test]
async fn another_format_leaves_nothing_of_the_first_behind() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let retex = draft(&app, "retex", json!({ "speakers": [member(&ana)], "context": "Une reprise" })).await;
    does_not_take(&app, &retex, json!({ "format": "workshop" }), &["/context", "/speakers"]).await;
    does_not_take(&app, &retex, json!({ "format": null }), &["/context", "/speakers"]).await;
    let change = json!({ "format": "workshop", "speakers": [], "context": null, "facilitator": member(&ana), "capacity": 12 });
    takes(&app, &retex, change).await;
    assert_eq!(publish(&app, &retex).await.json()["format"], "workshop");
}

#[tokio::test]
async fn each_format_has_its_usual_length_and_there_are_four() {
    let app = TestApp::start().await;
    for (format, end) in
        [("round_table", "21:30"), ("workshop", "22:00"), ("retex", "21:30"), ("open_discussion", "21:30")]
    {
        let event = draft(&app, format, json!({})).await;
        assert_eq!(event["ends_at"], format!("2027-02-11T{end}:00+01:00"), "{format}");
    }
    let seminar = evening("seminar", json!({}));
    invalid(&app.post("/api/v1/events").json(&seminar).wrong().send().await, &["/format"]);
    let formats = items(&app, "/api/v1/events?format=workshop").await;
    assert_eq!(formats.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn questions_collected_before_are_for_those_who_are_invited() {
    let app = TestApp::start().await;
    let [ana, bob] = crate::asserts::people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let body = json!({
        "starts_at": "2027-02-11T19:00", "time_zone": "Europe/Paris", "format": "round_table", "title": "Recruter",
        "moderator": { "member_id": ana["id"] }, "panel": [{ "member_id": bob["id"] }, { "name": "Ada Martin" }],
        "tables": 2, "seats_per_table": 4, "venue": "Canut Studio", "questions": ["Que fait Soie & Cie ?"]
    });
    let event = app.create("/api/v1/events", body).await;
    let event = app.publish(&event, "followers").await;
    let mails = app.mails().await;
    let link = crate::asserts::only(&mails, "bob@membres.example").link("/r/").unwrap();
    let slug = event["slug"].as_str().unwrap();
    let said = |answer: mensuel_tests::Answer| {
        let text = answer.text().replace("\r\n ", "").replace("&#38;", "&").replace("&amp;", "&");
        text.contains("Que fait Soie & Cie")
    };
    for public in ["/calendar.ics".to_owned(), format!("/events/{slug}"), format!("/events/{slug}.ics")] {
        assert!(!said(app.client.get(&public).expect(200).await), "{public}");
    }
    let path = link.split('?').next().unwrap().to_owned();
    assert!(said(app.client.get(&path).expect(200).await));
    assert!(said(app.client.get(&format!("{path}.ics")).expect(200).await));
    let sequence = event["sequence"].as_u64().unwrap();
    let changed = app.edit(&event, json!({ "questions": ["Quand ?"] })).await.json();
    assert_eq!(changed["sequence"], sequence + 1, "calendars of the invited take it over");
}
