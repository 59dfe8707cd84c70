//! The rules of answers and seats a second time, as one would keep them on paper: who comes with
//! how many, who sits, and the line as a list of names.

use std::collections::BTreeMap;

use mensuel_domain::rsvp::{Answer, Refusal, Request, Seat};

#[derive(Clone, Debug)]
pub struct Model {
    pub capacity: Option<u32>,
    pub max_guests: u32,
    pub parties: BTreeMap<u128, Party>,
    pub line: Vec<u128>,
    pub programme: Vec<u128>,
    pub clock: Clock,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    pub past_deadline: bool,
    pub past_cut_off: bool,
    pub ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    pub answer: Answer,
    pub guests: u32,
    pub seat: Seat,
}

impl Model {
    pub fn taken(&self) -> u32 {
        self.parties.values().map(seats).sum()
    }

    fn free(&self) -> u32 {
        self.capacity.map_or(u32::MAX, |capacity| capacity.saturating_sub(self.taken()))
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
        let waits = self.line.contains(&name);
        let same =
            before.is_some_and(|p| p.answer == request.answer && (!asks || p.guests == request.guests));
        let first_come = self.clock.past_cut_off && !self.clock.past_deadline;
        let gets_seat = waits && (request.over_capacity || (first_come && request.guests < self.free()));
        if same && !gets_seat {
            return Ok(false);
        }
        if !asks {
            self.line.retain(|other| *other != name);
            self.parties.insert(name, Party { answer: request.answer, guests: 0, seat: Seat::None });
        } else if host {
            self.host(name, came, request)?;
        } else {
            self.come(name, came, request, first_come)?;
        }
        self.serve();
        Ok(true)
    }

    fn host(&mut self, name: u128, came: Option<Party>, request: &Request) -> Result<(), Refusal> {
        let had = came.map_or(0, |party| party.guests);
        self.may_bring(had, request)?;
        self.parties
            .insert(name, Party { answer: Answer::Yes, guests: request.guests, seat: Seat::Programme });
        Ok(())
    }

    fn may_bring(&self, had: u32, request: &Request) -> Result<(), Refusal> {
        if request.guests <= had || request.over_capacity {
            return Ok(());
        }
        let more = if self.line.is_empty() { self.free() } else { 0 };
        if request.guests - had > more {
            return Err(Refusal::GuestsLeft { left: had + more });
        }
        Ok(())
    }

    fn come(
        &mut self,
        name: u128,
        came: Option<Party>,
        request: &Request,
        first_come: bool,
    ) -> Result<(), Refusal> {
        let mut party = Party { answer: Answer::Yes, guests: request.guests, seat: Seat::Waitlisted };
        match came {
            Some(before) if before.seat == Seat::Confirmed => {
                self.may_bring(before.guests, request)?;
                party.seat = Seat::Confirmed;
            }
            Some(before) if before.guests >= request.guests => {}
            Some(_) | None => {
                self.line.retain(|other| *other != name);
                self.line.push(name);
            }
        }
        if party.seat == Seat::Waitlisted
            && (request.over_capacity || (first_come && party.guests < self.free()))
        {
            party.seat = Seat::Confirmed;
            self.line.retain(|other| *other != name);
        }
        self.parties.insert(name, party);
        Ok(())
    }

    pub fn serve(&mut self) {
        if self.clock.past_cut_off {
            return;
        }
        for name in self.line.clone() {
            let size = 1 + self.parties[&name].guests;
            if size <= self.free() {
                self.parties.get_mut(&name).unwrap().seat = Seat::Confirmed;
                self.line.retain(|other| *other != name);
            }
        }
    }

    pub fn leave(&mut self, name: u128) {
        self.parties.remove(&name);
        self.line.retain(|other| *other != name);
        self.programme.retain(|other| *other != name);
        self.serve();
    }

    pub fn set_role(&mut self, name: u128, on: bool) {
        let was = self.programme.contains(&name);
        self.programme.retain(|other| *other != name);
        if on {
            self.programme.push(name);
        }
        let Some(mut party) = self.parties.get(&name).copied().filter(|p| p.answer == Answer::Yes) else {
            return;
        };
        if was == on {
            return;
        }
        if on {
            let waited = party.seat == Seat::Waitlisted;
            self.line.retain(|other| *other != name);
            if waited && (!self.line.is_empty() || party.guests > self.free()) {
                party.guests = 0;
            }
            party.seat = Seat::Programme;
            self.parties.insert(name, party);
        } else {
            party.seat = Seat::Waitlisted;
            self.line.push(name);
            self.parties.insert(name, party);
        }
        self.serve();
    }
}

fn seats(party: &Party) -> u32 {
    match party.seat {
        Seat::Confirmed => 1 + party.guests,
        Seat::Programme => party.guests,
        Seat::None | Seat::Waitlisted | Seat::Offered | Seat::Pending => 0,
    }
}
