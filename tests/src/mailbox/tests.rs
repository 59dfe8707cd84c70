use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::*;

const MAIL: &str = "From: Mensuel <mensuel@community.example>\r\n\
To: <zoe@members.example>\r\n\
Subject: =?utf-8?Q?Soir=C3=A9e_de_janvier?=\r\n\
List-Unsubscribe: <https://mensuel.example/u/abc>,\r\n <mailto:mensuel+u-abc@community.example>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=\"m\"\r\n\
\r\n\
--m\r\n\
Content-Type: multipart/alternative; boundary=\"a\"\r\n\
\r\n\
--a\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\
\r\n\
R=C3=A9pondre : https://mensuel.example/r/tok.en?a=3Dyes.\r\n\
..dots..\r\n\
(voir <http://mensuel.example/events/un>)\r\n\
--a\r\n\
Content-Type: text/html; charset=utf-8\r\n\
\r\n\
<p>Bonsoir</p>\r\n\
--a\r\n\
Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\
\r\n\
BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Une soi\r\n rée\r\nEND:VCALENDAR\r\n\
--a--\r\n\
--m\r\n\
Content-Type: application/ics; name=\"invite.ics\"\r\n\
Content-Disposition: attachment; filename=\"invite.ics\"\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
QkVHSU46VkNBTEVOREFSDQo=\r\n\
--m--\r\n";

async fn mailbox() -> Mailbox {
    Mailbox::listen(None).await
}

/// A client that says what it is told to and gives the last line of each reply.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn open(mailbox: &Mailbox) -> Client {
        Client(BufReader::new(TcpStream::connect(mailbox.address()).await.unwrap()))
    }

    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).await;
            if read.is_err() || read.is_ok_and(|bytes| bytes == 0) || line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn say(&mut self, text: &str) -> String {
        self.0.write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        self.reply().await
    }

    /// Everything up to the answer to the final dot; stops at the first answer that is no agreement.
    async fn send(&mut self, to: &str) -> String {
        let mut answer = self.reply().await;
        let rcpt = format!("RCPT TO:<{to}>");
        let body = format!("{}.", MAIL.replace("\r\n.", "\r\n.."));
        for line in
            ["EHLO client.example", "MAIL FROM:<b@community.example> BODY=8BITMIME", &rcpt, "DATA", &body]
        {
            if !answer.starts_with('2') && !answer.starts_with('3') {
                return answer;
            }
            answer = self.say(line).await;
        }
        answer
    }
}

#[tokio::test]
async fn a_mail_is_kept_byte_for_byte_and_read_as_a_person_reads_it() {
    let mailbox = mailbox().await;
    assert_eq!(Client::open(&mailbox).await.send("zoe@members.example").await, "250 2.0.0 Kept");

    let mails = mailbox.wait_for(1).await;
    let mail = &mails[0];
    assert_eq!(&*mail.raw, MAIL.as_bytes());
    assert_eq!((mail.from.as_str(), mail.to()), ("b@community.example", "zoe@members.example"));
    assert_eq!(mail.subject(), "Soirée de janvier");
    assert!(mail.text().starts_with("Répondre"), "{}", mail.text());
    assert_eq!(mail.html().trim(), "<p>Bonsoir</p>");
    assert_eq!(mail.links(), ["https://mensuel.example/r/tok.en?a=yes", "http://mensuel.example/events/un"]);
    assert_eq!(mail.link("/events/").as_deref(), Some("http://mensuel.example/events/un"));
    let unsubscribe = "<https://mensuel.example/u/abc>, <mailto:mensuel+u-abc@community.example>";
    assert_eq!(mail.header("list-unsubscribe").as_deref(), Some(unsubscribe));
}

#[tokio::test]
async fn the_calendar_part_and_the_attachment_keep_their_bytes() {
    let mailbox = mailbox().await;
    Client::open(&mailbox).await.send("zoe@members.example").await;
    let mails = mailbox.wait_for(1).await;
    let (method, bytes) = mails[0].calendar().unwrap();
    assert_eq!(method, "REQUEST");
    let sent = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Une soi\r\n rée\r\nEND:VCALENDAR";
    assert_eq!(String::from_utf8(bytes).unwrap().trim_end(), sent);
    assert!(mails[0].calendar_text().contains("SUMMARY:Une soirée"));
    let attachments = mails[0].attachments();
    assert_eq!(attachments.len(), 1);
    assert_eq!(attachments[0].kind, "application/ics");
    assert_eq!(attachments[0].name.as_deref(), Some("invite.ics"));
    assert_eq!(attachments[0].bytes, b"BEGIN:VCALENDAR\r\n");
}

#[tokio::test]
async fn each_step_can_refuse_with_each_code_and_keeps_nothing() {
    for behaviour in Behaviour::all() {
        let Reaction::Reply(code) = behaviour.reaction else {
            continue;
        };
        let mailbox = mailbox().await;
        mailbox.script(behaviour);
        let answer = Client::open(&mailbox).await.send("zoe@members.example").await;
        assert!(answer.starts_with(&code.to_string()), "{behaviour:?}: {answer}");
        assert!(mailbox.received().is_empty(), "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_script_for_once_is_played_once() {
    let mailbox = mailbox().await;
    mailbox.script_once(Behaviour::at(Step::Rcpt, Reaction::Reply(450)));
    assert!(Client::open(&mailbox).await.send("zoe@members.example").await.starts_with("450"));
    assert!(Client::open(&mailbox).await.send("zoe@members.example").await.starts_with("250"));
    assert_eq!(mailbox.connections(), 2);
}

#[tokio::test]
async fn a_script_for_one_recipient_leaves_the_others_alone() {
    let mailbox = mailbox().await;
    mailbox.script_for("gone@members.example", Behaviour::at(Step::Rcpt, Reaction::Reply(550)));
    assert!(Client::open(&mailbox).await.send("Gone@members.example").await.starts_with("550"));
    assert!(Client::open(&mailbox).await.send("zoe@members.example").await.starts_with("250"));
    mailbox.behave();
    assert!(Client::open(&mailbox).await.send("gone@members.example").await.starts_with("250"));
    assert_eq!(mailbox.received_by("gone@MEMBERS.example").len(), 1);
}

#[tokio::test]
async fn hanging_up_after_the_final_dot_keeps_the_mail_unacknowledged() {
    for reaction in [Reaction::Drop, Reaction::Reset, Reaction::Garbage] {
        let mailbox = mailbox().await;
        mailbox.script(Behaviour::at(Step::FinalDot, reaction));
        let answer = Client::open(&mailbox).await.send("zoe@members.example").await;
        assert!(!answer.starts_with("250"), "{reaction:?}: {answer}");
        assert!(!mailbox.wait_for(1).await[0].acknowledged);
    }
}

#[tokio::test]
async fn silence_says_nothing_and_a_trickle_ends() {
    let mailbox = mailbox().await;
    mailbox.script(Behaviour::at(Step::Banner, Reaction::Silence));
    let mut client = Client::open(&mailbox).await;
    let mut byte = [0u8; 1];
    let heard = tokio::time::timeout(Duration::from_millis(200), client.0.read(&mut byte)).await;
    assert!(heard.is_err(), "a silent peer spoke");

    mailbox.script(Behaviour::at(Step::Ehlo, Reaction::Trickle(Duration::from_millis(1))));
    assert!(Client::open(&mailbox).await.send("zoe@members.example").await.starts_with("250"));
}

#[tokio::test]
async fn an_endless_reply_does_not_end() {
    let mailbox = mailbox().await;
    mailbox.script(Behaviour::at(Step::Ehlo, Reaction::Endless));
    let mut client = Client::open(&mailbox).await;
    client.reply().await;
    let ended = tokio::time::timeout(Duration::from_millis(300), client.say("EHLO client.example")).await;
    assert!(ended.is_err(), "it ended with {ended:?}");
}

#[tokio::test]
async fn starttls_is_offered_on_demand_and_is_broken() {
    let mailbox = mailbox().await;
    let mut client = Client::open(&mailbox).await;
    client.reply().await;
    assert!(client.say("STARTTLS").await.starts_with("502"));
    mailbox.offer_broken_starttls();
    assert!(client.say("STARTTLS").await.starts_with("220"));
    assert!(client.reply().await.starts_with("220 this is not"));
    assert_eq!(client.reply().await, "");
}

#[tokio::test]
async fn received_mails_are_saved_for_other_readers() {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::listen(Some(folder.path().to_owned())).await;
    Client::open(&mailbox).await.send("zoe@members.example").await;
    mailbox.wait_for(1).await;
    let saved = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
    assert_eq!(std::fs::read(saved.path()).unwrap(), MAIL.as_bytes());
}
