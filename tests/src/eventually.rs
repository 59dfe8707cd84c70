//! Waiting for what happens outside of the test: in another process, another instance, a relay.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Between two looks. Nobody rings when another process did something, so somebody has to look
/// again: here, and nowhere else in the tests.
const PAUSE: Duration = Duration::from_millis(5);
/// Longer than anything takes on a machine that does other things meanwhile.
const LONG: Duration = Duration::from_secs(120);

/// Looks until there is something to see.
///
/// # Panics
/// After two minutes, with what was waited for.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(LONG, what, look).await
}

/// As [`eventually`], for what is promised within a time.
///
/// # Panics
/// When the time is over, with what was waited for.
pub async fn within<T>(time: Duration, what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    soon(time, look).await.unwrap_or_else(|| panic!("not within {time:?}: {what}"))
}

/// As [`within`], for what may also not come: nothing, when the time is over.
pub async fn soon<T>(time: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + time;
    loop {
        // Seen in the end counts, however long the look itself took to be scheduled.
        let over = Instant::now() >= end;
        let seen = look().await;
        if seen.is_some() || over {
            return seen;
        }
        sleep(PAUSE).await;
    }
}
