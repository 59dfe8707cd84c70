//! Mail that comes back, complaints, and leaving the list by mail.

use mensuel_tests::mail_in::Answered;
use serde_json::{Value, json};

use super::Inbox;
use crate::scene::{all, to};

#[tokio::test]
async fn each_mail_has_a_return_path_of_its_own() {
    let inbox = Inbox::with(3, json!({})).await;
    let paths: std::collections::BTreeSet<String> =
        (0..3).map(|at| inbox.invitation(at).return_path).collect();
    assert_eq!(paths.len(), 3);
    for path in paths {
        assert!(path.starts_with("soirees+b-") && path.ends_with("@lugdunum.example"), "{path}");
        assert!(path.split('@').next().unwrap().len() <= 64);
    }
    assert!(inbox.invitation(0).unsubscribe.starts_with("soirees+u-"));
}

#[tokio::test]
async fn without_a_way_in_no_address_carries_a_token() {
    let inbox = Inbox::started(&[("MENSUEL_INBOUND_MAIL", "false")], 1, json!({})).await;
    let invitation = inbox.invitation(0);
    assert_eq!(
        (invitation.return_path.as_str(), invitation.unsubscribe.as_str()),
        ("soirees@lugdunum.example", "")
    );
}

/// Nobody is there, as each server says it. The second names another address than the one that the
/// mail went to, as after it was passed on.
const GONE: [&str; 9] = [
    "d01-postfix-user-unknown-5.1.1",
    "d03-gmail-no-such-user",
    "d05-exchange-online-5.1.10",
    "d07-exim-multipart-report",
    "m01-qmail",
    "m02-exim-text",
    "m03-exchange-old",
    "m06-yahoo-text",
    "m05-sendmail-old",
];

#[tokio::test]
async fn an_address_that_does_not_exist_stops_and_can_be_lifted() {
    let inbox = Inbox::with(GONE.len(), json!({})).await;
    let app = inbox.app();
    for (at, shape) in GONE.into_iter().enumerate() {
        let raw = inbox.invitation(at).shape(shape);
        inbox.ends(raw, "applied", "address_stopped").await;
        let member = app.get(&format!("/api/v1/members/{}", inbox.person(at).id)).expect(200).await.json();
        assert!(
            member["emails"][0]["stopped"].as_str().is_some_and(|why| !why.is_empty()),
            "{shape}: {member}"
        );
    }
    // What was sent has failed after all, with the words of the report.
    let failed = all(app, "/api/v1/outbox?state=failed").await;
    assert_eq!(failed.len(), GONE.len());
    assert!(failed.iter().all(|item| item["last_error"].as_str().is_some_and(|words| !words.contains('@'))));
    // Nothing is sent to them any more.
    inbox
        .evening
        .change(json!({ "starts_at": "2027-01-21T19:00:00", "ends_at": "2027-01-21T21:30:00" }))
        .await;
    let mails = app.mails().await;
    assert!((0..GONE.len()).all(|at| to(&mails, inbox.person(at)).is_empty()));
    // An organizer lifts it.
    let emails = json!([{ "email": inbox.person(0).email, "stopped": null }]);
    let lifted = inbox.evening.change_member(inbox.person(0), json!({ "emails": emails })).await.json();
    assert_eq!(lifted["emails"][0]["stopped"], Value::Null);
    inbox
        .evening
        .change(json!({ "starts_at": "2027-01-28T19:00:00", "ends_at": "2027-01-28T21:30:00" }))
        .await;
    let mails = app.mails().await;
    assert_eq!(to(&mails, inbox.person(0)).len(), 1);
    assert!(to(&mails, inbox.person(1)).is_empty());
    let path = format!("/api/v1/members/{}", inbox.person(1).id);
    let etag = app.get(&path).expect(200).await.etag();
    let wrong = json!({ "emails": [{ "email": inbox.person(1).email, "stopped": "no" }] });
    app.patch(&path).if_match(&etag).json(&wrong).wrong().expect(422).await;
}

/// Whether nothing is sent to the first address of a member any more.
async fn is_stopped(inbox: &Inbox, at: usize) -> bool {
    let path = format!("/api/v1/members/{}", inbox.person(at).id);
    inbox.app().get(&path).expect(200).await.json()["emails"][0]["stopped"].is_string()
}

#[tokio::test]
async fn of_several_recipients_the_one_that_the_mail_went_to_counts() {
    let inbox = Inbox::with(3, json!({})).await;
    let mixed = |at: usize| inbox.invitation(at).shape("d13-two-recipients-mixed");
    let swapped = |at: usize| {
        let theirs = inbox.invitation(at).address;
        mixed(at).replace(&theirs, "?").replace("ok@example.net", &theirs).replace('?', "ok@example.net")
    };
    inbox.ends(mixed(0), "applied", "address_stopped").await;
    assert!(is_stopped(&inbox, 0).await);
    // The other one failed, and ours arrived.
    inbox.ends(swapped(1), "ignored", "no_failure").await;
    assert!(!is_stopped(&inbox, 1).await);
    // The other one's mailbox is full, and ours does not exist.
    let both = swapped(2)
        .replace("Status: 5.1.1", "Status: 4.2.2")
        .replace("Action: delivered\r\nStatus: 2.0.0", "Action: failed\r\nStatus: 5.1.1");
    inbox.ends(both, "applied", "address_stopped").await;
    assert!(is_stopped(&inbox, 2).await);
}

#[tokio::test]
async fn a_report_about_a_former_address_does_not_stop_the_new_one() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let mail = inbox.invitation(0);
    let new = json!({ "emails": [{ "email": "zoe@neuve.example" }] });
    inbox.evening.change_member(inbox.person(0), new).await;
    for shape in
        ["d01-postfix-user-unknown-5.1.1", "d03-gmail-no-such-user", "d10-opensmtpd-mailbox-full-5.2.2"]
    {
        inbox.ends(mail.shape(shape), "ignored", "unknown_mail").await;
    }
    // A complaint about it is theirs all the same: they leave, and the new address stays.
    inbox.ends(mail.shape("a01-rfc5965-abuse"), "applied", "complained").await;
    assert!(!is_stopped(&inbox, 0).await);
    inbox.evening.come(inbox.person(0), 0).await;
    let mails = app.mails().await;
    assert_eq!(mails.iter().filter(|mail| mail.to() == "zoe@neuve.example").count(), 1);
    // Who is erased leaves no trace of an address behind.
    let known = "select 'known' from outbox where sent_to_hash is not null and recipient_id = (select id from members where name_key like '%durand%')";
    let db = app.app.store.for_migrations();
    assert!(!crate::scene::texts(db, known.to_owned()).await.is_empty());
    app.client.post("/link").form(&[("email", "zoe@neuve.example")]).send().await;
    app.mails().await;
    let kept = "select kind from outbox where sent_to_hash is not null";
    let before = crate::scene::texts(db, kept.to_owned()).await;
    app.delete(&format!("/api/v1/members/{}", inbox.person(0).id)).expect(204).await;
    let after = crate::scene::texts(db, kept.to_owned()).await;
    assert!(
        before.contains(&"links".to_owned()) && !after.contains(&"links".to_owned()),
        "{before:?} {after:?}"
    );
}

#[tokio::test]
async fn a_stop_that_is_lifted_begins_the_count_anew() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let full = |mail: &Answered| mail.shape("d10-opensmtpd-mailbox-full-5.2.2");
    let mut mail = inbox.invitation(0);
    for (day, reason) in [
        ("21", "soft_bounce"),
        ("22", "soft_bounce"),
        ("23", "soft_bounces_stopped"),
        ("24", "soft_bounce"),
        ("25", "soft_bounce"),
    ] {
        inbox.ends(full(&mail), "applied", reason).await;
        let emails = json!([{ "email": inbox.person(0).email, "stopped": null }]);
        inbox.evening.change_member(inbox.person(0), json!({ "emails": emails })).await;
        let (start, end) = (format!("2027-01-{day}T19:00:00"), format!("2027-01-{day}T21:30:00"));
        inbox.evening.change(json!({ "starts_at": start, "ends_at": end })).await;
        mail = Answered::of(crate::scene::only(&app.mails().await, inbox.person(0)));
    }
}

#[tokio::test]
async fn a_named_guests_full_mailbox_is_counted_too() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let ada = "ada@invitee.example";
    let speakers = json!([{ "member_id": inbox.evening.speaker.id }, { "name": "Ada Martin", "email": ada }]);
    inbox.evening.change(json!({ "speakers": speakers })).await;
    let hers = |mails: &[mensuel_tests::mailbox::ReceivedMail]| {
        mails.iter().find(|mail| mail.to() == ada).map(Answered::of)
    };
    let mut mail = hers(&app.mails().await).expect("she is invited");
    for (day, reason) in [("21", "soft_bounce"), ("22", "soft_bounce"), ("23", "soft_bounces_stopped")] {
        inbox.ends(mail.shape("d10-opensmtpd-mailbox-full-5.2.2"), "applied", reason).await;
        let (start, end) = (format!("2027-01-{day}T19:00:00"), format!("2027-01-{day}T21:30:00"));
        inbox.evening.change(json!({ "starts_at": start, "ends_at": end })).await;
        let next = hers(&app.mails().await);
        assert_eq!(next.is_none(), reason == "soft_bounces_stopped", "{day}");
        mail = next.unwrap_or(mail);
    }
}

#[tokio::test]
async fn a_server_that_stays_away_stops_nobody() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let mut mail = inbox.invitation(0);
    for day in ["21", "22", "23", "24"] {
        inbox.ends(mail.shape("m10-postfix-expired-4.4.1"), "applied", "soft_bounce").await;
        let (start, end) = (format!("2027-01-{day}T19:00:00"), format!("2027-01-{day}T21:30:00"));
        inbox.evening.change(json!({ "starts_at": start, "ends_at": end })).await;
        mail = Answered::of(crate::scene::only(&app.mails().await, inbox.person(0)));
    }
}

#[tokio::test]
async fn a_full_mailbox_stops_the_third_time_within_thirty_days() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let full = |mail: &Answered| mail.shape("d10-opensmtpd-mailbox-full-5.2.2");
    let first = inbox.invitation(0);
    inbox.ends(full(&first), "applied", "soft_bounce").await;
    // The same mail again counts once, and after thirty days not any more.
    inbox.ends(full(&first), "applied", "soft_bounce").await;
    app.advance(chrono::TimeDelta::days(31)).await;
    app.mails().await;
    for (day, reason) in [("04", "soft_bounce"), ("11", "soft_bounce"), ("18", "soft_bounces_stopped")] {
        let (start, end) = (format!("2027-02-{day}T19:00:00"), format!("2027-02-{day}T21:30:00"));
        inbox.evening.change(json!({ "starts_at": start, "ends_at": end })).await;
        let mails = app.mails().await;
        let moved = Answered::of(crate::scene::only(&mails, inbox.person(0)));
        inbox.ends(full(&moved), "applied", reason).await;
    }
    let member = app.get(&format!("/api/v1/members/{}", inbox.person(0).id)).expect(200).await.json();
    assert!(member["emails"][0]["stopped"].is_string());
}

#[tokio::test]
async fn a_refusal_that_is_our_fault_keeps_the_address_and_is_told() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    inbox.ends(inbox.invitation(0).shape("m07-office365-blocked-5.7.1"), "applied", "mail_refused").await;
    let member = app.get(&format!("/api/v1/members/{}", inbox.person(0).id)).expect(200).await.json();
    assert_eq!(member["emails"][0]["stopped"], Value::Null);
    // Nothing is sent for a minute; then the organizers are told.
    assert_eq!(app.mails().await.len(), 0);
    app.advance(chrono::TimeDelta::minutes(2)).await;
    let mails = app.mailbox.received();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to(), mensuel_tests::app::ORGANIZER);
    assert!(mails[0].subject().contains("refusé"), "{}", mails[0].subject());
}

#[tokio::test]
async fn what_proves_nothing_or_says_no_failure_changes_nothing() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let mail = inbox.invitation(0);
    inbox.ends(mail.shape("d12-forged-dsn-unknown-verp"), "ignored", "unknown_token").await;
    inbox.ends(mail.shape("m08-postfix-delayed"), "ignored", "no_failure").await;
    inbox.ends(mail.shape("m09-exim-warning"), "ignored", "no_failure").await;
    inbox.ends(mail.shape("m11-sendmail-delivered"), "ignored", "no_failure").await;
    // Well formed, with another signature.
    let (token, domain) = mail.return_path.split_once('@').unwrap();
    let (rest, last) = token.split_at(token.len() - 1);
    let forged = format!("{rest}{}@{domain}", if last == "a" { "b" } else { "a" });
    let raw = mail.shape("d01-postfix-user-unknown-5.1.1").replace(&mail.return_path, &forged);
    inbox.ends(raw, "ignored", "unknown_token").await;
    let tokenless =
        mail.shape("d01-postfix-user-unknown-5.1.1").replace(&mail.return_path, "soirees@lugdunum.example");
    inbox.ends(tokenless, "ignored", "report_without_token").await;
    inbox.ends(mail.shape("m13-not-spam"), "ignored", "no_complaint").await;
    let member = app.get(&format!("/api/v1/members/{}", inbox.person(0).id)).expect(200).await.json();
    assert_eq!(
        (&member["emails"][0]["stopped"], &member["mail"]["invitations"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(all(app, "/api/v1/outbox?state=failed").await.len(), 0);
    assert_eq!(app.mails().await.len(), 0);
}

#[tokio::test]
async fn a_complaint_about_a_mail_of_ours_stops_all_at_once() {
    let inbox = Inbox::with(3, json!({})).await;
    let app = inbox.app();
    for (at, shape) in ["a01-rfc5965-abuse", "a03-microsoft-jmrp-not-arf"].into_iter().enumerate() {
        inbox.ends(inbox.invitation(at).shape(shape), "applied", "complained").await;
        let member = app.get(&format!("/api/v1/members/{}", inbox.person(at).id)).expect(200).await.json();
        assert!(member["emails"][0]["stopped"].is_string(), "{shape}");
        assert_eq!(
            member["mail"],
            json!({ "invitations": false, "nudges": false, "news": false }),
            "{shape}"
        );
    }
    // Of a mail that is none of ours: nothing.
    let foreign = inbox.invitation(2);
    let foreign = foreign.shape("a01-rfc5965-abuse").replace(&foreign.message_id, "elsewhere@example.org");
    let foreign = foreign.replace(&inbox.invitation(2).return_path, "list@example.org");
    let receipt = inbox.take(foreign).await;
    assert_eq!(receipt["ending"], "ignored", "{receipt}");
    let member = app.get(&format!("/api/v1/members/{}", inbox.person(2).id)).expect(200).await.json();
    assert_eq!(member["emails"][0]["stopped"], Value::Null);
}

#[tokio::test]
async fn leaving_by_mail_is_leaving_by_a_click() {
    let inbox = Inbox::with(2, json!({})).await;
    let app = inbox.app();
    inbox.ends(inbox.invitation(0).shape("m14-apple-unsubscribe"), "applied", "unsubscribed").await;
    let member = app.get(&format!("/api/v1/members/{}", inbox.person(0).id)).expect(200).await.json();
    assert_eq!(member["mail"], json!({ "invitations": false, "nudges": false, "news": false }));
    // An altered token leaves for nobody.
    let mail = inbox.invitation(1);
    let altered = mail.unsubscribe.replace("+u-", "+u-a");
    let raw = mail.shape("m14-apple-unsubscribe").replace(&mail.unsubscribe, &altered);
    inbox.ends(raw, "ignored", "unknown_token").await;
    // Nor does a return path: one address, one purpose (S2).
    let crossed = mail.return_path.replace("+b-", "+u-");
    let raw = mail.shape("m14-apple-unsubscribe").replace(&mail.unsubscribe, &crossed);
    inbox.ends(raw, "ignored", "unknown_token").await;
    let member = app.get(&format!("/api/v1/members/{}", inbox.person(1).id)).expect(200).await.json();
    assert_eq!(member["mail"]["invitations"], true);
}
