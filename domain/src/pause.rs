//! When the relay refuses us: nothing is sent for a while, then one mail tries whether it still does.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// Whether the relay refuses us, since when, and until when nothing is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    /// 0: it takes our mail. Else how many refusals in a row, each for another recipient, each after
    /// a pause.
    pub level: u32,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// What the relay said, in words for the organizers.
    pub reason: Option<String>,
    /// For whom it refused; the last few.
    pub refused_for: Vec<Uuid>,
    /// When the organizers were last told.
    pub told_at: Option<DateTime<Utc>>,
}

/// A refusal that is our fault, whoever the mail is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Refused before a recipient was named: certainly about us.
    pub about_us: bool,
    pub reason: String,
}

/// Minutes of a pause, by level; the last goes on.
const MINUTES: [i64; 4] = [1, 5, 15, 60];
/// Organizers are told once a day at most.
const TOLD_AGAIN: Duration = Duration::days(1);
/// So long one recipient alone may be refused before the organizers are told.
const ALONE: Duration = Duration::hours(6);
const REMEMBERED: usize = 8;

impl Pause {
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Whether one mail at a time tries, after a pause, if the relay takes it.
    pub fn is_tried(&self) -> bool {
        self.level > 0
    }

    /// After a refusal; and whether the organizers are to be told. Mail that was under way when the
    /// pause began adds nothing. One recipient who is refused again and again holds up the others for
    /// a minute each time and no longer: what is about one address does not become an outage.
    pub fn after(&self, recipient: Uuid, trouble: &Trouble, now: DateTime<Utc>) -> (Pause, bool) {
        if self.holds(now) {
            return (self.clone(), false);
        }
        let another = trouble.about_us || !self.refused_for.contains(&recipient);
        let level = if another { self.level + 1 } else { self.level.max(1) };
        let rung = (level as usize - 1).min(MINUTES.len() - 1);
        let mut refused_for = self.refused_for.clone();
        refused_for.retain(|known| *known != recipient);
        refused_for.push(recipient);
        let first = refused_for.len().saturating_sub(REMEMBERED);
        // One recipient alone may be their own matter; not when nobody else was taken for hours.
        let long = self.level > 0 && self.since.is_some_and(|since| since + ALONE <= now);
        let lasts = trouble.about_us || level > 1 || long;
        let tell = lasts && self.told_at.is_none_or(|told| told + TOLD_AGAIN <= now);
        let pause = Pause {
            level,
            since: self.since.filter(|_| self.level > 0).or(Some(now)),
            until: Some(now + Duration::minutes(MINUTES[rung])),
            reason: Some(trouble.reason.clone()),
            refused_for: refused_for.split_off(first),
            told_at: if tell { Some(now) } else { self.told_at },
        };
        (pause, tell)
    }

    /// A mail was taken: it goes on as before. What it was about is kept for the organizers' mail.
    pub fn over(&self) -> Pause {
        Pause { level: 0, until: None, refused_for: Vec::new(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-12-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::minutes(minute)
    }

    fn who(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn trouble(about_us: bool) -> Trouble {
        Trouble { about_us, reason: "554 5.7.1".to_owned() }
    }

    #[test]
    fn pauses_grow_while_others_are_refused_and_end_when_one_is_taken() {
        let (first, told) = Pause::default().after(who(1), &trouble(false), at(0));
        assert!(!told && first.holds(at(0)) && !first.holds(at(1)));
        let (same, told) = first.after(who(2), &trouble(false), at(0));
        assert_eq!((same, told), (first.clone(), false), "it was under way");
        let mut pause = first;
        for (minute, n, until) in [(1, 2, 6), (6, 3, 21), (21, 4, 81), (81, 5, 141)] {
            let told;
            (pause, told) = pause.after(who(n), &trouble(false), at(minute));
            assert_eq!((pause.until, told), (Some(at(until)), minute == 1));
        }
        assert_eq!(pause.since, Some(at(0)));
        let over = pause.over();
        assert!(!over.is_tried() && !over.holds(at(81)));
        let (again, told) = over.after(who(1), &trouble(true), at(100));
        assert_eq!((again.level, again.since, told), (1, Some(at(100)), false), "told today already");
        let (_, told) = over.after(who(1), &trouble(true), at(24 * 60 + 1));
        assert!(told);
    }

    #[test]
    fn one_address_alone_is_no_outage_and_a_wrong_password_is() {
        let (mut one, _) = Pause::default().after(who(1), &trouble(false), at(0));
        let (mut us, _) = Pause::default().after(who(1), &trouble(true), at(0));
        for minute in [10, 100] {
            (one, _) = one.after(who(1), &trouble(false), at(minute));
            (us, _) = us.after(who(1), &trouble(true), at(minute));
        }
        assert_eq!((one.level, one.until), (1, Some(at(101))));
        assert_eq!((us.level, us.until), (3, Some(at(115))));
    }
}
