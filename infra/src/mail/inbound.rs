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
mod fault;
mod fields;
mod manner;
mod mime;
mod note;
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
/// Addresses of each kind of field that are looked at.
const MOST: usize = 100;
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
    /// The Message-ID without angle brackets; `sha256-…` of the whole mail when there is none.
    pub message_id: String,
    /// SHA-256 of the body in hexadecimal, whatever its line ends: two mails that share a Message-ID
    /// without being the same differ in it, two deliveries of one mail do not.
    pub body: String,
    pub recipient: Recipient,
    /// `None` when there is none or more than one.
    pub from: Option<Email>,
    /// Where its sender wants to be answered, when that is one address and none of ours.
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
        reply_to: top.mailbox("reply-to").filter(|address| !inbox.addresses.is_ours(address)),
        subject: subject(&top),
        date: top.date("date"),
        manner,
        auth: auth::read(&top, inbox.authserv_id.as_deref()),
        content,
        words,
    }
}

/// What mail servers write of the envelope's recipient, each in its own words.
const BY_SERVER: [&str; 8] = [
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-rcpt-to",
    "x-real-to",
    "original-recipient",
];

/// The first address of ours in the fields that mail servers write, then in those of the sender. One
/// with a tag says more than one without: some servers write the mailbox and leave the tag out.
fn addressed(top: &Fields<'_>, ours: &Addresses) -> Recipient {
    let by_server = BY_SERVER.iter().flat_map(|name| top.raws(name)).map(|value| ours.read(plain(&value)));
    let by_sender = ["to", "cc"].iter().flat_map(|name| top.mailboxes(name));
    let by_sender = by_sender.map(|address| ours.read(address.as_str()));
    let on_the_way = top.raws("received").filter_map(|value| ours.read_for(&value));
    let found: Vec<Recipient> =
        by_server.take(MOST).chain(by_sender.take(MOST)).chain(on_the_way.take(MOST)).collect();
    let first = |which: fn(&Recipient) -> bool| found.iter().copied().find(which);
    first(Recipient::is_proven)
        .or_else(|| first(Recipient::has_tag))
        .or_else(|| first(|to| *to != Recipient::Other))
        .unwrap_or(Recipient::Other)
}

/// `rfc822;soirees@…` as some write it.
fn plain(value: &str) -> &str {
    value.rsplit_once(';').map_or(value, |(_, address)| address)
}

fn subject(top: &Fields<'_>) -> String {
    let text = top.text("subject").unwrap_or_default();
    let visible = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().filter(visible).take(SUBJECT).collect()
}

/// By its lines: a pipe gives line feeds where LMTP and IMAP give CRLF, and some add a blank line
/// at the end.
fn hash(bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    let mut blank = 0_usize;
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            blank += 1;
            continue;
        }
        (0..std::mem::take(&mut blank)).for_each(|_| digest.update(b"\n"));
        digest.update(line);
        blank = 1;
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
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
    let ours = &inbox.addresses;
    let calendar = calendar::read(&parts, from, inbox.limits.calendar);
    let (echo, calendar) =
        if calendar.as_ref().is_some_and(is_of_organizers) { (calendar, None) } else { (None, calendar) };
    let content = reported(&parts, &visible, to, ours)
        .or(calendar)
        .or_else(|| returned(&parts, &visible, manner, from, ours))
        .or(echo)
        .or_else(|| is_nobodys(&parts, &visible, manner).then_some(Content::AutoReply))
        .unwrap_or(Content::Words);
    (content, words::read(&visible))
}

/// What organizers send and no guest does: a mail that came back may enclose ours.
fn is_of_organizers(content: &Content) -> bool {
    matches!(content, Content::Calendar { what, .. } if what.is_of_organizers())
}

fn reported(parts: &[Part<'_>], visible: &str, to: Recipient, ours: &Addresses) -> Option<Content> {
    let complaint = complaint::read(parts, to, ours).map(Content::Complaint);
    complaint.or_else(|| report::read(parts, visible, ours).map(delivery))
}

/// A report in words alone. A note of somebody who is away is none, whatever it says of mailboxes
/// and addresses: its title tells, or that it comes from the one whom it would be about.
fn returned(
    parts: &[Part<'_>],
    visible: &str,
    manner: Manner,
    from: Option<&Email>,
    ours: &Addresses,
) -> Option<Content> {
    if is_receipt(parts) || is_note(parts, visible) {
        return None;
    }
    let told = dialect::read(parts, visible, manner.null_return_path, ours)?;
    let is_from = |address: &Email| from.is_some_and(|from| from.key() == address.key());
    let is_of_sender = matches!(&told, report::Delivery::Failed(bounce)
        if bounce.failed.iter().all(|failed| failed.address.as_ref().is_some_and(is_from)));
    (!is_of_sender).then(|| delivery(told))
}

fn is_nobodys(parts: &[Part<'_>], visible: &str, manner: Manner) -> bool {
    is_receipt(parts) || manner.is_automatic() || is_note(parts, visible)
}

/// That somebody is away.
fn is_note(parts: &[Part<'_>], visible: &str) -> bool {
    parts.first().is_some_and(|top| manner::is_note(&top.fields, visible))
}

/// That a mail was read, or deleted unread (RFC 8098).
fn is_receipt(parts: &[Part<'_>]) -> bool {
    parts.iter().any(|part| part.is("message/disposition-notification"))
}

fn delivery(told: report::Delivery) -> Content {
    match told {
        report::Delivery::Failed(bounce) => Content::Bounce(bounce),
        report::Delivery::NoFailure => Content::NoFailure,
    }
}
