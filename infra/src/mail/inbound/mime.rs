//! The parts of a mail (RFC 2045, RFC 2046), with a bound on everything: depth, number, size.
//! A mail inside of a mail is one part and is never opened further than its header.

use std::borrow::Cow;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{
    Limits,
    fields::{Fields, Kind, split, take_line, trim_end},
};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One part; a multipart is one too, with the parts that it holds after it.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) kind: Kind,
    body: &'a [u8],
}

/// Why the parts of a mail are not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beyond {
    Depth,
    Number,
}

/// All parts in their order, the whole mail first.
pub(super) fn parts<'a>(raw: &'a [u8], limits: &Limits) -> Result<Vec<Part<'a>>, Beyond> {
    let mut found = Vec::new();
    walk(raw, 0, limits, &mut found)?;
    Ok(found)
}

fn walk<'a>(raw: &'a [u8], depth: usize, limits: &Limits, found: &mut Vec<Part<'a>>) -> Result<(), Beyond> {
    if depth > limits.depth {
        return Err(Beyond::Depth);
    }
    if found.len() >= limits.parts {
        return Err(Beyond::Number);
    }
    let (fields, body) = split(raw);
    let kind = fields.content_type();
    let boundary = kind
        .parameter("boundary")
        .filter(|boundary| !boundary.is_empty() && kind.name.starts_with("multipart/"));
    found.push(Part { fields, kind, body });
    if let Some(boundary) = boundary {
        for inner in between(body, &boundary, limits.parts)? {
            walk(inner, depth + 1, limits, found)?;
        }
    }
    Ok(())
}

/// What stands between the boundary lines; the end of the text ends the last part too.
fn between<'a>(body: &'a [u8], boundary: &str, most: usize) -> Result<Vec<&'a [u8]>, Beyond> {
    let boundary = boundary.as_bytes();
    let mut inner = Vec::new();
    let mut start = None;
    let mut at = 0;
    while at < body.len() {
        let (line, _) = take_line(&body[at..]);
        if let Some(last) = boundary_line(line, boundary) {
            if let Some(start) = start {
                inner.push(without_end(&body[start..at]));
            }
            start = (!last).then_some(at + line.len());
            if inner.len() > most {
                return Err(Beyond::Number);
            }
            if last {
                break;
            }
        }
        at += line.len();
    }
    if let Some(start) = start {
        inner.push(&body[start..]);
    }
    Ok(inner)
}

/// Whether a line is the boundary, and the last one.
fn boundary_line(line: &[u8], boundary: &[u8]) -> Option<bool> {
    match trim_end(line).strip_prefix(b"--")?.strip_prefix(boundary)? {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

/// The line end before a boundary belongs to it.
fn without_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

impl Part<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.kind.name == name
    }

    pub(super) fn is_multipart(&self) -> bool {
        self.kind.name.starts_with("multipart/")
    }

    /// Text that a person can read.
    pub(super) fn is_plain(&self) -> bool {
        self.kind.name.is_empty() || self.is("text/plain")
    }

    pub(super) fn is_attached(&self) -> bool {
        self.fields.raw("content-disposition").is_some_and(|value| {
            value.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("attachment"))
        })
    }

    /// The content without its transfer encoding (RFC 2045, section 6). What is not in the
    /// encoding is passed over.
    pub(super) fn bytes(&self) -> Cow<'_, [u8]> {
        match self.fields.raw("content-transfer-encoding").map(|name| name.to_ascii_lowercase()).as_deref() {
            Some("base64") => Cow::Owned(base64(self.body)),
            Some("quoted-printable") => Cow::Owned(quoted_printable(self.body)),
            Some(_) | None => Cow::Borrowed(self.body),
        }
    }

    /// The content as text, from at most so many bytes of it.
    pub(super) fn text(&self, most: usize) -> String {
        let bytes = self.bytes();
        self.decoded(&bytes[..bytes.len().min(most)])
    }

    /// The content of a calendar part, whose folds may stand inside of a character (RFC 5545,
    /// section 3.1).
    pub(super) fn lines_of_calendar(&self) -> String {
        let bytes = self.bytes();
        if std::str::from_utf8(&bytes).is_ok() {
            return self.decoded(&bytes);
        }
        let unfolded = unfolded(&bytes);
        self.decoded(if std::str::from_utf8(&unfolded).is_ok() { &unfolded } else { &bytes })
    }

    fn decoded(&self, bytes: &[u8]) -> String {
        let named = self.kind.parameter("charset");
        match named.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes())) {
            Some(encoding) if encoding != encoding_rs::UTF_8 => encoding.decode(bytes).0.into_owned(),
            Some(_) | None => utf8_or_latin(bytes),
        }
    }
}

fn unfolded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b" ").or_else(|| line.strip_prefix(b"\t")) {
            Some(rest) => {
                let length = without_end(&out).len();
                out.truncate(length);
                out.extend_from_slice(rest);
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Mail without a charset, or with a wrong one, is UTF-8 or else Windows-1252.
fn utf8_or_latin(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Cut inside of a character, it is still UTF-8.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(bytes).into_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

fn base64(body: &[u8]) -> Vec<u8> {
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut clean: Vec<u8> = Vec::with_capacity(body.len());
    clean.extend(body.iter().take_while(|byte| **byte != b'=').filter(|byte| in_alphabet(byte)));
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    LENIENT.decode(clean).unwrap_or_default()
}

fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while !rest.is_empty() {
        let (line, after) = take_line(rest);
        decode_line(line, &mut out);
        rest = after;
    }
    out
}

/// White space at the end of an encoded line was added on the way (RFC 2045, section 6.7).
fn decode_line(line: &[u8], out: &mut Vec<u8>) {
    let (content, end) = line.split_at(trim_end(line).len());
    let (content, soft) = match content.strip_suffix(b"=") {
        Some(content) => (content, true),
        None => (content, false),
    };
    let mut at = 0;
    while at < content.len() {
        let pair = content.get(at + 1..at + 3).filter(|_| content[at] == b'=').and_then(hex);
        out.push(pair.unwrap_or(content[at]));
        at += if pair.is_some() { 3 } else { 1 };
    }
    if !soft && end.contains(&b'\n') {
        out.extend_from_slice(b"\r\n");
    }
}

fn hex(pair: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| !pair.contains('+'))?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_in_their_order() {
        let raw = b"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npreamble\r\n--b\r\nContent-Type: multipart/alternative; boundary=b-1\r\n\r\n--b-1\r\n\r\none\r\n--b-1--\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo";
        let found = parts(raw, &Limits::default()).unwrap();
        let texts: Vec<String> =
            found.iter().filter(|part| !part.is_multipart()).map(|part| part.text(99)).collect();
        assert_eq!(texts, ["one", "two"]);
    }

    #[test]
    fn encodings_are_read_leniently() {
        assert_eq!(base64(b"w6k=\r\n-- \r\nlist footer"), "é".as_bytes());
        assert_eq!(base64(b"w6\r\n k"), "é".as_bytes());
        assert_eq!(quoted_printable(b"caf=C3=A9=\r\n  \t\r\n=zz=3d"), "café\r\n=zz=".as_bytes());
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let level = |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
        let deep: String = (0..12).map(level).collect();
        assert_eq!(parts(deep.as_bytes(), &Limits::default()).err(), Some(Beyond::Depth));
        let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(101));
        assert_eq!(parts(many.as_bytes(), &Limits::default()).err(), Some(Beyond::Number));
    }
}
