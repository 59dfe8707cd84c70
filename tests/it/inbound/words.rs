//! What people write, automatic replies, and what is too much to read.

use mensuel_tests::app::ORGANIZER;
use serde_json::json;

use super::Inbox;

fn written(from: &str, n: usize, text: &str) -> String {
    format!(
        "From: {from}\r\nTo: soirees@lugdunum.example\r\nSubject: =?utf-8?Q?Une_question_=E2=80=93_{n}?=\r\nMessage-ID: <w{n}@words.example>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}

#[tokio::test]
async fn a_persons_words_reach_the_organizers_who_can_answer_them() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let hostile = "Faut-il un badge ?\r\n<script>alert(1)</script> https://evil.example/";
    inbox.ends(written("Zoé <zoe@soie.example>", 1, hostile), "applied", "forwarded").await;
    let mails = app.mails().await;
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert_eq!((mail.to(), mail.header("Reply-To").as_deref()), (ORGANIZER, Some("zoe@soie.example")));
    assert!(mail.subject().contains("Une question – 1"), "{}", mail.subject());
    assert!(mail.text().contains("> Faut-il un badge ?"), "{}", mail.text());
    assert!(!mail.html().contains("<script>") && !mail.html().contains("href=\"https://evil.example"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
}

#[tokio::test]
async fn a_person_is_answered_where_they_want_to_be() {
    let inbox = Inbox::with(1, json!({})).await;
    let from = "Zoé <hidden-1@relay.example>";
    for (reply_to, answered) in [
        ("Reply-To: zoe@soie.example\r\n", "zoe@soie.example"),
        // An answer to ourselves would come back here.
        ("Reply-To: soirees@lugdunum.example\r\n", "hidden-1@relay.example"),
        ("", "hidden-1@relay.example"),
    ] {
        let n = reply_to.len();
        inbox.ends(format!("{reply_to}{}", written(from, n, "Un badge ?")), "applied", "forwarded").await;
        let mails = inbox.app().mails().await;
        assert_eq!(mails[0].header("Reply-To").as_deref(), Some(answered), "{reply_to}");
    }
}

#[tokio::test]
async fn a_mail_that_comes_by_two_ways_is_passed_on_once() {
    let inbox = Inbox::with(1, json!({})).await;
    let raw = written("zoe@soie.example", 1, "Un badge ?\r\n\r\nZoé");
    inbox.ends(raw.clone(), "applied", "forwarded").await;
    let again = inbox.ends(raw.replace("\r\n", "\n"), "applied", "forwarded").await;
    assert_eq!(again["again"], true);
    assert_eq!(inbox.app().mails().await.len(), 1);
}

#[tokio::test]
async fn the_words_of_somebody_who_is_erased_are_forgotten_and_passed_on_to_nobody() {
    let inbox = Inbox::with(2, json!({})).await;
    let app = inbox.app();
    let [erased, other] = [inbox.person(0), inbox.person(1)].map(|person| person.email.clone());
    inbox
        .ends(written(&erased.to_uppercase(), 1, "Mon genou me fait souffrir."), "applied", "forwarded")
        .await;
    inbox.ends(written(&other, 2, "À bientôt."), "applied", "forwarded").await;
    app.delete(&format!("/api/v1/members/{}", inbox.person(0).id)).expect(204).await;
    let filed = inbox.filed().await;
    let told: Vec<_> = filed.iter().map(|mail| (&mail["from"], &mail["words"], &mail["reason"])).collect();
    let (nothing, forwarded) = (json!(null), json!("forwarded"));
    let theirs = (json!(other), json!("À bientôt."));
    assert_eq!(told, [(&theirs.0, &theirs.1, &forwarded), (&nothing, &nothing, &forwarded)]);
    assert_eq!(filed[1]["subject"], nothing);
    // The organizers read the other one alone.
    let mails = app.mails().await;
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert!(mail.text().contains("À bientôt."), "{}", mail.text());
}

#[tokio::test]
async fn strangers_cannot_make_us_mail_without_end() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    for n in 0..5 {
        let expected = if n < 3 { ("applied", "forwarded") } else { ("held", "not_forwarded") };
        inbox.ends(written("a@stranger.example", n, "bonjour"), expected.0, expected.1).await;
    }
    assert_eq!(app.mails().await.len(), 3);
    for n in 10..50 {
        inbox.take(written(&format!("a{n}@stranger.example"), n, "bonjour")).await;
    }
    assert_eq!(app.mails().await.len(), 27, "thirty an hour in all");
    // None is lost: each is in the list.
    assert_eq!(inbox.filed().await.len(), 45);
    app.clock.advance(chrono::TimeDelta::minutes(61));
    inbox.ends(written("a@stranger.example", 60, "bonjour"), "applied", "forwarded").await;
}

#[tokio::test]
async fn machines_are_not_answered_and_not_passed_on() {
    let inbox = Inbox::with(1, json!({})).await;
    let mail = inbox.invitation(0);
    for shape in ["r15-out-of-office", "m15-read-receipt", "m21-note-without-fields"] {
        inbox.ends(mail.shape(shape), "ignored", "automatic_reply").await;
    }
    // A note that encloses the invitation that it answers.
    let ours = String::from_utf8(inbox.evening.mails[0].raw.to_vec()).unwrap();
    let (_, body) = ours.split_once("\r\n\r\n").unwrap();
    let boundary = body.lines().next().unwrap().trim_start_matches("--");
    let head = format!(
        "From: zoe@soie.example\r\nTo: soirees@lugdunum.example\r\nContent-Type: multipart/mixed; boundary=\"{boundary}\""
    );
    let note = format!("Auto-Submitted: auto-replied\r\n{head}\r\n\r\n{body}");
    inbox.ends(note, "ignored", "automatic_reply").await;
    // A mail of our own that comes back to us goes round once, not for ever.
    let own = inbox.evening.mails[0].raw.to_vec();
    inbox.ends(own, "ignored", "own_mail").await;
    assert_eq!(inbox.app().mails().await.len(), 0);
}

#[tokio::test]
async fn what_is_too_large_is_filed_by_its_head_and_told() {
    let inbox = Inbox::with(1, json!({})).await;
    let big = written("zoe@soie.example", 1, &"x\r\n".repeat(900_000));
    inbox.ends(big.clone(), "held", "mail_too_large").await;
    inbox
        .ends(
            inbox
                .invitation(0)
                .reply("ACCEPTED")
                .mail()
                .replace("PRODID:", &format!("X-A:{}\r\nPRODID:", "a".repeat(300_000))),
            "held",
            "calendar_too_large",
        )
        .await;
    let deep: String =
        (0..12).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
    inbox.ends(deep, "held", "parts_too_deep").await;
    let many = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(200));
    inbox.ends(many, "held", "too_many_parts").await;
    let mails = inbox.app().mails().await;
    assert_eq!(mails.len(), 4);
    assert!(mails.iter().all(|mail| mail.subject().contains("attend votre lecture")));
    // A body beyond all measure is refused before it is read.
    let request = inbox.app().client.post("/api/v1/inbound-mail").token(&inbox.token);
    request.body("message/rfc822", vec![b'x'; 33 * 1024 * 1024]).expect(413).await;
}

#[tokio::test]
async fn words_are_forgotten_after_ninety_days() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    inbox.ends(written("zoe@elsewhere.example", 1, "mon secret"), "applied", "forwarded").await;
    assert_eq!(inbox.filed().await[0]["words"], "mon secret");
    app.clock.advance(chrono::TimeDelta::days(91));
    app.work().await;
    let filed = inbox.filed().await;
    let mail = filed.last().expect("that it came is kept");
    assert_eq!(
        (&mail["words"], &mail["from"], &mail["reason"]),
        (&json!(null), &json!(null), &json!("forwarded"))
    );
}

#[tokio::test]
async fn the_list_is_for_organizers_and_the_door_for_the_mail_server() {
    let inbox = Inbox::with(1, json!({})).await;
    let app = inbox.app();
    let raw = || written("zoe@soie.example", 1, "bonjour");
    let door = "/api/v1/inbound-mail";
    app.client.post(door).body("message/rfc822", raw()).expect(401).await;
    app.post(door).body("message/rfc822", raw()).expect(403).await;
    app.client.post(door).token(&inbox.token).body("text/plain", raw()).wrong().expect(415).await;
    let wrong = format!("{door}?recipient=nobody");
    app.client.post(&wrong).token(&inbox.token).body("message/rfc822", raw()).wrong().expect(422).await;
    app.client.get(door).token(&inbox.token).expect(403).await;
    app.get(&format!("{door}?state=lost")).wrong().expect(422).await;
    inbox.ends(raw(), "applied", "forwarded").await;
    for (state, count) in [("applied", 1), ("held", 0), ("ignored", 0)] {
        let page = app.get(&format!("{door}?state={state}")).expect(200).await.json();
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{state}");
    }
}
