//! Answers from an address that is not the member's, or not known to be: an organizer decides, or our
//! own mail server vouches for the sender.

use serde_json::{Value, json};

use super::{Inbox, answers::sequence};
use crate::asserts::{invalid, refused};

const COLLEAGUE: &str = "collegue@gmail.example";

/// The path by which an organizer decides about an answer that somebody else gave.
async fn held(inbox: &Inbox, at: usize, partstat: &str, dtstamp: &str, sequence: u32) -> String {
    let reply = inbox.invitation(at).reply(partstat).from(COLLEAGUE).attendee(&format!("mailto:{COLLEAGUE}"));
    let raw = reply.at(dtstamp).sequence(sequence).mail();
    let receipt = inbox.ends(raw, "held", "other_address").await;
    format!("/api/v1/inbound-mail/{}/decision", receipt["id"].as_str().unwrap())
}

async fn take(inbox: &Inbox, path: &str) {
    let taken = inbox.app().put(path).json(&json!({ "decision": "take" })).expect(200).await.json();
    assert_eq!(taken["reason"], "taken_by_organizer");
}

#[tokio::test]
async fn what_is_held_is_taken_or_put_aside_by_an_organizer() {
    let inbox = Inbox::with(2, json!({})).await;
    let app = inbox.app();
    let crashes = |at: usize| {
        let stranger = "collegue@gmail.example";
        inbox.invitation(at).reply("ACCEPTED").from(stranger).attendee(&format!("mailto:{stranger}")).mail()
    };
    let receipt = inbox.ends(crashes(0), "held", "other_address").await;
    let path = format!("/api/v1/inbound-mail/{}/decision", receipt["id"].as_str().unwrap());
    // The organizers are told, and nothing is booked.
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject().contains("attend votre décision"), "{}", mails[0].subject());
    assert!(mails[0].text().contains(&inbox.person(0).name), "{}", mails[0].text());
    assert_eq!(inbox.stands(0).await.0, Value::Null);

    let taken = app.put(&path).json(&json!({ "decision": "take" })).expect(200).await.json();
    assert_eq!((&taken["ending"], &taken["reason"]), (&json!("applied"), &json!("taken_by_organizer")));
    assert_eq!(inbox.stands(0).await.0, "yes");
    app.put(&path).json(&json!({ "decision": "take" })).expect(200).await;
    app.put(&path).json(&json!({ "decision": "dismiss" })).expect(409).await;
    app.put(&path).json(&json!({ "decision": "keep" })).wrong().expect(422).await;
    app.client.put(&path).token(&inbox.token).json(&json!({ "decision": "take" })).expect(403).await;

    let receipt = inbox.ends(crashes(1), "held", "other_address").await;
    let path = format!("/api/v1/inbound-mail/{}/decision", receipt["id"].as_str().unwrap());
    let aside = app.put(&path).json(&json!({ "decision": "dismiss" })).expect(200).await.json();
    assert_eq!((&aside["ending"], &aside["reason"]), (&json!("ignored"), &json!("dismissed")));
    assert_eq!(inbox.stands(1).await.0, Value::Null);
    let nowhere = "/api/v1/inbound-mail/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7f11/decision";
    app.put(nowhere).json(&json!({ "decision": "take" })).expect(404).await;
}

#[tokio::test]
async fn an_answer_that_was_given_since_is_not_taken_back() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    app.clock.set("2026-12-01T12:00:00Z".parse().unwrap());
    let path = held(&inbox, 0, "ACCEPTED", "20261201T115000Z", 0).await;
    app.clock.set("2026-12-01T13:00:00Z".parse().unwrap());
    inbox.evening.stay_away(inbox.person(0)).await;
    let answer = app.put(&path).json(&json!({ "decision": "take" })).send().await;
    refused(&answer, 409);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("a répondu depuis") || detail.contains("answered since"), "{detail}");
    assert_eq!(inbox.stands(0).await.0, "no");
    app.put(&path).json(&json!({ "decision": "dismiss" })).expect(200).await;
}

#[tokio::test]
async fn an_answer_that_was_taken_gives_way_to_newer_ones_alone() {
    let inbox = Inbox::with(1, json!({})).await;
    inbox.app().clock.set("2026-12-01T12:00:00Z".parse().unwrap());
    take(&inbox, &held(&inbox, 0, "ACCEPTED", "20261201T115000Z", 0).await).await;
    // An earlier press of the member's own, delayed on its way.
    let own = |partstat: &str, at: &str| inbox.invitation(0).reply(partstat).at(at).mail();
    inbox.ends(own("DECLINED", "20261201T113000Z"), "ignored", "older_than_reply").await;
    assert_eq!(inbox.stands(0).await.0, "yes");
    // And an older one that is held as well.
    let older = held(&inbox, 0, "DECLINED", "20261201T112000Z", 0).await;
    refused(&inbox.app().put(&older).json(&json!({ "decision": "take" })).send().await, 409);
    inbox.ends(own("TENTATIVE", "20261201T115900Z"), "applied", "recorded").await;
    assert_eq!(inbox.stands(0).await.0, "maybe");
}

#[tokio::test]
async fn an_answer_to_the_former_date_is_marked_when_it_is_taken_after_the_move() {
    let inbox = Inbox::with(2, json!({})).await;
    let app = inbox.app();
    let before = held(&inbox, 0, "ACCEPTED", "20261201T090000Z", 0).await;
    app.mails().await;
    let date = json!({ "starts_at": "2027-01-21T19:00:00", "ends_at": "2027-01-21T21:30:00" });
    inbox.evening.change(date).await;
    let moved = app.mails().await;
    let of_move = moved.iter().find(|mail| mail.to() == inbox.person(1).email).expect("a mail of the move");
    let now = sequence(&of_move.calendar_text());
    assert!(now > 0);
    let after = held(&inbox, 1, "ACCEPTED", "20261201T090000Z", now).await;
    for (path, at, marked) in [(before, 0, true), (after, 1, false)] {
        take(&inbox, &path).await;
        let line = inbox.evening.line(inbox.person(at)).await;
        assert_eq!((&line["answer"], &line["before_move"]), (&json!("yes"), &json!(marked)));
    }
}

const HOME: &str = "p0@home.example";
const OURS: &str = "mx.lugdunum.example";

/// An answer from the second address of the first member, under what a mail server found out.
fn from_home(inbox: &Inbox, found: &str) -> String {
    let reply = inbox.invitation(0).reply("DECLINED").from(HOME).attendee(&format!("mailto:{HOME}"));
    format!("{found}{}", reply.mail())
}

#[tokio::test]
async fn an_address_that_is_not_verified_answers_when_our_mail_server_vouches_for_it() {
    let inbox = Inbox::started(&[("MENSUEL_AUTHSERV_ID", OURS)], 1, json!({})).await;
    let found = |server: &str, what: &str| format!("Authentication-Results: {server}; {what}\r\n");
    let dmarc = "dmarc=pass header.from=home.example";
    // A stranger, however well their own server signs.
    inbox.ends(from_home(&inbox, &found(OURS, dmarc)), "held", "other_address").await;
    let emails = json!([{ "email": inbox.person(0).email }, { "email": HOME, "verified": false }]);
    let member = inbox.evening.change_member(inbox.person(0), json!({ "emails": emails })).await.json();
    assert_eq!(verified(&member), [true, false]);
    for held in [
        String::new(),
        found("mx.elsewhere.example", dmarc),
        found(OURS, "dmarc=fail header.from=home.example; dkim=pass header.d=elsewhere.example"),
    ] {
        inbox.ends(from_home(&inbox, &held), "held", "other_address").await;
    }
    assert_eq!(inbox.stands(0).await.0, Value::Null);
    inbox.ends(from_home(&inbox, &found(OURS, dmarc)), "applied", "recorded").await;
    inbox
        .ends(from_home(&inbox, &found(OURS, "dkim=pass header.d=home.example")), "applied", "recorded")
        .await;
    assert_eq!(inbox.stands(0).await.0, "no");
}

#[tokio::test]
async fn without_the_name_of_our_mail_server_nobody_is_vouched_for() {
    let inbox = Inbox::with(1, json!({})).await;
    let emails = json!([{ "email": inbox.person(0).email }, { "email": HOME, "verified": false }]);
    inbox.evening.change_member(inbox.person(0), json!({ "emails": emails })).await;
    let found = format!("Authentication-Results: {OURS}; dmarc=pass header.from=home.example\r\n");
    inbox.ends(from_home(&inbox, &found), "held", "other_address").await;
}

fn verified(member: &Value) -> Vec<bool> {
    member["emails"].as_array().unwrap().iter().map(|one| one["verified"].as_bool().unwrap()).collect()
}

#[tokio::test]
async fn whoever_enters_an_address_vouches_for_it_unless_they_say_otherwise() {
    let inbox = Inbox::with(1, json!({})).await;
    let own = inbox.person(0).email.clone();
    let after =
        async |emails: Value| inbox.evening.change_member(inbox.person(0), json!({ "emails": emails })).await;
    let member = after(json!([{ "email": own }, { "email": HOME, "verified": false }])).await.json();
    assert_eq!(verified(&member), [true, false]);
    // Left out, it stays.
    let member = after(json!([{ "email": own }, { "email": HOME }])).await.json();
    assert_eq!(verified(&member), [true, false]);
    // Mail goes to the primary one: then it is theirs.
    let no = json!([{ "email": own }, { "email": HOME, "primary": true, "verified": false }]);
    let path = format!("/api/v1/members/{}", inbox.person(0).id);
    let patch = inbox.app().patch(&path).if_match("*").json(&json!({ "emails": no }));
    invalid(&patch.send().await, &["/emails"]);
    let member = after(json!([{ "email": own }, { "email": HOME, "primary": true }])).await.json();
    assert_eq!(verified(&member), [true, true]);
}
