//! The same mails as other servers and programs would write them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use mensuel_infra::mail::inbound::{
    Content, Limits, TooLarge,
    decision::{Decision, Shown},
    read,
};

use super::mint::{decide, each_base64, inbox, minted, names, read_minted};

/// Ways to write a mail that change nothing of what it says.
pub fn rewritten(raw: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let lower_names = |head: &str| {
        let line = |line: &str| match line.split_once(':') {
            Some((name, value)) if !line.starts_with([' ', '\t']) => {
                format!("{}:{value}", name.to_lowercase())
            }
            _ => line.to_owned(),
        };
        head.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
    };
    let without = |name: &str| {
        let mut kept = Vec::new();
        let mut dropping = false;
        for line in head.split("\r\n") {
            if !line.starts_with([' ', '\t']) {
                dropping = line.to_lowercase().starts_with(name);
            }
            if !dropping {
                kept.push(line);
            }
        }
        format!("{}\r\n\r\n{body}", kept.join("\r\n"))
    };
    // A line of white space alone would end the header: folds go behind what is not one already.
    let folded = head.replace("; \r\n", ";\r\n").replace("; ", ";\r\n\t");
    vec![
        ("line feeds alone", raw.replace("\r\n", "\n").into_bytes()),
        ("names in lower case", format!("{}\r\n\r\n{body}", lower_names(head)).into_bytes()),
        ("folded", format!("{folded}\r\n\r\n{body}").into_bytes()),
        ("without Message-ID", without("message-id:").into_bytes()),
        ("without Date", without("date:").into_bytes()),
        ("without MIME-Version", without("mime-version:").into_bytes()),
        ("an mbox line above", format!("From x@y Fri Oct  2 09:00:00 2026\r\n{raw}").into_bytes()),
        (
            "fields of servers above",
            format!("Delivered-By: x\r\nX-Spam: {}\r\n{raw}", "y".repeat(5_000)).into_bytes(),
        ),
        ("blank lines below", format!("{raw}\r\n\r\n\r\n").into_bytes()),
    ]
}

#[test]
fn each_shape_means_the_same_however_it_is_written() {
    for name in names() {
        let raw = minted(&name);
        let expected = decide(raw.as_bytes());
        for (how, bytes) in rewritten(&raw) {
            assert_eq!(decide(&bytes), expected, "{name}, {how}");
        }
    }
}

/// One calendar part, encoded in each way and declared as each type.
#[test]
fn a_reply_is_found_in_any_encoding_charset_and_type() {
    let ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u-1\r\nDTSTAMP:20261002T090000Z\r\nCOMMENT:désolée\r\nATTENDEE;PARTSTAT=DECLINED;CN=Zoé:mailto:zoe@soie.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let latin: Vec<u8> = ics.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let printable = |bytes: &[u8]| -> Vec<u8> {
        let one = |byte: &u8| match byte {
            b'=' | 128.. => format!("={byte:02X}"),
            _ => char::from(*byte).to_string(),
        };
        bytes.iter().map(one).collect::<String>().into_bytes()
    };
    let encode = |encoding: &str, bytes: &[u8]| match encoding {
        "BASE64" => BASE64_STANDARD.encode(bytes).into_bytes(),
        "Quoted-Printable" => printable(bytes),
        _ => bytes.to_vec(),
    };
    for (charset, bytes) in [("utf-8", ics.as_bytes()), ("windows-1252", &latin), ("\"ISO-8859-1\"", &latin)]
    {
        for encoding in ["8bit", "BASE64", "Quoted-Printable"] {
            for kind in [
                format!("text/calendar; method=REPLY; charset={charset}"),
                format!("TEXT/CALENDAR;CHARSET={charset}"),
                format!("application/ics; name=\"invite.ics\"; charset={charset}"),
                format!("application/octet-stream; charset={charset}; name=invite.ICS"),
            ] {
                let mut raw = format!(
                    "To: soirees@lyon.example\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
                )
                .into_bytes();
                raw.extend(encode(encoding, bytes));
                let Decision::Reply(reply) = decide(&raw) else { panic!("{kind} {encoding}") };
                assert_eq!(reply.comment.as_deref(), Some("désolée"), "{kind} {encoding}");
            }
        }
    }
}

#[test]
fn two_different_answers_in_one_mail_are_none() {
    let raw = each_base64(&minted("r01-gmail-accepted"), &|text| {
        text.replace("PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED")
    });
    assert_eq!(decide(raw.as_bytes()), Decision::ShowToOrganizer(Shown::SeveralEvents));
}

#[test]
fn a_mail_that_came_twice_is_the_same_mail() {
    let raw = minted("r06-apple-macos-accepted");
    let again = format!("Received: from another.example; Fri, 2 Oct 2026 10:00:00 +0000\r\n{raw}");
    let (first, second) = (read_minted("r06-apple-macos-accepted"), read(again.as_bytes(), None, &inbox()));
    assert_eq!((first.message_id, first.body), (second.message_id, second.body));
    // A pipe writes line feeds alone, and some servers a blank line more.
    for written in [raw.replace("\r\n", "\n"), format!("{}\r\n\r\n", raw.trim_end())] {
        let third = read(written.as_bytes(), None, &inbox());
        assert_eq!(third.body, read_minted("r06-apple-macos-accepted").body);
    }
    assert_ne!(
        read(raw.replace("VERSION", "\r\nVERSION").as_bytes(), None, &inbox()).body,
        read_minted("r06-apple-macos-accepted").body
    );
    let nameless = raw.replace("Message-ID:", "X-Was:");
    assert!(read(nameless.as_bytes(), None, &inbox()).message_id.starts_with("sha256-"));
}

#[test]
fn what_is_too_large_keeps_its_head_and_is_shown() {
    let mail = |raw: &[u8]| read(raw, None, &inbox());
    let big = format!("{}{}", minted("r16-human-text-reply"), "x\r\n".repeat(800_000));
    let read_big = mail(big.as_bytes());
    assert_eq!(read_big.content, Content::TooLarge(TooLarge::Mail));
    assert_eq!(read_big.message_id, "hum@probe.example");
    let calendar =
        minted("r06-apple-macos-accepted").replace("SEQUENCE:0", &format!("X-A:{}", "a".repeat(300_000)));
    assert_eq!(mail(calendar.as_bytes()).content, Content::TooLarge(TooLarge::Calendar));
    let level = |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
    let deep: String = (0..12).map(level).collect();
    assert_eq!(mail(deep.as_bytes()).content, Content::TooLarge(TooLarge::Depth));
    let many = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(200));
    assert_eq!(mail(many.as_bytes()).content, Content::TooLarge(TooLarge::Parts));
    assert_eq!(decide(many.as_bytes()), Decision::ShowToOrganizer(Shown::TooLarge(TooLarge::Parts)));
    assert_eq!(Limits::default().mail, 2_097_152);
}
