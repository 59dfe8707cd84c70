//! The rules of answers and seats a second time, as one would keep them on paper: who comes with
//! how many, who sits, and the line as a list of names.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use mensuel_domain::rsvp::{Answer, Refusal, Request, Seat};

#[derive(Clone, Debug)]
pub struct Model {
    pub capacity: Option<u32>,
    pub max_guests: u32,
    pub parties: BTreeMap<u128, Party>,
    pub programme: Vec<u128>,
    /// Who waited without a seat at the last evening, and who was missed at two.
    pub favoured: Vec<u128>,
    pub missed: Vec<u128>,
    pub numbers: u64,
    pub clock: Clock,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    pub now: DateTime<Utc>,
    pub past_deadline: bool,
    pub cut_off: DateTime<Utc>,
    /// Three days before the evening, or nearer.
    pub near: bool,
    pub ended: bool,
}

/// On the wall of Paris in winter.
fn is_night(at: DateTime<Utc>) -> bool {
    let hour = (at + TimeDelta::hours(1)).format("%H").to_string().parse::<u32>().unwrap();
    !(8..21).contains(&hour)
}

impl Clock {
    fn past_cut_off(self) -> bool {
        self.cut_off <= self.now
    }

    fn quiet(self) -> bool {
        is_night(self.now)
    }

    /// Twelve waking hours on, counted by half hours.
    fn offers_until(self) -> DateTime<Utc> {
        let (mut at, mut left) = (self.now, 24);
        while left > 0 {
            left -= i32::from(!is_night(at));
            at += TimeDelta::minutes(30);
        }
        at.min(self.cut_off)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    pub answer: Answer,
    pub guests: u32,
    pub seat: Seat,
    /// Its turn among those who have the same claim.
    pub turn: u64,
    pub until: Option<DateTime<Utc>>,
    pub let_pass: bool,
}

impl Model {
    pub fn taken(&self) -> u32 {
        self.parties.values().map(seats).sum()
    }

    fn free(&self) -> u32 {
        self.capacity.map_or(u32::MAX, |capacity| capacity.saturating_sub(self.taken()))
    }

    fn claim(&self, name: u128) -> (u8, u64) {
        let party = self.parties[&name];
        let claim = match (self.missed.contains(&name), self.favoured.contains(&name) && !party.let_pass) {
            (true, _) => 2,
            (false, true) => 0,
            (false, false) => 1,
        };
        (claim, party.turn)
    }

    fn of_seat(&self, seat: Seat) -> Vec<u128> {
        let mut names: Vec<u128> =
            self.parties.iter().filter(|(_, party)| party.seat == seat).map(|(name, _)| *name).collect();
        names.sort_by_key(|name| self.claim(*name));
        names
    }

    /// Who waits, the next one first.
    pub fn line(&self) -> Vec<u128> {
        self.of_seat(Seat::Waitlisted)
    }

    fn join_the_end(&mut self, name: u128) {
        self.numbers += 1;
        let party = self.parties.get_mut(&name).unwrap();
        (party.seat, party.turn, party.until) = (Seat::Waitlisted, self.numbers, None);
    }

    /// What comes with time: offers end, those who waited for the morning are served.
    pub fn time_passes(&mut self) {
        let mut over = self.of_seat(Seat::Offered);
        over.retain(|name| self.parties[name].until <= Some(self.clock.now));
        over.sort_by_key(|name| (self.parties[name].until, self.claim(*name)));
        for name in over {
            self.join_the_end(name);
            self.parties.get_mut(&name).unwrap().let_pass = true;
        }
        self.serve(None);
    }

    /// Whether anything changed.
    pub fn answer(&mut self, name: u128, request: &Request) -> Result<bool, Refusal> {
        let before = self.parties.get(&name).copied();
        let asks = request.answer == Answer::Yes;
        let came = before.filter(|party| party.answer == Answer::Yes);
        let asks_more = asks && came.is_none_or(|party| request.guests > party.guests);
        let host = self.programme.contains(&name);
        if self.clock.ended {
            return Err(Refusal::Ended);
        }
        if self.clock.past_deadline && asks_more {
            return Err(Refusal::Late);
        }
        if asks_more && request.guests > self.max_guests {
            return Err(Refusal::TooManyGuests { max: self.max_guests });
        }
        if let (true, false, false, Some(capacity)) = (asks_more, host, request.over_capacity, self.capacity)
            && 1 + request.guests > capacity
        {
            return Err(Refusal::LargerThanRoom { capacity });
        }
        let seat = before.map_or(Seat::None, |party| party.seat);
        let same =
            before.is_some_and(|p| p.answer == request.answer && (!asks || p.guests == request.guests));
        let takes = asks && seat == Seat::Offered;
        if same && !takes && !(seat == Seat::Waitlisted && self.gets_seat(name, request)) {
            return Ok(false);
        }
        let let_pass = before.is_some_and(|party| party.let_pass);
        let party =
            Party { answer: request.answer, guests: 0, seat: Seat::None, turn: 0, until: None, let_pass };
        if !asks {
            self.parties.insert(name, party);
        } else if host {
            self.host(name, came, Party { guests: request.guests, ..party }, request)?;
        } else {
            self.come(name, came, Party { guests: request.guests, ..party }, request)?;
        }
        self.serve(Some(name));
        Ok(true)
    }

    fn first_come(&self) -> bool {
        self.clock.past_cut_off() && !self.clock.past_deadline
    }

    /// Whether a party that waits gets a seat by saying the same again.
    fn gets_seat(&self, name: u128, request: &Request) -> bool {
        let fits = request.guests < self.free() && !self.clock.past_deadline;
        let at_the_head = self.clock.quiet() && self.line().first() == Some(&name);
        request.over_capacity || (fits && (self.first_come() || (at_the_head && !self.clock.past_cut_off())))
    }

    fn host(
        &mut self,
        name: u128,
        came: Option<Party>,
        party: Party,
        request: &Request,
    ) -> Result<(), Refusal> {
        let had = came.filter(|p| p.seat != Seat::Waitlisted).map_or(0, |p| p.guests);
        self.may_bring(had, request)?;
        self.parties.insert(name, Party { seat: Seat::Programme, ..party });
        Ok(())
    }

    fn may_bring(&self, had: u32, request: &Request) -> Result<(), Refusal> {
        if request.guests <= had || request.over_capacity {
            return Ok(());
        }
        let more = if self.line().is_empty() { self.free() } else { 0 };
        if request.guests - had > more {
            return Err(Refusal::GuestsLeft { left: had + more });
        }
        Ok(())
    }

    fn come(
        &mut self,
        name: u128,
        came: Option<Party>,
        party: Party,
        request: &Request,
    ) -> Result<(), Refusal> {
        match came {
            Some(before) if matches!(before.seat, Seat::Confirmed | Seat::Offered) => {
                self.may_bring(before.guests, request)?;
                self.parties.insert(name, Party { seat: Seat::Confirmed, ..party });
                return Ok(());
            }
            Some(before) if before.seat == Seat::Waitlisted && before.guests >= request.guests => {
                self.parties.insert(name, Party { seat: Seat::Waitlisted, turn: before.turn, ..party });
            }
            Some(_) | None => {
                self.parties.insert(name, party);
                self.join_the_end(name);
            }
        }
        if request.over_capacity || (self.first_come() && request.guests < self.free()) {
            self.parties.get_mut(&name).unwrap().seat = Seat::Confirmed;
        }
        Ok(())
    }

    pub fn serve(&mut self, answering: Option<u128>) {
        if self.clock.past_cut_off() {
            return;
        }
        let line = self.line();
        if self.clock.quiet() {
            if let Some(name) = answering.filter(|name| line.first() == Some(name)) {
                self.give(name, Seat::Confirmed);
            }
            return;
        }
        if !self.clock.near {
            for name in self.of_seat(Seat::Offered) {
                self.parties.get_mut(&name).unwrap().seat = Seat::Confirmed;
            }
        }
        for name in line {
            let seat =
                if self.clock.near && answering != Some(name) { Seat::Offered } else { Seat::Confirmed };
            self.give(name, seat);
        }
    }

    fn give(&mut self, name: u128, seat: Seat) {
        let (free, until) = (self.free(), self.clock.offers_until());
        let party = self.parties.get_mut(&name).unwrap();
        if party.guests < free {
            party.seat = seat;
            party.until = (seat == Seat::Offered).then_some(until);
        }
    }

    pub fn leave(&mut self, name: u128) {
        self.parties.remove(&name);
        self.programme.retain(|other| *other != name);
        self.serve(None);
    }

    pub fn set_role(&mut self, name: u128, on: bool) {
        let was = self.programme.contains(&name);
        self.programme.retain(|other| *other != name);
        if on {
            self.programme.push(name);
        }
        let Some(party) = self.parties.get(&name).copied().filter(|p| p.answer == Answer::Yes) else {
            return;
        };
        if was == on {
            return;
        }
        if on {
            let waited = party.seat == Seat::Waitlisted;
            self.parties.insert(name, Party { seat: Seat::Programme, until: None, guests: 0, ..party });
            if !waited || (self.line().is_empty() && party.guests <= self.free()) {
                self.parties.get_mut(&name).unwrap().guests = party.guests;
            }
        } else {
            self.join_the_end(name);
        }
        self.serve(None);
    }
}

fn seats(party: &Party) -> u32 {
    match party.seat {
        Seat::Confirmed | Seat::Offered => 1 + party.guests,
        Seat::Programme => party.guests,
        Seat::None | Seat::Waitlisted | Seat::Pending => 0,
    }
}
