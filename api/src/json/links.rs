//! `/api/v1/members/{id}/links/{purpose}`.

use actix_web::HttpRequest;
use mensuel_domain::{fact::Revocable, id::Id, member::Member};
use mensuel_infra::store::tokens::Scope;

use super::{Answer, id, query::Query, write};
use crate::{callers, problem::Problem, use_cases::links};

/// Revokes what was given out: an address of a feed that was shown to the wrong people.
pub async fn revoke(req: HttpRequest) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let member: Id<Member> = id(&req, "id")?;
    let purpose = Revocable::from_name(req.match_info().query("purpose")).ok_or(Problem::NOT_FOUND)?;
    callers::app(&req)
        .unit(move |app| async move { links::revoke(&app, &organizer.by(), member, purpose).await })
        .await?;
    write::no_content()
}
