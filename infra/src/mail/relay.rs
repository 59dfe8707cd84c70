//! How a mail leaves: over SMTP to the configured relay, or into files while there is none.

use std::{fmt, path::PathBuf, time::Duration};

use mensuel_domain::text::Email;

pub use super::relay_url::{Relay, RelayUrlError, Security};
use super::{files::Files, smtp::Smtp};

/// The one way out. Shared by all who send; cheap to call from many tasks at once.
#[derive(Debug)]
pub enum Mailer {
    Smtp(Box<Smtp>),
    Files(Files),
}

impl Mailer {
    /// Sends through a relay. Connects with the first mail. An error tells that TLS cannot be set up
    /// (a certificate file that cannot be read).
    pub fn smtp(relay: Relay, patience: Patience) -> Result<Self, RelayUrlError> {
        Smtp::new(relay, patience).map(|smtp| Self::Smtp(Box::new(smtp)))
    }

    /// Writes each mail into a directory, which is made if it is not there.
    pub fn files(directory: PathBuf) -> std::io::Result<Self> {
        Files::open(directory).map(Self::Files)
    }

    /// Goes as far as MAIL FROM and back, with a connection of its own: what sending would meet before
    /// a recipient is named. Without a relay there is nothing to meet.
    pub async fn probe(&self, from: &Email) -> Result<(), SendError> {
        match self {
            Mailer::Smtp(smtp) => smtp.probe(from).await,
            Mailer::Files(_) => Ok(()),
        }
    }

    /// Hands over one mail for one recipient. Returns once it is known what became of it.
    pub async fn send(&self, envelope_from: &Email, to: &Email, bytes: &[u8]) -> Result<Accepted, SendError> {
        match self {
            Mailer::Smtp(smtp) => smtp.send(envelope_from, to, bytes).await,
            Mailer::Files(files) => files.send(to, bytes).await,
        }
    }
}

/// How long the parts of an attempt may last, and how many run at once.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the TCP connection alone.
    pub connect: Duration,
    /// From the start of an attempt to the last byte of the mail, connecting and signing in included.
    pub to_data: Duration,
    /// For the answer to the dot that ends the mail (RFC 5321, section 4.5.3.2.6, asks for 10 minutes).
    pub after_dot: Duration,
    /// How long an unused connection is kept.
    pub idle: Duration,
    /// Connections at once.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            to_data: Duration::from_secs(60),
            after_dot: Duration::from_secs(600),
            idle: Duration::from_secs(20),
            connections: 4,
        }
    }
}

/// Somebody else has the mail now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The relay's words, which often hold its queue id.
    Relay {
        words: String,
    },
    File {
        path: PathBuf,
    },
}

/// Where in the conversation something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Connect,
    /// Greeting and EHLO.
    Hello,
    StartTls,
    SignIn,
    /// MAIL FROM: a refusal is about us.
    From,
    /// RCPT TO: a refusal is about the address.
    Recipient,
    Data,
    /// The mail itself and the answer to it.
    Content,
}

/// Why a mail was not accepted. Only [`SendError::Uncertain`] leaves open whether it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("refused for now at {} with {}", .0.step, .0)]
    Temporary(Reply),
    #[error("refused at {} with {}", .0.step, .0)]
    Permanent(Reply),
    /// No connection, a broken one, no TLS where it was asked for, or a peer that does not speak SMTP.
    #[error("no use of the connection at {step}: {why}")]
    Connection { step: Step, why: Hindrance },
    #[error("no answer in time at {step}")]
    Timeout { step: Step },
    /// The whole mail was sent and no answer came that can be read: it may have been accepted.
    #[error("no readable answer after the whole mail was sent, which may have been accepted: {why}")]
    Uncertain { why: Hindrance },
}

/// What went wrong, apart from a refusal. Ours are told apart from what others say in words of their
/// own, so that they can be said in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// The words of the relay, the network or the system: one short line.
    #[error("{0}")]
    Said(String),
    #[error("the relay does not offer STARTTLS, and nothing is sent without it")]
    NoStartTls,
    #[error("the mail holds 8-bit bytes, which the relay does not take")]
    EightBit,
    /// A code that has no place there.
    #[error("unexpected reply {0}")]
    Unexpected(u16),
    #[error("no answer in time")]
    Late,
}

/// Whether a refusal with 5.4.1 says that nobody of that name exists. RFC 3463 calls 5.4.1 "no answer
/// from host", which would be ours or the network's; but Exchange Online refuses with it, after RCPT,
/// every recipient that its directory does not know (directory based edge blocking), and says so in
/// these words. Taken for our fault, one member who changed employers would pause everybody's mail.
pub fn is_unknown_to_exchange(status: (u8, u16, u16), words: &str) -> bool {
    let words = words.to_lowercase();
    let rejected = ["recipient address rejected", "recipient addresses rejected"];
    status == (5, 4, 1) && words.contains("access denied") && rejected.iter().any(|said| words.contains(said))
}

impl SendError {
    /// Where it happened.
    pub fn step(&self) -> Step {
        match self {
            SendError::Temporary(reply) | SendError::Permanent(reply) => reply.step,
            SendError::Connection { step, .. } | SendError::Timeout { step } => *step,
            SendError::Uncertain { .. } => Step::Content,
        }
    }
}

/// A refusal in the relay's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub step: Step,
    /// RFC 5321: 4yz or 5yz.
    pub code: u16,
    /// RFC 3463: class, subject, detail.
    pub enhanced: Option<(u8, u16, u16)>,
    /// The relay's words: one short line, addresses and links left out, so that it can be logged.
    pub words: String,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((class, subject, detail)) = self.enhanced {
            write!(f, " {class}.{subject}.{detail}")?;
        }
        if !self.words.is_empty() {
            write!(f, " {}", self.words)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Connect => "connecting",
            Step::Hello => "the greeting",
            Step::StartTls => "STARTTLS",
            Step::SignIn => "sign-in",
            Step::From => "the sender",
            Step::Recipient => "the recipient",
            Step::Data => "DATA",
            Step::Content => "the mail itself",
        })
    }
}
