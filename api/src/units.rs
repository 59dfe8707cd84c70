//! Units of work: tasks of the process's own runtime, each tried whole until it is settled.

use std::{future::Future, time::Duration};

use mensuel_infra::store::StoreError;
use tokio::{runtime::Handle, sync::watch, task::JoinHandle, time::sleep};

use crate::use_cases::Failure;

/// How often a unit is tried that the database undid. After it was restarted, each connection kept
/// from before fails once.
const TRIES: u32 = 12;
/// The pause after the first try; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Where units of work run, and how many are at it. A worker of the HTTP server ends with its
/// connections and drops the tasks of its runtime; the runtime of the process outlives them all.
#[derive(Debug)]
pub struct Units {
    runtime: Handle,
    at_work: watch::Sender<usize>,
}

impl Units {
    /// On the runtime that this is called from.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn here() -> Self {
        Self { runtime: Handle::current(), at_work: watch::Sender::new(0) }
    }

    /// Begins one; it counts as at work from now on.
    pub fn begin<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.at_work.send_modify(|count| *count += 1);
        let counted = Counted(self.at_work.clone());
        self.runtime.spawn(async move {
            let _counted = counted;
            work.await
        })
    }

    /// Ends when none is at work.
    pub async fn done(&self) {
        let _ = self.at_work.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// Counts down when the task ends, however it ends.
struct Counted(watch::Sender<usize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Does it again from its beginning while the database undid it. Anything else is the outcome,
/// uncertainty about a COMMIT above all: what may have happened is not done twice.
pub async fn whole<T, F>(work: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match work().await {
            Err(Failure::Store(StoreError::Interrupted(error))) => {
                tracing::info!(error, "the database undid a unit of work, which begins again");
            }
            outcome => return outcome,
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    work().await
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;
    use crate::use_cases::Refused;

    async fn tried(outcome: impl Fn(u32) -> Result<(), Failure>) -> (u32, Result<(), Failure>) {
        let tries = AtomicU32::new(0);
        let done = whole(async || outcome(tries.fetch_add(1, Ordering::Relaxed) + 1)).await;
        (tries.into_inner(), done)
    }

    fn interrupted() -> Failure {
        StoreError::Interrupted("deadlock detected".to_owned()).into()
    }

    #[tokio::test]
    async fn what_the_database_undid_is_done_again_and_nothing_else_is() {
        let (tries, done) = tried(|at| if at < 4 { Err(interrupted()) } else { Ok(()) }).await;
        assert!(tries == 4 && done.is_ok(), "{tries} {done:?}");
        let (tries, done) = tried(|_| Err(interrupted())).await;
        assert!(tries == TRIES && matches!(done, Err(Failure::Store(StoreError::Interrupted(_)))));
        for once in [
            || Failure::Store(StoreError::Database("connection lost at COMMIT".to_owned())),
            || Failure::Store(StoreError::Taken("members_email".to_owned())),
            || Failure::Refused(Refused::Missing),
            || Failure::Panicked,
        ] {
            let (tries, done) = tried(|_| Err(once())).await;
            assert!(tries == 1 && done.is_err());
        }
    }

    /// A worker of the HTTP server is such a runtime.
    #[tokio::test]
    async fn a_unit_outlives_the_runtime_that_asked_for_it() {
        let units = Arc::new(Units::here());
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let asking = units.clone();
        let task = std::thread::spawn(move || {
            let worker = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _inside = worker.enter();
            asking.begin(async move { gone.await.is_ok() })
        })
        .join()
        .unwrap();
        assert_eq!(*units.at_work.borrow(), 1);
        go.send(()).unwrap();
        assert!(task.await.unwrap(), "it was not dropped");
        units.done().await;
    }

    #[tokio::test]
    async fn a_unit_that_panics_is_done_too() {
        let units = Units::here();
        let task = units.begin(async { assert!(std::env::args().count() == 0, "a fault") });
        assert!(task.await.is_err());
        units.done().await;
    }
}
