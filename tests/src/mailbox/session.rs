//! One SMTP conversation, from the banner to the end of the connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::received::ReceivedMail;
use super::{Book, Reaction, Step};

/// Bytes of the largest mail taken (RFC 1870).
const SIZE_LIMIT: usize = 10 * 1024 * 1024;

struct Session<'a> {
    wire: BufReader<TcpStream>,
    book: &'a Book,
    greeted: bool,
    from: Option<String>,
    to: Vec<String>,
    behaves: watch::Receiver<()>,
}

/// How a step ended: the conversation goes on agreed, goes on refused, or is over.
#[derive(PartialEq, Eq)]
enum Outcome {
    Agreed,
    Refused,
    Over,
}

pub(super) async fn converse(stream: TcpStream, book: &Book) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut session = Session {
        wire: BufReader::new(stream),
        book,
        greeted: false,
        from: None,
        to: Vec::new(),
        behaves: book.behaves.subscribe(),
    };
    if session.answer(Step::Banner, "220 mailbox.example ESMTP\r\n").await? != Outcome::Agreed {
        return Ok(());
    }
    while let Some(line) = session.read_line().await? {
        if session.command(&line).await? == Outcome::Over {
            break;
        }
    }
    Ok(())
}

impl Session<'_> {
    async fn command(&mut self, line: &str) -> io::Result<Outcome> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => self.ehlo().await,
            "STARTTLS" => self.starttls().await,
            "MAIL" => self.mail(argument).await,
            "RCPT" => self.rcpt(argument).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.forget_envelope();
                self.say("250 2.0.0 Forgotten\r\n").await
            }
            "NOOP" => self.say("250 2.0.0 Still here\r\n").await,
            "QUIT" => {
                self.say("221 2.0.0 Goodbye\r\n").await?;
                Ok(Outcome::Over)
            }
            _ => self.say("502 5.5.2 Unknown command\r\n").await,
        }
    }

    async fn ehlo(&mut self) -> io::Result<Outcome> {
        self.greeted = true;
        self.forget_envelope();
        let starttls = if self.book.state().starttls { "250-STARTTLS\r\n" } else { "" };
        let hello = format!("250-mailbox.example\r\n{starttls}250-8BITMIME\r\n250 SIZE {SIZE_LIMIT}\r\n");
        self.answer(Step::Ehlo, &hello).await
    }

    async fn starttls(&mut self) -> io::Result<Outcome> {
        if !self.book.state().starttls {
            return self.say("502 5.5.1 Not offered\r\n").await;
        }
        if self.answer(Step::StartTls, "220 2.0.0 Go ahead\r\n").await? != Outcome::Agreed {
            return Ok(Outcome::Over);
        }
        self.say("220 this is not a TLS handshake\r\n").await?;
        Ok(Outcome::Over)
    }

    async fn mail(&mut self, argument: &str) -> io::Result<Outcome> {
        let Some(path) = path_after("FROM:", argument) else {
            return self.say("501 5.5.4 MAIL FROM:<path>\r\n").await;
        };
        if !self.greeted || self.from.is_some() {
            return self.say("503 5.5.1 Not now\r\n").await;
        }
        if declared_size(argument).is_some_and(|bytes| bytes > SIZE_LIMIT) {
            return self.say("552 5.3.4 Too large\r\n").await;
        }
        let outcome = self.answer(Step::Mail, "250 2.1.0 Sender taken\r\n").await?;
        if outcome == Outcome::Agreed {
            self.from = Some(path);
        }
        Ok(outcome)
    }

    async fn rcpt(&mut self, argument: &str) -> io::Result<Outcome> {
        let Some(path) = path_after("TO:", argument) else {
            return self.say("501 5.5.4 RCPT TO:<path>\r\n").await;
        };
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first\r\n").await;
        }
        // Known to `answer` already: a script may be meant for this recipient alone.
        self.to.push(path);
        let outcome = self.answer(Step::Rcpt, "250 2.1.5 Recipient taken\r\n").await?;
        if outcome != Outcome::Agreed {
            self.to.pop();
        }
        Ok(outcome)
    }

    async fn data(&mut self) -> io::Result<Outcome> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first\r\n").await;
        }
        let outcome = self.answer(Step::Data, "354 End with a dot\r\n").await?;
        if outcome != Outcome::Agreed {
            return Ok(outcome);
        }
        let Some(raw) = self.read_mail().await? else {
            return Ok(Outcome::Over);
        };
        if raw.len() > SIZE_LIMIT {
            self.forget_envelope();
            return self.say("552 5.3.4 Too large\r\n").await;
        }
        self.final_dot(raw).await
    }

    /// Whoever refuses a mail does not keep it; whoever falls silent or hangs up after the dot has it all the same.
    async fn final_dot(&mut self, raw: Vec<u8>) -> io::Result<Outcome> {
        let reaction = self.reaction(Step::FinalDot);
        let mail = ReceivedMail::new(self.from.clone().unwrap_or_default(), self.to.clone(), raw);
        let outcome = if let Some(Reaction::Reply(_) | Reaction::Says(_)) = reaction {
            self.react(reaction, "").await?
        } else {
            let kept = self.book.keep(mail);
            let outcome = self.react(reaction, "250 2.0.0 Kept\r\n").await?;
            if outcome == Outcome::Agreed {
                self.book.acknowledged(kept);
            }
            outcome
        };
        self.forget_envelope();
        Ok(outcome)
    }

    fn forget_envelope(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn say(&mut self, text: &str) -> io::Result<Outcome> {
        self.wire.write_all(text.as_bytes()).await?;
        Ok(Outcome::Agreed)
    }

    async fn answer(&mut self, step: Step, agreement: &str) -> io::Result<Outcome> {
        let reaction = self.reaction(step);
        self.react(reaction, agreement).await
    }

    fn reaction(&mut self, step: Step) -> Option<Reaction> {
        // Before the script is read: whoever takes it back after that is heard.
        self.behaves.mark_unchanged();
        self.book.reaction(step, self.to.last().map(String::as_str))
    }

    async fn react(&mut self, reaction: Option<Reaction>, agreement: &str) -> io::Result<Outcome> {
        let Some(reaction) = reaction else {
            return self.say(agreement).await;
        };
        match reaction {
            Reaction::Reply(code) => self.refuse(code).await,
            Reaction::Says(line) => {
                self.say(&format!("{line}\r\n")).await?;
                Ok(Outcome::Refused)
            }
            Reaction::Silence => self.silence().await,
            Reaction::Pause => self.pause(agreement).await,
            Reaction::Trickle(pause) => self.trickle(agreement, pause).await,
            Reaction::Drop => Ok(Outcome::Over),
            Reaction::Reset => {
                self.wire.get_ref().set_zero_linger()?;
                Ok(Outcome::Over)
            }
            Reaction::Endless => self.endless(agreement).await,
            Reaction::Garbage => {
                self.wire.write_all(b"\x16\x03\x01\x02 nonsense\r\n\r\n").await?;
                Ok(Outcome::Over)
            }
        }
    }

    async fn refuse(&mut self, code: u16) -> io::Result<Outcome> {
        let class = code / 100;
        self.say(&format!("{code} {class}.0.0 The script of this test says so\r\n")).await?;
        Ok(if code == 421 { Outcome::Over } else { Outcome::Refused })
    }

    /// Reads and drops until the client gives up.
    async fn silence(&mut self) -> io::Result<Outcome> {
        while self.read_line().await?.is_some() {}
        Ok(Outcome::Over)
    }

    /// Goes on at once when the script that says so was taken back meanwhile.
    async fn pause(&mut self, agreement: &str) -> io::Result<Outcome> {
        self.book.state().pauses += 1;
        // The sender is the book's, and outlives this.
        let _ = self.behaves.changed().await;
        self.say(agreement).await
    }

    /// Slow is what this peer is: whoever waits for it ends by a deadline in real time.
    async fn trickle(&mut self, agreement: &str, pause: Duration) -> io::Result<Outcome> {
        for byte in agreement.bytes() {
            self.wire.write_all(&[byte]).await?;
            tokio::time::sleep(pause).await;
        }
        Ok(Outcome::Agreed)
    }

    /// Ends when the client closes: then writing fails. At the pace of a slow line, or the client would be
    /// ended by its limit of bytes and never by its deadline.
    async fn endless(&mut self, agreement: &str) -> io::Result<Outcome> {
        let code = agreement.get(..3).unwrap_or("250");
        let line = format!("{code}-and another thing\r\n");
        loop {
            self.wire.write_all(line.as_bytes()).await?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn read_line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.wire.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    /// The mail up to its final dot, dots unstuffed (RFC 5321 section 4.5.2); nothing when the client hangs up before.
    async fn read_mail(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut raw = Vec::new();
        loop {
            let start = raw.len();
            if self.wire.read_until(b'\n', &mut raw).await? == 0 {
                return Ok(None);
            }
            if &raw[start..] == b".\r\n" {
                raw.truncate(start);
                return Ok(Some(raw));
            }
            if raw[start] == b'.' {
                raw.remove(start);
            }
        }
    }
}

fn path_after(keyword: &str, argument: &str) -> Option<String> {
    let rest = argument.get(..keyword.len()).filter(|head| head.eq_ignore_ascii_case(keyword));
    rest?;
    let (path, _) = argument[keyword.len()..].trim_start().strip_prefix('<')?.split_once('>')?;
    Some(path.to_owned())
}

fn declared_size(argument: &str) -> Option<usize> {
    argument.split(' ').find_map(|word| word.strip_prefix("SIZE=")).and_then(|bytes| bytes.parse().ok())
}
