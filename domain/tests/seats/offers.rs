//! Near the evening a free seat is offered: taken, let go, or let pass; and the nights between.

use chrono::TimeDelta;
use mensuel_domain::{
    event::Stage,
    fact::Fact,
    format::Role,
    rsvp::{Refusal, Seat},
    waitlist::History,
};

use super::{promoted, seats};
use crate::{
    common::at,
    house::{House, maybe, no, yes},
};

/// A full room of two with a line behind it, the day before, at noon.
fn near(line: u128) -> House {
    let mut house = House::new(Some(2));
    for party in 1..=2 + line {
        house.answer(party, &yes(0)).unwrap();
    }
    house.now = at("2027-01-13T11:00:00Z");
    house
}

fn offered(facts: &[Fact]) -> Vec<u128> {
    let offer = |fact: &Fact| match fact {
        Fact::Offered { invitation, .. } => Some(invitation.uuid().as_u128()),
        _ => None,
    };
    facts.iter().filter_map(offer).collect()
}

fn expired(facts: &[Fact]) -> Vec<u128> {
    let over = |fact: &Fact| match fact {
        Fact::OfferExpired { invitation, .. } => Some(invitation.uuid().as_u128()),
        _ => None,
    };
    facts.iter().filter_map(over).collect()
}

#[test]
fn an_offer_holds_its_seat_and_a_yes_takes_it() {
    let mut house = near(3);
    let facts = house.answer(1, &no()).unwrap();
    assert_eq!((offered(&facts), promoted(&facts)), (vec![3], vec![]));
    assert_eq!(house.offers()[0].until, at("2027-01-14T10:00:00Z"), "nine hours, a night, three hours");
    assert_eq!((house.room.taken(), house.room.free(), house.waiting()), (2, 0, vec![4, 5]));
    assert_eq!(house.answer(6, &yes(0)).unwrap().len(), 1, "the seat is held: nobody else gets it");
    assert_eq!(house.waiting(), [4, 5, 6]);
    house.answer(3, &yes(0)).unwrap();
    assert_eq!((house.seat_of(3), house.room.offered), (Seat::Confirmed, 0));
    house.now = at("2027-01-14T10:00:00Z");
    assert_eq!(house.serve(), [], "an offer that was taken does not end");
    assert_eq!(house.answer(3, &yes(0)), Ok(vec![]));
}

#[test]
fn no_and_maybe_let_it_go_to_the_next() {
    for request in [no(), maybe()] {
        let mut house = near(2);
        house.answer(1, &no()).unwrap();
        assert_eq!(offered(&house.answer(3, &request).unwrap()), [4]);
        assert_eq!(offered(&house.leave(4)), [], "the line is empty");
        assert_eq!((house.room.offered, house.room.free()), (0, 1));
    }
}

#[test]
fn an_offer_that_ends_sends_its_party_to_the_end_and_the_next_is_served() {
    let mut house = near(2);
    house.answer(1, &no()).unwrap();
    house.now = house.offers()[0].until - TimeDelta::seconds(1);
    assert_eq!(house.serve(), []);
    house.now += TimeDelta::seconds(1);
    let facts = house.serve();
    assert_eq!((expired(&facts), offered(&facts), house.waiting()), (vec![3], vec![4], vec![3]));
    assert_eq!(house.serve(), [], "and only once");
    house.answer(4, &no()).unwrap();
    assert_eq!(house.seat_of(3), Seat::Offered, "everybody else had their turn");
    assert_eq!(house.recount(), house.room);
}

#[test]
fn never_past_the_cut_off_and_then_first_come() {
    let mut house = near(2);
    house.answer(1, &no()).unwrap();
    house.now = at("2027-01-14T10:00:00Z");
    assert_eq!(offered(&house.serve()), [4]);
    let cut_off = at("2027-01-14T16:00:00Z");
    assert_eq!(house.offers()[0].until, cut_off);
    house.now = cut_off;
    let facts = house.serve();
    assert_eq!((expired(&facts), offered(&facts)), (vec![4], vec![]));
    house.answer(4, &yes(0)).unwrap();
    assert_eq!(seats(&house, 3..=4), [Seat::Waitlisted, Seat::Confirmed], "whoever says yes first");
}

#[test]
fn who_answers_is_seated_not_offered_what_they_have_just_said_yes_to() {
    let mut house = near(0);
    house.answer(1, &no()).unwrap();
    house.answer(7, &yes(0)).unwrap();
    assert_eq!(house.seat_of(7), Seat::Confirmed);
}

#[test]
fn with_fewer_guests_the_rest_goes_on_and_with_more_it_stays_as_it_was() {
    let mut house = House::new(Some(4));
    for (party, guests) in [(1, 2), (2, 2), (3, 1)] {
        house.answer(party, &yes(guests)).unwrap();
    }
    house.now = at("2027-01-13T11:00:00Z");
    assert_eq!(offered(&house.answer(1, &no()).unwrap()), [2]);
    assert_eq!(house.room.offered, 3);
    assert_eq!(house.answer(2, &yes(3)), Err(Refusal::GuestsLeft { left: 2 }));
    assert_eq!(house.seat_of(2), Seat::Offered);
    assert_eq!(offered(&house.answer(2, &yes(1)).unwrap()), [3]);
    assert_eq!((house.seat_of(2), house.room.taken()), (Seat::Confirmed, 4));
}

#[test]
fn at_night_everything_waits_for_eight_but_who_answers_at_the_head() {
    for (now, far) in [("2026-12-10T20:00:00Z", true), ("2027-01-12T20:00:00Z", false)] {
        let mut house = near(2);
        house.now = at(now);
        assert_eq!(house.answer(1, &no()).unwrap().len(), 1, "nobody is woken");
        house.answer(8, &yes(0)).unwrap();
        assert_eq!(house.waiting(), [3, 4, 8], "somebody waits before them");
        assert_eq!(house.answer(4, &yes(0)), Ok(vec![]));
        house.now += TimeDelta::hours(11) - TimeDelta::seconds(1);
        assert_eq!(house.serve(), []);
        let mut early = house.clone();
        early.answer(3, &yes(0)).unwrap();
        assert_eq!(early.seat_of(3), Seat::Confirmed, "at the head, awake, and a seat is free");
        house.now += TimeDelta::seconds(1);
        let facts = house.serve();
        let (given, other) =
            if far { (promoted(&facts), offered(&facts)) } else { (offered(&facts), promoted(&facts)) };
        assert_eq!((given, other), (vec![3], vec![]));
    }
}

#[test]
fn moved_far_away_an_offer_becomes_a_seat_and_stays_one_when_near() {
    let mut house = near(1);
    house.answer(1, &no()).unwrap();
    house.event.span = crate::common::evening_of("2027-01-15");
    assert_eq!((house.serve(), house.seat_of(3)), (vec![], Seat::Offered));
    house.event.span = crate::common::evening_of("2027-02-11");
    assert_eq!(promoted(&house.serve()), [3]);
    assert_eq!(house.recount(), house.room);
}

#[test]
fn cancelled_an_offer_ends_and_keeps_its_place() {
    let mut house = near(2);
    house.answer(1, &no()).unwrap();
    house.event.stage = Stage::Cancelled;
    assert_eq!(house.cancel().len(), 1);
    assert_eq!((house.waiting(), house.room.offered), (vec![3, 4], 0));
    assert_eq!(house.recount(), house.room);
    house.now = at("2027-01-14T12:00:00Z");
    assert_eq!(house.serve(), [], "nothing follows a cancellation");
}

#[test]
fn on_the_programme_an_offer_is_given_back() {
    let mut house = near(2);
    house.answer(1, &no()).unwrap();
    assert_eq!(offered(&house.set_role(3, Some(Role::Speaker))), [4]);
    assert_eq!(house.offers().len(), 1);
    assert_eq!(house.recount(), house.room);
}

#[test]
fn who_got_no_seat_last_time_is_served_first_until_they_let_an_offer_pass() {
    let mut house = near(3);
    house.histories.insert(5, History { waited_last_time: true, late_no_shows: 0 });
    house.histories.insert(3, History { waited_last_time: true, late_no_shows: 2 });
    assert_eq!(house.waiting(), [5, 4, 3]);
    assert_eq!(offered(&house.answer(1, &no()).unwrap()), [5]);
    house.now = house.offers()[0].until;
    let facts = house.serve();
    assert_eq!((expired(&facts), offered(&facts)), (vec![5], vec![4]));
    assert_eq!(house.waiting(), [5, 3], "behind all but who was twice missed");
    house.answer(5, &no()).unwrap();
    house.answer(5, &yes(0)).unwrap();
    assert!(house.rsvps[&5].let_pass, "not first again by saying it anew");
}
