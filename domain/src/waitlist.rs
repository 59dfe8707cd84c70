//! Seats, and the order in which they are given.
//!
//! A *party* is a member and their guests: it is seated or waits whole. Order is a number given
//! under the evening's lock, never a time.

use chrono::{DateTime, Duration, Utc};

use crate::{id::Id, invitation::Invitation};

/// Before the start, unless set otherwise: from then on the line is no longer served.
pub const CUT_OFF: Duration = Duration::hours(2);

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

    pub(crate) fn seat(&mut self, size: u32) {
        self.confirmed += 1;
        self.guests += size - 1;
    }

    pub(crate) fn unseat(&mut self, size: u32) {
        self.confirmed -= 1;
        self.guests -= size - 1;
    }
}

/// Whether a seat that becomes free goes to the line by itself.
pub fn is_served(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now < starts_at - CUT_OFF
}

/// Gives seats, in order, to each party that fits; those passed over keep their place.
pub fn serve(room: &mut Room, mut line: Vec<Waiting>) -> Vec<Waiting> {
    line.sort_by_key(|party| party.number);
    let mut seated = Vec::new();
    for party in line {
        if room.fits(party.size) {
            room.waitlisted -= 1;
            room.seat(party.size);
            seated.push(party);
        }
    }
    seated
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
            })
            .collect()
    }

    #[test]
    fn a_single_may_be_seated_past_a_waiting_pair() {
        let mut room = Room { capacity: Some(1), waitlisted: 2, ..Room::default() };
        let seated = serve(&mut room, line(&[2, 1]));
        assert_eq!(seated.iter().map(|p| p.number).collect::<Vec<_>>(), [1]);
        assert_eq!((room.confirmed, room.waitlisted, room.free()), (1, 1, 0));
    }

    proptest! {
        #[test]
        fn nobody_is_oversold_and_nobody_who_fits_is_left(
            capacity in 0u32..30,
            sizes in proptest::collection::vec(1u32..5, 0..40),
        ) {
            let mut room = Room { capacity: Some(capacity), waitlisted: sizes.len() as u32, ..Room::default() };
            let seated = serve(&mut room, line(&sizes));
            prop_assert!(room.taken() <= capacity);
            let left = line(&sizes).into_iter().filter(|p| !seated.contains(p));
            for party in left {
                prop_assert!(!room.fits(party.size), "{party:?} would fit");
            }
        }
    }
}
