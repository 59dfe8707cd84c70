//! The HTTP server.

use std::{
    net::{SocketAddr, TcpListener},
    time::{Duration, Instant},
};

use actix_web::{
    App as Routes, Error, HttpServer,
    body::MessageBody,
    dev::{ServerHandle, ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web,
};
use tokio::{net::TcpSocket, task::JoinHandle};

use super::CannotStart;
use crate::{
    app::App,
    demo::mailbox::{self, Folder},
    routes,
};

const WORKERS: usize = 2;
/// Connections that wait to be taken.
const BACKLOG: u32 = 4_096;
/// For the head of a request: who sends slower is cut off.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Requests still at work when the service ends get this long.
const STOP_WITHIN: u64 = 5;

pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    socket: TcpListener,
}

/// Takes the address before anything else is made: what links begin with may follow from it.
pub(crate) fn listen(address: SocketAddr) -> Result<Listener, CannotStart> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let socket = socket.listen(BACKLOG)?.into_std()?;
        Ok(Listener { address: socket.local_addr()?, socket })
    };
    open().map_err(|source| CannotStart::Listen { address, source })
}

#[derive(Debug)]
pub(super) struct Server {
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(super) async fn stop(self) {
        self.handle.stop(true).await;
        let _ = self.task.await;
    }
}

/// `mails` are shown, where there are any to show.
pub(super) fn serve(listener: Listener, app: App, mails: Option<Folder>) -> Result<Server, CannotStart> {
    let address = listener.address;
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(web::Data::new(app.clone()))
            .wrap(from_fn(note))
            .configure(|cfg| {
                // Before the others, of which the last takes every address.
                if let Some(mails) = &mails {
                    mailbox::configure(cfg, mails.clone());
                }
            })
            .configure(routes::configure)
    })
    .workers(WORKERS)
    .client_request_timeout(HEAD_WITHIN)
    .shutdown_timeout(STOP_WITHIN)
    .disable_signals()
    .listen(listener.socket)
    .map_err(|source| CannotStart::Listen { address, source })?
    .run();
    Ok(Server { handle: server.handle(), task: tokio::spawn(server) })
}

/// Logs a request by the pattern of its route: the address itself may hold somebody's link.
async fn note(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if !tracing::enabled!(target: "mensuel::access", tracing::Level::DEBUG) {
        return next.call(request).await;
    }
    let (method, begun) = (request.method().clone(), Instant::now());
    let response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
    let (status, millis) = (response.status().as_u16(), begun.elapsed().as_secs_f64() * 1_000.0);
    tracing::debug!(target: "mensuel::access", %method, route, status, millis, "answered");
    Ok(response)
}
