//! The names of folders as they go over the wire: modified UTF-7 (RFC 3501, section 5.1.3).

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};

/// What a server is told that has not been asked to speak UTF-8.
pub(super) fn on_the_wire(name: &str) -> String {
    let (mut out, mut beyond) = (String::new(), Vec::new());
    for c in name.chars() {
        if !(' '..='~').contains(&c) {
            beyond.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
            continue;
        }
        shift(&mut out, &mut beyond);
        out.push(c);
        if c == '&' {
            out.push('-');
        }
    }
    shift(&mut out, &mut beyond);
    out
}

/// Writes what does not stand for itself.
fn shift(out: &mut String, beyond: &mut Vec<u8>) {
    if !beyond.is_empty() {
        *out += &format!("&{}-", BASE64_STANDARD_NO_PAD.encode(&*beyond).replace('/', ","));
        beyond.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_standard_has_them() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("Réponses", "R&AOk-ponses"),
            ("Ventes & achats", "Ventes &- achats"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("été", "&AOk-t&AOk-"),
            ("🎷", "&2Dzftw-"),
        ] {
            assert_eq!(on_the_wire(name), wire);
        }
    }
}
