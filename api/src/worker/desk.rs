//! The queue: rows are claimed as they come due, a few dozen at once.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use mensuel_infra::store::{
    StoreError,
    outbox::{self, Notice},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};
use uuid::Uuid;

use super::{attempt, told_to_stop};
use crate::app::App;

/// Mails at work at once. Each waits for one of the relay's few connections, or for the answer of
/// a slow relay, which frees the connection meanwhile.
const AT_WORK: usize = 64;
/// Fewer free places are not worth a claim of their own, unless nothing was claimed for a while.
const WORTH_CLAIMING: usize = AT_WORK / 4;
const WHILE: Duration = Duration::from_secs(1);
/// Before the database is asked again for what it did not give.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Desk {
    app: App,
    at_work: JoinSet<usize>,
    claimed: Instant,
}

/// Works the queue until told to stop, then waits for the mails at work.
pub(super) async fn keep(app: App, mut stop: watch::Receiver<bool>) {
    let mut desk = Desk::new(&app);
    let mut changes = app.store.changes();
    loop {
        // Asked for before the rows are: what happens in between is not missed.
        let (changed, rung) = (app.clock.changed(), app.mail_waits.notified());
        let next = desk.claim_and_look().await;
        let idle = desk.at_work.is_empty();
        tokio::select! {
            () = told_to_stop(&mut stop) => break,
            Some(_) = desk.at_work.join_next() => {}
            () = rung => {}
            _ = changes.changed() => {}
            () = changed => {}
            () = wait(&app, next, idle) => {}
        }
    }
    while desk.at_work.join_next().await.is_some() {}
}

/// Until a row comes due. One that is due and was not claimed waits for another one, or for room.
async fn wait(app: &App, next: Option<DateTime<Utc>>, idle: bool) {
    match next {
        Some(next) if next <= app.now() => sleep(if idle { PAUSE } else { WHILE }).await,
        Some(next) => app.clock.sleep_until(next).await,
        None => std::future::pending().await,
    }
}

impl Desk {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone(), at_work: JoinSet::new(), claimed: Instant::now() }
    }

    /// Works until nothing that can be claimed is due.
    pub(super) async fn work_off(mut self) -> Result<usize, StoreError> {
        let mut settled = 0;
        loop {
            let claimed = self.claim().await?;
            match self.at_work.join_next().await {
                Some(done) => settled += done.unwrap_or(0),
                None if claimed => {}
                None => return Ok(settled),
            }
        }
    }

    /// Claims what is due; answers when the next row is.
    async fn claim_and_look(&mut self) -> Option<DateTime<Utc>> {
        let free = AT_WORK - self.at_work.len();
        let looked = async {
            let next = outbox::next_due(self.app.store.read()).await?;
            let due = next.is_some_and(|next| next <= self.app.now());
            if due && (free >= WORTH_CLAIMING || self.claimed.elapsed() >= WHILE) {
                self.claim().await?;
                return outbox::next_due(self.app.store.read()).await;
            }
            Ok(next)
        };
        match looked.await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%error, "the queue of mails could not be read");
                Some(self.app.now())
            }
        }
    }

    /// Claims as many rows as there is room for; whether there were any.
    async fn claim(&mut self) -> Result<bool, StoreError> {
        let free = AT_WORK.saturating_sub(self.at_work.len());
        if free == 0 {
            return Ok(false);
        }
        let (lease, notices) = outbox::claim(&self.app.store, self.app.now(), free as u64).await?;
        self.claimed = Instant::now();
        let any = !notices.is_empty();
        for in_order in by_person(notices) {
            self.at_work.spawn(attempt::in_order(self.app.clone(), lease, in_order));
        }
        Ok(any)
    }
}

/// What one person is told of one evening goes one after the other; the rest side by side.
fn by_person(notices: Vec<Notice>) -> Vec<Vec<Notice>> {
    let mut order: Vec<(Option<Uuid>, Uuid)> = Vec::new();
    let mut groups: BTreeMap<(Option<Uuid>, Uuid), Vec<Notice>> = BTreeMap::new();
    for notice in notices {
        let key = (notice.event.map(mensuel_domain::id::Id::uuid), notice.recipient.uuid());
        let group = groups.entry(key).or_insert_with(|| {
            order.push(key);
            Vec::new()
        });
        group.push(notice);
    }
    let sorted = |mut group: Vec<Notice>| {
        group.sort_by_key(|notice| (notice.change, notice.id));
        group
    };
    order.into_iter().filter_map(|key| groups.remove(&key)).map(sorted).collect()
}
