//! A mailbox that is looked into every minute.

use std::time::Duration;

use mensuel_infra::{
    mail::imap::{ImapError, Mailbox, Memory, Taken},
    store::inbound::Door,
};
use tokio::{sync::watch, time::sleep};

use super::take_in;
use crate::app::App;

/// Between two visits. What comes in waits so long at most.
const EVERY: Duration = Duration::from_secs(60);

/// Looks into the mailbox until told to stop.
pub async fn keep(app: App, mailbox: Mailbox, mut stop: watch::Receiver<bool>) {
    let (mut away, mut memory) = (false, Memory::default());
    loop {
        let visited = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            visited = visit(&app, &mailbox, &mut memory) => visited,
        };
        match visited {
            Ok(_) => away = false,
            Err(error) if !away => {
                tracing::warn!(%error, "the mailbox could not be looked into; it is tried each minute");
                away = true;
            }
            Err(_) => {}
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(EVERY) => {}
        }
    }
}

/// Takes in what is unseen now; a mail that cannot be taken in stays unseen.
///
/// # Errors
/// When the mailbox cannot be reached or refuses us.
pub async fn visit(app: &App, mailbox: &Mailbox, memory: &mut Memory) -> Result<usize, ImapError> {
    let take = |raw| async move {
        match take_in(app, Door::Imap, raw, None).await {
            Ok(_) => Taken::Done,
            Err(failure) => {
                tracing::warn!(?failure, "a mail could not be taken in now");
                Taken::NotNow
            }
        }
    };
    mailbox.visit(memory, app.inbox.limits.mail, take).await
}
