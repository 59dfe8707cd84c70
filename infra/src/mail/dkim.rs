//! DKIM signatures (RFC 6376; RFC 8463 for Ed25519), relaxed/relaxed, over an explicit list of header
//! fields.
//!
//! Made with ring, which the TLS below uses anyway, and not with the signer of lettre: that one takes
//! the wall clock into the signature, so that a second attempt of one notification would be another
//! mail, and it needs the `rsa` crate, whose timing leak (RUSTSEC-2023-0071) has no mended version.

use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, pem::PemObject};

/// The fields that are signed, as far as a mail has them. Named once more than it can stand there, a
/// field cannot be added beside the real one.
const SIGNED: [&str; 15] = [
    "from",
    "from",
    "to",
    "subject",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "reply-to",
    "in-reply-to",
    "references",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "auto-submitted",
];
/// Characters of a line of the signature, its indent included.
const LINE: usize = 76;
/// Characters of one string in a TXT record (RFC 1035, section 3.3).
const TXT: usize = 255;

/// A signing key with where its public half is published.
#[derive(Clone)]
pub struct Dkim {
    domain: String,
    selector: String,
    key: Arc<Key>,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl fmt::Debug for Dkim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dkim({})", self.name())
    }
}

/// Why signing cannot be set up. No message repeats the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    #[error("the key is not a private key in PEM, as `openssl genpkey` writes it")]
    NotPem,
    #[error(
        "the key is neither RSA of 2048 to 4096 bits nor Ed25519; make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`"
    )]
    NotUsable,
    #[error("the domain is no domain name, such as soirees.example")]
    Domain,
    #[error("the selector is no name of letters, digits and hyphens, such as mensuel2027")]
    Selector,
}

impl Dkim {
    /// Reads a domain name.
    pub fn domain_of(text: &str) -> Result<String, DkimError> {
        let name = text.trim_end_matches('.').to_lowercase();
        let right = name.contains('.') && name.len() <= 253 && is_name(&name);
        if right { Ok(name) } else { Err(DkimError::Domain) }
    }

    pub fn selector_of(text: &str) -> Result<String, DkimError> {
        let name = text.to_lowercase();
        if is_name(&name) { Ok(name) } else { Err(DkimError::Selector) }
    }

    /// Takes a private key in PEM (PKCS#8, or PKCS#1 for RSA); `domain` and `selector` have been read.
    pub fn new(domain: String, selector: String, pem: &str) -> Result<Self, DkimError> {
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| DkimError::NotPem)?;
        let key = match &key {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()).map(rsa).ok(),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let ed25519 = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Key::Ed25519).ok();
                RsaKeyPair::from_pkcs8(der).map(rsa).ok().or_else(ed25519)
            }
            _ => None,
        };
        Ok(Self { domain, selector, key: Arc::new(key.ok_or(DkimError::NotUsable)?) })
    }

    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Where the public key is looked up: `selector._domainkey.domain`.
    pub fn name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The text of the record to publish there (RFC 6376, section 3.6.1).
    pub fn record(&self) -> String {
        let (kind, public) = match &*self.key {
            Key::Rsa(pair) => ("rsa", subject_public_key_info(pair.public_key().as_ref())),
            Key::Ed25519(pair) => ("ed25519", pair.public_key().as_ref().to_vec()),
        };
        format!("v=DKIM1; k={kind}; p={}", BASE64_STANDARD.encode(public))
    }

    /// The record as a line of a zone file: strings of at most 255 characters.
    pub fn zone_line(&self) -> String {
        let record = self.record();
        let mut strings = Vec::new();
        let mut rest = record.as_str();
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(TXT));
            strings.push(format!("\"{head}\""));
            rest = tail;
        }
        format!("{}. IN TXT ( {} )", self.name(), strings.join(" "))
    }

    /// The mail with its signature before it. The bytes follow from the mail and the instant (for
    /// RSA and Ed25519 alike): a second attempt sends the same.
    pub fn signed(&self, mail: &[u8], at: DateTime<Utc>) -> Vec<u8> {
        let (head, body) = split(mail);
        let fields = fields(head);
        let chosen = chosen(&fields);
        let mut signed: Vec<u8> = Vec::new();
        let mut done: Vec<&str> = Vec::new();
        for name in &chosen {
            // The second of a name that stands there once is nothing: that is what forbids adding one.
            let field = fields.iter().rev().find(|(known, _)| known == name && !done.contains(name));
            if let Some((_, value)) = field {
                signed.extend_from_slice(relaxed_field(name, value).as_bytes());
                signed.extend_from_slice(b"\r\n");
            }
            done.push(name);
        }
        let unsigned = self.tags(&chosen, &BASE64_STANDARD.encode(Sha256::digest(relaxed_body(body))), at);
        signed.extend_from_slice(relaxed_field("dkim-signature", unsigned.as_bytes()).as_bytes());
        let signature = BASE64_STANDARD.encode(self.key.sign(&signed));
        let mut whole = format!("DKIM-Signature:{unsigned}{}\r\n", broken(&signature)).into_bytes();
        whole.extend_from_slice(mail);
        whole
    }

    /// The value of the field, folded, up to and with `b=`.
    fn tags(&self, chosen: &[&str], body_hash: &str, at: DateTime<Utc>) -> String {
        let kind = match &*self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let mut names = String::new();
        let mut length = "\th=".len();
        for (at, name) in chosen.iter().enumerate() {
            if at > 0 {
                names.push(':');
                length += 1;
            }
            if length + name.len() > LINE {
                names.push_str("\r\n\t ");
                length = 2;
            }
            names.push_str(name);
            length += name.len();
        }
        format!(
            " v=1; a={kind}; c=relaxed/relaxed; d={};\r\n\ts={}; t={};\r\n\th={names};\r\n\tbh={body_hash};\r\n\tb=",
            self.domain,
            self.selector,
            at.timestamp()
        )
    }
}

fn rsa(pair: RsaKeyPair) -> Key {
    Key::Rsa(Box::new(pair))
}

impl Key {
    fn sign(&self, data: &[u8]) -> Vec<u8> {
        match self {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature)
                    .expect("a key that was read signs, into as many bytes as it has");
                signature
            }
            Key::Ed25519(pair) => pair.sign(&Sha256::digest(data)).as_ref().to_vec(),
        }
    }
}

/// Labels of letters, digits and hyphens with dots between.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.split('.').all(label)
}

/// The fields of [`SIGNED`] that the mail has.
fn chosen(fields: &[(String, &[u8])]) -> Vec<&'static str> {
    SIGNED.into_iter().filter(|name| fields.iter().any(|(known, _)| known == name)).collect()
}

/// Header and body, without the empty line between.
fn split(mail: &[u8]) -> (&[u8], &[u8]) {
    match mail.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => (&mail[..at + 2], &mail[at + 4..]),
        None => (mail, &[]),
    }
}

/// Name in lower case, and value with its folds.
fn fields(head: &[u8]) -> Vec<(String, &[u8])> {
    let mut fields = Vec::new();
    let mut start = 0;
    for end in 1..=head.len() {
        let ends = head[..end].ends_with(b"\r\n") && !matches!(head.get(end), Some(b' ' | b'\t'));
        if !ends {
            continue;
        }
        let field = &head[start..end - 2];
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            let name = String::from_utf8_lossy(&field[..colon]).trim_end().to_lowercase();
            fields.push((name, &field[colon + 1..]));
        }
        start = end;
    }
    fields
}

/// RFC 6376, section 3.4.2, without the end of the line.
fn relaxed_field(name: &str, value: &[u8]) -> String {
    let value = String::from_utf8_lossy(value);
    let words: Vec<&str> = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    format!("{name}:{}", words.join(" "))
}

/// RFC 6376, section 3.4.4.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(body.len() + 2);
    let mut kept = 0;
    let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
    let last = lines.len() - 1;
    for (at, line) in lines.into_iter().enumerate() {
        if at == last && line.is_empty() {
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut blank = false;
        for byte in line {
            match byte {
                b' ' | b'\t' => blank = true,
                byte => {
                    if blank {
                        out.push(b' ');
                    }
                    blank = false;
                    out.push(*byte);
                }
            }
        }
        let is_empty = out.len() == out.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        out.extend_from_slice(b"\r\n");
        if !is_empty {
            kept = out.len();
        }
    }
    // Empty lines at the end are none.
    out.truncate(kept);
    out
}

/// The signature on lines of its own.
fn broken(signature: &str) -> String {
    let mut text = String::new();
    let mut room = LINE - "\tb=".len();
    let mut rest = signature;
    while rest.len() > room {
        let (line, later) = rest.split_at(room);
        text.push_str(line);
        text.push_str("\r\n\t ");
        (rest, room) = (later, LINE - 2);
    }
    text + rest
}

/// RFC 5280, section 4.1: an RSA public key (PKCS#1) with its algorithm around it, which is what
/// verifiers read.
fn subject_public_key_info(public: &[u8]) -> Vec<u8> {
    const RSA_ENCRYPTION: [u8; 15] =
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let mut bits = vec![0];
    bits.extend_from_slice(public);
    let mut inner = RSA_ENCRYPTION.to_vec();
    inner.extend(der(0x03, &bits));
    der(0x30, &inner)
}

/// One value of DER, shorter than 64 KiB.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let (high, low) = ((length >> 8) as u8, (length & 0xff) as u8);
    let mut out = match length {
        0..=127 => vec![tag, low],
        128..=255 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    out.extend_from_slice(content);
    out
}
