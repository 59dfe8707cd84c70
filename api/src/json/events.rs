//! `/api/v1/events`.

use actix_web::{HttpRequest, web::Payload};
use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{Event, Stage},
    id::Id,
    lang::Lang,
    text::Line,
    time::start_of_day,
};
use mensuel_infra::store::{events, tokens::Scope};
use uuid::Uuid;

use super::{
    Answer, body,
    etag::{self, IfMatch},
    event_in,
    event_out::{self, Season},
    fields::Fields,
    id, idempotent, plans,
    query::Query,
    read, waves, write,
};
use crate::{
    app::App,
    callers,
    problem::{Problem, Wrong},
    sight::Reader,
    use_cases::{
        By,
        events::{self as use_cases, Invite},
    },
};

/// With what is announced, strangers see these.
const ANNOUNCED: [Stage; 2] = [Stage::Published, Stage::Cancelled];
const STAGES: [&str; 4] = ["held", "draft", "published", "cancelled"];

pub async fn list(req: HttpRequest) -> Answer {
    let organizer = callers::organizer_or_nobody(&req).await?;
    let (app, lang) = (callers::app(&req), callers::lang(&req));
    let mut query = Query::of(&req);
    let page = query.page::<(DateTime<Utc>, Uuid)>();
    let (from, to) = (query.read("from", read::day), query.read("to", read::day));
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        query.wrong("to", Wrong::SpanOfDays);
    }
    let format = query.read("format", read::format_named);
    let known = |name: &str| Stage::from_name(name).ok_or_else(|| Wrong::OneOf(STAGES.to_vec()));
    let stage = query.read("stage", known);
    query.finish()?;
    let reader = if organizer.is_some() { Reader::Organizer } else { Reader::Stranger };
    let mut stages: Vec<Stage> = if organizer.is_some() { Stage::ALL.to_vec() } else { ANNOUNCED.to_vec() };
    stages.retain(|kept| stage.is_none_or(|wanted| wanted == *kept));
    if stages.is_empty() {
        return write::list::<()>((Vec::new(), None));
    }
    let zone = app.community.zone;
    let filter = events::Filter {
        from: from.map(|day| start_of_day(day, zone)),
        to: to.and_then(|day| day.checked_add_days(Days::new(1))).map(|day| start_of_day(day, zone)),
        format,
        stages,
        series: None,
        after: page.after,
        limit: Some(page.fetch()),
    };
    let mut found = events::list(app.store.read(), &filter).await?;
    if format.is_some() && organizer.is_none() {
        // To strangers an evening for members has no format: it is in no list of one.
        found = announced_of_format(app, &filter, found).await?;
    }
    let (found, next) = page.cut(found, |event| (event.span.starts_at, event.id.uuid()));
    let season = Season::load(app, &found).await?;
    let seen = found.iter().filter_map(|event| event_out::seen(app, event, &season, reader, lang)).collect();
    write::list((seen, next))
}

/// Fills the page up with further evenings where some were left out.
async fn announced_of_format(
    app: &App,
    filter: &events::Filter,
    mut found: Vec<Event>,
) -> Result<Vec<Event>, Problem> {
    let wanted = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let mut filter = filter.clone();
    let mut kept = Vec::new();
    loop {
        let last = found.last().map(|event| (event.span.starts_at, event.id.uuid()));
        let whole = found.len() >= wanted;
        kept.extend(found.into_iter().filter(|event| !event.members_only));
        if !whole || kept.len() >= wanted {
            kept.truncate(wanted);
            return Ok(kept);
        }
        filter.after = last;
        found = events::list(app.store.read(), &filter).await?;
    }
}

pub async fn get(req: HttpRequest) -> Answer {
    let organizer = callers::organizer_or_nobody(&req).await?;
    let (app, lang) = (callers::app(&req), callers::lang(&req));
    let event = find(&req).await?;
    let reader = if organizer.is_some() { Reader::Organizer } else { Reader::Stranger };
    let season = Season::load(app, std::slice::from_ref(&event)).await?;
    let seen = event_out::seen(app, &event, &season, reader, lang).ok_or(Problem::NOT_FOUND)?;
    match reader {
        Reader::Organizer => write::versioned(&seen, event.revision),
        // Other bytes, so another tag, upon which nothing is changed.
        Reader::Stranger | Reader::Member | Reader::Invited { .. } => {
            write::tagged(&seen, &etag::public(event.revision, lang))
        }
    }
}

pub(super) async fn find(req: &HttpRequest) -> Result<Event, Problem> {
    let found = events::find(callers::app(req).store.read(), id(req, "id")?).await?;
    found.ok_or(Problem::NOT_FOUND)
}

async fn answered(app: &App, event: &Event, lang: Lang) -> Answer {
    let season = Season::load(app, std::slice::from_ref(event)).await?;
    write::versioned(&event_out::whole(app, event, &season, lang), event.revision)
}

async fn made(app: &App, event: &Event, lang: Lang) -> Answer {
    let season = Season::load(app, std::slice::from_ref(event)).await?;
    let location = format!("/api/v1/events/{}", event.id);
    write::created(&event_out::whole(app, event, &season, lang), location, Some(event.revision))
}

pub async fn create(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let lang = callers::lang(&req);
    let (bytes, value) = body::required(&req, payload).await?;
    let new = event_in::new(&value, callers::app(&req).community.zone)?;
    let work = async |app: App, by: By| {
        let event = app
            .unit(move |app| {
                let (by, new) = (by.clone(), new.clone());
                async move { use_cases::create(&app, &by, new).await }
            })
            .await?;
        made(&app, &event, lang).await
    };
    let again = async |app: App, subject| {
        let event = events::find(app.store.read(), Id::new(subject)).await?;
        made(&app, &event.ok_or(Problem::NOT_FOUND)?, lang).await
    };
    idempotent::answer(&req, organizer, &bytes, work, again).await
}

pub async fn change(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    let mut query = Query::of(&req);
    let dry_run = query.flag("dry_run");
    query.finish()?;
    let event = find(&req).await?;
    let if_match = IfMatch::required(&req)?;
    let (_, value) = body::required(&req, payload).await?;
    let edit = event_in::change(&value, event.span.zone)?;
    let upon = if_match.upon(event.revision)?;
    let (app, lang) = (callers::app(&req), callers::lang(&req));
    let planned = app
        .unit(move |app| {
            let edit = edit.clone();
            async move { use_cases::change(&app, &organizer.by(), event.id, upon, edit, dry_run).await }
        })
        .await?;
    if dry_run {
        return write::versioned(&plans::of_one(&planned, lang), planned.before.revision);
    }
    answered(app, &planned.after, lang).await
}

pub async fn delete(req: HttpRequest) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let event = find(&req).await?;
    let upon = IfMatch::optional(&req).map(|if_match| if_match.upon(event.revision)).transpose()?.flatten();
    callers::app(&req)
        .unit(move |app| async move { use_cases::delete(&app, &organizer.by(), event.id, upon).await })
        .await?;
    write::no_content()
}

pub async fn publish(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let id: Id<Event> = id(&req, "id")?;
    let value = body::optional(&req, payload).await?;
    let zone = find(&req).await?.span.zone;
    let fields = Fields::of(&value)?;
    let publication = publication(&fields, zone);
    let (invite, undo_minutes) = fields.finish(publication)?;
    let app = callers::app(&req);
    let event =
        app.unit(move |app| async move {
            use_cases::publish(&app, &organizer.by(), id, invite, undo_minutes).await
        })
        .await?;
    answered(app, &event, callers::lang(&req)).await
}

/// Whom to invite, and for how many minutes that may be undone.
fn publication(fields: &Fields<'_>, zone: Tz) -> Option<(Invite, u32)> {
    let names = ["followers", "plan", "none"];
    let known = move |name: &str| names.into_iter().find(|known| *known == name);
    let invite = fields.optional("invite", read::named(known, &["followers", "plan", "none"]));
    let plan = fields.object("plan", |fields| Some(waves::plan(fields, zone)));
    let undo_minutes = fields.optional("undo_minutes", undo_minutes).unwrap_or(0);
    let invite = match invite {
        Some("plan") => Invite::Plan(plan.unwrap_or_default()),
        Some("none") => Invite::None,
        Some(_) | None => Invite::Followers,
    };
    if fields.has("plan") && !matches!(invite, Invite::Plan(_)) {
        fields.wrong("plan", Wrong::PlanAlone);
    }
    if undo_minutes > 0 && invite == Invite::None {
        fields.wrong("undo_minutes", Wrong::UndoAlone);
    }
    Some((invite, undo_minutes))
}

/// How long mass mail waits so that it can be taken back: an hour at most.
pub(super) fn undo_minutes(value: &serde_json::Value) -> Result<u32, Wrong> {
    read::number(0, 60)(value)
}

pub async fn cancel(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let id: Id<Event> = id(&req, "id")?;
    let value = body::optional(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let reason: Option<Line> = fields.nullable("reason", read::line).flatten();
    let reason = fields.finish(Some(reason))?;
    let app = callers::app(&req);
    let event = app
        .unit(move |app| {
            let reason = reason.clone();
            async move { use_cases::cancel(&app, &organizer.by(), id, reason).await }
        })
        .await?;
    answered(app, &event, callers::lang(&req)).await
}
