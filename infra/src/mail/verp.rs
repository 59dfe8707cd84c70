//! Addresses that carry which mail they belong to (variable envelope return paths).
//!
//! A token is 41 letters and digits: three bits of the key's id, the 122 free bits of the row's
//! UUIDv7, and 80 bits of a MAC, in the base32 of RFC 4648 in lower case. It survives relays that
//! change the case of a local part, and with a base of up to 20 characters and a tag of three the
//! local part has at most 64 octets (RFC 5321, section 4.5.3.1.1).

use std::fmt;

use hmac::Mac as _;
use uuid::Uuid;

use crate::keys::{Key, Keys};

/// Part of what is signed, so that no other MAC under these keys is a token.
const DOMAIN: &str = "verp";
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// HMAC-SHA256 cut to 80 bits (RFC 2104, section 5).
const MAC: usize = 10;
const ID_BITS: usize = 122;
const BITS: usize = 3 + ID_BITS + MAC * 8;

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

    /// The token of a row of the outbox. `None` when its id is no UUIDv7, which rows always have.
    pub fn sign(&self, row: Uuid, purpose: Purpose) -> Option<VerpToken> {
        if row.get_version_num() != 7 || row.get_variant() != uuid::Variant::RFC4122 {
            return None;
        }
        let key = self.keys.newest();
        let mac = mac(key, row, purpose).finalize().into_bytes();
        let mut bits = Bits::default();
        bits.push(u128::from(key.id()), 3);
        bits.push(squeezed(row), ID_BITS);
        for byte in &mac[..MAC] {
            bits.push(u128::from(*byte), 8);
        }
        Some(VerpToken(bits.text()))
    }

    /// The row that a token of ours names, in any case of its letters. `None` for everything else,
    /// without telling why.
    pub fn verify(&self, token: &str, purpose: Purpose) -> Option<Uuid> {
        let mut bits = Bits::read(token)?;
        let hint = bits.take(3);
        let row = spread(bits.take(ID_BITS));
        let mut given = [0_u8; MAC];
        for byte in &mut given {
            *byte = u8::try_from(bits.take(8)).ok()?;
        }
        let candidates = (1..=u8::MAX).filter(|id| u128::from(*id & 0b111) == hint);
        candidates
            .filter_map(|id| self.keys.find(id))
            .any(|key| mac(key, row, purpose).verify_truncated_left(&given).is_ok())
            .then_some(row)
    }
}

fn mac(key: &Key, row: Uuid, purpose: Purpose) -> hmac::Hmac<sha2::Sha256> {
    key.mac(DOMAIN).chain_update([key.id(), purpose.byte()]).chain_update(row.as_bytes())
}

/// A UUIDv7 without its version and variant (RFC 9562, section 5.7).
fn squeezed(row: Uuid) -> u128 {
    let id = row.as_u128();
    let (time, random_a, random_b) = (id >> 80, (id >> 64) & 0xFFF, id & (u128::MAX >> 66));
    (time << 74) | (random_a << 62) | random_b
}

fn spread(id: u128) -> Uuid {
    let (time, random_a, random_b) = (id >> 74, (id >> 62) & 0xFFF, id & (u128::MAX >> 66));
    Uuid::from_u128((time << 80) | (0x7 << 76) | (random_a << 64) | (0b10 << 62) | random_b)
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

    fn row(random: u128) -> Uuid {
        Uuid::from_u128(random & !(0xF << 76) & !(0b11 << 62) | 0x7 << 76 | 0b10 << 62)
    }

    proptest! {
        #[test]
        fn what_is_signed_is_read_in_any_case(random: u128, upper: bool) {
            let verp = Verp::new(keys(&[9, 1]));
            let token = verp.sign(row(random), Purpose::Bounce).unwrap().to_string();
            prop_assert_eq!(token.len(), LENGTH);
            prop_assert!(token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            prop_assert!(token.len() + "+b-".len() + 20 <= 64);
            let given = if upper { token.to_uppercase() } else { token };
            prop_assert_eq!(verp.verify(&given, Purpose::Bounce), Some(row(random)));
            prop_assert_eq!(verp.verify(&given, Purpose::Unsubscribe), None);
        }

        #[test]
        fn nothing_altered_is_read(random: u128, at in 0..LENGTH, by in 1_usize..32) {
            let verp = Verp::new(keys(&[9, 1]));
            let mut token = verp.sign(row(random), Purpose::Bounce).unwrap().to_string().into_bytes();
            let five = ALPHABET.iter().position(|known| *known == token[at]).unwrap();
            token[at] = ALPHABET[(five + by) % 32];
            prop_assert_eq!(verp.verify(std::str::from_utf8(&token).unwrap(), Purpose::Bounce), None);
        }

        #[test]
        fn any_text_is_nothing(text in "\\PC*", short in "[a-z2-7]{41}") {
            let verp = Verp::new(keys(&[9, 1]));
            prop_assert_eq!(verp.verify(&text, Purpose::Bounce), None);
            prop_assert_eq!(verp.verify(&short, Purpose::Bounce), None);
        }
    }

    #[test]
    fn old_keys_still_verify_and_foreign_ones_do_not() {
        let token = Verp::new(keys(&[1])).sign(row(7), Purpose::Unsubscribe).unwrap().to_string();
        assert_eq!(Verp::new(keys(&[9, 1])).verify(&token, Purpose::Unsubscribe), Some(row(7)));
        assert_eq!(Verp::new(keys(&[9])).verify(&token, Purpose::Unsubscribe), None);
    }

    #[test]
    fn only_ids_of_rows_are_signed() {
        assert_eq!(Verp::new(keys(&[1])).sign(Uuid::from_u128(7), Purpose::Bounce), None);
    }
}
