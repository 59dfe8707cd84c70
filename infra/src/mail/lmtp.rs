//! The server's side of LMTP (RFC 2033): a mail server on this machine hands over mail, and is told
//! of each recipient what became of it.

use std::{borrow::Cow, io, slice::Iter, time::Duration};

use smtp_proto::{
    Error, Request,
    request::receiver::{DataReceiver, DummyDataReceiver, RequestReceiver},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

/// Recipients of one mail.
const RECIPIENTS: usize = 100;
/// What a peer may leave us waiting (RFC 5321, section 4.5.3.2.7).
const PATIENCE: Duration = Duration::from_secs(300);
/// Commands that are no commands, before we hang up.
const MISTAKES: u32 = 20;

/// One mail for one recipient, as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The envelope's sender; empty for reports.
    pub return_path: String,
    pub recipient: String,
    /// At most one byte more than the limit.
    pub content: Vec<u8>,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Done,
    /// The mail server is to offer it again.
    NotNow,
}

/// What a session asks of whoever takes mail in.
pub trait Desk {
    /// Whether a recipient is one of ours.
    fn knows(&self, recipient: &str) -> bool;
    fn take(&self, mail: Handed) -> impl Future<Output = Taken> + Send;
}

/// Speaks with one peer until it leaves. `limit` is in bytes of a mail; of a larger one the
/// beginning is taken, so that it is known and not offered again.
pub async fn session<S>(stream: S, host: &str, limit: usize, desk: &impl Desk) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut peer = Peer { stream, pending: Vec::new() };
    peer.say(&format!("220 {host} LMTP Mensuel")).await?;
    let mut mail = Envelope::default();
    let (mut greeted, mut mistakes) = (false, 0);
    loop {
        let command = match peer.command().await? {
            Some(command) => command,
            None => return Ok(()),
        };
        let reply: Cow<'static, str> = match command {
            Command::Hello(as_lmtp) if as_lmtp => {
                (greeted, mail) = (true, Envelope::default());
                format!(
                    "250-{host}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES"
                )
                .into()
            }
            Command::Hello(_) => "500 5.5.1 This is LMTP: say LHLO".into(),
            Command::Quit => return peer.say("221 2.0.0 Goodbye").await,
            Command::Nothing => "250 2.0.0 Fine".into(),
            Command::Reset => {
                mail = Envelope::default();
                "250 2.0.0 Forgotten".into()
            }
            Command::Mail(_) | Command::Recipient(_) | Command::Data if !greeted => {
                "503 5.5.1 Say LHLO first".into()
            }
            Command::Mail(return_path) => {
                mail = Envelope { return_path: Some(return_path), recipients: Vec::new() };
                "250 2.1.0 Go on".into()
            }
            Command::Recipient(recipient) => mail.add(recipient, desk).into(),
            Command::Data if mail.recipients.is_empty() => "503 5.5.1 There is no recipient".into(),
            Command::Data => {
                peer.say("354 End with a line that is a dot").await?;
                let Some(content) = peer.content(limit).await? else { return Ok(()) };
                for reply in hand_over(std::mem::take(&mut mail), content, desk).await {
                    peer.say(reply).await?;
                }
                continue;
            }
            Command::Wrong(reply) => {
                mistakes += 1;
                if mistakes > MISTAKES {
                    return peer.say("421 4.7.0 That is enough").await;
                }
                reply.into()
            }
        };
        peer.say(&reply).await?;
    }
}

#[derive(Default)]
struct Envelope {
    return_path: Option<String>,
    recipients: Vec<String>,
}

impl Envelope {
    fn add(&mut self, recipient: String, desk: &impl Desk) -> &'static str {
        if self.return_path.is_none() {
            return "503 5.5.1 Say MAIL first";
        }
        if self.recipients.len() >= RECIPIENTS {
            return "452 4.5.3 Too many recipients at once";
        }
        if !desk.knows(&recipient) {
            return "550 5.1.1 That address is none of ours";
        }
        self.recipients.push(recipient);
        "250 2.1.5 Go on"
    }
}

async fn hand_over(mail: Envelope, content: Vec<u8>, desk: &impl Desk) -> Vec<&'static str> {
    let mut replies = Vec::new();
    for recipient in mail.recipients {
        let return_path = mail.return_path.clone().unwrap_or_default();
        let handed = Handed { return_path, recipient, content: content.clone() };
        replies.push(match desk.take(handed).await {
            Taken::Done => "250 2.0.0 Taken",
            Taken::NotNow => "451 4.3.0 Not now; please offer it again",
        });
    }
    replies
}

enum Command {
    /// Whether it was LHLO.
    Hello(bool),
    Mail(String),
    Recipient(String),
    Data,
    Reset,
    Nothing,
    Quit,
    Wrong(&'static str),
}

struct Peer<S> {
    stream: S,
    /// What was read and not looked at: commands come several at once (RFC 2920).
    pending: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    async fn say(&mut self, reply: &str) -> io::Result<()> {
        let written = async {
            self.stream.write_all(reply.as_bytes()).await?;
            self.stream.write_all(b"\r\n").await?;
            self.stream.flush().await
        };
        timeout(PATIENCE, written).await?
    }

    /// Reads on; `false` when the peer has gone.
    async fn more(&mut self) -> io::Result<bool> {
        let mut buffer = [0_u8; 16 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut buffer)).await??;
        self.pending.extend_from_slice(&buffer[..read]);
        Ok(read > 0)
    }

    async fn command(&mut self) -> io::Result<Option<Command>> {
        let mut receiver = RequestReceiver::default();
        loop {
            let mut bytes = self.pending.iter();
            let parsed = receiver.ingest(&mut bytes).map(read);
            let left = bytes.as_slice().len();
            self.pending.drain(..self.pending.len() - left);
            match parsed {
                Ok(command) => return Ok(Some(command)),
                Err(Error::NeedsMoreData { .. }) => {
                    // What the receiver keeps is no longer pending.
                    self.pending.clear();
                    if !self.more().await? {
                        return Ok(None);
                    }
                }
                Err(error) => return Ok(Some(Command::Wrong(wrong(&error)))),
            }
        }
    }

    /// The mail up to the final dot, at most one byte more than the limit of it. `None` when the
    /// peer went before.
    async fn content(&mut self, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let mut kept = Vec::new();
        let mut receiver = DataReceiver::new();
        let mut rest: Option<DummyDataReceiver> = None;
        loop {
            let mut bytes: Iter<'_, u8> = self.pending.iter();
            let ended = match &mut rest {
                Some(dropping) => dropping.ingest(&mut bytes),
                None => receiver.ingest(&mut bytes, &mut kept),
            };
            let left = bytes.as_slice().len();
            self.pending.drain(..self.pending.len() - left);
            if rest.is_none() && kept.len() > limit {
                kept.truncate(limit + 1);
                rest = Some(DummyDataReceiver::new_data(&receiver));
            }
            if ended {
                return Ok(Some(kept));
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }
}

fn read(request: Request<Cow<'_, str>>) -> Command {
    match request {
        Request::Lhlo { .. } => Command::Hello(true),
        Request::Ehlo { .. } | Request::Helo { .. } => Command::Hello(false),
        Request::Mail { from } => Command::Mail(from.address.into_owned()),
        Request::Rcpt { to } => Command::Recipient(to.address.into_owned()),
        Request::Data => Command::Data,
        Request::Rset => Command::Reset,
        Request::Noop { .. } => Command::Nothing,
        Request::Quit => Command::Quit,
        Request::Vrfy { .. } => Command::Wrong("252 2.5.0 Send it, and see"),
        Request::Bdat { .. }
        | Request::Auth { .. }
        | Request::Expn { .. }
        | Request::Help { .. }
        | Request::Etrn { .. }
        | Request::Atrn { .. }
        | Request::Burl { .. }
        | Request::StartTls => Command::Wrong("502 5.5.1 Not here"),
    }
}

fn wrong(error: &Error) -> &'static str {
    match error {
        Error::UnknownCommand => "500 5.5.2 That is no command",
        Error::InvalidSenderAddress => "501 5.1.7 That is no sender's address",
        Error::InvalidRecipientAddress => "501 5.1.3 That is no recipient's address",
        Error::ResponseTooLong => "500 5.5.2 That line is too long",
        Error::UnsupportedParameter { .. } => "555 5.5.4 That parameter is not taken here",
        Error::SyntaxError { .. }
        | Error::InvalidParameter { .. }
        | Error::NeedsMoreData { .. }
        | Error::InvalidResponse { .. } => "501 5.5.4 That command is not complete",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::io::duplex;

    use super::*;

    #[derive(Default)]
    struct Counter {
        taken: Mutex<Vec<Handed>>,
        busy: bool,
    }

    impl Desk for Counter {
        fn knows(&self, recipient: &str) -> bool {
            recipient.ends_with("@lyon.example")
        }

        async fn take(&self, mail: Handed) -> Taken {
            self.taken.lock().unwrap().push(mail);
            if self.busy { Taken::NotNow } else { Taken::Done }
        }
    }

    /// What the server says to all of this, sent in pieces of so many bytes.
    async fn said(desk: &Counter, input: &[u8], piece: usize) -> String {
        let (mut ours, theirs) = duplex(1 << 20);
        for bytes in input.chunks(piece) {
            ours.write_all(bytes).await.unwrap();
        }
        ours.shutdown().await.unwrap();
        session(theirs, "mail.lyon.example", 200, desk).await.unwrap();
        let mut said = String::new();
        ours.read_to_string(&mut said).await.unwrap();
        said
    }

    fn codes(said: &str) -> Vec<&str> {
        said.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect()
    }

    const WHOLE: &[u8] = b"LHLO mx.example\r\nMAIL FROM:<>\r\nRCPT TO:<soirees+b-x@lyon.example>\r\nRCPT TO:<a@other.example>\r\n\
        RCPT TO:<soirees@lyon.example>\r\nDATA\r\nSubject: a\r\n\r\n..dot\r\n.\r\nQUIT\r\n";

    #[tokio::test]
    async fn each_recipient_gets_a_reply_of_its_own() {
        for piece in [1, 7, 1_000] {
            let desk = Counter::default();
            let said = said(&desk, WHOLE, piece).await;
            assert_eq!(codes(&said), ["220", "250", "250", "250", "550", "250", "354", "250", "250", "221"]);
            let taken = desk.taken.into_inner().unwrap();
            let to: Vec<&str> = taken.iter().map(|mail| mail.recipient.as_str()).collect();
            assert_eq!(to, ["soirees+b-x@lyon.example", "soirees@lyon.example"]);
            assert_eq!(taken[0].content, b"Subject: a\r\n\r\n.dot\r\n");
            assert_eq!(taken[0].return_path, "");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_taken_now_is_offered_again() {
        let desk = Counter { busy: true, ..Counter::default() };
        let said = said(&desk, WHOLE, 1_000).await;
        assert_eq!(codes(&said)[7..9], ["451", "451"]);
    }

    #[tokio::test]
    async fn of_a_large_mail_the_beginning_is_taken() {
        let desk = Counter::default();
        let body = "x\r\n".repeat(5_000);
        let input = format!(
            "LHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@lyon.example>\r\nDATA\r\n{body}.\r\nNOOP\r\nQUIT\r\n"
        );
        let said = said(&desk, input.as_bytes(), 4_096).await;
        assert_eq!(codes(&said), ["220", "250", "250", "250", "354", "250", "250", "221"]);
        assert_eq!(desk.taken.into_inner().unwrap()[0].content.len(), 201);
    }

    #[tokio::test]
    async fn nonsense_is_answered_and_order_is_kept() {
        let desk = Counter::default();
        let input = b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nLHLO a\r\nDATA\r\nRCPT TO:<c@lyon.example>\r\nHUH\r\nMAIL FROM:<x\r\nQUIT\r\n";
        let said = said(&desk, input, 1_000).await;
        assert_eq!(codes(&said), ["220", "500", "503", "250", "503", "503", "500", "501", "221"]);
        let long = [b"NOOP ".as_slice(), &[b'a'; 40_000], b"\r\nQUIT\r\n"].concat();
        assert!(codes(&said_of(&long).await).contains(&"500"));
    }

    async fn said_of(input: &[u8]) -> String {
        said(&Counter::default(), input, 1_000).await
    }
}
