//! Waves: the order in which the followers of an evening are invited.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::waitlist::Room;

/// Each follower of an evening belongs to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wave {
    /// Those who voted for the topic, and those who waited the last time that they asked and got no
    /// seat.
    First,
    /// Those who never had a seat yet.
    Second,
    /// The other followers.
    Third,
}

impl Wave {
    pub const ALL: [Wave; 3] = [Wave::First, Wave::Second, Wave::Third];

    pub const fn number(self) -> u32 {
        match self {
            Wave::First => 1,
            Wave::Second => 2,
            Wave::Third => 3,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Wave::First => "wave:1",
            Wave::Second => "wave:2",
            Wave::Third => "wave:3",
        }
    }
}

/// When the waves after the first one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    /// So many hours after the wave before; at once when that one reached nobody.
    EveryHours(u32),
    /// The second and the third. A wave that waited past its date pushes the next one on.
    At([DateTime<Utc>; 2]),
}

/// The plan that an evening's waves follow by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WavePlan {
    /// 1 to 100: a wave goes when fewer than this share of the seats have been asked for.
    pub share_percent: u32,
    pub dates: Dates,
}

/// Unless a plan says otherwise: eight seats of ten.
pub const USUAL_SHARE: u32 = 80;
/// At most between two waves, unless a plan says otherwise.
const WEEK_IN_HOURS: i64 = 7 * 24;

impl Dates {
    /// A quarter of the time that is left to the deadline, a week at most.
    pub fn usual(now: DateTime<Utc>, deadline: DateTime<Utc>) -> Self {
        let quarter = (deadline - now).num_hours() / 4;
        Dates::EveryHours(u32::try_from(quarter.clamp(1, WEEK_IN_HOURS)).unwrap_or(1))
    }

    /// Whether both dates are to come, in order, before the deadline.
    pub fn are_to_come(&self, now: DateTime<Utc>, deadline: DateTime<Utc>) -> bool {
        match self {
            Dates::EveryHours(_) => true,
            Dates::At([second, third]) => now < *second && second < third && *third < deadline,
        }
    }
}

/// A wave that went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    pub wave: Wave,
    pub at: DateTime<Utc>,
    pub invited: u64,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Goes(Wave),
    /// Its date is to come.
    Later(Wave, DateTime<Utc>),
    /// Its date is past and enough have said yes: it goes as soon as fewer have.
    Waits(Wave),
    /// All have gone, or the deadline is past.
    Over,
}

/// The next wave of a plan. `gone` are those that went, by plan or by hand.
pub fn turn(
    plan: &WavePlan,
    room: &Room,
    gone: &[Gone],
    deadline: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Turn {
    let went = |wave: Wave| gone.iter().find(|one| one.wave == wave);
    let Some(wave) = Wave::ALL.into_iter().find(|wave| went(*wave).is_none()) else {
        return Turn::Over;
    };
    if deadline <= now {
        return Turn::Over;
    }
    let due = match wave {
        Wave::First => now,
        Wave::Second => after(plan, went(Wave::First), 0, now),
        Wave::Third => after(plan, went(Wave::Second), 1, now),
    };
    if now < due {
        Turn::Later(wave, due)
    } else if wave == Wave::First || is_wanted(plan, room) {
        Turn::Goes(wave)
    } else {
        Turn::Waits(wave)
    }
}

fn after(plan: &WavePlan, before: Option<&Gone>, at: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    let went = before.map_or(now, |before| before.at);
    match plan.dates {
        Dates::EveryHours(_) if before.is_some_and(|before| before.invited == 0) => went,
        Dates::EveryHours(hours) => went + Duration::hours(hours.into()),
        Dates::At([second, _]) if at == 0 => second,
        Dates::At([second, third]) => third.max(went + (third - second)),
    }
}

/// Whether fewer than the plan's share of the seats are asked for: taken, held, or waited for.
/// Without a capacity there is always room.
fn is_wanted(plan: &WavePlan, room: &Room) -> bool {
    let asked = u64::from(room.taken()) + u64::from(room.waitlisted);
    room.capacity.is_none_or(|capacity| asked * 100 < u64::from(capacity) * u64::from(plan.share_percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn gone(wave: Wave, at: &str, invited: u64) -> Gone {
        Gone { wave, at: utc(at), invited }
    }

    const PLAN: WavePlan = WavePlan { share_percent: 50, dates: Dates::EveryHours(48) };

    fn at(plan: WavePlan, confirmed: u32, gone: &[Gone], now: &str) -> Turn {
        let room = Room { capacity: Some(10), confirmed, ..Room::default() };
        turn(&plan, &room, gone, utc("2027-01-14T18:00:00Z"), utc(now))
    }

    #[test]
    fn each_wave_has_its_date_and_goes_while_seats_are_wanted() {
        let first = [gone(Wave::First, "2027-01-01T09:00:00Z", 3)];
        let due = utc("2027-01-03T09:00:00Z");
        assert_eq!(at(PLAN, 0, &[], "2027-01-01T09:00:00Z"), Turn::Goes(Wave::First));
        assert_eq!(at(PLAN, 0, &first, "2027-01-03T08:59:59Z"), Turn::Later(Wave::Second, due));
        assert_eq!(at(PLAN, 4, &first, "2027-01-03T09:00:00Z"), Turn::Goes(Wave::Second));
        assert_eq!(at(PLAN, 5, &first, "2027-01-03T09:00:00Z"), Turn::Waits(Wave::Second));
        assert_eq!(at(PLAN, 0, &first, "2027-01-14T18:00:00Z"), Turn::Over);
    }

    #[test]
    fn an_empty_wave_costs_no_days_unless_dates_were_given() {
        let empty = [gone(Wave::First, "2027-01-01T09:00:00Z", 0)];
        assert_eq!(at(PLAN, 0, &empty, "2027-01-01T09:00:00Z"), Turn::Goes(Wave::Second));
        let dates = [utc("2027-01-05T09:00:00Z"), utc("2027-01-08T09:00:00Z")];
        let plan = WavePlan { dates: Dates::At(dates), ..PLAN };
        assert_eq!(at(plan, 0, &empty, "2027-01-01T09:00:00Z"), Turn::Later(Wave::Second, dates[0]));
    }

    #[test]
    fn a_wave_that_waited_pushes_the_next_one_on() {
        let dates = [utc("2027-01-05T09:00:00Z"), utc("2027-01-08T09:00:00Z")];
        let plan = WavePlan { dates: Dates::At(dates), ..PLAN };
        let gone =
            [gone(Wave::First, "2027-01-01T09:00:00Z", 1), gone(Wave::Second, "2027-01-07T12:00:00Z", 1)];
        let due = utc("2027-01-10T12:00:00Z");
        assert_eq!(at(plan, 0, &gone, "2027-01-08T09:00:00Z"), Turn::Later(Wave::Third, due));
        assert_eq!(at(plan, 0, &gone, "2027-01-10T12:00:00Z"), Turn::Goes(Wave::Third));
    }

    #[test]
    fn without_a_capacity_each_wave_goes_at_its_date() {
        let room = Room { yes: 500, confirmed: 500, ..Room::default() };
        let first = [gone(Wave::First, "2027-01-01T09:00:00Z", 3)];
        let deadline = utc("2027-01-14T18:00:00Z");
        assert_eq!(
            turn(&PLAN, &room, &first, deadline, utc("2027-01-03T09:00:00Z")),
            Turn::Goes(Wave::Second)
        );
    }

    #[test]
    fn the_usual_step_is_a_quarter_of_what_is_left() {
        let deadline = utc("2027-01-14T18:00:00Z");
        assert_eq!(Dates::usual(utc("2026-12-01T18:00:00Z"), deadline), Dates::EveryHours(168));
        assert_eq!(Dates::usual(utc("2027-01-10T18:00:00Z"), deadline), Dates::EveryHours(24));
        assert_eq!(Dates::usual(utc("2027-01-14T17:30:00Z"), deadline), Dates::EveryHours(1));
    }
}
