//! `/u/{token}`: which mails one gets. GET shows; POST chooses, also as the one-click of RFC 8058.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{Form, Path},
};
use mensuel_domain::member::Member;

use super::{Page, feed_of, private};
use crate::{
    callers::{self, preferences_link},
    pages::preferences::{ONE_CLICK, PreferencesView, SUBSCRIBE, render},
    problem::{Problem, Wrong},
    use_cases::members,
};

pub async fn preferences(req: HttpRequest, token: Path<String>) -> Page {
    let member = preferences_link(&req, &token).await?;
    Ok(shown(&req, &member, &token, false))
}

/// The pairs of a form, in their order: the one-click names are not those of a struct.
pub type Typed = Vec<(String, String)>;

pub async fn choose(req: HttpRequest, token: Path<String>, typed: Form<Typed>) -> Page {
    let member = preferences_link(&req, &token).await?;
    let said = |pair: (&str, &str)| typed.iter().any(|(name, value)| (name.as_str(), value.as_str()) == pair);
    let id = member.id;
    let app = callers::app(&req);
    let changed = if said(ONE_CLICK) {
        app.unit(move |app| async move { members::unsubscribe(&app, id).await }).await?
    } else if said(SUBSCRIBE) {
        app.unit(move |app| async move { members::resubscribe(&app, id).await }).await?
    } else {
        return Err(Problem::at("/List-Unsubscribe", Wrong::Missing));
    };
    Ok(shown(&req, &changed, &token, true))
}

fn shown(req: &HttpRequest, member: &Member, token: &str, noted: bool) -> actix_web::HttpResponse {
    let view = PreferencesView {
        action: format!("/u/{token}"),
        name: member.short_name(),
        subscribed: member.wants_invitations,
        noted,
        feed: Some(feed_of(&callers::app(req).links, member)),
    };
    private(StatusCode::OK, render(&callers::frame_for(req, Some(member.language)), &view))
}
