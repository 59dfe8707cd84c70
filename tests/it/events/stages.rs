use mensuel_tests::{TestApp, app::id};
use serde_json::json;

use super::{discussion, path, read};
use crate::asserts::{
    answer_by_link, answer_token, each, everything, invalid, items, only, people, recipients, refused, yes,
};

#[tokio::test]
async fn an_evening_is_made_where_its_location_says() {
    let app = TestApp::start().await;
    let body = json!({ "starts_at": "2027-02-11T19:00", "time_zone": "Europe/Paris", "stage": "held" });
    let made = app.post("/api/v1/events").json(&body).expect(201).await;
    let location = made.header("location").unwrap().to_owned();
    let read = app.get(&location).expect(200).await;
    assert_eq!(read.json(), made.json());
    assert_eq!(read.etag(), made.etag());
    let event = made.json();
    assert_eq!(
        (&event["stage"], &event["slug"], &event["past"]),
        (&json!("held"), &json!(null), &json!(false))
    );
    assert_eq!(event["ends_at"], "2027-02-11T21:30:00+01:00");
}

#[tokio::test]
async fn the_stages_go_one_way_after_publication() {
    let app = TestApp::start().await;
    let event = discussion(&app, "2027-02-11", json!({ "stage": "held" })).await;
    for stage in ["draft", "held", "draft"] {
        let answer = app.edit(&event, json!({ "stage": stage })).await;
        assert_eq!((answer.status, &answer.json()["stage"]), (200, &json!(stage)));
    }
    let etag = app.get(&path(&event)).expect(200).await.etag();
    for stage in ["published", "cancelled"] {
        let change = json!({ "stage": stage });
        let answer = app.patch(&path(&event)).if_match(&etag).json(&change).wrong().send().await;
        invalid(&answer, &["/stage"]);
    }
    let cancellation = format!("{}/cancellation", path(&event));
    refused(&app.put(&cancellation).json(&json!({})).send().await, 409);

    let published = app.publish(&event, "none").await;
    assert_eq!(published["slug"], "2027-02-11-discussion-du-2027-02-11");
    let before = everything(&app).await;
    refused(&app.edit(&event, json!({ "stage": "draft" })).await, 409);
    refused(&app.delete(&path(&event)).send().await, 409);
    assert_eq!(everything(&app).await, before);

    let reason = json!({ "reason": "La salle n'est plus disponible." });
    let cancelled = app.put(&cancellation).json(&reason).expect(200).await.json();
    assert_eq!(
        (&cancelled["stage"], &cancelled["cancellation_reason"]),
        (&json!("cancelled"), &reason["reason"])
    );
    let before = everything(&app).await;
    for asked in [&reason, &json!({})] {
        let again = app.put(&cancellation).json(asked).expect(200).await.json();
        assert_eq!(again, cancelled, "asked again, it answers the same");
    }
    // Those who were told would never hear of another reason.
    refused(&app.put(&cancellation).json(&json!({ "reason": "Une autre." })).send().await, 409);
    refused(&app.edit(&event, json!({ "title": "Autre" })).await, 409);
    refused(&app.put(&format!("{}/publication", path(&event))).send().await, 409);
    refused(&app.delete(&path(&event)).send().await, 409);
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn a_date_or_a_draft_is_deleted_for_good() {
    let app = TestApp::start().await;
    for stage in ["held", "draft"] {
        let event = discussion(&app, "2027-02-11", json!({ "stage": stage })).await;
        let etag = app.get(&path(&event)).expect(200).await.etag();
        assert_eq!(app.edit(&event, json!({ "title": "Autrement" })).await.status, 200);
        refused(&app.delete(&path(&event)).if_match(&etag).send().await, 412);
        app.delete(&path(&event)).if_match("*").expect(204).await;
        refused(&app.get(&path(&event)).send().await, 404);
        refused(&app.delete(&path(&event)).send().await, 404);
    }
    assert_eq!(items(&app, "/api/v1/events").await, json!([]));
}

#[tokio::test]
async fn published_twice_nobody_is_mailed_twice() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    let first = app.publish(&event, "followers").await;
    assert_eq!(first["slug"], "2027-01-14-sortir-d-un-monolithe-en-dix-huit-mois");
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["ana@membres.example", "bob@membres.example"]);
    let before = everything(&app).await;
    let etag = app.get(&path(&event)).expect(200).await.etag();
    let again = app
        .put(&format!("{}/publication", path(&event)))
        .json(&json!({ "invite": "followers" }))
        .expect(200)
        .await;
    assert_eq!(again.json(), first);
    assert_eq!(again.etag(), etag);
    assert_eq!(everything(&app).await, before);
    assert!(app.mails().await.is_empty());

    let slugs = [app.retex(&ana, json!({})).await, app.retex(&ana, json!({})).await];
    for (at, twin) in slugs.iter().enumerate() {
        let slug = app.publish(twin, "none").await["slug"].clone();
        assert_eq!(slug, format!("2027-01-14-sortir-d-un-monolithe-en-dix-huit-mois-{}", at + 2));
    }
}

#[tokio::test]
async fn publication_without_a_body_invites_the_followers() {
    let app = TestApp::start().await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    let publication = format!("{}/publication", path(&event));
    let before = everything(&app).await;
    invalid(
        &app.put(&publication).json(&json!({ "invite": "everybody" })).wrong().send().await,
        &["/invite"],
    );
    assert_eq!(everything(&app).await, before);
    app.put(&publication).expect(200).await;
    assert_eq!(recipients(&app.mails().await), ["ana@membres.example", "bob@membres.example"]);
}

#[tokio::test]
async fn the_past_is_not_published_moved_into_nor_cancelled() {
    let app = TestApp::start().await;
    let body = json!({ "starts_at": "2026-11-12T19:00", "time_zone": "Europe/Paris" });
    invalid(&app.post("/api/v1/events").json(&body).send().await, &["/starts_at"]);
    let event = discussion(&app, "2027-01-14", json!({})).await;
    invalid(&app.edit(&event, json!({ "starts_at": "2026-11-30T19:00" })).await, &["/starts_at"]);
    let other = discussion(&app, "2027-01-14", json!({})).await;
    app.publish(&other, "none").await;
    invalid(&app.edit(&other, json!({ "starts_at": "2026-11-30T19:00" })).await, &["/starts_at"]);

    app.clock.set("2027-01-14T18:30:00Z".parse().unwrap());
    assert_eq!(read(&app, &other).await["past"], false, "it goes on");
    app.clock.set("2027-01-15T09:00:00Z".parse().unwrap());
    assert_eq!(read(&app, &other).await["past"], true);
    let before = everything(&app).await;
    let late =
        app.put(&format!("{}/publication", path(&event))).json(&json!({ "invite": "none" })).send().await;
    refused(&late, 409);
    refused(&app.put(&format!("{}/cancellation", path(&other))).json(&json!({})).send().await, 409);
    let back = app.edit(&other, json!({ "starts_at": "2027-01-21T19:00" })).await;
    refused(&back, 409);
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn cancelling_tells_all_who_were_told_and_nobody_else() {
    let app = TestApp::start().await;
    let [ana, _, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    let invited = app.mails().await;
    let token = answer_token(only(&invited, "bob@membres.example"));
    people(&app, &["Zoe"]).await;
    app.mails().await;
    yes(&app, &event, &eve).await;
    app.mails().await;
    let silent = app.retex(&ana, json!({ "starts_at": "2027-02-11T19:00" })).await;
    app.publish(&silent, "none").await;
    app.mails().await;

    app.put(&format!("{}/cancellation", path(&event)))
        .json(&json!({ "reason": "Travaux." }))
        .expect(200)
        .await;
    app.put(&format!("{}/cancellation", path(&silent))).json(&json!({})).expect(200).await;
    let mails = app.mails().await;
    let expected = ["ana", "bob", "eve", "zoe"].map(|name| format!("{name}@membres.example"));
    assert_eq!(recipients(&mails), expected);
    for mail in &mails {
        assert!(mail.text().contains("Travaux."), "{}", mail.text());
        assert_eq!(mail.calendar().unwrap().0, "CANCEL");
    }
    assert_eq!(
        app.client.get(&format!("/api/v1/rsvps/{token}")).expect(200).await.json()["state"],
        "cancelled"
    );
    refused(&answer_by_link(&app, &token, json!({ "answer": "yes" })).await, 409);
    assert_eq!(each(&items(&app, "/api/v1/events?stage=cancelled").await, "id"), [id(&event), id(&silent)]);
    app.check_counters().await;
}
