//! Looking into a mailbox (IMAP, RFC 9051): each unseen mail is taken and marked as seen.

mod folder;
mod memory;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_imap::{Client, Session, error::Error};
use futures_util::TryStreamExt as _;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use url::Url;

use self::folder::on_the_wire;
pub use self::memory::Memory;
use super::tls;

/// How long one visit may take.
const VISIT: Duration = Duration::from_secs(300);
/// Mails of one visit; the others wait for the next.
const AT_ONCE: usize = 200;
/// So many mails after each other that cannot be taken in: it is not their fault.
const AWAY: u32 = 3;

/// A mailbox. Its password is never shown.
#[derive(Clone, Debug)]
pub struct Mailbox {
    host: String,
    port: u16,
    encrypted: bool,
    user: String,
    password: SecretString,
    folder: String,
    authorities: Option<PathBuf>,
}

/// Why a mailbox could not be looked into. No message holds a user or password.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    #[error("this is not the address of a mailbox")]
    NotAnAddress,
    #[error("the certificates cannot be used: {0}")]
    Certificates(String),
    #[error("the mailbox could not be reached: {0}")]
    Connection(#[from] std::io::Error),
    #[error("the mailbox did not answer in time")]
    Timeout(#[from] tokio::time::error::Elapsed),
    #[error("the mailbox refused to let us in")]
    SignIn,
    #[error("the mailbox said: {0}")]
    Refused(#[from] async_imap::error::Error),
}

/// What became of one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Done,
    /// It stays unseen, and is tried again in the next visit, after the others.
    NotNow,
}

impl Mailbox {
    /// Reads `imaps://user:password@host:port/FOLDER?ca=FILE`; without a folder it is INBOX.
    pub fn parse(text: &str) -> Result<Self, ImapError> {
        let url = Url::parse(text.trim()).map_err(|_| ImapError::NotAnAddress)?;
        let encrypted = match url.scheme() {
            "imaps" => true,
            "imap" => false,
            _ => return Err(ImapError::NotAnAddress),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
        let decoded = |text: &str| decoded(text).map_err(|_| ImapError::NotAnAddress);
        let folder = decoded(url.path().trim_matches('/'))?;
        let host = url.host_str().ok_or(ImapError::NotAnAddress)?;
        let mut authorities = None;
        for (key, value) in url.query_pairs() {
            match key.as_ref() {
                "ca" => authorities = Some(PathBuf::from(value.as_ref())),
                _ => return Err(ImapError::NotAnAddress),
            }
        }
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port().unwrap_or(if encrypted { 993 } else { 143 }),
            encrypted,
            user: decoded(url.username())?,
            password: decoded(url.password().ok_or(ImapError::NotAnAddress)?)?.into(),
            folder: if folder.is_empty() { "INBOX".to_owned() } else { folder },
            authorities,
        })
    }

    /// Takes what is unseen, oldest first, and answers how many mails were taken. Of a mail that is
    /// larger than `limit` bytes one byte more than that is taken. One that cannot be taken in keeps
    /// none of the others from it; after a few in a row the visit ends. `memory` is what the visit
    /// before left.
    pub async fn visit<T, F>(&self, memory: &mut Memory, limit: usize, take: T) -> Result<usize, ImapError>
    where
        T: Fn(Vec<u8>) -> F,
        F: Future<Output = Taken>,
    {
        timeout(VISIT, self.look(memory, limit, take)).await?
    }

    async fn look<T, F>(&self, memory: &mut Memory, limit: usize, take: T) -> Result<usize, ImapError>
    where
        T: Fn(Vec<u8>) -> F,
        F: Future<Output = Taken>,
    {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        tcp.set_nodelay(true)?;
        if !self.encrypted {
            return self.within(tcp, memory, limit, take).await;
        }
        let name = ServerName::try_from(self.host.clone()).map_err(|_| ImapError::NotAnAddress)?;
        let stream = self.connector()?.connect(name, tcp).await?;
        self.within(stream, memory, limit, take).await
    }

    fn connector(&self) -> Result<TlsConnector, ImapError> {
        let authorities = match &self.authorities {
            Some(file) => std::fs::read(file).map_err(|error| ImapError::Certificates(error.to_string()))?,
            None => Vec::new(),
        };
        let config = tls::client(&authorities).map_err(ImapError::Certificates)?;
        Ok(TlsConnector::from(Arc::new(config)))
    }

    async fn within<S, T, F>(
        &self,
        stream: S,
        memory: &mut Memory,
        limit: usize,
        take: T,
    ) -> Result<usize, ImapError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug,
        T: Fn(Vec<u8>) -> F,
        F: Future<Output = Taken>,
    {
        let mut client = Client::new(stream);
        // The greeting.
        client.read_response().await?;
        let signed_in = client.login(&self.user, self.password.expose_secret()).await;
        let mut session = signed_in.map_err(|_| ImapError::SignIn)?;
        let selected = session.select(on_the_wire(&self.folder)).await?;
        let unseen = session.uid_search("UNSEEN UNDELETED").await?;
        let order = memory.order(selected.uid_validity, unseen);
        let (mut taken, mut in_a_row) = (0, 0);
        for uid in order.into_iter().take(AT_ONCE) {
            // Without a body it was deleted meanwhile, or cannot be read now.
            let Some(raw) = body(&mut session, uid, limit).await? else {
                memory.put_off(uid);
                continue;
            };
            match take(raw).await {
                Taken::Done => {
                    if !is_marked(&mut session, uid).await? {
                        memory.take(uid);
                    }
                    (taken, in_a_row) = (taken + 1, 0);
                }
                Taken::NotNow => {
                    memory.put_off(uid);
                    in_a_row += 1;
                }
            }
            if in_a_row == AWAY {
                break;
            }
        }
        session.logout().await?;
        Ok(taken)
    }
}

/// A mailbox that may only be read takes no mark; the mail was taken in all the same.
async fn is_marked<S>(session: &mut Session<S>, uid: u32) -> Result<bool, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug,
{
    match session.run_command_and_check_ok(format!("UID STORE {uid} +FLAGS.SILENT (\\Seen)")).await {
        Err(error @ (Error::No(_) | Error::Bad(_))) => {
            tracing::warn!(%error, "a mail was taken in and cannot be marked as seen");
            Ok(false)
        }
        done => done.map(|()| true),
    }
}

async fn body<S>(session: &mut Session<S>, uid: u32, limit: usize) -> Result<Option<Vec<u8>>, ImapError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug,
{
    let query = format!("(UID BODY.PEEK[]<0.{}>)", limit + 1);
    let fetched: Vec<_> = session.uid_fetch(uid.to_string(), query).await?.try_collect().await?;
    Ok(fetched.iter().find_map(|mail| mail.body()).map(<[u8]>::to_vec))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};

    use super::*;

    #[test]
    fn a_mailbox_is_read_and_its_password_never_shown() {
        let mailbox = Mailbox::parse("imaps://zoe%40lyon.example:ses%3Aame@mail.lyon.example/R%C3%A9ponses");
        let mailbox = mailbox.unwrap();
        assert_eq!((mailbox.port, mailbox.user.as_str()), (993, "zoe@lyon.example"));
        assert_eq!((mailbox.folder.as_str(), mailbox.password.expose_secret()), ("Réponses", "ses:ame"));
        assert!(!format!("{mailbox:?}").contains("ses:ame"));
        assert_eq!(Mailbox::parse("imap://a:b@127.0.0.1").unwrap().folder, "INBOX");
        for wrong in ["smtp://a:b@c.example", "imaps://a@c.example", "imaps://a:b@c.example?x=y", "a"] {
            assert!(Mailbox::parse(wrong).is_err(), "{wrong}");
        }
    }

    /// What a server says when a mail shall be marked as seen.
    #[derive(Clone, Copy, PartialEq)]
    enum Marks {
        Taken,
        Refused,
        /// Nothing: the connection breaks.
        Broken,
    }

    /// A server with three unseen mails, the first of which it cannot give out.
    async fn server(stream: DuplexStream, marks: Marks) {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"* OK ready\r\n").await.unwrap();
        let mut line = String::new();
        while stream.read_line(&mut line).await.unwrap() > 0 {
            let (tag, command) = line.trim_end().split_once(' ').unwrap();
            let words: Vec<&str> = command.split(' ').collect();
            let said = match words.as_slice() {
                ["SELECT", ..] => format!("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n{tag} OK .\r\n"),
                ["UID", "SEARCH", ..] => format!("* SEARCH 1 2 3\r\n{tag} OK .\r\n"),
                ["UID", "FETCH", "1", ..] => format!("{tag} NO broken\r\n"),
                ["UID", "FETCH", uid, ..] => {
                    format!("* {uid} FETCH (UID {uid} BODY[]<0> {{2}}\r\nm{uid})\r\n{tag} OK .\r\n")
                }
                ["UID", "STORE", uid, ..] => {
                    assert_ne!(*uid, "1", "what was not read is not marked as seen");
                    match marks {
                        Marks::Taken => format!("{tag} OK .\r\n"),
                        Marks::Refused => format!("{tag} NO [NOPERM] no marks here\r\n"),
                        Marks::Broken => return,
                    }
                }
                _ => format!("{tag} OK .\r\n"),
            };
            stream.write_all(said.as_bytes()).await.unwrap();
            line.clear();
        }
    }

    async fn visited(marks: Marks, memory: &mut Memory) -> Vec<Vec<u8>> {
        let mailbox = Mailbox::parse("imap://a:b@127.0.0.1").unwrap();
        let (ours, theirs) = duplex(4096);
        let server = tokio::spawn(server(theirs, marks));
        let seen = std::sync::Mutex::new(Vec::new());
        let take = |raw| {
            seen.lock().unwrap().push(raw);
            async { Taken::Done }
        };
        let taken = mailbox.within(ours, memory, 100, take).await;
        server.await.unwrap();
        let seen = seen.into_inner().unwrap();
        assert_eq!(taken.ok(), (marks != Marks::Broken).then_some(seen.len()));
        seen
    }

    #[tokio::test]
    async fn a_mailbox_that_takes_no_marks_is_read_once() {
        let mut memory = Memory::default();
        assert_eq!(visited(Marks::Refused, &mut memory).await, [b"m2", b"m3"]);
        assert!(visited(Marks::Refused, &mut memory).await.is_empty());
    }

    /// Taken in twice it counts once, and other readers of the mailbox see that it was read.
    #[tokio::test]
    async fn what_could_not_be_marked_for_a_broken_connection_is_marked_the_next_time() {
        let mut memory = Memory::default();
        assert_eq!(visited(Marks::Broken, &mut memory).await, [b"m2"]);
        assert_eq!(visited(Marks::Taken, &mut memory).await, [b"m2", b"m3"]);
    }
}
