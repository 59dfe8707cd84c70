//! `/api/v1/outbox`: what is to be told, and what became of it.

use actix_web::{HttpRequest, web::Payload};
use chrono::{DateTime, Utc};
use mensuel_domain::{event::Event, id::Id};
use mensuel_infra::store::{
    outbox::{self, Notice, Recipient, State},
    tokens::Scope,
};
use serde::Serialize;
use uuid::Uuid;

use super::{Answer, facts::Reference, id, idempotent, query::Query, write};
use crate::{
    app::App,
    callers, http,
    problem::{Problem, Wrong},
    use_cases,
};

#[derive(Serialize)]
struct Shown {
    id: Uuid,
    kind: &'static str,
    event_id: Option<Id<Event>>,
    recipient: Reference,
    state: &'static str,
    due_at: String,
    attempts: u32,
    last_error: Option<String>,
    created_at: String,
    sent_at: Option<String>,
}

fn shown(notice: &Notice, now: DateTime<Utc>) -> Shown {
    let (kind, id) = match notice.recipient {
        Recipient::Member(id) => ("member", id.uuid()),
        Recipient::NamedGuest(id) => ("named_guest", id.uuid()),
    };
    Shown {
        id: notice.id,
        kind: notice.kind.name(),
        event_id: notice.event,
        recipient: Reference { kind: kind.to_owned(), id: Some(id) },
        state: state(notice, now),
        due_at: write::instant(notice.due_at),
        attempts: notice.attempts,
        last_error: notice.last_error.clone(),
        created_at: write::instant(notice.created_at),
        sent_at: notice.finished_at.filter(|_| notice.state == State::Sent).map(write::instant),
    }
}

/// As the contract calls it: an attempt under way is `sending`.
pub fn state(notice: &Notice, now: DateTime<Utc>) -> &'static str {
    match notice.state {
        State::Queued if notice.leased_until.is_some_and(|until| until > now) => SENDING,
        State::Queued | State::Sent | State::Dropped | State::Failed | State::Expired => notice.state.name(),
    }
}

const SENDING: &str = "sending";
const STATES: [&str; 6] = ["queued", SENDING, "sent", "dropped", "failed", "expired"];

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let app = callers::app(&req);
    let mut query = Query::of(&req);
    let page = query.page::<(DateTime<Utc>, Uuid)>();
    let known = |name: &str| {
        let found = STATES.into_iter().find(|state| *state == name);
        found.ok_or_else(|| Wrong::OneOf(STATES.to_vec()))
    };
    let wanted = query.read("state", known);
    query.finish()?;
    // What is being sent is queued in the rows, under a lease.
    let kept = wanted.map(|name| State::from_name(name).unwrap_or(State::Queued));
    let now = app.now();
    let mut found = Vec::new();
    let mut after = page.after;
    loop {
        let rows = outbox::list(app.store.read(), kept, after, page.fetch()).await?;
        let last = rows.len() as u64 <= page.limit;
        after = rows.last().map(|notice| (notice.created_at, notice.id));
        found.extend(rows.into_iter().filter(|row| wanted.is_none_or(|name| state(row, now) == name)));
        if last || found.len() as u64 > page.limit {
            break;
        }
    }
    let (found, next) = page.cut(found, |notice| (notice.created_at, notice.id));
    write::list((found.iter().map(|notice| shown(notice, now)).collect(), next))
}

pub async fn retry(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let notice: Id<mensuel_domain::fact::Notice> = id(&req, "id")?;
    let bytes = http::bytes(payload).await?;
    let work = async |app: App, by: use_cases::By| {
        app.unit(move |app| {
            let by = by.clone();
            async move { use_cases::outbox::retry(&app, &by, notice).await }
        })
        .await?;
        queued(&app, notice.uuid()).await
    };
    let again = async |app: App, subject| queued(&app, subject).await;
    idempotent::answer(&req, organizer, &bytes, work, again).await
}

async fn queued(app: &App, id: Uuid) -> Answer {
    let notice = outbox::find(app.store.read(), id).await?.ok_or(Problem::NOT_FOUND)?;
    write::ok(&shown(&notice, app.now()))
}
