//! How many mails a minute go to one destination.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Duration, Utc};
use mensuel_domain::text::Email;

/// What left in the last minute for each domain, in this process.
#[derive(Debug, Default)]
pub struct Pace {
    /// `None` is no limit.
    per_minute: Option<usize>,
    left: Mutex<BTreeMap<String, VecDeque<DateTime<Utc>>>>,
}

const MINUTE: Duration = Duration::minutes(1);

impl Pace {
    pub fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute: per_minute.map(|number| number as usize), left: Mutex::default() }
    }

    /// Takes a place in the minute of an address's domain, or says when one becomes free.
    pub(super) fn take(&self, to: &Email, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let Some(per_minute) = self.per_minute else {
            return Ok(());
        };
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.retain(|_, times| {
            while times.front().is_some_and(|time| *time + MINUTE <= now) {
                times.pop_front();
            }
            !times.is_empty()
        });
        let times = left.entry(to.domain().to_lowercase()).or_default();
        if times.len() < per_minute {
            times.push_back(now);
            return Ok(());
        }
        Err(times.front().map_or(now, |first| *first + MINUTE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_gets_so_many_in_any_minute_and_others_do_not_wait() {
        let at =
            |second| "2026-12-01T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::seconds(second);
        let (soie, lyon) = (Email::parse("a@Soie.example").unwrap(), Email::parse("a@lyon.example").unwrap());
        let pace = Pace::new(Some(2));
        assert_eq!(pace.take(&soie, at(0)), Ok(()));
        assert_eq!(pace.take(&soie, at(10)), Ok(()));
        assert_eq!(pace.take(&Email::parse("b@soie.example").unwrap(), at(20)), Err(at(60)));
        assert_eq!(pace.take(&lyon, at(20)), Ok(()));
        assert_eq!(pace.take(&soie, at(59)), Err(at(60)));
        assert_eq!(pace.take(&soie, at(60)), Ok(()));
        assert_eq!(pace.take(&soie, at(61)), Err(at(70)));
        assert_eq!(Pace::new(None).take(&soie, at(61)), Ok(()));
        pace.take(&lyon, at(300)).unwrap();
        assert_eq!(pace.left.lock().unwrap().len(), 1, "who is quiet is forgotten");
    }
}
