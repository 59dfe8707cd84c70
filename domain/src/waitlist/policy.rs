//! When the line is served, and how: seats at once while the evening is far, offers when it is
//! near, nothing in quiet hours, and first come, first served after the cut-off.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::time::{Span, days_before, instant_or_after};

/// What a community may set. Hours are those of the evening's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// From so many days before the evening on, at the same wall time, seats are offered and no
    /// longer given; 0 is never.
    pub offers_within_days: u32,
    /// How long an offer holds its seats, quiet hours not counted.
    pub offer_lasts: Duration,
    /// `None`: promotions and offers go out at any hour.
    pub quiet: Option<Quiet>,
    /// Before the start: from then on the line is not served.
    pub cut_off: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            offers_within_days: 3,
            offer_lasts: Duration::hours(12),
            quiet: Some(Quiet::default()),
            cut_off: Duration::hours(2),
        }
    }
}

/// How the line is served at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// A free seat is given to the next party.
    Seats,
    /// A free seat is held for the next party until then.
    Offers { until: DateTime<Utc> },
    /// Nobody is woken before then; who answers is seated if nobody waits before them.
    Quiet { until: DateTime<Utc> },
    /// After the cut-off: whoever says yes first.
    FirstCome,
}

impl Policy {
    /// The instant from which on the line of an evening is not served.
    pub fn cut_off_of(&self, span: &Span) -> DateTime<Utc> {
        span.starts_at - self.cut_off
    }

    pub fn service(&self, span: &Span, now: DateTime<Utc>) -> Service {
        if self.cut_off_of(span) <= now {
            return Service::FirstCome;
        }
        if let Some(until) = self.quiet.and_then(|quiet| quiet.ends(now, span.zone)) {
            return Service::Quiet { until };
        }
        let near = days_before(span, u64::from(self.offers_within_days));
        if self.offers_within_days == 0 || near.is_none_or(|near| now < near) {
            return Service::Seats;
        }
        Service::Offers { until: self.offer_until(span, now) }
    }

    /// When an offer made now ends: after its hours, quiet ones not counted, and never past the
    /// cut-off.
    fn offer_until(&self, span: &Span, now: DateTime<Utc>) -> DateTime<Utc> {
        let awake = match self.quiet {
            Some(quiet) => quiet.after_waking(now, self.offer_lasts, span.zone),
            None => now + self.offer_lasts,
        };
        awake.min(self.cut_off_of(span))
    }
}

/// Hours of the night, on the wall: from the first to before the second, over midnight when the
/// first is the later one. The two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: NaiveTime,
    to: NaiveTime,
}

impl Default for Quiet {
    /// 21:00 to 8:00.
    fn default() -> Self {
        let hour = |hour| NaiveTime::MIN + Duration::hours(hour);
        Self { from: hour(21), to: hour(8) }
    }
}

impl Quiet {
    /// `None` when they begin and end at the same time of day: that is no hours, or all of them.
    pub fn new(from: NaiveTime, to: NaiveTime) -> Option<Self> {
        (from != to).then_some(Self { from, to })
    }

    /// When the quiet hours that this instant lies in end; `None` outside of them.
    pub fn ends(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = at.with_timezone(&zone).date_naive();
        // Those of yesterday's evening may last into this morning.
        let nights = [today.pred_opt(), Some(today)].into_iter().flatten();
        nights
            .filter_map(|day| self.of(day, zone))
            .filter(|(from, to)| *from <= at && at < *to)
            .map(|(_, to)| to)
            .max()
    }

    /// When the next quiet hours begin, from an instant outside of them.
    fn begins(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = at.with_timezone(&zone).date_naive();
        let days = (0..3).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
        // A night that the clocks jump over altogether is none.
        let nights = days.filter_map(|day| self.of(day, zone)).filter(|(from, to)| from < to);
        nights.map(|(from, _)| from).find(|from| at < *from)
    }

    /// The quiet hours that begin on a day.
    fn of(&self, day: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let last = if self.to < self.from { day.succ_opt()? } else { day };
        Some((
            instant_or_after(day.and_time(self.from), zone),
            instant_or_after(last.and_time(self.to), zone),
        ))
    }

    /// The instant at which so much time has passed outside of quiet hours.
    fn after_waking(&self, from: DateTime<Utc>, lasts: Duration, zone: Tz) -> DateTime<Utc> {
        let (mut at, mut left) = (from, lasts);
        loop {
            at = self.ends(at, zone).unwrap_or(at);
            match self.begins(at, zone) {
                Some(next) if next < at + left => (at, left) = (next, left - (next - at)),
                Some(_) | None => return at + left,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARIS: Tz = Tz::Europe__Paris;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn evening(date: &str) -> Span {
        Span::lasting(date.parse().unwrap(), "19:00:00".parse().unwrap(), PARIS, 150).unwrap()
    }

    fn service(date: &str, now: &str) -> Service {
        Policy::default().service(&evening(date), at(now))
    }

    #[test]
    fn seats_then_offers_then_first_come() {
        let on = |now| service("2027-01-14", now);
        assert_eq!(on("2027-01-11T17:59:59Z"), Service::Seats, "more than three days before");
        let until = at("2027-01-12T17:00:00Z");
        assert_eq!(on("2027-01-11T18:00:00Z"), Service::Offers { until }, "two hours, a night, ten hours");
        assert_eq!(on("2027-01-14T09:00:00Z"), Service::Offers { until: at("2027-01-14T16:00:00Z") });
        assert_eq!(on("2027-01-14T15:59:59Z"), Service::Offers { until: at("2027-01-14T16:00:00Z") });
        assert_eq!(on("2027-01-14T16:00:00Z"), Service::FirstCome);
    }

    #[test]
    fn both_edges_of_the_quiet_hours() {
        let on = |now| service("2027-01-14", now);
        let until = at("2026-12-02T07:00:00Z");
        assert_eq!(on("2026-12-01T19:59:59Z"), Service::Seats);
        assert_eq!(on("2026-12-01T20:00:00Z"), Service::Quiet { until });
        assert_eq!(on("2026-12-02T06:59:59Z"), Service::Quiet { until });
        assert_eq!(on("2026-12-02T07:00:00Z"), Service::Seats);
    }

    /// 28 March 2027: the night is an hour short; 31 October 2027: an hour long.
    #[test]
    fn nights_in_which_the_clocks_change() {
        let quiet = Quiet::default();
        assert_eq!(quiet.ends(at("2027-03-27T20:00:00Z"), PARIS), Some(at("2027-03-28T06:00:00Z")));
        assert_eq!(quiet.ends(at("2027-10-30T19:00:00Z"), PARIS), Some(at("2027-10-31T07:00:00Z")));
        let offered = |date, now| match service(date, now) {
            Service::Offers { until } => until,
            other => panic!("{other:?}"),
        };
        // From 20:00: one hour in the evening, eleven from 8:00 on.
        assert_eq!(offered("2027-03-29", "2027-03-27T19:00:00Z"), at("2027-03-28T17:00:00Z"));
        assert_eq!(offered("2027-11-01", "2027-10-30T18:00:00Z"), at("2027-10-31T18:00:00Z"));
        // Quiet until 2:30, which does not exist: until 3:30.
        let early = Quiet::new("22:00:00".parse().unwrap(), "02:30:00".parse().unwrap()).unwrap();
        assert_eq!(early.ends(at("2027-03-28T00:59:00Z"), PARIS), Some(at("2027-03-28T01:30:00Z")));
    }

    #[test]
    fn hours_of_one_day_and_hours_that_are_none() {
        let noon = Quiet::new("12:00:00".parse().unwrap(), "14:00:00".parse().unwrap()).unwrap();
        assert_eq!(noon.ends(at("2026-12-01T11:00:00Z"), PARIS), Some(at("2026-12-01T13:00:00Z")));
        assert_eq!(noon.ends(at("2026-12-01T13:00:00Z"), PARIS), None);
        assert_eq!(Quiet::new(NaiveTime::MIN, NaiveTime::MIN), None);
        let never = Policy { quiet: None, offers_within_days: 0, ..Policy::default() };
        assert_eq!(never.service(&evening("2027-01-14"), at("2027-01-14T02:00:00Z")), Service::Seats);
    }

    #[test]
    fn an_offer_that_ends_with_the_day_is_not_carried_over() {
        let Service::Offers { until } = service("2027-01-14", "2027-01-12T08:00:00Z") else { panic!() };
        assert_eq!(until, at("2027-01-12T20:00:00Z"), "nine to twenty-one");
    }

    proptest! {
        /// Counted minute by minute, on any night of the year, in zones that change their clocks.
        #[test]
        fn an_offer_lasts_its_hours_outside_of_quiet_ones(
            minutes in 0i64..(370 * 24 * 60),
            lasts in 1i64..30,
            from in 0u32..24,
            to in 0u32..24,
            zone in prop::sample::select(vec![PARIS, Tz::America__New_York, Tz::Australia__Lord_Howe]),
        ) {
            let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
            prop_assume!(from != to);
            let quiet = Quiet::new(hour(from), hour(to)).unwrap();
            let now = at("2027-01-01T00:00:00Z") + Duration::minutes(minutes);
            let until = quiet.after_waking(now, Duration::hours(lasts), zone);
            let awake = (0..(until - now).num_minutes())
                .filter(|minute| quiet.ends(now + Duration::minutes(*minute), zone).is_none())
                .count();
            prop_assert_eq!(awake as i64, lasts * 60);
        }
    }
}
