//! Calendars that are fetched: what they show to whom, and how they are asked for again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use mensuel_tests::{
    Answer, TestApp,
    app::id,
    artifacts,
    calendars::{self, Component},
    within,
};
use serde_json::{Value, json};

use crate::scene::{Evening, execute, never_says, says, token};

fn read(answer: &Answer) -> Component {
    assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert!(answer.header("content-encoding").is_none());
    artifacts::keep_calendar(&answer.body);
    let calendar = calendars::read(&answer.body);
    assert!(calendar.value("METHOD").is_none());
    assert!(!calendar.of("VTIMEZONE").is_empty(), "a calendar without a component is invalid");
    for event in calendar.events() {
        for absent in ["ATTENDEE", "ORGANIZER", "RRULE", "RDATE", "RECURRENCE-ID", "EXDATE"] {
            assert!(event.value(absent).is_none(), "{absent}");
        }
        assert!(event.of("VALARM").is_empty());
        assert_eq!(event.value("DTSTAMP"), event.value("LAST-MODIFIED"));
    }
    calendar
}

pub async fn feed(app: &TestApp, path: &str) -> Component {
    read(&app.client.get(path).header("accept-encoding", "gzip, br").expect(200).await)
}

fn summaries(calendar: &Component) -> Vec<String> {
    let mut all: Vec<String> =
        calendar.events().iter().map(|event| event.value("SUMMARY").unwrap().to_owned()).collect();
    all.sort();
    all
}

/// The entry of an evening by a part of its summary.
fn entry<'a>(calendar: &'a Component, summary: &str) -> &'a Component {
    let found: Vec<&Component> = calendar
        .events()
        .into_iter()
        .filter(|event| event.value("SUMMARY").is_some_and(|text| text.contains(summary)))
        .collect();
    assert_eq!(found.len(), 1, "{summary} in {:?}", summaries(calendar));
    found[0]
}

/// A member's private feed, as the mail with their links has it.
pub async fn own_feed(evening: &Evening, at: usize) -> String {
    let zoe = &evening.people[at];
    evening.app.mails().await;
    evening.app.client.post("/link").form(&[("email", &zoe.email)]).expect(200).await;
    let mail = crate::links::mail_with_links(&evening.app, zoe).await;
    mail.link("/calendar/m/").expect("a feed")
}

const FEEDS: [&str; 5] = [
    "/calendar.ics",
    "/calendar/retex.ics",
    "/calendar/workshop.ics",
    "/calendar/round-table.ics",
    "/calendar/open-discussion.ics",
];

#[tokio::test]
async fn an_empty_community_has_valid_feeds() {
    let app = TestApp::start().await;
    for path in FEEDS {
        let calendar = feed(&app, path).await;
        assert!(calendar.events().is_empty());
        assert_eq!(calendar.of("VTIMEZONE").len(), 1);
        says(calendar.value("NAME").unwrap(), &["CTO de Lugdunum"]);
        assert_eq!(calendar.value("NAME"), calendar.value("X-WR-CALNAME"));
        assert_eq!(calendar.value("X-WR-TIMEZONE"), Some("Europe/Paris"));
        assert_eq!(calendar.value("REFRESH-INTERVAL"), Some("PT4H"));
        assert_eq!(calendar.value("X-PUBLISHED-TTL"), Some("PT4H"));
        assert_eq!(
            calendar.value("SOURCE"),
            Some(format!("https://soirees.lugdunum.example{path}").as_str())
        );
        assert!(calendar.value("COLOR").is_some() && calendar.value("PRODID").is_some());
    }
    app.client.get("/calendar/panel.ics").wrong().expect(404).await;
    app.client.get("/calendar/round_table.ics").wrong().expect(404).await;
}

#[tokio::test]
async fn a_published_evening_is_whole_in_the_public_feed_but_for_its_address() {
    let fields = json!({
        "online_url": "https://visio.example/abc", "context": "Éditeur, 120 personnes",
        "summary": "Trois **tentatives** ; deux virgules, un \\ et\nune ligne.",
    });
    let evening = Evening::with(1, fields).await;
    let app = &evening.app;
    let slug = evening.event["slug"].as_str().unwrap();
    for path in ["/calendar.ics", "/calendar/retex.ics", &format!("/events/{slug}.ics")] {
        let calendar = feed(app, path).await;
        let event = entry(&calendar, "Sortir d'un monolithe");
        assert_eq!(event.value("UID"), evening.event["uid"].as_str());
        assert_eq!(event.value("DTSTART"), Some("20270114T190000"));
        assert_eq!(event.parameters("DTSTART"), Some("TZID=Europe/Paris"));
        assert_eq!(event.value("DTEND"), Some("20270114T213000"));
        assert_eq!((event.value("STATUS"), event.value("TRANSP")), (Some("CONFIRMED"), Some("TRANSPARENT")));
        says(event.value("LOCATION").unwrap(), &["Confluence Data", "69002 Lyon"]);
        says(event.value("DESCRIPTION").unwrap(), &["Mathilde Lemoine", "deux virgules, un \\ et"]);
        never_says(event.value("DESCRIPTION").unwrap(), &["<p>", "**"]);
        assert_eq!(
            event.value("URL"),
            Some(format!("https://soirees.lugdunum.example/events/{slug}").as_str())
        );
        let whole = format!("{event:?}");
        assert!(!whole.contains("quai Rambaud") && !whole.contains("visio.example"), "{whole}");
    }
    for path in &FEEDS[2..] {
        assert!(feed(app, path).await.events().is_empty(), "{path}");
    }
    app.client.get("/events/nothing.ics").expect(404).await;
}

#[tokio::test]
async fn a_change_is_in_the_feed_at_once() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let slug = evening.event["slug"].as_str().unwrap();
    let paths = ["/calendar.ics".to_owned(), "/calendar/retex.ics".to_owned(), format!("/events/{slug}.ics")];
    let mut before = Vec::new();
    for path in &paths {
        before.push(app.client.get(path).expect(200).await);
    }
    let changes: [(Value, &str); 3] = [
        (json!({ "title": "Un autre titre" }), "Un autre titre"),
        (json!({ "starts_at": "2027-01-21T18:30" }), "20270121T183000"),
        (
            json!({ "venue": "Halle Tony-Garnier", "address": "20 place Antonin Perrin, 69007 Lyon" }),
            "Halle Tony-Garnier",
        ),
    ];
    for (body, expected) in changes {
        app.clock.advance(chrono::TimeDelta::minutes(1));
        evening.change(body).await;
        for (at, path) in paths.iter().enumerate() {
            let after = app.client.get(path).header("if-none-match", &before[at].etag()).expect(200).await;
            says(&after.text().replace("\r\n ", ""), &[expected]);
            assert_ne!(after.etag(), before[at].etag());
            let modified = |answer: &Answer| http_date(answer.header("last-modified").unwrap());
            assert!(modified(&after) > modified(&before[at]), "{path}");
            let sequence = |answer: &Answer| {
                let calendar = calendars::read(&answer.body);
                calendar.events()[0].value("SEQUENCE").unwrap().parse::<u32>().unwrap()
            };
            assert!(sequence(&after) > sequence(&before[at]), "{path}: {expected}");
            let stamp = |answer: &Answer| {
                calendars::read(&answer.body).events()[0].value("LAST-MODIFIED").unwrap().to_owned()
            };
            assert!(stamp(&after) > stamp(&before[at]));
            assert_eq!(read(&after).events()[0].value("UID"), evening.event["uid"].as_str());
            before[at] = after;
        }
    }
    // An answer changes no public feed.
    evening.come(&evening.people[0], 0).await;
    for (at, path) in paths.iter().enumerate() {
        app.client.get(path).header("if-none-match", &before[at].etag()).expect(304).await;
    }
}

fn http_date(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc2822(text).unwrap_or_else(|error| panic!("{error}: {text}")).to_utc()
}

#[tokio::test]
async fn asked_again_they_answer_as_http_has_it() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let own = own_feed(&evening, 0).await;
    let slug = evening.event["slug"].as_str().unwrap();
    let mut paths: Vec<(String, &str)> =
        FEEDS.iter().map(|path| ((*path).to_owned(), "public, max-age=300")).collect();
    paths.push((format!("/events/{slug}.ics"), "public, max-age=300"));
    paths.push((own, "private, no-cache"));
    paths.push((format!("{}.ics", evening.people[0].link), "private, no-cache"));
    for (path, cache) in &paths {
        let whole = app.client.get(path).header("accept", "application/json").expect(200).await;
        read(&whole);
        assert_eq!(whole.header("cache-control"), Some(*cache), "{path}");
        let (etag, modified) = (whole.etag(), whole.header("last-modified").unwrap().to_owned());
        assert!(etag.starts_with('"'), "strong: {etag}");
        let head = app.client.request("HEAD".parse().unwrap(), path).expect(200).await;
        assert!(head.body.is_empty());
        for name in ["etag", "last-modified", "cache-control", "content-type", "content-length"] {
            assert_eq!(head.header(name), whole.header(name), "{name} of {path}");
        }
        for (name, value, status) in [
            ("if-none-match", etag.as_str(), 304),
            ("if-none-match", "\"other\"", 200),
            ("if-none-match", "*", 304),
            ("if-modified-since", modified.as_str(), 304),
            ("if-modified-since", "Sun, 01 Nov 2026 08:00:00 GMT", 200),
        ] {
            let answer = app.client.get(path).header(name, value).expect(status).await;
            if status == 304 {
                assert!(answer.body.is_empty());
                assert_eq!(answer.etag(), etag);
                assert_eq!(answer.header("cache-control"), Some(*cache));
            }
        }
        let head = app.client.request("HEAD".parse().unwrap(), path).header("if-none-match", &etag);
        assert_eq!(head.expect(304).await.etag(), etag);
        // The tag decides before the date.
        let both = app.client.get(path).header("if-none-match", "\"other\"");
        both.header("if-modified-since", &modified).expect(200).await;
        // The same data, the same bytes.
        assert_eq!(app.client.get(path).expect(200).await.body, whole.body);
        app.client.post(path).wrong().expect(405).await;
    }
}

#[tokio::test]
async fn asked_for_headers_alone_what_is_not_there_says_so_too() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let head = |path: &str| app.client.request("HEAD".parse().unwrap(), path);
    for path in ["/calendar/m/nothing.ics", "/r/nothing.ics", "/events/nothing.ics"] {
        assert!(head(path).expect(404).await.body.is_empty(), "{path}");
    }
    head("/calendar/panel.ics").wrong().expect(404).await;
    let own = [own_feed(&evening, 0).await, format!("{}.ics", evening.people[0].link)];
    evening.change_member(&evening.people[0], json!({ "status": "left" })).await;
    for path in own {
        assert!(head(&path).expect(410).await.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_cancelled_evening_stays_marked_for_thirty_days_and_then_goes() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let before = app.client.get("/calendar.ics").expect(200).await;
    app.clock.advance(chrono::TimeDelta::hours(1));
    evening.cancel("Salle fermée").await;
    let after = app.client.get("/calendar.ics").expect(200).await;
    let calendar = read(&after);
    let event = entry(&calendar, "Sortir d'un monolithe");
    assert_eq!((event.value("STATUS"), event.value("TRANSP")), (Some("CANCELLED"), Some("TRANSPARENT")));
    says(&event.value("SUMMARY").unwrap().to_lowercase(), &["annulé"]);
    assert_eq!(event.value("UID"), evening.event["uid"].as_str());
    let of = |answer: &Answer| http_date(answer.header("last-modified").unwrap());
    assert!(of(&after) > of(&before));
    app.clock.set("2027-02-12T12:00:00Z".parse().unwrap());
    assert_eq!(feed(app, "/calendar.ics").await.events().len(), 1);
    app.clock.set("2027-02-14T12:00:00Z".parse().unwrap());
    let gone = app.client.get("/calendar.ics").expect(200).await;
    assert!(read(&gone).events().is_empty());
    assert!(of(&gone) > of(&after), "a removal moves Last-Modified too");
}

#[tokio::test]
async fn held_and_draft_dates_are_tentative_and_say_nothing_more() {
    let app = TestApp::start().await;
    let speaker = app.member("Mathilde Lemoine", "mathilde@soie.example", json!({ "follows": [] })).await;
    let draft =
        app.retex(&speaker, json!({ "stage": "draft", "online_url": "https://visio.example/abc" })).await;
    let held = json!({ "starts_at": "2027-02-11T19:00", "time_zone": "Europe/Paris", "stage": "held" });
    app.create("/api/v1/events", held).await;
    let calendar = feed(&app, "/calendar.ics").await;
    assert_eq!(calendar.events().len(), 2);
    for event in calendar.events() {
        assert_eq!((event.value("STATUS"), event.value("TRANSP")), (Some("TENTATIVE"), Some("TRANSPARENT")));
        says(event.value("SUMMARY").unwrap(), &["date retenue"]);
        let whole = format!("{event:?}");
        for secret in ["monolithe", "Mathilde", "Confluence", "Rambaud", "visio", "tentatives"] {
            assert!(!whole.contains(secret), "{secret} in {whole}");
        }
    }
    assert!(feed(&app, "/calendar/retex.ics").await.events().is_empty());
    // Published it is the same entry, whole; deleted it is gone.
    let uid = draft["uid"].as_str().unwrap();
    app.publish(&draft, "none").await;
    let calendar = feed(&app, "/calendar.ics").await;
    assert_eq!(entry(&calendar, "monolithe").value("UID"), Some(uid));
    let lists = app.get("/api/v1/events?stage=held").expect(200).await.json();
    let held = format!("/api/v1/events/{}", id(&lists["items"][0]));
    app.delete(&held).expect(204).await;
    assert_eq!(feed(&app, "/calendar.ics").await.events().len(), 1);
}

#[tokio::test]
async fn a_members_only_evening_is_a_date_to_strangers_and_whole_to_members() {
    let evening = Evening::with(1, json!({ "members_only": true })).await;
    let app = &evening.app;
    let calendar = feed(app, "/calendar.ics").await;
    assert_eq!(calendar.events().len(), 1);
    let event = calendar.events()[0];
    says(event.value("SUMMARY").unwrap(), &["réservé aux membres"]);
    let whole = format!("{event:?}");
    for secret in ["monolithe", "Mathilde", "Confluence", "Rambaud", "/events/"] {
        assert!(!whole.contains(secret), "{secret} in {whole}");
    }
    assert_eq!(event.value("DTSTART"), Some("20270114T190000"));
    let slug = evening.event["slug"].as_str().unwrap();
    app.client.get(&format!("/events/{slug}.ics")).expect(404).await;
    app.client.get(&format!("/events/{slug}")).expect(404).await;
    let season = app.client.get("/").expect(200).await;
    never_says(&season.text(), &["monolithe", "Mathilde"]);

    let own = feed(app, &own_feed(&evening, 0).await).await;
    says(entry(&own, "Sortir d'un monolithe").value("DESCRIPTION").unwrap(), &["Mathilde Lemoine"]);
    let file = feed(app, &format!("{}.ics", evening.people[0].link)).await;
    assert_eq!(file.events().len(), 1);
}

#[tokio::test]
async fn a_private_feed_follows_its_members_answers() {
    let evening = Evening::with(2, json!({ "capacity": 1, "online_url": "https://visio.example/abc" })).await;
    let (app, people) = (&evening.app, &evening.people);
    let own = own_feed(&evening, 0).await;
    let address = app.client.get(&own).expect(200).await;
    assert!(read(&address).value("SOURCE").is_none(), "the secret is not written into the file");
    assert!(!address.text().replace("\r\n ", "").contains(token(&own)));
    // The UID is that of the mail.
    let mail = crate::scene::only(&evening.mails, &people[0]);
    let uid = |calendar: &Component| calendar.events()[0].value("UID").unwrap().to_owned();
    let (_, bytes) = mail.calendar().unwrap();
    assert_eq!(uid(&read(&address)), uid(&calendars::read(&bytes)));
    let shown = async || {
        let answer = app.client.get(&own).expect(200).await;
        let calendar = read(&answer);
        calendar.events()[0].clone()
    };
    let silent = shown().await;
    assert_eq!(silent.value("TRANSP"), Some("TRANSPARENT"));
    assert!(!format!("{silent:?}").contains("quai Rambaud"));
    says(silent.value("DESCRIPTION").unwrap(), &[&people[0].link]);

    evening.press(&people[0], "maybe").await;
    let maybe = shown().await;
    says(maybe.value("DESCRIPTION").unwrap(), &["Réponse enregistrée : peut-être."]);
    assert_eq!(maybe.value("TRANSP"), Some("TRANSPARENT"));
    assert!(!format!("{maybe:?}").contains("visio.example"));

    app.clock.advance(chrono::TimeDelta::minutes(1));
    evening.come(&people[0], 0).await;
    let coming = shown().await;
    says(coming.value("DESCRIPTION").unwrap(), &["Réponse enregistrée : oui."]);
    assert_eq!((coming.value("TRANSP"), coming.value("STATUS")), (Some("OPAQUE"), Some("CONFIRMED")));
    says(coming.value("LOCATION").unwrap(), &["12 quai Rambaud"]);
    assert!(format!("{coming:?}").contains("https://visio.example/abc"));
    assert!(coming.value("LAST-MODIFIED") > silent.value("LAST-MODIFIED"));
    let file = feed(app, &format!("{}.ics", people[0].link)).await;
    says(file.events()[0].value("LOCATION").unwrap(), &["12 quai Rambaud"]);

    // Another waits: their feed gives no address and keeps their hours free.
    evening.come(&people[1], 0).await;
    let waiting = feed(app, &own_feed(&evening, 1).await).await;
    assert_eq!(waiting.events()[0].value("TRANSP"), Some("TRANSPARENT"));
    assert!(!format!("{waiting:?}").contains("quai Rambaud"));
    says(&format!("{waiting:?}"), &["liste d’attente"]);

    app.clock.advance(chrono::TimeDelta::minutes(1));
    evening.stay_away(&people[0]).await;
    let declined = shown().await;
    assert_eq!(
        (declined.value("TRANSP"), declined.value("STATUS")),
        (Some("TRANSPARENT"), Some("CONFIRMED"))
    );
    says(declined.value("DESCRIPTION").unwrap(), &["Réponse enregistrée : non."]);
    assert!(!format!("{declined:?}").contains("quai Rambaud"));
    let promoted = feed(app, &format!("{}.ics", people[1].link)).await;
    says(promoted.events()[0].value("LOCATION").unwrap(), &["12 quai Rambaud"]);
    evening.cancel("Salle fermée").await;
    assert_eq!(shown().await.value("STATUS"), Some("CANCELLED"));
}

#[tokio::test]
async fn an_evening_without_an_invitation_carries_the_public_uid_until_there_is_one() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let other = json!({ "starts_at": "2027-02-11T19:00", "title": "Recruter un premier VP" });
    let other = app.retex(&json!({ "id": evening.speaker.id }), other).await;
    app.publish(&other, "none").await;
    let own = own_feed(&evening, 0).await;
    let calendar = feed(app, &own).await;
    assert_eq!(calendar.events().len(), 2);
    assert_eq!(entry(&calendar, "Recruter").value("UID"), other["uid"].as_str());
    let path = format!("/api/v1/events/{}/invitations", id(&other));
    app.post(&path).json(&json!({ "audience": "followers" })).expect(202).await;
    let calendar = feed(app, &own).await;
    assert_ne!(entry(&calendar, "Recruter").value("UID"), other["uid"].as_str());
}

#[tokio::test]
async fn hostile_words_stay_words() {
    let title =
        "Fin\u{7}\r\nEND:VEVENT; \\n, \"guillemets\" 🦀 et un titre très long pour être plié plusieurs fois";
    let app = TestApp::start().await;
    let speaker = app.member("Anne; , \"X\" \\ Durand", "anne@soie.example", json!({ "follows": [] })).await;
    let body = json!({
        "starts_at": "2027-01-14T19:00", "time_zone": "Europe/Paris", "format": "retex", "title": title,
        "venue": "Halle; , \\ \"Tony\"", "address": "1 rue du Test, 69001 Lyon", "speakers": [{ "member_id": id(&speaker) }],
    });
    app.post("/api/v1/events").json(&body).wrong().expect(422).await;
    let mut plain = body;
    plain["title"] = json!(title.replace('\u{7}', "").replace("\r\n", " "));
    let kept = app.create("/api/v1/events", plain).await;
    app.publish(&kept, "none").await;
    let calendar = feed(&app, "/calendar.ics").await;
    assert_eq!(calendar.events().len(), 1);
    let event = calendar.events()[0];
    says(event.value("SUMMARY").unwrap(), &["END:VEVENT; \\n, \"guillemets\" 🦀"]);
    says(event.value("LOCATION").unwrap(), &["Halle; , \\ \"Tony\""]);
}

/// Another instance on PostgreSQL, a command beside the service on SQLite.
#[tokio::test]
async fn what_another_process_changed_is_shown_within_a_second() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let before = app.client.get("/calendar.ics").expect(200).await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let beside = app.beside().await;
    let event = mensuel_domain::id::Id::new(id(&evening.event).parse().unwrap());
    let title = mensuel_domain::text::Title::parse("Un autre titre").unwrap();
    let edit = mensuel::use_cases::events::EventEdit {
        changes: vec![mensuel_domain::event::Change::Title(Some(title))],
        ..Default::default()
    };
    let by = mensuel::use_cases::By::actor(mensuel_domain::fact::Actor::Operator);
    mensuel::use_cases::events::change(&beside, &by, event, None, edit, false).await.expect("it is changed");
    within(Duration::from_secs(1), "the service shows the title", async || {
        let after = app.client.get("/calendar.ics").header("if-none-match", &before.etag()).send().await;
        (after.status == 200 && after.text().contains("Un autre titre")).then_some(())
    })
    .await;
}

/// While many read, whoever changed something sees it: bytes made from before are never served after
/// the change was acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_stale_bytes_after_an_acknowledged_change_while_many_read() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let slug = evening.event["slug"].as_str().unwrap();
    // Each is kept; pages are made anew for each reader.
    let own = own_feed(&evening, 0).await;
    let paths = [
        "/calendar.ics".to_owned(),
        "/calendar/retex.ics".to_owned(),
        format!("/events/{slug}.ics"),
        own.split('?').next().unwrap_or(&own).to_owned(),
    ];
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut readers = Vec::new();
    for path in paths.iter().cycle().take(8) {
        let (client, stop, path) = (app.client.clone(), stop.clone(), path.clone());
        readers.push(tokio::spawn(async move {
            let mut read = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                client.get(&path).expect(200).await;
                read += 1;
            }
            read
        }));
    }
    for round in 0..40 {
        let title = format!("Titre{round}");
        evening.change(json!({ "title": title })).await;
        for path in &paths {
            let seen = app.client.get(path).expect(200).await.text();
            assert!(seen.contains(&title), "round {round}: {path} is stale");
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
}

#[tokio::test]
async fn the_date_of_a_feed_goes_on_by_a_second_at_least_whatever_the_clock_says() {
    let app = TestApp::start().await;
    let date = async || {
        let answer = app.client.get("/calendar.ics").expect(200).await;
        chrono::DateTime::parse_from_rfc2822(answer.header("last-modified").unwrap()).unwrap()
    };
    let mut before = date().await;
    for day in ["2027-02-11", "2027-03-11", "2027-04-08"] {
        crate::events::discussion(&app, day, serde_json::json!({})).await;
        let after = date().await;
        assert!(after > before, "{after} after {before}");
        before = after;
    }
}

/// Some calendars give up on a feed that fails once. What was taken back stays so.
#[tokio::test]
async fn while_the_database_is_away_the_last_good_feed_is_served_and_no_revoked_one() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let own = own_feed(&evening, 0).await;
    let (public, private) =
        (app.client.get("/calendar.ics").expect(200).await, app.client.get(&own).expect(200).await);
    execute(app, "alter table events rename to events_away").await;
    // A day begins, so both would be made anew.
    app.clock.advance(chrono::TimeDelta::days(1));
    assert_eq!(app.client.get("/calendar.ics").expect(200).await.body, public.body);
    assert_eq!(app.client.get(&own).expect(200).await.body, private.body);
    assert_eq!(
        app.client.get("/calendar/retex.ics").wrong().send().await.status,
        503,
        "never made, so none is kept"
    );
    execute(app, "alter table events_away rename to events").await;

    app.delete(&format!("/api/v1/members/{}/links/feed", evening.people[0].id)).expect(204).await;
    execute(app, "alter table members rename to members_away").await;
    assert_eq!(
        app.client.get(&own).wrong().send().await.status,
        503,
        "nobody can say whether it is still theirs"
    );
    execute(app, "alter table members_away rename to members").await;
    app.client.get(&own).expect(410).await;
}

/// Google's importer reads this file, and then no feed that it forbids.
#[tokio::test]
async fn robots_may_fetch_every_feed_and_no_link_of_a_person() {
    let app = TestApp::start().await;
    let rules = app.client.get("/robots.txt").expect(200).await.text();
    let forbidden: Vec<&str> = rules.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    let is_forbidden = |path: &str| forbidden.iter().any(|prefix| path.starts_with(prefix));
    for feed in
        ["/calendar.ics", "/calendar/retex.ics", "/calendar/m/token.ics", "/events/evening.ics", "/feed.atom"]
    {
        assert!(!is_forbidden(feed), "{feed}: {rules}");
    }
    for link in ["/r/token", "/u/token", "/api/v1/members"] {
        assert!(is_forbidden(link), "{link}: {rules}");
    }
}
