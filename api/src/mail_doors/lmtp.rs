//! LMTP on loopback: the mail server of this machine hands mail over.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use mensuel_infra::{
    mail::{
        inbound::Recipient,
        lmtp::{Desk, Handed, Taken, session},
    },
    store::inbound::Door,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::sleep,
};

use super::{take_in, with_return_path};
use crate::app::App;

/// Peers at once; a mail server uses few.
const SESSIONS: usize = 16;
/// No file handle is free, mostly: it passes.
const AFTER_AN_ERROR: Duration = Duration::from_millis(100);

/// Listens until told to stop; mail that is being handed over then is finished.
pub async fn serve(app: App, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let free = Arc::new(Semaphore::new(SESSIONS));
    let mut sessions = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&free).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = told_to_stop(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        while sessions.try_join_next().is_some() {}
        match accepted {
            Ok((peer, _)) => {
                let app = app.clone();
                sessions.spawn(async move {
                    speak(app, peer).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a mail server could not be let in");
                sleep(AFTER_AN_ERROR).await;
            }
        }
    }
    drop(listener);
    while sessions.join_next().await.is_some() {}
}

async fn speak(app: App, peer: TcpStream) {
    let _ = peer.set_nodelay(true);
    let (host, limit) = (app.links.host().to_owned(), app.inbox.limits.mail);
    if let Err(error) = session(peer, &host, limit, &Reception(app)).await {
        tracing::debug!(%error, "a mail server went away");
    }
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Opens the port.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

struct Reception(App);

impl Desk for Reception {
    fn knows(&self, recipient: &str) -> bool {
        self.0.inbox.addresses.read(recipient) != Recipient::Other
    }

    async fn take(&self, mail: Handed) -> Taken {
        let raw = with_return_path(&mail.return_path, &mail.content);
        match take_in(&self.0, Door::Lmtp, raw, Some(mail.recipient)).await {
            Ok(_) => Taken::Done,
            Err(failure) => {
                tracing::warn!(?failure, "a mail could not be taken in now");
                Taken::NotNow
            }
        }
    }
}
