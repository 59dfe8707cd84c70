//! Seats, and the order in which they are given.
//!
//! A *party* is a member and their guests: it is seated or waits whole. Of parties with the same
//! precedence the order is a number given under the evening's lock, never a time.

mod policy;

pub use policy::{Policy, Quiet, Service};

use chrono::{DateTime, Months, Utc};

use crate::{id::Id, invitation::Invitation};

/// The counters of one evening, kept with every change of seats in the same transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// `None` is no limit.
    pub capacity: Option<u32>,
    /// Members in a seat; people of the programme are not among them.
    pub confirmed: u32,
    /// Guests in a seat, those of the programme's people included.
    pub guests: u32,
    /// Parties that wait.
    pub waitlisted: u32,
    /// Seats held by offers that were neither taken nor let go.
    pub offered: u32,
    pub yes: u32,
    pub no: u32,
    pub maybe: u32,
    /// The number that the next party of the line gets.
    pub next_number: i64,
}

/// A party in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub invitation: Id<Invitation>,
    /// The member and their guests.
    pub size: u32,
    pub number: i64,
    pub precedence: Precedence,
}

/// Seats held for a party until it says yes or no, or until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub party: Waiting,
    pub until: DateTime<Utc>,
}

/// How long it counts what somebody asked for: evenings that ended before are history.
pub const REMEMBERED: Months = Months::new(12);

/// What the last twelve months say of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// At the last evening that they said yes to they waited, and got no seat.
    pub waited_last_time: bool,
    /// Evenings that they had a seat for, did not come to, and said so late or not at all.
    pub late_no_shows: u32,
}

/// Who goes before whom, whatever their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precedence {
    First,
    #[default]
    InOrder,
    Last,
}

/// So many late no-shows put somebody behind all others.
pub const NO_SHOWS_TOO_MANY: u32 = 2;

/// The rule that members are told: who got no seat last time goes first, who was twice missed goes
/// last. Who let an offer of this evening pass was served, and goes first no more.
pub fn precedence(history: History, let_pass: bool) -> Precedence {
    if history.late_no_shows >= NO_SHOWS_TOO_MANY {
        Precedence::Last
    } else if history.waited_last_time && !let_pass {
        Precedence::First
    } else {
        Precedence::InOrder
    }
}

/// Puts the line into its order: the one in which it is served and shown.
pub fn sort(line: &mut [Waiting]) {
    line.sort_by_key(|party| (party.precedence, party.number));
}

/// The place of a party in the line, from 1.
pub fn place(line: &[Waiting], invitation: Id<Invitation>) -> Option<u32> {
    let mut line = line.to_vec();
    sort(&mut line);
    let before = line.iter().position(|party| party.invitation == invitation)?;
    u32::try_from(before + 1).ok()
}

/// Who got what when the line was served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Offers that ended: these parties are at the end of the line, under new numbers.
    pub lapsed: Vec<Waiting>,
    pub seated: Vec<Waiting>,
    pub offered: Vec<Offer>,
}

impl Room {
    pub fn taken(&self) -> u32 {
        self.confirmed + self.guests + self.offered
    }

    /// Seats that can be given; `u32::MAX` when there is no limit. Zero also when the capacity was
    /// lowered below what is taken: nobody is unseated.
    pub fn free(&self) -> u32 {
        self.capacity.map_or(u32::MAX, |capacity| capacity.saturating_sub(self.taken()))
    }

    pub fn fits(&self, size: u32) -> bool {
        size <= self.free()
    }

    /// Lets a party wait: at a place that it kept, or at the end of the line; answers its number.
    pub(crate) fn wait(&mut self, kept: Option<i64>) -> i64 {
        let number = kept.unwrap_or(self.next_number);
        self.next_number = self.next_number.max(number + 1);
        self.waitlisted += 1;
        number
    }

    pub(crate) fn seat(&mut self, size: u32) {
        self.confirmed += 1;
        self.guests += size - 1;
    }

    pub(crate) fn unseat(&mut self, size: u32) {
        self.confirmed -= 1;
        self.guests -= size - 1;
    }
}

/// Gives what is free, in order, to each party that fits; those passed over keep their place.
/// `present` is the party that answers at this moment: it is never offered what it has just said
/// yes to, and the only one that quiet hours do not make wait.
pub fn serve(
    room: &mut Room,
    mut line: Vec<Waiting>,
    service: Service,
    present: Option<Id<Invitation>>,
) -> Served {
    sort(&mut line);
    let is_present = |party: &Waiting| Some(party.invitation) == present;
    let reached = match service {
        Service::Seats | Service::Offers { .. } => line.len(),
        Service::Quiet { .. } => usize::from(line.first().is_some_and(is_present)),
        Service::FirstCome => 0,
    };
    let mut served = Served::default();
    for party in line.into_iter().take(reached) {
        if !room.fits(party.size) {
            continue;
        }
        room.waitlisted -= 1;
        match service {
            Service::Offers { until } if !is_present(&party) => {
                room.offered += party.size;
                served.offered.push(Offer { party, until });
            }
            Service::Seats | Service::Offers { .. } | Service::Quiet { .. } | Service::FirstCome => {
                room.seat(party.size);
                served.seated.push(party);
            }
        }
    }
    served
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn line(sizes: &[u32]) -> Vec<Waiting> {
        sizes
            .iter()
            .enumerate()
            .map(|(at, size)| Waiting {
                invitation: Id::new(Uuid::from_u128(at as u128)),
                size: *size,
                number: at as i64,
                precedence: Precedence::InOrder,
            })
            .collect()
    }

    #[test]
    fn a_single_may_be_seated_past_a_waiting_pair() {
        let mut room = Room { capacity: Some(1), waitlisted: 2, ..Room::default() };
        let seated = serve(&mut room, line(&[2, 1]), Service::Seats, None).seated;
        assert_eq!(seated.iter().map(|p| p.number).collect::<Vec<_>>(), [1]);
        assert_eq!((room.confirmed, room.waitlisted, room.free()), (1, 1, 0));
    }

    #[test]
    fn who_got_no_seat_last_time_goes_first_and_who_was_twice_missed_last() {
        let rule = |waited_last_time, late_no_shows, let_pass| {
            precedence(History { waited_last_time, late_no_shows }, let_pass)
        };
        assert_eq!(rule(false, 0, false), Precedence::InOrder);
        assert_eq!(rule(true, 1, false), Precedence::First);
        assert_eq!(rule(false, 1, false), Precedence::InOrder, "missed once is forgiven");
        assert_eq!(rule(true, 2, false), Precedence::Last, "missed twice weighs more than a wait");
        assert_eq!(rule(true, 0, true), Precedence::InOrder, "who let an offer pass was served");
        let mut parties = line(&[1, 1, 1, 1]);
        parties[0].precedence = Precedence::Last;
        parties[3].precedence = Precedence::First;
        let places: Vec<_> = parties.iter().map(|party| place(&parties, party.invitation)).collect();
        assert_eq!(places, [Some(4), Some(2), Some(3), Some(1)]);
        assert_eq!(place(&parties, Id::new(Uuid::from_u128(9))), None);
        let mut room = Room { capacity: Some(2), waitlisted: 4, ..Room::default() };
        let seated = serve(&mut room, parties, Service::Seats, None).seated;
        assert_eq!(seated.iter().map(|p| p.number).collect::<Vec<_>>(), [3, 1], "served as shown");
    }

    #[test]
    fn at_night_only_who_answers_is_seated_and_only_at_the_head() {
        let until = DateTime::UNIX_EPOCH;
        let at = |present: u128| {
            let mut room = Room { capacity: Some(5), waitlisted: 2, ..Room::default() };
            serve(&mut room, line(&[1, 1]), Service::Quiet { until }, Some(Id::new(Uuid::from_u128(present))))
        };
        assert_eq!(at(0).seated, line(&[1]));
        assert_eq!(at(1), Served::default(), "somebody waits before them");
    }

    proptest! {
        #[test]
        fn nobody_is_oversold_and_nobody_who_fits_is_left(
            capacity in 0u32..30,
            sizes in proptest::collection::vec(1u32..5, 0..40),
        ) {
            let mut room = Room { capacity: Some(capacity), waitlisted: sizes.len() as u32, ..Room::default() };
            let seated = serve(&mut room, line(&sizes), Service::Seats, None).seated;
            prop_assert!(room.taken() <= capacity);
            let left = line(&sizes).into_iter().filter(|p| !seated.contains(p));
            for party in left {
                prop_assert!(!room.fits(party.size), "{party:?} would fit");
            }
        }
    }
}
