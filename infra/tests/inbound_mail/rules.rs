//! The recipient, the sender, the time: what decides besides the words.

use chrono::{DateTime, TimeDelta, Utc};
use mensuel_infra::{
    calendar::{PartStat, reply::Reply},
    mail::inbound::{
        AuthResults, Recipient,
        answer::{Held, Invited, NotTaken, OnRecord, Turn, Verdict, given_at, may_apply, supersedes},
        read,
    },
};

use super::mint::{BASE, UID, addresses, email, inbox, row};

fn reply(attendee: &str) -> Reply {
    Reply {
        uid: UID.to_uppercase(),
        attendee: email(attendee),
        partstat: PartStat::Accepted,
        dtstamp: Some(at("2026-10-02T09:00:00Z")),
        sequence: 1,
        comment: None,
        guests: None,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn zoe() -> Invited {
    Invited {
        uid: UID.into(),
        address: email("zoe@soie.example"),
        aliases: vec![email("Zoe.Durand@maison.example")],
        known: vec![email("zoe@ancien.example")],
    }
}

fn proven(domain: &str) -> AuthResults {
    let raw = format!("Authentication-Results: mx.lyon.example; dmarc=pass header.from={domain}\r\n\r\n");
    read(raw.as_bytes(), None, &inbox()).auth
}

#[test]
fn who_may_answer_for_whom() {
    let unproven = AuthResults::default();
    let hold = Verdict::Hold(Held::OtherAddress);
    let other = Verdict::Ignore(NotTaken::OtherAttendee);
    for (attendee, from, auth, expected) in [
        ("ZOE@soie.example", Some("noreply@apple.example"), &unproven, Verdict::Apply),
        ("zoe@soie.example", None, &unproven, Verdict::Apply),
        ("zoe.durand@maison.example", Some("x@evil.example"), &unproven, Verdict::Apply),
        ("zoe@ancien.example", Some("zoe@ancien.example"), &unproven, hold),
        ("zoe@ancien.example", Some("zoe@ancien.example"), &proven("evil.example"), hold),
        ("zoe@ancien.example", Some("zoe@ancien.example"), &proven("ancien.example"), Verdict::Apply),
        ("zoe@ancien.example", Some("x@ancien.example"), &proven("ancien.example"), other),
        ("bob@soie.example", Some("BOB@soie.example"), &proven("soie.example"), hold),
        ("bob@soie.example", Some("x@evil.example"), &proven("evil.example"), other),
        ("bob@soie.example", None, &unproven, other),
    ] {
        let from = from.map(email);
        let verdict = may_apply(&reply(attendee), Some(&zoe()), from.as_ref(), auth);
        assert_eq!(verdict, expected, "{attendee} from {from:?}");
    }
    let unknown = Verdict::Ignore(NotTaken::UnknownUid);
    assert_eq!(may_apply(&reply("zoe@soie.example"), None, None, &unproven), unknown);
    let another = Invited { uid: "another".into(), ..zoe() };
    assert_eq!(may_apply(&reply("zoe@soie.example"), Some(&another), None, &unproven), unknown);
}

#[test]
fn the_newest_answer_stands() {
    let received = at("2026-10-02T09:05:00Z");
    let given = at("2026-10-02T09:00:00Z");
    let minutes = |n: i64| Some(given + TimeDelta::minutes(n));
    for (last_reply, elsewhere, moved_at_sequence, expected) in [
        (None, None, 0, Turn::Counts),
        (minutes(0), None, 0, Turn::Counts),
        (minutes(-1), minutes(-1), 1, Turn::Counts),
        (minutes(1), None, 0, Turn::OlderThanReply),
        (None, minutes(10), 0, Turn::Counts),
        (None, minutes(11), 0, Turn::OlderThanAnswer),
        (None, None, 2, Turn::BeforeMove),
        (minutes(1), None, 2, Turn::OlderThanReply),
    ] {
        let record = OnRecord { last_reply, elsewhere, moved_at_sequence };
        assert_eq!(supersedes(&reply("zoe@soie.example"), received, &record), expected, "{record:?}");
    }
}

#[test]
fn a_wrong_clock_makes_no_answer_newer() {
    let received = at("2026-10-02T09:05:00Z");
    let future = Reply { dtstamp: Some(at("2030-01-01T00:00:00Z")), ..reply("zoe@soie.example") };
    assert_eq!(given_at(&future, received), received);
    let without = Reply { dtstamp: None, ..reply("zoe@soie.example") };
    assert_eq!(given_at(&without, received), received);
}

#[test]
fn the_recipient_is_the_envelopes_or_else_the_headers() {
    let ours = addresses();
    let (bounce, leave) = (ours.bounce(row()).unwrap(), ours.unsubscribe(row()).unwrap());
    let to = |raw: &str, envelope: Option<&str>| read(raw.as_bytes(), envelope, &inbox()).recipient;
    let raw = format!("Delivered-To: {leave}\r\nTo: {bounce}\r\n\r\n");
    assert_eq!(to(&raw, Some(BASE)), Recipient::Main);
    assert_eq!(to(&raw, Some("x@else.example")), Recipient::Other);
    assert_eq!(to(&raw, None), Recipient::Unsubscribe(Some(row())));
    assert_eq!(
        to(&format!("X-Original-To: {bounce}\r\nTo: {BASE}\r\n\r\n"), None),
        Recipient::Bounce(Some(row()))
    );
    assert_eq!(
        to(&format!("Delivered-To: box@else.example\r\nCc: a@b.example, Cercle <{bounce}>\r\n\r\n"), None),
        Recipient::Bounce(Some(row()))
    );
    assert_eq!(to("Subject: x\r\n\r\n", None), Recipient::Other);
    // Some servers write the mailbox without its tag, and after forwarding the topmost is foreign.
    for raw in [
        format!("Delivered-To: {BASE}\r\nTo: <{leave}>\r\n\r\n"),
        format!("Delivered-To: box@else.example\r\nDelivered-To: {leave}\r\nTo: {BASE}\r\n\r\n"),
        format!("Delivered-To: soirees+b-altered@lyon.example\r\nX-Original-To: {leave}\r\n\r\n"),
        format!("X-Envelope-To: <{leave}>\r\nDelivered-To: {BASE}\r\n\r\n"),
        format!("Original-Recipient: rfc822;{leave}\r\nTo: undisclosed-recipients:;\r\n\r\n"),
        format!(
            "Received: from a.example by mx.lyon.example with ESMTP\r\n id 1 for <{leave}>; Thu, 1 Oct 2026 08:00:10 +0000\r\nTo: {BASE}\r\n\r\n"
        ),
    ] {
        assert_eq!(to(&raw, None), Recipient::Unsubscribe(Some(row())), "{raw}");
    }
    assert_eq!(to("Delivered-To: soirees+b-altered@lyon.example\r\n\r\n", None), Recipient::Bounce(None));
    assert_eq!(to(&format!("Delivered-To: x@else.example\r\nTo: {BASE}\r\n\r\n"), None), Recipient::Main);
}
