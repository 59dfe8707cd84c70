//! `/link`, where strangers and members ask for mail: the answer tells nobody apart, and who asks too
//! often is slowed down.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mensuel_tests::{Answer, TestApp};
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::scene::{Evening, read, says};

/// Known, unknown, left, paused, unsubscribed: nothing in the answer tells.
#[tokio::test]
async fn the_answer_of_link_does_not_tell_who_is_a_member() {
    let evening = Evening::with(5, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.change_member(&people[1], json!({ "status": "left" })).await;
    evening.change_member(&people[2], json!({ "status": "paused" })).await;
    evening.change_member(&people[3], json!({ "mail": { "invitations": false } })).await;
    app.delete(&format!("/api/v1/members/{}", people[4].id)).expect(204).await;
    let slug = evening.event["slug"].as_str().unwrap().to_owned();
    let ask = async |email: &str, event: Option<&str>| {
        let mut fields = vec![("email", email)];
        fields.extend(event.map(|slug| ("event", slug)));
        app.clock.advance(TimeDelta::seconds(3));
        app.client.post("/link").form(&fields).send().await
    };
    for event in [None, Some(slug.as_str())] {
        let known = ask(&people[0].email, event).await;
        assert_eq!(known.status, 200);
        let emails: Vec<&str> = people.iter().map(|person| person.email.as_str()).collect();
        for email in
            emails.into_iter().chain(["nobody@ailleurs.example", "camille.organise@lugdunum.example"])
        {
            let other = ask(email, event).await;
            assert_eq!(seen(&other), seen(&known), "{email}");
        }
        // Asked too often for one person, the answer stays the same.
        for _ in 0..5 {
            assert_eq!(seen(&ask(&people[0].email, event).await), seen(&known));
            assert_eq!(seen(&ask("nobody@ailleurs.example", event).await), seen(&known));
        }
    }
    let wrong = ask("no address", None).await;
    assert_eq!(wrong.status, 422);
    says(&read(&wrong), &["Cette adresse n’a pas pu être lue"]);
    let mails = app.mails().await;
    let count = |at: usize| mails.iter().filter(|mail| mail.to() == people[at].email).count();
    assert_eq!(count(0), 3, "no more than three an hour");
    assert_eq!((count(1), count(4)), (0, 0), "who left gets nothing");
    assert!(count(2) >= 1 && count(3) >= 1);
}

/// Whatever there is to do for a member is done aside: while the database lets nobody write, known
/// and unknown addresses are answered all the same.
#[tokio::test]
async fn the_answer_of_link_waits_for_nothing_that_only_members_need() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let slug = evening.event["slug"].as_str().unwrap();
    let tx = app.app.store.write(app.now()).await.expect("the only writer on SQLite");
    if app.is_postgres() {
        tx.db().execute_unprepared("lock table members, events in exclusive mode").await.unwrap();
    }
    for email in [zoe.email.as_str(), "nobody@ailleurs.example"] {
        for fields in [vec![("email", email)], vec![("email", email), ("event", slug)]] {
            let asked = app.client.post("/link").form(&fields).expect(200);
            let answered = tokio::time::timeout(Duration::from_secs(5), asked).await;
            assert!(answered.is_ok(), "{email} waits for the database");
        }
    }
    tx.undo().await.unwrap();
    assert_eq!(app.mails().await.iter().filter(|mail| mail.to() == zoe.email).count(), 2);
}

/// By time, in the same run: the medians of requests that take turns. What is done aside is waited
/// for in between, or it would be measured with the next one.
#[tokio::test]
async fn the_answer_of_link_takes_as_long_for_members_as_for_strangers() {
    const TURNS: usize = 41;
    let evening = Evening::with(12, json!({})).await;
    let app = &evening.app;
    let mut took: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for turn in 0..TURNS {
        let known = evening.people[turn % evening.people.len()].email.clone();
        for (of, email) in [known, format!("p{turn}x@soie.example")].into_iter().enumerate() {
            app.clock.advance(TimeDelta::minutes(2));
            let begun = Instant::now();
            app.client.post("/link").form(&[("email", &email)]).expect(200).await;
            took[of].push(begun.elapsed());
            app.app.units.done().await;
        }
    }
    let [known, unknown] = took.map(|mut of| {
        of.sort();
        // What else the machine does makes a turn longer, never shorter: the quick ones are compared.
        of[TURNS / 4].as_secs_f64()
    });
    let ratio = known / unknown;
    assert!((0.5..2.0).contains(&ratio), "members {known} s, strangers {unknown} s");
}

/// Status, headers and body without what differs by chance.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "date")
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text())
}

#[tokio::test]
async fn strangers_are_slowed_down_and_told_for_how_long() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    app.clock.advance(TimeDelta::minutes(5));
    let mut asked = 0;
    let refused = loop {
        let email = format!("stranger{asked}@ailleurs.example");
        let answer = app.client.post("/link").form(&[("email", &email)]).send().await;
        if answer.status == 429 {
            break answer;
        }
        asked += 1;
        assert!(asked <= 40, "no limit");
    };
    assert_eq!(asked, 30);
    let wait: i64 = refused.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    says(&refused.text(), &["<html"]);
    app.clock.advance(TimeDelta::seconds(wait));
    app.client.post("/link").form(&[("email", "stranger@ailleurs.example")]).expect(200).await;

    // Links that do not verify: 300 a minute, over all doors together. Genuine ones go on.
    let mut wrong = 0;
    let refused = loop {
        let answer = match wrong % 4 {
            0 => app.client.get("/r/nothing").send().await,
            1 => app.client.get("/api/v1/rsvps/nothing").send().await,
            2 => app.client.get("/calendar/m/nothing.ics").send().await,
            _ => app.client.get("/api/v1/me").token("nothing").send().await,
        };
        if answer.status == 429 {
            break answer;
        }
        assert!([401, 404].contains(&answer.status));
        wrong += 1;
        assert!(wrong <= 320, "no limit");
    };
    assert_eq!(wrong, 300);
    assert!(refused.header("retry-after").is_some());
    for path in
        ["/r/nothing", "/u/nothing", "/api/v1/rsvps/nothing", "/calendar/m/nothing.ics", "/r/nothing.ics"]
    {
        let answer = app.client.get(path).expect(429).await;
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
    let form = [("List-Unsubscribe", "One-Click")];
    assert!(app.client.post("/u/nothing").form(&form).expect(429).await.header("retry-after").is_some());
    app.client.put("/api/v1/rsvps/nothing").json(&json!({ "answer": "yes" })).expect(429).await;
    app.client.get(&zoe.link).expect(200).await;
    app.client.get(&zoe.json_path()).expect(200).await;
    app.get("/api/v1/me").expect(200).await;
    app.client.get("/calendar.ics").expect(200).await;
    app.clock.advance(TimeDelta::minutes(1));
    app.client.get("/r/nothing").expect(404).await;
}

#[tokio::test]
async fn a_forwarded_address_counts_from_a_configured_proxy_only() {
    for (proxies, limited) in [("", true), ("127.0.0.0/8", false)] {
        let app = TestApp::start_with(&[("MENSUEL_TRUSTED_PROXIES", proxies)]).await;
        let mut statuses = Vec::new();
        for at in 0..35 {
            let ask = app.client.post("/link").form(&[("email", "nobody@ailleurs.example")]);
            let from = format!("203.0.113.{at}");
            statuses.push(ask.header("x-forwarded-for", &from).send().await.status);
        }
        assert_eq!(statuses.contains(&429), limited, "{proxies:?}: {statuses:?}");
    }
}
