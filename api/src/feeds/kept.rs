//! Bytes that are kept until the community changes or a day begins.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::NaiveDate;
use tokio::{sync::Mutex, time::Instant};

use super::{NotServed, Served};
use crate::app::App;

/// Feeds and pages as they were last made, by name. They are made anew, once for all who wait, when
/// somebody asks and the community has changed since: a change that was acknowledged in this
/// process is never hidden by them. While the database is away the last good ones are served.
#[derive(Debug, Default)]
pub struct Kept {
    slots: RwLock<HashMap<String, Arc<Slot>>>,
}

#[derive(Debug, Default)]
struct Slot {
    last: RwLock<Option<Made>>,
    /// Held by who makes; since when making has failed.
    turn: Mutex<Option<Instant>>,
}

#[derive(Clone, Debug)]
struct Made {
    version: Version,
    served: Served,
}

/// What the bytes follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    change: i64,
    day: NaiveDate,
}

/// Names in all. Addresses that nobody links to cannot fill the memory.
const MOST: usize = 1_000;
/// Bytes in all.
const LARGEST: usize = 16 << 20;
/// While the database is away one reader in this time waits for it, the others do not.
const BETWEEN_FAILURES: Duration = Duration::from_secs(1);

impl Version {
    fn of(app: &App) -> Self {
        Self { change: app.store.change().number, day: app.today() }
    }
}

impl Kept {
    /// The bytes under this name, made now if the community has changed since. What `make` reads
    /// it reads after this was called.
    pub async fn get_or_make<F, Fut>(&self, name: &str, app: &App, make: F) -> Result<Served, NotServed>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Served, NotServed>>,
    {
        self.serve(name, app, make, |_, _| true).await
    }

    /// As [`Kept::get_or_make`], for what can be revoked: after a change nothing older is served,
    /// whether the database is there or not.
    pub async fn get_or_make_secret<F, Fut>(
        &self,
        name: &str,
        app: &App,
        make: F,
    ) -> Result<Served, NotServed>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Served, NotServed>>,
    {
        self.serve(name, app, make, |then, now| then.change == now.change).await
    }

    async fn serve<F, Fut>(
        &self,
        name: &str,
        app: &App,
        make: F,
        may_fall_back: fn(Version, Version) -> bool,
    ) -> Result<Served, NotServed>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Served, NotServed>>,
    {
        let slot = self.slot(name);
        if let Some(served) = slot.of(Version::of(app)) {
            return Ok(served);
        }
        let mut turn = slot.turn.lock().await;
        // Taken before anything is read: bytes newer than their version are made once more at most.
        let version = Version::of(app);
        if let Some(served) = slot.of(version) {
            return Ok(served);
        }
        let last = slot.last().filter(|made| may_fall_back(made.version, version)).map(|made| made.served);
        if let (Some(last), Some(failed)) = (&last, *turn)
            && failed.elapsed() < BETWEEN_FAILURES
        {
            return Ok(last.clone());
        }
        match (make().await, last) {
            (Ok(served), _) => {
                *turn = None;
                slot.put(Some(Made { version, served: served.clone() }));
                Ok(served)
            }
            (Err(NotServed::Store(error)), Some(last)) => {
                tracing::warn!(%error, "kept bytes are served as they were");
                *turn = Some(Instant::now());
                Ok(last)
            }
            (Err(NotServed::Store(error)), None) => Err(NotServed::Store(error)),
            (Err(refused @ (NotServed::Missing | NotServed::Gone)), _) => {
                slot.put(None);
                Err(refused)
            }
        }
    }

    fn slot(&self, name: &str) -> Arc<Slot> {
        let known = self.slots.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| self.new_slot(name))
    }

    fn new_slot(&self, name: &str) -> Arc<Slot> {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = slots.values().filter_map(|slot| Some(slot.last()?.served.bytes.len())).sum();
        if slots.len() >= MOST || bytes > LARGEST {
            slots.retain(|name, _| name.starts_with("calendar"));
        }
        Arc::clone(slots.entry(name.to_owned()).or_default())
    }
}

impl Slot {
    fn last(&self) -> Option<Made> {
        self.last.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn of(&self, version: Version) -> Option<Served> {
        self.last().filter(|made| made.version == version).map(|made| made.served)
    }

    fn put(&self, made: Option<Made>) {
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = made;
    }
}
