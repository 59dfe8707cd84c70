//! API tokens: shown once, kept as a hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{CryptoRng, TryRngCore as _, rngs::OsRng};
use secrecy::{SecretString, zeroize::Zeroizing};
use sha2::{Digest as _, Sha256};

/// What an API token begins with, so that people and scanners of source code recognise one.
pub const PREFIX: &str = "mns_";

/// A new API token and what is kept of it.
#[derive(Debug)]
pub struct ApiSecret {
    /// `mns_` and 43 characters of base64url: 256 bits.
    pub text: SecretString,
    /// See [`hash`].
    pub hash: [u8; 32],
}

impl ApiSecret {
    /// A token out of the randomness of the operating system.
    ///
    /// # Panics
    /// When the operating system has no randomness to give; nothing can be signed then either.
    pub fn new() -> Self {
        Self::make(&mut OsRng.unwrap_err())
    }

    /// A token out of a given source of randomness.
    pub fn make<R: CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        Self { hash: hash(&text), text: text.into() }
    }
}

impl Default for ApiSecret {
    fn default() -> Self {
        Self::new()
    }
}

/// The SHA-256 of a token's text. A plain hash is enough: 256 random bits cannot be guessed, and
/// finding a row by the hash tells nothing of the text by its time.
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
