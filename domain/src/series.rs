//! A rule that holds dates: "second Thursday, 19:00 in Paris, not in August, May on the 20th".
//!
//! Each occurrence is one (series, month). The rule never leaves the house: every evening is an
//! entry of its own in people's calendars.

mod holidays;
mod month;
mod plan;

pub use holidays::french_holiday;
pub use month::{Month, MonthError};
pub use plan::{Grown, Kept, KeptBecause, Occurring, Plan, PlanRefused, Planned, Warning, WarningKind, plan};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    event::Change,
    format::{Format, contradictions},
    id::Id,
    text::Title,
    time::{Gap, Span, SpanError},
    venue::Venue,
};

/// How many whole months after the current one are grown.
pub const HORIZON_MONTHS: i32 = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub id: Id<Series>,
    pub title: Title,
    pub rule: Rule,
    /// Defaults for what it grows, not promises.
    pub format: Option<Format>,
    pub capacity: Option<u32>,
    pub venue: Option<Id<Venue>>,
    /// No date before this day.
    pub from: NaiveDate,
    /// No date after this day.
    pub until: Option<NaiveDate>,
    pub skips: BTreeSet<Skip>,
    /// Dates placed by hand, by the month they stand for.
    pub moves: BTreeMap<Month, NaiveDate>,
    pub revision: u32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The nth or last weekday of the month, at a wall time in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    pub week: Week,
    pub weekday: Weekday,
    pub at: NaiveTime,
    pub zone: Tz,
    /// Minutes of real time.
    pub minutes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Week {
    /// First to fourth: every month has one.
    Nth(u8),
    Last,
}

impl Week {
    pub fn nth(number: u8) -> Option<Self> {
        (1..=4).contains(&number).then_some(Week::Nth(number))
    }
}

/// A month without an evening: of every year, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Skip {
    EveryYear(u32),
    Once(Month),
}

impl std::str::FromStr for Skip {
    type Err = MonthError;

    /// `07`, or `2027-02`.
    fn from_str(text: &str) -> Result<Self, MonthError> {
        let is_number = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<u32>() {
            Ok(month @ 1..=12) if is_number => Ok(Skip::EveryYear(month)),
            Ok(_) | Err(_) => text.parse().map(Skip::Once),
        }
    }
}
impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Skip::EveryYear(month) => write!(f, "{month:02}"),
            Skip::Once(month) => write!(f, "{month}"),
        }
    }
}
impl TryFrom<String> for Skip {
    type Error = MonthError;

    fn try_from(text: String) -> Result<Self, MonthError> {
        text.parse()
    }
}
impl From<Skip> for String {
    fn from(skip: Skip) -> String {
        skip.to_string()
    }
}

/// What the rule says of one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Date {
    On(Span),
    Skipped,
    /// Before `from` or after `until`.
    Outside,
    /// The clocks jump over this wall time: nothing is grown.
    InGap(Gap),
}

/// Why a series makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesRefused {
    UntilBeforeFrom,
    /// A minute at least, a day at most.
    Duration,
    /// The day is not within a month of the month it stands for.
    FarMove(Month),
}

impl Rule {
    /// The day in a month.
    pub fn day(&self, month: Month) -> NaiveDate {
        let nth = |n| NaiveDate::from_weekday_of_month_opt(month.year, month.month, self.weekday, n);
        match self.week {
            Week::Nth(n) => nth(n),
            Week::Last => nth(5).or_else(|| nth(4)),
        }
        .unwrap_or_else(|| month.first_day())
    }
}

impl Series {
    /// What it gives to an evening that has nothing of its own. A capacity that does not fit the
    /// format is not given.
    pub fn defaults(&self) -> Vec<Change> {
        let capacity = self.capacity_fits().then_some(Change::Capacity(self.capacity));
        [Change::Title(Some(self.title.clone())), Change::Format(self.format), Change::Venue(self.venue)]
            .into_iter()
            .chain(capacity)
            .collect()
    }

    pub(crate) fn capacity_fits(&self) -> bool {
        contradictions(self.format, &Default::default(), self.capacity).is_empty()
    }

    pub fn check(&self) -> Result<(), SeriesRefused> {
        if self.until.is_some_and(|until| until < self.from) {
            return Err(SeriesRefused::UntilBeforeFrom);
        }
        if !(1..=24 * 60).contains(&self.rule.minutes) {
            return Err(SeriesRefused::Duration);
        }
        let far = |month: &Month, day: &NaiveDate| (Month::of(*day).index() - month.index()).abs() > 1;
        match self.moves.iter().find(|(month, day)| far(month, day)) {
            Some((month, _)) => Err(SeriesRefused::FarMove(*month)),
            None => Ok(()),
        }
    }

    /// The date of a month, as the rule, the skips and the moves say. A date placed by hand comes
    /// before a skip of every year.
    pub fn date(&self, month: Month) -> Date {
        let moved = self.moves.get(&month).copied();
        if self.skips.contains(&Skip::Once(month)) {
            return Date::Skipped;
        }
        if moved.is_none() && self.skips.contains(&Skip::EveryYear(month.month)) {
            return Date::Skipped;
        }
        let day = moved.unwrap_or_else(|| self.rule.day(month));
        if day < self.from || self.until.is_some_and(|until| day > until) {
            return Date::Outside;
        }
        match Span::lasting(day, self.rule.at, self.rule.zone, self.rule.minutes) {
            Ok(span) => Date::On(span),
            Err(SpanError::Gap(gap)) => Date::InGap(gap),
            // The length was not checked.
            Err(SpanError::EndsBeforeStart | SpanError::TooLong) => Date::Outside,
        }
    }

    /// The month of the series that stands for a day: the one moved there, else the day's own.
    pub fn month_of(&self, day: NaiveDate) -> Option<Month> {
        let own = Month::of(day);
        let around = [own.plus(-1), own.plus(1), own];
        around.into_iter().find(|month| matches!(self.date(*month), Date::On(span) if span.date() == day))
    }
}

/// The months that are grown at an instant: from the current one to the twelfth after it, as the
/// calendar of the series' zone has it.
pub fn horizon(zone: Tz, now: DateTime<Utc>) -> (Month, Month) {
    let current = Month::of(now.with_timezone(&zone).date_naive());
    (current, current.plus(HORIZON_MONTHS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series() -> Series {
        let at = "2026-12-01T09:00:00Z".parse().unwrap();
        Series {
            id: Id::new(uuid::Uuid::nil()),
            title: Title::parse("Les soirées").unwrap(),
            rule: Rule {
                week: Week::Nth(2),
                weekday: Weekday::Thu,
                at: "19:00:00".parse().unwrap(),
                zone: Tz::Europe__Paris,
                minutes: 150,
            },
            format: None,
            capacity: None,
            venue: None,
            from: "2027-01-01".parse().unwrap(),
            until: None,
            skips: ["07", "08"].into_iter().map(|s| s.parse().unwrap()).collect(),
            moves: [("2027-05".parse().unwrap(), "2027-05-20".parse().unwrap())].into(),
            revision: 1,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn a_year_of_second_thursdays() {
        let (from, to) = horizon(Tz::Europe__Paris, "2026-12-01T09:00:00Z".parse().unwrap());
        assert_eq!((from.to_string(), to.to_string()), ("2026-12".into(), "2027-12".into()));
        let days: Vec<String> = from
            .through(to)
            .filter_map(|month| match series().date(month) {
                Date::On(span) => Some(span.date().to_string()),
                Date::Skipped | Date::Outside | Date::InGap(_) => None,
            })
            .collect();
        assert_eq!(
            days,
            [
                "2027-01-14",
                "2027-02-11",
                "2027-03-11",
                "2027-04-08",
                "2027-05-20",
                "2027-06-10",
                "2027-09-09",
                "2027-10-14",
                "2027-11-11",
                "2027-12-09"
            ]
        );
    }

    #[test]
    fn the_last_friday_and_a_wall_time_that_does_not_exist() {
        let mut series = series();
        series.rule.week = Week::Last;
        series.rule.weekday = Weekday::Sun;
        series.rule.at = "02:30:00".parse().unwrap();
        assert!(matches!(series.date("2027-03".parse().unwrap()), Date::InGap(_)));
        assert!(
            matches!(series.date("2027-02".parse().unwrap()), Date::On(span) if span.date().to_string() == "2027-02-28")
        );
    }
}
