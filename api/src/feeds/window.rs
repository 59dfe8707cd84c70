//! Which evenings a feed shows on a day: 12 months back, 18 ahead.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{Event, Stage},
    time::start_of_day,
};
use mensuel_infra::store::events;

const BACK: Months = Months::new(12);
const AHEAD: Months = Months::new(18);
/// How long a cancelled evening stays.
const CANCELLED: Days = Days::new(30);

/// All that the feed shows, and what it showed within the last year: the latest of those that left
/// tells when it changed by itself.
pub(super) fn filter(now: DateTime<Utc>) -> events::Filter {
    events::Filter { from: now.checked_sub_months(Months::new(24)), ..events::Filter::default() }
}

pub(super) fn shows(event: &Event, today: NaiveDate) -> bool {
    comes(event) <= today && today < leaves(event)
}

/// The instant at which an evening last came into the window or left it, by the calendar alone.
pub(super) fn last_crossing(events: &[Event], today: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let days = events.iter().flat_map(|event| [comes(event), leaves(event)]);
    let last = days.filter(|day| *day <= today).max();
    last.map_or(DateTime::UNIX_EPOCH, |day| start_of_day(day, zone))
}

fn comes(event: &Event) -> NaiveDate {
    event.span.date().checked_sub_months(AHEAD).unwrap_or(NaiveDate::MIN)
}

/// The first day without it. A date that was held and never announced is nothing once it is past.
fn leaves(event: &Event) -> NaiveDate {
    let date = event.span.date();
    let last = match event.stage {
        Stage::Held | Stage::Draft => Some(date),
        Stage::Published => date.checked_add_months(BACK),
        Stage::Cancelled => date.checked_add_days(CANCELLED),
    };
    last.and_then(|last| last.succ_opt()).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::sample;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The evening of the samples is on 2027-01-14.
    fn at(stage: Stage) -> Event {
        Event { stage, ..sample::event() }
    }

    #[test]
    fn a_year_back_and_eighteen_months_ahead() {
        let published = at(Stage::Published);
        assert!(!shows(&published, day("2025-07-13")));
        assert!(shows(&published, day("2025-07-14")));
        assert!(shows(&published, day("2028-01-14")));
        assert!(!shows(&published, day("2028-01-15")));
    }

    #[test]
    fn a_cancelled_evening_stays_thirty_days_and_a_held_date_not_one() {
        assert!(shows(&at(Stage::Cancelled), day("2027-02-13")));
        assert!(!shows(&at(Stage::Cancelled), day("2027-02-14")));
        assert!(shows(&at(Stage::Held), day("2027-01-14")));
        assert!(!shows(&at(Stage::Draft), day("2027-01-15")));
    }

    #[test]
    fn leaving_the_window_is_a_change_of_that_midnight() {
        let events = [at(Stage::Published), at(Stage::Cancelled)];
        let paris = Tz::Europe__Paris;
        let crossed = |on| last_crossing(&events, day(on), paris).to_rfc3339();
        assert_eq!(crossed("2027-02-13"), "2025-07-13T22:00:00+00:00");
        assert_eq!(crossed("2027-02-14"), "2027-02-13T23:00:00+00:00");
        assert_eq!(crossed("2029-01-01"), "2028-01-14T23:00:00+00:00");
        assert_eq!(last_crossing(&[], day("2027-01-01"), paris), DateTime::UNIX_EPOCH);
    }
}
