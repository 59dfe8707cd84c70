//! One attempt: write the mail, send it outside of any transaction, write what came of it while
//! the lease is still held.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use i18n_embed_fl::fl;
use mensuel_infra::{
    mail::{
        message,
        relay::{Accepted, SendError},
    },
    store::{
        StoreError,
        outbox::{self, Because, Lease, Notice, Outcome},
    },
};
use tokio::{sync::watch, time::sleep};
use uuid::Uuid;

use super::{
    ladder::{self, Next},
    refusal::{self, Judged},
};
use crate::{
    app::App,
    i18n::words,
    letters::{self, Mail, Ready},
};

/// How often the lease of a living attempt is renewed.
const RENEW_EVERY: TimeDelta = TimeDelta::seconds(15);
/// A mail has left and the database does not answer: how often, and how far apart, it is asked again.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// Works the rows of one claim that are for one person about one evening; answers how many were
/// settled.
pub(super) async fn in_order(app: App, lease: Lease, notices: Vec<Notice>) -> usize {
    let ours: Vec<Uuid> = notices.iter().map(|notice| notice.id).collect();
    let count = notices.len();
    let left = if count > 1 { still_needed(&app, lease, notices, &ours).await } else { notices };
    let mut settled = count - left.len();
    for (at, notice) in left.into_iter().enumerate() {
        match one(&app, lease, &notice, &ours, at > 0).await {
            Ok(true) => settled += 1,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, notice = %notice.id, "a mail is tried again when its lease ends");
            }
        }
        app.mail_waits.notify_waiters();
    }
    settled
}

/// Drops what needs no mail before the first one leaves, the latest first: a move is said by the
/// invitation that waits before it, and no longer once that has left.
async fn still_needed(app: &App, lease: Lease, notices: Vec<Notice>, ours: &[Uuid]) -> Vec<Notice> {
    let mut needed = Vec::new();
    for notice in notices.into_iter().rev() {
        let dropped = match letters::prepare(app, &notice, ours).await {
            Ok(Ready::Drop(why)) => settle(app, lease, &notice, Outcome::Dropped { why }).await,
            Ok(Ready::Mail(_) | Ready::NotYet) => Ok(false),
            Err(error) => Err(error),
        };
        if !dropped.unwrap_or(false) {
            needed.push(notice);
        }
    }
    needed.reverse();
    needed
}

/// Whether an outcome was written.
async fn one(
    app: &App,
    lease: Lease,
    notice: &Notice,
    ours: &[Uuid],
    waited: bool,
) -> Result<bool, StoreError> {
    let mut held_since = lease.since;
    // While those before it were sent nobody renewed its lease.
    if waited {
        held_since = app.now();
        if !outbox::renew(&app.store, lease, notice.id, held_since).await? {
            return Ok(false);
        }
    }
    let outcome = match letters::prepare(app, notice, ours).await {
        Ok(Ready::Mail(mail)) => match send(app, lease, held_since, notice, *mail).await {
            Some(outcome) => outcome,
            None => return Ok(false),
        },
        Ok(Ready::Drop(why)) => Outcome::Dropped { why },
        Ok(Ready::NotYet) => {
            outbox::release(&app.store, lease, notice.id).await?;
            return Ok(false);
        }
        Err(StoreError::Corrupt(what)) => {
            tracing::error!(what, notice = %notice.id, "a mail could not be written");
            later(app, notice, None, fault(app), Because::Passing)
        }
        Err(error) => return Err(error),
    };
    settle(app, lease, notice, outcome).await
}

/// `None` when the lease was lost, and it is another attempt's to say what came of it, or when too
/// much went to that destination within the minute.
async fn send(
    app: &App,
    lease: Lease,
    held_since: DateTime<Utc>,
    notice: &Notice,
    mail: Mail,
) -> Option<Outcome> {
    let Mail { outgoing, with_entry, listed, not_after } = mail;
    if let Err(free) = app.pace.take(&outgoing.to.email, app.now()) {
        postpone(app, lease, notice, free).await;
        return None;
    }
    let bytes = match message::to_bytes(&outgoing) {
        Ok(bytes) => signed(app, bytes, outgoing.date),
        Err(error) => {
            tracing::error!(%error, notice = %notice.id, "a mail could not be written");
            return Some(later(app, notice, not_after, fault(app), Because::Passing));
        }
    };
    let sending = app.mailer.send(&outgoing.envelope_from, &outgoing.to.email, &bytes);
    Some(match held(app, lease, held_since, notice, sending).await? {
        Ok(Accepted::Relay { .. } | Accepted::File { .. }) => {
            Outcome::Sent { to: outgoing.to.email, with_entry, listed }
        }
        Err(error) => {
            tracing::warn!(%error, notice = %notice.id, attempt = notice.attempts, "a mail was not accepted");
            let judged = refusal::judge(&error, app.community.language);
            outcome(app, notice, judged, outgoing.to.email, not_after)
        }
    })
}

/// The same for each attempt: the signature bears the mail's own date.
fn signed(app: &App, mail: Vec<u8>, date: DateTime<Utc>) -> Vec<u8> {
    match &app.dkim {
        Some(dkim) => dkim.signed(&mail, date),
        None => mail,
    }
}

async fn postpone(app: &App, lease: Lease, notice: &Notice, until: DateTime<Utc>) {
    if let Err(error) = outbox::postpone(&app.store, lease, notice.id, until).await {
        tracing::warn!(%error, notice = %notice.id, "a mail that was put off is tried when its lease ends");
    }
}

/// Runs an attempt while renewing its lease; `None` when the lease was lost.
///
/// A process that stood still may find its lease ended, and the mail sent by another one. Until it knows, it says
/// nothing more to the relay.
async fn held(
    app: &App,
    lease: Lease,
    since: DateTime<Utc>,
    notice: &Notice,
    sending: impl Future<Output = Result<Accepted, SendError>>,
) -> Option<Result<Accepted, SendError>> {
    let since = watch::Sender::new(since);
    let mut sending = pin!(sending);
    let while_held = poll_fn(|context| {
        let ends = *since.borrow() + outbox::LEASE;
        if app.now() < ends { sending.as_mut().poll(context) } else { Poll::Pending }
    });
    // Side by side: a database that is slow to renew must not stop the conversation with the relay before.
    tokio::select! {
        // In this order: what a renewal allows again is asked for in the same turn, as nothing else wakes it.
        biased;
        () = renew_until_lost(app, lease, notice, &since) => None,
        done = while_held => Some(done),
    }
}

async fn renew_until_lost(app: &App, lease: Lease, notice: &Notice, since: &watch::Sender<DateTime<Utc>>) {
    let mut counted_from = *since.borrow();
    loop {
        app.clock.sleep_until(counted_from + RENEW_EVERY).await;
        // Before it is written, so that the time that takes does not put off the next.
        counted_from = app.now();
        match outbox::renew(&app.store, lease, notice.id, counted_from).await {
            Ok(true) => drop(since.send_replace(counted_from)),
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "a lease could not be renewed now"),
        }
    }
}

fn outcome(
    app: &App,
    notice: &Notice,
    judged: Judged,
    to: mensuel_domain::text::Email,
    not_after: Option<DateTime<Utc>>,
) -> Outcome {
    let w = words(app.community.language);
    let uncertain = fl!(w, "mail-uncertain");
    // Once the mail may have arrived, that is remembered until the end.
    let before = notice.uncertain;
    let said = |error: String| if before { format!("{uncertain} {error}") } else { error };
    match judged {
        Judged::NoSuchAddress(error) => Outcome::Failed { error, stops: Some(to) },
        Judged::Refused(error) => Outcome::Failed { error, stops: None },
        Judged::Again(error) => later(app, notice, not_after, said(error), Because::Passing),
        Judged::Ours(trouble) => {
            later(app, notice, not_after, said(trouble.reason.clone()), Because::Refused(trouble))
        }
        Judged::Full(error) => {
            let stopped = fl!(w, "mail-full", reply = error.as_str());
            let again = fl!(w, "mail-later", reply = error.as_str());
            later(app, notice, not_after, said(again), Because::Full { address: to, stopped })
        }
        // A third copy would annoy more than a lost one.
        Judged::Uncertain if before => Outcome::Failed { error: fl!(w, "mail-uncertain-twice"), stops: None },
        Judged::Uncertain => later(app, notice, not_after, uncertain, Because::Uncertain),
    }
}

fn later(
    app: &App,
    notice: &Notice,
    not_after: Option<DateTime<Utc>>,
    error: String,
    because: Because,
) -> Outcome {
    let w = words(app.community.language);
    match ladder::next(notice.attempts, notice.id, notice.created_at, not_after, app.now()) {
        Next::At(due_at) => Outcome::Later { due_at, error, because },
        Next::Expired => Outcome::Expired { error: format!("{} {error}", fl!(w, "mail-expired")) },
        Next::TooLate => Outcome::Expired { error: format!("{} {error}", fl!(w, "mail-too-late")) },
    }
}

fn fault(app: &App) -> String {
    fl!(words(app.community.language), "mail-fault")
}

/// Writes the outcome. A mail that has left and is not known to have left would leave again, so a
/// database that is away is waited for.
async fn settle(app: &App, lease: Lease, notice: &Notice, outcome: Outcome) -> Result<bool, StoreError> {
    let mut tries = 1;
    loop {
        match outbox::settle(&app.store, lease, notice, outcome.clone(), app.now()).await {
            Err(StoreError::Interrupted(error) | StoreError::Database(error)) if tries < TRIES => {
                tracing::warn!(error, notice = %notice.id, "what came of a mail could not be written yet");
                tries += 1;
                sleep(BETWEEN_TRIES).await;
            }
            done => return done,
        }
    }
}
