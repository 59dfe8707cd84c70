//! `/api/v1/events/{id}/seats`, the roster, and answers on behalf of members.

use actix_web::{HttpRequest, web::Payload};
use mensuel_domain::{
    event::{Event, MOST_GUESTS},
    fact::Actor,
    id::Id,
    invitation::Invitee,
    member::Member,
    rsvp::{Channel, Request, Rsvp, Seat},
    text::PersonName,
};
use mensuel_infra::store::{events as rows, invitations, members, rsvps, tokens::Scope, waitlist};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Answer, body,
    events::find,
    fields::Fields,
    id,
    query::{Page, Query},
    read, write,
};
use crate::{
    app::App,
    callers,
    problem::Problem,
    use_cases::rsvps::{Asked, Whose, answer},
};

#[derive(Serialize)]
struct Seats {
    capacity: Option<u32>,
    taken: u32,
    confirmed: u32,
    guests: u32,
    waitlisted: u32,
    offered: u32,
    yes: u32,
    no: u32,
    maybe: u32,
    programme: usize,
    next_offer_until: Option<String>,
}

pub async fn seats(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let event = find(&req).await?;
    let db = callers::app(&req).store.read();
    let room = rsvps::room(db, &event).await?;
    let next_offer_until = waitlist::next_offer_until(db, event.id).await?;
    write::ok(&Seats {
        capacity: room.capacity,
        taken: room.taken(),
        confirmed: room.confirmed,
        guests: room.guests,
        waitlisted: room.waitlisted,
        offered: room.offered,
        yes: room.yes,
        no: room.no,
        maybe: room.maybe,
        programme: event.details.people().filter(|(_, person)| person.is_somebody()).count(),
        next_offer_until: next_offer_until.map(|until| write::instant_in(until, event.span.zone)),
    })
}

#[derive(Serialize)]
struct Line {
    member_id: Option<Id<Member>>,
    name: String,
    answer: Option<&'static str>,
    guests: u32,
    guest_names: Vec<String>,
    seat: &'static str,
    place_in_line: Option<u32>,
    offer_until: Option<String>,
    answered_at: Option<String>,
    channel: Option<&'static str>,
    before_move: bool,
}

fn line(event: &Event, rsvp: &Rsvp, name: String, place_in_line: Option<u32>) -> Line {
    Line {
        member_id: rsvp.member,
        name,
        answer: Some(rsvp.answer.name()),
        guests: rsvp.guests,
        guest_names: rsvp.guest_names.iter().map(ToString::to_string).collect(),
        seat: seat(rsvp.seat),
        place_in_line,
        offer_until: rsvp.offer_until.map(|until| write::instant_in(until, event.span.zone)),
        answered_at: Some(write::instant(rsvp.answered_at)),
        channel: Some(rsvp.channel.name()),
        before_move: rsvp.before_move,
    }
}

/// As the contract calls it: who awaits approval has no seat yet.
pub fn seat(seat: Seat) -> &'static str {
    match seat {
        Seat::Pending => Seat::None.name(),
        Seat::None | Seat::Confirmed | Seat::Waitlisted | Seat::Offered | Seat::Programme => seat.name(),
    }
}

/// The people of the programme, the seated, the waiting in their order, the others.
type Place = (u8, i64, Uuid);

const GROUPS: u8 = 5;

fn group(seat: Seat) -> u8 {
    match seat {
        Seat::Programme => 0,
        Seat::Confirmed | Seat::Offered => 1,
        Seat::Waitlisted => 2,
        Seat::Pending => 3,
        Seat::None => 4,
    }
}

/// The answers of one group after a place, of those who wait with their place in the line.
async fn of_group(
    app: &App,
    event: &Event,
    group_of: u8,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<(Rsvp, Option<u32>)>, Problem> {
    let (db, within) = (app.store.read(), after.filter(|(of, _, _)| *of == group_of));
    if group_of == group(Seat::Waitlisted) {
        let before = within.map_or(0, |(_, place, _)| u32::try_from(place).unwrap_or(u32::MAX - 1));
        let waiting = waitlist::waiting(db, event.id, before, limit, app.now()).await?;
        return Ok(waiting.into_iter().zip((before.saturating_add(1)..).map(Some)).collect());
    }
    let seats: Vec<Seat> = Seat::ALL.into_iter().filter(|seat| group(*seat) == group_of).collect();
    let found = rsvps::with_seats(db, event.id, &seats, within.map(|(_, _, id)| id), limit).await?;
    Ok(found.into_iter().map(|rsvp| (rsvp, None)).collect())
}

pub async fn roster(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let app = callers::app(&req);
    let event = find(&req).await?;
    let mut query = Query::of(&req);
    let page: Page<Place> = query.page();
    query.finish()?;
    let mut shown = Vec::new();
    for group in page.after.map_or(0, |(group, _, _)| group)..GROUPS {
        let left = page.fetch().saturating_sub(shown.len() as u64);
        if left > 0 {
            shown.extend(of_group(app, &event, group, page.after, left).await?);
        }
    }
    let place = |(rsvp, place): &(Rsvp, Option<u32>)| -> Place {
        (group(rsvp.seat), place.map_or(0, i64::from), rsvp.invitation.uuid())
    };
    let (shown, next) = page.cut(shown, place);
    let people =
        members::find_many(app.store.read(), shown.iter().filter_map(|(rsvp, _)| rsvp.member)).await?;
    let mut lines = Vec::with_capacity(shown.len());
    for (rsvp, place_in_line) in &shown {
        let name = match rsvp.member.and_then(|id| people.get(&id)) {
            Some(member) => member.name.to_string(),
            None => guest_name(app, rsvp).await?,
        };
        lines.push(line(&event, rsvp, name, *place_in_line));
    }
    write::list((lines, next))
}

/// Named guests are few.
async fn guest_name(app: &App, rsvp: &Rsvp) -> Result<String, Problem> {
    let invitation = invitations::find(app.store.read(), rsvp.invitation).await?;
    Ok(match invitation.map(|invitation| invitation.guest) {
        Some(Invitee::NamedGuest { name, .. }) => name.to_string(),
        Some(Invitee::Member(_)) | None => String::new(),
    })
}

/// An answer as JSON gives it.
pub fn request(fields: &Fields<'_>, channel: Channel) -> Option<Request> {
    let answer = fields.required("answer", read::answer);
    let guests = fields.optional("guests", read::number(0, MOST_GUESTS)).unwrap_or(0);
    let guest_names: Vec<PersonName> =
        fields.list("guest_names", MOST_GUESTS as usize, read::name).unwrap_or_default();
    answer.map(|answer| Request {
        answer,
        guests,
        guest_names,
        channel,
        over_capacity: false,
        before_move: false,
    })
}

pub async fn answer_for(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let (event, member): (Id<Event>, Id<Member>) = (id(&req, "id")?, id(&req, "member_id")?);
    let (_, value) = body::required(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let over_capacity = fields.optional("over_capacity", read::boolean).unwrap_or(false);
    let request = request(&fields, Channel::Organizer).map(|request| Request { over_capacity, ..request });
    let request = fields.finish(request)?;
    let app = callers::app(&req);
    let event = rows::find(app.store.read(), event).await?.ok_or(Problem::NOT_FOUND)?;
    let known = members::find(app.store.read(), member).await?.ok_or(Problem::NOT_FOUND)?;
    let asked = Asked {
        actor: Actor::Organizer(organizer.id),
        event: event.id,
        whose: Whose::Member(member),
        request,
    };
    let rsvp = give(app, asked).await?;
    let waits = waitlist::place(app.store.read(), &rsvp, app.now()).await?;
    write::ok(&line(&event, &rsvp, known.name.to_string(), waits))
}

/// Records one answer.
pub async fn give(app: &App, asked: Asked) -> Result<Rsvp, Problem> {
    let outcomes = app
        .unit(move |app| {
            let asked = asked.clone();
            async move { answer(&app, vec![asked]).await }
        })
        .await?;
    let one = outcomes.into_iter().next().ok_or(Problem::NOT_FOUND)?;
    Ok(one?)
}
