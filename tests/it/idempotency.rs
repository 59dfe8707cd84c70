//! `Idempotency-Key`: a request that is repeated makes one thing, and gets the same answer.

use chrono::TimeDelta;
use mensuel_tests::{Answer, TestApp, app::id};
use serde_json::{Value, json};

use crate::{
    asserts::{everything, invalid, items, people, refused},
    series::thursdays,
};

async fn post(app: &TestApp, target: &str, key: &str, body: &Value) -> Answer {
    app.post(target).header("idempotency-key", key).json(body).send().await
}

fn same(one: &Answer, other: &Answer) {
    assert_eq!(one.status, other.status, "{}", other.text());
    assert_eq!(one.body, other.body, "the same bytes");
    for name in ["etag", "location", "content-type"] {
        assert_eq!(one.header(name), other.header(name), "{name}");
    }
}

#[tokio::test]
async fn the_same_key_and_body_get_the_same_answer_and_make_one_thing() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "none").await;
    let series =
        app.create("/api/v1/series", thursdays(json!({ "from": "2027-03", "until": "2027-06" }))).await;
    let bodies = [
        (
            "/api/v1/events".to_owned(),
            json!({ "starts_at": "2027-02-11T19:00", "time_zone": "Europe/Paris" }),
        ),
        ("/api/v1/members".to_owned(), json!({ "name": "Bob", "email": "bob@membres.example" })),
        ("/api/v1/venues".to_owned(), json!({ "name": "Ailleurs" })),
        ("/api/v1/series".to_owned(), thursdays(json!({ "title": "Autres", "until": "2027-01" }))),
        (format!("/api/v1/series/{}/splits", id(&series)), json!({ "from": "2027-05", "title": "Suite" })),
        (format!("/api/v1/events/{}/invitations", id(&event)), json!({ "audience": "followers" })),
    ];
    for (target, body) in &bodies {
        let key = format!("key-of-{target}");
        let first = post(&app, target, &key, body).await;
        assert!([201, 202].contains(&first.status), "{target}: {}", first.text());
        let before = everything(&app).await;
        app.clock.advance(TimeDelta::hours(1));
        same(&first, &post(&app, target, &key, body).await);
        assert_eq!(everything(&app).await, before, "{target} made one thing");
    }
}

#[tokio::test]
async fn the_same_key_with_another_body_or_address_is_refused() {
    let app = TestApp::start().await;
    let body = json!({ "name": "Ailleurs" });
    assert_eq!(post(&app, "/api/v1/venues", "k1", &body).await.status, 201);
    let before = everything(&app).await;
    invalid(&post(&app, "/api/v1/venues", "k1", &json!({ "name": "Autre" })).await, &["/Idempotency-Key"]);
    let answer = app
        .post("/api/v1/members")
        .header("idempotency-key", "k1")
        .json(&json!({ "name": "Bob", "email": "b@x.example" }))
        .send()
        .await;
    invalid(&answer, &["/Idempotency-Key"]);
    for wrong in ["", "with space", "é", &"x".repeat(201)] {
        let answer = app
            .post("/api/v1/venues")
            .header("idempotency-key", wrong)
            .json(&json!({ "name": "Autre" }))
            .wrong()
            .send()
            .await;
        invalid(&answer, &["/Idempotency-Key"]);
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn a_key_is_its_callers_own() {
    let app = TestApp::start().await;
    let token = crate::tokens::made(&app, "write").await;
    assert_eq!(post(&app, "/api/v1/venues", "k1", &json!({ "name": "Ailleurs" })).await.status, 201);
    let other = app
        .client
        .post("/api/v1/venues")
        .token(&token)
        .header("idempotency-key", "k1")
        .json(&json!({ "name": "Autre" }));
    other.expect(201).await;
    let reader = crate::tokens::made(&app, "read").await;
    let asked = app
        .client
        .post("/api/v1/venues")
        .token(&reader)
        .header("idempotency-key", "k1")
        .json(&json!({ "name": "Ailleurs" }));
    refused(&asked.send().await, 403);
}

#[tokio::test]
async fn what_was_refused_may_be_corrected_under_the_same_key() {
    let app = TestApp::start().await;
    invalid(
        &app.post("/api/v1/venues")
            .header("idempotency-key", "k1")
            .json(&json!({ "name": "" }))
            .wrong()
            .send()
            .await,
        &["/name"],
    );
    assert_eq!(post(&app, "/api/v1/venues", "k1", &json!({ "name": "Ailleurs" })).await.status, 201);
}

#[tokio::test]
async fn a_plan_takes_no_key() {
    let app = TestApp::start().await;
    let body = thursdays(json!({}));
    assert_eq!(post(&app, "/api/v1/series?dry_run=true", "k1", &body).await.status, 200);
    assert_eq!(post(&app, "/api/v1/series", "k1", &body).await.status, 201);
}

#[tokio::test]
async fn of_many_at_once_one_makes_it() {
    let app = TestApp::start().await;
    let body = json!({ "starts_at": "2027-02-11T19:00", "time_zone": "Europe/Paris", "title": "Une seule" });
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let request = app.post("/api/v1/events").header("idempotency-key", "at-once").json(&body);
            // A conflict, while the first is at work, is no part of this operation's answers: only retried ones are.
            tokio::spawn(request.send())
        })
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        let answer = task.await.expect("the request ends");
        assert_eq!(answer.status, 201, "{}", answer.text());
        made.push(answer);
    }
    made.iter().for_each(|answer| same(&made[0], answer));
    assert_eq!(items(&app, "/api/v1/events").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_day_later_the_key_is_forgotten() {
    let app = TestApp::start().await;
    let body = json!({ "starts_at": "2027-02-11T19:00", "time_zone": "Europe/Paris" });
    let first = post(&app, "/api/v1/events", "k1", &body).await;
    app.clock.advance(TimeDelta::hours(23));
    same(&first, &post(&app, "/api/v1/events", "k1", &body).await);
    app.clock.advance(TimeDelta::hours(2));
    let again = post(&app, "/api/v1/events", "k1", &body).await;
    assert_eq!(again.status, 201);
    assert_ne!(again.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn an_answer_about_somebody_goes_with_them() {
    let app = TestApp::start().await;
    let body = json!({ "name": "Bob Durand", "email": "bob@membres.example" });
    let bob = post(&app, "/api/v1/members", "k1", &body).await.json();
    app.delete(&crate::members::path(&bob)).expect(204).await;
    let again = post(&app, "/api/v1/members", "k1", &body).await;
    assert_eq!(again.status, 201, "nothing of the first is remembered: {}", again.text());
    assert_ne!(again.json()["id"], bob["id"]);
}

#[tokio::test]
async fn sending_again_is_repeated_safely() {
    let app = TestApp::start().await;
    use mensuel_tests::mailbox::{Behaviour, Reaction, Step};
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    app.mailbox.script(Behaviour::at(Step::Rcpt, Reaction::Reply(554)));
    let event = app.retex(&ana, json!({})).await;
    app.publish(&event, "none").await;
    crate::asserts::on_behalf(&app, &event, &ana, json!({ "answer": "yes" })).await;
    app.work().await;
    let failed = items(&app, "/api/v1/outbox?state=failed").await;
    let retry = format!("/api/v1/outbox/{}/retry", id(&failed[0]));
    invalid(
        &app.post(&retry).header("idempotency-key", "no key").wrong().send().await,
        &["/Idempotency-Key"],
    );
    let first = app.post(&retry).header("idempotency-key", "r1").expect(200).await;
    same(&first, &app.post(&retry).header("idempotency-key", "r1").expect(200).await);
    let dry = format!("/api/v1/events/{}/invitations?dry_run=true", id(&event));
    app.post(&dry)
        .header("idempotency-key", "d1")
        .json(&json!({ "audience": "followers" }))
        .expect(200)
        .await;
}
