//! Wall clocks and instants.
//!
//! What people agree on is a wall time in a zone ("19:00 in Paris"); what is compared and sorted
//! is the instant derived from it. Both are kept.

use chrono::{
    DateTime, Days, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A wall-clock date and time that does not exist in its zone: the clocks jump over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wall} does not exist in {zone}: the clocks go forward then")]
pub struct Gap {
    pub wall: NaiveDateTime,
    pub zone: Tz,
}

/// The instant of a wall time. In a fold (the hour that comes twice) the first one is taken.
pub fn instant(wall: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, Gap> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Ok(time.with_timezone(&Utc)),
        LocalResult::None => Err(Gap { wall, zone }),
    }
}

/// The first instant of a day: its midnight, or where the clocks jump over that, the jump itself.
pub fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    instant(day.and_time(NaiveTime::MIN), zone).unwrap_or_else(after_gap)
}

/// A span of wall time in a zone, with the instants derived from it. `ends_at` is after `starts_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub start: NaiveDateTime,
    pub end: NaiveDateTime,
    pub zone: Tz,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    #[error(transparent)]
    Gap(#[from] Gap),
    #[error("the end must come after the start")]
    EndsBeforeStart,
    #[error("an evening lasts a day at most")]
    TooLong,
}

impl Span {
    pub fn new(start: NaiveDateTime, end: NaiveDateTime, zone: Tz) -> Result<Self, SpanError> {
        let (starts_at, ends_at) = (instant(start, zone)?, instant(end, zone)?);
        if ends_at <= starts_at {
            return Err(SpanError::EndsBeforeStart);
        }
        if ends_at - starts_at > chrono::Duration::hours(24) {
            return Err(SpanError::TooLong);
        }
        Ok(Self { start, end, zone, starts_at, ends_at })
    }

    /// The span of `minutes` that starts at a wall time. The length is one of real time.
    pub fn lasting(date: NaiveDate, at: NaiveTime, zone: Tz, minutes: u32) -> Result<Self, SpanError> {
        let start = date.and_time(at);
        let starts_at = instant(start, zone)?;
        let ends_at = starts_at + chrono::Duration::minutes(i64::from(minutes));
        if ends_at <= starts_at {
            return Err(SpanError::EndsBeforeStart);
        }
        if minutes > 24 * 60 {
            return Err(SpanError::TooLong);
        }
        // Not by way of `new`: an end in the second pass of a fold would be read as the first.
        Ok(Self { start, end: ends_at.with_timezone(&zone).naive_local(), zone, starts_at, ends_at })
    }

    /// The same wall times under the present rules of the zone. An end in the hour that comes twice
    /// stays in the pass that it was in.
    pub fn derived_again(&self) -> Result<Self, SpanError> {
        let starts_at = instant(self.start, self.zone)?;
        let ends_at = match self.zone.from_local_datetime(&self.end) {
            LocalResult::Ambiguous(_, second) if second == self.ends_at => self.ends_at,
            LocalResult::Single(_) | LocalResult::Ambiguous(..) | LocalResult::None => {
                instant(self.end, self.zone)?
            }
        };
        if ends_at <= starts_at {
            return Err(SpanError::EndsBeforeStart);
        }
        Ok(Self { starts_at, ends_at, ..*self })
    }

    pub fn date(&self) -> NaiveDate {
        self.start.date()
    }

    /// The length in minutes of real time.
    pub fn minutes(&self) -> i64 {
        (self.ends_at - self.starts_at).num_minutes()
    }
}

/// A moment as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// What the clock on the wall says.
    Wall(NaiveDateTime),
    /// With an offset, which must be the one in force there.
    Fixed(DateTime<FixedOffset>),
}

/// Start, end or length and zone as far as they were given; the rest is what is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct When {
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub minutes: Option<u32>,
    pub zone: Option<Tz>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenRefused {
    NoStart,
    /// A wall time tells an hour only together with a zone.
    NoZone,
    /// The offset is not the one in force in the zone then.
    Offset {
        of: Edge,
        zone: Tz,
    },
    Span(SpanError),
    /// Both an end and a length.
    EndAndLength,
}

/// The start or the end of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Start,
    End,
}

impl When {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The span that is meant. A new start alone keeps the length; without any known span the
    /// length is `default_minutes`.
    pub fn span(
        &self,
        known: Option<&Span>,
        default_zone: Tz,
        default_minutes: u32,
    ) -> Result<Span, WhenRefused> {
        let wall_only = matches!(self.start, Some(Moment::Wall(_)));
        let zone = match (self.zone, known) {
            (Some(zone), _) => zone,
            (None, Some(span)) => span.zone,
            (None, None) if wall_only => return Err(WhenRefused::NoZone),
            (None, None) => default_zone,
        };
        let start = match (self.start, known) {
            (Some(moment), _) => wall_in(moment, zone, Edge::Start)?,
            (None, Some(span)) => span.start,
            (None, None) => return Err(WhenRefused::NoStart),
        };
        match (self.end, self.minutes, known) {
            (Some(_), Some(_), _) => Err(WhenRefused::EndAndLength),
            (Some(moment), None, _) => {
                Span::new(start, wall_in(moment, zone, Edge::End)?, zone).map_err(WhenRefused::Span)
            }
            (None, minutes, known) => {
                let kept = known.and_then(|span| u32::try_from(span.minutes()).ok());
                let minutes = minutes.or(kept).unwrap_or(default_minutes);
                Span::lasting(start.date(), start.time(), zone, minutes).map_err(WhenRefused::Span)
            }
        }
    }
}

fn wall_in(moment: Moment, zone: Tz, of: Edge) -> Result<NaiveDateTime, WhenRefused> {
    match moment {
        Moment::Wall(wall) => Ok(wall),
        Moment::Fixed(time) => {
            let there = time.with_timezone(&zone);
            // In the hour that comes twice only the first pass can be meant.
            let is_meant = instant(there.naive_local(), zone).is_ok_and(|first| first == time);
            if there.offset().fix() == *time.offset() && is_meant {
                Ok(there.naive_local())
            } else {
                Err(WhenRefused::Offset { of, zone })
            }
        }
    }
}

/// The instant at the same wall time some days before: "the day before" is not 24 hours before
/// when the clocks change in between. A wall time in a gap is moved on by the width of the gap.
pub fn days_before(span: &Span, days: u64) -> Option<DateTime<Utc>> {
    let wall = span.start.checked_sub_days(Days::new(days))?;
    Some(instant_or_after(wall, span.zone))
}

/// The hour of a reminder on the day itself: quiet hours are over.
const MORNING: NaiveTime = match NaiveTime::from_hms_opt(8, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// The morning of an evening's day, in its zone. A wall time in a gap is moved on by the width of the gap.
pub fn morning_of(span: &Span) -> DateTime<Utc> {
    instant(span.date().and_time(MORNING), span.zone).unwrap_or_else(after_gap)
}

/// An instant that stays as far from the start, on the wall clock, when the start moves.
pub(crate) fn moved_along(instant_before: DateTime<Utc>, from: &Span, to: &Span) -> DateTime<Utc> {
    if (from.start, from.zone) == (to.start, to.zone) {
        return instant_before;
    }
    let wall = instant_before.with_timezone(&from.zone).naive_local() + (to.start - from.start);
    instant_or_after(wall, to.zone)
}

/// The instant of a wall time; one in a gap is moved on by the width of the gap.
pub(crate) fn instant_or_after(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    instant(wall, zone).unwrap_or_else(after_gap)
}

fn after_gap(gap: Gap) -> DateTime<Utc> {
    // The offset in force before the jump is the one the wall time was meant in. Islands that
    // changed the side of the date line jumped a whole day.
    (1..=30)
        .map(chrono::Duration::hours)
        .find_map(|back| {
            let time = gap.zone.from_local_datetime(&(gap.wall - back)).latest()?;
            Some(time.with_timezone(&Utc) + back)
        })
        .unwrap_or_else(|| Utc.from_utc_datetime(&gap.wall))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_gap_is_refused_and_a_fold_is_taken_first() {
        let paris = Tz::Europe__Paris;
        assert!(instant(wall("2027-03-28T02:30:00"), paris).is_err());
        let fold = instant(wall("2027-10-31T02:30:00"), paris).unwrap();
        assert_eq!(fold.to_rfc3339(), "2027-10-31T00:30:00+00:00");
    }

    #[test]
    fn a_day_begins_at_the_jump_where_the_clocks_jump_over_midnight() {
        let begins = |day: &str, zone| start_of_day(day.parse().unwrap(), zone).to_rfc3339();
        assert_eq!(begins("2027-01-01", Tz::Europe__Paris), "2026-12-31T23:00:00+00:00");
        // Cairo and Beirut go forward at midnight: that day begins at one, by the clock.
        assert_eq!(begins("2026-04-24", Tz::Africa__Cairo), "2026-04-23T22:00:00+00:00");
        assert_eq!(begins("2026-03-29", Tz::Asia__Beirut), "2026-03-28T22:00:00+00:00");
        // Samoa left out a day: it begins when the next one does.
        assert_eq!(begins("2011-12-30", Tz::Pacific__Apia), begins("2011-12-31", Tz::Pacific__Apia));
    }

    #[test]
    fn an_end_in_the_second_pass_of_a_fold_stays_there() {
        let (day, at) = ("2027-10-31".parse().unwrap(), "01:00:00".parse().unwrap());
        let span = Span::lasting(day, at, Tz::Europe__Paris, 150).unwrap();
        assert_eq!(span.end, wall("2027-10-31T02:30:00"));
        assert_eq!(span.derived_again(), Ok(span));
        let stale = Span { ends_at: span.ends_at + chrono::Duration::minutes(7), ..span };
        assert_eq!(stale.derived_again().unwrap().minutes(), 90, "a stale end is the first pass");
    }

    #[test]
    fn the_day_before_keeps_the_wall_time() {
        let span =
            Span::lasting("2027-03-29".parse().unwrap(), "19:00:00".parse().unwrap(), Tz::Europe__Paris, 150)
                .unwrap();
        let reminder = days_before(&span, 2).unwrap();
        assert_eq!(reminder.with_timezone(&Tz::Europe__Paris).naive_local(), wall("2027-03-27T19:00:00"));
        assert_eq!((span.starts_at - reminder).num_hours(), 47);
    }
}
