//! A real SMTP peer on loopback (RFC 5321): it takes mails over a socket, keeps what came in byte for byte,
//! and misbehaves on demand, at the step and in the way a test asks for.
//!
//! It lives on a thread of its own, so a test that blocks does not stop its relay.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::artifacts;

mod received;
mod session;

pub use received::{Attachment, ReceivedMail};

/// How long [`Mailbox::wait_for`] waits for mails, in real time, before it fails the test.
const PATIENCE: Duration = Duration::from_secs(120);

/// Counts the mails that this process saved, for their names: also of several peers, and after some were forgotten.
static SAVED: AtomicUsize = AtomicUsize::new(0);

/// A moment of the SMTP conversation at which the peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Banner,
    Ehlo,
    StartTls,
    Mail,
    Rcpt,
    Data,
    /// After the `.` that ends the mail: the mail is here, the sender waits to hear so.
    FinalDot,
}

/// What the peer does instead of agreeing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Answers with this code, for example 421, 450, 452, 550, 552 or 554; hangs up after a 421.
    Reply(u16),
    /// Refuses with this line, for example `550 5.7.1 Not from you`.
    Says(&'static str),
    /// Says nothing and keeps the connection open.
    Silence,
    /// Says nothing until [`Mailbox::behave`], and then agrees.
    Pause,
    /// Agrees, one byte per this time.
    Trickle(Duration),
    /// Closes the connection without an answer.
    Drop,
    /// Resets the connection (TCP RST) without an answer.
    Reset,
    /// Answers with a reply of more and more lines that never ends.
    Endless,
    /// Answers with bytes that are not SMTP.
    Garbage,
}

/// One misbehaviour: at this step, react so; at every other step agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    pub step: Step,
    pub reaction: Reaction,
}

impl Behaviour {
    pub fn at(step: Step, reaction: Reaction) -> Behaviour {
        Behaviour { step, reaction }
    }

    /// The reply codes, silences and broken connections of promise R8, each at each step.
    pub fn all() -> Vec<Behaviour> {
        use Reaction::*;
        use Step::*;
        let steps = [Banner, Ehlo, Mail, Rcpt, Data, FinalDot];
        let codes = [421, 450, 452, 550, 552, 554].map(Reply);
        let wires = [Silence, Trickle(Duration::from_secs(1)), Drop, Reset, Endless, Garbage];
        let reactions = codes.into_iter().chain(wires);
        reactions.flat_map(|reaction| steps.map(|step| Behaviour { step, reaction })).collect()
    }
}

/// What the peer was told to do and what it took, shared by its connections.
struct Book {
    state: Mutex<State>,
    count: watch::Sender<usize>,
    /// Changes at each [`Mailbox::behave`], after the scripts are gone.
    behaves: watch::Sender<()>,
    label: String,
}

#[derive(Default)]
struct State {
    standing: Option<Behaviour>,
    once: VecDeque<Behaviour>,
    for_recipient: Vec<(String, Behaviour)>,
    starttls: bool,
    connections: usize,
    pauses: usize,
    mails: Vec<ReceivedMail>,
    save_to: Option<PathBuf>,
}

impl Book {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The misbehaviour due at `step`, if any: that of the recipient first, then the next of the queue, then the standing one.
    fn reaction(&self, step: Step, recipient: Option<&str>) -> Option<Reaction> {
        let mut state = self.state();
        let personal = recipient.and_then(|address| {
            let hit = |(to, b): &&(String, Behaviour)| b.step == step && to.eq_ignore_ascii_case(address);
            state.for_recipient.iter().find(hit).map(|(_, b)| b.reaction)
        });
        if personal.is_some() {
            return personal;
        }
        if state.once.front().is_some_and(|next| next.step == step) {
            return state.once.pop_front().map(|next| next.reaction);
        }
        state.standing.filter(|standing| standing.step == step).map(|standing| standing.reaction)
    }

    fn keep(&self, mail: ReceivedMail) -> usize {
        let mut state = self.state();
        state.mails.push(mail);
        let (index, count) = (state.mails.len() - 1, state.mails.len());
        self.save(&state, index);
        drop(state);
        self.count.send_replace(count);
        index
    }

    fn acknowledged(&self, index: usize) {
        if let Some(mail) = self.state().mails.get_mut(index) {
            mail.acknowledged = true;
        }
    }

    fn save(&self, state: &State, index: usize) {
        if let Some(folder) = &state.save_to {
            let number = SAVED.fetch_add(1, Ordering::Relaxed);
            artifacts::write(folder, &format!("{}-{number}.eml", self.label), &state.mails[index].raw);
        }
    }
}

/// A running SMTP peer; it stops when it is dropped.
pub struct Mailbox {
    address: SocketAddr,
    book: Arc<Book>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Mailbox {
    /// Listens on a free loopback port. Mails are also written to `$MENSUEL_ARTIFACTS_DIR` when it is set,
    /// where other programs read them after the run.
    pub async fn start() -> Mailbox {
        Mailbox::listen(artifacts::folder()).await
    }

    async fn listen(save_to: Option<PathBuf>) -> Mailbox {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("a bound listener has an address");
        let label = artifacts::label();
        let state = Mutex::new(State { save_to, ..State::default() });
        let book =
            Arc::new(Book { state, count: watch::Sender::new(0), behaves: watch::Sender::new(()), label });
        let (stop, stopped) = oneshot::channel();
        let shared = book.clone();
        let thread = std::thread::spawn(move || run(listener, shared, stopped));
        Mailbox { address, book, stop: Some(stop), thread: Some(thread) }
    }

    /// `smtp://127.0.0.1:PORT`, as `MENSUEL_SMTP_URL` wants it.
    pub fn url(&self) -> String {
        self.url_with("smtp")
    }

    /// The same with another scheme, for example `smtp+starttls`.
    pub fn url_with(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on, until [`Mailbox::behave`]: misbehaves so on every connection.
    pub fn script(&self, behaviour: Behaviour) {
        self.book.state().standing = Some(behaviour);
    }

    /// Misbehaves so the next time this step is reached, once; several calls are played in their order.
    pub fn script_once(&self, behaviour: Behaviour) {
        self.book.state().once.push_back(behaviour);
    }

    /// Misbehaves so for this recipient only. Steps before RCPT know no recipient.
    pub fn script_for(&self, recipient: &str, behaviour: Behaviour) {
        self.book.state().for_recipient.push((recipient.to_owned(), behaviour));
    }

    /// Offers STARTTLS, answers 220 to it, and then speaks no TLS.
    pub fn offer_broken_starttls(&self) {
        self.book.state().starttls = true;
    }

    /// Forgets every script and agrees to everything again.
    pub fn behave(&self) {
        let mut state = self.book.state();
        state.standing = None;
        state.once.clear();
        state.for_recipient.clear();
        state.starttls = false;
        drop(state);
        self.book.behaves.send_replace(());
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.book.state().connections
    }

    /// How many times [`Reaction::Pause`] began so far.
    pub fn pauses(&self) -> usize {
        self.book.state().pauses
    }

    /// All mails whose final dot came in, oldest first, those included whose sender heard no 250
    /// (see [`ReceivedMail::acknowledged`]); refused ones are not here.
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.book.state().mails.clone()
    }

    /// The mails to one address, in any case, oldest first.
    pub fn received_by(&self, recipient: &str) -> Vec<ReceivedMail> {
        let mails = self.received();
        mails.into_iter().filter(|mail| mail.to().eq_ignore_ascii_case(recipient)).collect()
    }

    /// Waits until `n` mails came in, and gives them all.
    ///
    /// # Panics
    /// After two minutes of real time, with the subjects of the mails that did come.
    pub async fn wait_for(&self, n: usize) -> Vec<ReceivedMail> {
        let mut count = self.book.count.subscribe();
        let arrived = tokio::time::timeout(PATIENCE, count.wait_for(|have| *have >= n)).await;
        if arrived.is_err() {
            panic!("waited for {n} mails, got {}: {}", self.received().len(), self.digest());
        }
        self.received()
    }

    /// One line per mail, recipient and subject: for the message of a failed assertion.
    pub fn digest(&self) -> String {
        let lines =
            self.received().iter().map(|m| format!("\n  {}: {}", m.to(), m.subject())).collect::<String>();
        if lines.is_empty() { "no mail".to_owned() } else { lines }
    }

    /// For thousands of mails that are all alike: from now on none is written anywhere.
    pub fn save_no_more(&self) {
        self.book.state().save_to = None;
    }

    /// Forgets the mails taken so far; [`Mailbox::wait_for`] counts from zero again.
    pub fn clear(&self) {
        self.book.state().mails.clear();
        self.book.count.send_replace(0);
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(listener: std::net::TcpListener, book: Arc<Book>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime for the SMTP peer").block_on(async move {
        let listener = TcpListener::from_std(listener).expect("a listener on the peer's runtime");
        // Dropping the runtime at the end of this block ends every open conversation.
        tokio::select! {
            () = accept(listener, book) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: TcpListener, book: Arc<Book>) {
    while let Ok((stream, _)) = listener.accept().await {
        book.state().connections += 1;
        let book = book.clone();
        tokio::spawn(async move {
            // A client that hangs up is part of what these tests do.
            let _ = session::converse(stream, &book).await;
        });
    }
}

#[cfg(test)]
mod tests;
