//! Who may call what: every operation of the contract with every kind of caller (S1), and who makes
//! organizers (S16).

use mensuel::{routes::ROUTES, use_cases::members::add_organizer};
use mensuel_domain::{id::Id, text::Email};
use mensuel_infra::store::members::organizers;
use mensuel_tests::{
    TestApp,
    app::id,
    client::Request,
    contract::{Contract, Operation},
};
use serde_json::{Value, json};

use crate::{
    asserts::{each, everything, invalid, items, people, refused},
    scene::{Evening, change_member, execute, texts, to, token},
};

const NOBODYS: &str = "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99";

/// A new token of this scope: its secret.
pub async fn made(app: &TestApp, scope: &str) -> String {
    let token =
        app.create("/api/v1/api-tokens", json!({ "name": format!("to {scope}"), "scopes": [scope] })).await;
    token["secret"].as_str().expect("the secret is shown once").to_owned()
}

/// The least scope that opens an operation; none when nobody is asked who they are.
fn needs(operation: &Operation) -> Option<&'static str> {
    let path = operation.template.as_str();
    if !path.starts_with("/api/v1/") || path.starts_with("/api/v1/rsvps/") {
        return None;
    }
    Some(match (operation.method.as_str(), path) {
        (_, "/api/v1/me") => "any",
        (_, "/api/v1/api-tokens" | "/api/v1/api-tokens/{id}") => "admin",
        ("DELETE", "/api/v1/members/{id}") => "admin",
        ("POST", "/api/v1/inbound-mail") => "inbound",
        ("GET", _) => "read",
        ("POST" | "PUT" | "PATCH" | "DELETE", _) => "write",
        (method, path) => panic!("{method} {path} has no row in this table"),
    })
}

fn opens(scope: &str, needs: &str) -> bool {
    match needs {
        "any" => true,
        "read" => ["read", "write", "admin"].contains(&scope),
        "write" => ["write", "admin"].contains(&scope),
        "inbound" => scope == "inbound",
        _ => scope == "admin",
    }
}

fn request(app: &TestApp, operation: &Operation) -> Request {
    let path = operation.template.replace("{id}", NOBODYS).replace("{member_id}", NOBODYS);
    let method = operation.method.parse().expect("a method");
    // Nothing is meant to happen: what is asked for is not there.
    app.client.request(method, &path).if_match("\"nothing\"").wrong()
}

#[tokio::test]
async fn every_operation_opens_to_its_scope_and_to_nobody_else() {
    let app = TestApp::start().await;
    let mut callers = Vec::new();
    for scope in ["read", "write", "admin", "inbound"] {
        callers.push((scope, made(&app, scope).await));
    }
    let before = everything(&app).await;
    let mut rows = 0;
    for operation in Contract::load().operations() {
        let Some(needs) = needs(operation) else { continue };
        let what = format!("{} {}", operation.method, operation.template);
        rows += 1;
        let anonymous = request(&app, operation).send().await;
        assert_eq!(
            anonymous.status == 401,
            operation.secured,
            "{what} without credentials: {}",
            anonymous.text()
        );
        for wrong in
            ["Bearer nonsense", "Bearer ", "Basic YTpi", "Bearer mns_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
        {
            refused(&request(&app, operation).header("authorization", wrong).send().await, 401);
        }
        for (scope, token) in &callers {
            let answer = request(&app, operation).token(token).send().await;
            let expected = if opens(scope, needs) { "opens" } else { "forbidden" };
            let got = match answer.status {
                401 => "unauthorized",
                403 => "forbidden",
                _ => "opens",
            };
            assert_eq!(got, expected, "{what} with scope {scope}: {} {}", answer.status, answer.text());
        }
    }
    assert!(rows > 25, "{rows} operations are in the table");
    assert_eq!(everything(&app).await, before, "nothing was changed by knocking");
}

#[tokio::test]
async fn a_token_says_who_calls_and_its_secret_is_shown_once() {
    let app = TestApp::start().await;
    let me = app.get("/api/v1/me").expect(200).await.json();
    assert_eq!(
        (&me["scopes"], &me["roles"], &me["token_name"]),
        (&json!(["admin"]), &json!(["organizer"]), &json!("tests"))
    );
    // Made at one instant they would have no order.
    app.clock.advance(chrono::TimeDelta::seconds(1));
    let answer = app
        .post("/api/v1/api-tokens")
        .json(&json!({ "name": "script", "scopes": ["read"] }))
        .expect(201)
        .await;
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    let token = answer.json();
    assert_eq!(token["member_id"], me["member_id"]);
    let secret = token["secret"].as_str().unwrap();
    let theirs = app.client.get("/api/v1/me").token(secret).expect(200).await.json();
    assert_eq!((&theirs["token_id"], &theirs["name"]), (&token["id"], &me["name"]));
    let list = items(&app, "/api/v1/api-tokens").await;
    assert_eq!(each(&list, "name"), ["tests", "script"], "oldest first");
    assert!(!list.to_string().contains(secret) && list[1].get("secret").is_none());

    let inbound = made(&app, "inbound").await;
    let mail_server = app.client.get("/api/v1/me").token(&inbound).expect(200).await.json();
    assert_eq!((&mail_server["member_id"], &mail_server["scopes"]), (&json!(null), &json!(["inbound"])));

    app.delete(&format!("/api/v1/api-tokens/{}", id(&token))).expect(204).await;
    refused(&app.client.get("/api/v1/me").token(secret).send().await, 401);
    refused(&app.delete(&format!("/api/v1/api-tokens/{}", id(&token))).send().await, 404);
}

#[tokio::test]
async fn a_token_dies_with_its_organizers_role() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    for gone in [json!({ "roles": [] }), json!({ "status": "left" })] {
        crate::members::changed(&app, &ana, json!({ "status": "active", "roles": ["organizer"] })).await;
        let token = token_of(&app, &ana).await;
        app.client.get("/api/v1/events").token(&token).expect(200).await;
        crate::members::changed(&app, &ana, gone).await;
        refused(&app.client.get("/api/v1/events").token(&token).send().await, 401);
        crate::members::changed(&app, &ana, json!({ "status": "active", "roles": ["organizer"] })).await;
        refused(&app.client.get("/api/v1/events").token(&token).send().await, 401);
    }
    let token = token_of(&app, &ana).await;
    app.delete(&crate::members::path(&ana)).expect(204).await;
    refused(&app.client.get("/api/v1/me").token(&token).send().await, 401);
}

/// A token for an organizer, as the command line makes them.
async fn token_of(app: &TestApp, member: &Value) -> String {
    let owner = Id::new(id(member).parse().expect("a UUID"));
    mensuel_tests::app::token(&app.app, Some(owner), "admin").await
}

#[tokio::test]
async fn wrong_tokens_are_refused_by_field() {
    let app = TestApp::start().await;
    let before = everything(&app).await;
    for (body, pointer) in [
        (json!({ "name": "script" }), "/scopes"),
        (json!({ "scopes": ["read"] }), "/name"),
        (json!({ "name": "", "scopes": ["read"] }), "/name"),
        (json!({ "name": "script", "scopes": [] }), "/scopes"),
        (json!({ "name": "script", "scopes": ["root"] }), "/scopes/0"),
        (json!({ "name": "script", "scopes": ["read"], "secret": "mine" }), "/secret"),
    ] {
        let answer = app.post("/api/v1/api-tokens").json(&body).wrong().send().await;
        invalid(&answer, &[pointer]);
    }
    let keyed = json!({ "name": "script", "scopes": ["read"] });
    app.clock.advance(chrono::TimeDelta::seconds(1));
    let answer = app.post("/api/v1/api-tokens").header("idempotency-key", "again").json(&keyed).send().await;
    invalid(&answer, &["/Idempotency-Key"]);
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn credentials_and_links_that_do_not_verify_are_limited_and_genuine_ones_are_not() {
    let app = TestApp::start().await;
    let guess = async |at: usize| {
        let path =
            if at.is_multiple_of(2) { "/api/v1/me".to_owned() } else { format!("/api/v1/rsvps/guess{at}") };
        app.client.get(&path).token("mns_guess").wrong().send().await
    };
    for at in 0..300 {
        let status = guess(at).await.status;
        assert_eq!(status, if at.is_multiple_of(2) { 401 } else { 404 }, "guess {at}");
    }
    for at in 300..302 {
        let answer = guess(at).await;
        refused(&answer, 429);
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    }
    app.get("/api/v1/me").expect(200).await;
    app.clock.advance(chrono::TimeDelta::seconds(60));
    assert_eq!(guess(0).await.status, 401, "a minute later it may be tried again");
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

/// Where there is no organizer, nothing that is sent to an address makes one, or a token: whoever
/// installs the service cannot be forestalled.
#[tokio::test]
async fn the_first_organizer_is_made_by_no_door() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let preferences = to(&evening.mails, zoe)[0].link("/u/").expect("preferences");
    execute(app, "delete from api_tokens").await;
    execute(app, "update members set roles = ''").await;
    let mail_server = mensuel_tests::app::token(&app.app, None, "inbound").await;
    let there_are = async || {
        let db = app.app.store.read();
        let tokens = texts(db, "select name from api_tokens".to_owned()).await;
        (organizers(db).await.expect("the members").len(), tokens.len())
    };
    assert_eq!(there_are().await, (0, 1));
    let mut asked = 0;
    for (method, address) in ROUTES.iter().filter(|(method, _)| *method != "GET") {
        let link = if address.starts_with("/u/") { token(&preferences) } else { zoe.token() };
        let path = address.replace("{id}", &zoe.id).replace("{member_id}", &zoe.id);
        let path = path.replace("{purpose}", "feed").replace("{token}", link);
        for caller in [None, Some(&mail_server)] {
            let request = reaching_for_the_role(app, method, address, &path);
            let answer = match caller {
                Some(token) => request.token(token).send().await,
                None => request.send().await,
            };
            assert!(answer.status < 500, "{method} {path}: {}", answer.text());
            asked += 1;
        }
    }
    assert!(asked > 50, "{asked} requests");
    app.app.units.done().await;
    assert_eq!(there_are().await, (0, 1));
    // What the command line does is seen by the same look.
    let email = Email::parse("eve@ailleurs.example").expect("an address");
    add_organizer(&app.app, &email, None).await.expect("an organizer");
    assert_eq!(there_are().await, (1, 1));
}

/// What somebody would send to this address who is nobody yet.
fn reaching_for_the_role(app: &TestApp, method: &str, address: &str, path: &str) -> Request {
    let request = app.client.request(method.parse().expect("a method"), path).if_match("*").wrong();
    let wanted = match (method, address) {
        ("POST", "/api/v1/members") => {
            json!({ "name": "Eve", "email": "eve@ailleurs.example", "roles": ["organizer"] })
        }
        ("POST", "/api/v1/api-tokens") => json!({ "name": "Eve", "scopes": ["admin"] }),
        ("POST", "/api/v1/inbound-mail") => {
            let mail = "From: eve@ailleurs.example\r\nSubject: organizer\r\n\r\norganizer\r\n";
            return request.body("message/rfc822", mail);
        }
        (_, page) if !page.starts_with("/api/") => {
            let eve = [("email", "eve@ailleurs.example"), ("roles", "organizer")];
            return request.form(&[eve.as_slice(), &[("follows", "all"), ("answer", "yes")]].concat());
        }
        _ => json!({ "roles": ["organizer"] }),
    };
    request.json(&wanted)
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
