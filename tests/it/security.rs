//! Robots, strangers, hosts, logs and headers.

use std::{
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use mensuel_domain::id::Id;
use mensuel_tests::{
    Answer, TestApp,
    mailbox::{Behaviour, Reaction, Step},
};
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::scene::{Evening, change_member, database, execute, read, says, token};

const BASE: &str = "https://soirees.lugdunum.example/";

/// Every link of every mail, by everything but a press of a button.
#[tokio::test]
async fn robots_that_fetch_every_link_of_every_mail_change_nothing() {
    let evening = Evening::with(3, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    let mut mails = evening.mails.clone();
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    app.client.post("/link").form(&[("email", &people[2].email)]).expect(200).await;
    mails.push(crate::links::mail_with_links(app, &people[2]).await);
    mails.extend(app.mails().await);
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;
    mails.extend(app.mails().await);

    let mut links: Vec<String> = mails.iter().flat_map(|mail| mail.links()).collect();
    for mail in &mails {
        let header = mail.header("List-Unsubscribe").unwrap_or_default();
        links.extend(header.split(',').map(|one| one.trim().trim_matches(['<', '>']).to_owned()));
        links.extend(hrefs(&mail.html()));
    }
    links.retain(|link| link.starts_with(BASE));
    links.sort();
    links.dedup();
    let kinds = ["/r/", "/u/", "/calendar/m/", "/events/", "/link", "?a=yes", "?a=no"];
    assert!(kinds.iter().all(|kind| links.iter().any(|link| link.contains(kind))), "{links:?}");
    let before = database(app).await;
    for link in &links {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let answer = app.client.request(method.parse().unwrap(), link).wrong().send().await;
            assert!(answer.status < 500, "{method} {link}: {}", answer.status);
            if method != "OPTIONS" {
                assert_eq!(answer.status, 200, "{method} {link}");
            }
        }
    }
    app.app.units.done().await;
    assert_eq!(database(app).await, before);
    assert!(app.mails().await.is_empty());
    // What a press of a button does is seen by the same comparison.
    let preferences = links.iter().find(|link| link.contains("/u/")).expect("preferences");
    app.client.post(preferences).form(&[("List-Unsubscribe", "One-Click")]).expect(200).await;
    assert_ne!(database(app).await, before);
}

fn hrefs(html: &str) -> Vec<String> {
    html.split("href=\"")
        .skip(1)
        .filter_map(|rest| Some(rest.split('"').next()?.replace("&amp;", "&")))
        .collect()
}

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
    says(&read(&wrong), &["Cette adresse n'a pas pu être lue"]);
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

#[tokio::test]
async fn what_a_request_calls_the_host_gets_into_no_mail_and_no_page() {
    let evening = Evening::with(2, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let evil = |request: mensuel_tests::client::Request| {
        request
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "gopher")
            .header("forwarded", "host=evil.example;proto=gopher")
            .header("x-original-url", "/evil.example")
            .header("referer", "https://evil.example/")
    };
    let asked = evil(app.client.post("/link").form(&[("email", &evening.people[1].email)])).expect(200).await;
    let mut bodies = vec![asked.text()];
    let answered = evil(app.client.post(&zoe.link).form(&[("answer", "yes")])).expect(303).await;
    bodies.push(format!("{:?}", answered.headers));
    for path in ["/", "/link", "/calendar.ics", "/api/docs", "/nothing", "/api/v1/events", &zoe.link] {
        let answer = evil(app.client.get(path)).wrong().send().await;
        bodies.push(format!("{:?}{}", answer.headers, answer.text()));
    }
    let made = evil(app.post("/api/v1/venues").json(&json!({ "name": "Halle" }))).expect(201).await;
    bodies.push(format!("{:?}{}", made.headers, made.text()));
    let mut mails = vec![crate::links::mail_with_links(app, &evening.people[1]).await];
    mails.extend(app.mails().await);
    for mail in &mails {
        bodies.push(String::from_utf8_lossy(&mail.raw).into_owned());
        bodies.extend([mail.text(), mail.html(), mail.calendar_text()]);
        for link in mail.links().iter().chain(&hrefs(&mail.html())) {
            let ours = [BASE, "webcal://soirees.lugdunum.example/", "https://calendar.google.com/"];
            assert!(ours.iter().any(|base| link.starts_with(base)), "{link}");
        }
    }
    for body in bodies {
        assert!(!body.contains("evil.example") && !body.contains("gopher"), "{body}");
    }
}

/// What `tracing` would write, as the binary sets it up with the most talkative filter that it documents.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_token_and_no_address_is_ever_logged() {
    let log = Log::default();
    let writer = log.clone();
    // Each test is a process of its own: this subscriber is nobody else's.
    tracing_subscriber::fmt()
        .with_env_filter(
            "info,mensuel=trace,mensuel_infra=trace,mensuel_domain=trace,actix_web=debug,actix_server=debug",
        )
        .with_writer(move || writer.clone())
        .try_init()
        .expect("the only subscriber");
    let evening = Evening::with(4, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    app.client.put(&people[2].json_path()).json(&json!({ "answer": "no" })).expect(200).await;
    app.client.put(&people[2].json_path()).body("application/json", "{").wrong().expect(400).await;
    for path in [format!("/r/{}x", people[0].token()), format!("/u/{}", people[0].token())] {
        app.client.get(&path).expect(404).await;
    }
    app.client.post("/link").form(&[("email", &people[3].email)]).expect(200).await;
    crate::links::mail_with_links(app, &people[3]).await;
    // A relay that repeats the address in its refusal, and one that drops the connection.
    app.mailbox.script_for(&people[0].email, Behaviour::at(Step::Rcpt, Reaction::Reply(550)));
    app.mailbox.script_for(&people[1].email, Behaviour::at(Step::FinalDot, Reaction::Drop));
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;
    app.mails().await;
    app.advance(TimeDelta::minutes(30)).await;
    // A fault of the database in the middle of a request.
    execute(app, "alter table rsvps rename to rsvps_away").await;
    assert!(app.client.get(&people[0].link).send().await.status >= 500);
    assert!(app.client.post(&people[0].link).form(&[("answer", "no")]).send().await.status >= 500);
    execute(app, "alter table rsvps_away rename to rsvps").await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("store"), "something was logged: {log}");
    let mut secrets = vec![app.token.clone(), "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE".to_owned()];
    for person in people {
        secrets.extend([person.token().to_owned(), person.email.clone(), person.name.clone()]);
    }
    for mail in &evening.mails {
        secrets.extend(mail.link("/u/").map(|link| token(&link).to_owned()));
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn security_headers_stand_on_every_kind_of_answer() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let slug = evening.event["slug"].as_str().unwrap();
    let season = app.client.get("/").expect(200).await;
    let asset = hrefs(&season.text()).into_iter().find(|href| href.contains(".css")).expect("a style");
    let etag = app.client.get("/calendar.ics").expect(200).await.etag();
    let preferences = crate::scene::to(&evening.mails, zoe)[0].link("/u/").expect("preferences");
    let get = |path: &str| app.client.get(path).wrong();
    let requests = vec![
        ("season", get("/"), 200),
        ("evening", get(&format!("/events/{slug}")), 200),
        ("evening's file", get(&format!("/events/{slug}.ics")), 200),
        ("answering", get(&zoe.link), 200),
        ("answered", app.client.post(&zoe.link).form(&[("answer", "yes")]), 303),
        ("asking", get("/link"), 200),
        ("asked", app.client.post("/link").form(&[("email", "nobody@ailleurs.example")]), 200),
        ("preferences", get(&preferences), 200),
        ("a new feed", app.client.post(&format!("{preferences}/feed")).form(&[]), 303),
        ("announcements", get("/feed.atom"), 200),
        ("a file of one's own", get(&format!("{}.ics", zoe.link)), 200),
        ("feed", get("/calendar.ics"), 200),
        ("unchanged feed", get("/calendar.ics").header("if-none-match", &etag), 304),
        ("docs", get("/api/docs"), 200),
        ("contract", get("/openapi.yaml"), 200),
        ("style", get(&asset), 200),
        ("health", get("/healthz"), 200),
        ("readiness", get("/readyz"), 200),
        ("JSON", get("/api/v1/events"), 200),
        ("JSON of a link", get(&zoe.json_path()), 200),
        ("no page", get("/nothing/here"), 404),
        ("no JSON", get("/api/v1/nothing"), 404),
        ("no link", get("/r/nothing"), 404),
        ("no feed", get("/calendar/m/nothing.ics"), 404),
        ("nobody", get("/api/v1/me"), 401),
        ("method", app.client.delete("/link").wrong(), 405),
        ("method of JSON", app.client.delete("/api/v1/me").wrong(), 405),
        ("not JSON", app.post("/api/v1/venues").body("application/json", "{").wrong(), 400),
        ("wrong type", app.post("/api/v1/venues").body("text/plain", "x").wrong(), 415),
        (
            "too large",
            app.post("/api/v1/venues").body("application/json", vec![b' '; 3_000_000]).wrong(),
            413,
        ),
        ("invalid", app.post("/api/v1/venues").json(&json!({})).wrong(), 422),
        ("head", app.client.request("HEAD".parse().unwrap(), "/"), 200),
    ];
    for (what, request, status) in requests {
        let answer = request.expect(status).await;
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{what}: {policy:?}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{what}: {policy}");
        assert!(answer.header("server").is_none() && answer.header("set-cookie").is_none(), "{what}");
        check_no_third_party(what, &answer);
    }
}

/// Nothing is loaded from elsewhere; a link that a person presses may lead there.
fn check_no_third_party(what: &str, answer: &Answer) {
    if !answer.header("content-type").unwrap_or_default().starts_with("text/html") {
        return;
    }
    let html = answer.text();
    // Data for search engines are no script: browsers do not run them.
    let data = html.matches("<script type=\"application/ld+json\">").count();
    assert_eq!(html.matches("<script").count(), data, "{what}");
    assert!(!html.contains("<iframe") && !html.contains(" onclick"), "{what}");
    for tag in html.split('<').filter(|tag| !tag.starts_with("a ")) {
        for loaded in ["src=\"", "href=\"", "action=\"", "srcset=\"", "poster=\""] {
            if let Some(target) = tag.split(loaded).nth(1).and_then(|rest| rest.split('"').next()) {
                let own = (target.starts_with('/') && !target.starts_with("//")) || target.starts_with(BASE);
                assert!(own, "{what}: {target}");
            }
        }
    }
}

#[tokio::test]
async fn mails_load_nothing_from_anywhere() {
    let evening = Evening::with(2, json!({ "capacity": 1 })).await;
    evening.come(&evening.people[0], 0).await;
    evening.come(&evening.people[1], 0).await;
    evening.stay_away(&evening.people[0]).await;
    let mut mails = evening.mails.clone();
    mails.extend(evening.app.mails().await);
    evening.cancel("Salle fermée").await;
    mails.extend(evening.app.mails().await);
    assert!(mails.len() > 6);
    for mail in mails {
        let html = mail.html();
        assert!(!html.is_empty() && html.len() < 100_000);
        for loaded in
            ["<img", "<link", "<script", "<iframe", "src=", "url(", "@import", "@font-face", "<form"]
        {
            assert!(!html.contains(loaded), "{loaded} in {}", mail.subject());
        }
    }
}

#[tokio::test]
async fn no_door_makes_an_organizer_but_an_administrators_token() {
    let app = TestApp::start().await;
    let plain = app.member("Zoé Durand", "zoe@soie.example", json!({})).await;
    let path = format!("/api/v1/members/{}", plain["id"].as_str().unwrap());
    let token = async |scope: &str| {
        let body = json!({ "name": scope, "scopes": [scope] });
        app.post("/api/v1/api-tokens").json(&body).expect(201).await.json()["secret"]
            .as_str()
            .map(str::to_owned)
    };
    let organizer = json!({ "name": "Eve", "email": "eve@ailleurs.example", "roles": ["organizer"] });
    for scope in ["read", "write"] {
        let token = token(scope).await.expect("a secret, shown once");
        app.client.post("/api/v1/members").token(&token).json(&organizer).expect(403).await;
        let etag = app.get(&path).expect(200).await.etag();
        let change = app.client.patch(&path).token(&token).if_match(&etag);
        change.json(&json!({ "roles": ["organizer"] })).expect(403).await;
        let own = json!({ "name": "more", "scopes": ["admin"] });
        app.client.post("/api/v1/api-tokens").token(&token).json(&own).expect(403).await;
    }
    app.client.post("/api/v1/members").json(&organizer).expect(401).await;
    for path in ["/sign-in", "/setup", "/install", "/join", "/console", "/register"] {
        for method in ["GET", "POST"] {
            let status = app.client.request(method.parse().unwrap(), path).wrong().send().await.status;
            assert!([404, 405].contains(&status), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn an_organizers_token_dies_with_the_role_which_scope_write_cannot_take() {
    let app = TestApp::start().await;
    let zoe = app.member("Zoé Durand", "zoe@soie.example", json!({ "roles": ["organizer"] })).await;
    let owner = Id::new(zoe["id"].as_str().unwrap().parse().unwrap());
    let hers = mensuel_tests::app::token(&app.app, Some(owner), "read").await;
    let writer = mensuel_tests::app::token(&app.app, Some(owner), "write").await;
    let me = async |token: &str| app.client.get("/api/v1/me").token(token).send().await.status;
    assert_eq!(me(&hers).await, 200);
    let path = format!("/api/v1/members/{}", zoe["id"].as_str().unwrap());
    let etag = app.get(&path).expect(200).await.etag();
    for upon in [etag.as_str(), "*"] {
        let change = app.client.patch(&path).token(&writer).if_match(upon);
        change.json(&json!({ "status": "left" })).expect(403).await;
    }
    assert_eq!((me(&hers).await, me(&writer).await), (200, 200));
    change_member(&app, zoe["id"].as_str().unwrap(), json!({ "roles": [] })).await;
    assert_eq!((me(&hers).await, me(&writer).await), (401, 401));
}
