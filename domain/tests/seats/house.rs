//! An evening with its answers as a store would keep them, so that tests speak of parties.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::Fact,
    format::{Format, Role},
    rsvp::Seat,
    rsvp::{
        Answer, Answered, Answering, Channel, Refusal, Request, Rsvp, answer, count, free, free_after,
        off_programme, onto_programme, serve_line,
    },
    waitlist::{Room, Waiting},
};

use crate::common::{id, now, published};

#[derive(Clone, Debug)]
pub struct House {
    pub event: Event,
    pub room: Room,
    pub rsvps: BTreeMap<u128, Rsvp>,
    pub roles: BTreeMap<u128, Role>,
    pub now: DateTime<Utc>,
}

pub fn yes(guests: u32) -> Request {
    Request { answer: Answer::Yes, guests, guest_names: vec![], channel: Channel::Link, over_capacity: false }
}

pub fn no() -> Request {
    Request { answer: Answer::No, ..yes(0) }
}

pub fn maybe() -> Request {
    Request { answer: Answer::Maybe, ..yes(0) }
}

pub fn over(guests: u32) -> Request {
    Request { over_capacity: true, channel: Channel::Organizer, ..yes(guests) }
}

impl House {
    /// An open discussion, where each may bring three guests.
    pub fn new(capacity: Option<u32>) -> Self {
        let mut event = published(Format::OpenDiscussion);
        (event.capacity, event.max_guests) = (capacity, 3);
        let room = Room { capacity, ..Room::default() };
        Self { event, room, rsvps: BTreeMap::new(), roles: BTreeMap::new(), now: now() }
    }

    fn who(&self, party: u128) -> Answering<'_> {
        Answering {
            invitation: id(party),
            member: Some(id(party)),
            role: self.roles.get(&party).copied(),
            current: self.rsvps.get(&party),
        }
    }

    /// All who wait but one, in order.
    pub fn line(&self, without: Option<u128>) -> Vec<Waiting> {
        let mut line: Vec<Waiting> = self
            .rsvps
            .iter()
            .filter(|(party, rsvp)| rsvp.seat == Seat::Waitlisted && Some(**party) != without)
            .map(|(_, rsvp)| Waiting {
                invitation: rsvp.invitation,
                size: 1 + rsvp.guests,
                number: rsvp.number.expect("who waits has a number"),
            })
            .collect();
        line.sort_by_key(|party| party.number);
        line
    }

    /// Of each size that fits, as many as could be seated: what the store loads.
    pub fn cut(line: &[Waiting], free: u32) -> Vec<Waiting> {
        let fitting = |size: &u32| (free / size) as usize;
        (1..=free.min(100))
            .flat_map(|size| line.iter().filter(move |p| p.size == size).take(fitting(&size)).copied())
            .collect()
    }

    /// Decides with the whole line and with the part that the store loads: both must agree.
    pub fn answer(&mut self, party: u128, request: &Request) -> Result<Vec<Fact>, Refusal> {
        let who = self.who(party);
        let (whole, part) = self.lines(party);
        let decide = |line| answer(&self.event, &self.room, who, request, line, self.now);
        let decision = decide(whole);
        assert_eq!(decision, decide(part), "the part of the line decides as the whole");
        let decision = decision?;
        if decision.is_unchanged() {
            assert_eq!((Some(&decision.value.rsvp), &decision.value.room), (who.current, &self.room));
        }
        self.keep(party, decision.value);
        Ok(decision.facts)
    }

    pub fn set_role(&mut self, party: u128, role: Option<Role>) -> Vec<Fact> {
        match role {
            Some(role) => self.roles.insert(party, role),
            None => self.roles.remove(&party),
        };
        let on = role.is_some();
        let Some(rsvp) = self.rsvps.get_mut(&party) else { return Vec::new() };
        if rsvp.answer != Answer::Yes || (rsvp.seat == Seat::Programme) == on {
            return Vec::new();
        }
        let follow = if on { onto_programme } else { off_programme };
        follow(&mut self.room, rsvp);
        self.serve()
    }

    fn lines(&self, party: u128) -> (Vec<Waiting>, Vec<Waiting>) {
        let whole = self.line(Some(party));
        let part = Self::cut(&whole, free_after(&self.room, self.rsvps.get(&party)));
        (whole, part)
    }

    fn keep(&mut self, party: u128, answered: Answered) {
        self.rsvps.insert(party, answered.rsvp);
        self.seat(&answered.promoted);
        self.room = answered.room;
    }

    fn seat(&mut self, promoted: &[Waiting]) {
        for party in promoted {
            let rsvp = self.rsvps.get_mut(&party.invitation.uuid().as_u128()).unwrap();
            assert_eq!((rsvp.seat, rsvp.number), (Seat::Waitlisted, Some(party.number)));
            (rsvp.seat, rsvp.number) = (Seat::Confirmed, None);
        }
    }

    /// After a change that was nobody's answer.
    fn serve(&mut self) -> Vec<Fact> {
        let whole = self.line(None);
        let part = Self::cut(&whole, free_after(&self.room, None));
        let decision = serve_line(&self.event, &self.room, whole, self.now);
        assert_eq!(decision, serve_line(&self.event, &self.room, part, self.now));
        let (room, promoted) = decision.value;
        self.seat(&promoted);
        self.room = room;
        decision.facts
    }

    pub fn set_capacity(&mut self, capacity: Option<u32>) -> Vec<Fact> {
        (self.event.capacity, self.room.capacity) = (capacity, capacity);
        self.serve()
    }

    /// A member leaves: what they held is given back, and the line is served.
    pub fn leave(&mut self, party: u128) -> Vec<Fact> {
        self.roles.remove(&party);
        let Some(rsvp) = self.rsvps.remove(&party) else { return Vec::new() };
        free(&mut self.room, &rsvp);
        count(&mut self.room, Some(rsvp.answer), None);
        self.serve()
    }

    pub fn seat_of(&self, party: u128) -> Seat {
        self.rsvps.get(&party).map_or(Seat::None, |rsvp| rsvp.seat)
    }

    /// The parties that wait, in order.
    pub fn waiting(&self) -> Vec<u128> {
        self.line(None).iter().map(|party| party.invitation.uuid().as_u128()).collect()
    }

    /// The counters as the answers give them.
    pub fn recount(&self) -> Room {
        let count = |of: fn(&Rsvp) -> u32| self.rsvps.values().map(of).sum();
        Room {
            capacity: self.room.capacity,
            confirmed: count(|r| u32::from(r.seat == Seat::Confirmed)),
            guests: count(|r| if r.seat.is_confirmed() { r.guests } else { 0 }),
            waitlisted: count(|r| u32::from(r.seat == Seat::Waitlisted)),
            offered: 0,
            yes: count(|r| u32::from(r.answer == Answer::Yes)),
            no: count(|r| u32::from(r.answer == Answer::No)),
            maybe: count(|r| u32::from(r.answer == Answer::Maybe)),
            next_number: self.room.next_number,
        }
    }
}
