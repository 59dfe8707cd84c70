//! `/link`: "mail me my link". The answer never says who is a member.

use actix_web::{HttpRequest, http::StatusCode, web::Form};
use mensuel_domain::{
    event::Stage,
    text::{Email, Slug},
};
use mensuel_infra::{say, store::events};
use serde::Deserialize;
use url::form_urlencoded;

use super::{Page, private};
use crate::{
    callers,
    pages::link::{AskedEvent, LinkView, asked, render},
    problem::Problem,
    sight::{Reader, Sight, see},
    use_cases::links,
};

pub async fn link(req: HttpRequest) -> Page {
    let slug = form_urlencoded::parse(req.query_string().as_bytes())
        .find(|(name, _)| name == "event")
        .map(|(_, slug)| slug.into_owned());
    let view = LinkView { event: asked_event(&req, slug.as_deref()).await?, wrong: None };
    Ok(private(StatusCode::OK, render(&callers::frame(&req), &view)))
}

#[derive(Debug, Deserialize)]
pub struct Typed {
    email: String,
    event: Option<String>,
}

pub async fn ask_link(req: HttpRequest, typed: Form<Typed>) -> Page {
    let app = callers::app(&req);
    app.limits.ask(callers::address(&req), app.now())?;
    let slug = typed.event.clone().filter(|slug| !slug.is_empty());
    match Email::parse(&typed.email) {
        Ok(email) => {
            links::ask_aside(app, email, slug.clone());
            Ok(private(StatusCode::OK, asked(&callers::frame(&req), slug.as_deref())))
        }
        Err(error) => {
            let event = asked_event(&req, slug.as_deref()).await?;
            let view = LinkView { event, wrong: Some((typed.email.clone(), error)) };
            Ok(private(StatusCode::UNPROCESSABLE_ENTITY, render(&callers::frame(&req), &view)))
        }
    }
}

/// The evening whose link is asked for, when strangers may see it and it is still to come.
async fn asked_event(req: &HttpRequest, slug: Option<&str>) -> Result<Option<AskedEvent>, Problem> {
    let app = callers::app(req);
    let Some(slug) = slug.and_then(Slug::parse) else {
        return Ok(None);
    };
    let found = events::find_by_slug(app.store.read(), &slug).await?;
    let shown = found.filter(|event| {
        event.stage == Stage::Published
            && !event.is_past(app.now())
            && matches!(see(event, Reader::Stranger), Sight::Whole(_))
    });
    let lang = callers::lang(req);
    Ok(shown.map(|event| AskedEvent {
        slug: slug.to_string(),
        said: format!(
            "{} : {}",
            say::day_near(lang, event.span.date(), app.today()),
            event.title.as_ref().map(ToString::to_string).unwrap_or_default()
        ),
    }))
}
