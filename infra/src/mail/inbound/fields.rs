//! The header of a mail, of a part, or of one block of a report (RFC 5322, section 2.2), read
//! without trusting anything: no field is needed and none can break another.

use chrono::{DateTime, Utc};
use mail_parser::{Address, ContentType, HeaderValue, parsers::MessageStream};
use mensuel_domain::text::Email;

/// More fields than this are not looked at.
const MOST: usize = 1_000;
/// Bytes of one field that are looked at.
const LONGEST: usize = 64 * 1024;

/// Fields in their order, topmost first. Values are raw and may be folded.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields<'a>(Vec<(String, &'a [u8])>);

/// Cuts at the first blank line; answers the fields and what comes after.
pub(super) fn split(raw: &[u8]) -> (Fields<'_>, &[u8]) {
    let mut fields: Vec<(String, &[u8])> = Vec::new();
    let mut rest = raw;
    while !rest.is_empty() {
        let (line, after) = take_line(rest);
        if trim_end(line).is_empty() {
            return (Fields(fields), after);
        }
        let folded = folded_length(rest, line.len());
        let (whole, after) = rest.split_at(folded);
        if fields.len() < MOST
            && let Some((name, value)) = name_and_value(whole)
        {
            fields.push((name, &value[..value.len().min(LONGEST)]));
        }
        rest = after;
    }
    (Fields(fields), &[])
}

/// The blocks of a report, which blank lines part (RFC 3464, section 2.1).
pub(super) fn blocks(raw: &[u8]) -> Vec<Fields<'_>> {
    let mut blocks = Vec::new();
    let mut rest = raw;
    while !rest.is_empty() && blocks.len() < MOST {
        let (fields, after) = split(rest);
        if !fields.0.is_empty() {
            blocks.push(fields);
        }
        rest = after;
    }
    blocks
}

/// A line with its end, and what follows.
pub(super) fn take_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
    bytes.split_at(end)
}

pub(super) fn trim_end(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

/// The length of a field that begins here and goes on in lines that begin with white space.
fn folded_length(bytes: &[u8], first: usize) -> usize {
    let mut length = first;
    while let Some(b' ' | b'\t') = bytes.get(length) {
        let (line, _) = take_line(&bytes[length..]);
        if trim_end(line).is_empty() {
            break;
        }
        length += line.len();
    }
    length
}

fn name_and_value(field: &[u8]) -> Option<(String, &[u8])> {
    let colon = field.iter().position(|b| *b == b':')?;
    let name = field[..colon].trim_ascii();
    let is_name = !name.is_empty() && name.len() <= 100 && name.iter().all(u8::is_ascii_graphic);
    is_name.then(|| (String::from_utf8_lossy(name).to_ascii_lowercase(), &field[colon + 1..]))
}

impl<'a> Fields<'a> {
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a [u8]> + 's {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| *value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The topmost field of that name, unfolded, as it stands there.
    pub(super) fn raw(&self, name: &str) -> Option<String> {
        self.all(name).next().map(unfolded)
    }

    /// All fields of that name, unfolded, topmost first.
    pub(super) fn raws<'s>(&'s self, name: &'s str) -> impl Iterator<Item = String> + 's {
        self.all(name).map(unfolded)
    }

    /// Every value, unfolded; a place to look for an address of ours.
    pub(super) fn values(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|(_, value)| unfolded(value))
    }

    /// Free text with its encoded words (RFC 2047) decoded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = ended(self.all(name).next()?);
        let text = match MessageStream::new(&value).parse_unstructured() {
            HeaderValue::Text(text) => text.into_owned(),
            HeaderValue::TextList(list) => list.join(" "),
            _ => return None,
        };
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The only mailbox of the only field of that name. Two senders are none: nobody can say
    /// which of them wrote.
    pub(super) fn mailbox(&self, name: &str) -> Option<Email> {
        let mut fields = self.all(name);
        let value = fields.next().filter(|_| fields.next().is_none())?;
        let mut found = addresses(value).into_iter();
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// All mailboxes of all fields of that name.
    pub(super) fn mailboxes(&self, name: &str) -> Vec<Email> {
        self.all(name).flat_map(addresses).collect()
    }

    /// The first id of a field such as Message-ID, without angle brackets.
    pub(super) fn id(&self, name: &str) -> Option<String> {
        let raw = self.raw(name)?;
        let inside = raw.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(id, _)| id);
        let id: String = inside.unwrap_or(&raw).split_whitespace().collect();
        let is_id = !id.is_empty() && id.len() <= 900 && !id.chars().any(char::is_control);
        is_id.then_some(id)
    }

    pub(super) fn date(&self, name: &str) -> Option<DateTime<Utc>> {
        let value = ended(self.all(name).next()?);
        match MessageStream::new(&value).parse_date() {
            HeaderValue::DateTime(at) if at.is_valid() => DateTime::from_timestamp(at.to_timestamp(), 0),
            _ => None,
        }
    }

    pub(super) fn content_type(&self) -> Kind {
        Kind::read(self.all("content-type").next())
    }

    /// The name of the file that a part is, in lower case.
    pub(super) fn file_name(&self) -> Option<String> {
        let disposition = Kind::read(self.all("content-disposition").next());
        disposition.parameter("filename").or_else(|| self.content_type().parameter("name"))
    }
}

/// A MIME type with its parameters (RFC 2045, section 5.1), in lower case but for their values.
#[derive(Clone, Debug, Default)]
pub(super) struct Kind {
    pub(super) name: String,
    parameters: Vec<(String, String)>,
}

impl Kind {
    fn read(value: Option<&[u8]>) -> Self {
        let Some(value) = value.map(ended) else { return Self::default() };
        match MessageStream::new(&value).parse_content_type() {
            HeaderValue::ContentType(kind) => Self::of(&kind),
            _ => Self::default(),
        }
    }

    fn of(kind: &ContentType<'_>) -> Self {
        let name = match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()),
            None => kind.ctype().to_owned(),
        };
        let parameters = kind.attributes().unwrap_or_default().iter();
        Self {
            name: name.trim().to_ascii_lowercase(),
            parameters: parameters
                .map(|parameter| (parameter.name.to_ascii_lowercase(), parameter.value.trim().to_owned()))
                .collect(),
        }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
    }
}

/// Readers of the parser end at a line feed.
fn ended(value: &[u8]) -> Vec<u8> {
    let mut value = value.trim_ascii_end().to_vec();
    value.push(b'\n');
    value
}

fn unfolded(value: &[u8]) -> String {
    String::from_utf8_lossy(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn addresses(value: &[u8]) -> Vec<Email> {
    let value = ended(value);
    match MessageStream::new(&value).parse_address() {
        HeaderValue::Address(list) => readable(&list),
        _ => Vec::new(),
    }
}

fn readable(list: &Address<'_>) -> Vec<Email> {
    list.iter().filter_map(|one| Email::parse(one.address()?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whatever_their_case_and_folding() {
        let raw = b"FROM: =?UTF-8?Q?Zo=C3=A9?=\r\n <Zoe@Soie.Example>\r\nno field\r\nSubject:\r\n =?utf-8?B?w6k=?=\r\n\r\nbody";
        let (fields, body) = split(raw);
        assert_eq!(fields.mailbox("from").unwrap().as_str(), "Zoe@Soie.Example");
        assert_eq!(fields.text("subject").unwrap(), "é");
        assert_eq!(body, b"body");
    }

    #[test]
    fn two_senders_are_none() {
        for raw in [
            &b"From: a@x.example, b@x.example\n"[..],
            b"From: a@x.example\nFrom: b@x.example\n",
            b"From: somebody\n",
            b"",
        ] {
            assert_eq!(split(raw).0.mailbox("from"), None);
        }
    }

    #[test]
    fn blocks_are_parted_by_blank_lines() {
        let blocks = blocks(b"\r\nReporting-MTA: dns; x\r\n\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n");
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[1].raw("status").unwrap(), "5.1.1");
    }
}
