//! Who is invited, asked for by the organizers, and answers that they give for others.

use mensuel_tests::{TestApp, app::ORGANIZER};
use serde_json::{Value, json};

use crate::{
    asserts::{
        answer_token, each, everything, invalid, items, on_behalf, only, pages, people, recipients, refused,
        yes,
    },
    events::{discussion, path},
    members::changed,
};

fn invitations(event: &Value) -> String {
    format!("{}/invitations", path(event))
}

async fn ask(app: &TestApp, event: &Value, audience: &str) -> Value {
    app.post(&invitations(event)).json(&json!({ "audience": audience })).expect(202).await.json()
}

#[tokio::test]
async fn followers_are_invited_once_and_the_programme_with_its_role() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    changed(&app, &eve, json!({ "follows": ["workshop"] })).await;
    let guest = json!({ "name": "Ada Martin", "email": "ada@invitee.example" });
    let event = app.retex(&eve, json!({ "speakers": [{ "member_id": eve["id"] }, guest] })).await;
    refused(&app.post(&invitations(&event)).json(&json!({ "audience": "followers" })).send().await, 409);
    app.publish(&event, "none").await;
    assert!(app.mails().await.is_empty(), "nobody was asked for");

    let dry = format!("{}?dry_run=true", invitations(&event));
    let before = everything(&app).await;
    let planned = app.post(&dry).json(&json!({ "audience": "programme" })).expect(200).await.json();
    let mut names =
        planned["names"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect::<Vec<_>>();
    names.sort_unstable();
    assert_eq!((&planned["invited"], names), (&json!(2), vec!["Ada Martin", "Eve Durand"]));
    assert_eq!(everything(&app).await, before);
    assert_eq!(ask(&app, &event, "programme").await["invited"], 2);
    assert_eq!(recipients(&app.mails().await), ["ada@invitee.example", "eve@membres.example"]);

    let planned = app.post(&dry).json(&json!({ "audience": "followers" })).expect(200).await.json();
    assert_eq!(planned["invited"], 3, "Ana, Bob and the organizer: {planned}");
    assert_eq!(ask(&app, &event, "followers").await["invited"], 3);
    assert_eq!(ask(&app, &event, "followers").await["invited"], 0);
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["ana@membres.example", "bob@membres.example"]);
    assert!(mails.iter().any(|mail| mail.to() == ORGANIZER));

    let list = items(&app, &invitations(&event)).await;
    let of = |name: &str| list.as_array().unwrap().iter().find(|item| item["name"] == name).unwrap().clone();
    assert_eq!(
        (&of("Ada Martin")["kind"], &of("Ada Martin")["role"]),
        (&json!("named_guest"), &json!("speaker"))
    );
    assert_eq!((&of("Eve Durand")["role"], &of("Eve Durand")["mail"]), (&json!("speaker"), &json!("sent")));
    assert_eq!((&of("Ana Durand")["member_id"], &of("Ana Durand")["role"]), (&ana["id"], &json!(null)));
    assert_eq!(of("Bob Durand")["member_id"], bob["id"]);
    assert_eq!(each(&json!(pages(&app, &invitations(&event), 2).await), "name"), each(&list, "name"));
}

#[tokio::test]
async fn who_is_paused_unsubscribed_or_follows_something_else_is_not_invited() {
    let app = TestApp::start().await;
    let [ana, bob, eve, ida] = people(&app, &["Ana", "Bob", "Eve", "Ida"]).await.try_into().unwrap();
    changed(&app, &bob, json!({ "status": "paused" })).await;
    changed(&app, &eve, json!({ "mail": { "invitations": false } })).await;
    changed(&app, &ida, json!({ "status": "left" })).await;
    let event = discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&event, "followers").await;
    assert_eq!(recipients(&app.mails().await), ["ana@membres.example"]);
    yes(&app, &event, &ana).await;
}

#[tokio::test]
async fn invitations_are_asked_for_published_evenings_to_come() {
    let app = TestApp::start().await;
    let event = discussion(&app, "2027-02-11", json!({})).await;
    let body = json!({ "audience": "followers" });
    refused(&app.post(&invitations(&event)).json(&body).send().await, 409);
    app.publish(&event, "none").await;
    invalid(
        &app.post(&invitations(&event)).json(&json!({ "audience": "wave:4" })).wrong().send().await,
        &["/audience"],
    );
    invalid(&app.post(&invitations(&event)).json(&json!({})).wrong().send().await, &["/audience"]);
    let nowhere = "/api/v1/events/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99/invitations";
    refused(&app.post(nowhere).json(&body).send().await, 404);
    app.clock.set("2027-02-12T09:00:00Z".parse().unwrap());
    refused(&app.post(&invitations(&event)).json(&body).send().await, 409);
    let other = discussion(&app, "2027-03-11", json!({})).await;
    app.publish(&other, "none").await;
    app.put(&format!("{}/cancellation", path(&other))).json(&json!({})).expect(200).await;
    refused(&app.post(&invitations(&other)).json(&body).send().await, 409);
}

#[tokio::test]
async fn nobody_is_asked_to_come_after_the_deadline_but_those_of_the_programme() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let deadline = json!({ "deadline": "2027-01-12T18:00:00+01:00" });
    let event = app.retex(&ana, deadline.clone()).await;
    let asked_for = app.retex(&ana, deadline.clone()).await;
    let late = app.retex(&ana, deadline).await;
    app.publish(&event, "followers").await;
    app.publish(&asked_for, "none").await;
    // The relay is away until the day after: the invitations come due too late.
    app.clock.set("2027-01-13T09:00:00Z".parse().unwrap());
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["ana@membres.example"], "who speaks is told all the same");
    let dropped = crate::scene::all(&app, "/api/v1/outbox?state=dropped").await;
    assert!(dropped.iter().any(|notice| notice["kind"] == "invitation"), "{dropped:?}");
    refused(&app.post(&invitations(&asked_for)).json(&json!({ "audience": "followers" })).send().await, 409);
    assert_eq!(ask(&app, &asked_for, "programme").await["invited"], 1);
    assert_eq!(recipients(&app.mails().await), ["ana@membres.example"]);
    let publication = format!("{}/publication", path(&late));
    let body = json!({ "invite": "followers" });
    invalid(&app.put(&publication).json(&body).send().await, &["/deadline"]);
    assert_eq!(app.edit(&late, json!({ "deadline": null })).await.status, 200);
    app.put(&publication).json(&body).expect(200).await;
    // Whoever asks for their link gets it, and reads there that it is too late.
    let slug = crate::events::read(&app, &asked_for).await["slug"].as_str().unwrap().to_owned();
    app.mails().await;
    app.client.post("/link").form(&[("email", "bob@membres.example"), ("event", &slug)]).expect(200).await;
    answer_token(only(&app.mails().await, "bob@membres.example"));
}

#[tokio::test]
async fn an_organizer_answers_for_a_member() {
    let app = TestApp::start().await;
    let [ana, bob, eve, ida] = people(&app, &["Ana", "Bob", "Eve", "Ida"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({ "capacity": 2, "max_guests": 2 })).await;
    let for_bob = format!("{}/rsvps/{}", path(&event), bob["id"].as_str().unwrap());
    refused(&app.put(&for_bob).json(&json!({ "answer": "yes" })).send().await, 409);
    app.publish(&event, "none").await;

    let line =
        on_behalf(&app, &event, &bob, json!({ "answer": "yes", "guests": 1, "guest_names": ["Léa"] })).await;
    assert_eq!(
        (&line["seat"], &line["guests"], &line["channel"]),
        (&json!("confirmed"), &json!(1), &json!("organizer"))
    );
    assert_eq!(
        recipients(&app.mails().await),
        ["bob@membres.example"],
        "told of the answer, not invited beside it"
    );
    let line = yes(&app, &event, &eve).await;
    assert_eq!((&line["seat"], &line["place_in_line"]), (&json!("waitlisted"), &json!(1)));
    let line = on_behalf(&app, &event, &ida, json!({ "answer": "yes", "over_capacity": true })).await;
    assert_eq!(line["seat"], "confirmed");
    let seats = app.seats(&event).await;
    let expected = json!({
        "capacity": 2, "taken": 3, "confirmed": 2, "guests": 1, "waitlisted": 1, "offered": 0,
        "yes": 3, "no": 0, "maybe": 0, "programme": 1, "next_offer_until": null
    });
    assert_eq!(seats, expected);

    let before = everything(&app).await;
    for (body, pointer) in [
        (json!({ "answer": "yes", "guests": 3 }), "/guests"),
        (json!({ "answer": "yes", "guests": 1, "guest_names": ["Léa", "Tom"] }), "/guest_names"),
    ] {
        let answer = app.put(&for_bob).json(&body).send().await;
        assert_eq!(
            (answer.status, crate::asserts::pointers(&answer)),
            (422, vec![pointer.to_owned()]),
            "{}",
            answer.text()
        );
    }
    for (body, pointer) in [
        (json!({ "answer": "perhaps" }), "/answer"),
        (json!({}), "/answer"),
        (json!({ "answer": "yes", "guests": -1 }), "/guests"),
        (json!({ "answer": "yes", "seat": "confirmed" }), "/seat"),
    ] {
        invalid(&app.put(&for_bob).json(&body).wrong().send().await, &[pointer]);
    }
    let nobody = format!("{}/rsvps/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99", path(&event));
    refused(&app.put(&nobody).json(&json!({ "answer": "yes" })).send().await, 404);
    on_behalf(&app, &event, &bob, json!({ "answer": "yes", "guests": 1 })).await;
    assert_eq!(everything(&app).await, before, "the same answer again changes nothing");
    app.check_counters().await;
}

#[tokio::test]
async fn the_roster_shows_the_programme_the_seated_the_line_and_the_others_page_by_page() {
    let app = TestApp::start().await;
    let all = people(&app, &["Ana", "Bob", "Eve", "Ida", "Lea", "Zoe"]).await;
    let event = app.retex(&all[0], json!({ "capacity": 1 })).await;
    app.publish(&event, "followers").await;
    on_behalf(&app, &event, &all[5], json!({ "answer": "no" })).await;
    for member in &all[1..4] {
        yes(&app, &event, member).await;
    }
    yes(&app, &event, &all[0]).await;
    on_behalf(&app, &event, &all[4], json!({ "answer": "maybe" })).await;
    let roster = items(&app, &format!("{}/rsvps", path(&event))).await;
    let names: Vec<String> = each(&roster, "name").iter().map(|name| name.replace(" Durand", "")).collect();
    assert_eq!(names[..4], ["Ana", "Bob", "Eve", "Ida"]);
    assert_eq!(each(&roster, "seat")[..4], ["programme", "confirmed", "waitlisted", "waitlisted"]);
    assert_eq!(each(&roster, "place_in_line")[..4], ["null", "null", "1", "2"]);
    let others: std::collections::BTreeSet<&str> = names[4..].iter().map(String::as_str).collect();
    assert!(others.contains("Lea") && others.contains("Zoe"), "{names:?}");
    for limit in [1, 2, 4] {
        let paged = pages(&app, &format!("{}/rsvps", path(&event)), limit).await;
        assert_eq!(each(&json!(paged), "name"), each(&roster, "name"));
    }
    app.check_counters().await;
}
