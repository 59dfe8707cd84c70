//! Why a request was not answered with what it asked for (RFC 9457): the one table from a refusal
//! to its status and sentence, as JSON or as a page.

mod refused;
mod wrong;

pub use wrong::{Mistake, Wrong};

use std::fmt;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError,
    http::{StatusCode, header},
};
use i18n_embed_fl::fl;
use mensuel_domain::lang::Lang;
use mensuel_infra::store::{StoreError, tokens::Scope};
use serde::Serialize;

use crate::{
    callers,
    i18n::words,
    limits::TooMany,
    pages::{self, message::Message},
    use_cases::{Failure, Refused},
};

/// What a door answers instead of success. It says nothing yet: language and form follow from the
/// request, in [`answer`].
#[derive(Debug)]
pub enum Problem {
    Failure(Failure),
    /// The body is not JSON: the place where reading stopped.
    Malformed {
        line: usize,
        column: usize,
    },
    NoCredentials,
    BadCredentials,
    Scope {
        needs: Scope,
        has: Scope,
    },
    /// Nobody's link, or an altered one.
    UnknownLink,
    /// With the methods that the address takes.
    Method(&'static [&'static str]),
    TooLarge,
    /// With the type that is taken.
    MediaType(&'static str),
    Invalid(Vec<Mistake>),
    IfMatchRequired,
    TooMany(TooMany),
    /// The schema of the database is not the one that this program needs.
    SchemaNotAtHead,
}

impl Problem {
    pub const NOT_FOUND: Problem = Problem::Failure(Failure::Refused(Refused::Missing));
    pub const GONE: Problem = Problem::Failure(Failure::Refused(Refused::Gone));

    /// One wrong field, parameter or header.
    pub fn at(pointer: impl Into<String>, wrong: Wrong) -> Self {
        Problem::Invalid(vec![Mistake::new(pointer, wrong)])
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Problem::Failure(failure)
    }
}
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Problem::Failure(error.into())
    }
}
impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Problem::Failure(refused.into())
    }
}
impl From<TooMany> for Problem {
    fn from(too_many: TooMany) -> Self {
        Problem::TooMany(too_many)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.said(Lang::En).kind.name())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.said(Lang::En).kind.status()
    }

    /// Without words: [`answer`] writes them, as it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The kinds of problem of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Revoked,
    Stale,
    TooLarge,
    MediaType,
    Invalid,
    IfMatchRequired,
    TooManyRequests,
    NotReady,
    Internal,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Malformed => "malformed",
            Kind::Unauthorized => "unauthorized",
            Kind::Forbidden => "forbidden",
            Kind::NotFound => "not-found",
            Kind::MethodNotAllowed => "method-not-allowed",
            Kind::Conflict => "conflict",
            Kind::Revoked => "revoked",
            Kind::Stale => "stale",
            Kind::TooLarge => "too-large",
            Kind::MediaType => "media-type",
            Kind::Invalid => "invalid",
            Kind::IfMatchRequired => "if-match-required",
            Kind::TooManyRequests => "too-many-requests",
            Kind::NotReady => "not-ready",
            Kind::Internal => "internal",
        }
    }

    pub const fn status(self) -> StatusCode {
        match self {
            Kind::Malformed => StatusCode::BAD_REQUEST,
            Kind::Unauthorized => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Revoked => StatusCode::GONE,
            Kind::Stale => StatusCode::PRECONDITION_FAILED,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::IfMatchRequired => StatusCode::PRECONDITION_REQUIRED,
            Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Kind::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(self, lang: Lang) -> String {
        let w = words(lang);
        match self {
            Kind::Malformed => fl!(w, "problem-malformed"),
            Kind::Unauthorized => fl!(w, "problem-unauthorized"),
            Kind::Forbidden => fl!(w, "problem-forbidden"),
            Kind::NotFound => fl!(w, "problem-not-found"),
            Kind::MethodNotAllowed => fl!(w, "problem-method"),
            Kind::Conflict => fl!(w, "problem-conflict"),
            Kind::Revoked => fl!(w, "problem-revoked"),
            Kind::Stale => fl!(w, "problem-stale"),
            Kind::TooLarge => fl!(w, "problem-too-large"),
            Kind::MediaType => fl!(w, "problem-media-type"),
            Kind::Invalid => fl!(w, "problem-invalid"),
            Kind::IfMatchRequired => fl!(w, "problem-if-match"),
            Kind::TooManyRequests => fl!(w, "problem-too-many"),
            Kind::NotReady => fl!(w, "problem-not-ready"),
            Kind::Internal => fl!(w, "problem-internal"),
        }
    }
}

/// A problem in the words of a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub kind: Kind,
    pub detail: String,
    pub errors: Vec<SaidMistake>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SaidMistake {
    /// RFC 6901.
    pub pointer: String,
    pub detail: String,
}

impl Said {
    fn of(kind: Kind, detail: String) -> Self {
        Self { kind, detail, errors: Vec::new() }
    }

    fn invalid(mistakes: &[Mistake], lang: Lang) -> Self {
        let errors = mistakes.iter().map(|mistake| mistake.said(lang)).collect();
        Self { errors, ..Self::of(Kind::Invalid, fl!(words(lang), "problem-invalid-detail")) }
    }
}

impl Problem {
    /// The table.
    pub fn said(&self, lang: Lang) -> Said {
        let w = words(lang);
        match self {
            Problem::Failure(Failure::Refused(refused)) => refused::said(refused, lang),
            Problem::Failure(Failure::Store(StoreError::Interrupted(_))) => {
                Said::of(Kind::NotReady, fl!(w, "problem-database-away"))
            }
            Problem::Failure(Failure::Store(StoreError::Database(_))) => {
                Said::of(Kind::NotReady, fl!(w, "problem-database-unknown"))
            }
            Problem::Failure(
                Failure::Store(StoreError::Taken(_) | StoreError::Corrupt(_)) | Failure::Panicked,
            ) => Said::of(Kind::Internal, fl!(w, "problem-internal-detail")),
            &Problem::Malformed { line, column } => {
                let detail = fl!(w, "problem-malformed-detail", line = line, column = column);
                Said::of(Kind::Malformed, detail)
            }
            Problem::NoCredentials => Said::of(Kind::Unauthorized, fl!(w, "problem-no-credentials")),
            Problem::BadCredentials => Said::of(Kind::Unauthorized, fl!(w, "problem-bad-credentials")),
            Problem::Scope { needs, has } => {
                let detail = fl!(w, "problem-scope", needs = needs.name(), has = has.name());
                Said::of(Kind::Forbidden, detail)
            }
            Problem::UnknownLink => Said::of(Kind::NotFound, fl!(w, "problem-link-unknown")),
            Problem::Method(allow) => {
                let detail = fl!(w, "problem-method-detail", allow = allowed(allow));
                Said::of(Kind::MethodNotAllowed, detail)
            }
            Problem::TooLarge => Said::of(Kind::TooLarge, fl!(w, "problem-too-large-detail")),
            &Problem::MediaType(wanted) => {
                let detail = fl!(w, "problem-media-type-detail", media = wanted);
                Said::of(Kind::MediaType, detail)
            }
            Problem::Invalid(mistakes) => Said::invalid(mistakes, lang),
            Problem::IfMatchRequired => Said::of(Kind::IfMatchRequired, fl!(w, "problem-if-match-detail")),
            Problem::TooMany(too_many) => {
                let detail = fl!(w, "problem-too-many-detail", seconds = too_many.seconds);
                Said::of(Kind::TooManyRequests, detail)
            }
            Problem::SchemaNotAtHead => Said::of(Kind::NotReady, fl!(w, "problem-schema")),
        }
    }

    /// The page that says it.
    fn message(&self, said: &Said) -> Message {
        match said.kind {
            Kind::Malformed | Kind::MediaType | Kind::Invalid => Message::BadRequest,
            Kind::Unauthorized => Message::SignIn,
            Kind::Forbidden => Message::Forbidden,
            Kind::NotFound if matches!(self, Problem::UnknownLink) => Message::LinkUnknown,
            Kind::NotFound => Message::NoPage,
            Kind::MethodNotAllowed => Message::Method,
            Kind::Conflict | Kind::Stale | Kind::IfMatchRequired => Message::Conflict(said.detail.clone()),
            Kind::Revoked => Message::LinkRevoked,
            Kind::TooLarge => Message::TooLarge,
            Kind::TooManyRequests => match self {
                Problem::TooMany(too_many) => Message::TooOften(too_many.seconds),
                _ => Message::TooOften(60),
            },
            Kind::NotReady => Message::Away,
            Kind::Internal => Message::Broken,
        }
    }

    /// What only the log is told; the one place where a fault is logged.
    pub fn log(&self) {
        match self {
            Problem::Failure(Failure::Store(error)) => {
                tracing::error!(%error, "a request met a fault of the store");
            }
            Problem::Failure(Failure::Panicked) => tracing::error!("a use case panicked"),
            _ => {}
        }
    }
}

/// The answer to a request that met a problem, in its reader's language: a page, or JSON for
/// programs.
pub fn answer(req: &HttpRequest, problem: &Problem) -> HttpResponse {
    let lang = callers::lang(req);
    let said = problem.said(lang);
    let mut response = HttpResponse::build(said.kind.status());
    head(&mut response, problem);
    if is_for_programs(req.path()) {
        return response.content_type("application/problem+json").body(json(&said, lang));
    }
    let message = problem.message(&said);
    response.content_type("text/html; charset=utf-8").body(pages::message::render(
        &callers::frame(req),
        said.kind.status().as_u16(),
        &message,
    ))
}

/// Only people open the other addresses.
pub fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/v1/")
        || path.ends_with(".ics")
        || ["/api/v1", "/healthz", "/readyz", "/openapi.yaml"].contains(&path)
}

/// The methods of an address; where GET is, HEAD is.
fn allowed(methods: &[&str]) -> String {
    let each = |method: &&str| if *method == "GET" { "GET, HEAD".to_owned() } else { (*method).to_owned() };
    methods.iter().map(each).collect::<Vec<_>>().join(", ")
}

fn head(response: &mut HttpResponseBuilder, problem: &Problem) {
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    match problem {
        Problem::NoCredentials => {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"Mensuel\""));
        }
        Problem::BadCredentials => {
            let challenge = "Bearer realm=\"Mensuel\", error=\"invalid_token\"";
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        Problem::Method(allow) => {
            response.insert_header((header::ALLOW, allowed(allow)));
        }
        Problem::TooMany(too_many) => {
            response.insert_header((header::RETRY_AFTER, too_many.seconds));
        }
        Problem::Failure(Failure::Store(StoreError::Interrupted(_) | StoreError::Database(_))) => {
            response.insert_header((header::RETRY_AFTER, 60));
        }
        _ => {}
    }
}

/// As it is written on the wire.
pub fn json(said: &Said, lang: Lang) -> String {
    #[derive(Serialize)]
    struct Written<'a> {
        r#type: String,
        title: String,
        status: u16,
        detail: &'a str,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        errors: &'a [SaidMistake],
    }
    let written = Written {
        r#type: format!("/problems/{}", said.kind.name()),
        title: said.kind.title(lang),
        status: said.kind.status().as_u16(),
        detail: &said.detail,
        errors: &said.errors,
    };
    serde_json::to_string(&written).expect("strings and numbers are JSON")
}

#[cfg(test)]
mod tests {
    use mensuel_domain::{
        event::{EditRefused, StageRefused},
        rsvp::Refusal,
        time::WhenRefused,
    };

    use super::*;
    use crate::docs::CONTRACT;

    const KINDS: [Kind; 15] = [
        Kind::Malformed,
        Kind::Unauthorized,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::MethodNotAllowed,
        Kind::Conflict,
        Kind::Revoked,
        Kind::Stale,
        Kind::TooLarge,
        Kind::MediaType,
        Kind::Invalid,
        Kind::IfMatchRequired,
        Kind::TooManyRequests,
        Kind::NotReady,
        Kind::Internal,
    ];

    #[test]
    fn the_kinds_are_those_of_the_contract() {
        let contract: serde_json::Value = serde_norway::from_str(CONTRACT).unwrap();
        let named = contract["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].clone();
        let ours: Vec<String> = KINDS.iter().map(|kind| format!("/problems/{}", kind.name())).collect();
        assert_eq!(named, serde_json::json!(ours));
    }

    #[test]
    fn refusals_have_the_status_of_the_rules() {
        let rsvp = |refusal| Refused::Rsvp { refusal, zone: chrono_tz::Tz::Europe__Paris };
        let table = [
            (Refused::Missing, 404),
            (Refused::Gone, 410),
            (Refused::Stale, 412),
            (Refused::KeyInUse, 409),
            (rsvp(Refusal::Late), 409),
            (rsvp(Refusal::Ended), 409),
            (rsvp(Refusal::Cancelled), 409),
            (rsvp(Refusal::GuestsLeft { left: 1 }), 409),
            (rsvp(Refusal::TooManyGuests { max: 1 }), 422),
            (rsvp(Refusal::LargerThanRoom { capacity: 2 }), 422),
            (Refused::When(WhenRefused::NoZone), 422),
            (Refused::Edit(EditRefused::StageIsFinal), 409),
            (Refused::Edit(EditRefused::IntoThePast), 422),
            (Refused::Stage(StageRefused::InThePast), 409),
            (Refused::Stage(StageRefused::Incomplete(Vec::new())), 422),
            (Refused::VenueTaken, 409),
            (Refused::LastOrganizer, 409),
            (Refused::WaveDates { pointer: "/next" }, 422),
            (Refused::FollowersAsked, 409),
        ];
        for (refused, status) in table {
            for lang in Lang::ALL {
                let said = Problem::from(refused.clone()).said(lang);
                assert_eq!(said.kind.status().as_u16(), status, "{refused:?}");
                assert!(!said.detail.is_empty(), "{refused:?}");
            }
        }
    }

    #[test]
    fn nothing_of_the_database_is_told() {
        let text = "UNIQUE constraint failed: members.email zoe@soie.example";
        for error in [StoreError::Database(text.to_owned()), StoreError::Corrupt(text.to_owned())] {
            let problem = Problem::Failure(Failure::Store(error));
            let said = json(&problem.said(Lang::En), Lang::En);
            assert!(!said.contains("UNIQUE") && !said.contains("zoe"), "{said}");
        }
    }
}
