//! Serving the line when nobody answers: offers end, seats are given or offered.

use chrono::{DateTime, Utc};

use crate::{
    event::{Event, Stage},
    fact::{Decision, Fact},
    id::Id,
    waitlist::{Offer, Policy, Precedence, Room, Served, Service, Waiting, serve},
};

/// The parties of an evening that have no seat of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub waiting: Vec<Waiting>,
    pub offers: Vec<Offer>,
}

/// Serves the line after a change of capacity, seats or time that was nobody's answer. Offers that
/// are over end first, and their parties go to the end of the line. What is offered becomes a seat
/// while the evening is so far away that seats are given: it may have been moved.
pub fn serve_line(
    event: &Event,
    policy: &Policy,
    room: &Room,
    line: Line,
    now: DateTime<Utc>,
) -> Decision<(Room, Served)> {
    if event.stage != Stage::Published {
        return Decision::unchanged((room.clone(), Served::default()));
    }
    let mut room = room.clone();
    let (over, held): (Vec<Offer>, Vec<Offer>) =
        line.offers.into_iter().partition(|offer| offer.until <= now);
    let lapsed = lapse(&mut room, over);
    let service = policy.service(&event.span, now);
    let promoted = match service {
        Service::Seats => confirm(&mut room, held),
        Service::Offers { .. } | Service::Quiet { .. } | Service::FirstCome => Vec::new(),
    };
    let waiting = line.waiting.into_iter().chain(lapsed.iter().copied()).collect();
    let next = serve(&mut room, waiting, service, None);
    let seated = promoted.into_iter().chain(next.seated).collect();
    let served = Served { lapsed, seated, offered: next.offered };
    let facts = given(event.id, &served);
    Decision { value: (room, served), facts }
}

/// In the order in which they ended, those of one moment in the order that they had.
fn lapse(room: &mut Room, mut over: Vec<Offer>) -> Vec<Waiting> {
    over.sort_by_key(|offer| (offer.until, offer.party.precedence, offer.party.number));
    over.into_iter()
        .map(|Offer { party, .. }| {
            room.offered -= party.size;
            // Who let an offer pass goes first no more.
            Waiting {
                number: room.wait(None),
                precedence: party.precedence.max(Precedence::InOrder),
                ..party
            }
        })
        .collect()
}

fn confirm(room: &mut Room, held: Vec<Offer>) -> Vec<Waiting> {
    held.into_iter()
        .map(|Offer { party, .. }| {
            room.offered -= party.size;
            room.seat(party.size);
            party
        })
        .collect()
}

/// Takes back every offer of an evening that will not take place: its parties wait where they did.
pub fn withdraw_offers(event: &Event, room: &Room, offers: &[Offer]) -> Decision<Room> {
    let mut room = room.clone();
    for Offer { party, .. } in offers {
        room.offered -= party.size;
        room.wait(Some(party.number));
    }
    let withdrawn =
        |offer: &Offer| Fact::OfferWithdrawn { event: event.id, invitation: offer.party.invitation };
    Decision { value: room, facts: offers.iter().map(withdrawn).collect() }
}

pub(super) fn given(event: Id<Event>, served: &Served) -> Vec<Fact> {
    let lapsed = served.lapsed.iter().map(|party| Fact::OfferExpired { event, invitation: party.invitation });
    let seated = served.seated.iter().map(|party| Fact::Promoted { event, invitation: party.invitation });
    let offered = served.offered.iter().map(|offer| Fact::Offered {
        event,
        invitation: offer.party.invitation,
        until: offer.until,
    });
    lapsed.chain(seated).chain(offered).collect()
}
