//! Header fields from any text: nothing that is put in can begin another field, and a reader gets
//! back exactly what was meant (RFC 5322, RFC 2047).

use base64::{Engine, prelude::BASE64_STANDARD};

/// Recommended length of a line without its end (RFC 5322, section 2.1.1).
const LINE: usize = 76;
/// Bytes of text in one encoded word: 52 letters of Base64 and 12 around them leave room for the
/// name of the field on the first line.
const WORD: usize = 39;

/// One line of text: control characters and line separators become spaces, the ends are trimmed.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

fn breaks(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The value of a field of free text, such as Subject, folded.
pub(super) fn unstructured(name: &str, text: &str) -> String {
    let text = one_line(text);
    if is_plain(&text) && !text.contains("  ") && text.split(' ').all(|word| word.len() <= 60) {
        return folded(name, text.split(' '));
    }
    encoded_words(&text)
}

/// `"Display name" <address>`; the address alone when there is no name.
pub(super) fn mailbox(display: &str, address: &str) -> String {
    let display = one_line(display);
    if display.is_empty() {
        return address.to_owned();
    }
    if !is_plain(&display) || display.len() > 60 {
        return format!("{}\r\n <{address}>", encoded_words(&display));
    }
    let escaped = display.replace('\\', "\\\\").replace('"', "\\\"");
    let gap = if escaped.len() + address.len() + 12 > LINE { "\r\n " } else { " " };
    format!("\"{escaped}\"{gap}<{address}>")
}

/// Items separated by one space, on as many lines as they need.
pub(super) fn folded<'a>(name: &str, items: impl Iterator<Item = &'a str>) -> String {
    let mut value = String::new();
    let mut length = name.len() + 1;
    for (at, item) in items.enumerate() {
        if at > 0 && length + 1 + item.len() > LINE {
            value.push_str("\r\n ");
            length = 1;
        } else if at > 0 {
            value.push(' ');
            length += 1;
        }
        value.push_str(item);
        length += item.len();
    }
    value
}

/// Printable ASCII that no reader takes for an encoded word.
fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) && !text.contains("=?")
}

/// RFC 2047, Base64, one line each. White space between two of them is not part of the text.
fn encoded_words(text: &str) -> String {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= WORD).last();
        let (word, later) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(word)));
        rest = later;
    }
    words.join("\r\n ")
}
