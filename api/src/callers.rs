//! Who calls: an organizer's token, the holder of a signed link, nobody; in which language, and
//! from which address of the network.

mod address;
mod links;

pub use address::address;
pub use links::{RsvpLink, preferences_link, rsvp_link};

use actix_web::{HttpRequest, http::header, web::Data};
use mensuel_domain::{
    fact::{Actor, ApiToken},
    id::Id,
    lang::Lang,
    member::Member,
};
use mensuel_infra::store::{idempotency::Attempt, tokens::Scope};
use url::form_urlencoded;

use crate::{
    app::App,
    pages::Frame,
    problem::Problem,
    use_cases::{
        By,
        tokens::{self, Caller},
    },
};

/// The service that this request came to.
pub fn app(req: &HttpRequest) -> &App {
    req.app_data::<Data<App>>().expect("every server is built with its App")
}

/// An organizer by one of their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Organizer {
    pub id: Id<Member>,
    pub token: Id<ApiToken>,
    pub scope: Scope,
}

impl Organizer {
    pub fn by(&self) -> By {
        By::actor(Actor::Organizer(self.id))
    }

    /// As [`Organizer::by`], under an `Idempotency-Key`.
    pub fn by_attempt(&self, attempt: Option<Attempt>) -> By {
        By { attempt, ..self.by() }
    }

    /// For what only some requests of an address need.
    pub fn check(&self, needs: Scope) -> Result<(), Problem> {
        if holds(self.scope, needs) { Ok(()) } else { Err(Problem::Scope { needs, has: self.scope }) }
    }
}

/// `admin` holds `write`, `write` holds `read`; `inbound` stands alone.
fn holds(has: Scope, needs: Scope) -> bool {
    match (has, needs) {
        (Scope::Inbound, Scope::Inbound) => true,
        (Scope::Inbound, _) | (_, Scope::Inbound) => false,
        (has, needs) => has >= needs,
    }
}

/// Whoever calls with a token that is in force.
pub async fn token(req: &HttpRequest) -> Result<Caller, Problem> {
    caller(req).await?.ok_or(Problem::NoCredentials)
}

/// An organizer whose token has a scope.
pub async fn organizer(req: &HttpRequest, needs: Scope) -> Result<Organizer, Problem> {
    to_organizer(token(req).await?, needs)
}

/// The mail server: a token with the scope `inbound`, which belongs to nobody.
pub async fn mail_server(req: &HttpRequest) -> Result<(), Problem> {
    let caller = token(req).await?;
    let refused = Problem::Scope { needs: Scope::Inbound, has: caller.scope };
    if holds(caller.scope, Scope::Inbound) { Ok(()) } else { Err(refused) }
}

/// An organizer whose token may read, or nobody. Credentials that do not verify are refused.
pub async fn organizer_or_nobody(req: &HttpRequest) -> Result<Option<Organizer>, Problem> {
    caller(req).await?.map(|caller| to_organizer(caller, Scope::Read)).transpose()
}

fn to_organizer(caller: Caller, needs: Scope) -> Result<Organizer, Problem> {
    let refused = Problem::Scope { needs, has: caller.scope };
    match caller.member {
        Some(id) if holds(caller.scope, needs) => {
            Ok(Organizer { id, token: caller.token, scope: caller.scope })
        }
        Some(_) | None => Err(refused),
    }
}

async fn caller(req: &HttpRequest) -> Result<Option<Caller>, Problem> {
    let Some(field) = req.headers().get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let found = match field.to_str().ok().and_then(bearer) {
        Some(secret) => tokens::authenticate(app(req), secret).await?,
        None => None,
    };
    match found {
        Some(caller) => Ok(Some(caller)),
        None => Err(unverified(req, Problem::BadCredentials)),
    }
}

/// RFC 6750, section 2.1; the scheme in any case (RFC 9110, section 11.1).
fn bearer(field: &str) -> Option<&str> {
    let (scheme, token) = field.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Counts a credential or link that does not verify; too many of them become another problem.
pub(crate) fn unverified(req: &HttpRequest, problem: Problem) -> Problem {
    let app = app(req);
    match app.limits.unverified(address(req), app.now()) {
        Ok(()) => problem,
        Err(too_many) => too_many.into(),
    }
}

/// `?lang=`, then `Accept-Language`, then the community's.
pub fn lang(req: &HttpRequest) -> Lang {
    lang_or(req, None)
}

/// As [`lang`], with the language of a known reader before `Accept-Language`.
pub fn lang_or(req: &HttpRequest, reader: Option<Lang>) -> Lang {
    let accepted = || {
        let field = req.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        Lang::from_accept_language(field)
    };
    lang_asked(req).or(reader).or_else(accepted).unwrap_or(app(req).community.language)
}

fn lang_asked(req: &HttpRequest) -> Option<Lang> {
    let mut pairs = form_urlencoded::parse(req.query_string().as_bytes());
    pairs.find(|(name, _)| name == "lang").and_then(|(_, tag)| Lang::from_tag(&tag))
}

/// What stands around a page for the reader of this request.
pub fn frame(req: &HttpRequest) -> Frame {
    frame_for(req, None)
}

/// As [`frame`], for a reader whose language is known.
pub fn frame_for(req: &HttpRequest, reader: Option<Lang>) -> Frame {
    let app = app(req);
    Frame {
        lang: lang_or(req, reader),
        lang_asked: lang_asked(req).is_some(),
        community: app.community.name.to_string(),
        query: req.query_string().to_owned(),
        today: app.today(),
        demo: app.community.demo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_of_the_mail_server_opens_nothing_else() {
        let holding = |has| Scope::ALL.map(|needs| holds(has, needs));
        // read, write, admin, inbound
        assert_eq!(holding(Scope::Read), [true, false, false, false]);
        assert_eq!(holding(Scope::Write), [true, true, false, false]);
        assert_eq!(holding(Scope::Admin), [true, true, true, false]);
        assert_eq!(holding(Scope::Inbound), [false, false, false, true]);
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer("bEARER mns_x"), Some("mns_x"));
        assert_eq!(bearer("Basic bW5z"), None);
        assert_eq!(bearer("mns_x"), None);
    }
}
