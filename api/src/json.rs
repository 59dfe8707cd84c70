//! `/api/v1`: JSON in, JSON out, as `openapi.yaml` says.

pub(crate) mod body;
mod cursor;
mod etag;
mod fields;
mod idempotent;
mod query;
mod read;
mod write;

pub mod access;
pub mod answers;
pub mod event_in;
pub mod event_out;
pub mod events;
pub mod facts;
pub mod inbound;
pub mod invitations;
pub mod links;
pub mod members;
pub mod outbox;
pub mod plans;
pub mod rsvps;
pub mod series;
pub mod series_in;
pub mod venues;
pub mod waves;

use actix_web::{HttpRequest, HttpResponse};
use mensuel_domain::id::Id;
use uuid::Uuid;

use crate::problem::Problem;

/// What every door of JSON answers.
pub type Answer = Result<HttpResponse, Problem>;

/// An id of the path. What is not a UUID is nobody's: 404.
fn id<T>(req: &HttpRequest, name: &str) -> Result<Id<T>, Problem> {
    let text = req.match_info().get(name).unwrap_or_default();
    // The plain form only: other spellings would be other addresses of one thing.
    let uuid = Uuid::try_parse(text).ok().filter(|uuid| uuid.hyphenated().to_string() == text.to_lowercase());
    uuid.map(Id::new).ok_or(Problem::NOT_FOUND)
}
