//! Calendars and announcements over HTTP: whole bytes with their validators, 304 where the reader has them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName},
};
use mensuel_domain::format::Format;

use crate::{
    announcements, callers,
    feeds::{self, NotServed, Served, fresh, http_date},
    problem::Problem,
    use_cases::Failure,
};

type Feed = Result<HttpResponse, Problem>;

const PUBLIC: &str = "public, max-age=300";
/// For one reader, and to be asked about each time.
const PRIVATE: &str = "private, no-cache";

const CALENDAR: &str = "text/calendar; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";

pub async fn season(req: HttpRequest) -> Feed {
    let served = feeds::of_season(callers::app(&req)).await;
    public(&req, served, CALENDAR)
}

pub async fn format(req: HttpRequest) -> Feed {
    let format = Format::from_slug(part(&req, "format")).ok_or(Problem::NOT_FOUND)?;
    let served = feeds::of_format(callers::app(&req), format).await;
    public(&req, served, CALENDAR)
}

pub async fn event(req: HttpRequest) -> Feed {
    let served = feeds::of_event(callers::app(&req), part(&req, "slug")).await;
    public(&req, served, CALENDAR)
}

pub async fn member(req: HttpRequest) -> Feed {
    let served = feeds::of_member(callers::app(&req), part(&req, "token")).await;
    private(&req, served)
}

pub async fn invitation(req: HttpRequest) -> Feed {
    let served = feeds::of_invitation(callers::app(&req), part(&req, "token")).await;
    private(&req, served)
}

pub async fn announcements(req: HttpRequest) -> Feed {
    let served = announcements::feed(callers::app(&req)).await;
    public(&req, served, ATOM)
}

/// What no address of ours holds is looked for nowhere.
fn part<'a>(req: &'a HttpRequest, name: &str) -> &'a str {
    let part = req.match_info().get(name).unwrap_or_default();
    if part.chars().any(char::is_control) { "" } else { part }
}

fn public(req: &HttpRequest, served: Result<Served, NotServed>, kind: &'static str) -> Feed {
    match served {
        Ok(served) => Ok(answer(req, &served, PUBLIC, kind)),
        Err(NotServed::Missing) => Err(Problem::NOT_FOUND),
        Err(NotServed::Gone) => Err(Problem::GONE),
        Err(NotServed::Store(error)) => Err(Failure::from(error).into()),
    }
}

fn private(req: &HttpRequest, served: Result<Served, NotServed>) -> Feed {
    match served {
        Ok(served) => Ok(answer(req, &served, PRIVATE, CALENDAR)),
        Err(NotServed::Missing) => Err(callers::unverified(req, Problem::UnknownLink)),
        Err(NotServed::Gone) => Err(Problem::GONE),
        Err(NotServed::Store(error)) => Err(Failure::from(error).into()),
    }
}

fn answer(req: &HttpRequest, served: &Served, cache: &'static str, kind: &'static str) -> HttpResponse {
    let field = |name: HeaderName| req.headers().get(name).and_then(|field| field.to_str().ok());
    let known = fresh(field(header::IF_NONE_MATCH), field(header::IF_MODIFIED_SINCE), served);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, served.etag.as_str()))
        .insert_header((header::LAST_MODIFIED, http_date(served.last_modified)))
        .insert_header((header::CACHE_CONTROL, cache));
    if known {
        return response.finish();
    }
    response.content_type(kind).body(served.bytes.clone())
}
