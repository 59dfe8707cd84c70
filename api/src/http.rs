//! What stands around every answer: headers that protect its reader, problems in words, no
//! compression where calendars choke on it, and a page instead of a broken connection when we fail.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::{InternalError, UrlencodedError},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::{Bytes, FormConfig, Payload},
};

use mensuel_domain::lang::Lang;

use crate::{
    app::App,
    callers,
    pages::{self, Frame, message::Message},
    problem::{self, Problem},
    use_cases::Failure,
};

/// The largest form, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// The largest body, in bytes.
pub const BODY_LIMIT: usize = 1_000_000;

/// The whole body, up to the limit.
pub async fn bytes(payload: Payload) -> Result<Bytes, Problem> {
    bytes_up_to(payload, BODY_LIMIT).await
}

/// The whole body, up to a limit of its own.
pub async fn bytes_up_to(payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The connection broke while the body came: nobody reads the answer.
        Ok(Err(_)) => Err(Problem::Malformed { line: 0, column: 0 }),
        Err(_) => Err(Problem::TooLarge),
    }
}

/// How forms of pages are read.
pub fn forms() -> FormConfig {
    FormConfig::default().limit(FORM_LIMIT).error_handler(|error, _| {
        let problem = match error {
            UrlencodedError::Overflow { .. } => Problem::TooLarge,
            UrlencodedError::ContentType => Problem::MediaType("application/x-www-form-urlencoded"),
            _ => Problem::Malformed { line: 0, column: 0 },
        };
        problem.into()
    })
}

/// Writes problems in the words of the reader.
pub async fn problems<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let response = next.call(req).await?;
    let Some(error) = response.response().error() else {
        return Ok(response.map_into_left_body());
    };
    let written = match error.as_error::<Problem>() {
        Some(problem) => answer(response.request(), problem),
        None => answer(response.request(), &of_status(response.status())),
    };
    Ok(response.into_response(written).map_into_right_body())
}

fn answer(req: &HttpRequest, problem: &Problem) -> HttpResponse {
    problem.log();
    problem::answer(req, problem)
}

/// What the framework refused by itself.
fn of_status(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::NOT_FOUND,
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::MediaType("application/json"),
        status if status.is_client_error() => Problem::Malformed { line: 0, column: 0 },
        _ => Problem::Failure(Failure::Panicked),
    }
}

/// The outermost: encoding is settled on the way in, headers are set on the way out.
pub async fn around<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    settle_encoding(&mut req);
    let asked = Asked::of(req.request());
    match unless_it_panics(next.call(req)).await {
        Some(response) => {
            let mut response = response?;
            asked.head(response.headers_mut());
            Ok(response)
        }
        None => Err(asked.broken()),
    }
}

/// gzip or nothing: feeds are never encoded (Outlook fails), and what a client says it takes is
/// never a reason to refuse.
fn settle_encoding(req: &mut ServiceRequest) {
    let takes_gzip = |field: &HeaderValue| {
        let parts = field.to_str().unwrap_or_default().split(',');
        parts.map(str::trim).any(|part| part.starts_with("gzip") && !part.replace(' ', "").ends_with(";q=0"))
    };
    let asked = req.headers().get_all(header::ACCEPT_ENCODING).any(takes_gzip);
    let is_feed = [".ics", ".atom"].iter().any(|ending| req.path().ends_with(ending));
    let encoded = asked && !is_feed;
    if encoded {
        req.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    } else {
        req.headers_mut().remove(header::ACCEPT_ENCODING);
    }
}

async fn unless_it_panics<F: Future>(work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(polled) => polled.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// What is still to be known of a request once it was handed on.
struct Asked {
    app: App,
    lang: Lang,
    is_https: bool,
    /// The address holds somebody's link.
    is_personal: bool,
    is_json: bool,
    is_for_programs: bool,
}

const PERSONAL: [&str; 4] = ["/r/", "/u/", "/calendar/m/", "/api/v1/rsvps/"];

impl Asked {
    fn of(req: &HttpRequest) -> Self {
        Self {
            app: callers::app(req).clone(),
            is_https: callers::app(req).links.base().scheme() == "https",
            is_personal: PERSONAL.iter().any(|start| req.path().starts_with(start)),
            is_json: req.path().starts_with("/api/v1"),
            is_for_programs: problem::is_for_programs(req.path()),
            lang: callers::lang(req),
        }
    }

    fn head(&self, headers: &mut HeaderMap) {
        for (name, value) in ALWAYS {
            if !headers.contains_key(&name) {
                headers.insert(name, value);
            }
        }
        if self.is_https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        if self.is_personal {
            headers.insert(ROBOTS, HeaderValue::from_static("noindex, nofollow"));
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            let value = if self.is_json { "private, no-cache" } else { "no-store" };
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
        }
    }

    /// A panic of a door: the same answer as for every fault of ours.
    fn broken(&self) -> Error {
        let problem = Problem::Failure(Failure::Panicked);
        problem.log();
        let mut response = HttpResponse::InternalServerError();
        let mut response: HttpResponse<BoxBody> = if self.is_for_programs {
            let written = problem::json(&problem.said(self.lang), self.lang);
            response.content_type("application/problem+json").body(written)
        } else {
            let page = pages::message::render(&self.frame(), 500, &Message::Broken);
            response.content_type("text/html; charset=utf-8").body(page)
        };
        self.head(response.headers_mut());
        InternalError::from_response("a door panicked", response).into()
    }

    fn frame(&self) -> Frame {
        Frame {
            lang: self.lang,
            lang_asked: false,
            community: self.app.community.name.to_string(),
            query: String::new(),
            today: self.app.today(),
            demo: self.app.community.demo,
        }
    }
}

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(pages::CSP)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=()"),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_the_work_and_nothing_else() {
        assert_eq!(unless_it_panics(async { 7 }).await, Some(7));
        let broken = async {
            tokio::task::yield_now().await;
            "seven".parse::<u8>().expect("this test panics")
        };
        assert_eq!(unless_it_panics(broken).await, None);
    }
}
