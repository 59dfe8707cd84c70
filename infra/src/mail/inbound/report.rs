//! Reports in a form for machines: delivery status notifications (RFC 3464) and what comes with
//! them.

use mensuel_domain::text::Email;

use super::{
    address::Addresses,
    bounce::{Bounce, Class, FailedRecipient, Status},
    dialect,
    fault::{best_status, class},
    fields::{Fields, blocks, split},
    mime::Part,
};
use crate::mail::reply::safe;

/// Failures of one report that are kept.
const MOST: usize = 20;

/// What a report tells of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    Failed(Bounce),
    /// Delayed, relayed or delivered.
    NoFailure,
}

/// Reads the first delivery status notification. `None` when there is none, or nothing in it.
/// `text` is what the mail says to people: some servers give their reason there alone.
pub(super) fn read(parts: &[Part<'_>], text: &str, ours: &Addresses) -> Option<Delivery> {
    let part = parts
        .iter()
        .find(|part| part.is("message/delivery-status") || part.is("message/global-delivery-status"))?;
    let bytes = part.bytes();
    let blocks = blocks(&bytes);
    let told = blocks.iter().filter(|block| is_of_recipient(block));
    let (failed, spared): (Vec<&Fields<'_>>, Vec<&Fields<'_>>) = told.partition(|block| has_failed(block));
    if failed.is_empty() {
        return (!spared.is_empty()).then_some(Delivery::NoFailure);
    }
    let beside = Beside::of(text, failed.len() == 1, ours);
    let mut row = blocks.iter().flat_map(Fields::values).find_map(|value| ours.bounced_row(&value));
    let mut see = |fields: &Fields<'_>| {
        row = row.or_else(|| fields.values().find_map(|value| ours.bounced_row(&value)));
    };
    let original = original(parts, &mut see);
    // The address that the report came in by, where no door told it.
    parts.iter().take(1).for_each(|top| see(&top.fields));
    Some(Delivery::Failed(Bounce {
        failed: failed.into_iter().take(MOST).map(|block| failure(block, &beside)).collect(),
        spared: spared.into_iter().take(MOST).filter_map(recipient).collect(),
        original: original.or_else(|| parts.first()?.fields.id("in-reply-to")),
        row,
    }))
}

fn is_of_recipient(block: &Fields<'_>) -> bool {
    ["final-recipient", "original-recipient", "action"].iter().any(|name| block.has(name))
}

/// The actions of RFC 3464, section 2.3.3, that are no failure.
const NO_FAILURE: [&str; 4] = ["delayed", "delivered", "relayed", "expanded"];

/// `Action` decides, also by a word of a server's own: older OpenSMTPD writes `error`. A report
/// without it fails when its code says so.
fn has_failed(block: &Fields<'_>) -> bool {
    match block.raw("action").map(|action| action.to_ascii_lowercase()) {
        Some(action) => !NO_FAILURE.iter().any(|word| action.starts_with(word)),
        None => status(block).is_some_and(|status| status.class == 5),
    }
}

/// The text for people beside the report for machines.
struct Beside {
    paragraphs: Vec<(Email, String)>,
    /// All of it, when it can be about one recipient alone.
    whole: String,
}

impl Beside {
    fn of(text: &str, is_alone: bool, ours: &Addresses) -> Self {
        let (said, _) = dialect::cut(text);
        let whole = if is_alone { said.to_owned() } else { String::new() };
        Self { paragraphs: dialect::paragraphs(said, ours), whole }
    }

    fn paragraph(&self, block: &Fields<'_>) -> &str {
        let named: Vec<String> = recipients(block).map(|address| address.key()).collect();
        let found = self.paragraphs.iter().find(|(address, _)| named.contains(&address.key()));
        found.map_or("", |(_, words)| words)
    }
}

/// What the report itself says, else what is told beside it: OpenSMTPD never writes a
/// Diagnostic-Code, and Exim only when a remote server refused.
fn failure(block: &Fields<'_>, beside: &Beside) -> FailedRecipient {
    let (said, given, address) = (diagnostic(block), status(block), recipient(block));
    let judged = |words: &str| {
        let status = best_status(given, words);
        class(status, words, address.as_ref()).map(|class| (class, status, words.to_owned()))
    };
    let near = beside.paragraph(block);
    let told = [said.as_str(), near].into_iter().filter(|words| !words.is_empty()).find_map(judged);
    let told = told.or_else(|| judged("")).or_else(|| judged(&beside.whole));
    let (class, status, mut words) = told.unwrap_or((Class::Soft, given, String::new()));
    if words.is_empty() {
        words =
            [said.as_str(), near].into_iter().find(|words| !words.is_empty()).unwrap_or_default().to_owned();
    }
    FailedRecipient { address, status, class, words: safe(&words) }
}

fn diagnostic(block: &Fields<'_>) -> String {
    let said = ["diagnostic-code", "x-supplementary-info", "x-notes"]
        .iter()
        .find_map(|name| block.raw(name).filter(|said| !said.is_empty()))
        .unwrap_or_default();
    let said = said.split_once(';').filter(|(kind, _)| is_word(kind)).map_or(said.as_str(), |(_, said)| said);
    said.trim().to_owned()
}

fn is_word(text: &str) -> bool {
    text.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Some write more behind the code: `5.1.1 (bad destination mailbox address)`.
fn status(block: &Fields<'_>) -> Option<Status> {
    Status::parse(block.raw("status")?.split(|c: char| !c.is_ascii_digit() && c != '.').next()?)
}

/// What we sent to, before what it became on the way.
fn recipient(block: &Fields<'_>) -> Option<Email> {
    recipients(block).next()
}

fn recipients(block: &Fields<'_>) -> impl Iterator<Item = Email> {
    ["original-recipient", "final-recipient", "x-actual-recipient"].into_iter().filter_map(|name| {
        let value = block.raw(name)?;
        let address = value.rsplit_once(';').map_or(value.as_str(), |(_, address)| address);
        Email::parse(address.trim().trim_start_matches('<').trim_end_matches('>')).ok()
    })
}

/// The Message-ID of the mail that is enclosed, whole or by its header; each header is shown too.
pub(super) fn original(parts: &[Part<'_>], mut see: impl FnMut(&Fields<'_>)) -> Option<String> {
    let mut id = None;
    for part in parts.iter().filter(|part| is_enclosed(part)) {
        let bytes = part.bytes();
        let (fields, _) = split(&bytes);
        see(&fields);
        id = id.or_else(|| fields.id("message-id"));
    }
    id
}

pub(super) fn is_enclosed(part: &Part<'_>) -> bool {
    [
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "text/rfc822-header",
        "text/rfc822",
        "message/rfc822-headers",
        "message/global-headers",
    ]
    .iter()
    .any(|name| part.is(name))
}
