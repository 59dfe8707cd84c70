//! Mail that comes in: what it is ([`read`]), what follows from it ([`decision`]) and when an answer
//! counts ([`answer`]). All of it is a function of the bytes; nothing is looked up or kept here.

mod address;
pub mod answer;
mod auth;
mod bounce;
mod calendar;
mod complaint;
pub mod decision;
mod dialect;
mod fields;
mod manner;
mod mime;
mod report;
mod words;

use chrono::{DateTime, Utc};
use mensuel_domain::text::Email;
use sha2::{Digest as _, Sha256};

use crate::calendar::reply::{Flaw, NoAnswer, Reply};
pub use address::{Addresses, Recipient};
pub use auth::AuthResults;
pub use bounce::{Bounce, Class, FailedRecipient, Status};
pub use complaint::{Complaint, Feedback};
pub use manner::Manner;
pub use words::Words;

use fields::{Fields, split};
use mime::{Beyond, Part};

/// Bytes of a header that are looked at when the mail is too large.
const HEADER: usize = 256 * 1024;
/// Characters of a subject that are kept.
const SUBJECT: usize = 200;

/// Bounds of what is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a mail.
    pub mail: usize,
    /// Bytes of a calendar part, decoded.
    pub calendar: usize,
    /// Multiparts inside of each other.
    pub depth: usize,
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { mail: 2 * 1024 * 1024, calendar: 256 * 1024, depth: 10, parts: 100 }
    }
}

/// Where mail comes in, and whom we believe about its senders.
#[derive(Clone, Debug)]
pub struct Inbox {
    pub addresses: Addresses,
    /// The authserv-id that our own mail server writes (RFC 8601, section 2.5).
    pub authserv_id: Option<String>,
    pub limits: Limits,
}

/// One mail, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// The Message-ID without angle brackets; `sha256-…` of the bytes when there is none.
    pub message_id: String,
    /// SHA-256 of the body in hexadecimal: two mails that share a Message-ID without being the same
    /// differ in it, two deliveries of one mail do not.
    pub body: String,
    pub recipient: Recipient,
    /// `None` when there is none or more than one.
    pub from: Option<Email>,
    pub reply_to: Option<Email>,
    /// One line, at most 200 characters.
    pub subject: String,
    pub date: Option<DateTime<Utc>>,
    pub manner: Manner,
    pub auth: AuthResults,
    pub content: Content,
    /// The visible text, whatever else the mail is.
    pub words: Words,
}

/// What a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Reply(Reply),
    /// A calendar message that is no answer.
    Calendar {
        what: NoAnswer,
        uid: Option<String>,
        attendee: Option<Email>,
        comment: Option<String>,
    },
    /// Several events, or several different answers.
    Several,
    Malformed(Flaw),
    Bounce(Bounce),
    /// A report that a mail was delayed, relayed or delivered.
    NoFailure,
    Complaint(Complaint),
    AutoReply,
    /// A person's mail; what they wrote is in `words`.
    Words,
    TooLarge(TooLarge),
}

/// What was too much to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLarge {
    Mail,
    Calendar,
    Depth,
    Parts,
}

/// Reads one mail. `recipient` is the envelope's; without it the header tells whom it was for.
/// Any bytes are a mail; none takes longer than its size allows.
pub fn read(raw: &[u8], recipient: Option<&str>, inbox: &Inbox) -> Inbound {
    let fits = raw.len() <= inbox.limits.mail;
    let (top, body) = split(if fits { raw } else { &raw[..raw.len().min(HEADER)] });
    let to = recipient.map_or_else(|| addressed(&top, &inbox.addresses), |to| inbox.addresses.read(to));
    let manner = manner::read(&top);
    let from = top.mailbox("from");
    let (content, words) = if fits {
        inside(raw, to, manner, from.as_ref(), inbox)
    } else {
        (Content::TooLarge(TooLarge::Mail), Words::default())
    };
    Inbound {
        message_id: top.id("message-id").unwrap_or_else(|| format!("sha256-{}", hash(raw))),
        body: hash(if fits { body } else { raw }),
        recipient: to,
        from,
        reply_to: top.mailbox("reply-to"),
        subject: subject(&top),
        date: top.date("date"),
        manner,
        auth: auth::read(&top, inbox.authserv_id.as_deref()),
        content,
        words,
    }
}

/// The first address of ours in the fields that mail servers write, then in those of the sender.
fn addressed(top: &Fields<'_>, ours: &Addresses) -> Recipient {
    let by_server = ["delivered-to", "x-original-to", "envelope-to"];
    let written = by_server.iter().filter_map(|name| top.raw(name)).map(|address| ours.read(&address));
    let by_sender = ["to", "cc"];
    let named = by_sender
        .iter()
        .flat_map(|name| top.mailboxes(name))
        .take(100)
        .map(|address| ours.read(address.as_str()));
    written.chain(named).find(|to| *to != Recipient::Other).unwrap_or(Recipient::Other)
}

fn subject(top: &Fields<'_>) -> String {
    let text = top.text("subject").unwrap_or_default();
    let visible = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().filter(visible).take(SUBJECT).collect()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A report is one whatever else is in it; a calendar part is looked for before anything tells of
/// an automatic mail, since Gmail's replies are generated.
fn inside(
    raw: &[u8],
    to: Recipient,
    manner: Manner,
    from: Option<&Email>,
    inbox: &Inbox,
) -> (Content, Words) {
    let parts = match mime::parts(raw, &inbox.limits) {
        Ok(parts) => parts,
        Err(Beyond::Depth) => return (Content::TooLarge(TooLarge::Depth), Words::default()),
        Err(Beyond::Number) => return (Content::TooLarge(TooLarge::Parts), Words::default()),
    };
    let visible = words::visible(&parts);
    let content = reported(&parts, to, &inbox.addresses)
        .or_else(|| calendar::read(&parts, from, inbox.limits.calendar))
        .or_else(|| in_words(&parts, &visible, manner, &inbox.addresses))
        .unwrap_or(Content::Words);
    (content, words::read(&visible))
}

fn reported(parts: &[Part<'_>], to: Recipient, ours: &Addresses) -> Option<Content> {
    let complaint = complaint::read(parts, to, ours).map(Content::Complaint);
    complaint.or_else(|| report::read(parts, ours).map(delivery))
}

fn in_words(parts: &[Part<'_>], visible: &str, manner: Manner, ours: &Addresses) -> Option<Content> {
    let is_receipt = parts.iter().any(|part| part.is("message/disposition-notification"));
    match dialect::read(parts, visible, manner.null_return_path, ours) {
        Some(told) if !is_receipt => Some(delivery(told)),
        _ => (is_receipt || manner.is_automatic()).then_some(Content::AutoReply),
    }
}

fn delivery(told: report::Delivery) -> Content {
    match told {
        report::Delivery::Failed(bounce) => Content::Bounce(bounce),
        report::Delivery::NoFailure => Content::NoFailure,
    }
}
