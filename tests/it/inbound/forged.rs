//! What books nothing, each with its reason (S12).

use serde_json::json;

use super::Inbox;

#[tokio::test]
async fn nothing_is_booked_on_a_member_by_what_is_not_theirs() {
    let inbox = Inbox::with(1, json!({})).await;
    let zoe = inbox.invitation(0);
    let known = format!("mailto:{}", zoe.address);
    let table = [
        (zoe.reply("ACCEPTED").uid("00000000000000000000000000000000").mail(), "ignored", "unknown_uid"),
        (zoe.reply("ACCEPTED").uid(&format!("{}0", zoe.uid)).mail(), "ignored", "unknown_uid"),
        (zoe.reply("ACCEPTED").attendee("mailto:president@example.net").mail(), "ignored", "other_attendee"),
        (zoe.shape("r13-forged-attendee-other-sender"), "ignored", "other_attendee"),
        (zoe.shape("r11-party-crasher-forwarded"), "held", "other_address"),
        (zoe.shape("r05-outlook365-counter"), "held", "counter"),
        (zoe.shape("m19-delegated"), "held", "delegated"),
        (zoe.shape("m20-two-events"), "held", "several_events"),
        (zoe.reply("NEEDS-ACTION").mail(), "ignored", "no_answer_in_reply"),
        (
            zoe.reply("ACCEPTED")
                .attendee(&format!("{known}\r\nATTENDEE;PARTSTAT=DECLINED:mailto:b@c.example"))
                .mail(),
            "applied",
            "recorded",
        ),
    ];
    for (raw, ending, reason) in table {
        let receipt = inbox.take(raw.clone()).await;
        let came = (receipt["ending"].as_str().unwrap(), receipt["reason"].as_str().unwrap());
        // The last one names the member first and its sender: that is their own answer.
        assert_eq!(came, (ending, reason), "{raw}");
        if ending != "applied" {
            assert_eq!(inbox.stands(0).await.0, json!(null), "{reason}");
        }
    }
    // Each is there, with its reason in words, for whoever asks what became of it.
    let filed = inbox.filed().await;
    assert_eq!(filed.len(), 10);
    assert!(filed.iter().all(|mail| mail["detail"].as_str().is_some_and(|words| words.len() > 15)));
}

#[tokio::test]
async fn the_public_uid_of_an_evening_answers_nothing() {
    let inbox = Inbox::with(1, json!({})).await;
    let feed = inbox.app().client.get("/calendar.ics").expect(200).await.text();
    let public = feed.lines().find_map(|line| line.strip_prefix("UID:")).expect("a UID").trim().to_owned();
    let reply = inbox.invitation(0).reply("ACCEPTED").uid(&public);
    inbox.ends(reply.mail(), "ignored", "unknown_uid").await;
    assert_eq!(inbox.stands(0).await.0, json!(null));
}

#[tokio::test]
async fn of_a_thousand_forged_replies_none_applies() {
    let inbox = Inbox::with(1, json!({})).await;
    let zoe = inbox.invitation(0);
    let digits = b"0123456789abcdef";
    for n in 0..1_000_usize {
        // UIDs that are near: one digit is another one.
        let (at, by) = (n % zoe.uid.len(), 1 + n / zoe.uid.len() % 15);
        let mut uid = zoe.uid.clone().into_bytes();
        let old = digits.iter().position(|digit| *digit == uid[at].to_ascii_lowercase()).unwrap_or(0);
        uid[at] = digits[(old + by) % 16];
        let uid = if n < 900 { String::from_utf8(uid).unwrap() } else { format!("forged-{n}") };
        let proof = "Authentication-Results: mx.evil.example; dmarc=pass header.from=soie.example\r\n";
        let raw = format!("{proof}{}", zoe.reply("ACCEPTED").uid(&uid).mail());
        inbox.ends(raw, "ignored", "unknown_uid").await;
    }
    assert_eq!(inbox.stands(0).await.0, json!(null));
    assert_eq!(inbox.app().mails().await.len(), 0, "nobody is mailed about them");
    // The guard is the UID: with it, the same reply counts.
    inbox.ends(zoe.reply("ACCEPTED").mail(), "applied", "recorded").await;
}
