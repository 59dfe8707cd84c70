//! Signed links: one link, one purpose; altered ones open nothing; revoked ones stay shut.

use chrono::TimeDelta;
use mensuel_infra::links::{Claim, Purpose};
use mensuel_tests::{Answer, TestApp};
use serde_json::json;
use uuid::Uuid;

use crate::scene::{Evening, Person, never_says, read, says, submit, to, token};

/// A member's three links, as their mails have them.
struct Three {
    evening: Evening,
    rsvp: String,
    preferences: String,
    feed: String,
}

async fn three() -> Three {
    let evening = Evening::with(2, json!({})).await;
    let zoe = &evening.people[0];
    let preferences = to(&evening.mails, zoe)[0].link("/u/").expect("preferences");
    evening.app.client.post("/link").form(&[("email", &zoe.email)]).expect(200).await;
    let mails = mail_with_links(&evening.app, zoe).await;
    let feed = mails.link("/calendar/m/").expect("a feed");
    Three { rsvp: zoe.link.clone(), preferences, feed, evening }
}

/// The mail that was asked for; the request is carried out aside, before mails leave.
pub async fn mail_with_links(app: &TestApp, who: &Person) -> mensuel_tests::mailbox::ReceivedMail {
    let mails = app.mails().await;
    (*to(&mails, who).first().expect("a mail with links came")).clone()
}

#[tokio::test]
async fn a_link_of_one_purpose_is_nothing_for_another() {
    let three = three().await;
    let client = &three.evening.app.client;
    let tokens = [token(&three.rsvp), token(&three.preferences), token(&three.feed)];
    assert!(tokens.iter().all(|token| token.len() == 51), "{tokens:?}");
    // Which purposes (0 rsvp, 1 preferences, 2 feed) open which addresses.
    let doors: [(&str, &str, usize); 6] = [
        ("/r/", "", 0),
        ("/r/", ".ics", 0),
        ("/api/v1/rsvps/", "", 0),
        ("/u/", "", 1),
        ("/calendar/m/", ".ics", 2),
        ("/calendar/m/", "", 9),
    ];
    for (before, after, opens) in doors {
        for (purpose, token) in tokens.iter().enumerate() {
            let status = if purpose == opens { 200 } else { 404 };
            client.get(&format!("{before}{token}{after}")).expect(status).await;
        }
    }
    for (purpose, token) in tokens.iter().enumerate().skip(1) {
        client.post(&format!("/r/{token}")).form(&[("answer", "yes")]).expect(404).await;
        let put = client.put(&format!("/api/v1/rsvps/{token}")).json(&json!({ "answer": "yes" }));
        assert_eq!(put.send().await.status, 404, "{purpose}");
    }
    for token in [tokens[0], tokens[2]] {
        client.post(&format!("/u/{token}")).form(&[("List-Unsubscribe", "One-Click")]).expect(404).await;
    }
    // A link is no API token.
    for token in tokens {
        client.get("/api/v1/me").token(token).expect(401).await;
    }
    let member = three.evening.app.get(&format!("/api/v1/members/{}", three.evening.people[0].id));
    assert_eq!(member.expect(200).await.json()["mail"]["invitations"], true, "nobody was unsubscribed");
    assert_eq!(three.evening.app.seats(&three.evening.event).await["yes"], 0);
}

#[tokio::test]
async fn an_altered_link_opens_nothing() {
    let three = three().await;
    let app = &three.evening.app;
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let alter = |token: &str, at: usize, by: usize| {
        let mut bytes = token.as_bytes().to_vec();
        let now = alphabet.iter().position(|c| *c == bytes[at]).expect("base64url");
        bytes[at] = alphabet[(now + by) % 64];
        String::from_utf8(bytes).unwrap()
    };
    // Over HTTP one change of each character; strangers may try 300 a minute.
    for (link, path) in [(&three.rsvp, "/r/"), (&three.preferences, "/u/"), (&three.feed, "/calendar/m/")] {
        app.clock.advance(TimeDelta::minutes(2));
        let ending = if path == "/calendar/m/" { ".ics" } else { "" };
        for at in 0..51 {
            let altered = alter(token(link), at, 1 + at % 63);
            app.client.get(&format!("{path}{altered}{ending}")).expect(404).await;
        }
        for cut in [0, 1, 25, 50] {
            app.client.get(&format!("{path}{}{ending}", &token(link)[..cut])).expect(404).await;
        }
        app.client.get(&format!("{path}{}A{ending}", token(link))).expect(404).await;
        app.client.get(&format!("{path}{}%3D{ending}", token(link))).expect(404).await;
    }
    // And many more where no socket is needed: every character by every other, two at once.
    let links = &app.app.links;
    let (mut tried, genuine) = (0, token(&three.rsvp));
    for at in 0..51 {
        for by in 1..64 {
            let once = alter(genuine, at, by);
            for purpose in Purpose::ALL {
                assert!(links.verify(&once, purpose).is_none(), "{at} {by}");
                tried += 1;
            }
            let twice = alter(&once, (at + by) % 51, 64 - by);
            assert!(twice == genuine || links.verify(&twice, Purpose::Rsvp).is_none());
            tried += 1;
        }
    }
    assert!(tried > 10_000);
}

#[tokio::test]
async fn links_of_one_purpose_are_revoked_and_the_others_stay_alive() {
    let three = three().await;
    let (app, zoe) = (&three.evening.app, &three.evening.people[0]);
    let revoke = async |purpose: &str| {
        app.delete(&format!("/api/v1/members/{}/links/{purpose}", zoe.id)).expect(204).await;
    };
    app.client.get(&three.feed).expect(200).await;
    revoke("feed").await;
    app.client.get(&three.feed).expect(410).await;
    app.client.get(&three.rsvp).expect(200).await;
    app.client.get(&three.preferences).expect(200).await;
    revoke("preferences").await;
    app.client.get(&three.preferences).expect(410).await;
    app.client.post(&three.preferences).form(&[("List-Unsubscribe", "One-Click")]).expect(410).await;
    app.client.get(&three.rsvp).expect(200).await;
    revoke("answers").await;
    app.client.get(&three.rsvp).expect(410).await;
    // New ones come when they are asked for.
    app.client.post("/link").form(&[("email", &zoe.email)]).send().await;
    let mails = app.mails().await;
    let mail = mails.iter().find(|mail| mail.to() == zoe.email).expect("their links");
    app.client.get(&mail.link("/r/").unwrap()).expect(200).await;
    app.client.get(&mail.link("/calendar/m/").unwrap()).expect(200).await;
    let nothing = format!("/api/v1/members/{}/links/everything", zoe.id);
    app.delete(&nothing).wrong().expect(404).await;
    app.client.delete(&nothing).wrong().expect(401).await;
    let writer = mensuel_tests::app::token(&app.app, None, "inbound").await;
    app.client.delete(&nothing.replace("everything", "feed")).token(&writer).expect(403).await;
}

#[tokio::test]
async fn a_genuine_link_of_nobody_says_that_it_no_longer_serves() {
    let app = TestApp::start().await;
    for (purpose, path) in
        [(Purpose::Rsvp, "/r/{}"), (Purpose::Preferences, "/u/{}"), (Purpose::Feed, "/calendar/m/{}.ics")]
    {
        let claim = Claim { purpose, id: Uuid::from_u128(7), epoch: 0 };
        let token = app.app.links.sign(claim).to_string();
        app.client.get(&path.replace("{}", &token)).expect(410).await;
    }
}

#[tokio::test]
async fn who_left_has_no_feed_and_no_preferences_any_more() {
    let three = three().await;
    three.evening.change_member(&three.evening.people[0], json!({ "status": "left" })).await;
    let client = &three.evening.app.client;
    for link in [&three.rsvp, &three.preferences, &three.feed, &three.rsvp.replace("/r/", "/api/v1/rsvps/")] {
        client.get(link).expect(410).await;
    }
    client.get(&format!("{}.ics", three.rsvp)).expect(410).await;
}

#[tokio::test]
async fn preferences_are_left_in_one_click_and_taken_up_again() {
    let three = three().await;
    let app = &three.evening.app;
    let path = format!("/api/v1/members/{}", three.evening.people[0].id);
    let wants = async || app.get(&path).expect(200).await.json()["mail"]["invitations"].clone();
    let page = app.client.get(&three.preferences).expect(200).await;
    says(&read(&page), &["Préférences de Zoé D.", "Vous recevez les invitations"]);
    never_says(&read(&page), &["Durand", "soie.example"]);
    assert_eq!(wants().await, true);
    let done = press_the_button(&three, &page).await;
    says(&read(&done), &["C’est noté", "Vous ne recevez plus d’invitations", "si vous avez dit oui"]);
    assert_eq!(wants().await, false);
    // Twice is as good as once.
    app.client.post(&three.preferences).form(&[("List-Unsubscribe", "One-Click")]).expect(200).await;
    assert_eq!(wants().await, false);
    let page = app.client.get(&three.preferences).expect(200).await;
    says(&read(&page), &["Recevoir de nouveau les invitations"]);
    says(&read(&press_the_button(&three, &page).await), &["Vous recevez les invitations"]);
    assert_eq!(wants().await, true);
}

/// Sends what the page's form would send.
async fn press_the_button(three: &Three, page: &Answer) -> Answer {
    let html = page.text();
    let own = format!("action=\"/u/{}\"", token(&three.preferences));
    let form = html.split("<form").find(|form| form.contains(&own)).expect("the form of one click");
    let form = form.split("</form>").next().expect("its end");
    let mut fields: Vec<(String, String)> = Vec::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("button") || tag.starts_with("input")) {
        let of = |name: &str| {
            let rest = tag.split(&format!("{name}=\"")).nth(1)?;
            Some(rest.split('"').next()?.to_owned())
        };
        if let (Some(name), Some(value)) = (of("name"), of("value")) {
            fields.push((name, value));
        }
    }
    let pairs: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    three.evening.app.client.post(&three.preferences).form(&pairs).expect(200).await
}

#[tokio::test]
async fn lost_links_come_by_mail_and_say_what_is_stored() {
    let evening = Evening::with(2, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    evening.come(zoe, 0).await;
    app.mails().await;
    let page = app.client.post("/link").form(&[("email", "  P0@SOIE.example ")]).expect(200).await;
    says(&read(&page), &["Regardez votre courrier", "Si cette adresse est celle d’un membre"]);
    let mail = mail_with_links(app, zoe).await;
    assert!(mail.subject().starts_with("Vos liens"), "{}", mail.subject());
    says(&mail.text(), &["Sortir d'un monolithe", "Réponse enregistrée : oui.", &zoe.link]);
    assert!(mail.links().iter().any(|link| link.contains("/calendar/m/")));
    assert!(mail.calendar().is_none());

    // A paused member gets theirs too.
    evening.change_member(&evening.people[1], json!({ "status": "paused" })).await;
    app.client.post("/link").form(&[("email", &evening.people[1].email)]).expect(200).await;
    says(&mail_with_links(app, &evening.people[1]).await.text(), &[&evening.people[1].link]);
}

#[tokio::test]
async fn asked_from_an_evenings_page_it_invites_an_active_member_who_was_not() {
    let evening = Evening::with(1, json!({})).await;
    let app = &evening.app;
    let other = app.member("Lou Ferrand", "lou@soie.example", json!({ "follows": [] })).await;
    let slug = evening.event["slug"].as_str().expect("a slug");
    let page = app.client.get(&format!("/link?event={slug}")).expect(200).await;
    says(&read(&page), &["Sortir d'un monolithe", "Le lien de cette soirée y sera envoyé."]);
    app.client.post("/link").form(&[("email", "lou@soie.example"), ("event", slug)]).expect(200).await;
    let lou = Person {
        id: other["id"].as_str().unwrap().to_owned(),
        name: "Lou Ferrand".to_owned(),
        email: "lou@soie.example".to_owned(),
        link: String::new(),
    };
    let mail = mail_with_links(app, &lou).await;
    let link = mail.link("/r/").expect("a link to answer");
    let page = submit(&app.client, &link, &[("answer", "yes")]).await;
    says(&read(&page), &["Réponse pour Lou F.", "Vous venez."]);
    assert_eq!(app.seats(&evening.event).await["confirmed"], 1);
}

#[tokio::test]
async fn who_was_sent_their_links_was_told_of_the_evening_and_hears_that_it_is_cancelled() {
    let app = TestApp::start().await;
    let zoe = app.member("Zoé Durand", "zoe@soie.example", json!({})).await;
    let event = app.retex(&zoe, json!({ "speakers": [{ "name": "Ada Martin" }] })).await;
    app.publish(&event, "followers").await;
    // The invitation never left.
    crate::scene::execute(&app, "update outbox set state = 'expired'").await;
    app.client.post("/link").form(&[("email", "zoe@soie.example")]).send().await;
    let mails = app.mails().await;
    let to_zoe = |mails: &[mensuel_tests::mailbox::ReceivedMail]| {
        mails.iter().filter(|mail| mail.to() == "zoe@soie.example").count()
    };
    assert_eq!(to_zoe(&mails), 1);
    let path = format!("/api/v1/events/{}/cancellation", mensuel_tests::app::id(&event));
    app.put(&path).json(&json!({})).expect(200).await;
    assert_eq!(to_zoe(&app.mails().await), 1, "she does not come to a closed door");
}
