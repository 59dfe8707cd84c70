//! The one place that reads the wall clock.
//!
//! Everything else is given `now`, or an [`Arc<dyn Clock>`](std::sync::Arc) when it has to wait.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use tokio::sync::watch;
use uuid::Uuid;

/// A wait that ends, boxed so that a clock can be shared as `dyn Clock`.
pub type Wait<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What time it is, and waiting for a time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant, cut to the microsecond: what both databases keep.
    fn now(&self) -> DateTime<Utc>;

    /// Ends when [`Clock::now`] has reached the instant; at once when it is past.
    fn sleep_until(&self, instant: DateTime<Utc>) -> Wait<'_>;

    /// Ends when the clock is next set by hand after this call, not after the first poll, so a
    /// change between call and wait is not missed. Never ends on a clock that nobody sets.
    fn changed(&self) -> Wait<'_>;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A machine that sleeps, or whose clock is corrected, makes a timer late or early: so a long
/// wait looks at the clock again this often.
const LONGEST_NAP: Duration = Duration::from_secs(30);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn sleep_until(&self, instant: DateTime<Utc>) -> Wait<'_> {
        Box::pin(async move {
            while let Ok(left) = (instant - self.now()).to_std() {
                if left.is_zero() {
                    return;
                }
                // One microsecond more than is left, because `now` is cut and never rounded up.
                tokio::time::sleep(left.min(LONGEST_NAP) + Duration::from_micros(1)).await;
            }
        })
    }

    fn changed(&self) -> Wait<'_> {
        Box::pin(std::future::pending())
    }
}

/// A clock that stands still until it is set. Everybody who waits on it wakes when it moves.
#[derive(Debug)]
pub struct FakeClock {
    now: watch::Sender<DateTime<Utc>>,
}

impl FakeClock {
    /// A clock that shows this instant, cut to the microsecond.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self { now: watch::Sender::new(instant.trunc_subsecs(6)) }
    }

    /// Shows another instant, earlier or later.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.now.send_replace(instant.trunc_subsecs(6));
    }

    /// Moves on (or back, with a negative duration).
    pub fn advance(&self, by: TimeDelta) {
        self.now.send_modify(|now| *now = (*now + by).trunc_subsecs(6));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.borrow()
    }

    fn sleep_until(&self, instant: DateTime<Utc>) -> Wait<'_> {
        let mut seen = self.now.subscribe();
        Box::pin(async move {
            // The sender lives as long as the borrow of `self`, so this cannot fail.
            let _ = seen.wait_for(|now| *now >= instant).await;
        })
    }

    fn changed(&self) -> Wait<'_> {
        let mut seen = self.now.subscribe();
        Box::pin(async move {
            let _ = seen.changed().await;
        })
    }
}

/// How many ids this process has made.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A new UUIDv7 (RFC 9562, section 5.7) of an instant of the clock. The 12 bits behind the
/// millisecond are its fraction (section 6.2, method 3), and 22 bits count (method 1), so the ids
/// of one process sort in the order in which they were made, within a microsecond too; the other
/// 40 bits are random. An instant before 1970 counts as 1970.
pub fn new_uuid(now: DateTime<Utc>) -> Uuid {
    let micros = u64::try_from(now.timestamp_micros()).unwrap_or(0);
    let fraction = u16::try_from(micros % 1_000 * 4_096 / 1_000).unwrap_or(0);
    let mut rest: [u8; 10] = rand::random();
    rest[..2].copy_from_slice(&fraction.to_be_bytes());
    // The variant takes the two bits above.
    let count = MADE.fetch_add(1, Ordering::Relaxed) & 0x3F_FFFF;
    rest[2..5].copy_from_slice(&count.to_be_bytes()[1..]);
    uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &rest).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn instants_are_cut_to_the_microsecond() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
        let clock = FakeClock::at(instant("2026-12-01T08:00:00.123456789Z"));
        assert_eq!(clock.now(), instant("2026-12-01T08:00:00.123456Z"));
        clock.advance(TimeDelta::nanoseconds(1_999));
        assert_eq!(clock.now(), instant("2026-12-01T08:00:00.123457Z"));
        clock.set(instant("2026-12-01T07:00:00.0000009Z"));
        assert_eq!(clock.now(), instant("2026-12-01T07:00:00Z"));
    }

    #[tokio::test]
    async fn who_sleeps_on_a_fake_clock_wakes_when_it_gets_there() {
        let clock = Arc::new(FakeClock::at(instant("2026-12-01T08:00:00Z")));
        let shared: Arc<dyn Clock> = clock.clone();
        let sleeper = tokio::spawn(async move { shared.sleep_until(instant("2026-12-02T08:00:00Z")).await });
        clock.advance(TimeDelta::hours(23));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(TimeDelta::hours(1));
        sleeper.await.unwrap();
        clock.sleep_until(instant("2026-12-01T08:00:00Z")).await;
    }

    #[tokio::test]
    async fn a_change_between_call_and_wait_is_seen() {
        let clock = FakeClock::at(instant("2026-12-01T08:00:00Z"));
        let changed = clock.changed();
        clock.set(instant("2026-11-01T08:00:00Z"));
        changed.await;
    }

    #[tokio::test]
    async fn the_machine_clock_wakes_at_the_instant_and_not_before() {
        let until = SystemClock.now() + TimeDelta::milliseconds(20);
        SystemClock.sleep_until(until).await;
        assert!(SystemClock.now() >= until);
        SystemClock.sleep_until(until).await;
    }

    #[test]
    fn ids_are_version_7_and_sort_by_the_microsecond() {
        let first = instant("2026-12-01T08:00:00.000001Z");
        let ids: Vec<Uuid> = (0..2_000).map(|n| new_uuid(first + TimeDelta::microseconds(n))).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        let (seconds, nanos) = ids[0].get_timestamp().unwrap().to_unix();
        assert_eq!((i64::try_from(seconds).unwrap(), nanos), (first.timestamp(), 0));
        let at_once: Vec<Uuid> = (0..2_000).map(|_| new_uuid(first)).collect();
        assert!(at_once.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
