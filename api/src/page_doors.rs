//! The pages as doors: what a request asks for is read from the store, cut to what its reader may
//! see, and shown by a view of `pages`.

mod evening;
mod link;
mod preferences;
mod rsvp;
mod season;
mod shown;
pub mod unsubscribe;

pub use evening::evening;
pub use link::{ask_link, link};
use preferences::choose;
pub use preferences::{pause, preferences, renew_feed, save};
pub use rsvp::{answer, rsvp};
pub use season::season;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Path,
};
use mensuel_domain::member::Member;
use mensuel_infra::links::{Claim, Purpose};

use crate::{app::App, assets, pages::FeedLinks, problem::Problem};

/// What a page door answers.
type Page = Result<HttpResponse, Problem>;

/// How long strangers' pages may be kept by others, in seconds: not at all without asking.
const REVALIDATE: &str = "no-cache";

fn html(status: StatusCode, cache: &'static str, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept-Language"))
        .body(body)
}

/// A page that strangers may open.
fn public(body: String) -> HttpResponse {
    html(StatusCode::OK, REVALIDATE, body)
}

/// A page behind somebody's link: kept by nobody, found by no robot.
fn private(status: StatusCode, body: String) -> HttpResponse {
    let mut response = html(status, "no-store", body);
    response
        .headers_mut()
        .insert(header::HeaderName::from_static("x-robots-tag"), header::HeaderValue::from_static("noindex"));
    response
}

/// `/assets/{name}`: with the version in its address a file may be kept for ever.
pub async fn asset(req: HttpRequest, name: Path<String>) -> Page {
    let found = assets::get(&name).ok_or(Problem::NOT_FOUND)?;
    let versioned = req.query_string() == format!("v={}", found.version());
    let cache = if versioned { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|field| field.to_str().ok());
    let fresh = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == found.etag));
    let status = if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, cache)).insert_header((header::ETAG, found.etag.as_str()));
    if fresh {
        return Ok(response.finish());
    }
    Ok(response.content_type(found.content_type).body(found.bytes))
}

/// A member's private feed.
fn feed_of(app: &App, member: &Member) -> FeedLinks {
    let claim = Claim { purpose: Purpose::Feed, id: member.id.uuid(), epoch: member.feed_epoch };
    FeedLinks::of(&app.links.member_feed(&app.links.sign(claim)), app.community.name.as_str())
}
