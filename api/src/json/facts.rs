//! `/api/v1/facts`: the audit log.

use actix_web::HttpRequest;
use mensuel_infra::store::{
    facts::{self, Filter, Recorded},
    tokens::Scope,
};
use serde::Serialize;
use uuid::Uuid;

use super::{Answer, query::Query, write};
use crate::callers;

#[derive(Serialize)]
struct Shown {
    id: Uuid,
    at: String,
    actor: Reference,
    kind: String,
    subject: Reference,
    data: serde_json::Value,
}

/// Something by its kind and id.
#[derive(Serialize)]
pub struct Reference {
    pub kind: String,
    pub id: Option<Uuid>,
}

fn shown(fact: Recorded) -> Shown {
    let reference = |(kind, id)| Reference { kind, id };
    Shown {
        id: fact.id,
        at: write::instant(fact.at),
        actor: reference(fact.actor),
        kind: fact.kind,
        subject: reference(fact.subject),
        data: fact.data,
    }
}

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let mut query = Query::of(&req);
    let page = query.page::<Uuid>();
    query.finish()?;
    let filter = Filter { before: page.after, limit: Some(page.fetch()), ..Filter::default() };
    let found = facts::list(callers::app(&req).store.read(), &filter).await?;
    let (found, next) = page.cut(found, |fact| fact.id);
    write::list((found.into_iter().map(shown).collect(), next))
}
