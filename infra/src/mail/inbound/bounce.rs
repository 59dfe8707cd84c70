//! What a report of failure says: for whom and why.

use std::fmt;

use mensuel_domain::text::Email;
use uuid::Uuid;

/// A mail that some server gave up on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// At least one.
    pub failed: Vec<FailedRecipient>,
    /// Of whom it says that the mail was delivered, passed on or is tried again.
    pub spared: Vec<Email>,
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
    /// A full mailbox: counted, stops after some in a row.
    Full,
    /// A server that stayed away, or what nobody understands: the address is kept.
    Soft,
    /// We were refused, whoever it was for: the address is kept and the organizers are told.
    Ours,
}

impl Class {
    /// The higher, the more follows for the address.
    const fn weight(self) -> u8 {
        match self {
            Class::Soft => 0,
            Class::Ours => 1,
            Class::Full => 2,
            Class::Hard => 3,
        }
    }
}

impl Bounce {
    /// What failed for the one whom our mail was for; `None` when it reached them. A report that
    /// does not name them tells of addresses that their mail was passed on to. Of several failures
    /// the mildest counts: a mail that two servers were given is lost when both know nobody.
    pub fn failure_of(&self, is_theirs: impl Fn(&Email) -> bool) -> Option<&FailedRecipient> {
        if self.spared.iter().any(&is_theirs) {
            return None;
        }
        let named = |failed: &&FailedRecipient| failed.address.as_ref().is_some_and(&is_theirs);
        let mildest = |failed: &&FailedRecipient| failed.class.weight();
        let theirs = self.failed.iter().filter(named).min_by_key(mildest);
        theirs.or_else(|| self.failed.iter().min_by_key(mildest))
    }
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

/// The last subject of RFC 3463, section 3: security and policy.
const MOST_SUBJECT: u16 = 7;

impl Status {
    /// Reads a code that stands alone.
    pub fn parse(word: &str) -> Option<Self> {
        let mut numbers = word.split('.');
        let class = numbers.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
        let mut small = || numbers.next()?.parse::<u16>().ok().filter(|number| *number < 1_000);
        let (subject, detail) = (small()?, small()?);
        numbers.next().is_none().then_some(Self { class, subject, detail })
    }

    /// The first code of a failure in a text that names a detail, else the first one: around what
    /// another server said, some write a general code of their own. The address of a machine is none,
    /// and nothing with a subject that there is not, as in most versions of programs.
    pub(super) fn within(text: &str) -> Option<Self> {
        let codes = text
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .filter_map(|word| Self::parse(word.trim_end_matches('.')))
            .filter(|status| status.class != 2 && status.subject <= MOST_SUBJECT && status.tells_something());
        let codes: Vec<Self> = codes.collect();
        codes.iter().find(|status| status.detail != 0).or(codes.first()).copied()
    }

    /// 5.0.0 says no more than that it failed.
    pub(super) fn tells_something(self) -> bool {
        self.subject != 0
    }
}

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
            ("550 refused by Exim 4.94.2", None),
            ("5.1.0 - Unknown address error 550-'5.7.1 Access denied'", Some("5.7.1")),
            ("5.1.0 - Unknown address error", Some("5.1.0")),
        ] {
            assert_eq!(Status::within(words).map(|status| status.to_string()).as_deref(), found, "{words}");
        }
    }
}
