//! What is fuzzed, as functions that any test can call. Each takes any bytes and must come back.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use mensuel_domain::text::Email;
use mensuel_infra::{
    calendar,
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
