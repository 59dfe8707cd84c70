//! The bytes of a mail (RFC 5322, 2045, 6047, 8058).
//!
//! They are a function of the values: a second attempt of one notification sends the same mail.
//! All of it is 7-bit.

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Attachment, Body, MultiPart, MultiPartBuilder, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use mensuel_domain::text::Email;

use super::header::{folded, mailbox, unstructured};

/// One mail to one recipient, as values.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Where reports of failure go; in the envelope only.
    pub envelope_from: Email,
    pub to: Mailbox,
    pub from: Mailbox,
    /// Who is answered, when it is somebody else than `from`.
    pub reply_to: Option<Email>,
    /// Without angle brackets, as in `references`.
    pub message_id: String,
    pub date: DateTime<Utc>,
    /// The thread, oldest first.
    pub references: Vec<String>,
    /// RFC 2919, without angle brackets: `soirees.lyon.example`.
    pub list_id: String,
    /// The address of the one-click unsubscription (RFC 8058).
    pub unsubscribe_url: Option<String>,
    /// The same by mail (RFC 2369, section 3.2).
    pub unsubscribe_by_mail: Option<Email>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub calendar: Option<CalendarPart>,
}

/// A name, which may be empty, and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub name: String,
    pub email: Email,
}

/// An iTIP message (RFC 6047).
#[derive(Clone, Debug)]
pub struct CalendarPart {
    /// The METHOD inside of `bytes`; Outlook shows nothing when the two differ.
    pub method: &'static str,
    pub bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// An id or address of ours that would not be one in a header.
    #[error("{0} does not fit into a header")]
    Malformed(&'static str),
    #[error("the mail could not be built: {0}")]
    Build(#[from] lettre::error::Error),
    #[error("the address could not be read: {0}")]
    Address(#[from] lettre::address::AddressError),
}

/// Writes the mail.
pub fn to_bytes(mail: &Outgoing) -> Result<Vec<u8>, MessageError> {
    let envelope = Envelope::new(Some(address(&mail.envelope_from)?), vec![address(&mail.to.email)?])?;
    let mut builder = Message::builder().envelope(envelope).date(mail.date.into());
    for (name, raw, encoded) in fields(mail)? {
        // Each value was made by `header` or checked by `bare`: no free text reaches this line.
        let name = HeaderName::new_from_ascii_str(name);
        builder = builder.raw_header(HeaderValue::dangerous_new_pre_encoded(name, raw, encoded));
    }
    Ok(builder.multipart(body(mail)?)?.formatted())
}

type Field = (&'static str, String, String);

fn fields(mail: &Outgoing) -> Result<Vec<Field>, MessageError> {
    let mut fields = vec![
        address_field("From", &mail.from),
        address_field("To", &mail.to),
        field("Subject", unstructured("Subject", &mail.subject)),
        field("Message-ID", bracketed("Message-ID", &mail.message_id)?),
        field("List-Id", bracketed("List-Id", &mail.list_id)?),
        field("Auto-Submitted", "auto-generated".to_owned()),
        field("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()),
    ];
    let thread: Vec<String> =
        mail.references.iter().map(|id| bracketed("References", id)).collect::<Result<_, _>>()?;
    if let Some(last) = thread.last() {
        fields.push(field("In-Reply-To", last.clone()));
        fields.push(field("References", folded("References", thread.iter().map(String::as_str))));
    }
    if let Some(answered) = &mail.reply_to {
        fields.push(field("Reply-To", answered.to_string()));
    }
    if let Some(url) = &mail.unsubscribe_url {
        let by_mail = mail.unsubscribe_by_mail.as_ref().map(|address| format!("mailto:{address}"));
        let ways: Vec<String> = std::iter::once(url)
            .chain(&by_mail)
            .map(|way| bracketed("List-Unsubscribe", way))
            .collect::<Result<_, _>>()?;
        let listed = ways.join(", ");
        fields.push(field("List-Unsubscribe", folded("List-Unsubscribe", listed.split(' '))));
        fields.push(field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    Ok(fields)
}

fn field(name: &'static str, value: String) -> Field {
    (name, value.clone(), value)
}

/// lettre reads the raw value back to see that there is a sender; the address is enough for that.
fn address_field(name: &'static str, who: &Mailbox) -> Field {
    (name, who.email.to_string(), mailbox(&who.name, who.email.as_str()))
}

fn bracketed(name: &'static str, value: &str) -> Result<String, MessageError> {
    let bare = !value.is_empty()
        && value.len() <= 900
        && value.chars().all(|c| c.is_ascii_graphic() && c != '<' && c != '>' && c != ',');
    if bare { Ok(format!("<{value}>")) } else { Err(MessageError::Malformed(name)) }
}

fn address(email: &Email) -> Result<Address, MessageError> {
    Ok(email.as_str().parse()?)
}

/// The tree of calendar-bearing mail; without a calendar part, its inner half alone.
fn body(mail: &Outgoing) -> Result<MultiPart, MessageError> {
    let alternative = bounded(MultiPart::alternative(), "=_alternative")
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(printable(&mail.text)))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(printable(&mail.html)));
    let Some(calendar) = &mail.calendar else {
        return Ok(alternative);
    };
    let inline = SinglePart::builder().header(calendar_type(calendar.method)?).body(base64(&calendar.bytes));
    let attached = Attachment::new("invite.ics".to_owned()).body(base64(&calendar.bytes), attached_type()?);
    Ok(bounded(MultiPart::mixed(), "=_mixed").multipart(alternative.singlepart(inline)).singlepart(attached))
}

/// Fixed boundaries: `=_` stands in no body, because quoted-printable writes `=` as `=3D` and Base64
/// has no `_`.
fn bounded(kind: MultiPartBuilder, boundary: &str) -> MultiPart {
    kind.boundary(boundary).build()
}

fn calendar_type(method: &'static str) -> Result<ContentType, MessageError> {
    ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}"))
        .map_err(|_| MessageError::Malformed("the calendar's method"))
}

fn attached_type() -> Result<ContentType, MessageError> {
    ContentType::parse("application/ics; name=\"invite.ics\"")
        .map_err(|_| MessageError::Malformed("the attachment's type"))
}

fn printable(text: &str) -> Body {
    // Two spaces, tabs and the like survive; bare line feeds become line ends.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    encoded(text, ContentTransferEncoding::QuotedPrintable)
}

fn base64(bytes: &[u8]) -> Body {
    encoded(bytes.to_vec(), ContentTransferEncoding::Base64)
}

fn encoded(content: impl Into<lettre::message::MaybeString>, how: ContentTransferEncoding) -> Body {
    Body::new_with_encoding(content, how).expect("quoted-printable and Base64 take any bytes")
}
