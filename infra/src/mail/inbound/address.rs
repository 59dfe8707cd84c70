//! The addresses that mail comes in by, all made from the one that mail leaves from.

use mensuel_domain::text::Email;
use uuid::Uuid;

use crate::mail::verp::{self, Purpose, Verp};

/// Behind the delimiter, before the token.
const BOUNCE: &str = "b-";
const UNSUBSCRIBE: &str = "u-";
const COMPLAINTS: &str = "fbl";

/// The plan of addresses: `soirees+b-TOKEN@…` for reports of failure, `soirees+u-TOKEN@…` to leave
/// the list, `soirees+fbl@…` for complaints.
#[derive(Clone, Debug)]
pub struct Addresses {
    local: String,
    domain: String,
    delimiter: char,
    verp: Verp,
}

/// Whom a mail came in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The row of the outbox that it is about; `None` when the token is not ours.
    Bounce(Option<Uuid>),
    Unsubscribe(Option<Uuid>),
    Complaints,
    /// The address that mail leaves from.
    Main,
    /// None of ours, or not known.
    Other,
}

impl Recipient {
    /// With a tag of the plan.
    pub(super) fn has_tag(&self) -> bool {
        match self {
            Recipient::Bounce(_) | Recipient::Unsubscribe(_) | Recipient::Complaints => true,
            Recipient::Main | Recipient::Other => false,
        }
    }

    /// With a tag, and a token of ours where there must be one.
    pub(super) fn is_proven(&self) -> bool {
        match self {
            Recipient::Bounce(row) | Recipient::Unsubscribe(row) => row.is_some(),
            Recipient::Complaints => true,
            Recipient::Main | Recipient::Other => false,
        }
    }
}

impl Addresses {
    /// `base` is the address that mail leaves from, `delimiter` what the mail server parts the
    /// extension of a local part with, mostly `+`.
    pub fn new(base: &Email, delimiter: char, verp: Verp) -> Self {
        let (local, domain) = base.as_str().rsplit_once('@').unwrap_or((base.as_str(), ""));
        Self { local: local.to_owned(), domain: domain.to_owned(), delimiter, verp }
    }

    /// Whether an address that mail leaves from has room for a token: a local part has at most 64
    /// octets (RFC 5321, section 4.5.3.1.1), which leaves 19 for the base.
    pub fn has_room(base: &Email) -> bool {
        let local = base.as_str().rsplit_once('@').map_or(base.as_str(), |(local, _)| local);
        local.len() + 1 + BOUNCE.len() + verp::LENGTH <= 64
    }

    /// The envelope sender of a row; `None` when the base has no room for it.
    pub fn bounce(&self, row: Uuid) -> Option<Email> {
        self.tagged(&format!("{BOUNCE}{}", self.verp.sign(row, Purpose::Bounce)))
    }

    /// The address in the List-Unsubscribe of a row.
    pub fn unsubscribe(&self, row: Uuid) -> Option<Email> {
        self.tagged(&format!("{UNSUBSCRIBE}{}", self.verp.sign(row, Purpose::Unsubscribe)))
    }

    /// Where mailbox providers are told to send complaints.
    pub fn complaints(&self) -> Option<Email> {
        self.tagged(COMPLAINTS)
    }

    fn tagged(&self, tag: &str) -> Option<Email> {
        Email::parse(&format!("{}{}{tag}@{}", self.local, self.delimiter, self.domain)).ok()
    }

    /// Reads a recipient, with or without angle brackets, in any case.
    pub fn read(&self, text: &str) -> Recipient {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let Some((local, domain)) = text.rsplit_once('@') else { return Recipient::Other };
        let start = local.get(..self.local.len()).filter(|start| start.eq_ignore_ascii_case(&self.local));
        if start.is_none() || !domain.eq_ignore_ascii_case(&self.domain) {
            return Recipient::Other;
        }
        let rest = &local[self.local.len()..];
        match rest.strip_prefix(self.delimiter) {
            None if rest.is_empty() => Recipient::Main,
            None => Recipient::Other,
            Some(tag) => self.tag(&tag.to_ascii_lowercase()),
        }
    }

    /// An extension that is not of the plan still reaches the people behind the main address.
    fn tag(&self, tag: &str) -> Recipient {
        if let Some(token) = tag.strip_prefix(BOUNCE) {
            Recipient::Bounce(self.verp.verify(token, Purpose::Bounce))
        } else if let Some(token) = tag.strip_prefix(UNSUBSCRIBE) {
            Recipient::Unsubscribe(self.verp.verify(token, Purpose::Unsubscribe))
        } else if tag == COMPLAINTS {
            Recipient::Complaints
        } else {
            Recipient::Main
        }
    }

    /// The row of the first address for reports of failure that stands in a text and is ours.
    pub(super) fn bounced_row(&self, text: &str) -> Option<Uuid> {
        self.within(text).find_map(|to| match to {
            Recipient::Bounce(row) => row,
            Recipient::Unsubscribe(_) | Recipient::Complaints | Recipient::Main | Recipient::Other => None,
        })
    }

    /// The row of the first address with a token of ours, whatever it is for: all of them stand in
    /// the head of a mail that we sent.
    pub(super) fn sent_row(&self, text: &str) -> Option<Uuid> {
        self.within(text).find_map(|to| match to {
            Recipient::Bounce(row) | Recipient::Unsubscribe(row) => row,
            Recipient::Complaints | Recipient::Main | Recipient::Other => None,
        })
    }

    /// Whom a server says in its trace that it took a mail for: `… for <soirees@…>; date`.
    pub(super) fn read_for(&self, received: &str) -> Option<Recipient> {
        let (_, rest) = received.rsplit_once(" for ")?;
        Some(self.read(rest.split([';', ' ']).next()?))
    }

    /// What the addresses in a text are for.
    fn within(&self, text: &str) -> impl Iterator<Item = Recipient> {
        let in_address = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(c);
        let words = text.split(move |c: char| !in_address(c)).filter(|word| word.contains('@'));
        words.map(|word| self.read(word.trim_matches('.')))
    }

    /// Whether an address is one of ours, whatever its extension.
    pub(super) fn is_ours(&self, address: &Email) -> bool {
        self.read(address.as_str()) != Recipient::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;

    fn addresses(base: &str) -> Addresses {
        let keys = Keys::parse(&"1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned().into()).unwrap();
        Addresses::new(&Email::parse(base).unwrap(), '+', Verp::new(keys))
    }

    fn row() -> Uuid {
        "0192a7c4-6d3e-7b1a-9f10-1c2d3e4f5a6b".parse().unwrap()
    }

    #[test]
    fn each_address_is_read_as_what_it_was_made_for() {
        let ours = addresses("Soirees@lyon.example");
        for (address, expected) in [
            (ours.bounce(row()), Recipient::Bounce(Some(row()))),
            (ours.unsubscribe(row()), Recipient::Unsubscribe(Some(row()))),
            (ours.complaints(), Recipient::Complaints),
        ] {
            let address = address.unwrap();
            assert_eq!(ours.read(address.as_str()), expected);
            assert_eq!(ours.read(&format!("<{}>", address.as_str().to_uppercase())), expected);
        }
        assert_eq!(ours.read("soirees@LYON.example"), Recipient::Main);
        assert_eq!(ours.read("soirees+salon@lyon.example"), Recipient::Main);
        assert_eq!(ours.read("soirees+b-v1.m42@lyon.example"), Recipient::Bounce(None));
        for other in
            ["soirees@lyon.example.evil.example", "x@lyon.example", "soireesx@lyon.example", "", "é@x"]
        {
            assert_eq!(ours.read(other), Recipient::Other, "{other}");
        }
    }

    #[test]
    fn nineteen_characters_fit_and_more_do_not() {
        for (base, fits) in
            [("abcdefghijklmnopqrs@x.example", true), ("abcdefghijklmnopqrst@x.example", false)]
        {
            assert_eq!(Addresses::has_room(&Email::parse(base).unwrap()), fits);
            let length = addresses(base).bounce(row()).map(|address| address.as_str().len());
            assert_eq!(length, fits.then_some(64 + "@x.example".len()));
        }
    }

    #[test]
    fn a_row_is_found_inside_of_words() {
        let ours = addresses("soirees@lyon.example");
        let text = format!("X: rfc822;<{}>, seen", ours.bounce(row()).unwrap());
        assert_eq!(ours.bounced_row(&text), Some(row()));
        assert_eq!(ours.bounced_row("soirees+b-abc@lyon.example"), None);
    }
}
