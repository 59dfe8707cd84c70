//! The audit log: every change leaves its fact, and facts hold nobody's words.

use mensuel_tests::{TestApp, app::id};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::{
    asserts::{answer_by_link, answer_token, each, items, on_behalf, only, pages, people, yes},
    events::{discussion, path},
    members::changed,
    series,
};

/// The kinds of fact that were added by what was done, in the order in which they stand.
struct Log {
    seen: usize,
}

impl Log {
    async fn news(&mut self, app: &TestApp) -> Vec<String> {
        app.clock.advance(chrono::TimeDelta::seconds(1));
        let all = pages(app, "/api/v1/facts", 200).await;
        let new = all.len() - self.seen;
        self.seen = all.len();
        let mut kinds = each(&json!(all[..new]), "kind");
        kinds.reverse();
        kinds
    }
}

#[tokio::test]
async fn every_change_leaves_its_fact_with_who_did_it() {
    let app = TestApp::start().await;
    let mut log = Log { seen: 0 };
    assert_eq!(log.news(&app).await, ["member_added", "organizer_added", "token_made"]);
    let series = series::series(&app, json!({ "until": "2027-02" })).await;
    assert_eq!(log.news(&app).await, ["series_created", "date_held", "date_held", "date_held"]);
    let etag = app.get(&series::path(&series)).expect(200).await.etag();
    app.patch(&series::path(&series)).if_match(&etag).json(&json!({ "until": "2027-01" })).expect(200).await;
    assert_eq!(log.news(&app).await, ["series_changed", "event_deleted"]);
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    assert_eq!(log.news(&app).await, ["member_added", "member_added"]);
    changed(&app, &bob, json!({ "company": "Soie Robotics" })).await;
    assert_eq!(log.news(&app).await, ["member_changed"]);
    changed(&app, &bob, json!({ "status": "paused" })).await;
    assert_eq!(log.news(&app).await, ["member_status_changed"]);
    changed(&app, &bob, json!({ "status": "active", "mail": { "invitations": false } })).await;
    assert_eq!(log.news(&app).await, ["member_status_changed", "unsubscribed"]);

    let event = app.retex(&ana, json!({})).await;
    assert_eq!(log.news(&app).await, ["venue_added", "event_created"]);
    app.edit(&event, json!({ "summary": "Autrement dit." })).await;
    assert_eq!(log.news(&app).await, ["event_changed"]);
    app.publish(&event, "none").await;
    assert!(log.news(&app).await.contains(&"event_published".to_owned()));
    yes(&app, &event, &bob).await;
    assert_eq!(log.news(&app).await, ["invitation_made", "answered"]);
    app.edit(&event, json!({ "starts_at": "2027-01-21T19:00" })).await;
    assert_eq!(log.news(&app).await, ["event_changed", "event_moved"]);
    app.put(&format!("{}/cancellation", path(&event))).json(&json!({})).expect(200).await;
    assert_eq!(log.news(&app).await, ["event_cancelled"]);
    let draft = discussion(&app, "2027-02-11", json!({})).await;
    app.delete(&path(&draft)).expect(204).await;
    assert_eq!(log.news(&app).await, ["venue_added", "event_created", "event_deleted"]);
    let token = app.create("/api/v1/api-tokens", json!({ "name": "script", "scopes": ["read"] })).await;
    app.delete(&format!("/api/v1/api-tokens/{}", id(&token))).expect(204).await;
    assert_eq!(log.news(&app).await, ["token_made", "token_revoked"]);
    let venue = app.create("/api/v1/venues", json!({ "name": "Ailleurs" })).await;
    let etag = app.get(&format!("/api/v1/venues/{}", id(&venue))).expect(200).await.etag();
    app.patch(&format!("/api/v1/venues/{}", id(&venue)))
        .if_match(&etag)
        .json(&json!({ "area": "Lyon" }))
        .expect(200)
        .await;
    assert_eq!(log.news(&app).await, ["venue_added", "venue_changed"]);
    app.delete(&crate::members::path(&bob)).expect(204).await;
    assert!(log.news(&app).await.contains(&"member_erased".to_owned()));

    let me = app.get("/api/v1/me").expect(200).await.json();
    for fact in pages(&app, "/api/v1/facts", 50).await {
        let actor = &fact["actor"];
        match actor["kind"].as_str().unwrap() {
            "operator" => assert_eq!(actor["id"], json!(null)),
            "organizer" => assert_eq!(actor["id"], me["member_id"]),
            other => panic!("nobody but the organizer did something: {other}"),
        }
    }
}

#[tokio::test]
async fn facts_hold_ids_and_values_and_nobodys_words() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Anastasia", "Bobine", "Evelyne"]).await.try_into().unwrap();
    changed(&app, &bob, json!({ "company": "Soie Robotics", "job_title": "Dompteuse" })).await;
    series::series(&app, json!({})).await;
    let event = app.retex(&ana, json!({ "max_guests": 3, "online_url": "https://visio.example/x" })).await;
    let notes = json!({ "access_notes": "Code tournesol" });
    app.patch(&format!("/api/v1/venues/{}", event["venue_id"].as_str().unwrap()))
        .if_match("*")
        .json(&notes)
        .expect(200)
        .await;
    app.publish(&event, "followers").await;
    let token = answer_token(only(&app.mails().await, "bobine@membres.example"));
    let guests = json!({ "answer": "yes", "guests": 1, "guest_names": ["Léontine"] });
    assert_eq!(answer_by_link(&app, &token, guests).await.status, 200);
    on_behalf(&app, &event, &eve, json!({ "answer": "yes", "over_capacity": true })).await;
    app.edit(&event, json!({ "speakers": [{ "name": "Ada Martin", "email": "ada@invitee.example" }] })).await;
    let reason = json!({ "reason": "Dégât des eaux." });
    app.put(&format!("{}/cancellation", path(&event))).json(&reason).expect(200).await;
    app.delete(&crate::members::path(&eve)).expect(204).await;
    app.create("/api/v1/api-tokens", json!({ "name": "script secret", "scopes": ["read"] })).await;
    app.work().await;

    let words = [
        "anastasia",
        "bobine",
        "evelyne",
        "durand",
        "camille",
        "martin",
        "léontine",
        "example",
        "@",
        "soie",
        "dompteuse",
        "monolithe",
        "tentatives",
        "confluence",
        "rambaud",
        "lyon",
        "tournesol",
        "visio",
        "dégât",
        "jeudi",
        "secret",
        "script",
        token.as_str(),
    ];
    let facts = pages(&app, "/api/v1/facts", 200).await;
    assert!(facts.len() > 20);
    let shown = json!(facts).to_string().to_lowercase();
    let rows = whole_table(&app).await.to_lowercase();
    assert!(rows.len() > 2_000, "{rows}");
    for word in words {
        let word = word.to_lowercase();
        assert!(!shown.contains(&word), "{word} in the audit log");
        assert!(!rows.contains(&word), "{word} in the table of facts");
    }
    let over: Vec<&Value> = facts.iter().filter(|fact| fact["data"]["over_capacity"] == true).collect();
    assert_eq!(over.len(), 1, "the log keeps who was seated though no seat was left");
}

/// What the rows of the table of facts say, ids aside.
async fn whole_table(app: &TestApp) -> String {
    let db = app.app.store.read();
    let text = "select actor_kind || ' ' || kind || ' ' || subject_kind || ' ' || data as t from facts";
    let rows =
        db.query_all_raw(Statement::from_string(db.get_database_backend(), text)).await.expect("the facts");
    rows.iter().map(|row| row.try_get::<String>("", "t").expect("text") + "\n").collect()
}

#[tokio::test]
async fn facts_are_read_newest_first_and_page_by_page() {
    let app = TestApp::start().await;
    for name in ["Ana", "Bob", "Eve"] {
        app.clock.advance(chrono::TimeDelta::seconds(1));
        people(&app, &[name]).await;
    }
    let whole = items(&app, "/api/v1/facts").await;
    let mut times = each(&whole, "at");
    let read = times.clone();
    times.sort();
    times.reverse();
    assert_eq!(read, times);
    for limit in [1, 2, 5] {
        assert_eq!(each(&json!(pages(&app, "/api/v1/facts", limit).await), "id"), each(&whole, "id"));
    }
    assert_eq!(whole[0]["subject"]["kind"], "member");
}

#[tokio::test]
async fn what_was_refused_leaves_no_fact() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({ "speakers": [] })).await;
    let before = items(&app, "/api/v1/facts").await;
    assert_eq!(app.put(&format!("{}/publication", path(&event))).send().await.status, 422);
    assert_eq!(
        app.edit(&event, json!({ "format": "open_discussion", "speakers": [{ "name": "Ada" }] }))
            .await
            .status,
        422
    );
    assert_eq!(app.edit(&event, json!({})).await.status, 200);
    assert_eq!(
        app.post("/api/v1/members")
            .json(&json!({ "name": "Ana", "email": "ana@membres.example" }))
            .send()
            .await
            .status,
        409
    );
    assert_eq!(items(&app, "/api/v1/facts").await, before);
}
