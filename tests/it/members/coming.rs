use mensuel_tests::TestApp;
use serde_json::json;

use super::{changed, path};
use crate::{
    asserts::{items, people, recipients, refused},
    events::discussion,
};

#[tokio::test]
async fn who_comes_after_the_followers_were_asked_is_invited_then_and_once() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    let asked = app.retex(&ana, json!({})).await;
    app.publish(&asked, "followers").await;
    let quiet = discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&quiet, "none").await;
    app.mails().await;

    let bob = app.member("Bob Durand", "bob@x.example", json!({ "follows": ["workshop"] })).await;
    assert!(app.mails().await.is_empty(), "who does not follow the format is not invited");
    changed(&app, &bob, json!({ "follows": ["workshop", "retex"] })).await;
    assert_eq!(recipients(&app.mails().await), ["bob@x.example"]);
    changed(&app, &bob, json!({ "follows": [] })).await;
    changed(&app, &bob, json!({ "follows": ["all"] })).await;
    assert!(app.mails().await.is_empty(), "nobody is invited twice, nor to what nobody asked for");

    let eve = app.member("Eve Durand", "eve@x.example", json!({ "status": "paused" })).await;
    app.member("Ida Durand", "ida@x.example", json!({ "mail": { "invitations": false } })).await;
    assert!(app.mails().await.is_empty());
    changed(&app, &eve, json!({ "status": "active" })).await;
    assert_eq!(recipients(&app.mails().await), ["eve@x.example"]);
    app.member("Zoe Durand", "zoe@x.example", json!({})).await;
    assert_eq!(recipients(&app.mails().await), ["zoe@x.example"]);

    app.clock.set("2027-01-14T18:00:01Z".parse().unwrap());
    app.mails().await;
    app.member("Late Durand", "late@x.example", json!({})).await;
    assert!(app.mails().await.is_empty(), "the deadline is over");
}

#[tokio::test]
async fn a_pause_ends_by_itself_and_invites_then() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    let bob = json!({ "status": "paused", "paused_until": "2026-12-10" });
    let bob = app.member("Bob Durand", "bob@x.example", bob).await;
    assert_eq!((&bob["status"], &bob["paused_until"]), (&json!("paused"), &json!("2026-12-10")));
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "followers").await;
    assert_eq!(recipients(&app.mails().await), ["ana@membres.example"]);

    app.clock.set("2026-12-09T22:30:00Z".parse().unwrap());
    assert!(app.mails().await.is_empty(), "in Paris it is still the 9th");
    app.clock.set("2026-12-10T08:00:00Z".parse().unwrap());
    assert_eq!(recipients(&app.mails().await), ["bob@x.example"]);
    let bob = app.get(&path(&bob)).expect(200).await.json();
    assert_eq!((&bob["status"], &bob["paused_until"]), (&json!("active"), &json!(null)));
    assert_eq!(items(&app, "/api/v1/members?status=paused").await, json!([]));
}

#[tokio::test]
async fn a_role_is_given_and_taken_by_admin_alone_and_one_organizer_stays() {
    let app = TestApp::start().await;
    let token = crate::tokens::made(&app, "write").await;
    let [ana, _] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    let new = json!({ "name": "Roi", "email": "roi@x.example", "roles": ["organizer"] });
    refused(&app.client.post("/api/v1/members").token(&token).json(&new).send().await, 403);
    let etag = app.get(&path(&ana)).expect(200).await.etag();
    let role = json!({ "roles": ["organizer"] });
    refused(&app.client.patch(&path(&ana)).token(&token).if_match(&etag).json(&role).send().await, 403);
    let plain = json!({ "company": "Soie" });
    app.client.patch(&path(&ana)).token(&token).if_match(&etag).json(&plain).expect(200).await;
    assert_eq!(items(&app, "/api/v1/members?q=roi").await, json!([]));

    let camille = items(&app, "/api/v1/members?q=camille").await[0].clone();
    assert_eq!(camille["roles"], json!(["organizer"]));
    refused(&super::change(&app, &camille, json!({ "roles": [] })).await, 409);
    refused(&super::change(&app, &camille, json!({ "status": "left" })).await, 409);
    refused(&app.delete(&path(&camille)).send().await, 409);
    assert_eq!(changed(&app, &ana, role).await["roles"], json!(["organizer"]));
    changed(&app, &camille, json!({ "roles": [] })).await;
    refused(&app.get("/api/v1/me").send().await, 401);
}
