//! `/api/v1/rsvps/{token}`: the signed link as JSON.

use actix_web::{HttpRequest, http::StatusCode, web::Payload};
use i18n_embed_fl::fl;
use mensuel_domain::{
    event::Event,
    lang::Lang,
    rsvp::{self, Channel, Prospect, Rsvp, Seat, Window},
    waitlist::Room,
};
use mensuel_infra::{
    say,
    store::{rsvps, waitlist},
};
use serde::Serialize;

use super::{
    Answer,
    answers::{give, request, seat},
    body,
    event_out::{self, Season, text},
    fields::Fields,
    query::Query,
    read,
    write::{self, instant_in},
};
use crate::{
    callers::{self, RsvpLink},
    i18n::words,
    sight::{self, Online, Private, Sight},
    use_cases::rsvps::{Asked, Whose},
};

#[derive(Serialize)]
struct Shown {
    for_name: String,
    event: Evening,
    state: Window,
    answer: Option<&'static str>,
    guests: u32,
    guest_names: Vec<String>,
    seat: &'static str,
    place_in_line: Option<u32>,
    offer_until: Option<String>,
    max_guests: u32,
    guests_left: Option<u32>,
    chosen: Option<&'static str>,
    rule: Option<String>,
    before_move: bool,
}

#[derive(Serialize)]
struct Evening {
    title: Option<String>,
    format: Option<&'static str>,
    starts_at: String,
    ends_at: String,
    time_zone: &'static str,
    venue: Option<String>,
    area: Option<String>,
    address: Option<String>,
    online_url: Option<String>,
    summary: Option<String>,
    stage: &'static str,
    language: &'static str,
    people: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    role: &'static str,
    name: Option<String>,
}

fn token(req: &HttpRequest) -> &str {
    req.match_info().get("token").unwrap_or_default()
}

pub async fn get(req: HttpRequest) -> Answer {
    let link = callers::rsvp_link(&req, token(&req)).await?;
    let mut query = Query::of(&req);
    let chosen = query.read("a", read::answer_named);
    query.finish()?;
    show(&req, &link, chosen.map(|answer| answer.name())).await
}

pub async fn put(req: HttpRequest, payload: Payload) -> Answer {
    let mut link = callers::rsvp_link(&req, token(&req)).await?;
    Query::none(&req)?;
    let (_, value) = body::required(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let request = request(&fields, Channel::Link);
    let request = fields.finish(request)?;
    let asked = Asked {
        actor: link.actor(),
        event: link.event.id,
        whose: Whose::Invitation(link.invitation.id),
        request,
    };
    link.rsvp = Some(give(callers::app(&req), asked).await?);
    show(&req, &link, None).await
}

async fn show(req: &HttpRequest, link: &RsvpLink, chosen: Option<&'static str>) -> Answer {
    let (app, rsvp) = (callers::app(req), link.rsvp.as_ref());
    let db = app.store.read();
    let room = rsvps::room(db, &link.event).await?;
    let place_in_line = match rsvp {
        Some(rsvp) => waitlist::place(db, rsvp, app.now()).await?,
        None => None,
    };
    let season = Season::load(app, std::slice::from_ref(&link.event)).await?;
    let lang = callers::lang_or(req, link.member.as_ref().map(|member| member.language));
    let shown = Shown {
        for_name: link.short_name(),
        event: evening(link, &season),
        state: rsvp::window(&link.event, app.now()),
        answer: rsvp.map(|rsvp| rsvp.answer.name()),
        guests: rsvp.map_or(0, |rsvp| rsvp.guests),
        guest_names: rsvp
            .map(|rsvp| rsvp.guest_names.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        seat: rsvp.map_or(Seat::None.name(), |rsvp| seat(rsvp.seat)),
        place_in_line,
        offer_until: rsvp
            .and_then(|rsvp| rsvp.offer_until)
            .map(|until| instant_in(until, link.event.span.zone)),
        max_guests: link.event.max_guests,
        guests_left: guests_left(&link.event, &room, rsvp, link.role.is_some()),
        chosen,
        rule: place_in_line
            .map(|_| rule(rsvp::prospect(&link.event, &app.community.waitlist, app.now()), lang)),
        before_move: rsvp.is_some_and(|rsvp| rsvp.before_move),
    };
    write::not_stored(StatusCode::OK, None, &shown)
}

/// How who waits gets a seat, as the page says it.
fn rule(prospect: Prospect, lang: Lang) -> String {
    match prospect {
        Prospect::Line => say::waitlist_rule(lang),
        Prospect::FirstCome => fl!(words(lang), "rsvp-first-come"),
        Prospect::None => fl!(words(lang), "rsvp-line-closed"),
    }
}

/// What a guest of this link sees; one of a held or draft evening would see nothing.
fn evening(link: &RsvpLink, season: &Season) -> Evening {
    let event = &link.event;
    let private = match sight::see(event, link.reader()) {
        Sight::Whole(private) => private,
        Sight::Held | Sight::MembersOnly => Private::Later,
    };
    let there = sight::whereabouts(event, season.venue(event), private);
    let zone = event.span.zone;
    let people = event_out::people(event, season);
    Evening {
        title: text(event.title.as_ref()),
        format: event.format.map(|format| format.name()),
        starts_at: instant_in(event.span.starts_at, zone),
        ends_at: instant_in(event.span.ends_at, zone),
        time_zone: zone.name(),
        venue: text(there.venue),
        area: text(there.area),
        address: text(there.address),
        online_url: match there.online {
            Online::At(url) => Some(url.to_string()),
            Online::No | Online::Later => None,
        },
        summary: text(event.summary.as_ref()),
        stage: event.stage.name(),
        language: event.language.code(),
        people: people.into_iter().map(|(role, name)| Part { role: role.name(), name }).collect(),
    }
}

/// The guests that a yes could bring now; `None` without a limit.
fn guests_left(event: &Event, room: &Room, current: Option<&Rsvp>, on_programme: bool) -> Option<u32> {
    room.capacity?;
    let seated = current.filter(|rsvp| rsvp.seat.is_confirmed() || rsvp.seat == Seat::Offered);
    // While anybody waits a party that has its seats gets no more guests.
    if let Some(rsvp) = seated.filter(|_| room.waitlisted > 0) {
        return Some(rsvp.guests);
    }
    let own = u32::from(!on_programme);
    Some(rsvp::free_after(room, current).saturating_sub(own).min(event.max_guests))
}
