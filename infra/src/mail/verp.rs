//! Addresses that carry which mail they belong to (variable envelope return paths).
//!
//! A token is 42 letters and digits: two bits of the key's id, the 128 bits of the row's id, and 80
//! bits of a MAC, in the base32 of RFC 4648 in lower case. It survives relays that change the case
//! of a local part, and with a base of up to 19 characters and a tag of three the local part has at
//! most 64 octets (RFC 5321, section 4.5.3.1.1).

use std::fmt;

use hmac::Mac as _;
use uuid::Uuid;

use crate::keys::{Key, Keys};

/// Part of what is signed, so that no other MAC under these keys is a token.
const DOMAIN: &str = "verp";
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// HMAC-SHA256 cut to 80 bits (RFC 2104, section 5).
const MAC: usize = 10;
const HINT_BITS: usize = 2;
const ID_BITS: usize = 128;
const BITS: usize = HINT_BITS + ID_BITS + MAC * 8;

/// Characters of a token.
pub const LENGTH: usize = BITS / 5;

/// What an address with a token is for. A token of one purpose is nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Reports of failure.
    Bounce,
    /// Leaving the list by mail (RFC 2369, section 3.2).
    Unsubscribe,
}

impl Purpose {
    /// The byte in the MAC. Never give one of these to another purpose.
    const fn byte(self) -> u8 {
        match self {
            Purpose::Bounce => 1,
            Purpose::Unsubscribe => 2,
        }
    }
}

/// The signed text in an address. It shows itself by `Display` alone and never in a debug print.
#[derive(Clone, PartialEq, Eq)]
pub struct VerpToken(String);

impl fmt::Display for VerpToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for VerpToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerpToken(…)")
    }
}

/// Signs and verifies tokens; the newest key signs, old keys still verify.
#[derive(Clone, Debug)]
pub struct Verp {
    keys: Keys,
}

impl Verp {
    pub fn new(keys: Keys) -> Self {
        Self { keys }
    }

    /// The token of a row of the outbox.
    pub fn sign(&self, row: Uuid, purpose: Purpose) -> VerpToken {
        let key = self.keys.newest();
        let mac = mac(key, row, purpose).finalize().into_bytes();
        let mut bits = Bits::default();
        bits.push(u128::from(key.id()), HINT_BITS);
        bits.push(row.as_u128(), ID_BITS);
        for byte in &mac[..MAC] {
            bits.push(u128::from(*byte), 8);
        }
        VerpToken(bits.text())
    }

    /// The row that a token of ours names, in any case of its letters. `None` for everything else,
    /// without telling why.
    pub fn verify(&self, token: &str, purpose: Purpose) -> Option<Uuid> {
        let mut bits = Bits::read(token)?;
        let hint = bits.take(HINT_BITS);
        let row = Uuid::from_u128(bits.take(ID_BITS));
        let mut given = [0_u8; MAC];
        for byte in &mut given {
            *byte = u8::try_from(bits.take(8)).ok()?;
        }
        let candidates = (1..=u8::MAX).filter(|id| u128::from(*id & 0b11) == hint);
        candidates
            .filter_map(|id| self.keys.find(id))
            .any(|key| mac(key, row, purpose).verify_truncated_left(&given).is_ok())
            .then_some(row)
    }
}

fn mac(key: &Key, row: Uuid, purpose: Purpose) -> hmac::Hmac<sha2::Sha256> {
    key.mac(DOMAIN).chain_update([key.id(), purpose.byte()]).chain_update(row.as_bytes())
}

/// Bits in their order, the highest first.
#[derive(Default)]
struct Bits {
    bits: Vec<bool>,
    taken: usize,
}

impl Bits {
    fn push(&mut self, value: u128, count: usize) {
        self.bits.extend((0..count).rev().map(|at| value >> at & 1 == 1));
    }

    fn take(&mut self, count: usize) -> u128 {
        let bits = &self.bits[self.taken..self.taken + count];
        self.taken += count;
        bits.iter().fold(0, |value, bit| value << 1 | u128::from(*bit))
    }

    fn text(&self) -> String {
        let letter = |five: &[bool]| {
            let at = five.iter().fold(0, |value, bit| value << 1 | usize::from(*bit));
            char::from(ALPHABET[at])
        };
        self.bits.chunks(5).map(letter).collect()
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let mut bits = Self::default();
        for letter in text.bytes().map(|letter| letter.to_ascii_lowercase()) {
            let five = ALPHABET.iter().position(|known| *known == letter)?;
            bits.push(five as u128, 5);
        }
        Some(bits)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use proptest::prelude::*;

    use super::*;

    fn keys(ids: &[u8]) -> Keys {
        let one = |id: &u8| format!("{id}:{}", BASE64_STANDARD.encode([*id; 32]));
        Keys::parse(&ids.iter().map(one).collect::<Vec<_>>().join(",").into()).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_signed_is_read_in_any_case(random: u128, upper: bool) {
            let verp = Verp::new(keys(&[9, 1]));
            let token = verp.sign(Uuid::from_u128(random), Purpose::Bounce).to_string();
            prop_assert_eq!(token.len(), LENGTH);
            prop_assert!(token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            prop_assert!(token.len() + "+b-".len() + 19 <= 64);
            let given = if upper { token.to_uppercase() } else { token };
            prop_assert_eq!(verp.verify(&given, Purpose::Bounce), Some(Uuid::from_u128(random)));
            prop_assert_eq!(verp.verify(&given, Purpose::Unsubscribe), None);
        }

        #[test]
        fn nothing_altered_is_read(random: u128, at in 0..LENGTH, by in 1_usize..32) {
            let verp = Verp::new(keys(&[9, 1]));
            let mut token = verp.sign(Uuid::from_u128(random), Purpose::Bounce).to_string().into_bytes();
            let five = ALPHABET.iter().position(|known| *known == token[at]).unwrap();
            token[at] = ALPHABET[(five + by) % 32];
            prop_assert_eq!(verp.verify(std::str::from_utf8(&token).unwrap(), Purpose::Bounce), None);
        }

        #[test]
        fn any_text_is_nothing(text in "\\PC*", short in "[a-z2-7]{42}") {
            let verp = Verp::new(keys(&[9, 1]));
            prop_assert_eq!(verp.verify(&text, Purpose::Bounce), None);
            prop_assert_eq!(verp.verify(&short, Purpose::Bounce), None);
        }
    }

    #[test]
    fn old_keys_still_verify_and_foreign_ones_do_not() {
        let row = Uuid::from_u128(7);
        let token = Verp::new(keys(&[1])).sign(row, Purpose::Unsubscribe).to_string();
        assert_eq!(Verp::new(keys(&[9, 1])).verify(&token, Purpose::Unsubscribe), Some(row));
        assert_eq!(Verp::new(keys(&[9])).verify(&token, Purpose::Unsubscribe), None);
    }
}
