use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

use super::{change, changed, path};
use crate::asserts::{each, everything, invalid, items, pages, people, pointers, recipients, refused};

fn addresses(member: &Value) -> Vec<(String, bool)> {
    let of = |one: &Value| (one["email"].as_str().unwrap().to_owned(), one["primary"].as_bool().unwrap());
    member["emails"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn a_member_has_several_addresses_and_mail_goes_to_the_primary_one() {
    let app = TestApp::start().await;
    let body = json!({ "name": "Zoé Durand", "emails": [{ "email": "zoe@soie.example" }, { "email": "Zoe.Durand@perso.example", "primary": true }] });
    let zoe = app.create("/api/v1/members", body).await;
    let shown = [("Zoe.Durand@perso.example".to_owned(), true), ("zoe@soie.example".to_owned(), false)];
    assert_eq!(addresses(&zoe), shown, "the primary one first");
    assert_eq!(
        (&zoe["status"], &zoe["follows"], &zoe["mail"]),
        (&json!("active"), &json!(["all"]), &json!({ "invitations": true, "nudges": true, "news": true }))
    );

    let event = app.retex(&zoe, json!({})).await;
    app.publish(&event, "followers").await;
    assert_eq!(recipients(&app.mails().await), ["Zoe.Durand@perso.example"]);
    changed(&app, &zoe, json!({ "emails": [{ "email": "zoe@soie.example" }] })).await;
    app.edit(&event, json!({ "starts_at": "2027-01-21T19:00" })).await;
    assert_eq!(recipients(&app.mails().await), ["zoe@soie.example"]);
}

#[tokio::test]
async fn an_address_is_one_members_in_any_case_of_its_letters() {
    let app = TestApp::start().await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    changed(
        &app,
        &ana,
        json!({ "emails": [{ "email": "ana@membres.example" }, { "email": "ana@perso.example" }] }),
    )
    .await;
    let before = everything(&app).await;
    let new = json!({ "name": "Une autre", "email": "ANA@Membres.example" });
    let answer = app.post("/api/v1/members").json(&new).send().await;
    refused(&answer, 409);
    assert_eq!(pointers(&answer), ["/email"]);
    let taken = json!({ "emails": [{ "email": "bob@membres.example" }, { "email": "Ana@perso.example" }] });
    let answer = change(&app, &bob, taken).await;
    refused(&answer, 409);
    assert_eq!(pointers(&answer), ["/emails/1/email"]);
    assert_eq!(everything(&app).await, before);

    changed(&app, &ana, json!({ "emails": [{ "email": "ana@membres.example" }] })).await;
    let freed = json!({ "emails": [{ "email": "bob@membres.example" }, { "email": "ana@perso.example" }] });
    changed(&app, &bob, freed).await;
}

#[tokio::test]
async fn what_is_no_member_is_refused_by_field() {
    let app = TestApp::start().await;
    let before = everything(&app).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "name": "Zoé Durand", "email": "zoe@soie.example" });
        body[name] = value;
        body
    };
    for (body, pointer) in [
        (json!({ "email": "zoe@soie.example" }), "/name"),
        (with("name", json!("")), "/name"),
        (with("name", json!("Zoé\u{7}Durand")), "/name"),
        (with("email", json!("zoe")), "/email"),
        (with("email", json!("zoe@soie.example, eve@x.example")), "/email"),
        (with("language", json!("de")), "/language"),
        (with("status", json!("suspended")), "/status"),
        (with("follows", json!(["everything"])), "/follows"),
        (with("roles", json!(["king"])), "/roles/0"),
        (with("member_since", json!("June")), "/member_since"),
        (with("mail", json!({ "news": "yes" })), "/mail"),
        (with("mail", json!({})), "/mail"),
        (with("id", json!("0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a01")), "/id"),
    ] {
        let answer = app.post("/api/v1/members").json(&body).wrong().send().await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert!(pointers(&answer).iter().all(|p| p.starts_with(pointer)), "{body}: {}", answer.text());
        assert!(!pointers(&answer).is_empty(), "{body}: {}", answer.text());
    }
    for body in [
        json!({ "name": "Zoé Durand" }),
        json!({ "name": "Zoé Durand", "emails": [] }),
        with("emails", json!([{ "email": "other@soie.example" }])),
        json!({ "name": "Zoé Durand", "emails": [{ "email": "a@x.example" }, { "email": "A@x.example" }] }),
        json!({ "name": "Zoé Durand", "emails": [{ "email": "a@x.example", "primary": true }, { "email": "b@x.example", "primary": true }] }),
    ] {
        let answer = app.post("/api/v1/members").json(&body).wrong().send().await;
        assert!(answer.status == 422 && !pointers(&answer).is_empty(), "{body}: {}", answer.text());
    }
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn members_are_found_by_status_name_address_and_company() {
    let app = TestApp::start().await;
    let zoe = json!({ "company": "Soie Robotics", "job_title": "CTO", "member_since": "2025-06-24" });
    let zoe = app.member("Zoé Müller", "z.muller@robots.example", zoe).await;
    let [ana, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    changed(&app, &bob, json!({ "status": "paused" })).await;
    let eve = app.member("Eve Left", "eve@x.example", json!({ "status": "left" })).await;
    let found = async |query: &str| each(&items(&app, &format!("/api/v1/members?{query}")).await, "id");
    assert_eq!(found("q=soie").await, [id(&zoe)]);
    assert_eq!(found("q=z.muller%40robots").await, [id(&zoe)]);
    assert_eq!(found("q=Durand").await, [id(&ana), id(&bob)]);
    assert_eq!(found("q=durand%20bob").await, [id(&bob)], "all the words, in any order");
    assert_eq!(found("q=%25").await, Vec::<String>::new(), "no pattern of the database");
    assert_eq!(found("status=paused").await, [id(&bob)]);
    assert_eq!(found("status=left").await, [id(&eve)]);
    assert_eq!(found("status=active&q=Durand").await, [id(&ana)]);
    invalid(&app.get("/api/v1/members?status=gone").wrong().send().await, &["/status"]);
}

#[tokio::test]
async fn members_are_listed_by_name_page_by_page() {
    let app = TestApp::start().await;
    for (at, name) in
        ["Zoé Zola", "Ana Abel", "Même Nom", "Même Nom", "Même Nom", "Bob Bel"].iter().enumerate()
    {
        app.member(name, &format!("m{at}@x.example"), json!({})).await;
    }
    let whole = items(&app, "/api/v1/members").await;
    let names = each(&whole, "name");
    let expected =
        ["Ana Abel", "Bob Bel", "Camille Organise", "Même Nom", "Même Nom", "Même Nom", "Zoé Zola"];
    assert_eq!(names, expected);
    for limit in [1, 2, 3] {
        assert_eq!(each(&json!(pages(&app, "/api/v1/members", limit).await), "id"), each(&whole, "id"));
    }
}

#[tokio::test]
async fn a_change_of_a_member_needs_the_version_that_was_read() {
    let app = TestApp::start().await;
    let zoe =
        app.member("Zoé Durand", "zoe@x.example", json!({ "company": "Soie", "job_title": "CTO" })).await;
    let etag = app.get(&path(&zoe)).expect(200).await.etag();
    refused(&app.patch(&path(&zoe)).json(&json!({ "name": "Zoé" })).wrong().send().await, 428);
    let after = app.patch(&path(&zoe)).if_match(&etag).json(&json!({ "company": null })).expect(200).await;
    assert_eq!((&after.json()["company"], &after.json()["job_title"]), (&json!(null), &json!("CTO")));
    refused(&app.patch(&path(&zoe)).if_match(&etag).json(&json!({ "name": "Autre" })).send().await, 412);
    assert_eq!(app.get(&path(&zoe)).expect(200).await.etag(), after.etag());
    let unknown = "/api/v1/members/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99";
    refused(&app.get(unknown).send().await, 404);
    refused(&app.patch(unknown).if_match("*").json(&json!({ "name": "Autre" })).send().await, 404);
    refused(&app.delete(unknown).send().await, 404);
}
