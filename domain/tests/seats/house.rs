//! An evening with its answers as a store would keep them, so that tests speak of parties.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::Fact,
    format::{Format, Role},
    rsvp::Seat,
    rsvp::{
        Answer, Answered, Answering, Channel, Line, Refusal, Request, Rsvp, answer, count, free, free_after,
        off_programme, onto_programme, serve_line, withdraw_offers,
    },
    waitlist::{History, Offer, Policy, Room, Served, Waiting, precedence, sort},
};

use crate::common::{id, now, published};

#[derive(Clone, Debug)]
pub struct House {
    pub event: Event,
    pub room: Room,
    pub rsvps: BTreeMap<u128, Rsvp>,
    pub roles: BTreeMap<u128, Role>,
    pub histories: BTreeMap<u128, History>,
    pub policy: Policy,
    pub now: DateTime<Utc>,
}

pub fn yes(guests: u32) -> Request {
    Request {
        answer: Answer::Yes,
        guests,
        guest_names: vec![],
        channel: Channel::Link,
        over_capacity: false,
        before_move: false,
    }
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
        Self {
            event,
            room,
            rsvps: BTreeMap::new(),
            roles: BTreeMap::new(),
            histories: BTreeMap::new(),
            policy: Policy::default(),
            now: now(),
        }
    }

    fn history(&self, party: u128) -> History {
        self.histories.get(&party).copied().unwrap_or_default()
    }

    fn who(&self, party: u128) -> Answering<'_> {
        Answering {
            invitation: id(party),
            member: Some(id(party)),
            role: self.roles.get(&party).copied(),
            current: self.rsvps.get(&party),
            history: self.history(party),
        }
    }

    fn party(&self, party: u128, rsvp: &Rsvp) -> Waiting {
        Waiting {
            invitation: rsvp.invitation,
            size: 1 + rsvp.guests,
            number: rsvp.number.expect("who waits or is offered a seat has a number"),
            precedence: precedence(self.history(party), rsvp.let_pass),
        }
    }

    /// All who wait but one, in order.
    pub fn line(&self, without: Option<u128>) -> Vec<Waiting> {
        let waits =
            |(party, rsvp): &(&u128, &Rsvp)| rsvp.seat == Seat::Waitlisted && Some(**party) != without;
        let mut line: Vec<Waiting> =
            self.rsvps.iter().filter(waits).map(|(party, rsvp)| self.party(*party, rsvp)).collect();
        sort(&mut line);
        line
    }

    pub fn offers(&self) -> Vec<Offer> {
        let until = |rsvp: &Rsvp| rsvp.offer_until.filter(|_| rsvp.seat == Seat::Offered);
        let offer = |(party, rsvp): (&u128, &Rsvp)| {
            until(rsvp).map(|until| Offer { party: self.party(*party, rsvp), until })
        };
        self.rsvps.iter().filter_map(offer).collect()
    }

    /// Decides with the whole line, and without it where no seat can become free: both must agree.
    pub fn answer(&mut self, party: u128, request: &Request) -> Result<Vec<Fact>, Refusal> {
        let who = self.who(party);
        let line = self.line(Some(party));
        let decide = |line| answer(&self.event, &self.policy, &self.room, who, request, line, self.now);
        let decision = decide(line);
        if free_after(&self.room, who.current) == 0 {
            assert_eq!(decision, decide(Vec::new()), "nobody of the line is looked at");
        }
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

    fn keep(&mut self, party: u128, answered: Answered) {
        self.rsvps.insert(party, answered.rsvp);
        self.hand_out(&answered.served);
        self.room = answered.room;
    }

    fn of(&mut self, party: &Waiting) -> &mut Rsvp {
        self.rsvps.get_mut(&party.invitation.uuid().as_u128()).unwrap()
    }

    /// As the store does: offers end, then seats are given, then offered.
    fn hand_out(&mut self, served: &Served) {
        for party in &served.lapsed {
            let rsvp = self.of(party);
            assert_eq!(rsvp.seat, Seat::Offered);
            (rsvp.seat, rsvp.number) = (Seat::Waitlisted, Some(party.number));
            (rsvp.offer_until, rsvp.let_pass) = (None, true);
        }
        for party in &served.seated {
            let rsvp = self.of(party);
            assert!(matches!(rsvp.seat, Seat::Waitlisted | Seat::Offered));
            assert_eq!(rsvp.number, Some(party.number));
            (rsvp.seat, rsvp.number, rsvp.offer_until) = (Seat::Confirmed, None, None);
        }
        for Offer { party, until } in &served.offered {
            let rsvp = self.of(party);
            assert_eq!((rsvp.seat, rsvp.number), (Seat::Waitlisted, Some(party.number)));
            (rsvp.seat, rsvp.offer_until) = (Seat::Offered, Some(*until));
        }
    }

    /// After a change that was nobody's answer, or as time goes on.
    pub fn serve(&mut self) -> Vec<Fact> {
        let line = Line { waiting: self.line(None), offers: self.offers() };
        let decision = serve_line(&self.event, &self.policy, &self.room, line, self.now);
        let (room, served) = decision.value;
        self.hand_out(&served);
        self.room = room;
        decision.facts
    }

    pub fn cancel(&mut self) -> Vec<Fact> {
        let offers = self.offers();
        let decision = withdraw_offers(&self.event, &self.room, &offers);
        for offer in &offers {
            let rsvp = self.of(&offer.party);
            (rsvp.seat, rsvp.offer_until) = (Seat::Waitlisted, None);
        }
        self.room = decision.value;
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
            offered: count(|r| if r.seat == Seat::Offered { 1 + r.guests } else { 0 }),
            yes: count(|r| u32::from(r.answer == Answer::Yes)),
            no: count(|r| u32::from(r.answer == Answer::No)),
            maybe: count(|r| u32::from(r.answer == Answer::Maybe)),
            next_number: self.room.next_number,
        }
    }
}
