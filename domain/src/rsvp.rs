//! A member's answer to an evening, and the seat that follows from it.

mod line;
mod seating;

use line::given;
pub use line::{Line, serve_line, withdraw_offers};
pub use seating::{free, off_programme, onto_programme};
use seating::{place, settle_line};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    event::{Event, Stage},
    fact::{Decision, Fact},
    format::Role,
    id::Id,
    invitation::Invitation,
    member::Member,
    text::PersonName,
    waitlist::{History, Policy, Room, Served, Service, Waiting, precedence, serve},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Yes,
    No,
    /// Holds no seat.
    Maybe,
}

impl Answer {
    pub const ALL: [Answer; 3] = [Answer::Yes, Answer::No, Answer::Maybe];

    pub const fn name(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::Maybe => "maybe",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.name() == name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    None,
    Confirmed,
    Waitlisted,
    /// Held for a party until it takes it, or lets it go or pass.
    Offered,
    /// Waits for an organizer's approval.
    Pending,
    /// On the programme: outside the capacity, never waits.
    Programme,
}

impl Seat {
    pub const ALL: [Seat; 6] =
        [Seat::None, Seat::Confirmed, Seat::Waitlisted, Seat::Offered, Seat::Pending, Seat::Programme];

    pub const fn name(self) -> &'static str {
        match self {
            Seat::None => "none",
            Seat::Confirmed => "confirmed",
            Seat::Waitlisted => "waitlisted",
            Seat::Offered => "offered",
            Seat::Pending => "pending",
            Seat::Programme => "programme",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|seat| seat.name() == name)
    }

    /// In a chair that evening.
    pub const fn is_confirmed(self) -> bool {
        match self {
            Seat::Confirmed | Seat::Programme => true,
            Seat::None | Seat::Waitlisted | Seat::Offered | Seat::Pending => false,
        }
    }
}

/// Where the answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Link,
    Page,
    Organizer,
    Calendar,
    Import,
}

impl Channel {
    pub const ALL: [Channel; 5] =
        [Channel::Link, Channel::Page, Channel::Organizer, Channel::Calendar, Channel::Import];

    pub const fn name(self) -> &'static str {
        match self {
            Channel::Link => "link",
            Channel::Page => "page",
            Channel::Organizer => "organizer",
            Channel::Calendar => "calendar",
            Channel::Import => "import",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// In the room or online.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    #[default]
    InPerson,
    Online,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rsvp {
    pub invitation: Id<Invitation>,
    pub event: Id<Event>,
    /// `None` for a named guest of the programme.
    pub member: Option<Id<Member>>,
    pub answer: Answer,
    pub guests: u32,
    pub guest_names: Vec<PersonName>,
    pub seat: Seat,
    /// Its number in the line, while it waits or is offered a seat.
    pub number: Option<i64>,
    /// When the offer ends, while it is offered a seat.
    pub offer_until: Option<DateTime<Utc>>,
    /// It let an offer of this evening pass.
    pub let_pass: bool,
    pub place: PlaceKind,
    pub channel: Channel,
    pub answered_at: DateTime<Utc>,
    /// Given before the evening moved, and not said again.
    pub before_move: bool,
}

impl Rsvp {
    /// Seats that this answer holds.
    pub fn holds(&self) -> u32 {
        match self.seat {
            Seat::Confirmed | Seat::Offered => 1 + self.guests,
            Seat::Programme => self.guests,
            Seat::None | Seat::Waitlisted | Seat::Pending => 0,
        }
    }
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub answer: Answer,
    pub guests: u32,
    pub guest_names: Vec<PersonName>,
    pub channel: Channel,
    /// An organizer seats them even when no seat is free.
    pub over_capacity: bool,
    /// Given to the evening as it was before it moved, by a calendar that did not know better.
    pub before_move: bool,
}

/// Whose answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answering<'a> {
    pub invitation: Id<Invitation>,
    pub member: Option<Id<Member>>,
    pub role: Option<Role>,
    pub current: Option<&'a Rsvp>,
    /// Looked at only while others wait.
    pub history: History,
}

impl Answering<'_> {
    /// The party as it stands in the line, if it waits.
    fn waiting(&self, rsvp: &Rsvp) -> Option<Waiting> {
        let number = rsvp.number.filter(|_| rsvp.seat == Seat::Waitlisted)?;
        Some(Waiting {
            invitation: rsvp.invitation,
            size: 1 + rsvp.guests,
            number,
            precedence: precedence(self.history, rsvp.let_pass),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotYetOpen(DateTime<Utc>),
    /// After the deadline a yes and more guests do not count.
    Late,
    Ended,
    Cancelled,
    NotPublished,
    /// More than this evening allows each member to bring.
    TooManyGuests {
        max: u32,
    },
    /// The party is larger than the whole room.
    LargerThanRoom {
        capacity: u32,
    },
    /// No seats for that many more guests: so many they may bring in all.
    GuestsLeft {
        left: u32,
    },
    /// More names than guests.
    TooManyNames,
}

/// The record after an answer, the counters, and who else got something by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub rsvp: Rsvp,
    pub room: Room,
    pub served: Served,
}

/// What the link may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    NotYetOpen,
    Open,
    /// After the deadline: only what frees seats.
    Late,
    Ended,
    Cancelled,
}

pub fn window(event: &Event, now: DateTime<Utc>) -> Window {
    if event.stage == Stage::Cancelled {
        Window::Cancelled
    } else if event.is_past(now) {
        Window::Ended
    } else if event.opens_at.is_some_and(|opens| now < opens) {
        Window::NotYetOpen
    } else if event.is_closed(now) {
        Window::Late
    } else {
        Window::Open
    }
}

/// How somebody who waits may still get a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// By their turn in the line.
    Line,
    /// By saying yes first when a seat is free.
    FirstCome,
    /// Neither is the line served any more, nor does a yes count.
    None,
}

pub fn prospect(event: &Event, policy: &Policy, now: DateTime<Utc>) -> Prospect {
    match policy.service(&event.span, now) {
        Service::Seats | Service::Offers { .. } | Service::Quiet { .. } => Prospect::Line,
        Service::FirstCome if !event.is_closed(now) => Prospect::FirstCome,
        Service::FirstCome => Prospect::None,
    }
}

/// Whether somebody who waits, `place` being theirs in the line, would get a seat by saying yes again.
pub fn takes_now(
    event: &Event,
    policy: &Policy,
    room: &Room,
    rsvp: &Rsvp,
    place: Option<u32>,
    now: DateTime<Utc>,
) -> bool {
    let fits = rsvp.seat == Seat::Waitlisted && room.fits(1 + rsvp.guests) && now < event.deadline();
    match policy.service(&event.span, now) {
        Service::FirstCome => fits,
        Service::Quiet { .. } => fits && place == Some(1),
        // Who fits is served by itself.
        Service::Seats | Service::Offers { .. } => false,
    }
}

/// Seats that are free at most once an answer has been given, whatever it is. When there are none,
/// nobody of the line is looked at.
pub fn free_after(room: &Room, current: Option<&Rsvp>) -> u32 {
    let stay = room.taken().saturating_sub(current.map_or(0, Rsvp::holds));
    room.capacity.map_or(u32::MAX, |capacity| capacity.saturating_sub(stay))
}

/// Decides one answer under the evening's lock, offers that are over having ended before. `line`
/// are the parties that wait, without the one that answers; none are needed when no seat can
/// become free ([`free_after`]).
pub fn answer(
    event: &Event,
    policy: &Policy,
    room: &Room,
    who: Answering<'_>,
    request: &Request,
    line: Vec<Waiting>,
    now: DateTime<Utc>,
) -> Result<Decision<Answered>, Refusal> {
    check_window(event, who.current, request, now)?;
    check_party(event, room, who, request)?;
    let service = policy.service(&event.span, now);
    if let Some(current) = who.current
        && is_same(current, who.role, request)
        && !claims_free_seat(event, room, who, current, &line, service, now)
    {
        return Ok(Decision::unchanged(Answered {
            rsvp: current.clone(),
            room: room.clone(),
            served: Served::default(),
        }));
    }
    let mut room = room.clone();
    let mut rsvp = recorded(event.id, who, request, now);
    let first_come = service == Service::FirstCome && now < event.deadline();
    let over_capacity = place(&mut room, who, request, &mut rsvp, first_come)?;
    let own = who.waiting(&rsvp);
    let served = settle_line(&mut room, &mut rsvp, own, line, service);
    count(&mut room, who.current.map(|current| current.answer), Some(rsvp.answer));
    let mut facts = vec![Fact::Answered {
        event: event.id,
        invitation: rsvp.invitation,
        answer: rsvp.answer,
        guests: rsvp.guests,
        seat: rsvp.seat,
        channel: rsvp.channel,
        over_capacity,
        role: who.role,
        before_move: rsvp.before_move,
    }];
    facts.extend(given(event.id, &served));
    Ok(Decision { value: Answered { rsvp, room, served }, facts })
}

/// Counts an answer given, changed or withdrawn.
pub fn count(room: &mut Room, before: Option<Answer>, after: Option<Answer>) {
    let mut add = |answer: Option<Answer>, by: i64| {
        let counter = match answer {
            Some(Answer::Yes) => &mut room.yes,
            Some(Answer::No) => &mut room.no,
            Some(Answer::Maybe) => &mut room.maybe,
            None => return,
        };
        *counter = u32::try_from(i64::from(*counter) + by).unwrap_or(0);
    };
    add(before, -1);
    add(after, 1);
}

fn check_window(
    event: &Event,
    current: Option<&Rsvp>,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    match event.stage {
        Stage::Held | Stage::Draft => return Err(Refusal::NotPublished),
        Stage::Published | Stage::Cancelled => {}
    }
    match window(event, now) {
        Window::Cancelled => Err(Refusal::Cancelled),
        Window::Ended => Err(Refusal::Ended),
        Window::NotYetOpen => match event.opens_at {
            Some(opens) => Err(Refusal::NotYetOpen(opens)),
            None => Ok(()),
        },
        Window::Open => Ok(()),
        Window::Late => match (request.answer, current) {
            (Answer::No | Answer::Maybe, _) => Ok(()),
            (Answer::Yes, Some(rsvp)) if rsvp.answer == Answer::Yes && request.guests <= rsvp.guests => {
                Ok(())
            }
            (Answer::Yes, _) => Err(Refusal::Late),
        },
    }
}

fn check_party(event: &Event, room: &Room, who: Answering<'_>, request: &Request) -> Result<(), Refusal> {
    if request.answer != Answer::Yes {
        return Ok(());
    }
    if request.guest_names.len() as u64 > u64::from(request.guests) {
        return Err(Refusal::TooManyNames);
    }
    // Limits that were lowered later turn away nobody who comes already with as many guests.
    if who.current.is_some_and(|rsvp| rsvp.answer == Answer::Yes && request.guests <= rsvp.guests) {
        return Ok(());
    }
    if request.guests > event.max_guests {
        return Err(Refusal::TooManyGuests { max: event.max_guests });
    }
    match room.capacity {
        Some(capacity) if request.guests >= capacity && who.role.is_none() && !request.over_capacity => {
            Err(Refusal::LargerThanRoom { capacity })
        }
        Some(_) | None => Ok(()),
    }
}

fn is_same(current: &Rsvp, role: Option<Role>, request: &Request) -> bool {
    let party_is_same = request.answer != Answer::Yes
        || (current.guests == request.guests
            && seat_agrees(current, role)
            // A yes to an offer takes it.
            && current.seat != Seat::Offered
            && (request.guest_names.is_empty() || current.guest_names == request.guest_names));
    let gets_seat = request.over_capacity && current.seat == Seat::Waitlisted;
    current.answer == request.answer
        && party_is_same
        && (!current.before_move || request.before_move)
        && !gets_seat
}

/// Who comes sits outside the capacity exactly while they are on the programme.
fn seat_agrees(current: &Rsvp, role: Option<Role>) -> bool {
    (current.seat == Seat::Programme) == role.is_some()
}

/// Who waits and says yes again takes a seat that is free: after the cut-off, when nobody is served,
/// and in quiet hours at the head of the line.
fn claims_free_seat(
    event: &Event,
    room: &Room,
    who: Answering<'_>,
    current: &Rsvp,
    line: &[Waiting],
    service: Service,
    now: DateTime<Utc>,
) -> bool {
    let Some(own) = who.waiting(current).filter(|own| room.fits(own.size) && now < event.deadline()) else {
        return false;
    };
    match service {
        Service::FirstCome => true,
        Service::Seats | Service::Offers { .. } | Service::Quiet { .. } => {
            let line = line.iter().copied().chain([own]).collect();
            let seated = serve(&mut room.clone(), line, service, Some(own.invitation)).seated;
            seated.contains(&own)
        }
    }
}

fn recorded(event: Id<Event>, who: Answering<'_>, request: &Request, now: DateTime<Utc>) -> Rsvp {
    let comes = request.answer == Answer::Yes;
    let names_kept = comes && request.guest_names.is_empty() && request.guests > 0;
    let guest_names = match who.current {
        Some(current) if names_kept => {
            current.guest_names.iter().take(request.guests as usize).cloned().collect()
        }
        _ if comes => request.guest_names.clone(),
        _ => Vec::new(),
    };
    Rsvp {
        invitation: who.invitation,
        event,
        member: who.member,
        answer: request.answer,
        guests: if comes { request.guests } else { 0 },
        guest_names,
        seat: Seat::None,
        number: None,
        offer_until: None,
        let_pass: who.current.is_some_and(|current| current.let_pass),
        place: who.current.map(|current| current.place).unwrap_or_default(),
        channel: request.channel,
        answered_at: now,
        before_move: request.before_move,
    }
}
