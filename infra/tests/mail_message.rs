//! The bytes of a mail, judged by a parser that is not the one that wrote them.

use chrono::{TimeZone, Utc};
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use mensuel_domain::text::Email;
use mensuel_infra::mail::message::{CalendarPart, Mailbox, MessageError, Outgoing, to_bytes};
use proptest::prelude::*;

const ICS: &str =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nSUMMARY:Soirée d'été\r\nEND:VCALENDAR\r\n";

fn mailbox(name: &str, email: &str) -> Mailbox {
    Mailbox { name: name.into(), email: Email::parse(email).unwrap() }
}

fn outgoing() -> Outgoing {
    Outgoing {
        envelope_from: Email::parse("soirees+b-k1.Zm9v@lyon.example").unwrap(),
        to: mailbox("Zoé Durand", "zoe.durand@soie.example"),
        from: mailbox("CTO de Lyon", "soirees@lyon.example"),
        message_id: "0192-3@soirees.lyon.example".into(),
        date: Utc.with_ymd_and_hms(2026, 12, 1, 9, 30, 0).unwrap(),
        references: vec!["0192-1@soirees.lyon.example".into(), "0192-2@soirees.lyon.example".into()],
        list_id: "soirees.lyon.example".into(),
        reply_to: None,
        unsubscribe_by_mail: None,
        unsubscribe_url: Some("https://soirees.lyon.example/u/k1.cHJlZnM".into()),
        subject: "14 janvier : Sortir d'un monolithe en dix-huit mois, et ce qui a cassé".into(),
        text: "Jeudi 14 janvier 2027, 19\u{a0}h\nÀ Lyon\n\n-- \n--=_alternative\n.\n".into(),
        html: "<p>Jeudi 14 janvier 2027 à Lyon</p>".into(),
        calendar: Some(CalendarPart { method: "REQUEST", bytes: ICS.as_bytes().to_vec() }),
    }
}

fn read(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a mail can be read")
}

fn raw<'a>(message: &'a Message<'a>, name: &str) -> Vec<String> {
    let of_name = |header: &&mail_parser::Header<'a>| header.name().eq_ignore_ascii_case(name);
    let value = |header: &mail_parser::Header<'a>| {
        let value = &message.raw_message()[header.offset_start() as usize..header.offset_end() as usize];
        String::from_utf8_lossy(value).replace("\r\n", "").trim().to_owned()
    };
    message.headers().iter().filter(of_name).map(value).collect()
}

#[test]
fn the_whole_mail_is_as_reviewed_and_the_same_at_each_attempt() {
    let bytes = to_bytes(&outgoing()).unwrap();
    assert_eq!(bytes, to_bytes(&outgoing()).unwrap());
    assert!(bytes.is_ascii());
    let lines: Vec<&str> = std::str::from_utf8(&bytes).unwrap().split("\r\n").collect();
    assert!(lines.iter().all(|line| line.len() <= 78 && !line.contains(['\r', '\n'])));
    insta::assert_snapshot!("whole", lines.join("\n"));
}

#[test]
fn the_tree_is_that_of_a_calendar_mail() {
    let bytes = to_bytes(&outgoing()).unwrap();
    let message = read(&bytes);
    let types: Vec<String> = message
        .parts
        .iter()
        .map(|part| {
            let of = part.content_type().unwrap();
            format!("{}/{}", of.ctype(), of.subtype().unwrap_or_default())
        })
        .collect();
    let tree = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ];
    assert_eq!(types, tree);
    assert!(matches!(&message.parts[0].body, PartType::Multipart(children) if children == &[1, 5]));
    assert!(matches!(&message.parts[1].body, PartType::Multipart(children) if children == &[2, 3, 4]));

    let calendar = &message.parts[4];
    let of = calendar.content_type().unwrap();
    assert_eq!((of.attribute("method"), of.attribute("charset")), (Some("REQUEST"), Some("utf-8")));
    assert!(calendar.content_disposition().is_none());
    assert_eq!(calendar.contents(), ICS.as_bytes());

    let attached = &message.parts[5];
    assert!(attached.content_disposition().unwrap().is_attachment());
    assert_eq!(attached.attachment_name(), Some("invite.ics"));
    assert_eq!(attached.contents(), ICS.as_bytes());
    assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), outgoing().text);
    assert_eq!(message.body_html(0).unwrap(), outgoing().html);
}

#[test]
fn without_a_calendar_there_is_no_attachment() {
    let bytes = to_bytes(&Outgoing { calendar: None, ..outgoing() }).unwrap();
    let message = read(&bytes);
    assert_eq!(message.parts.len(), 3);
    assert_eq!(message.content_type().unwrap().subtype(), Some("alternative"));
}

#[test]
fn the_headers_say_what_robots_need() {
    let bytes = to_bytes(&outgoing()).unwrap();
    let message = read(&bytes);
    let expected = [
        ("Message-ID", "<0192-3@soirees.lyon.example>"),
        ("In-Reply-To", "<0192-2@soirees.lyon.example>"),
        ("References", "<0192-1@soirees.lyon.example> <0192-2@soirees.lyon.example>"),
        ("List-Id", "<soirees.lyon.example>"),
        ("List-Unsubscribe", "<https://soirees.lyon.example/u/k1.cHJlZnM>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        ("MIME-Version", "1.0"),
        ("Date", "Tue, 01 Dec 2026 09:30:00 +0000"),
    ];
    for (name, value) in expected {
        assert_eq!(raw(&message, name), [value], "{name}");
    }
    let bytes = to_bytes(&Outgoing { unsubscribe_url: None, references: Vec::new(), ..outgoing() }).unwrap();
    let message = read(&bytes);
    for name in
        ["List-Unsubscribe", "List-Unsubscribe-Post", "References", "In-Reply-To", "Bcc", "Return-Path"]
    {
        assert_eq!(raw(&message, name), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn ids_and_addresses_of_ours_that_would_break_a_header_are_refused() {
    for hostile in
        ["", "a b@c", "a@b>\r\nBcc: x@y.example", "a@b\0", "é@b", "<a@b>", "a@b,c@d", &"a".repeat(1000)]
    {
        let hostile = hostile.to_owned();
        let mails = [
            Outgoing { message_id: hostile.clone(), ..outgoing() },
            Outgoing { references: vec![hostile.clone()], ..outgoing() },
            Outgoing { list_id: hostile.clone(), ..outgoing() },
            Outgoing { unsubscribe_url: Some(hostile.clone()), ..outgoing() },
        ];
        for mail in mails {
            assert!(matches!(to_bytes(&mail), Err(MessageError::Malformed(_))), "{hostile:?}");
        }
    }
}

const HOSTILE: [&str; 24] = [
    "Zoé\r\nBcc: eve@x.example",
    "Zoé\nSubject: autre",
    "Zoé\rBcc: eve@x.example",
    "a\0b",
    "=?utf-8?Q?Bcc=3A?=",
    "=?utf-8?B?PGV2ZUB4LmV4YW1wbGU+?= x",
    "\"Zoé\" <eve@x.example>",
    "eve@x.example, zoe",
    "eve@x.example>; x:",
    "a (comment) b",
    "\\",
    "a\\\"b",
    "\"",
    "  deux  espaces  ",
    "\u{2028}Bcc: eve@x.example",
    "\u{85}Bcc: eve@x.example",
    "👩‍💻 Ω",
    ";,:<>@[]",
    "a\tb",
    "\r\n\r\n<script>",
    ".",
    "--=_mixed",
    "é",
    "Content-Type: text/html",
];

/// What is meant: one line, its ends trimmed.
fn meant(text: &str) -> String {
    let breaks = |c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}';
    text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

const NAMES: [&str; 14] = [
    "From",
    "To",
    "Subject",
    "Message-ID",
    "List-Id",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "In-Reply-To",
    "References",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Date",
    "MIME-Version",
    "Content-Type",
];

fn carries_exactly(subject: &str, to: &str, from: &str) {
    let mail = Outgoing {
        subject: subject.into(),
        to: mailbox(to, "zoe.durand@soie.example"),
        from: mailbox(from, "soirees@lyon.example"),
        ..outgoing()
    };
    let bytes = to_bytes(&mail).unwrap();
    let message = read(&bytes);
    let names: Vec<&str> = message.headers().iter().map(|header| header.name()).collect();
    assert_eq!(names.len(), NAMES.len(), "{names:?}");
    for name in NAMES {
        assert_eq!(
            names.iter().filter(|found| found.eq_ignore_ascii_case(name)).count(),
            1,
            "{name} in {names:?}"
        );
    }
    assert_eq!(message.subject().unwrap_or_default(), meant(subject));
    for (said, name, email) in [
        (message.to().unwrap(), to, "zoe.durand@soie.example"),
        (message.from().unwrap(), from, "soirees@lyon.example"),
    ] {
        let all: Vec<_> = said.clone().into_list();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(
            (all[0].name().unwrap_or_default(), all[0].address()),
            (meant(name).as_str(), Some(email))
        );
    }
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    for line in std::str::from_utf8(&bytes[..head]).unwrap().split("\r\n") {
        assert!(line.len() <= 78 && !line.contains(['\r', '\n', '\0']), "{line:?}");
    }
}

#[test]
fn hostile_names_and_subjects_arrive_as_text() {
    for text in HOSTILE {
        carries_exactly(text, text, text);
    }
    carries_exactly(&"long ".repeat(60), &"nom ".repeat(30), &"é".repeat(120));
    carries_exactly(&"x".repeat(200), &"x".repeat(120), "");
}

proptest! {
    // Promise S8 counts 100,000 strings: three in each case.
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives_as_it_was_meant(subject in text(), to in text(), from in text()) {
        carries_exactly(&subject, &to, &from);
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(33_400)
}

/// Pieces that mean something in a header among any characters.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        3 => "\\PC{0,20}",
        2 => any::<String>(),
        2 => "[ -~]{0,40}",
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat().chars().take(200).collect())
}
