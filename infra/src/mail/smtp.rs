//! SMTP to the relay (RFC 5321): a few connections that are used again, each attempt bounded in time.
//!
//! lettre speaks the protocol; the stream below it is ours, because lettre sets neither TCP_NODELAY
//! (44 ms lost for every mail) nor a time limit after the connection, and reads a line without end
//! into memory.

use std::{
    pin::pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::{Response, Severity},
    },
};
use mensuel_domain::text::Email;
use secrecy::ExposeSecret;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use super::{
    relay::{Accepted, Hindrance, Patience, SendError, Step},
    relay_url::{Relay, RelayUrlError, Security},
    reply,
    tls::Tls,
    wire::{Allowance, Wire},
};

/// A relay with its connections.
#[derive(Debug)]
pub struct Smtp {
    relay: Relay,
    tls: Tls,
    patience: Patience,
    slots: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    smtp: AsyncSmtpConnection,
    /// Bytes that the relay may still say in this attempt.
    allowance: Allowance,
    used: Instant,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("used", &self.used).finish_non_exhaustive()
    }
}

/// One mail as SMTP sees it.
struct Parcel<'a> {
    from: Address,
    to: Address,
    bytes: &'a [u8],
}

/// A failed step, and whether the connection can be used for the next mail.
struct Failed {
    error: SendError,
    usable: bool,
}

impl Smtp {
    pub(super) fn new(relay: Relay, patience: Patience) -> Result<Self, RelayUrlError> {
        let tls = Tls::for_relay(&relay)?;
        let slots = Arc::new(Semaphore::new(patience.connections.max(1)));
        Ok(Self { relay, tls, patience, slots, idle: Mutex::new(Vec::new()) })
    }

    pub(super) async fn send(&self, from: &Email, to: &Email, bytes: &[u8]) -> Result<Accepted, SendError> {
        let parcel = Parcel { from: address(from, Step::From)?, to: address(to, Step::Recipient)?, bytes };
        let mut slot =
            Some(Arc::clone(&self.slots).acquire_owned().await.expect("the semaphore is never closed"));
        let deadline = Instant::now() + self.patience.to_data;
        if let Some(mut connection) = self.take_idle() {
            match self.attempt(&mut connection, &parcel, deadline, &mut slot).await {
                // The relay had closed it meanwhile; nothing of this mail was said yet.
                Err(failed) if gone(&failed.error) => {}
                outcome => return self.settle(connection, outcome),
            }
        }
        let mut connection = self.open(deadline).await?;
        let outcome = self.attempt(&mut connection, &parcel, deadline, &mut slot).await;
        self.settle(connection, outcome)
    }

    pub(super) async fn probe(&self, from: &Email) -> Result<(), SendError> {
        let deadline = Instant::now() + self.patience.to_data;
        let mut connection = self.open(deadline).await?;
        let from = Mail::new(Some(address(from, Step::From)?), Vec::new());
        let said = within(deadline, Step::From, connection.smtp.command(from)).await?;
        expect(said, Step::From, Severity::PositiveCompletion)?;
        // What it says to the end changes nothing any more.
        let _ = timeout_at(deadline, connection.smtp.command(Rset)).await;
        let _ = timeout_at(deadline, connection.smtp.quit()).await;
        Ok(())
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| connection.used.elapsed() < self.patience.idle);
        idle.pop()
    }

    /// Keeps a connection that behaved and drops any other.
    fn settle(
        &self,
        mut connection: Connection,
        outcome: Result<Accepted, Failed>,
    ) -> Result<Accepted, SendError> {
        let usable = outcome.as_ref().map_or_else(|failed| failed.usable, |_| true);
        if usable && !connection.smtp.has_broken() {
            connection.used = Instant::now();
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < self.patience.connections {
                idle.push(connection);
            }
        }
        outcome.map_err(|failed| failed.error)
    }

    async fn open(&self, deadline: Instant) -> Result<Connection, SendError> {
        let connect_by = deadline.min(Instant::now() + self.patience.connect);
        let tcp = match timeout_at(connect_by, Wire::dial(&self.relay.host, self.relay.port)).await {
            Ok(dialled) => dialled.map_err(|error| broken(Step::Connect, &error))?,
            Err(_) => return Err(SendError::Timeout { step: Step::Connect }),
        };
        let wire = match timeout_at(deadline, self.tls.implicit(tcp)).await {
            Ok(secured) => secured.map_err(|error| broken(Step::Connect, &error))?,
            Err(_) => return Err(SendError::Timeout { step: Step::Connect }),
        };
        let allowance = wire.allowance();
        let hello = ClientId::default();
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
        let mut smtp = within(deadline, Step::Hello, greeted).await?;
        if self.relay.security == Security::StartTls {
            self.start_tls(&mut smtp, &hello, deadline).await?;
        }
        if let Some((user, password)) = &self.relay.sign_in {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            within(deadline, Step::SignIn, smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials))
                .await?;
        }
        Ok(Connection { smtp, allowance, used: Instant::now() })
    }

    async fn start_tls(
        &self,
        smtp: &mut AsyncSmtpConnection,
        hello: &ClientId,
        deadline: Instant,
    ) -> Result<(), SendError> {
        let step = Step::StartTls;
        if !smtp.can_starttls() {
            return Err(SendError::Connection { step, why: Hindrance::NoStartTls });
        }
        let parameters = self.tls.parameters().map_err(|error| broken(step, &error))?;
        within(deadline, step, smtp.starttls(parameters, hello)).await
    }

    async fn attempt(
        &self,
        connection: &mut Connection,
        parcel: &Parcel<'_>,
        deadline: Instant,
        slot: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<Accepted, Failed> {
        connection.allowance.renew();
        if let Err(error) = announce(&mut connection.smtp, parcel, deadline).await {
            return Err(self.reset(&mut connection.smtp, error, deadline).await);
        }
        let response = self.content(&mut connection.smtp, parcel.bytes, deadline, slot).await;
        response.map(|words| Accepted::Relay { words }).map_err(|error| {
            let usable = reply::leaves_usable(&error);
            Failed { error, usable }
        })
    }

    /// After a refusal the connection is made ready for another mail, if it still answers.
    async fn reset(&self, smtp: &mut AsyncSmtpConnection, error: SendError, deadline: Instant) -> Failed {
        if !reply::leaves_usable(&error) {
            return Failed { error, usable: false };
        }
        let usable = matches!(timeout_at(deadline, smtp.command(Rset)).await, Ok(Ok(_)));
        Failed { error, usable }
    }

    /// Sends the mail itself. Before its last byte, failing is certain; after the dot it is not.
    async fn content(
        &self,
        smtp: &mut AsyncSmtpConnection,
        bytes: &[u8],
        deadline: Instant,
        slot: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<String, SendError> {
        let dotted: OnceLock<Instant> = OnceLock::new();
        // lettre asks for the next piece once the one before has left, and then writes the dot.
        let end = std::iter::from_fn(|| {
            dotted.get_or_init(Instant::now);
            None::<&[u8]>
        });
        let mut sending = pin!(smtp.message_iter(std::iter::once(bytes).chain(end)));
        let mut answer = timeout_at(deadline, &mut sending).await;
        if let (Err(_), Some(dot)) = (&answer, dotted.get()) {
            // A relay that is slow with this mail does not keep the others waiting.
            drop(slot.take());
            answer = timeout_at(*dot + self.patience.after_dot, &mut sending).await;
        }
        match (answer, dotted.get()) {
            (Ok(Ok(response)), _) if severity(&response) == Severity::PositiveCompletion => {
                Ok(reply::words_of(&response))
            }
            (Ok(Ok(response)), _) => {
                Err(SendError::Uncertain { why: Hindrance::Said(reply::words_of(&response)) })
            }
            (Ok(Err(error)), None) => Err(reply::read(Step::Content, &error)),
            (Ok(Err(error)), Some(_)) => Err(reply::after_dot(&error)),
            (Err(_), None) => Err(SendError::Timeout { step: Step::Content }),
            (Err(_), Some(_)) => Err(SendError::Uncertain { why: Hindrance::Late }),
        }
    }
}

/// MAIL, RCPT and DATA.
async fn announce(
    smtp: &mut AsyncSmtpConnection,
    parcel: &Parcel<'_>,
    deadline: Instant,
) -> Result<(), SendError> {
    let mut parameters = Vec::new();
    if !parcel.bytes.is_ascii() {
        if !smtp.server_info().supports_feature(Extension::EightBitMime) {
            return Err(SendError::Connection { step: Step::From, why: Hindrance::EightBit });
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = Mail::new(Some(parcel.from.clone()), parameters);
    expect(
        within(deadline, Step::From, smtp.command(from)).await?,
        Step::From,
        Severity::PositiveCompletion,
    )?;
    let to = Rcpt::new(parcel.to.clone(), Vec::new());
    expect(
        within(deadline, Step::Recipient, smtp.command(to)).await?,
        Step::Recipient,
        Severity::PositiveCompletion,
    )?;
    let data = within(deadline, Step::Data, smtp.command(Data)).await?;
    expect(data, Step::Data, Severity::PositiveIntermediate)
}

/// lettre takes every 2yz and 3yz for a yes; only one of the two is.
fn expect(response: Response, step: Step, wanted: Severity) -> Result<(), SendError> {
    if severity(&response) == wanted {
        return Ok(());
    }
    Err(SendError::Connection { step, why: Hindrance::Unexpected(response.code().into()) })
}

fn severity(response: &Response) -> Severity {
    response.code().severity
}

async fn within<T>(
    deadline: Instant,
    step: Step,
    doing: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, SendError> {
    match timeout_at(deadline, doing).await {
        Ok(done) => done.map_err(|error| reply::read(step, &error)),
        Err(_) => Err(SendError::Timeout { step }),
    }
}

/// A connection kept from before that turns out to be closed shows it at the first command.
fn gone(error: &SendError) -> bool {
    match error {
        SendError::Connection { step, .. } => *step == Step::From,
        SendError::Temporary(reply) => reply.step == Step::From && reply.code == 421,
        SendError::Permanent(_) | SendError::Timeout { .. } | SendError::Uncertain { .. } => false,
    }
}

fn broken(step: Step, error: &dyn std::fmt::Display) -> SendError {
    SendError::Connection { step, why: reply::said(error) }
}

fn address(email: &Email, step: Step) -> Result<Address, SendError> {
    email.as_str().parse().map_err(|error| broken(step, &error))
}
