//! The bytes of a link: key id, purpose, id (16), epoch (4, big endian), MAC (16).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac as _;
use uuid::Uuid;

use super::{Claim, Purpose, Token};
use crate::keys::{Key, Keys};

/// Part of what is signed, so that no other MAC under these keys is a link.
const DOMAIN: &str = "mensuel link 1";
const SAID: usize = 1 + 1 + 16 + 4;
/// HMAC-SHA256 cut to 128 bits (RFC 2104, section 5).
const MAC: usize = 16;
const LENGTH: usize = SAID + MAC;
const CHARACTERS: usize = (LENGTH * 8).div_ceil(6);

pub(super) fn sign(key: &Key, claim: Claim) -> Token {
    let mut bytes = [0_u8; LENGTH];
    bytes[0] = key.id();
    bytes[1] = claim.purpose.byte();
    bytes[2..18].copy_from_slice(claim.id.as_bytes());
    bytes[18..SAID].copy_from_slice(&claim.epoch.to_be_bytes());
    let mac = key.mac(DOMAIN).chain_update(&bytes[..SAID]).finalize().into_bytes();
    bytes[SAID..].copy_from_slice(&mac[..MAC]);
    Token(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn verify(keys: &Keys, text: &str, purpose: Purpose) -> Option<Claim> {
    let bytes = decode(text)?;
    let (said, mac) = bytes.split_at(SAID);
    let key = keys.find(said[0])?;
    key.mac(DOMAIN).chain_update(said).verify_truncated_left(mac).ok()?;
    if said[1] != purpose.byte() {
        return None;
    }
    let id = Uuid::from_slice(&said[2..18]).ok()?;
    let epoch = u32::from_be_bytes(said[18..].try_into().ok()?);
    Some(Claim { purpose, id, epoch })
}

/// One text for each link: the engine refuses padding, other alphabets, and last bits that are
/// not zero.
fn decode(text: &str) -> Option<[u8; LENGTH]> {
    if text.len() != CHARACTERS {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
