//! The ways in: LMTP on loopback as a mail server speaks it, a mailbox of a real IMAP server, and two copies at once.

use mensuel::mail_doors::imap;
use mensuel_infra::mail::imap::{ImapError, Mailbox, Memory, Taken};
use mensuel_tests::{dovecot::Dovecot, eventually};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use super::Inbox;
use crate::{process::Place, scene::all};

/// A mail server's side of LMTP.
struct MailServer(BufReader<TcpStream>);

impl MailServer {
    async fn connect(inbox: &Inbox) -> Self {
        let address = inbox.app().lmtp().expect("LMTP is listened on");
        let mut server = Self(BufReader::new(TcpStream::connect(address).await.expect("a connection")));
        assert!(server.reply().await.starts_with("220 "));
        assert!(server.say("LHLO mx.lugdunum.example").await.starts_with("250 "));
        server
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.expect("it is written");
        self.reply().await
    }

    /// The last line of a reply.
    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.expect("a reply");
            if line.as_bytes().get(3) == Some(&b' ') {
                return line.trim_end().to_owned();
            }
            assert!(!line.is_empty(), "the connection was closed");
        }
    }

    async fn deliver(&mut self, from: &str, to: &str, raw: &str) -> String {
        assert!(self.say(&format!("MAIL FROM:<{from}>")).await.starts_with("250 "));
        let taken = self.say(&format!("RCPT TO:<{to}>")).await;
        if !taken.starts_with("250 ") {
            return taken;
        }
        assert!(self.say("DATA").await.starts_with("354 "));
        let stuffed = raw.replace("\r\n.", "\r\n..");
        self.say(&format!("{stuffed}\r\n.")).await
    }
}

#[tokio::test]
async fn a_mail_server_hands_mail_over_by_lmtp() {
    let inbox = Inbox::started(&[("MENSUEL_LMTP_BIND", "127.0.0.1:0")], 2, json!({})).await;
    let mut server = MailServer::connect(&inbox).await;
    let reply = inbox.invitation(0).reply("ACCEPTED").mail();
    let taken = server.deliver("zoe@soie.example", "soirees@lugdunum.example", &reply).await;
    assert!(taken.starts_with("250 "), "{taken}");
    assert_eq!(inbox.stands(0).await, (json!("yes"), json!("confirmed")));
    // The envelope says whose mail came back, whatever the header says.
    let bounced = inbox.invitation(1);
    let report = bounced.shape("d01-postfix-user-unknown-5.1.1").replace("\r\nTo: ", "\r\nX-To: ");
    let taken = server.deliver("", &bounced.return_path, &report).await;
    assert!(taken.starts_with("250 "), "{taken}");
    let refused = server.deliver("a@b.example", "somebody@elsewhere.example", "x").await;
    assert!(refused.starts_with("550 5.1.1"), "{refused}");
    let filed = inbox.filed().await;
    let reasons: Vec<&str> = filed.iter().map(|mail| mail["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["address_stopped", "recorded"]);
    assert!(filed.iter().all(|mail| mail["door"] == "lmtp"));
}

/// Dovecot, as a real mailbox is one.
#[tokio::test]
async fn a_mailbox_is_looked_into_and_each_mail_taken_once() {
    let inbox = Inbox::with(2, json!({})).await;
    let big = format!("Subject: big\r\nMessage-ID: <big@a.example>\r\n\r\n{}", "x\r\n".repeat(900_000));
    let mails =
        [inbox.invitation(0).shape("r01-gmail-accepted"), inbox.invitation(1).reply("DECLINED").mail(), big];
    let server = Dovecot::with(&mails).await;
    let mailbox = Mailbox::parse(&server.url()).expect("a mailbox");
    let (app, mut memory) = (&inbox.app().app, Memory::default());
    assert_eq!(imap::visit(app, &mailbox, &mut memory).await.expect("a visit"), 3);
    assert_eq!(inbox.stands(0).await.0, "yes");
    assert_eq!(inbox.stands(1).await.0, "no");
    assert_eq!(server.seen(), 3);
    assert_eq!(imap::visit(app, &mailbox, &mut memory).await.expect("a visit"), 0);
    let filed = inbox.filed().await;
    assert_eq!(filed.len(), 3);
    assert!(filed.iter().all(|mail| mail["door"] == "imap"));
    assert!(filed.iter().any(|mail| mail["reason"] == "mail_too_large"));
    let wrong = Mailbox::parse(&server.url().replace("sesame", "basil")).expect("a mailbox");
    let refused = imap::visit(app, &wrong, &mut memory).await.expect_err("a wrong password").to_string();
    assert!(!refused.contains("basil"), "{refused}");
}

/// The program itself, which looks into the mailbox by itself, over TLS.
#[tokio::test]
async fn mail_that_lies_in_a_mailbox_reaches_the_organizers() {
    let question = "From: zoe@stranger.example\r\nTo: soirees@lugdunum.example\r\nSubject: Venir\r\n\
        Message-ID: <1@stranger.example>\r\n\r\nComment faire pour venir ?\r\n";
    let server = Dovecot::with_tls(&[question.to_owned()]).await;
    let stranger = Mailbox::parse(&server.tls_url()).expect("a mailbox");
    let refused = stranger.visit(&mut Memory::default(), 1000, async |_| Taken::Done).await;
    assert!(
        matches!(refused, Err(ImapError::Connection(_))),
        "a certificate that nobody vouches for: {refused:?}"
    );
    let place = Place::new().await;
    place.run(&["organizer", "add", "camille.organise@lugdunum.example"]);
    let url = format!("{}?ca={}", server.tls_url(), server.certificate().display());
    let life = place.start_with(&[("MENSUEL_IMAP_URL", &url)]);
    let mails = place.relay.wait_for(1).await;
    assert_eq!(mails[0].to(), "camille.organise@lugdunum.example");
    assert!(mails[0].text().contains("Comment faire pour venir ?"), "{}", mails[0].text());
    eventually("it is marked as seen", async || (server.seen() == 1).then_some(())).await;
    life.end();
}

#[tokio::test]
async fn a_folder_with_an_accent_is_looked_into() {
    let inbox = Inbox::with(1, json!({})).await;
    let server = Dovecot::with_folder(".R&AOk-ponses", &[inbox.invitation(0).reply("ACCEPTED").mail()]).await;
    let mailbox = Mailbox::parse(&format!("{}/R%C3%A9ponses", server.url())).expect("a mailbox");
    assert_eq!(imap::visit(&inbox.app().app, &mailbox, &mut Memory::default()).await.expect("a visit"), 1);
    assert_eq!(inbox.stands(0).await.0, "yes");
    assert_eq!(server.seen(), 1);
}

#[tokio::test]
async fn a_mail_that_cannot_be_taken_in_keeps_no_other_out() {
    let mails: Vec<String> = ["bad", "b", "c", "d"].map(|id| format!("Subject: {id}\r\n\r\nx\r\n")).into();
    let server = Dovecot::with(&mails).await;
    let mailbox = Mailbox::parse(&server.url()).expect("a mailbox");
    let mut memory = Memory::default();
    let good = |raw: Vec<u8>| async move {
        if raw.starts_with(b"Subject: bad") { Taken::NotNow } else { Taken::Done }
    };
    assert_eq!(mailbox.visit(&mut memory, 1000, good).await.expect("a visit"), 3);
    assert_eq!(server.seen(), 3);
    assert_eq!(mailbox.visit(&mut memory, 1000, good).await.expect("a visit"), 0, "it waits");
    assert_eq!(mailbox.visit(&mut memory, 1000, async |_| Taken::Done).await.expect("a visit"), 1);
    assert_eq!(server.seen(), 4);
}

#[tokio::test]
async fn a_visit_ends_when_nothing_can_be_taken_in() {
    let mails: Vec<String> = ["a", "b", "c", "d", "e"].map(|id| format!("Subject: {id}\r\n\r\nx\r\n")).into();
    let server = Dovecot::with(&mails).await;
    let mailbox = Mailbox::parse(&server.url()).expect("a mailbox");
    let tried = std::cell::Cell::new(0);
    let away = async |_| {
        tried.set(tried.get() + 1);
        Taken::NotNow
    };
    assert_eq!(mailbox.visit(&mut Memory::default(), 1000, away).await.expect("a visit"), 0);
    assert_eq!((tried.get(), server.seen()), (3, 0));
}

#[tokio::test]
async fn two_copies_at_once_are_one_mail() {
    let inbox = Inbox::started(&[("MENSUEL_LMTP_BIND", "127.0.0.1:0")], 1, json!({})).await;
    let raw = inbox.invitation(0).reply("ACCEPTED").mail();
    let (one, two, three) = tokio::join!(both(&inbox, &raw), both(&inbox, &raw), both(&inbox, &raw));
    let receipts = [one.0, one.1, two.0, two.1, three.0, three.1];
    assert_eq!(receipts.iter().filter(|receipt| receipt["again"] == false).count(), 1, "{receipts:?}");
    assert_eq!(inbox.filed().await.len(), 1);
    let facts = all(inbox.app(), "/api/v1/facts").await;
    assert_eq!(facts.iter().filter(|fact| fact["kind"] == "answered").count(), 1);
}

async fn both(inbox: &Inbox, raw: &str) -> (serde_json::Value, serde_json::Value) {
    tokio::join!(inbox.take(raw.to_owned()), inbox.take(raw.to_owned()))
}
