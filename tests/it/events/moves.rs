use mensuel_tests::TestApp;
use serde_json::{Value, json};

use super::{path, read};
use crate::asserts::{answer_by_link, answer_token, items, on_behalf, only, people, recipients, yes};

async fn roster(app: &TestApp, event: &Value) -> Vec<(String, String, bool)> {
    let lines = items(app, &format!("{}/rsvps", path(event))).await;
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or("null").to_owned();
    let line =
        |line: &Value| (text(line, "name"), text(line, "seat"), line["before_move"].as_bool().unwrap());
    lines.as_array().unwrap().iter().map(line).collect()
}

fn line(name: &str, seat: &str, before_move: bool) -> (String, String, bool) {
    (format!("{name} Durand"), seat.to_owned(), before_move)
}

#[tokio::test]
async fn a_move_keeps_answers_seats_and_the_line_and_asks_again() {
    let app = TestApp::start().await;
    let [ana, bob, eve, ida] = people(&app, &["Ana", "Bob", "Eve", "Ida"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({ "capacity": 1 })).await;
    let published = app.publish(&event, "followers").await;
    let token = answer_token(only(&app.mails().await, "bob@membres.example"));
    for member in [&bob, &eve] {
        yes(&app, &event, member).await;
    }
    on_behalf(&app, &event, &ida, json!({ "answer": "maybe" })).await;
    app.mails().await;
    let before =
        [line("Bob", "confirmed", false), line("Eve", "waitlisted", false), line("Ida", "none", false)];
    assert_eq!(roster(&app, &event).await, before);

    let moved = app.edit(&event, json!({ "starts_at": "2027-01-21T19:30" })).await.json();
    assert_eq!(moved["sequence"], published["sequence"].as_u64().unwrap() + 1);
    for name in ["id", "uid", "slug", "stage"] {
        assert_eq!(moved[name], published[name], "{name}");
    }
    let after = [line("Bob", "confirmed", true), line("Eve", "waitlisted", true), line("Ida", "none", true)];
    assert_eq!(roster(&app, &event).await, after);
    let mails = app.mails().await;
    let all = ["ana", "bob", "eve", "ida"].map(|name| format!("{name}@membres.example"));
    assert_eq!(recipients(&mails), all);
    assert_eq!(answer_token(only(&mails, "bob@membres.example")), token, "the link stays the same");

    let said = answer_by_link(&app, &token, json!({ "answer": "yes" })).await.json();
    assert_eq!((&said["seat"], &said["before_move"]), (&json!("confirmed"), &json!(false)));
    assert_eq!(roster(&app, &event).await[0], line("Bob", "confirmed", false));
    app.check_counters().await;
}

#[tokio::test]
async fn a_dry_run_says_what_a_change_would_do_and_does_nothing() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    app.mails().await;
    let before = crate::scene::database(&app).await;
    let tried = async |body: Value| {
        let path = format!("{}?dry_run=true", path(&event));
        app.patch(&path).if_match("*").json(&body).expect(200).await
    };
    let plan = tried(json!({ "starts_at": "2027-01-21T19:30", "capacity": 12 })).await;
    assert_eq!(plan.etag(), app.get(&path(&event)).expect(200).await.etag(), "of the evening as it is");
    let plan = plan.json();
    let actions: Vec<&str> =
        plan["changes"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["move", "update", "notify"], "{plan}");
    assert!(plan["changes"][0]["detail"].as_str().unwrap().contains("jeudi 21 janvier"), "{plan}");
    // Nobody is told of a wording.
    let plan = tried(json!({ "summary": "Autrement dit." })).await.json();
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1, "{plan}");
    assert_eq!(crate::scene::database(&app).await, before);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn moved_twice_is_one_mail_and_a_change_of_wording_none() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    assert_eq!(recipients(&app.mails().await).len(), 2);
    let before = read(&app, &event).await;
    app.edit(&event, json!({ "title": "Sortir enfin d'un monolithe", "summary": "Autrement dit." })).await;
    assert!(app.mails().await.is_empty());
    let reworded = read(&app, &event).await;
    assert_eq!(reworded["slug"], before["slug"], "the address stays");
    assert!(reworded["sequence"].as_u64() > before["sequence"].as_u64(), "calendars take the words over");

    app.edit(&event, json!({ "starts_at": "2027-01-21T19:00" })).await;
    app.edit(&event, json!({ "venue": "Gerland Bio", "address": "60 avenue Tony-Garnier, 69007 Lyon" }))
        .await;
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["ana@membres.example", "bob@membres.example"]);
    let text = only(&mails, "bob@membres.example").text();
    assert!(text.contains("Gerland Bio") && text.contains("21 janvier"), "{text}");
}

#[tokio::test]
async fn more_places_promote_the_first_of_the_line_and_tell_them() {
    let app = TestApp::start().await;
    let [ana, bob, eve, ida] = people(&app, &["Ana", "Bob", "Eve", "Ida"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({ "capacity": 1 })).await;
    app.publish(&event, "none").await;
    for member in [&bob, &eve, &ida] {
        yes(&app, &event, member).await;
    }
    app.mails().await;
    assert_eq!(app.seats(&event).await["waitlisted"], 2);
    app.edit(&event, json!({ "capacity": 2 })).await;
    assert_eq!(recipients(&app.mails().await), ["eve@membres.example"]);
    let seats = app.seats(&event).await;
    assert_eq!(
        (&seats["confirmed"], &seats["waitlisted"], &seats["taken"]),
        (&json!(2), &json!(1), &json!(2))
    );

    app.edit(&event, json!({ "capacity": 1 })).await;
    let seats = app.seats(&event).await;
    assert_eq!(
        (&seats["confirmed"], &seats["taken"], &seats["capacity"]),
        (&json!(2), &json!(2), &json!(1)),
        "nobody is unseated"
    );
    app.edit(&event, json!({ "capacity": null })).await;
    assert_eq!(recipients(&app.mails().await), ["ida@membres.example"]);
    app.check_counters().await;
}

#[tokio::test]
async fn the_programme_stands_outside_the_places() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({ "capacity": 1 })).await;
    app.publish(&event, "none").await;
    for member in [&bob, &eve] {
        yes(&app, &event, member).await;
    }
    app.mails().await;
    let speakers = json!({ "speakers": [{ "member_id": ana["id"] }, { "member_id": bob["id"] }] });
    app.edit(&event, speakers).await;
    let seats = app.seats(&event).await;
    assert_eq!((&seats["confirmed"], &seats["waitlisted"]), (&json!(1), &json!(0)));
    let mails = app.mails().await;
    assert!(
        recipients(&mails).contains(&"eve@membres.example".to_owned()),
        "Bob's place goes to the first of the line"
    );
    assert!(roster(&app, &event).await.contains(&line("Bob", "programme", false)));

    app.edit(&event, json!({ "speakers": [{ "member_id": ana["id"] }] })).await;
    assert!(roster(&app, &event).await.contains(&line("Bob", "waitlisted", false)), "a new yes at the end");
    app.check_counters().await;
}
