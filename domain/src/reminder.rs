//! When an evening is remembered: the same wall time, some days before, as each member chooses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    event::{Event, Stage},
    time::{days_before, morning_of},
};

/// What can be chosen, in days before the evening; 0 is the morning of the day itself.
pub const CHOICES: [u32; 6] = [14, 7, 3, 2, 1, 0];

/// Some of [`CHOICES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<u32>", try_from = "Vec<u32>")]
pub struct Times(u32);

/// Not one of [`CHOICES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reminder cannot be {0} days before")]
pub struct NoSuchTime(pub u32);

impl Times {
    pub const NONE: Times = Times(0);
    /// A week and a day before, until a member chooses.
    pub const DEFAULT: Times = Times(1 << 7 | 1 << 1);

    pub fn of(days: impl IntoIterator<Item = u32>) -> Result<Self, NoSuchTime> {
        days.into_iter().try_fold(Times::NONE, |times, days| match CHOICES.contains(&days) {
            true => Ok(Times(times.0 | 1 << days)),
            false => Err(NoSuchTime(days)),
        })
    }

    pub fn contains(self, days: u32) -> bool {
        days < u32::BITS && self.0 & 1 << days != 0
    }

    pub fn is_empty(self) -> bool {
        self == Times::NONE
    }

    /// The farthest from the evening first.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        CHOICES.into_iter().filter(move |days| self.contains(*days))
    }

    /// Those between this one and the evening.
    pub fn nearer_than(self, days: u32) -> Self {
        Times(self.0 & ((1 << days) - 1))
    }

    /// When a question comes to somebody who has not said yes or no: with the reminders, and for who
    /// wants none of them, when they would come if nothing had been chosen.
    pub fn of_questions(self) -> Self {
        if self.is_empty() { Times::DEFAULT } else { self }
    }
}

impl Default for Times {
    fn default() -> Self {
        Times::DEFAULT
    }
}

impl From<Times> for Vec<u32> {
    fn from(times: Times) -> Self {
        times.iter().collect()
    }
}

impl TryFrom<Vec<u32>> for Times {
    type Error = NoSuchTime;

    fn try_from(days: Vec<u32>) -> Result<Self, NoSuchTime> {
        Times::of(days)
    }
}

/// The instant of the reminder some days before, in the zone of the evening.
pub fn due_at(event: &Event, days: u32) -> Option<DateTime<Utc>> {
    match days {
        0 => Some(morning_of(&event.span)).filter(|morning| *morning < event.span.starts_at),
        days => days_before(&event.span, u64::from(days)),
    }
}

/// The reminders that are due now, whoever has chosen them, and those that a long stop has made
/// obsolete: to each member the nearest of theirs is said. A time that was already past when the
/// evening got its present start, or was published, is left out.
pub fn due(event: &Event, now: DateTime<Utc>) -> Times {
    let Some(published_at) = event.published_at else {
        return Times::NONE;
    };
    let since = published_at.max(event.start_set_at);
    if event.stage != Stage::Published || event.span.starts_at <= now {
        return Times::NONE;
    }
    let is_due = |days: &u32| due_at(event, *days).is_some_and(|due| since < due && due <= now);
    CHOICES.into_iter().filter(is_due).fold(Times::NONE, |times, days| Times(times.0 | 1 << days))
}

/// The next instant after `now` at which [`due`] has something to say.
pub fn next_due(event: &Event, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if event.stage != Stage::Published {
        return None;
    }
    CHOICES.into_iter().filter_map(|days| due_at(event, days)).filter(|due| *due > now).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_that_can_be_chosen_the_farthest_first() {
        let times = Times::of([1, 14, 0]).unwrap();
        assert_eq!(times.iter().collect::<Vec<_>>(), [14, 1, 0]);
        assert_eq!(times.nearer_than(14).iter().collect::<Vec<_>>(), [1, 0]);
        assert!(times.nearer_than(0).is_empty());
        assert_eq!(Times::of([5]), Err(NoSuchTime(5)));
        assert!(Times::of([64]).is_err() && !times.contains(64));
        assert_eq!(Times::NONE.of_questions(), Times::default());
    }
}
