//! Robots, strangers, hosts, logs and headers.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr},
    slice,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use mensuel_domain::fact::NoticeKind;
use mensuel_infra::links::{Claim, Purpose};
use mensuel_tests::{
    Answer, TestApp,
    client::Request,
    mail_in::Answered,
    mailbox::{Behaviour, Reaction, ReceivedMail, Step},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    inbound::Inbox,
    scene::{Evening, all, change_member, database, execute, only, text, to, token},
};

const BASE: &str = "https://soirees.lugdunum.example/";

/// A person whom nobody here knows.
const STRANGER: &str = "eve@foreign.example";

/// What they write.
fn words() -> String {
    format!(
        "From: Eve <{STRANGER}>\r\nTo: soirees@lugdunum.example\r\nSubject: Une question\r\nMessage-ID: <w1@foreign.example>\r\n\r\n\
         Faut-il un badge ?\r\n"
    )
}

/// Every link of every mail, by everything but a press of a button.
#[tokio::test]
async fn robots_that_fetch_every_link_of_every_mail_change_nothing() {
    let inbox = Inbox::with(4, json!({ "capacity": 1 })).await;
    let (app, evening) = (inbox.app(), &inbox.evening);
    let mut mails = far_from_the_evening(&inbox).await;
    mails.extend(near_the_evening(&inbox).await);
    follow(app, &links(&mails)).await;
    evening.cancel("Salle fermée").await;
    mails.extend(app.mails().await);
    follow(app, &links(&mails)).await;

    let all_kinds: BTreeSet<String> = NoticeKind::ALL.map(|kind| kind.name().to_owned()).into();
    assert_eq!(kinds(app, &mails).await, all_kinds);
    let links = links(&mails);
    let doors = ["/r/", "/u/", "/calendar/m/", "/events/", "/link", "?a=yes", "?a=no"];
    assert!(doors.iter().all(|door| links.iter().any(|link| link.contains(door))), "{links:?}");
    // What a press of a button does is seen by the same comparison.
    let before = database(app).await;
    let preferences = links.iter().find(|link| link.contains("/u/")).expect("preferences");
    app.client.post(preferences).form(&[("List-Unsubscribe", "One-Click")]).expect(200).await;
    assert_ne!(database(app).await, before);
}

/// Invitations, answers, a seat that is given, a move, links through a relay that refused us, a
/// stranger's words, a speaker who says no and goes.
async fn far_from_the_evening(inbox: &Inbox) -> Vec<ReceivedMail> {
    let (app, evening) = (inbox.app(), &inbox.evening);
    let (people, speaker) = (&evening.people, &evening.speaker);
    let mut mails = evening.mails.clone();
    for person in people {
        evening.come(person, 0).await;
    }
    mails.extend(app.mails().await);
    evening.stay_away(&people[0]).await;
    mails.extend(app.mails().await);
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;
    mails.extend(app.mails().await);

    app.mailbox.script_once(Behaviour::at(Step::Mail, Reaction::Says("554 5.7.1 Not from you")));
    app.client.post("/link").form(&[("email", &people[2].email)]).expect(200).await;
    app.work().await;
    app.advance(TimeDelta::hours(2)).await;
    inbox.ends(words(), "applied", "forwarded").await;
    evening.stay_away(speaker).await;
    mails.extend(app.mails().await);

    change_member(app, &speaker.id, json!({ "status": "left" })).await;
    mails.extend(app.mails().await);
    // The links of who left open nothing.
    change_member(app, &speaker.id, json!({ "status": "active" })).await;
    mails
}

/// The answer of a calendar after the deadline, a reminder, and a seat that is offered to one who does
/// not take it.
async fn near_the_evening(inbox: &Inbox) -> Vec<ReceivedMail> {
    let (app, people) = (inbox.app(), &inbox.evening.people);
    let advance_to = async |instant: &str| app.advance_to(instant.parse().expect("an instant")).await;
    let closed = json!({
        "speakers": [{ "name": "Ada Martin" }],
        "starts_at": "2027-02-11T19:00", "deadline": "2027-01-10T18:00:00+01:00"
    });
    let closed = app.retex(&Value::Null, closed).await;
    app.publish(&closed, "followers").await;
    let mut mails = app.mails().await;
    let late = Answered::of(only(&mails, &people[3])).reply("ACCEPTED").at("20270111T090000Z");
    advance_to("2027-01-11T09:00:00Z").await;
    inbox.ends(late.mail(), "ignored", "too_late").await;
    advance_to("2027-01-14T18:00:00Z").await;
    advance_to("2027-01-20T11:00:00Z").await;
    inbox.evening.stay_away(&people[1]).await;
    mails.extend(app.mails().await);
    advance_to("2027-01-21T10:00:00Z").await;
    mails.extend(app.mails().await);
    mails
}

/// The kinds of these mails that have a link of ours.
async fn kinds(app: &TestApp, mails: &[ReceivedMail]) -> BTreeSet<String> {
    let outbox = all(app, "/api/v1/outbox").await;
    let of = |mail: &ReceivedMail| {
        let id = mail.header("Message-ID").expect("an id");
        let row = outbox.iter().find(|row| id.contains(&text(&row["id"]).replace('-', "")));
        text(&row.expect("a mail of the outbox")["kind"])
    };
    mails.iter().filter(|mail| !links(slice::from_ref(*mail)).is_empty()).map(of).collect()
}

/// The addresses of ours that stand in mails: in their words, behind their words, and in their heads.
fn links(mails: &[ReceivedMail]) -> BTreeSet<String> {
    let mut links = BTreeSet::new();
    for mail in mails {
        let header = mail.header("List-Unsubscribe").unwrap_or_default();
        links.extend(header.split(',').map(|one| one.trim().trim_matches(['<', '>']).to_owned()));
        links.extend(mail.links());
        links.extend(hrefs(&mail.html()));
    }
    links.retain(|link| link.starts_with(BASE));
    links
}

/// Asks for each as robots do: nothing is stored by it, and nobody is mailed.
async fn follow(app: &TestApp, links: &BTreeSet<String>) {
    let before = database(app).await;
    for link in links {
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
}

fn hrefs(html: &str) -> Vec<String> {
    html.split("href=\"")
        .skip(1)
        .filter_map(|rest| Some(rest.split('"').next()?.replace("&amp;", "&")))
        .collect()
}

#[tokio::test]
async fn what_a_request_calls_the_host_gets_into_no_mail_and_no_page() {
    let evening = Evening::with(2, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let evil = |request: Request| {
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
    let inbox = Inbox::with(4, json!({ "capacity": 1 })).await;
    let (app, evening, people) = (inbox.app(), &inbox.evening, &inbox.evening.people);
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    app.client.put(&people[2].json_path()).json(&json!({ "answer": "no" })).expect(200).await;
    app.client.put(&people[2].json_path()).body("application/json", "{").wrong().expect(400).await;
    for path in [format!("/r/{}x", people[0].token()), format!("/u/{}", people[0].token())] {
        app.client.get(&path).expect(404).await;
    }
    app.client.post("/link").form(&[("email", &people[3].email)]).expect(200).await;
    let asked = crate::links::mail_with_links(app, &people[3]).await;
    let feed = asked.link("/calendar/m/").expect("a feed");
    app.client.get(&feed).expect(200).await;
    app.client.get(&asked.link("/u/").expect("preferences")).expect(200).await;
    // A relay that repeats the address in its refusal, and one that drops the connection.
    app.mailbox.script_for(&people[0].email, Behaviour::at(Step::Rcpt, Reaction::Reply(550)));
    app.mailbox.script_for(&people[1].email, Behaviour::at(Step::FinalDot, Reaction::Drop));
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;
    app.mails().await;
    app.advance(TimeDelta::minutes(30)).await;
    // Mail that comes in, with the recipient of its envelope: words, a report of failure, somebody who leaves.
    let hand_over = |recipient: &str, raw: String| {
        let door = format!("/api/v1/inbound-mail?recipient={}", recipient.replace('+', "%2B"));
        app.client.post(&door).token(&inbox.token).body("message/rfc822", raw)
    };
    let (gone, leaves) = (inbox.invitation(2), inbox.invitation(3));
    for (recipient, raw, reason) in [
        ("soirees@lugdunum.example", words(), "forwarded"),
        (gone.return_path.as_str(), gone.shape("d01-postfix-user-unknown-5.1.1"), "address_stopped"),
        (leaves.unsubscribe.as_str(), leaves.shape("m14-apple-unsubscribe"), "unsubscribed"),
    ] {
        assert_eq!(hand_over(recipient, raw).expect(200).await.json()["reason"], reason);
    }
    app.mails().await;
    // A fault of the database in the middle of a request.
    execute(app, "alter table rsvps rename to rsvps_away").await;
    let reply = inbox.invitation(1).reply("DECLINED").mail();
    assert!(hand_over("soirees@lugdunum.example", reply).wrong().send().await.status >= 500);
    assert!(app.client.get(&people[0].link).send().await.status >= 500);
    assert!(app.client.post(&people[0].link).form(&[("answer", "no")]).send().await.status >= 500);
    execute(app, "alter table rsvps_away rename to rsvps").await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("store"), "something was logged: {log}");
    assert!(log.contains("a mail came in"), "mail that came in was logged: {log}");
    let mut secrets = vec![
        app.token.clone(),
        "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE".to_owned(),
        inbox.token.clone(),
        token(&feed).to_owned(),
        STRANGER.to_owned(),
    ];
    for person in people {
        secrets.extend([person.token().to_owned(), person.email.clone(), person.name.clone()]);
    }
    for mail in evening.mails.iter().chain([&asked]) {
        secrets.extend(mail.link("/u/").map(|link| token(&link).to_owned()));
        let Answered { return_path, unsubscribe, .. } = Answered::of(mail);
        secrets.extend([return_path, unsubscribe].map(|address| signed(&address).to_owned()));
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log:\n{log}");
    }
}

/// The token in `soirees+b-TOKEN@…`, however the rest of the address is written.
fn signed(address: &str) -> &str {
    address.split(['-', '@']).nth(1).expect("a token behind the delimiter")
}

#[tokio::test]
async fn security_headers_stand_on_every_kind_of_answer() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let slug = evening.event["slug"].as_str().unwrap();
    let season = app.client.get("/").expect(200).await;
    let asset = hrefs(&season.text()).into_iter().find(|href| href.contains(".css")).expect("a style");
    let etag = app.client.get("/calendar.ics").expect(200).await.etag();
    let preferences = to(&evening.mails, zoe)[0].link("/u/").expect("preferences");
    let member = format!("/api/v1/members/{}", zoe.id);
    let nobodys = Claim { purpose: Purpose::Rsvp, id: Uuid::from_u128(7), epoch: 0 };
    let nobodys = app.app.links.sign(nobodys).to_string();
    let get = |path: &str| app.client.get(path).wrong();
    let answer = |fields: &[(&str, &str)]| app.client.post(&zoe.link).form(fields);
    let ask = |email: &str| app.client.post("/link").form(&[("email", email)]);
    let requests = vec![
        ("season", get("/"), 200),
        ("evening", get(&format!("/events/{slug}")), 200),
        ("evening's file", get(&format!("/events/{slug}.ics")), 200),
        ("answering", get(&zoe.link), 200),
        ("answered", answer(&[("answer", "yes")]), 303),
        ("answer refused", answer(&[("answer", "yes"), ("guests", "many")]), 422),
        ("asking", get("/link"), 200),
        ("asked", ask("nobody@ailleurs.example"), 200),
        ("asking refused", ask("no address"), 422),
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
        ("revoked link", get(&format!("/r/{nobodys}")), 410),
        ("JSON of a revoked link", get(&format!("/api/v1/rsvps/{nobodys}")), 410),
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
        ("taken", app.post("/api/v1/members").json(&json!({ "name": "Zoé", "email": zoe.email })), 409),
        ("changed since", app.patch(&member).if_match("\"99\"").json(&json!({ "language": "en" })), 412),
        ("upon nothing", app.patch(&member).json(&json!({ "language": "en" })).wrong(), 428),
        ("head", app.client.request("HEAD".parse().unwrap(), "/"), 200),
    ];
    for (what, request, status) in requests {
        protects(what, request, status).await;
    }
    evening.cancel("Salle fermée").await;
    protects("answer too late", answer(&[("answer", "yes")]), 409).await;

    let (here, now) = (IpAddr::V4(Ipv4Addr::LOCALHOST), app.now());
    while app.app.limits.ask(here, now).is_ok() || app.app.limits.unverified(here, now).is_ok() {}
    protects("asked too often", ask("nobody@ailleurs.example"), 429).await;
    for path in ["/r/nothing", "/calendar/m/nothing.ics", "/api/v1/rsvps/nothing"] {
        protects(path, get(path), 429).await;
    }

    execute(app, "alter table rsvps rename to rsvps_away").await;
    for path in [zoe.link.clone(), zoe.json_path()] {
        protects("without the database", get(&path), 503).await;
    }
    execute(app, "alter table rsvps_away rename to rsvps").await;
}

/// It is answered so, and the headers that protect its reader stand on the answer.
async fn protects(what: &str, request: Request, status: u16) {
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
