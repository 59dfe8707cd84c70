//! What a report of failure says: for whom, why, and whose fault it is.

use std::fmt;

use mensuel_domain::text::Email;
use uuid::Uuid;

use crate::mail::relay::is_unknown_to_exchange;

/// A mail that some server gave up on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// At least one.
    pub failed: Vec<FailedRecipient>,
    /// The Message-ID of the mail that came back, without angle brackets.
    pub original: Option<String>,
    /// The row of the outbox, when a token of ours stands in the report itself.
    pub row: Option<Uuid>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRecipient {
    /// What the mail was sent to, as far as the report tells.
    pub address: Option<Email>,
    pub status: Option<Status>,
    pub class: Class,
    /// A short line for organizers, without addresses and links.
    pub words: String,
}

/// Whose fault it is, and so what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nobody is there: the address stops.
    Hard,
    /// A full mailbox, or a server that stayed away: counted, stops after some in a row.
    Soft,
    /// We were refused, whoever it was for: the address is kept and the organizers are told.
    Ours,
}

/// An enhanced status code (RFC 3463, section 2): 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Status {
    /// Reads a code that stands alone.
    pub fn parse(word: &str) -> Option<Self> {
        let mut numbers = word.split('.');
        let class = numbers.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        let mut small = || numbers.next()?.parse::<u16>().ok().filter(|number| *number < 1_000);
        let (subject, detail) = (small()?, small()?);
        numbers.next().is_none().then_some(Self { class, subject, detail })
    }

    /// The first code of a failure in a text. An address of the network is none.
    pub(super) fn within(text: &str) -> Option<Self> {
        text.split(|c: char| !c.is_ascii_digit() && c != '.')
            .filter_map(|word| Self::parse(word.trim_end_matches('.')))
            .find(|status| status.class != 2 && status.tells_something())
    }

    /// 5.0.0 says no more than that it failed.
    fn tells_something(self) -> bool {
        (self.subject, self.detail) != (0, 0)
    }
}

/// The code of a report, or a better one that stands in its words.
pub(super) fn best_status(given: Option<Status>, words: &str) -> Option<Status> {
    given.filter(|status| status.tells_something()).or_else(|| Status::within(words)).or(given)
}

/// RFC 3463, section 3, as the services of today use it.
pub(super) fn class(status: Option<Status>, words: &str) -> Class {
    let Some(Status { class, subject, detail }) = status else { return class_of_words(words) };
    match (class, subject, detail) {
        (4, _, _) => Class::Soft,
        status if is_unknown_to_exchange(status, words) => Class::Hard,
        // Bad address of the sender.
        (_, 1, 7 | 8) => Class::Ours,
        (_, 1, _) => Class::Hard,
        // Too large for the recipient, or for the system.
        (_, 2, 3) | (_, 3, 4) => Class::Ours,
        (_, 2 | 3, _) => Class::Soft,
        (_, 4..=7, _) => Class::Ours,
        _ => class_of_words(words),
    }
}

fn class_of_words(words: &str) -> Class {
    let words = words.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    if says(FULL) {
        Class::Soft
    } else if says(NOBODY) {
        Class::Hard
    } else if says(REFUSED) {
        Class::Ours
    } else if says(UNAVAILABLE) {
        Class::Hard
    } else {
        Class::Soft
    }
}

const FULL: &[&str] = &[
    "mailbox full",
    "mailbox is full",
    "quota",
    "over its storage",
    "insufficient storage",
    "out of storage",
    "boîte pleine",
    "boîte aux lettres est pleine",
    "postfach ist voll",
];

const NOBODY: &[&str] = &[
    "user unknown",
    "unknown user",
    "unknown recipient",
    "unknown address",
    "unknown local",
    "no such user",
    "no such recipient",
    "no such address",
    "no such mailbox",
    "no such person",
    "no mailbox here",
    "no account by that name",
    "not our customer",
    "does not exist",
    "doesn't exist",
    "doesn’t exist",
    "doesn't have a",
    "doesn’t have a",
    "not listed in",
    "user not found",
    "address not found",
    "recipient not found",
    "recipientnotfound",
    "couldn't be found",
    "could not be found",
    "couldn’t be found",
    "wasn't found at",
    "wasn’t found at",
    "is not recognized",
    "invalid recipient",
    "invalid mailbox",
    "invalid address",
    "unrouteable address",
    "couldn't find any host",
    "host unknown",
    "host not found",
    "domain not found",
    "domain name not found",
    "dns error",
    "this account has been disabled",
    "n'existe pas",
    "n’existe pas",
    "utilisateur inconnu",
    "unbekannt",
];

const REFUSED: &[&str] = &[
    "spam",
    "blocked",
    "block list",
    "blocklist",
    "blacklist",
    "policy",
    "reputation",
    "unsolicited",
    "access denied",
    "not allowed",
    "not permitted",
    "not authorized",
    "relaying",
    "unable to relay",
    "relay access denied",
    "spf",
    "dkim",
    "dmarc",
    "too large",
    "too big",
    "size limit",
];

const UNAVAILABLE: &[&str] = &["mailbox unavailable", "recipient rejected", "address rejected"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_words() {
        for (words, found) in [
            ("550-5.1.1 The email account that you tried to reach", Some("5.1.1")),
            ("host mx[192.0.2.30] said: 550 5.2.2. Full", Some("5.2.2")),
            ("Sorry, no mailbox here by that name. (#5.1.1)", Some("5.1.1")),
            ("192.0.2.30 said 550 5.0.0 no", None),
            ("version 2.1.1", None),
        ] {
            assert_eq!(Status::within(words).map(|status| status.to_string()).as_deref(), found, "{words}");
        }
    }

    #[test]
    fn each_code_has_its_class() {
        for (code, expected) in [
            ("5.1.1", Class::Hard),
            ("5.1.10", Class::Hard),
            ("5.1.2", Class::Hard),
            ("5.1.8", Class::Ours),
            ("5.2.1", Class::Soft),
            ("5.2.2", Class::Soft),
            ("4.2.2", Class::Soft),
            ("5.2.3", Class::Ours),
            ("5.4.1", Class::Ours),
            ("5.4.14", Class::Ours),
            ("5.7.1", Class::Ours),
            ("5.7.26", Class::Ours),
            ("5.5.2", Class::Ours),
            ("4.4.7", Class::Soft),
            ("4.7.0", Class::Soft),
        ] {
            assert_eq!(class(Status::parse(code), ""), expected, "{code}");
        }
    }

    #[test]
    fn words_decide_where_the_code_says_nothing() {
        let bare = Status::parse("5.0.0");
        for (words, expected) in [
            ("550 No such user here", Class::Hard),
            ("552 Quota exceeded", Class::Soft),
            ("554 Message refused as spam", Class::Ours),
            ("550 Requested action not taken: mailbox unavailable", Class::Hard),
            ("550 mailbox unavailable, blocked by policy", Class::Ours),
            ("", Class::Soft),
        ] {
            assert_eq!(class(best_status(bare, words), words), expected, "{words}");
        }
    }
}
