//! What is told to the world: announcements (Atom), previews, structured data, and the addresses
//! that take an evening into a calendar.

use mensuel_tests::{Answer, TestApp, artifacts};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::scene::{Evening, never_says, only, plain, says};

async fn atom(app: &TestApp) -> Answer {
    let answer = app.client.get("/feed.atom").header("accept-encoding", "gzip").expect(200).await;
    assert_eq!(answer.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert!(answer.header("content-encoding").is_none());
    artifacts::keep(&answer.body, "atom");
    answer
}

fn titles(feed: &Answer) -> Vec<String> {
    let text = feed.text();
    let entries = text.split("<entry>").skip(1);
    let title = |entry: &str| entry.split("<title>").nth(1)?.split("</title>").next().map(plain);
    entries.filter_map(title).collect()
}

#[tokio::test]
async fn published_moved_and_cancelled_evenings_are_announced_once_each() {
    let app = TestApp::start().await;
    let empty = atom(&app).await;
    assert!(titles(&empty).is_empty());
    let evening = Evening::of(app, 1, json!({ "title": "Sortir d'un <monolithe> & après" })).await;
    let app = &evening.app;
    let published = atom(app).await;
    assert_eq!(titles(&published), ["14 janvier : Sortir d'un &lt;monolithe&gt; &amp; après"]);
    says(&published.text(), &["Jeudi 14 janvier 2027", "Mathilde Lemoine", "/events/"]);
    never_says(&published.text(), &["quai Rambaud", "/r/"]);

    // A change of wording is none, but the announcement says the present words.
    app.clock.advance(chrono::TimeDelta::hours(1));
    evening.change(json!({ "title": "Sortir d'un monolithe" })).await;
    assert_eq!(titles(&atom(app).await), ["14 janvier : Sortir d'un monolithe"]);
    for date in ["2027-01-21T19:00", "2027-01-28T20:00"] {
        app.clock.advance(chrono::TimeDelta::hours(1));
        evening.change(json!({ "starts_at": date })).await;
    }
    let moved = atom(app).await;
    let expected = [
        "Nouvelle date ou nouveau lieu, 28 janvier : Sortir d'un monolithe",
        "28 janvier : Sortir d'un monolithe",
    ];
    assert_eq!(titles(&moved), expected);
    never_says(&moved.text(), &["14 janvier", "21 janvier"]);
    app.clock.advance(chrono::TimeDelta::hours(1));
    evening.cancel("Salle fermée").await;
    let cancelled = atom(app).await;
    assert_eq!(titles(&cancelled).len(), 3);
    says(&titles(&cancelled)[0], &["Annulé"]);
    // Each entry keeps its name, and the feed says when it changed.
    let ids = |feed: &Answer| -> Vec<String> {
        let text = feed.text();
        text.split("<id>urn:uuid:").skip(1).map(|rest| rest[..36].to_owned()).collect()
    };
    assert_eq!(ids(&cancelled)[1..], ids(&moved)[..]);
    assert_eq!(ids(&moved)[1..], ids(&published)[..]);
}

#[tokio::test]
async fn announcements_are_asked_for_again_like_feeds() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let first = atom(app).await;
    assert_eq!(first.header("cache-control"), Some("public, max-age=300"));
    let head = app.client.request(Method::HEAD, "/feed.atom").expect(200).await;
    assert_eq!((head.etag(), head.body.len()), (first.etag(), 0));
    let length = first.body.len().to_string();
    assert_eq!(head.header("content-length"), Some(length.as_str()));
    for method in [Method::GET, Method::HEAD] {
        let again = |name, value: &str| app.client.request(method.clone(), "/feed.atom").header(name, value);
        again("if-none-match", &first.etag()).expect(304).await;
        again("if-modified-since", first.header("last-modified").unwrap()).expect(304).await;
        again("if-none-match", "\"other\"").expect(200).await;
    }
    app.clock.advance(chrono::TimeDelta::minutes(1));
    evening.change(json!({ "title": "Autre titre" })).await;
    let changed = app.client.get("/feed.atom").header("if-none-match", &first.etag()).expect(200).await;
    says(&changed.text(), &["Autre titre"]);
    for page in ["/", "/link"] {
        says(&app.client.get(page).expect(200).await.text(), &["type=\"application/atom+xml\""]);
    }
}

#[tokio::test]
async fn what_strangers_may_not_see_is_in_none_of_it() {
    let evening = Evening::with(1, json!({ "members_only": true })).await;
    let app = &evening.app;
    let draft = json!({ "starts_at": "2027-02-11T19:00", "title": "Projet secret", "stage": "draft" });
    let draft = app.retex(&json!({ "id": evening.speaker.id }), draft).await;
    let held = json!({ "starts_at": "2027-03-11T19:00", "time_zone": "Europe/Paris" });
    app.create("/api/v1/events", held).await;
    let feed = atom(app).await;
    assert_eq!(titles(&feed).len(), 1, "the date of the published one");
    says(&titles(&feed)[0], &["14 janvier", "membres"]);
    let secrets =
        ["monolithe", "Mathilde", "Confluence", "Trois tentatives", "Projet secret", "/events/2027"];
    never_says(&feed.text(), &secrets);
    let slug = evening.event["slug"].as_str().unwrap();
    let page = app.client.get(&format!("/events/{slug}")).expect(404).await;
    never_says(&page.text(), &["ld+json", "og:title", "monolithe"]);
    assert_eq!(draft["slug"], Value::Null);
}

/// The JSON-LD of a page.
fn structured(page: &Answer) -> Value {
    let html = page.text();
    let data = html.split("<script type=\"application/ld+json\">").nth(1).expect("structured data");
    assert_eq!(html.matches("<script").count(), 1);
    serde_json::from_str(data.split("</script>").next().unwrap()).expect("JSON")
}

fn meta(page: &Answer, property: &str) -> String {
    let html = page.text();
    let tag = html.split("<meta ").find(|tag| tag.contains(&format!("=\"{property}\""))).expect("a meta");
    plain(&tag.split("content=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#39;", "'"))
}

#[tokio::test]
async fn the_page_of_an_evening_tells_machines_what_it_tells_people() {
    let hostile = "</script><script>alert(1)</script> & \"guillemets\"";
    let fields = json!({ "title": hostile, "online_url": "https://visio.example/abc", "capacity": 4 });
    let evening = Evening::with(1, fields).await;
    let app = &evening.app;
    let path = format!("/events/{}", evening.event["slug"].as_str().unwrap());
    let page = app.client.get(&path).expect(200).await;
    let event = structured(&page);
    assert_eq!((&event["@type"], &event["name"]), (&json!("Event"), &json!(hostile)));
    assert_eq!(event["startDate"], "2027-01-14T19:00:00+01:00");
    assert_eq!(event["endDate"], "2027-01-14T21:30:00+01:00");
    assert_eq!(event["eventStatus"], "https://schema.org/EventScheduled");
    assert_eq!(event["eventAttendanceMode"], "https://schema.org/MixedEventAttendanceMode");
    assert_eq!(event["location"][0]["name"], "Confluence Data");
    assert_eq!(event["location"][0]["address"], "69002 Lyon");
    assert_eq!(event["performer"][0]["name"], "Mathilde Lemoine");
    assert_eq!(event["url"], format!("https://soirees.lugdunum.example{path}"));
    never_says(&page.text(), &["quai Rambaud", "visio.example"]);
    assert_eq!(meta(&page, "og:url"), format!("https://soirees.lugdunum.example{path}"));
    says(&meta(&page, "og:description"), &["Jeudi 14 janvier 2027", "Confluence Data, 69002 Lyon"]);
    assert_eq!(
        (meta(&page, "og:locale"), meta(&page, "og:site_name")),
        ("fr_FR".into(), "CTO de Lugdunum".into())
    );
    assert!(!page.text().contains("og:image"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");

    evening.change(json!({ "starts_at": "2027-04-15T19:00" })).await;
    let event = structured(&app.client.get(&path).expect(200).await);
    assert_eq!(event["eventStatus"], "https://schema.org/EventRescheduled");
    assert_eq!(event["previousStartDate"], json!(["2027-01-14T19:00:00+01:00"]));
    assert_eq!(event["startDate"], "2027-04-15T19:00:00+02:00");
    evening.cancel("Salle fermée").await;
    let page = app.client.get(&path).expect(200).await;
    assert_eq!(structured(&page)["eventStatus"], "https://schema.org/EventCancelled");
    says(&meta(&page, "og:description"), &["n’aura pas lieu"]);
}

/// The addresses of a page that begin so, as a browser reads them.
fn hrefs(page: &Answer, start: &str) -> Vec<Url> {
    let html = page.text();
    let found = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let read = |href: &str| href.replace("&#38;", "&").replace("&amp;", "&").replace("&#39;", "'");
    found
        .map(read)
        .filter(|href| href.starts_with(start))
        .map(|href| href.parse().expect("an address"))
        .collect()
}

fn said(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(its, _)| its == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

const GOOGLE: &str = "https://calendar.google.com/calendar/render?";
const MICROSOFT: [&str; 2] = [
    "https://outlook.live.com/calendar/0/deeplink/compose?",
    "https://outlook.office.com/calendar/0/deeplink/compose?",
];

#[tokio::test]
async fn an_evening_is_taken_into_a_calendar_at_its_own_hours() {
    let fields = json!({ "starts_at": "2027-07-08T19:00", "time_zone": "America/Montreal" });
    let evening = Evening::with(1, fields).await;
    let app = &evening.app;
    let slug = evening.event["slug"].as_str().unwrap();
    let page = app.client.get(&format!("/events/{slug}")).expect(200).await;
    let at =
        |name: &str| evening.event[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let (start, end) = (at("starts_at"), at("ends_at"));
    let google = &hrefs(&page, GOOGLE)[0];
    let compact = |at: chrono::DateTime<chrono::Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    assert_eq!(said(google, "dates"), format!("{}/{}", compact(start), compact(end)));
    assert_eq!((said(google, "ctz"), said(google, "action")), ("America/Montreal".into(), "TEMPLATE".into()));
    assert_eq!(said(google, "text"), "Sortir d'un monolithe en dix-huit mois");
    says(&said(google, "details"), &["Trois tentatives", &format!("/events/{slug}")]);
    for address in MICROSOFT {
        let outlook = &hrefs(&page, address)[0];
        assert_eq!(said(outlook, "startdt"), "2027-07-08T19:00:00-04:00");
        assert_eq!(said(outlook, "enddt").parse::<chrono::DateTime<chrono::Utc>>().unwrap(), end);
        assert_eq!(said(outlook, "location"), "Confluence Data, 69002 Lyon");
    }
    assert_eq!(
        hrefs(&page, "webcal://")[0].as_str(),
        format!("webcal://soirees.lugdunum.example/events/{slug}.ics")
    );
    says(&page.text(), &[&format!("href=\"/events/{slug}.ics\"")]);
    evening.cancel("Salle fermée").await;
    let page = app.client.get(&format!("/events/{slug}")).expect(200).await;
    assert!(hrefs(&page, GOOGLE).is_empty(), "nobody adds what does not take place");
}

#[tokio::test]
async fn the_address_is_in_those_links_once_it_may_be_known() {
    let evening = Evening::with(1, json!({ "online_url": "https://visio.example/abc" })).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let all = |page: &Answer| {
        let mut links = hrefs(page, GOOGLE);
        links.extend(MICROSOFT.iter().flat_map(|address| hrefs(page, address)));
        assert_eq!(links.len(), 3);
        links
    };
    for link in all(&app.client.get(&zoe.link).expect(200).await) {
        assert_eq!(said(&link, "location"), "Confluence Data, 69002 Lyon");
        assert!(!link.as_str().contains("visio"), "{link}");
    }
    evening.come(zoe, 0).await;
    for link in all(&app.client.get(&zoe.link).expect(200).await) {
        says(&said(&link, "location"), &["12 quai Rambaud"]);
        assert!(link.as_str().contains("visio.example"), "{link}");
        assert!(!link.as_str().contains(zoe.token()), "the link that answers goes to nobody: {link}");
    }
    let stranger =
        app.client.get(&format!("/events/{}", evening.event["slug"].as_str().unwrap())).expect(200).await;
    assert!(!stranger.text().contains("Rambaud") && !stranger.text().contains("visio"));

    // Nobody joins what is cancelled: neither by the page nor by the mail that says so.
    assert!(app.client.get(&zoe.link).expect(200).await.text().contains("visio.example"));
    evening.cancel("Le service est en panne.").await;
    let page = app.client.get(&zoe.link).expect(200).await;
    assert!(!page.text().contains("visio"), "{}", page.text());
    let mails = app.mails().await;
    let mail = crate::scene::to(&mails, zoe).last().copied().expect("told of it");
    says(&mail.text(), &["en ligne"]);
    assert!(!mail.text().contains("visio") && !mail.html().contains("visio"), "{}", mail.text());
}

#[tokio::test]
async fn the_season_and_a_members_own_feed_are_subscribed_to_in_every_way() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let preferences = crate::scene::to(&evening.mails, zoe)[0].link("/u/").expect("preferences");
    for (page, feed) in [
        ("/".to_owned(), "soirees.lugdunum.example/calendar.ics"),
        (preferences, "soirees.lugdunum.example/calendar/m/"),
    ] {
        let page = app.client.get(&page).expect(200).await;
        let google = &hrefs(&page, "https://calendar.google.com/calendar/r?")[0];
        assert!(said(google, "cid").starts_with(&format!("webcal://{feed}")), "{google}");
        for host in ["outlook.live.com", "outlook.office.com"] {
            let outlook = &hrefs(&page, &format!("https://{host}/calendar/0/addfromweb?"))[0];
            assert!(said(outlook, "url").starts_with(&format!("https://{feed}")), "{outlook}");
            assert_eq!(said(outlook, "name"), "CTO de Lugdunum");
        }
        assert!(
            hrefs(&page, "webcal://")
                .iter()
                .any(|link| link.as_str().starts_with(&format!("webcal://{feed}")))
        );
    }
    only(&evening.mails, zoe);
}
