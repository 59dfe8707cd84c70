//! Complaints of mailbox providers: the abuse reporting format (RFC 5965), and Microsoft's own
//! shape, which encloses the mail and names the recipient in a field of its header.

use mensuel_domain::text::Email;
use uuid::Uuid;

use super::{
    address::{Addresses, Recipient},
    fields::{Fields, split},
    mime::Part,
    report::{is_enclosed, original},
};

/// Somebody marked a mail of ours as spam. It counts only with a row or a Message-ID of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub feedback: Feedback,
    /// The Message-ID of the mail that it is about, without angle brackets.
    pub original: Option<String>,
    /// The row of the outbox, when a token of ours stands in the report.
    pub row: Option<Uuid>,
    /// Many providers leave it out.
    pub recipient: Option<Email>,
}

/// Feedback-Type (RFC 5965, section 3.1, and RFC 6591).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    /// Abuse, fraud, opting out, and what is not known.
    Complaint,
    /// Taken out of the spam folder again.
    NotSpam,
    /// Somebody else's server could not verify a mail.
    AuthFailure,
    /// A scanner found something; nobody asked for anything.
    Virus,
}

const RECIPIENT: [&str; 3] = ["original-rcpt-to", "removal-recipient", "x-hmxmroriginalrecipient"];

/// Reads a complaint; at the address for complaints any enclosed mail is one.
pub(super) fn read(parts: &[Part<'_>], to: Recipient, ours: &Addresses) -> Option<Complaint> {
    let report = parts.iter().find(|part| part.is("message/feedback-report"));
    let is_complaint = report.is_some()
        || parts.iter().any(is_microsofts)
        || (to == Recipient::Complaints && parts.iter().any(is_enclosed));
    if !is_complaint {
        return None;
    }
    let mut complaint =
        Complaint { feedback: Feedback::Complaint, original: None, row: None, recipient: None };
    if let Some(report) = report {
        let bytes = report.bytes();
        let (fields, _) = split(bytes.trim_ascii_start());
        complaint.feedback = feedback(&fields);
        look(&fields, &mut complaint, ours);
        complaint.original = ["original-message-id", "message-id"].iter().find_map(|name| fields.id(name));
    }
    complaint.original = original(parts, |fields| look(fields, &mut complaint, ours)).or(complaint.original);
    Some(complaint)
}

fn is_microsofts(part: &Part<'_>) -> bool {
    is_enclosed(part) && split(&part.bytes()).0.has("x-hmxmroriginalrecipient")
}

fn feedback(fields: &Fields<'_>) -> Feedback {
    match fields.raw("feedback-type").unwrap_or_default().to_ascii_lowercase().as_str() {
        "not-spam" => Feedback::NotSpam,
        "auth-failure" | "dmarc" => Feedback::AuthFailure,
        "virus" => Feedback::Virus,
        _ => Feedback::Complaint,
    }
}

fn look(fields: &Fields<'_>, complaint: &mut Complaint, ours: &Addresses) {
    if complaint.row.is_none() {
        complaint.row = fields.values().find_map(|value| ours.sent_row(&value));
    }
    if complaint.recipient.is_none() {
        complaint.recipient = RECIPIENT.iter().find_map(|name| {
            Email::parse(fields.raw(name)?.trim_start_matches('<').trim_end_matches('>')).ok()
        });
    }
}
