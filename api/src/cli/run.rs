//! `serve`, `work`, `migrate`, `demo`.

use std::{future::Future, sync::Arc};

use mensuel_domain::lang::Lang;
use mensuel_infra::clock::SystemClock;
use tokio::signal::unix::{SignalKind, signal};

use super::{Call, Ended, Stopped, aside, say, words};
use crate::{
    demo, missing,
    serve::{self, Base, Options, Started},
    use_cases::Failure,
};

pub(super) async fn serve(call: Call) -> Result<Ended, Stopped> {
    let stop = stop_signal(call.lang)?;
    let started = serve::start(call.config.clone(), Arc::new(SystemClock), Options::default()).await?;
    say(&words::listening(call.lang, &started));
    let missing = missing::of(&started.app).await.map_err(Failure::from)?;
    for one in missing {
        say(&words::missing(&call, one));
    }
    tracing::info!(address = %started.address, "listening");
    until(stop, started).await
}

async fn until(stop: impl Future<Output = ()>, started: Started) -> Result<Ended, Stopped> {
    stop.await;
    tracing::info!("stopping");
    started.stop().await;
    Ok(Ended::Done)
}

pub(super) async fn work(call: Call) -> Result<Ended, Stopped> {
    let stop = stop_signal(call.lang)?;
    let app = serve::open(&call.config, Arc::new(SystemClock), Base::Needed).await?;
    aside(&words::working(call.lang));
    serve::work(app, stop).await;
    Ok(Ended::Done)
}

pub(super) async fn migrate(call: Call) -> Result<Ended, Stopped> {
    serve::migrate(&call.config).await?;
    say(&words::migrated(call.lang));
    Ok(Ended::Done)
}

pub(super) async fn demo(call: Call, fresh: bool) -> Result<Ended, Stopped> {
    let stop = stop_signal(call.lang)?;
    let making = || aside(words::making_the_demo(call.lang));
    let (started, links) = demo::start(call.config.clone(), Arc::new(SystemClock), fresh, making).await?;
    say(&words::listening(call.lang, &started));
    say(&words::demo(call.lang, &links));
    until(stop, started).await
}

/// Ends with the first SIGTERM or SIGINT; the handlers stand before anything is started.
fn stop_signal(lang: Lang) -> Result<impl Future<Output = ()>, Stopped> {
    let no_handler = |error| Stopped::refused(words::no_signals(lang, &error));
    let mut terminate = signal(SignalKind::terminate()).map_err(no_handler)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_handler)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
