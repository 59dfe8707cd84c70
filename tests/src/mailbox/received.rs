//! A mail as it came over the wire, and what a mail program would show of it.

use std::sync::Arc;

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// One mail with its envelope. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    /// The envelope sender (`MAIL FROM`), without angle brackets.
    pub from: String,
    /// The envelope recipients (`RCPT TO`), in their order.
    pub recipients: Vec<String>,
    /// The mail's bytes, dots unstuffed.
    pub raw: Arc<[u8]>,
    /// Whether a 250 was written after the final dot.
    pub acknowledged: bool,
}

/// A part that a mail program offers as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// `type/subtype`, in lower case.
    pub kind: String,
    pub name: Option<String>,
    pub bytes: Vec<u8>,
}

impl ReceivedMail {
    pub(super) fn new(from: String, recipients: Vec<String>, raw: Vec<u8>) -> ReceivedMail {
        ReceivedMail { from, recipients, raw: raw.into(), acknowledged: false }
    }

    /// The recipient of the envelope.
    ///
    /// # Panics
    /// When there are several: this service sends each mail to one person.
    pub fn to(&self) -> &str {
        match self.recipients.as_slice() {
            [only] => only,
            several => panic!("a mail with {} recipients: {several:?}", several.len()),
        }
    }

    /// The subject, decoded.
    pub fn subject(&self) -> String {
        self.message().subject().unwrap_or_default().to_owned()
    }

    /// The plain text, decoded; empty when there is none.
    pub fn text(&self) -> String {
        self.text_of("plain")
    }

    /// The HTML, decoded; empty when there is none.
    pub fn html(&self) -> String {
        self.text_of("html")
    }

    /// The calendar part: the `method` parameter of its Content-Type as written, and its bytes.
    pub fn calendar(&self) -> Option<(String, Vec<u8>)> {
        let message = self.message();
        let part = message.parts.iter().find(|part| is(part, "text", "calendar"))?;
        let method = part.content_type()?.attribute("method").unwrap_or_default().to_owned();
        Some((method, part.contents().to_vec()))
    }

    /// The calendar part as text with folded lines joined; empty when there is none.
    pub fn calendar_text(&self) -> String {
        let bytes = self.calendar().map(|(_, bytes)| bytes).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace("\r\n ", "")
    }

    /// The parts that are neither the text, the HTML nor the calendar of the mail's body.
    pub fn attachments(&self) -> Vec<Attachment> {
        let message = self.message();
        let parts = message.attachments().filter(|part| !is(part, "text", "calendar"));
        parts.map(attachment).collect()
    }

    /// All web addresses in the plain text, in their order, as a person would copy them.
    pub fn links(&self) -> Vec<String> {
        links_in(&self.text())
    }

    /// The first link whose path begins so, for example `/r/`.
    pub fn link(&self, path: &str) -> Option<String> {
        let leads_there = |link: &String| {
            let after_host = link.splitn(4, '/').nth(3).unwrap_or_default();
            format!("/{after_host}").starts_with(path)
        };
        self.links().into_iter().find(leads_there)
    }

    /// The first header of that name, unfolded and otherwise as written.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers(name).into_iter().next()
    }

    /// Every header of that name, unfolded and otherwise as written.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let all = unfolded_headers(&self.raw);
        all.into_iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    fn message(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw[..]).expect("a received mail is a mail")
    }

    fn text_of(&self, subtype: &str) -> String {
        let message = self.message();
        let part =
            message.parts.iter().find(|part| is(part, "text", subtype) && part.attachment_name().is_none());
        part.and_then(|part| part.text_contents()).unwrap_or_default().to_owned()
    }
}

/// A part without a Content-Type is plain text (RFC 2045 section 5.2).
fn is(part: &MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    match part.content_type() {
        Some(content) => {
            content.ctype().eq_ignore_ascii_case(kind)
                && content.subtype().is_some_and(|sub| sub.eq_ignore_ascii_case(subtype))
        }
        None => matches!(part.body, PartType::Text(_)) && (kind, subtype) == ("text", "plain"),
    }
}

fn attachment(part: &MessagePart<'_>) -> Attachment {
    let kind = part.content_type().map_or_else(String::new, |content| {
        format!("{}/{}", content.ctype(), content.subtype().unwrap_or_default()).to_lowercase()
    });
    let name = part.attachment_name().map(str::to_owned);
    Attachment { kind, name, bytes: part.contents().to_vec() }
}

fn links_in(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("http://").into_iter().chain(rest.find("https://")).min() {
        let tail = &rest[start..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '»' | '«');
        let end = tail.find(ends).unwrap_or(tail.len());
        links.push(tail[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']).to_owned());
        rest = &tail[end..];
    }
    links
}

/// Name and value of each header, in their order, folding undone (RFC 5322 section 2.2.3).
fn unfolded_headers(raw: &[u8]) -> Vec<(String, String)> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(raw.len());
    let head = String::from_utf8_lossy(&raw[..end]);
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let pairs = unfolded.split("\r\n").filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}
