//! One evening as the reader of a mail may see it.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    format::{Person, Role},
    rsvp::{Answer, Rsvp, Seat, prospect},
    venue::Venue,
};
use mensuel_infra::{
    mail::letter::{Evening, OnStage, Online, Place, Standing, Who},
    store::StoreError,
};

use super::known::{Known, Part, Whole};
use crate::{
    app::App,
    entries,
    sight::{self, Private, Sight, Whereabouts},
};

/// What a mail shows of an evening. One without title or format was never announced, and nobody
/// can have been told of it.
pub(super) fn of(
    app: &App,
    known: &Known<'_>,
    whole: &Whole,
    now: DateTime<Utc>,
) -> Result<Evening, StoreError> {
    let event = &whole.event;
    let (Some(title), Some(format)) = (&event.title, event.format) else {
        return Err(StoreError::Corrupt("a mail about an evening that was not announced".to_owned()));
    };
    Ok(Evening {
        title: title.to_string(),
        format,
        language: event.language,
        span: event.span,
        place: place(event, &sight::whereabouts(event, whole.venue.as_ref(), private(known, event))),
        summary: event.summary.as_ref().map(ToString::to_string),
        details: event.details.clone(),
        people: people(whole),
        page: event.slug.as_ref().filter(|_| !event.members_only).map(|slug| app.links.event(slug)),
        rsvp: known.part.as_ref().map(|part| entries::answer_link(&app.links, &part.invitation)),
        standing: known.part.as_ref().map_or(Standing::Silent, |part| standing_of(event, part)),
        prospect: prospect(event, &app.community.waitlist, now),
    })
}

pub(super) fn private(known: &Known<'_>, event: &Event) -> Private {
    match sight::see(event, known.reader()) {
        Sight::Whole(private) => private,
        Sight::Held | Sight::MembersOnly => Private::Later,
    }
}

fn place(event: &Event, seen: &Whereabouts<'_>) -> Place {
    let cancelled = event.stage == Stage::Cancelled;
    Place {
        venue: seen.venue.map(ToString::to_string),
        area: seen.area.map(ToString::to_string),
        address: seen.address.map(ToString::to_string),
        access: seen.access.map(ToString::to_string),
        online: match seen.online {
            sight::Online::No => None,
            // The link of an evening that is cancelled is of no use to anybody.
            sight::Online::At(_) if cancelled => Some(Online::Hidden),
            sight::Online::Later => Some(Online::Hidden),
            sight::Online::At(link) => Some(Online::Link(link.to_string())),
        },
        later: !cancelled && (seen.address_later || seen.online == sight::Online::Later),
    }
}

/// Where it was to be: name and area are enough to see what changed. Without a room it was online.
pub(super) fn former_place(venue: Option<&Venue>) -> Place {
    match venue {
        Some(venue) => Place {
            venue: Some(venue.name.to_string()),
            area: venue.area.as_ref().map(ToString::to_string),
            ..Place::default()
        },
        None => Place { online: Some(Online::Hidden), ..Place::default() },
    }
}

fn people(whole: &Whole) -> Vec<OnStage> {
    let who = |person: &Person| match person {
        Person::Member(id) => match whole.people.get(id) {
            Some(member) => Who::Named(member.name.to_string()),
            None => Who::Former,
        },
        Person::Guest { name, .. } => Who::Named(name.to_string()),
        Person::Former => Who::Former,
        Person::Vacant => Who::Vacant,
    };
    let on_stage = |(role, person): (Role, &Person)| OnStage { role, who: who(person) };
    whole.event.details.people().map(on_stage).collect()
}

pub(super) fn standing_of(event: &Event, part: &Part) -> Standing {
    part.rsvp.as_ref().map_or(Standing::Silent, |rsvp| standing(event, rsvp, part.place_in_line))
}

/// The stored answer and what came of it.
pub(super) fn standing(event: &Event, rsvp: &Rsvp, place_in_line: Option<u32>) -> Standing {
    let guests = rsvp.guests;
    let place = place_in_line.unwrap_or(1);
    let until = rsvp.offer_until.map(|until| until.with_timezone(&event.span.zone).naive_local());
    match (rsvp.answer, rsvp.seat) {
        (Answer::No, _) => Standing::No,
        (Answer::Maybe, _) => Standing::Maybe,
        (Answer::Yes, Seat::Confirmed) => Standing::Seated { guests },
        (Answer::Yes, Seat::Programme) => Standing::Programme { guests },
        (Answer::Yes, Seat::Waitlisted | Seat::Offered | Seat::Pending | Seat::None) => match until {
            Some(until) => Standing::Offered { until, guests },
            None => Standing::Waiting { place, guests },
        },
    }
}
