//! Mail as other programs write it, about a mail of ours: shapes of real replies, bounces and
//! complaints (`tests/data/mail-in`) with our UID, tokens and addresses in the place of those of
//! the service that they were once sent to.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::mailbox::ReceivedMail;

/// The mail of ours that is answered.
#[derive(Clone, Debug)]
pub struct Answered {
    pub uid: String,
    /// Whom it was sent to.
    pub address: String,
    /// The address that it came from.
    pub organizer: String,
    /// Its envelope sender.
    pub return_path: String,
    pub message_id: String,
    /// Where leaving the list by mail goes; empty when it says none.
    pub unsubscribe: String,
}

/// Every attendee and recipient of the shapes.
const THEIRS: [&str; 7] = [
    "zoe.dupont@gmail.example",
    "zoe@contoso.example",
    "zoe.dupont@example.net",
    "ZOE.DUPONT@EXAMPLE.NET",
    "zoe\n .dupont@example.net",
    "zoe@icloud.example",
    "zoe.dupont@yahoo.example",
];

impl Answered {
    /// # Panics
    /// When the mail has no calendar entry or header fields of ours.
    pub fn of(mail: &ReceivedMail) -> Self {
        let calendar = mail.calendar_text();
        let line = |name: &str| calendar.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let listed = mail.header("List-Unsubscribe").unwrap_or_default();
        let by_mail = listed.split("<mailto:").nth(1).and_then(|rest| rest.split('>').next());
        Self {
            uid: line("UID:").trim_start_matches("UID:").trim().to_owned(),
            address: mail.to().to_owned(),
            organizer: line("ORGANIZER").rsplit("mailto:").next().unwrap_or_default().trim().to_owned(),
            return_path: mail.from.clone(),
            message_id: mail.header("Message-ID").expect("an id").trim_matches(['<', '>']).to_owned(),
            unsubscribe: by_mail.unwrap_or_default().to_owned(),
        }
    }

    /// A shape, sent about this mail now. Each has a Message-ID of its own.
    ///
    /// # Panics
    /// When there is no such shape.
    pub fn shape(&self, name: &str) -> String {
        static SERIAL: AtomicU32 = AtomicU32::new(0);
        let path = format!("{}/data/mail-in/{name}.eml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let ours = |text: &str| self.put_in(text);
        let text = each_base64(&ours(&text.replace("\r\n", "\n")), &ours);
        text.replace("@probe.example>", &format!(".{serial}@probe.example>")).replace('\n', "\r\n")
    }

    fn put_in(&self, text: &str) -> String {
        let foreign_token = self.return_path.replacen("+b-", "+b-aaaaaa", 1);
        let pairs = [
            ("7d1f6c52-3a0e-4c0e-9b2e-2f6a51c0a101", self.uid.as_str()),
            ("evt-7d1f6c52.0@example.org", &self.message_id),
            ("b+v1.m42.9f3c1a@example.org", &self.return_path),
            ("b+v1.m42.000000@example.org", &foreign_token),
            ("u+v1.m42.9f3c1a@example.org", &self.unsubscribe),
            ("rv+o.7hq2c9ab4k@example.org", &self.organizer),
            ("fbl@example.org", "soirees+fbl@lugdunum.example"),
            // When they answered: the day on which the tests begin.
            ("20261002T", "20261201T"),
        ];
        let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        THEIRS.iter().fold(text, |text, theirs| text.replace(theirs, &self.address))
    }

    /// A plain reply of a calendar.
    pub fn reply(&self, partstat: &str) -> Reply {
        Reply {
            answered: self.clone(),
            partstat: partstat.to_owned(),
            attendee: format!("mailto:{}", self.address),
            from: self.address.clone(),
            dtstamp: "20261201T090000Z".to_owned(),
            sequence: 0,
        }
    }
}

/// A reply to be written; its fields may be changed first.
#[derive(Clone, Debug)]
pub struct Reply {
    pub answered: Answered,
    pub partstat: String,
    pub attendee: String,
    pub from: String,
    pub dtstamp: String,
    pub sequence: u32,
}

impl Reply {
    pub fn at(mut self, dtstamp: &str) -> Self {
        self.dtstamp = dtstamp.to_owned();
        self
    }

    pub fn sequence(mut self, sequence: u32) -> Self {
        self.sequence = sequence;
        self
    }

    pub fn attendee(mut self, attendee: &str) -> Self {
        self.attendee = attendee.to_owned();
        self
    }

    pub fn from(mut self, from: &str) -> Self {
        self.from = from.to_owned();
        self
    }

    pub fn uid(mut self, uid: &str) -> Self {
        self.answered.uid = uid.to_owned();
        self
    }

    /// The mail. Two writings of one reply are two mails.
    pub fn mail(&self) -> String {
        static SERIAL: AtomicU32 = AtomicU32::new(0);
        let Reply { answered, partstat, attendee, from, dtstamp, sequence } = self;
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        format!(
            "Return-Path: <{from}>\r\nFrom: <{from}>\r\nTo: <{}>\r\nSubject: Re\r\nMessage-ID: <r{serial}@reply.example>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n\
             BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A//B//EN\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{}\r\nDTSTAMP:{dtstamp}\r\n\
             ORGANIZER:mailto:{}\r\nATTENDEE;PARTSTAT={partstat}:{attendee}\r\nSEQUENCE:{sequence}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            answered.organizer, answered.uid, answered.organizer
        )
    }
}

/// Applies a change to the decoded text of each Base64 part.
fn each_base64(text: &str, change: &dyn Fn(&str) -> String) -> String {
    let (mut out, mut block) = (String::new(), String::new());
    let (mut announced, mut inside) = (false, false);
    for line in text.lines() {
        if inside && line.starts_with("--") {
            out.push_str(&encoded(&block, change));
            (inside, announced) = (false, false);
            block.clear();
        }
        if inside {
            block.push_str(line.trim());
            continue;
        }
        announced |= line.eq_ignore_ascii_case("Content-Transfer-Encoding: base64");
        inside = announced && line.trim().is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn encoded(block: &str, change: &dyn Fn(&str) -> String) -> String {
    let bytes = BASE64_STANDARD.decode(block).expect("a part of a shape is Base64");
    let text = String::from_utf8(bytes).expect("a part of a shape is text");
    let mut out = String::new();
    for line in BASE64_STANDARD.encode(change(&text)).as_bytes().chunks(76) {
        out.push_str(std::str::from_utf8(line).expect("Base64 is ASCII"));
        out.push('\n');
    }
    out
}
