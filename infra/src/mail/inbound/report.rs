//! Reports in a form for machines: delivery status notifications (RFC 3464) and what comes with
//! them.

use mensuel_domain::text::Email;

use super::{
    address::Addresses,
    bounce::{Bounce, FailedRecipient, Status, best_status, class},
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
pub(super) fn read(parts: &[Part<'_>], ours: &Addresses) -> Option<Delivery> {
    let part = parts
        .iter()
        .find(|part| part.is("message/delivery-status") || part.is("message/global-delivery-status"))?;
    let bytes = part.bytes();
    let blocks = blocks(&bytes);
    let told: Vec<&Fields<'_>> = blocks.iter().filter(|block| is_of_recipient(block)).collect();
    if told.is_empty() {
        return None;
    }
    let failed: Vec<FailedRecipient> =
        told.iter().filter(|block| has_failed(block)).take(MOST).map(|block| failure(block)).collect();
    if failed.is_empty() {
        return Some(Delivery::NoFailure);
    }
    let mut row = blocks.iter().flat_map(Fields::values).find_map(|value| ours.bounced_row(&value));
    let original = original(parts, |fields| {
        row = row.or_else(|| fields.values().find_map(|value| ours.bounced_row(&value)));
    });
    let original = original.or_else(|| parts.first()?.fields.id("in-reply-to"));
    Some(Delivery::Failed(Bounce { failed, original, row }))
}

fn is_of_recipient(block: &Fields<'_>) -> bool {
    ["final-recipient", "original-recipient", "action"].iter().any(|name| block.has(name))
}

/// `Action` decides; a report without it fails when its code says so.
fn has_failed(block: &Fields<'_>) -> bool {
    match block.raw("action").map(|action| action.to_ascii_lowercase()) {
        Some(action) => action.split_whitespace().next() == Some("failed"),
        None => status(block).is_some_and(|status| status.class == 5),
    }
}

fn failure(block: &Fields<'_>) -> FailedRecipient {
    let said = ["diagnostic-code", "x-supplementary-info", "x-notes"]
        .iter()
        .find_map(|name| block.raw(name))
        .unwrap_or_default();
    let said = said.split_once(';').filter(|(kind, _)| is_word(kind)).map_or(said.as_str(), |(_, said)| said);
    let status = best_status(status(block), said);
    FailedRecipient { address: recipient(block), status, class: class(status, said), words: safe(said) }
}

fn is_word(text: &str) -> bool {
    text.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Some write more behind the code: `5.1.1 (bad destination mailbox address)`.
fn status(block: &Fields<'_>) -> Option<Status> {
    Status::parse(block.raw("status")?.split_whitespace().next()?)
}

/// What we sent to, before what it became on the way.
fn recipient(block: &Fields<'_>) -> Option<Email> {
    ["original-recipient", "final-recipient", "x-actual-recipient"].iter().find_map(|name| {
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
