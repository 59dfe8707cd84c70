//! Waves: whom each reaches, when the next one goes, and what can be taken back.

use chrono::{DateTime, TimeDelta, Utc};
use mensuel::use_cases::waves;
use mensuel_tests::TestApp;
use serde_json::{Value, json};

use crate::{
    asserts::{each, everything, invalid, items, on_behalf, pages, people, recipients, refused, yes},
    events::{discussion, path},
    members::changed,
};

/// After an evening with one seat, which Eve had and Ana waited for; Bob never asked. The mails of
/// that evening are gone.
struct After {
    app: TestApp,
    ana: Value,
    bob: Value,
    eve: Value,
    speaker: Value,
}

impl After {
    async fn an_evening() -> Self {
        let app = TestApp::start().await;
        let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
        let speaker =
            app.member("Mathilde Lemoine", "mathilde@fourviere.example", json!({ "follows": [] })).await;
        let before = discussion(&app, "2026-12-10", json!({ "capacity": 1 })).await;
        app.publish(&before, "none").await;
        yes(&app, &before, &eve).await;
        assert_eq!(yes(&app, &before, &ana).await["seat"], "waitlisted");
        app.advance_to(utc("2026-12-11T09:00:00Z")).await;
        app.mailbox.clear();
        Self { app, ana, bob, eve, speaker }
    }

    async fn evening(&self, with: Value) -> Value {
        let mut fields = json!({ "capacity": 4 });
        for (key, value) in with.as_object().into_iter().flatten() {
            fields[key] = value.clone();
        }
        self.app.retex(&self.speaker, fields).await
    }

    async fn published(&self, with: Value, publication: Value) -> Value {
        let event = self.evening(with).await;
        self.app.put(&publish(&event)).json(&publication).expect(200).await;
        event
    }

    async fn waves(&self, event: &Value) -> Value {
        self.app.get(&format!("{}/waves", path(event))).expect(200).await.json()
    }

    async fn mailed(&self) -> Vec<String> {
        recipients(&self.app.mails().await)
    }
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn publish(event: &Value) -> String {
    format!("{}/publication", path(event))
}

fn invitations(event: &Value) -> String {
    format!("{}/invitations", path(event))
}

const ANA: &str = "ana@membres.example";
const BOB: &str = "bob@membres.example";
const EVE: &str = "eve@membres.example";
const SPEAKER: &str = "mathilde@fourviere.example";

#[tokio::test]
async fn waves_go_by_themselves_at_their_dates_while_seats_are_wanted() {
    let after = After::an_evening().await;
    let app = &after.app;
    let plan = json!({ "invite": "plan", "plan": { "every_hours": 48, "share_percent": 50 } });
    let event = after.published(json!({}), plan).await;
    assert_eq!(after.mailed().await, [ANA, SPEAKER], "who waited, and the programme");
    let waves = after.waves(&event).await;
    assert_eq!(waves["plan"], json!({ "share_percent": 50, "every_hours": 48, "next": null }));
    assert_eq!(each(&waves["waves"], "state"), ["sent", "planned", "planned"]);
    assert_eq!(waves["waves"][1]["at"], "2026-12-13T10:00:00+01:00");

    app.advance_to(utc("2026-12-13T08:59:59Z")).await;
    assert!(after.mailed().await.is_empty(), "not before its date");
    let next = waves::next_date(&app.app).await.unwrap();
    assert_eq!(next, Some(utc("2026-12-13T09:00:00Z")), "the worker wakes exactly then");
    app.advance_to(utc("2026-12-13T09:00:00Z")).await;
    assert_eq!(after.mailed().await, [BOB], "who never had a seat");

    // Two of four seats are asked for: half of them. The third wave waits.
    yes(app, &event, &after.ana).await;
    yes(app, &event, &after.bob).await;
    app.mails().await;
    app.advance_to(utc("2026-12-16T09:00:00Z")).await;
    assert!(after.mailed().await.is_empty());
    assert_eq!(each(&after.waves(&event).await["waves"], "state"), ["sent", "sent", "waits"]);

    // A newcomer is invited once the last wave went.
    let ida = app.member("Ida Durand", "ida@membres.example", json!({})).await;
    assert!(after.mailed().await.is_empty());
    on_behalf(app, &event, &after.bob, json!({ "answer": "no" })).await;
    let mut mailed = after.mailed().await;
    mailed.retain(|to| to != BOB);
    assert_eq!(mailed, [EVE, "ida@membres.example"], "fewer than half: the last wave goes");
    assert_eq!(each(&after.waves(&event).await["waves"], "invited"), ["1", "2", "2"]);

    let lea = app.member("Lea Durand", "lea@membres.example", json!({})).await;
    assert_eq!(after.mailed().await, ["lea@membres.example"]);
    let list = items(app, &invitations(&event)).await;
    let of = |member: &Value| {
        list.as_array().unwrap().iter().find(|item| item["member_id"] == member["id"]).unwrap().clone()
    };
    assert_eq!((&of(&after.ana)["wave"], &of(&after.bob)["wave"]), (&json!(1), &json!(2)));
    assert_eq!((&of(&after.eve)["wave"], &of(&ida)["wave"]), (&json!(3), &json!(3)));
    assert_eq!((&of(&lea)["wave"], &of(&after.speaker)["wave"]), (&json!(null), &json!(null)));
    assert_eq!(of(&after.bob)["sent_at"], "2026-12-13T09:00:00Z");
    app.check_counters().await;
}

#[tokio::test]
async fn dates_are_kept_as_they_were_given_and_the_deadline_ends_them() {
    let after = After::an_evening().await;
    let app = &after.app;
    let next = json!(["2026-12-20T10:00", "2027-01-04T10:00"]);
    for (wrong, pointer) in [
        (
            json!({ "invite": "plan", "plan": { "next": ["2026-12-10T10:00", "2027-01-04T10:00"] } }),
            "/plan/next",
        ),
        (
            json!({ "invite": "plan", "plan": { "next": ["2027-01-04T10:00", "2026-12-20T10:00"] } }),
            "/plan/next",
        ),
        (
            json!({ "invite": "plan", "plan": { "next": ["2026-12-20T10:00", "2027-02-04T10:00"] } }),
            "/plan/next",
        ),
        (json!({ "invite": "plan", "plan": { "next": next, "every_hours": 3 } }), "/plan/next"),
        (json!({ "invite": "followers", "plan": {} }), "/plan"),
        (json!({ "invite": "none", "undo_minutes": 5 }), "/undo_minutes"),
    ] {
        let event = after.evening(json!({})).await;
        invalid(&app.put(&publish(&event)).json(&wrong).send().await, &[pointer]);
    }
    for (wrong, pointer) in [
        (json!({ "plan": { "share_percent": 0 }, "invite": "plan" }), "/plan/share_percent"),
        (json!({ "plan": { "every_hours": 0 }, "invite": "plan" }), "/plan/every_hours"),
        (json!({ "plan": { "next": ["2026-12-20T10:00"] }, "invite": "plan" }), "/plan/next"),
        (json!({ "plan": { "colour": "red" }, "invite": "plan" }), "/plan/colour"),
        (json!({ "undo_minutes": 61 }), "/undo_minutes"),
    ] {
        let event = after.evening(json!({})).await;
        invalid(&app.put(&publish(&event)).json(&wrong).wrong().send().await, &[pointer]);
    }
    let event = after.published(json!({}), json!({ "invite": "plan", "plan": { "next": next } })).await;
    assert_eq!(after.mailed().await, [ANA, SPEAKER]);
    app.advance_to(utc("2026-12-20T08:59:59Z")).await;
    assert!(after.mailed().await.is_empty());
    app.advance_to(utc("2026-12-20T09:00:00Z")).await;
    assert_eq!(after.mailed().await, [BOB]);
    // The deadline comes first after all: no invitation leaves that cannot be answered.
    assert_eq!(app.edit(&event, json!({ "deadline": "2027-01-03T10:00" })).await.status, 200);
    app.advance_to(utc("2027-01-06T09:00:00Z")).await;
    assert!(after.mailed().await.iter().all(|to| to != EVE));
    assert_eq!(each(&after.waves(&event).await["waves"], "state"), ["sent", "sent", "none"]);
}

#[tokio::test]
async fn a_wave_that_reaches_nobody_costs_no_time() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.put(&publish(&event)).json(&json!({ "invite": "plan" })).expect(200).await;
    assert_eq!(recipients(&app.mails().await), [ANA, BOB], "nobody ever waited");
    let standing = app.get(&format!("{}/waves", path(&event))).expect(200).await.json();
    assert_eq!(each(&standing["waves"], "invited"), ["0", "2", "0"]);
    assert_eq!(standing["plan"], json!({ "share_percent": 80, "every_hours": 168, "next": null }));
    assert_eq!(standing["waves"][2]["at"], "2026-12-08T10:00:00+01:00");
    yes(&app, &event, &bob).await;
}

#[tokio::test]
async fn an_audience_may_be_a_wave_and_the_dry_run_shows_the_mail() {
    let after = After::an_evening().await;
    let app = &after.app;
    changed(app, &after.ana, json!({ "language": "en" })).await;
    let zoe = app.member("Zoé Petit", "zoe@membres.example", json!({ "follows": ["workshop"] })).await;
    let event = after.published(json!({}), json!({ "invite": "none" })).await;
    let dry = format!("{}?dry_run=true", invitations(&event));
    let before = everything(app).await;
    let planned = app.post(&dry).json(&json!({ "audience": "followers" })).expect(200).await.json();
    assert_eq!(planned["invited"], 5, "{planned}");
    let mails = planned["mails"].as_array().unwrap();
    assert_eq!(each(&planned["mails"], "language"), ["en", "fr"], "that of the first one first");
    assert!(mails[0]["subject"].as_str().unwrap().contains("Sortir d'un monolithe"), "{planned}");
    assert!(mails[0]["text"].as_str().unwrap().contains("Ana Durand"), "{planned}");
    assert!(mails[1]["text"].as_str().unwrap().contains("Bob Durand"), "{planned}");
    // Its links are nobody's.
    let text = mails[0]["text"].as_str().unwrap();
    for link in text.split_whitespace().filter(|word| word.contains("/r/") || word.contains("/u/")) {
        let path = link.trim_start_matches("https://soirees.lugdunum.example").split('?').next().unwrap();
        assert_eq!(app.client.get(path).send().await.status, 410, "{link}");
    }
    let planned = app.post(&dry).json(&json!({ "audience": "wave:2" })).expect(200).await.json();
    assert_eq!(each(&json!([planned.clone()]), "invited"), ["2"]);
    assert_eq!(planned["names"][0], "Bob Durand");
    assert_eq!(everything(app).await, before, "a dry run changes nothing");
    assert!(after.mailed().await.is_empty());

    let ask = async |audience: &str| {
        let body = json!({ "audience": audience });
        app.post(&invitations(&event)).json(&body).expect(202).await.json()["invited"].clone()
    };
    assert_eq!(ask("wave:2").await, 2);
    assert_eq!(after.mailed().await, [BOB]);
    assert_eq!(ask("wave:2").await, 0);
    assert_eq!(ask("wave:1").await, 1);
    assert_eq!(after.mailed().await, [ANA]);
    let ida = app.member("Ida Durand", "ida@membres.example", json!({})).await;
    assert!(after.mailed().await.is_empty(), "the last wave has not gone");
    assert_eq!(ask("wave:3").await, 2, "the others, and who came since");
    assert_eq!(after.mailed().await, [EVE, "ida@membres.example"]);
    changed(app, &zoe, json!({ "follows": ["all"] })).await;
    assert_eq!(after.mailed().await, ["zoe@membres.example"]);
    assert_eq!(ask("programme").await, 1);
    assert_eq!(after.mailed().await, [SPEAKER]);
    assert_eq!(ask("followers").await, 0);
    assert!(after.mailed().await.is_empty(), "nobody twice");
    on_behalf(app, &event, &ida, json!({ "answer": "no" })).await;
}

#[tokio::test]
async fn a_wave_goes_once_though_several_processes_see_its_date() {
    let after = After::an_evening().await;
    let app = &after.app;
    let plan = json!({ "invite": "plan", "plan": { "every_hours": 24, "share_percent": 100 } });
    let event = after.published(json!({}), plan).await;
    app.mails().await;
    app.clock.set(utc("2026-12-12T09:00:00Z"));
    let beside = app.beside().await;
    let (one, other) = tokio::join!(waves::send_due(&app.app), waves::send_due(&beside));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(after.mailed().await, [BOB]);
    let facts = each(&json!(pages(app, "/api/v1/facts", 200).await), "kind");
    assert_eq!(facts.iter().filter(|kind| *kind == "invited").count(), 2);
    assert_eq!(after.waves(&event).await["waves"][1]["invited"], 2);
}

#[tokio::test]
async fn a_plan_can_be_made_changed_and_ended_later() {
    let after = After::an_evening().await;
    let app = &after.app;
    let event = after.evening(json!({})).await;
    let waves = format!("{}/waves", path(&event));
    refused(&app.put(&waves).json(&json!({})).send().await, 409);
    app.publish(&event, "none").await;
    app.put(&waves).json(&json!({ "every_hours": 24 })).expect(200).await;
    assert_eq!(after.mailed().await, [ANA, SPEAKER]);
    invalid(
        &app.put(&waves).json(&json!({ "next": ["2026-12-01T10:00", "2026-12-02T10:00"] })).send().await,
        &["/next"],
    );
    let body = json!({ "every_hours": 72, "share_percent": 90 });
    let changed = app.put(&waves).json(&body).expect(200).await.json();
    assert_eq!(changed["waves"][1]["at"], "2026-12-14T10:00:00+01:00");
    app.delete(&waves).expect(200).await;
    app.advance_to(utc("2026-12-30T09:00:00Z")).await;
    assert!(after.mailed().await.is_empty());
    assert_eq!(each(&after.waves(&event).await["waves"], "state"), ["sent", "none", "none"]);
    app.post(&invitations(&event)).json(&json!({ "audience": "followers" })).expect(202).await;
    assert_eq!(after.mailed().await, [BOB, EVE]);
    refused(&app.put(&waves).json(&json!({})).send().await, 409);
    let nowhere = "/api/v1/events/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99/waves";
    refused(&app.get(nowhere).send().await, 404);
    refused(&app.put(nowhere).json(&json!({})).send().await, 404);
    refused(&app.delete(nowhere).send().await, 404);
    refused(&app.delete(&nowhere.replace("waves", "invitations")).send().await, 404);
    let draft = after.evening(json!({})).await;
    refused(&app.delete(&format!("{}/waves", path(&draft))).send().await, 409);
}

#[tokio::test]
async fn mass_mail_can_be_taken_back_while_it_waits() {
    let after = After::an_evening().await;
    let app = &after.app;
    let event = after.published(json!({}), json!({ "undo_minutes": 5 })).await;
    assert!(after.mailed().await.is_empty(), "five minutes to think again");
    assert_eq!(items(app, &invitations(&event)).await.as_array().unwrap().len(), 5);
    let taken = app.delete(&invitations(&event)).expect(200).await.json();
    assert_eq!(taken["withdrawn"], 5);
    app.advance(TimeDelta::hours(1)).await;
    assert!(after.mailed().await.is_empty(), "nobody is told");
    let left = items(app, &invitations(&event)).await;
    assert_eq!(each(&left, "role"), ["speaker"], "who is on the programme stays so, and was not mailed");
    assert_eq!(left[0]["mail"], "none");
    app.member("Ida Durand", "ida@membres.example", json!({})).await;
    assert!(after.mailed().await.is_empty(), "the followers have not been asked");
    assert_eq!(app.delete(&invitations(&event)).expect(200).await.json()["withdrawn"], 0);

    // Asked again, they are invited as if for the first time; what left stays.
    let body = json!({ "audience": "followers", "undo_minutes": 10 });
    let made = app.post(&invitations(&event)).json(&body).expect(202).await.json();
    assert_eq!(made, json!({ "invited": 6, "undo_until": "2026-12-11T10:10:00Z" }));
    yes(app, &event, &after.bob).await;
    assert_eq!(after.mailed().await, [BOB], "an answer is confirmed at once");
    app.advance_to(utc("2026-12-11T10:09:59Z")).await;
    assert!(after.mailed().await.is_empty());
    app.advance_to(utc("2026-12-11T10:10:00Z")).await;
    assert_eq!(after.mailed().await, [ANA, EVE, "ida@membres.example", SPEAKER]);
    assert_eq!(app.delete(&invitations(&event)).expect(200).await.json()["withdrawn"], 0, "they have left");
    app.member("Lea Durand", "lea@membres.example", json!({})).await;
    assert_eq!(after.mailed().await, ["lea@membres.example"]);
}

#[tokio::test]
async fn taking_back_a_wave_ends_its_plan_and_keeps_who_answered() {
    let after = After::an_evening().await;
    let app = &after.app;
    let event = after.published(json!({}), json!({ "invite": "plan", "undo_minutes": 5 })).await;
    yes(app, &event, &after.ana).await;
    assert_eq!(app.delete(&invitations(&event)).expect(200).await.json()["withdrawn"], 2);
    assert_eq!(after.mailed().await, [ANA], "her answer is confirmed, her invitation dropped");
    assert_eq!(after.waves(&event).await["plan"], json!(null));
    app.advance_to(utc("2027-01-05T09:00:00Z")).await;
    assert!(after.mailed().await.is_empty());
    let line = items(app, &format!("{}/rsvps", path(&event))).await;
    assert!(each(&line, "name").contains(&"Ana Durand".to_owned()));
    app.check_counters().await;
}
