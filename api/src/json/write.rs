//! Answers in JSON.

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode, http::header};
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::{Answer, etag};

/// A list, or one page of it.
#[derive(Serialize)]
pub struct List<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

pub fn ok(value: &impl Serialize) -> Answer {
    body(HttpResponse::build(StatusCode::OK), value)
}

pub fn list<T: Serialize>((items, next): (Vec<T>, Option<String>)) -> Answer {
    ok(&List { items, next })
}

/// One resource at a revision.
pub fn versioned(value: &impl Serialize, revision: u32) -> Answer {
    tagged(value, &etag::written(revision))
}

/// As [`versioned`], under a tag of its own.
pub fn tagged(value: &impl Serialize, etag: &str) -> Answer {
    let mut response = HttpResponse::build(StatusCode::OK);
    response.insert_header((header::ETAG, etag));
    body(response, value)
}

/// A new resource and where it is.
pub fn created(value: &impl Serialize, location: String, revision: Option<u32>) -> Answer {
    let mut response = HttpResponse::build(StatusCode::CREATED);
    response.insert_header((header::LOCATION, location));
    if let Some(revision) = revision {
        response.insert_header((header::ETAG, etag::written(revision)));
    }
    body(response, value)
}

pub fn with_status(status: StatusCode, value: &impl Serialize) -> Answer {
    body(HttpResponse::build(status), value)
}

/// For what only the holder of a link or secret may see.
pub fn not_stored(status: StatusCode, location: Option<String>, value: &impl Serialize) -> Answer {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(location) = location {
        response.insert_header((header::LOCATION, location));
    }
    body(response, value)
}

pub fn no_content() -> Answer {
    Ok(HttpResponse::NoContent().finish())
}

fn body(mut response: HttpResponseBuilder, value: &impl Serialize) -> Answer {
    let bytes = serde_json::to_vec(value).expect("rows of our own are JSON");
    Ok(response.content_type("application/json").body(bytes))
}

/// With the offset in force there.
pub fn instant_in(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).fixed_offset().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
