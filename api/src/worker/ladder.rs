//! When a mail is tried again.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// Minutes until the next attempt, after the first, the second, and so on; the last goes on.
const MINUTES: [i64; 7] = [1, 5, 15, 30, 60, 120, 240];
/// How long a mail is tried in all.
const IN_ALL: Duration = Duration::hours(48);
/// Up to a fifth is added to each step, so that mails which failed together are not tried together.
const JITTER_PERCENT: u64 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    At(DateTime<Utc>),
    /// It was tried for 48 hours.
    Expired,
    /// The evening would have begun.
    TooLate,
}

/// What follows the failed attempt number `attempts` (from 1) of a mail that was written at
/// `written_at` and is worthless from `not_after` on. The jitter follows from the row alone.
pub(super) fn next(
    attempts: u32,
    id: Uuid,
    written_at: DateTime<Utc>,
    not_after: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Next {
    let last = written_at + IN_ALL;
    if last <= now {
        return Next::Expired;
    }
    let next = (now + step(attempts, id)).min(last);
    if not_after.is_some_and(|not_after| not_after <= next) { Next::TooLate } else { Next::At(next) }
}

fn step(attempts: u32, id: Uuid) -> Duration {
    let rung = (attempts.max(1) as usize - 1).min(MINUTES.len() - 1);
    let seconds = MINUTES[rung] * 60;
    let (_, random) = id.as_u64_pair();
    let percent = (random.rotate_left(attempts % 64) % (JITTER_PERCENT + 1)) as i64;
    Duration::seconds(seconds + seconds * percent / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
    }

    #[test]
    fn steps_grow_with_a_fifth_of_jitter_at_most() {
        for n in 0..500 {
            for (at, minutes) in MINUTES.iter().chain([&240, &240]).enumerate() {
                let step = step(at as u32 + 1, id(n));
                assert!(Duration::minutes(*minutes) <= step, "{at} {step}");
                assert!(step <= Duration::minutes(*minutes) * 6 / 5, "{at} {step}");
            }
        }
        let distinct: std::collections::BTreeSet<Duration> = (0..500).map(|n| step(4, id(n))).collect();
        assert!(distinct.len() > 15, "mails that failed together are spread");
        assert_eq!(step(3, id(7)), step(3, id(7)));
    }

    #[test]
    fn a_mail_is_tried_for_48_hours_and_then_expires() {
        for n in 0..100 {
            let written = utc("2026-12-01T08:00:00Z");
            let (mut now, mut attempts) = (written, 1);
            while let Next::At(next) = next(attempts, id(n), written, None, now) {
                assert!(now < next && next <= written + IN_ALL);
                (now, attempts) = (next, attempts + 1);
            }
            assert_eq!(now, written + IN_ALL, "the last attempt is at the end");
            assert!((15..25).contains(&attempts), "{attempts}");
            assert_eq!(next(attempts, id(n), written, None, now), Next::Expired);
        }
    }

    #[test]
    fn an_invitation_is_not_tried_once_its_evening_has_begun() {
        let (written, starts) = (utc("2027-01-14T17:00:00Z"), utc("2027-01-14T18:00:00Z"));
        assert!(matches!(next(1, id(1), written, Some(starts), written), Next::At(_)));
        let late = utc("2027-01-14T17:40:00Z");
        assert_eq!(next(4, id(1), written, Some(starts), late), Next::TooLate);
    }
}
