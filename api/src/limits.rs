//! How often one address of the network may make us work or mail (RFC 6585, section 4).

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use governor::{Quota, RateLimiter, clock, middleware::NoOpMiddleware, nanos::Nanos};

/// Asking for mail: `/link`.
const ASKS_A_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("30 is not zero");
/// Links and credentials that do not verify.
const UNVERIFIED_A_MINUTE: NonZeroU32 = NonZeroU32::new(300).expect("300 is not zero");
/// How many checks pass before those who were quiet for long are forgotten.
const SWEEP_EVERY: u32 = 1_024;

/// Come back after so many seconds: the value of `Retry-After` (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    pub seconds: u64,
}

/// What was asked for lately. Genuine links, feeds, pages and tokens are not counted: a company is
/// one address.
#[derive(Debug)]
pub struct Limits {
    asks: Limit,
    unverified: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self { asks: Limit::a_minute(ASKS_A_MINUTE), unverified: Limit::a_minute(UNVERIFIED_A_MINUTE) }
    }
}

impl Limits {
    /// Somebody asks to be mailed: 30 a minute.
    pub fn ask(&self, from: IpAddr, now: DateTime<Utc>) -> Result<(), TooMany> {
        self.asks.check(from, now)
    }

    /// A link or a credential did not verify: 300 a minute.
    pub fn unverified(&self, from: IpAddr, now: DateTime<Utc>) -> Result<(), TooMany> {
        self.unverified.check(from, now)
    }
}

type Keyed = governor::state::keyed::DefaultKeyedStateStore<IpAddr>;

struct Limit {
    limiter: RateLimiter<IpAddr, Keyed, Shown, NoOpMiddleware<Nanos>>,
    shown: Shown,
    checks: AtomicU32,
}

impl Limit {
    fn a_minute(most: NonZeroU32) -> Self {
        let shown = Shown::default();
        let limiter = RateLimiter::new(Quota::per_minute(most), Keyed::default(), shown.clone());
        Self { limiter, shown, checks: AtomicU32::new(0) }
    }

    fn check(&self, from: IpAddr, now: DateTime<Utc>) -> Result<(), TooMany> {
        self.shown.set(now);
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&network(from)).map_err(|until| {
            let wait = until.wait_time_from(clock::Clock::now(&self.shown));
            TooMany { seconds: wait.as_secs().max(1) }
        })
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").finish_non_exhaustive()
    }
}

/// The service's clock as the limiter reads it: nanoseconds since 1970, never backwards.
#[derive(Clone, Debug, Default)]
struct Shown(Arc<AtomicU64>);

impl Shown {
    fn set(&self, now: DateTime<Utc>) {
        let nanos = now.timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or(0);
        self.0.fetch_max(nanos, Ordering::Relaxed);
    }
}

impl clock::Clock for Shown {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::Relaxed))
    }
}

/// One customer of an IPv6 provider has at least a /64: it counts as one address.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn thirty_a_minute_for_each_network_and_the_next_one_waits() {
        let limits = Limits::default();
        let now: DateTime<Utc> = "2026-12-01T08:00:00Z".parse().unwrap();
        for _ in 0..30 {
            assert_eq!(limits.ask(ip("203.0.113.7"), now), Ok(()));
        }
        assert_eq!(limits.ask(ip("203.0.113.7"), now), Err(TooMany { seconds: 2 }));
        assert_eq!(limits.ask(ip("203.0.113.8"), now), Ok(()));
        assert_eq!(limits.unverified(ip("203.0.113.7"), now), Ok(()));
        assert_eq!(limits.ask(ip("203.0.113.7"), now + TimeDelta::seconds(2)), Ok(()));
        assert!(limits.ask(ip("203.0.113.7"), now + TimeDelta::seconds(2)).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_a_mapped_address_is_ipv4() {
        assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), network(ip("2001:db8:1:2::1")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
        assert_eq!(network(ip("::ffff:203.0.113.7")), ip("203.0.113.7"));
    }
}
