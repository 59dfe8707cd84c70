//! `/api/v1/venues`.

use actix_web::{HttpRequest, web::Payload};
use mensuel_domain::{id::Id, venue::Venue};
use mensuel_infra::store::{
    tokens::Scope,
    venues::{self, Kept},
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Answer, body, etag::IfMatch, fields::Fields, id, idempotent, query::Query, read, write};
use crate::{
    callers,
    problem::Problem,
    use_cases::venues::{self as use_cases, Change, NewVenue},
};

#[derive(Serialize)]
struct Shown {
    id: Id<Venue>,
    name: String,
    area: Option<String>,
    address: Option<String>,
    access_notes: Option<String>,
    created_at: String,
    updated_at: String,
}

fn shown(kept: &Kept) -> Shown {
    let venue = &kept.venue;
    Shown {
        id: venue.id,
        name: venue.name.to_string(),
        area: venue.area.as_ref().map(ToString::to_string),
        address: venue.address.as_ref().map(ToString::to_string),
        access_notes: venue.access_notes.as_ref().map(ToString::to_string),
        created_at: write::instant(kept.created_at),
        updated_at: write::instant(kept.updated_at),
    }
}

fn made(kept: &Kept) -> Answer {
    write::created(&shown(kept), format!("/api/v1/venues/{}", kept.venue.id), Some(kept.revision))
}

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let mut query = Query::of(&req);
    let page = query.page::<(String, Uuid)>();
    query.finish()?;
    let found = venues::list(callers::app(&req).store.read(), page.after.clone(), page.fetch()).await?;
    let (found, next) = page.cut(found, |kept| (venues::name_key(&kept.venue), kept.venue.id.uuid()));
    write::list((found.iter().map(shown).collect(), next))
}

pub async fn get(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let kept = find(&req).await?;
    write::versioned(&shown(&kept), kept.revision)
}

async fn find(req: &HttpRequest) -> Result<Kept, Problem> {
    let found = venues::find(callers::app(req).store.read(), id(req, "id")?).await?;
    found.ok_or(Problem::NOT_FOUND)
}

pub async fn create(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let (bytes, value) = body::required(&req, payload).await?;
    let new = new(&value)?;
    let work = async |app: crate::app::App, by: crate::use_cases::By| {
        let kept = app
            .unit(move |app| {
                let (by, new) = (by.clone(), new.clone());
                async move { use_cases::create(&app, &by, new).await }
            })
            .await?;
        made(&kept)
    };
    let again = async |app: crate::app::App, subject| {
        let kept = venues::find(app.store.read(), Id::new(subject)).await?;
        made(&kept.ok_or(Problem::NOT_FOUND)?)
    };
    idempotent::answer(&req, organizer, &bytes, work, again).await
}

fn new(value: &Value) -> Result<NewVenue, Problem> {
    let fields = Fields::of(value)?;
    let area = fields.nullable("area", read::line).flatten();
    let address = fields.nullable("address", read::line).flatten();
    let access_notes = fields.nullable("access_notes", read::prose).flatten();
    let new = fields.required("name", read::line).map(|name| NewVenue { name, area, address, access_notes });
    fields.finish(new)
}

pub async fn change(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let kept = find(&req).await?;
    let if_match = IfMatch::required(&req)?;
    let (_, value) = body::required(&req, payload).await?;
    let (changes, correction) = changes(&value)?;
    let (id, upon) = (kept.venue.id, if_match.upon(kept.revision)?);
    let kept = callers::app(&req)
        .unit(move |app| {
            let changes = changes.clone();
            async move { use_cases::change(&app, &organizer.by(), id, upon, changes, correction).await }
        })
        .await?;
    write::versioned(&shown(&kept), kept.revision)
}

/// The changes, and whether they only correct how the place was written.
fn changes(value: &Value) -> Result<(Vec<Change>, bool), Problem> {
    let fields = Fields::of(value)?;
    let correction = fields.optional("correction", read::boolean).unwrap_or(false);
    let changes = [
        fields.optional("name", read::line).map(Change::Name),
        fields.nullable("area", read::line).map(Change::Area),
        fields.nullable("address", read::line).map(Change::Address),
        fields.nullable("access_notes", read::prose).map(Change::AccessNotes),
    ];
    fields.finish(Some((changes.into_iter().flatten().collect(), correction)))
}
