//! "Answers and seats" of the rules: as a table of cases, and against a model kept on paper.

mod common;
#[path = "seats/house.rs"]
mod house;
#[path = "seats/model.rs"]
mod model;
#[path = "seats/offers.rs"]
mod offers;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use common::at;
use house::{House, maybe, no, over, yes};
use mensuel_domain::{
    event::{Event, Stage},
    fact::{Fact, NoticeKind, notifications},
    format::Role,
    rsvp::{Answer, Channel, Refusal, Request, Seat, Window, window},
    text::PersonName,
    waitlist::Service,
};
use model::{Clock, Model};
use proptest::{collection::vec, option, prelude::*, test_runner::Config};

/// A house where these answers have been given, by parties 1, 2, 3 and so on.
fn house(capacity: u32, answers: &[Request]) -> House {
    let mut house = House::new(Some(capacity));
    for (at, request) in answers.iter().enumerate() {
        house.answer(at as u128 + 1, request).unwrap();
    }
    house
}

fn seats(house: &House, parties: impl IntoIterator<Item = u128>) -> Vec<Seat> {
    parties.into_iter().map(|party| house.seat_of(party)).collect()
}

fn promoted(facts: &[Fact]) -> Vec<u128> {
    facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Promoted { invitation, .. } => Some(invitation.uuid().as_u128()),
            _ => None,
        })
        .collect()
}

const SEATED: Seat = Seat::Confirmed;
const WAITS: Seat = Seat::Waitlisted;

#[test]
fn a_party_is_seated_or_waits_whole() {
    let mut house = house(4, &[yes(1), yes(3), yes(1)]);
    assert_eq!(seats(&house, 1..=3), [SEATED, WAITS, SEATED], "the pair is seated past the four");
    assert_eq!((house.room.taken(), house.room.free(), house.waiting()), (4, 0, vec![2]));
    assert_eq!(promoted(&house.answer(1, &no()).unwrap()), [], "two seats are not enough for four");
    assert_eq!(promoted(&house.answer(3, &no()).unwrap()), [2]);
}

#[test]
fn those_passed_over_keep_their_place() {
    let mut house = house(3, &[yes(0), yes(1), yes(1), yes(1), yes(0)]);
    assert_eq!(seats(&house, 1..=5), [SEATED, SEATED, WAITS, WAITS, WAITS]);
    assert_eq!(house.waiting(), [3, 4, 5]);
    assert_eq!(promoted(&house.answer(1, &no()).unwrap()), [5], "the single is seated past two pairs");
    assert_eq!(house.waiting(), [3, 4]);
    assert_eq!(promoted(&house.answer(2, &maybe()).unwrap()), [3]);
}

#[test]
fn maybe_holds_nothing_and_becomes_a_new_yes_at_the_end() {
    let mut house = house(2, &[yes(0), yes(0), yes(0), maybe()]);
    assert_eq!(seats(&house, 3..=4), [WAITS, Seat::None]);
    assert_eq!(promoted(&house.answer(1, &maybe()).unwrap()), [3]);
    house.answer(4, &yes(0)).unwrap();
    house.answer(1, &yes(0)).unwrap();
    assert_eq!(house.waiting(), [4, 1]);
    assert_eq!((house.room.yes, house.room.maybe, house.room.no), (4, 0, 0));
}

#[test]
fn more_and_fewer_guests() {
    let mut house = house(4, &[yes(1), yes(1), yes(2), yes(1)]);
    assert_eq!(house.waiting(), [3, 4]);
    let left = |left| Err(Refusal::GuestsLeft { left });
    assert_eq!(house.answer(1, &yes(2)), left(1), "nobody gets more while anybody waits");
    house.answer(3, &yes(1)).unwrap();
    assert_eq!(house.waiting(), [3, 4], "a waiting party that shrinks keeps its place");
    house.answer(3, &yes(2)).unwrap();
    assert_eq!(house.waiting(), [4, 3], "one that grows goes to the end");
    house.answer(1, &yes(0)).unwrap();
    assert_eq!(house.seat_of(1), SEATED, "a seated party that shrinks stays seated");
    assert_eq!(house.waiting(), [4, 3], "one free seat is not enough for a pair");
    house.answer(4, &no()).unwrap();
    house.answer(3, &no()).unwrap();
    assert_eq!(house.answer(1, &yes(2)), left(1), "one seat is left");
    assert_eq!(house.rsvps[&1].guests, 0, "nothing changed");
    assert!(house.answer(1, &yes(1)).is_ok());
}

#[test]
fn a_party_too_large_is_refused() {
    let mut house = House::new(Some(3));
    assert_eq!(house.answer(1, &yes(4)), Err(Refusal::TooManyGuests { max: 3 }));
    assert_eq!(house.answer(1, &yes(3)), Err(Refusal::LargerThanRoom { capacity: 3 }));
    assert!(house.answer(1, &yes(2)).is_ok());
    assert!(house.answer(2, &Request { guests: 9, ..no() }).is_ok(), "who does not come brings nobody");
    assert_eq!(house.rsvps[&2].guests, 0);
    let name = PersonName::parse("Ada").unwrap();
    let named = Request { guest_names: vec![name.clone(), name], ..yes(1) };
    assert_eq!(house.answer(3, &named), Err(Refusal::TooManyNames));
}

#[test]
fn lowered_limits_turn_nobody_away() {
    let mut house = house(6, &[yes(3), yes(1)]);
    house.event.max_guests = 1;
    assert_eq!(house.set_capacity(Some(2)), [], "taken may exceed a lowered capacity");
    assert_eq!(seats(&house, 1..=2), [SEATED, SEATED], "nobody is unseated");
    assert_eq!(house.answer(1, &yes(3)), Ok(vec![]), "the same answer again changes nothing");
    assert!(house.answer(1, &yes(2)).is_ok(), "fewer guests still count, though above both limits");
    assert_eq!((house.room.taken(), house.room.free()), (5, 0));
    house.answer(3, &yes(0)).unwrap();
    assert_eq!(house.waiting(), [3]);
    assert_eq!(promoted(&house.answer(2, &no()).unwrap()), [], "three seats of two are taken");
    assert_eq!(promoted(&house.answer(1, &yes(0)).unwrap()), [3]);
}

#[test]
fn the_same_answer_again_changes_nothing_and_mails_nobody() {
    let mut house = house(2, &[yes(1), yes(0), no(), maybe()]);
    for (party, request) in [(1, yes(1)), (2, yes(0)), (3, no()), (4, maybe())] {
        for channel in Channel::ALL {
            let again = Request { channel, ..request.clone() };
            assert_eq!(house.answer(party, &again), Ok(vec![]), "{party} {channel:?}");
        }
    }
}

#[test]
fn names_of_guests_stay_when_none_are_given() {
    let names =
        |names: &[&str]| names.iter().map(|name| PersonName::parse(name).unwrap()).collect::<Vec<_>>();
    let mut house = House::new(None);
    house.answer(1, &Request { guest_names: names(&["Ada", "Bob"]), ..yes(2) }).unwrap();
    assert_eq!(house.answer(1, &yes(2)), Ok(vec![]), "a calendar's yes names nobody");
    house.answer(1, &yes(1)).unwrap();
    assert_eq!(house.rsvps[&1].guest_names, names(&["Ada"]));
    assert_eq!(house.answer(1, &Request { guest_names: names(&["Cid"]), ..yes(1) }).unwrap().len(), 1);
    house.answer(1, &no()).unwrap();
    assert_eq!(house.rsvps[&1].guest_names, []);
}

#[test]
fn over_capacity_is_an_organizers_word_and_a_fact() {
    let mut house = house(1, &[yes(0), yes(0), yes(0)]);
    let said = |facts: &[Fact]| matches!(facts, [Fact::Answered { over_capacity: true, .. }]);
    assert!(said(&house.answer(3, &over(0)).unwrap()), "a waiting party");
    assert!(said(&house.answer(4, &over(2)).unwrap()), "a party larger than the room");
    assert!(said(&house.answer(1, &over(1)).unwrap()), "more guests though somebody waits");
    assert_eq!((house.room.taken(), house.waiting()), (6, vec![2]));
    assert_eq!(house.answer(4, &over(2)), Ok(vec![]));
    assert_eq!(house.answer(5, &over(4)), Err(Refusal::TooManyGuests { max: 3 }));
    let mut empty = House::new(Some(5));
    assert!(!said(&empty.answer(1, &over(0)).unwrap()), "a free seat was there");
}

#[test]
fn no_capacity_is_no_limit() {
    let mut house = house(1, &[yes(0), yes(0), yes(0)]);
    assert_eq!(house.waiting(), [2, 3]);
    assert_eq!(promoted(&house.set_capacity(None)), [2, 3]);
    for party in 10..60 {
        house.answer(party, &yes(3)).unwrap();
    }
    assert_eq!(house.room.waitlisted, 0);
}

#[test]
fn a_raised_capacity_serves_the_line_in_order() {
    let mut house = house(2, &[yes(1), yes(1), yes(0), yes(1), yes(0)]);
    assert_eq!(promoted(&house.set_capacity(Some(5))), [2, 3]);
    assert_eq!(house.waiting(), [4, 5]);
}

fn start_minus(house: &mut House, hours: i64) {
    house.now = house.event.span.starts_at - TimeDelta::hours(hours);
}

#[test]
fn from_opening_to_the_end() {
    let mut house = House::new(Some(9));
    let opens = at("2026-12-20T09:00:00Z");
    house.event.opens_at = Some(opens);
    house.event.deadline = Some(house.event.span.starts_at - TimeDelta::hours(24));
    for request in [yes(0), no(), maybe()] {
        assert_eq!(house.answer(1, &request), Err(Refusal::NotYetOpen(opens)));
    }
    assert_eq!(window(&house.event, house.now), Window::NotYetOpen);
    house.now = opens;
    for (party, request) in [(1, yes(2)), (2, yes(0)), (3, maybe()), (5, yes(1))] {
        house.answer(party, &request).unwrap();
    }
    start_minus(&mut house, 24);
    assert_eq!(window(&house.event, house.now), Window::Late, "the deadline itself is late");
    assert_eq!(house.answer(4, &yes(0)), Err(Refusal::Late));
    assert_eq!(house.answer(3, &yes(0)), Err(Refusal::Late));
    assert_eq!(house.answer(2, &yes(1)), Err(Refusal::Late), "more guests do not count");
    assert_eq!(house.answer(2, &yes(0)), Ok(vec![]));
    assert!(house.answer(1, &yes(1)).is_ok(), "fewer guests do");
    assert!(house.answer(4, &maybe()).is_ok() && house.answer(3, &no()).is_ok());
    house.now = house.event.span.ends_at - TimeDelta::seconds(1);
    assert!(house.answer(1, &maybe()).is_ok() && house.answer(5, &no()).is_ok(), "until the end");
    assert_eq!(house.answer(1, &yes(0)), Err(Refusal::Late), "a maybe gave the seat up");
    house.now = house.event.span.ends_at;
    for request in [yes(0), no(), maybe()] {
        assert_eq!(house.answer(2, &request), Err(Refusal::Ended), "the link shows only");
    }
}

#[test]
fn only_a_published_evening_takes_answers() {
    for (stage, refusal) in [
        (Stage::Held, Refusal::NotPublished),
        (Stage::Draft, Refusal::NotPublished),
        (Stage::Cancelled, Refusal::Cancelled),
    ] {
        let mut house = house(1, &[yes(0), yes(0)]);
        house.event = Event { stage, ..house.event };
        assert_eq!(house.answer(1, &no()), Err(refusal), "{stage:?}");
        assert_eq!(house.leave(1), [], "{stage:?}: nobody is promoted to what does not take place");
    }
}

#[test]
fn after_the_deadline_the_line_is_served_until_the_cut_off() {
    let mut house = house(3, &[yes(0), yes(0), yes(0), yes(0), yes(2), yes(2)]);
    house.event.deadline = Some(house.event.span.starts_at - TimeDelta::hours(24));
    start_minus(&mut house, 3);
    house.answer(1, &no()).unwrap();
    assert_eq!(house.seat_of(4), Seat::Offered, "near the evening a seat is offered");
    assert!(house.answer(4, &yes(0)).is_ok(), "and taken, though the deadline has passed");
    assert_eq!(house.seat_of(4), SEATED);
    start_minus(&mut house, 2);
    assert_eq!(promoted(&house.answer(2, &no()).unwrap()), [], "two hours before, nobody is promoted");
    assert_eq!(house.set_capacity(Some(9)), []);
    assert!(house.answer(5, &yes(1)).is_ok(), "fewer guests still count");
    assert_eq!(house.seat_of(5), WAITS, "but after the deadline a free seat is nobody's");
    assert_eq!(house.waiting(), [5, 6], "and the place is kept");
    assert_eq!(house.answer(6, &yes(2)), Ok(vec![]));
}

#[test]
fn after_the_cut_off_a_free_seat_is_first_come_first_served() {
    let mut house = house(2, &[yes(0), yes(0), yes(0), yes(1)]);
    start_minus(&mut house, 1);
    assert_eq!(promoted(&house.answer(1, &no()).unwrap()), [], "the line is not served");
    assert_eq!(house.answer(4, &yes(1)), Ok(vec![]), "a pair does not fit");
    house.answer(9, &yes(0)).unwrap();
    assert_eq!(house.seat_of(9), SEATED, "who asks first, though others wait");
    house.answer(8, &yes(0)).unwrap();
    assert_eq!(house.seat_of(8), WAITS, "none is free");
    house.answer(9, &no()).unwrap();
    house.answer(3, &yes(0)).unwrap();
    assert_eq!(house.seat_of(3), SEATED, "who waits and says yes again");
    assert_eq!(house.waiting(), [4, 8]);
}

#[test]
fn the_programme_stands_outside_the_capacity() {
    let mut house = house(2, &[yes(0), yes(0), yes(0)]);
    house.set_role(9, Some(Role::Speaker));
    let facts = house.answer(9, &yes(0)).unwrap();
    assert!(matches!(facts[..], [Fact::Answered { seat: Seat::Programme, role: Some(Role::Speaker), .. }]));
    assert_eq!((house.room.confirmed, house.room.taken(), house.waiting()), (2, 2, vec![3]));
    assert_eq!(house.answer(9, &yes(1)), Err(Refusal::GuestsLeft { left: 0 }), "guests only into free seats");
    house.set_capacity(Some(5));
    assert_eq!(house.answer(9, &yes(3)), Err(Refusal::GuestsLeft { left: 2 }));
    house.answer(9, &yes(2)).unwrap();
    assert_eq!((house.room.confirmed, house.room.guests, house.room.free()), (3, 2, 0));
    let facts = house.answer(9, &no()).unwrap();
    let kinds: Vec<NoticeKind> = notifications(&facts[0]).into_iter().map(|told| told.kind).collect();
    assert_eq!(kinds, [NoticeKind::Answer, NoticeKind::ProgrammeDeclined], "the organizers are told");
    assert_eq!(house.room.guests, 0);
}

#[test]
fn a_host_brings_a_guest_into_the_last_seat() {
    let mut house = House::new(Some(1));
    house.set_role(1, Some(Role::Moderator));
    assert!(house.answer(1, &yes(1)).is_ok(), "the host takes none");
    assert_eq!(house.room.free(), 0);
    assert!(house.answer(1, &over(2)).is_ok());
    assert_eq!(house.answer(1, &yes(3)), Err(Refusal::GuestsLeft { left: 2 }), "those they have count");
}

#[test]
fn put_on_the_programme_and_taken_off_it() {
    let mut house = house(3, &[yes(1), yes(0), yes(1), yes(0)]);
    assert_eq!(house.waiting(), [3, 4]);
    let facts = house.set_role(1, Some(Role::Speaker));
    assert_eq!((house.seat_of(1), promoted(&facts)), (Seat::Programme, vec![4]), "one seat is freed");
    assert_eq!(house.room.guests, 1, "the guest sits");
    house.set_capacity(Some(4));
    house.set_role(3, Some(Role::Panellist));
    assert_eq!((house.seat_of(3), house.rsvps[&3].guests), (Seat::Programme, 1), "leaves the line");
    house.answer(5, &yes(0)).unwrap();
    house.answer(6, &yes(1)).unwrap();
    house.set_role(6, Some(Role::Panellist));
    assert_eq!((house.waiting(), house.rsvps[&6].guests), (vec![5], 0), "guests only into free seats");
    assert_eq!(promoted(&house.set_role(3, None)), [5], "the guest's seat goes to who waited");
    assert_eq!(house.waiting(), [3], "their yes is a new yes at the end");
    assert_eq!(house.set_role(3, None), [], "and only once");
    assert_eq!(house.set_role(9, Some(Role::Scribe)), [], "who has not answered is not concerned");
    assert_eq!((house.room.yes, house.recount()), (6, house.room.clone()));
}

#[test]
fn who_leaves_gives_back_and_the_queue_moves() {
    let mut house = house(2, &[yes(1), yes(1), yes(0)]);
    assert_eq!(promoted(&house.leave(1)), [2]);
    assert_eq!(promoted(&house.leave(3)), []);
    assert_eq!((house.room.taken(), house.room.waitlisted, house.room.yes), (2, 0, 1));
}

#[test]
fn said_again_after_a_move_keeps_seat_and_place() {
    let mut house = house(2, &[yes(1), yes(1), yes(1), no()]);
    for rsvp in house.rsvps.values_mut() {
        rsvp.before_move = true;
    }
    for (party, request) in [(1, yes(1)), (2, yes(1)), (4, no())] {
        assert_eq!(house.answer(party, &request).unwrap().len(), 1, "it is an answer");
        assert!(!house.rsvps[&party].before_move);
        assert_eq!(house.answer(party, &request), Ok(vec![]));
    }
    assert_eq!((house.seat_of(1), house.waiting()), (SEATED, vec![2, 3]));
    assert_eq!(house.recount(), house.room);
}

#[test]
fn a_calendar_that_shows_what_it_sent_gets_no_mail_back() {
    let kinds = |channel, request: Request| {
        let mut house = house(1, &[yes(0)]);
        let facts = house.answer(2, &Request { channel, ..request }).unwrap();
        notifications(&facts[0]).into_iter().map(|told| told.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(Channel::Calendar, no()), []);
    assert_eq!(kinds(Channel::Calendar, maybe()), []);
    assert_eq!(kinds(Channel::Calendar, yes(0)), [NoticeKind::Answer], "full: the waitlist");
    for channel in [Channel::Link, Channel::Page, Channel::Organizer] {
        assert_eq!(kinds(channel, no()), [NoticeKind::Answer], "{channel:?}");
    }
    assert_eq!(kinds(Channel::Import, yes(0)), [], "imports mail nobody");
}

#[derive(Clone, Debug)]
enum Step {
    Answer(u128, Answer, u32, bool),
    Capacity(Option<u32>),
    Leave(u128),
    Role(u128, bool),
    /// Time goes on, to the next moment at which a rule changes.
    Later,
    /// Time goes on by so many half hours.
    After(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let party = 1u128..=12;
    let answer = prop_oneof![5 => Just(Answer::Yes), 2 => Just(Answer::No), 1 => Just(Answer::Maybe)];
    let guests = prop_oneof![4 => Just(0u32), 3 => Just(1), 2 => Just(2), 1 => 3u32..5];
    prop_oneof![
        40 => (party.clone(), answer, guests, prop::bool::weighted(0.04))
            .prop_map(|(party, answer, guests, over)| Step::Answer(party, answer, guests, over)),
        3 => option::weighted(0.9, 1u32..12).prop_map(Step::Capacity),
        2 => party.clone().prop_map(Step::Leave),
        2 => (party, any::<bool>()).prop_map(|(party, on)| Step::Role(party, on)),
        2 => Just(Step::Later),
        2 => (1i64..40).prop_map(Step::After),
    ]
}

/// Where the deadline is, in minutes from the start; `None` is the start itself.
fn deadline() -> impl Strategy<Value = Option<i64>> {
    option::of(prop::sample::select(vec![-24 * 60, -30, 60]))
}

fn set_clock(house: &House, model: &mut Model) {
    let start = house.event.span.starts_at;
    model.clock = Clock {
        now: house.now,
        past_deadline: house.now >= house.event.deadline.unwrap_or(start),
        cut_off: start - TimeDelta::hours(2),
        near: house.now >= start - TimeDelta::days(3),
        ended: house.now >= house.event.span.ends_at,
    };
}

/// The next of: deadline, offers instead of seats, cut-off, start, end, the end of an offer, 21:00
/// and 8:00.
fn next_moment(house: &House) -> chrono::DateTime<chrono::Utc> {
    let start = house.event.span.starts_at;
    let today = house.now.date_naive();
    let days = [today, today.succ_opt().unwrap()];
    let edges =
        days.into_iter().flat_map(|day| [7, 20].map(|hour| day.and_hms_opt(hour, 0, 0).unwrap().and_utc()));
    let offers = house.offers().into_iter().map(|offer| offer.until);
    [
        house.event.deadline.unwrap_or(start),
        start - TimeDelta::days(3),
        start - TimeDelta::hours(2),
        start,
        house.event.span.ends_at,
    ]
    .into_iter()
    .chain(edges)
    .chain(offers)
    .filter(|time| *time > house.now)
    .min()
    .unwrap()
}

/// Both do what comes with time: a worker does it at the moment itself.
fn go_to(house: &mut House, model: &mut Model, until: chrono::DateTime<chrono::Utc>) {
    while house.now < until {
        house.now = next_moment(house).min(until);
        set_clock(house, model);
        house.serve();
        model.time_passes();
    }
}

/// Takes one step in both; answers whether seats may now be taken beyond the capacity.
fn take(house: &mut House, model: &mut Model, step: &Step) -> Result<bool, TestCaseError> {
    match *step {
        Step::Answer(party, answer, guests, over_capacity) => {
            let request = Request { answer, guests, over_capacity, ..yes(0) };
            let (was, numbers) = (model.clone(), house.room.next_number);
            let changed = model.answer(party, &request);
            let facts = house.answer(party, &request);
            prop_assert_eq!(facts.as_ref().map(|facts| !facts.is_empty()), changed.as_ref().map(|c| *c));
            if let (Err(said), Err(meant)) = (&facts, &changed) {
                prop_assert_eq!(said, meant);
            }
            if changed.is_err() {
                *model = was;
            }
            prop_assert!(house.room.next_number >= numbers);
            Ok(over_capacity && facts.is_ok())
        }
        Step::Capacity(capacity) => {
            model.capacity = capacity;
            model.serve(None);
            house.set_capacity(capacity);
            Ok(true)
        }
        Step::Leave(party) => {
            model.leave(party);
            house.leave(party);
            Ok(false)
        }
        Step::Role(party, on) => {
            model.set_role(party, on);
            house.set_role(party, on.then_some(Role::Speaker));
            Ok(false)
        }
        Step::Later => {
            let next = next_moment(house);
            go_to(house, model, next);
            Ok(false)
        }
        Step::After(half_hours) => {
            let until = house.now + TimeDelta::minutes(30 * half_hours);
            go_to(house, model, until);
            Ok(false)
        }
    }
}

fn agree(house: &House, model: &Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(house.recount(), house.room.clone(), "the counters equal the rows");
    prop_assert_eq!(house.room.taken(), model.taken());
    prop_assert_eq!(house.waiting(), model.line(), "the order that is shown is the rule's");
    let of_house: BTreeMap<_, _> =
        house.rsvps.iter().map(|(party, r)| (*party, (r.answer, r.guests, r.seat, r.offer_until))).collect();
    let on_paper: BTreeMap<_, _> =
        model.parties.iter().map(|(party, p)| (*party, (p.answer, p.guests, p.seat, p.until))).collect();
    prop_assert_eq!(of_house, on_paper);
    let served = match house.policy.service(&house.event.span, house.now) {
        Service::Seats | Service::Offers { .. } => true,
        Service::Quiet { .. } | Service::FirstCome => false,
    };
    if served {
        let fits = house.line(None).into_iter().find(|party| house.room.fits(party.size));
        prop_assert_eq!(fits, None, "nobody who fits waits while the line is served");
    }
    Ok(())
}

/// A seat is lost by one's own word only, or with one's membership; an offer also with time.
fn nobody_was_unseated(before: &House, after: &House, step: &Step) -> Result<(), TestCaseError> {
    let own = match step {
        Step::Answer(party, ..) | Step::Leave(party) | Step::Role(party, _) => Some(*party),
        Step::Capacity(_) | Step::Later | Step::After(_) => None,
    };
    for (party, rsvp) in before.rsvps.iter().filter(|(party, _)| Some(**party) != own) {
        let is = after.seat_of(*party);
        match rsvp.seat {
            Seat::Confirmed => prop_assert_eq!(is, Seat::Confirmed, "{} was taken back", party),
            Seat::Offered => {
                let over = rsvp.offer_until.is_some_and(|until| until <= after.now);
                prop_assert!(
                    over || matches!(is, Seat::Offered | Seat::Confirmed),
                    "{} was cut short",
                    party
                );
            }
            Seat::None | Seat::Waitlisted | Seat::Pending | Seat::Programme => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 800, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() })]

    #[test]
    fn any_evening_goes_as_on_paper(
        capacity in option::weighted(0.95, 1u32..10),
        deadline in deadline(),
        hours_before in prop::sample::select(vec![45 * 24, 5 * 24, 80, 40, 20]),
        favoured in vec(1u128..=12, 0..4),
        missed in vec(1u128..=12, 0..2),
        steps in vec(step(), 1..80),
    ) {
        let mut house = House::new(capacity);
        house.now = house.event.span.starts_at - TimeDelta::hours(hours_before);
        house.event.deadline = deadline.map(|minutes| house.event.span.starts_at + TimeDelta::minutes(minutes));
        for party in &favoured {
            house.histories.entry(*party).or_default().waited_last_time = true;
        }
        for party in &missed {
            house.histories.entry(*party).or_default().late_no_shows = 2;
        }
        let mut model = Model {
            capacity,
            max_guests: house.event.max_guests,
            parties: BTreeMap::new(),
            programme: Vec::new(),
            favoured,
            missed,
            numbers: 0,
            clock: Clock::default(),
        };
        set_clock(&house, &mut model);
        for step in &steps {
            let before = house.clone();
            let may_exceed = take(&mut house, &mut model, step)?;
            agree(&house, &model)?;
            nobody_was_unseated(&before, &house, step)?;
            let limit = house.room.capacity.unwrap_or(u32::MAX);
            prop_assert!(may_exceed || house.room.taken() <= before.room.taken().max(limit), "never oversold");
        }
    }
}
