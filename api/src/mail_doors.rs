//! The doors that mail comes in by, beside HTTP: a pipe, LMTP, and a mailbox that is looked into.
//! All of them end in one use case.

pub mod imap;
pub mod lmtp;

use std::sync::Arc;

use mensuel_infra::store::inbound::Door;

use crate::{
    app::App,
    use_cases::{
        Failure,
        inbound::{Arrived, Received, receive},
    },
};

/// What a mail server writes on top when it delivers (RFC 5321, section 4.4): by it a report is
/// known that has no sender. Nothing of the sender's own making reaches this line.
pub fn with_return_path(return_path: &str, content: &[u8]) -> Vec<u8> {
    let clean: String = return_path.chars().filter(|c| c.is_ascii_graphic() && !"<>".contains(*c)).collect();
    [format!("Return-Path: <{clean}>\r\n").as_bytes(), content].concat()
}

/// Takes in one mail, in a task of its own.
pub async fn take_in(
    app: &App,
    door: Door,
    raw: Vec<u8>,
    recipient: Option<String>,
) -> Result<Received, Failure> {
    let arrived = Arc::new(Arrived { door, raw, recipient });
    let work = move |app| {
        let arrived = Arc::clone(&arrived);
        async move { receive(&app, &arrived).await }
    };
    let received = app.unit(work).await?;
    let (reason, again) = (received.filed.reason.name(), received.again);
    tracing::info!(mail = %received.filed.id, door = door.name(), reason, again, "a mail came in");
    Ok(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_path_is_one_line() {
        let raw = with_return_path("a@b.example>\r\nBcc: c", b"Subject: x\r\n\r\n");
        assert_eq!(raw, b"Return-Path: <a@b.exampleBcc:c>\r\nSubject: x\r\n\r\n");
        assert_eq!(with_return_path("", b""), b"Return-Path: <>\r\n");
    }
}
