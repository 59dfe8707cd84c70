//! Text that was read once at the door and can be trusted afterwards.
//!
//! Each type has a private field and one way in. Control characters never pass: they would be
//! header, property or record separators further on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("must not be empty")]
    Empty,
    #[error("is longer than {0} characters")]
    TooLong(usize),
    #[error("holds a control character")]
    Control,
    #[error("is not an email address")]
    NotAnEmail,
    #[error("is not a web address that starts with https:// or http://")]
    NotAWebAddress,
}

macro_rules! line {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest text, in characters.
            pub const MAX: usize = $max;

            /// Trims and folds white space to single spaces.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                one_line(text, $max).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

line!(
    /// The title of an evening or of a series.
    Title, 200
);
line!(
    /// What a person is called, as they write it.
    PersonName, 120
);
line!(
    /// A short line: a job title, a company, an address, a subject.
    Line, 300
);

/// Several lines written by an organizer, as Markdown source. Line ends are `\n`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prose(String);

impl Prose {
    /// The longest text, in characters.
    pub const MAX: usize = 10_000;

    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().count() > Self::MAX {
            return Err(TextError::TooLong(Self::MAX));
        }
        if text.chars().any(|c| forbidden(c) && c != '\n' && c != '\t') {
            return Err(TextError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Prose {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}
impl From<Prose> for String {
    fn from(text: Prose) -> String {
        text.0
    }
}
impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mailbox address (RFC 5321, section 4.1.2, without quoted local parts and address literals).
/// Kept as it was written; compared by [`Email::key`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// RFC 5321 allows 254 octets for a whole address in a path.
    pub const MAX: usize = 254;
    const LOCAL_MAX: usize = 64;

    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.len() > Self::MAX {
            return Err(TextError::TooLong(Self::MAX));
        }
        let (local, domain) = text.rsplit_once('@').ok_or(TextError::NotAnEmail)?;
        if local.len() > Self::LOCAL_MAX || !dot_atom(local) || !host(domain) {
            return Err(TextError::NotAnEmail);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that mail to it goes to.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form under which two spellings of one address are the same: all lower case. Real mail
    /// servers do not tell the case of a local part apart.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl TryFrom<String> for Email {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}
impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}
impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An absolute `https:` or `http:` address, as an organizer gives it for a meeting online.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebAddress(String);

impl WebAddress {
    pub const MAX: usize = 1_000;

    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.len() > Self::MAX {
            return Err(TextError::TooLong(Self::MAX));
        }
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(TextError::NotAWebAddress)?;
        let bad = |c: char| c.is_whitespace() || forbidden(c) || "\"<>\\^`{|}".contains(c);
        if rest.is_empty() || rest.starts_with('/') || rest.chars().any(bad) {
            return Err(TextError::NotAWebAddress);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WebAddress {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}
impl From<WebAddress> for String {
    fn from(address: WebAddress) -> String {
        address.0
    }
}
impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The last segment of an evening's address: lower-case ASCII letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String")]
pub struct Slug(String);

impl Slug {
    const MAX: usize = 80;

    /// `2027-01-14` and `Sortir d'un monolithe` give `2027-01-14-sortir-d-un-monolithe`.
    pub fn of(date: chrono::NaiveDate, title: &Title) -> Self {
        let mut slug = date.format("%Y-%m-%d").to_string();
        for word in title.as_str().split(|c: char| !c.is_alphanumeric()) {
            let word: String = word.chars().filter_map(ascii).collect();
            if word.is_empty() || slug.len() + 1 + word.len() > Self::MAX {
                continue;
            }
            slug.push('-');
            slug.push_str(&word);
        }
        Self(slug)
    }

    /// The same slug with a number behind it, for the second evening of one day and title.
    pub fn numbered(&self, number: u32) -> Self {
        Self(format!("{}-{number}", self.0))
    }

    /// A slug that came in an address; `None` for what can be nobody's.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (!text.is_empty() && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// A slug as it was kept.
    pub fn kept(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0
    }
}
impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text as it is sorted and searched by: without case, and without the accents of French.
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'œ' | 'Œ' => plain.push_str("oe"),
            'æ' | 'Æ' => plain.push_str("ae"),
            c => match ascii(c) {
                Some(letter) => plain.push(letter),
                None => plain.extend(c.to_lowercase()),
            },
        }
    }
    plain
}

fn one_line(text: &str, max: usize) -> Result<String, TextError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong(max));
    }
    if text.chars().any(forbidden) {
        return Err(TextError::Control);
    }
    Ok(text)
}

/// Controls, and the characters that reverse the direction of what stands around them.
fn forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

fn dot_atom(local: &str) -> bool {
    !local.is_empty()
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
        })
}

fn host(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    let label = |l: &&str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    (labels.len() >= 2 || domain == "localhost") && labels.iter().all(label)
}

/// The ASCII letters that a French or English reader expects for one letter.
fn ascii(c: char) -> Option<char> {
    let c = c.to_lowercase().next().unwrap_or(c);
    Some(match c {
        'a'..='z' | '0'..='9' => c,
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' | 'ì' => 'i',
        'ñ' => 'n',
        'ô' | 'ö' | 'ó' | 'ò' | 'õ' | 'œ' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ÿ' => 'y',
        'æ' => 'a',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_folds_white_space_and_refuses_controls() {
        assert_eq!(Title::parse("  Un \t titre ").unwrap().as_str(), "Un titre");
        assert_eq!(Title::parse(" \n "), Err(TextError::Empty));
        assert_eq!(Title::parse("a\u{0}b"), Err(TextError::Control));
        assert_eq!(Title::parse("a\u{202E}b"), Err(TextError::Control));
        assert_eq!(Title::parse(&"x".repeat(201)), Err(TextError::TooLong(200)));
    }

    #[test]
    fn addresses_are_compared_without_case() {
        let email = Email::parse(" Zoe.Durand+mail@Soie.Example ").unwrap();
        assert_eq!(email.as_str(), "Zoe.Durand+mail@Soie.Example");
        assert_eq!(email.key(), "zoe.durand+mail@soie.example");
        for bad in [
            "",
            "zoe",
            "@x.example",
            "a b@x.example",
            "a@x",
            "a@-x.example",
            "a..b@x.example",
            "a@x.example\r\nBcc: b@x.example",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_slug_says_date_and_title() {
        let date = chrono::NaiveDate::from_ymd_opt(2027, 1, 14).unwrap();
        let title = Title::parse("Étude de cas : l'été, 100 % réussi").unwrap();
        assert_eq!(Slug::of(date, &title).as_str(), "2027-01-14-etude-de-cas-l-ete-100-reussi");
    }
}
