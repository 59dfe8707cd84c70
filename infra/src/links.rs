//! Signed links and absolute addresses.
//!
//! A link says which key made it, what it is for, of whom or what, and the epoch of that purpose,
//! under a MAC. It does not expire: what it may still do follows from what it names. Every address
//! that leaves the house is built here from the configured base, never from a request.

pub mod add;
pub mod addresses;
pub mod api_secret;
mod token;

use std::fmt;

use url::Url;
use uuid::Uuid;

use crate::keys::Keys;
pub use add::Planned;
pub use addresses::FeedAddress;
pub use api_secret::ApiSecret;

/// What a link is for. A link of one purpose is nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To answer; the id is the invitation's.
    Rsvp,
    /// Mail preferences and leaving the list in one click; the id is the member's.
    Preferences,
    /// The private calendar feed; the id is the member's.
    Feed,
}

impl Purpose {
    pub const ALL: [Purpose; 3] = [Purpose::Rsvp, Purpose::Preferences, Purpose::Feed];

    /// The byte in a link. Never give one of these to another purpose.
    const fn byte(self) -> u8 {
        match self {
            Purpose::Rsvp => 1,
            Purpose::Preferences => 2,
            Purpose::Feed => 3,
        }
    }
}

/// What a genuine link says. It works while its epoch is the present one: see [`Claim::is_of_epoch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    pub purpose: Purpose,
    /// Of the invitation or of the member, as the purpose says.
    pub id: Uuid,
    pub epoch: u32,
}

impl Claim {
    /// Whether the link was made in this epoch of its invitation or member: revoking links begins
    /// another.
    pub fn is_of_epoch(&self, present: u32) -> bool {
        self.epoch == present
    }
}

/// The signed text in an address: 51 characters of base64url. Whoever holds it may do what it
/// says, so it shows itself by `Display` alone and never in a debug print.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Signs and verifies links, and writes addresses.
#[derive(Clone, Debug)]
pub struct Links {
    keys: Keys,
    base: Url,
}

impl Links {
    /// Addresses begin with `base_url`: its scheme, host, port and path. The newest key signs.
    ///
    /// # Panics
    /// When `base_url` cannot carry a path (`mailto:`); configuration takes https and http only.
    pub fn new(keys: Keys, mut base_url: Url) -> Self {
        assert!(!base_url.cannot_be_a_base(), "a base address is an https or http address");
        base_url.set_query(None);
        base_url.set_fragment(None);
        Self { keys, base: base_url }
    }

    pub fn sign(&self, claim: Claim) -> Token {
        token::sign(self.keys.newest(), claim)
    }

    /// What the text says when it is a link that one of our keys signed for this purpose.
    /// `None` for everything else, without telling why.
    pub fn verify(&self, text: &str, purpose: Purpose) -> Option<Claim> {
        token::verify(&self.keys, text, purpose)
    }
}

#[cfg(test)]
mod tests;
