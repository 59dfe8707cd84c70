//! What is fuzzed, as functions that any test can call. Each takes any bytes and must come back.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mensuel_domain::{text::Email, time::Span};
use mensuel_infra::{
    calendar::{self, Calendar, Entry, Status, Transparency},
    keys::Keys,
    mail::{
        inbound::{Addresses, Inbox, Limits, decision::classify, read},
        verp::Verp,
    },
};

static INBOX: LazyLock<Inbox> = LazyLock::new(|| {
    let keys =
        Keys::parse(&format!("1:{}", BASE64_STANDARD.encode([1; 32])).into()).expect("a key of 32 bytes");
    let base = Email::parse("soirees@lyon.example").expect("an address");
    Inbox {
        addresses: Addresses::new(&base, '+', Verp::new(keys)),
        authserv_id: Some("mx.lyon.example".into()),
        limits: Limits::default(),
    }
});

/// A mail to whom its header names.
pub fn mail_in(raw: &[u8]) {
    let mail = read(raw, None, &INBOX);
    assert!(!mail.message_id.is_empty() && mail.message_id.len() <= 900);
    assert!(mail.subject.chars().count() <= 200 && !mail.subject.chars().any(char::is_control));
    assert!(mail.words.said.chars().count() <= 4_000 && mail.words.quoted.chars().count() <= 4_000);
    let _ = classify(&mail, &mail.recipient);
}

/// A calendar part.
pub fn reply(raw: &[u8]) {
    let text = String::from_utf8_lossy(raw);
    let _ = calendar::reply::read(&text, Some("REPLY"), None);
}

/// A mail to the address for complaints, and the bytes as the report of a server.
pub fn bounce(raw: &[u8]) {
    let mail = read(raw, Some("soirees+fbl@lyon.example"), &INBOX);
    let _ = classify(&mail, &mail.recipient);
    for kind in ["message/delivery-status", "text/plain", "text/html"] {
        let head = format!("Return-Path: <>\r\nSubject: failure notice\r\nContent-Type: {kind}\r\n\r\n");
        let whole = [head.as_bytes(), raw].concat();
        let mail = read(&whole, Some("soirees+b-x@lyon.example"), &INBOX);
        let _ = classify(&mail, &mail.recipient);
    }
}

/// A feed whose every text is somebody's: pieces of the input, between the bytes 0xFF.
pub fn ics(raw: &[u8]) {
    let mut pieces = raw.split(|byte| *byte == 0xFF).cycle();
    let mut text = || String::from_utf8_lossy(pieces.next().unwrap_or_default()).into_owned();
    let at: DateTime<Utc> = DateTime::UNIX_EPOCH + chrono::Duration::days(20_800);
    let date = at.date_naive();
    let evening = chrono::NaiveTime::from_hms_opt(19, 0, 0).expect("an hour");
    let entry = Entry {
        uid: text(),
        dtstamp: at,
        last_modified: at,
        created: Some(at),
        sequence: 1,
        span: Span::lasting(date, evening, Tz::Europe__Paris, 120).expect("an evening"),
        summary: text(),
        description: Some(text()),
        location: Some(text()),
        geo: None,
        url: Some(text()),
        categories: vec![text(), text()],
        status: Status::Confirmed,
        transparency: Transparency::Transparent,
        conference: Some(text()),
    };
    let calendar = Calendar {
        name: text(),
        description: text(),
        zone: Tz::Europe__Paris,
        color: text(),
        last_modified: at,
        url: text(),
        source: Some(text()),
        entries: vec![entry],
    };
    is_well_formed(&calendar::feed(&calendar));
}

/// RFC 5545, section 3.1: lines of 75 octets between CRLF, and one evening, whatever the texts say.
fn is_well_formed(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let lines: Vec<&str> = text.strip_suffix("\r\n").expect("a last line end").split("\r\n").collect();
    for line in &lines {
        assert!(!line.is_empty() && line.len() <= 75, "{line:?}");
        assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{line:?}");
    }
    let components = lines.iter().filter(|line| line.starts_with("BEGIN:")).count();
    assert_eq!(components, 5, "a calendar, a zone with its two halves, an evening");
    assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VEVENT").count(), 1);
}
