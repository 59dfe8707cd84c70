//! `/events/{slug}`: one published or cancelled evening, as strangers may see it.

use actix_web::{HttpRequest, web::Path};
use mensuel_domain::rsvp;
use mensuel_infra::store::{events, rsvps};

use super::{Page, public, shown};
use crate::{
    callers,
    pages::evening::{EveningView, render},
    problem::Problem,
    sight::{Reader, Sight, see},
};

pub async fn evening(req: HttpRequest, slug: Path<String>) -> Page {
    let app = callers::app(&req);
    let db = app.store.read();
    let event = events::find_by_slug(db, &slug).await?.ok_or(Problem::NOT_FOUND)?;
    let Sight::Whole(private) = see(&event, Reader::Stranger) else {
        return Err(Problem::NOT_FOUND);
    };
    let room = rsvps::room(db, &event).await?;
    let around = shown::Around::of(app, &event).await?;
    let view = EveningView {
        evening: shown::evening(&event, &around, private),
        window: rsvp::window(&event, app.now()),
        opens: event.opens_at.map(|opens| shown::on_the_wall(&event, opens)),
        places: shown::places(&room, rsvp::prospect(&event, &app.community.waitlist, app.now())),
        registered: room.confirmed + room.guests,
        cancellation_reason: event.cancellation_reason.as_ref().map(ToString::to_string),
    };
    Ok(public(render(&callers::frame(&req), &view)))
}
