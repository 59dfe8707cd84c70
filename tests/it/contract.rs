//! What holds for every address of the contract.

use std::collections::BTreeSet;

use mensuel::routes::ROUTES;
use mensuel_tests::{
    TestApp,
    app::id,
    contract::{Contract, Operation},
};
use reqwest::Method;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::asserts::{answer_token, everything, only, people, pointers, refused};

const ID: &str = "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99";
const CONTRACT: &str = include_str!("../../openapi.yaml");

fn filled(template: &str) -> String {
    template
        .replace("{id}", ID)
        .replace("{member_id}", ID)
        .replace("{token}", "token")
        .replace("{format}", "retex")
        .replace("{slug}", "slug")
}

/// The methods that a path says it takes when it is asked for one that nothing takes.
async fn allowed(app: &TestApp, path: &str) -> BTreeSet<String> {
    let method = Method::from_bytes(b"BREW").expect("a method");
    let answer = app.client.request(method, path).token(&app.token).wrong().send().await;
    assert_eq!(answer.status, 405, "{path}: {}", answer.text());
    let allow = answer.header("allow").unwrap_or_else(|| panic!("no Allow at {path}"));
    allow.split(',').map(|method| method.trim().to_owned()).filter(|method| method != "OPTIONS").collect()
}

#[tokio::test]
async fn every_path_of_the_contract_takes_its_methods_and_no_other() {
    let app = TestApp::start().await;
    let contract = Contract::load().paths();
    let templates: BTreeSet<&str> = contract.iter().map(|(_, template)| template.as_str()).collect();
    assert!(templates.len() > 25);
    for template in templates {
        let mut expected: BTreeSet<&str> =
            contract.iter().filter(|(_, path)| path == template).map(|(method, _)| method.as_str()).collect();
        if template == "/u/{token}" {
            // The page at the same address is not part of the contract.
            expected.extend(["GET", "HEAD"]);
        }
        let routed: BTreeSet<&str> =
            ROUTES.iter().filter(|(_, path)| *path == template).map(|(method, _)| *method).collect();
        let but_head = |methods: &BTreeSet<&str>| -> BTreeSet<String> {
            methods.iter().filter(|method| **method != "HEAD").map(|method| (*method).to_owned()).collect()
        };
        assert_eq!(but_head(&routed), but_head(&expected), "{template}");
        let mut methods = but_head(&routed);
        if routed.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        assert_eq!(allowed(&app, &filled(template)).await, methods, "{template}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_not_done_there_405() {
    let app = TestApp::start().await;
    for path in [
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/events/nine",
        "/api/v1/events/",
        "/api/v1/events/nine/seats",
        "/api/v1/members/0193D0A6",
    ] {
        let answer = app.get(path).wrong().send().await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert_eq!(answer.json()["type"], "/problems/not-found", "{path}");
    }
    let answer = app.delete("/api/v1/venues").wrong().send().await;
    refused(&answer, 405);
    assert_eq!(answer.json()["type"], "/problems/method-not-allowed");
    let allow = answer.header("allow").unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let head = app.client.request(Method::HEAD, "/api/v1/events/nine/check-ins").wrong().send().await;
    assert_eq!((head.status, head.body.len()), (404, 0));
    let anonymous = app.client.delete("/api/v1/venues").wrong().send().await;
    assert_eq!(anonymous.status, 405);
}

/// One of each, so that every address of the contract leads somewhere.
struct Scene {
    series: Value,
    event: Value,
    member: Value,
    venue: Value,
    token: String,
}

impl Scene {
    async fn set(app: &TestApp) -> Self {
        let [ana, bob] = people(app, &["Ana", "Bob"]).await.try_into().unwrap();
        let event = app.retex(&ana, json!({})).await;
        app.publish(&event, "followers").await;
        let token = answer_token(only(&app.mails().await, "bob@membres.example"));
        Self {
            series: crate::series::series(app, json!({ "until": "2027-03" })).await,
            event,
            member: bob,
            venue: app.create("/api/v1/venues", json!({ "name": "Ailleurs" })).await,
            token,
        }
    }

    fn filled(&self, template: &str) -> String {
        let owner = match template.split('/').nth(3) {
            Some("series") => id(&self.series),
            Some("events") => id(&self.event),
            Some("members") => id(&self.member),
            Some("venues") => id(&self.venue),
            _ => ID,
        };
        filled(
            &template
                .replace("{id}", owner)
                .replace("{member_id}", id(&self.member))
                .replace("{token}", &self.token),
        )
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_named_and_changes_nothing() {
    let app = TestApp::start().await;
    let scene = Scene::set(&app).await;
    let before = everything(&app).await;
    let with_body = |o: &&Operation| o.request_types == ["application/json"];
    let mut tried = 0;
    for operation in Contract::load().operations().iter().filter(with_body) {
        tried += 1;
        let path = scene.filled(&operation.template);
        let send = async |kind: &str, body: Vec<u8>| {
            let method: Method = operation.method.parse().expect("a method");
            let request = app.client.request(method, &path).token(&app.token).if_match("*");
            request.body(kind, body).wrong().send().await
        };
        let json = "application/json";
        let deep = "[".repeat(100_000).into_bytes();
        for (kind, body, status) in [
            (json, b"{\"a\": ".to_vec(), 400),
            (json, b"nonsense".to_vec(), 400),
            (json, deep, 400),
            (json, b"{\"\\ud800\": 1}".to_vec(), 400),
            (json, b"{\"a\": \"\xff\"}".to_vec(), 400),
            (json, vec![b' '; 1_000_001], 413),
            (json, b"[]".to_vec(), 422),
            (json, b"null".to_vec(), 422),
            (json, b"{\"colour\": \"red\"}".to_vec(), 422),
            ("text/plain", b"{}".to_vec(), 415),
        ] {
            let shown = String::from_utf8_lossy(&body[..body.len().min(20)]).into_owned();
            let answer = send(kind, body).await;
            assert_eq!(
                answer.status,
                status,
                "{} {path} {kind} {shown:?}: {}",
                operation.method,
                answer.text()
            );
            if shown.contains("colour") {
                assert!(pointers(&answer).contains(&"/colour".to_owned()), "{}", answer.text());
            }
        }
    }
    assert!(tried > 12, "{tried} operations take JSON");
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn wrong_parameters_are_named_everywhere() {
    let app = TestApp::start().await;
    let scene = Scene::set(&app).await;
    let before = everything(&app).await;
    let mut lists = 0;
    for operation in Contract::load().operations() {
        let path = scene.filled(&operation.template);
        if operation.method != "GET" || !path.starts_with("/api/v1/") || !operation.statuses.contains(&422) {
            continue;
        }
        lists += 1;
        let answer = app.get(&format!("{path}?colour=red")).wrong().send().await;
        assert_eq!(
            (answer.status, pointers(&answer)),
            (422, vec!["/colour".to_owned()]),
            "{path}: {}",
            answer.text()
        );
        let pages = !path.ends_with("/dates") && !operation.template.starts_with("/api/v1/rsvps/");
        for query in ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=%00", "limit=1&limit=2"]
            .iter()
            .filter(|_| pages)
        {
            let answer = app.get(&format!("{path}?{query}")).wrong().send().await;
            let name = format!("/{}", query.split('=').next().unwrap());
            assert_eq!(
                (answer.status, pointers(&answer)),
                (422, vec![name]),
                "{path}?{query}: {}",
                answer.text()
            );
        }
    }
    assert!(lists >= 10, "{lists} lists");
    for path in ["/api/v1/series?dry_run=maybe", "/api/v1/series?dry_run=true&dry_run=true"] {
        let answer = app.post(path).json(&crate::series::thursdays(json!({}))).wrong().send().await;
        assert_eq!((answer.status, pointers(&answer)), (422, vec!["/dry_run".to_owned()]), "{path}");
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn the_place_in_the_body_is_said() {
    let app = TestApp::start().await;
    let post =
        async |body: &[u8]| app.post("/api/v1/venues").body("application/json", body).wrong().send().await;
    refused(&post(b"{\n  \"name\": \"A\",\n").await, 400);
    assert!(post(b"{\n  \"name\": \"A\",\n").await.text().contains('3'), "the line");
    refused(&post(b"").await, 400);
    refused(&post(b"nonsense").await, 400);
    refused(&post(b"{\"name\": \"A\"} {}").await, 400);
    let array = post(b"[1]").await;
    refused(&array, 422);
    assert_eq!(pointers(&array), [""], "the whole body");
    let odd = post(br#"{"name": "A", "a/b~c": 1}"#).await;
    assert_eq!(pointers(&odd), ["/a~1b~0c"], "{}", odd.text());
    refused(&app.post("/api/v1/venues").body("application/xml", "<a/>").wrong().send().await, 415);
    app.post("/api/v1/venues").body("application/json; charset=utf-8", "{\"name\": \"A\"}").expect(201).await;
}

#[tokio::test]
async fn the_contract_is_served_as_it_stands_and_as_a_page_without_script() {
    let app = TestApp::start().await;
    let served = app.client.get("/openapi.yaml").expect(200).await;
    assert_eq!(served.text(), CONTRACT);
    let page = app.client.get("/api/docs").expect(200).await;
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let html = page.text();
    for word in ["/api/v1/events", "If-Match", "followers"] {
        assert!(html.contains(word), "{word} is not on the page");
    }
    assert!(!html.contains("<script"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
}

#[tokio::test]
async fn it_says_that_it_lives_and_that_it_is_ready() {
    let app = TestApp::start().await;
    assert_eq!(app.client.get("/healthz").expect(200).await.json(), json!({ "status": "ok" }));
    assert_eq!(app.client.get("/readyz").expect(200).await.json(), json!({ "status": "ready" }));

    let db = app.app.store.for_migrations();
    let later = "insert into seaql_migrations (version, applied_at) values ('m99990101_000001_later', 0)";
    db.execute_unprepared(later).await.expect("a later version was here");
    refused(&app.client.get("/readyz").send().await, 503);
    app.client.get("/healthz").expect(200).await;
}

#[tokio::test]
async fn nothing_redirects_and_every_answer_carries_its_headers() {
    let app = TestApp::start().await;
    let templates: BTreeSet<String> =
        Contract::load().paths().into_iter().map(|(_, template)| template).collect();
    for template in templates {
        for path in [
            filled(&template),
            format!("{}/", filled(&template)),
            format!("//{}", filled(&template).trim_start_matches('/')),
        ] {
            let answer = app.client.get(&path).wrong().send().await;
            assert!(!(300..400).contains(&answer.status), "{path} redirects: {}", answer.status);
            assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.text());
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert!(answer.header("content-security-policy").is_some(), "{path}");
            assert!(answer.header("referrer-policy").is_some(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_link_that_is_none_of_ours_answers_nothing() {
    let app = TestApp::start().await;
    let scene = Scene::set(&app).await;
    let before = everything(&app).await;
    let mut altered = scene.token.clone();
    let last = if altered.pop() == Some('A') { 'B' } else { 'A' };
    altered.push(last);
    for token in ["nonsense", altered.as_str()] {
        let path = format!("/api/v1/rsvps/{token}");
        refused(&app.client.get(&path).send().await, 404);
        refused(&app.client.put(&path).json(&json!({ "answer": "yes" })).send().await, 404);
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn extremes_are_taken_or_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let scene = Scene::set(&app).await;
    let mut seen = Vec::new();
    let dates = crate::series::path(&scene.series).replace("/api/v1/", "");
    for target in [
        "events?from=9999-12-31".to_owned(),
        "events?to=0000-01-01".to_owned(),
        "members?q=%00".to_owned(),
        "members?q=%F0%9F%98%80".to_owned(),
        "events?cursor=AAAA".to_owned(),
        format!("{dates}/dates?from=9999-12"),
        format!("{dates}/dates?from=0000-01"),
        format!("{dates}/dates?from=2999-12&to=2999-12"),
        format!("{dates}/dates?to=2020-01"),
        format!("{dates}/dates?from=2027-05-31&to=2027-05-01"),
    ] {
        seen.push(app.get(&format!("/api/v1/{target}")).wrong().send().await.status);
    }
    assert_eq!(seen, [422, 422, 422, 200, 422, 422, 422, 200, 422, 422]);
    let paris = |more: serde_json::Value| {
        let mut body = json!({ "starts_at": "2027-01-14T19:00", "time_zone": "Europe/Paris" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let mut seen = Vec::new();
    for body in [
        paris(json!({ "starts_at": "9999-12-31T23:30" })),
        paris(json!({ "starts_at": "2999-12-31T23:30" })),
        paris(json!({ "starts_at": "0000-01-01T00:00" })),
        paris(json!({ "time_zone": "Pacific/Kiritimati" })),
        paris(json!({ "title": "\u{1F600}".repeat(200) })),
        paris(json!({ "capacity": 1e300 })),
        paris(json!({ "capacity": u64::MAX })),
        paris(json!({ "summary": "a\u{0}b" })),
        paris(json!({ "summary": "é".repeat(10_000) })),
        paris(json!({ "format": "round_table", "tables": 500, "seats_per_table": 500 })),
    ] {
        seen.push(app.post("/api/v1/events").json(&body).wrong().send().await.status);
    }
    assert_eq!(seen, [422, 201, 422, 201, 201, 422, 422, 422, 201, 201]);
    for month in ["2999-12", "1970-01"] {
        let split = format!("{}/splits", crate::series::path(&scene.series));
        let answer = app.post(&split).json(&json!({ "from": month })).wrong().send().await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        let body =
            crate::series::thursdays(json!({ "from": month, "moves": { month: format!("{month}-31") } }));
        let answer = app.post("/api/v1/series").json(&body).wrong().send().await;
        assert_eq!(answer.status, 201, "{month}: {}", answer.text());
    }
    app.work().await;
}

#[tokio::test]
async fn a_language_is_spoken_as_asked() {
    let app = TestApp::start().await;
    let said = async |header: &str, query: &str| {
        let path = format!("/api/v1/members/{ID}{query}");
        app.get(&path).header("accept-language", header).wrong().expect(404).await.json()["detail"].clone()
    };
    let (french, english) = (said("fr-FR,fr;q=0.9,en;q=0.5", "").await, said("en-GB", "").await);
    assert_ne!(french, english);
    assert_eq!(said("de, fr;q=0.1", "").await, french);
    assert_eq!(said("en", "?lang=fr").await, french, "what is asked for in the address comes first");
}

#[tokio::test]
async fn head_is_answered_wherever_get_is_and_without_the_body() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz", "/openapi.yaml", "/robots.txt", "/api/v1/me", "/api/v1/venues", "/"] {
        let get = app.get(path).expect(200).await;
        let head = app.client.request(Method::HEAD, path).token(&app.token).expect(200).await;
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[tokio::test]
async fn a_fault_is_answered_as_the_contract_says() {
    let app = TestApp::start().await;
    crate::scene::execute(&app, "alter table venues rename to places").await;
    let fault = app.get("/api/v1/venues").wrong().expect(503).await;
    assert_eq!(fault.json()["type"], "/problems/not-ready");
}

#[tokio::test]
async fn what_a_page_asks_for_is_there() {
    let app = TestApp::start().await;
    for page in ["/", "/link", "/api/docs", "/nothing"] {
        let html = app.client.get(page).wrong().send().await.text();
        let links = html.split("<link ").skip(1).filter_map(|rest| rest.split('>').next());
        let hrefs: Vec<&str> =
            links.filter_map(|link| link.split("href=\"").nth(1)?.split('"').next()).collect();
        assert!(hrefs.iter().any(|href| href.contains(".css?v=")), "{page}: {hrefs:?}");
        for href in hrefs.into_iter().filter(|href| href.starts_with('/')) {
            app.client.get(href).wrong().expect(200).await;
        }
    }
}

#[tokio::test]
async fn whatever_it_is_by_then_is_a_change_upon_any_revision() {
    let app = TestApp::start().await;
    let venue = app.create("/api/v1/venues", json!({ "name": "Canut Studio" })).await;
    let path = format!("/api/v1/venues/{}", venue["id"].as_str().unwrap());
    for name in ["Un", "Deux"] {
        app.patch(&path).if_match("*").json(&json!({ "name": name })).expect(200).await;
    }
    let old = app.patch(&path).if_match("\"1\"").json(&json!({ "name": "Trois" })).send().await;
    refused(&old, 412);
}

#[tokio::test]
async fn what_strangers_see_has_a_tag_of_its_own() {
    let app = TestApp::start().await;
    let event = crate::events::discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&event, "none").await;
    let path = format!("/api/v1/events/{}", event["id"].as_str().unwrap());
    let own = app.get(&path).expect(200).await.etag();
    let public = app.client.get(&path).header("accept-language", "fr").expect(200).await.etag();
    let english = app.client.get(&path).header("accept-language", "en").expect(200).await.etag();
    assert!(own != public && public != english, "{own} {public} {english}");
    let change = app.patch(&path).if_match(&public).json(&json!({ "summary": "Autrement." })).send().await;
    refused(&change, 412);
}

/// Who meant to try did not mean to do.
#[tokio::test]
async fn a_parameter_that_a_change_does_not_know_refuses_it() {
    let app = TestApp::start().await;
    let scene = Scene::set(&app).await;
    let mail_server = mensuel_tests::app::token(&app.app, None, "inbound").await;
    let before = crate::scene::database(&app).await;
    let mut changes = 0;
    for operation in Contract::load().operations() {
        if ["GET", "HEAD"].contains(&operation.method.as_str()) || !operation.template.starts_with("/api/v1/")
        {
            continue;
        }
        changes += 1;
        let path = format!("{}?colour=red", scene.filled(&operation.template));
        let method: Method = operation.method.parse().expect("a method");
        let token = if path.contains("/inbound-mail?") { &mail_server } else { &app.token };
        let request = app.client.request(method, &path).token(token).if_match("*");
        let request = match (&operation.example_body, operation.request_types.first()) {
            (Some(body), _) => request.json(body),
            (None, Some(kind)) => request.body(kind, "From: zoe@soie.example\r\n\r\nOui.\r\n"),
            (None, None) => request,
        };
        let answer = request.wrong().send().await;
        let said = (answer.status, pointers(&answer));
        assert_eq!(said, (422, vec!["/colour".to_owned()]), "{} {path}: {}", operation.method, answer.text());
    }
    assert!(changes >= 25, "{changes} operations change something");
    assert_eq!(crate::scene::database(&app).await, before);
}
