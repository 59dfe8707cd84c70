//! Reports of failure in words alone: qmail, Exim, old Exchange, sendmail, Gmail as it was, and
//! those who write like them. A person who tells of an error is not taken for one: the sender must
//! be a machine, and the words those of machines.

use mensuel_domain::text::Email;

use super::{
    address::Addresses,
    bounce::{Bounce, Class, FailedRecipient},
    fault::{best_status, class, says},
    fields::Fields,
    mime::Part,
    report::{Delivery, original as enclosed},
};
use crate::mail::reply::safe;

/// Bytes of the words about one recipient.
const LONGEST: usize = 2_000;
const MOST: usize = 20;

/// Reads the visible text of a mail as a report; `None` when it is none.
pub(super) fn read(parts: &[Part<'_>], text: &str, null_sender: bool, ours: &Addresses) -> Option<Delivery> {
    let top = &parts.first()?.fields;
    let mut failed_to = top.mailboxes("x-failed-recipients");
    failed_to.truncate(MOST);
    if failed_to.is_empty() && !null_sender && !is_postmaster(top) {
        return None;
    }
    let (report, original) = cut(text);
    let said = format!("{}\n{report}", top.text("subject").unwrap_or_default()).to_lowercase();
    if says(&said, DELAYED) {
        return Some(Delivery::NoFailure);
    }
    if failed_to.is_empty() && !says(&said, FAILED) {
        return None;
    }
    let failed = failures(report, &failed_to, ours);
    let mut row = ours.bounced_row(text);
    let enclosed = enclosed(parts, |fields| {
        row = row.or_else(|| fields.values().find_map(|value| ours.bounced_row(&value)));
    });
    let original = message_id(original).or(enclosed).or_else(|| top.id("in-reply-to"));
    Some(Delivery::Failed(Bounce { failed, spared: Vec::new(), original, row }))
}

fn is_postmaster(top: &Fields<'_>) -> bool {
    let from =
        top.mailbox("from").map(|from| from.key()).or_else(|| top.raw("from").map(|raw| raw.to_lowercase()));
    from.is_some_and(|from| {
        ["mailer-daemon", "maildaemon", "mail-daemon", "postmaster", "mail.delivery", "microsoftexchange"]
            .iter()
            .any(|name| from.starts_with(name) || from.contains(&format!("<{name}")))
    })
}

/// What the server says, and the mail that it sends back below.
pub(super) fn cut(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_mark(line.trim()) {
            return text.split_at(at);
        }
        at += line.len();
    }
    (text, "")
}

fn is_mark(line: &str) -> bool {
    let starts = |start: &str| line.get(..start.len()).is_some_and(|given| given.eq_ignore_ascii_case(start));
    if starts("return-path:") || starts("received:") || starts("message-id:") {
        return true;
    }
    let line = line.to_lowercase();
    line.starts_with("--")
        && says(
            &line,
            &[
                "below this line",
                "this is a copy",
                "original message",
                "message header",
                "unsent message",
                "message follows",
            ],
        )
}

fn message_id(original: &str) -> Option<String> {
    let line = original
        .lines()
        .find(|line| line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("message-id:")))?;
    let id = line[11..].trim().trim_start_matches('<').trim_end_matches('>');
    (!id.is_empty() && id.len() <= 900).then(|| id.to_owned())
}

/// By recipient, with the words that follow each. A report that names nobody is one failure all
/// the same.
fn failures(report: &str, failed_to: &[Email], ours: &Addresses) -> Vec<FailedRecipient> {
    let mut found = paragraphs(report, ours);
    if !failed_to.is_empty() {
        found.retain(|(address, _)| failed_to.iter().any(|one| one.key() == address.key()));
        for one in failed_to {
            if !found.iter().any(|(address, _)| address.key() == one.key()) {
                found.push((one.clone(), report.to_owned()));
            }
        }
    }
    let mut failed: Vec<FailedRecipient> =
        found.into_iter().map(|(address, words)| failure(Some(address), &words)).collect();
    if failed.is_empty() {
        failed.push(failure(anywhere(report, ours), report));
    }
    failed
}

fn failure(address: Option<Email>, words: &str) -> FailedRecipient {
    let status = best_status(None, words);
    let class = class(status, words, address.as_ref()).unwrap_or(Class::Soft);
    FailedRecipient { address, status, class, words: safe(words) }
}

/// A line that begins with an address begins what is said of it.
pub(super) fn paragraphs(report: &str, ours: &Addresses) -> Vec<(Email, String)> {
    let mut found: Vec<(Email, String)> = Vec::new();
    let mut current: Option<usize> = None;
    for line in report.lines() {
        let begins =
            line.split_whitespace().next().and_then(address).filter(|address| !ours.is_ours(address));
        if let Some(address) = begins {
            let known = found.iter().position(|(known, _)| known.key() == address.key());
            current = Some(known.unwrap_or(found.len()));
            if known.is_none() && found.len() < MOST {
                found.push((address, String::new()));
            }
        }
        if let Some((_, words)) = current.and_then(|at| found.get_mut(at))
            && words.len() + line.len() < LONGEST
        {
            words.push_str(line);
            words.push('\n');
        }
    }
    found
}

fn anywhere(report: &str, ours: &Addresses) -> Option<Email> {
    report.split_whitespace().filter_map(address).find(|address| !ours.is_ours(address))
}

fn address(word: &str) -> Option<Email> {
    if !word.contains('@') {
        return None;
    }
    let bare = |c: char| "<>()[]{}\"':;,.…".contains(c);
    let word = word.split_once("<mailto:").map_or(word, |(word, _)| word);
    let inside = word.split_once('<').map_or(word, |(_, rest)| rest);
    let inside = inside.split_once('>').map_or(inside, |(address, _)| address);
    Email::parse(inside.trim_matches(bare)).ok()
}

const FAILED: &[&str] = &[
    "hi. this is the",
    "undeliver",
    "failure notice",
    "returned mail",
    "returning message to sender",
    "returned to sender",
    "delivery failed",
    "delivery failure",
    "delivery has failed",
    "delivery status notification (failure)",
    "delivery status notification: error",
    "failed permanently",
    "permanent error",
    "permanent fatal errors",
    "could not be delivered",
    "couldn't be delivered",
    "couldn’t be delivered",
    "wasn't delivered",
    "wasn’t delivered",
    "was not delivered",
    "wasn't able to deliver",
    "unable to deliver",
    "cannot be delivered",
    "did not reach",
    "address not found",
    "n'a pas pu être remis",
    "n’a pas pu être remis",
    "non remis",
    "échec de la remise",
    "échec de remise",
    "la remise à ces destinataires",
    "n'a pas pu être distribué",
    "n’a pas pu être distribué",
    "n'a pas pu être livré",
    "n’a pas pu être livré",
    "unzustellbar",
    "nicht zugestellt",
    "zustellung fehlgeschlagen",
    "konnte nicht zugestellt",
    "mail delivery failed",
    "in reply to rcpt to command",
    "message undeliverable",
];

const DELAYED: &[&str] = &[
    "has been delayed",
    "is delayed",
    "delivery delayed",
    "(delay)",
    "warning message only",
    "no action is required on your part",
    "will be retried",
    "still being retried",
    "will keep trying",
    "delivery attempts will continue",
    "you do not need to resend",
    "warning: could not send",
    "not yet been delivered",
    "noch nicht zugestellt",
    "n'a pas encore été",
];
