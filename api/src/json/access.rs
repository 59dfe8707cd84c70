//! `/api/v1/me` and `/api/v1/api-tokens`.

use actix_web::{HttpRequest, http::StatusCode, web::Payload};
use mensuel_domain::{fact::ApiToken, id::Id, member::Member};
use mensuel_infra::store::{
    members,
    tokens::{self, Kept, Scope},
};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use uuid::Uuid;

use super::{Answer, body, fields::Fields, id, idempotent, query::Query, read, write};
use crate::{
    callers,
    problem::{Problem, Wrong},
    use_cases,
};

#[derive(Serialize)]
struct Me {
    kind: &'static str,
    token_id: Id<ApiToken>,
    token_name: String,
    scopes: [&'static str; 1],
    member_id: Option<Id<Member>>,
    name: Option<String>,
    roles: Vec<&'static str>,
}

pub async fn me(req: HttpRequest) -> Answer {
    let caller = callers::token(&req).await?;
    let db = callers::app(&req).store.read();
    let token = tokens::find(db, caller.token).await?.ok_or(Problem::BadCredentials)?;
    let member = match caller.member {
        Some(id) => members::find(db, id).await?,
        None => None,
    };
    write::ok(&Me {
        kind: "api_token",
        token_id: token.id,
        token_name: token.name,
        scopes: [token.scope.name()],
        member_id: token.member,
        name: member.as_ref().map(|member| member.name.to_string()),
        roles: member.iter().flat_map(|member| member.roles.iter().map(|role| role.name())).collect(),
    })
}

#[derive(Serialize)]
struct Token {
    id: Id<ApiToken>,
    name: String,
    scopes: [&'static str; 1],
    member_id: Option<Id<Member>>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

fn token(kept: &Kept, secret: Option<String>) -> Token {
    Token {
        id: kept.id,
        name: kept.name.clone(),
        scopes: [kept.scope.name()],
        member_id: kept.member,
        created_at: write::instant(kept.created_at),
        secret,
    }
}

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Admin).await?;
    let mut query = Query::of(&req);
    let page = query.page::<Uuid>();
    query.finish()?;
    let found = tokens::list(callers::app(&req).store.read(), page.after, page.fetch()).await?;
    let (found, next) = page.cut(found, |kept| kept.id.uuid());
    write::list((found.iter().map(|kept| token(kept, None)).collect(), next))
}

pub async fn create(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Admin).await?;
    Query::none(&req)?;
    idempotent::refuse(&req)?;
    let (_, value) = body::required(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let name = fields.required("name", read::name);
    let scopes = fields.list("scopes", 4, read::named(Scope::from_name, &SCOPES));
    if !fields.has("scopes") {
        fields.wrong("scopes", Wrong::Missing);
    }
    let scope = scopes.and_then(|scopes| widest(&scopes).map_err(|wrong| fields.wrong("scopes", wrong)).ok());
    let (name, scope) = fields.finish(name.zip(scope))?;
    let made =
        callers::app(&req)
            .unit(move |app| {
                let name = name.clone();
                async move {
                    use_cases::tokens::create(&app, &organizer.by(), name, scope, Some(organizer.id)).await
                }
            })
            .await?;
    let location = format!("/api/v1/api-tokens/{}", made.token.id);
    let secret = made.secret.expose_secret().to_owned();
    write::not_stored(StatusCode::CREATED, Some(location), &token(&made.token, Some(secret)))
}

const SCOPES: [&str; 4] = ["read", "write", "admin", "inbound"];

/// One scope says all: the widest holds the others, and `inbound` stands alone.
fn widest(scopes: &[Scope]) -> Result<Scope, Wrong> {
    let widest = scopes.iter().copied().max().ok_or(Wrong::TooFew)?;
    let mixed = scopes.contains(&Scope::Inbound) && widest != Scope::Inbound;
    let twice = (1..scopes.len()).any(|at| scopes[..at].contains(&scopes[at]));
    match (mixed, twice) {
        (true, _) => Err(Wrong::OneScope),
        (false, true) => Err(Wrong::Twice),
        (false, false) => Ok(widest),
    }
}

pub async fn delete(req: HttpRequest) -> Answer {
    let organizer = callers::organizer(&req, Scope::Admin).await?;
    Query::none(&req)?;
    let id: Id<ApiToken> = id(&req, "id")?;
    callers::app(&req)
        .unit(move |app| async move { use_cases::tokens::revoke(&app, &organizer.by(), id).await })
        .await?;
    write::no_content()
}
