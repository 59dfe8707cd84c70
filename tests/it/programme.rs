//! People of the programme: members and named guests, as they come onto it and go off it.

use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

use crate::{
    asserts::{
        answer_by_link, answer_token, each, everything, items, on_behalf, only, people, recipients, refused,
        yes,
    },
    events::{discussion, path, read},
    members::changed,
    scene::texts,
};

const ADA: &str = "ada@invitee.example";

fn ada() -> Value {
    json!({ "name": "Ada Martin", "email": ADA })
}

/// A retex told by Ana and, as a guest, by Ada.
async fn with_ada(app: &TestApp, ana: &Value, fields: Value) -> (Value, String) {
    let mut all = json!({ "speakers": [{ "member_id": id(ana) }, ada()], "max_guests": 2 });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let event = app.retex(ana, all).await;
    app.publish(&event, "followers").await;
    let token = answer_token(only(&app.mails().await, ADA));
    (event, token)
}

#[tokio::test]
async fn a_guest_taken_off_the_programme_gives_their_guests_seats_back() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    let (event, token) = with_ada(&app, &ana, json!({ "capacity": 3 })).await;
    let said = answer_by_link(&app, &token, json!({ "answer": "yes", "guests": 2 })).await;
    assert_eq!((said.status, said.json()["seat"].clone()), (200, json!("programme")), "{}", said.text());
    yes(&app, &event, &bob).await;
    assert_eq!(yes(&app, &event, &eve).await["seat"], "waitlisted");
    assert_eq!(app.seats(&event).await["taken"], 3);
    app.mails().await;

    assert_eq!(app.edit(&event, json!({ "speakers": [{ "member_id": id(&ana) }] })).await.status, 200);
    let seats = app.seats(&event).await;
    assert_eq!((&seats["taken"], &seats["guests"], &seats["yes"]), (&json!(2), &json!(0), &json!(2)));
    assert_eq!(recipients(&app.mails().await), ["eve@membres.example"], "the line is served");
    refused(&app.client.get(&format!("/api/v1/rsvps/{token}")).send().await, 410);
    let roster = items(&app, &format!("{}/rsvps", path(&event))).await;
    assert!(!roster.to_string().contains("Ada Martin"), "{roster}");
    app.check_counters().await;
}

#[tokio::test]
async fn a_guest_who_is_on_no_programme_is_forgotten_after_the_evening() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    let (event, _) = with_ada(&app, &ana, json!({})).await;
    let (other, _) = with_ada(&app, &ana, json!({ "starts_at": "2027-02-11T19:00" })).await;
    let alone = json!({ "speakers": [{ "member_id": id(&ana) }] });
    assert_eq!(app.edit(&event, alone.clone()).await.status, 200);
    app.clock.set("2027-01-14T20:00:00Z".parse().unwrap());
    app.work().await;
    assert_eq!(guests(&app).await, [ADA, ADA], "until its end they may come back");
    app.clock.set("2027-02-12T09:00:00Z".parse().unwrap());
    app.work().await;
    assert_eq!(guests(&app).await, [ADA], "who was on the programme stays in the record");
    assert_eq!(app.edit(&other, alone).await.status, 200);
    app.work().await;
    assert!(guests(&app).await.is_empty());
    let facts = crate::scene::all(&app, "/api/v1/facts").await;
    assert_eq!(facts.iter().filter(|fact| fact["kind"] == "guest_forgotten").count(), 2);
    app.check_counters().await;
}

/// The addresses of named guests that the database holds.
async fn guests(app: &TestApp) -> Vec<String> {
    let sql = "select guest_email from invitations where guest_email is not null
        union all select email from event_people where email is not null
            and not exists (select 1 from invitations where invitations.event_id = event_people.event_id)";
    texts(app.app.store.read(), sql.to_owned()).await
}

#[tokio::test]
async fn who_was_invited_and_comes_onto_the_programme_is_told_their_role() {
    let app = TestApp::start().await;
    let [ana, bob, eve, ida] = people(&app, &["Ana", "Bob", "Eve", "Ida"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    yes(&app, &event, &eve).await;
    on_behalf(&app, &event, &ida, json!({ "answer": "no" })).await;
    app.mails().await;
    let all = [&ana, &bob, &eve, &ida].map(|member| json!({ "member_id": id(member) }));
    assert_eq!(app.edit(&event, json!({ "speakers": all })).await.status, 200);
    let mails = app.mails().await;
    let told = ["bob@membres.example", "eve@membres.example", "ida@membres.example"];
    assert_eq!(recipients(&mails), told, "whatever they had answered");
    for mail in &mails {
        assert!(mail.text().contains("Vous intervenez"), "{}", mail.text());
    }
    let asks = |to: &str| only(&mails, to).text().contains("Viendrez-vous");
    assert_eq!(told.map(asks), [true, false, true], "Eve has said that she comes");
    let swapped = [&bob, &ana, &ida, &eve].map(|member| json!({ "member_id": id(member) }));
    assert_eq!(app.edit(&event, json!({ "speakers": swapped })).await.status, 200);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_guest_whose_address_is_a_members_is_that_member() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let guest = json!({ "name": "B. Durand", "email": "BOB@membres.example" });
    let event = app.retex(&ana, json!({ "speakers": [guest, ada()] })).await;
    assert_eq!(event["speakers"][0]["member_id"], bob["id"]);
    // Ada becomes a member while the evening is a draft.
    let ada = app.member("Ada Martin", ADA, json!({})).await;
    let published = app.publish(&event, "followers").await;
    assert_eq!(published["speakers"][1]["member_id"], ada["id"]);
    let facts = crate::scene::all(&app, "/api/v1/facts").await;
    assert!(
        facts
            .iter()
            .any(|fact| fact["kind"] == "event_changed" && fact["data"]["fields"] == json!(["speakers"])),
        "{facts:?}"
    );
    assert_eq!(
        recipients(&app.mails().await),
        [ADA, "ana@membres.example", "bob@membres.example"],
        "nobody twice"
    );
    let twice = json!([{ "member_id": id(&bob) }, guest_of("bob@membres.example")]);
    let refusal = app.edit(&event, json!({ "speakers": twice })).await;
    assert_eq!(refusal.status, 422, "{}", refusal.text());
}

fn guest_of(email: &str) -> Value {
    json!({ "name": "Quelqu’un", "email": email })
}

#[tokio::test]
async fn a_guest_who_becomes_a_member_is_not_invited_beside_it() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    let (event, token) = with_ada(&app, &ana, json!({})).await;
    let member = app.member("Ada Martin", ADA, json!({})).await;
    assert!(app.mails().await.is_empty());
    // Nor when the followers are asked for again.
    let invitations = format!("{}/invitations", path(&event));
    let body = json!({ "audience": "followers" });
    let planned = app.post(&format!("{invitations}?dry_run=true")).json(&body).expect(200).await.json();
    assert_eq!(planned["invited"], 0, "{planned}");
    assert_eq!(app.post(&invitations).json(&body).expect(202).await.json()["invited"], 0);
    assert!(app.mails().await.is_empty());
    // Who asks for their link is mailed the one that they have.
    let slug = read(&app, &event).await["slug"].as_str().unwrap().to_owned();
    app.client.post("/link").form(&[("email", ADA), ("event", &slug)]).expect(200).await;
    let mails = app.mails().await;
    assert_eq!(answer_token(only(&mails, ADA)), token);
    // Whom an organizer answers for stays one guest, beside the capacity.
    assert_eq!(yes(&app, &event, &member).await["seat"], "programme");
    let theirs = items(&app, &invitations).await;
    assert_eq!(each(&theirs, "name").iter().filter(|name| *name == "Ada Martin").count(), 1, "{theirs}");
    app.check_counters().await;
}

#[tokio::test]
async fn who_left_cannot_be_published_on_a_programme() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&bob, json!({ "speakers": [{ "member_id": id(&bob) }] })).await;
    // As if the leaving had not seen the draft.
    let left = "update members set status = 'left' where name = 'Bob Durand'";
    crate::scene::execute(&app, left).await;
    let before = everything(&app).await;
    let body = json!({ "invite": "none" });
    let refusal = app.put(&format!("{}/publication", path(&event))).json(&body).send().await;
    assert_eq!(refusal.status, 422, "{}", refusal.text());
    assert_eq!(everything(&app).await, before);
    assert_eq!(app.edit(&event, json!({ "speakers": [{ "member_id": id(&ana) }] })).await.status, 200);
    app.publish(&event, "none").await;
}

#[tokio::test]
async fn who_begins_to_follow_after_nobody_did_is_invited() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    changed(&app, &ana, json!({ "follows": ["retex"] })).await;
    crate::scene::execute(&app, "update members set follows = ',retex,'").await;
    let event = discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&event, "none").await;
    let asked = app.post(&format!("{}/invitations", path(&event)));
    let asked = asked.json(&json!({ "audience": "followers" })).expect(202).await.json();
    assert_eq!(asked["invited"], 0);
    assert!(app.mails().await.is_empty());
    changed(&app, &ana, json!({ "follows": ["open_discussion"] })).await;
    assert_eq!(recipients(&app.mails().await), ["ana@membres.example"]);
    on_behalf(&app, &event, &ana, json!({ "answer": "yes" })).await;
    assert_eq!(read(&app, &event).await["stage"], "published");
}
