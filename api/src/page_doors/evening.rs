//! `/events/{slug}`: one published or cancelled evening, as strangers may see it.

use actix_web::{HttpRequest, web::Path};
use chrono::{DateTime, Utc};
use mensuel_domain::{event::Event, rsvp, text::Slug};
use mensuel_infra::store::{StoreError, events, facts, rsvps};

use super::{Page, public, shown};
use crate::{
    app::App,
    callers,
    entries::{self, Voice},
    pages::{
        AddLinks,
        evening::{Announced, EveningView, render},
    },
    problem::Problem,
    sight::{Reader, Sight, see},
};

pub async fn evening(req: HttpRequest, slug: Path<String>) -> Page {
    let app = callers::app(&req);
    let db = app.store.read();
    let slug = Slug::parse(&slug).ok_or(Problem::NOT_FOUND)?;
    let event = events::find_by_slug(db, &slug).await?.ok_or(Problem::NOT_FOUND)?;
    let Sight::Whole(private) = see(&event, Reader::Stranger) else {
        return Err(Problem::NOT_FOUND);
    };
    let room = rsvps::room(db, &event).await?;
    let around = shown::Around::of(app, &event).await?;
    let voice =
        Voice { lang: callers::lang(&req), community: app.community.name.as_str(), links: &app.links };
    let planned = entries::planned(&voice, &around.beside(&event), None);
    let view = EveningView {
        evening: shown::evening(&event, &around, Reader::Stranger, private),
        window: rsvp::window(&event, app.now()),
        opens: event.opens_at.map(|opens| shown::on_the_wall(&event, opens)),
        places: shown::places(&room, rsvp::prospect(&event, &app.community.waitlist, app.now())),
        registered: room.confirmed + room.guests,
        cancellation_reason: event.cancellation_reason.as_ref().map(ToString::to_string),
        add: AddLinks::of(&planned, &app.links.event_ics(&slug), format!("/events/{slug}.ics")),
        announced: Announced {
            url: app.links.event(&slug),
            site: app.links.season(),
            summary: event.summary.as_ref().map(|summary| entries::plain(summary.as_str())),
            former_starts: former_starts(app, &event).await?,
        },
    };
    Ok(public(render(&callers::frame(&req), &view)))
}

/// The starts that guests were told before, where one was ever moved after its publication.
async fn former_starts(app: &App, event: &Event) -> Result<Vec<DateTime<Utc>>, StoreError> {
    if event.published_at.is_none_or(|published| event.start_set_at < published) {
        return Ok(Vec::new());
    }
    let moves = facts::moves(app.store.read(), event.id).await?;
    let mut starts: Vec<DateTime<Utc>> = moves.iter().filter_map(|one| one.from_start).collect();
    starts.retain(|start| *start != event.span.starts_at);
    starts.sort();
    starts.dedup();
    Ok(starts)
}
