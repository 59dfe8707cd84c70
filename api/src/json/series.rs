//! `/api/v1/series`.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpRequest, web::Payload};
use chrono::NaiveDate;
use mensuel_domain::{
    event::Event,
    format::Format,
    id::Id,
    series::{self as domain, Month, Rule, Series, Skip, Week},
    venue::Venue,
};
use mensuel_infra::store::{series, tokens::Scope};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Answer, body,
    etag::IfMatch,
    id, idempotent,
    plans::{self, Warning},
    query::Query,
    read, series_in,
    write::{self, instant, instant_in},
};
use crate::{
    app::App,
    callers,
    problem::{Problem, Wrong},
    use_cases::{
        By,
        series::{self as use_cases, DatedMonth, Held},
    },
};

#[derive(Serialize)]
struct Shown {
    id: Id<Series>,
    title: String,
    rule: RuleShown,
    format: Option<Format>,
    capacity: Option<u32>,
    venue_id: Option<Id<Venue>>,
    from: String,
    until: Option<String>,
    skips: BTreeSet<Skip>,
    moves: BTreeMap<Month, NaiveDate>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct RuleShown {
    week: Value,
    weekday: &'static str,
    at: String,
    time_zone: &'static str,
    duration: String,
}

fn shown(series: &Series) -> Shown {
    let month_if = |day: NaiveDate, edge: fn(Month) -> NaiveDate| {
        let month = Month::of(day);
        if edge(month) == day { month.to_string() } else { day.to_string() }
    };
    Shown {
        id: series.id,
        title: series.title.to_string(),
        rule: rule(&series.rule),
        format: series.format,
        capacity: series.capacity,
        venue_id: series.venue,
        from: month_if(series.from, Month::first_day),
        until: series.until.map(|until| month_if(until, Month::last_day)),
        skips: series.skips.clone(),
        moves: series.moves.clone(),
        created_at: instant(series.created_at),
        updated_at: instant(series.updated_at),
    }
}

fn rule(rule: &Rule) -> RuleShown {
    RuleShown {
        week: match rule.week {
            Week::Nth(number) => number.into(),
            Week::Last => "last".into(),
        },
        weekday: series_in::WEEKDAYS[rule.weekday.num_days_from_monday() as usize],
        at: rule.at.format("%H:%M").to_string(),
        time_zone: rule.zone.name(),
        duration: duration(rule.minutes),
    }
}

/// ISO 8601, in hours and minutes.
fn duration(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("PT{minutes}M"),
        (hours, 0) => format!("PT{hours}H"),
        (hours, minutes) => format!("PT{hours}H{minutes}M"),
    }
}

fn made(series: &Series) -> Answer {
    write::created(&shown(series), format!("/api/v1/series/{}", series.id), Some(series.revision))
}

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let mut query = Query::of(&req);
    let page = query.page::<Uuid>();
    query.finish()?;
    let found = series::list(callers::app(&req).store.read(), page.after, Some(page.fetch())).await?;
    let (found, next) = page.cut(found, |series| series.id.uuid());
    write::list((found.iter().map(shown).collect(), next))
}

pub async fn get(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let series = find(&req).await?;
    write::versioned(&shown(&series), series.revision)
}

async fn find(req: &HttpRequest) -> Result<Series, Problem> {
    let found = series::find(callers::app(req).store.read(), id(req, "id")?).await?;
    found.ok_or(Problem::NOT_FOUND)
}

async fn made_before(app: App, subject: Uuid) -> Answer {
    made(&series::find(app.store.read(), Id::new(subject)).await?.ok_or(Problem::NOT_FOUND)?)
}

pub async fn create(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    let lang = callers::lang(&req);
    let mut query = Query::of(&req);
    let dry_run = query.flag("dry_run");
    query.finish()?;
    let (bytes, value) = body::required(&req, payload).await?;
    let new = series_in::new(&value)?;
    let work = async |app: App, by: By| {
        let done = app
            .unit(move |app| {
                let (by, new) = (by.clone(), new.clone());
                async move { use_cases::create(&app, &by, new, dry_run).await }
            })
            .await;
        let (series, plan) = done?;
        if dry_run { write::ok(&plans::plan(&plan, lang)) } else { made(&series) }
    };
    idempotent::answer(&req, organizer, &bytes, work, async |app, it| made_before(app, it).await).await
}

pub async fn change(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    let series = find(&req).await?;
    let if_match = IfMatch::required(&req)?;
    let mut query = Query::of(&req);
    let (dry_run, include_published) = (query.flag("dry_run"), query.flag("include_published"));
    query.finish()?;
    let (_, value) = body::required(&req, payload).await?;
    let edit = series_in::change(&value)?;
    let (upon, revision) = (if_match.upon(series.revision)?, series.revision);
    let (after, plan) =
        callers::app(&req)
            .unit(move |app| {
                let (by, edit) = (organizer.by(), edit.clone());
                async move {
                    use_cases::change(&app, &by, series.id, upon, edit, include_published, dry_run).await
                }
            })
            .await?;
    if dry_run {
        return write::versioned(&plans::plan(&plan, callers::lang(&req)), revision);
    }
    write::versioned(&shown(&after), after.revision)
}

pub async fn split(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    let lang = callers::lang(&req);
    let id: Id<Series> = id(&req, "id")?;
    let mut query = Query::of(&req);
    let (dry_run, include_published) = (query.flag("dry_run"), query.flag("include_published"));
    query.finish()?;
    let (bytes, value) = body::required(&req, payload).await?;
    let (from, edit) = series_in::split(&value)?;
    let work = async |app: App, by: By| {
        let done = app
            .unit(move |app| {
                let (by, edit) = (by.clone(), edit.clone());
                async move { use_cases::split(&app, &by, id, from, edit, include_published, dry_run).await }
            })
            .await;
        let (series, plan) = done?;
        if dry_run { write::ok(&plans::plan(&plan, lang)) } else { made(&series) }
    };
    idempotent::answer(&req, organizer, &bytes, work, async |app, it| made_before(app, it).await).await
}

#[derive(Serialize)]
struct Dated {
    month: Month,
    date: Option<NaiveDate>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    event_id: Option<Id<Event>>,
    stage: Option<&'static str>,
    state: &'static str,
    warnings: Vec<Warning>,
}

pub async fn dates(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let (app, lang) = (callers::app(&req), callers::lang(&req));
    let series = find(&req).await?;
    let (current, horizon) = domain::horizon(series.rule.zone, app.now());
    let mut query = Query::of(&req);
    let from = query.read("from", |text| read::from_day(&text.into()));
    let to = query.read("to", |text| read::until_day(&text.into()));
    let first = from.map_or(current, Month::of);
    let last = to.map_or_else(|| horizon.max(first), Month::of);
    if last < first || from.zip(to).is_some_and(|(from, to)| to < from) {
        query.wrong("to", Wrong::SpanOfDays);
    } else if last > first.plus(120) {
        query.wrong("to", Wrong::TenYears);
    }
    query.finish()?;
    let months = use_cases::months(app, series.id, first, last).await?;
    let within = |date: Option<NaiveDate>| {
        date.is_none_or(|date| from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to))
    };
    let dated = months.iter().map(|month| dated(month, lang)).filter(|dated| within(dated.date));
    write::list((dated.collect(), None))
}

fn dated(dated: &DatedMonth, lang: mensuel_domain::lang::Lang) -> Dated {
    let (span, event, state) = match &dated.what {
        Held::Evening(event) => (Some(event.span), Some(event), "held"),
        Held::WouldHold(span) => (Some(*span), None, "would_hold"),
        Held::Skipped => (None, None, "skipped"),
        Held::Dropped => (None, None, "dropped"),
        Held::Gap(_) => (None, None, "gap"),
    };
    let gap = match dated.what {
        Held::Gap(date) => Some(date),
        Held::Evening(_) | Held::WouldHold(_) | Held::Skipped | Held::Dropped => None,
    };
    Dated {
        month: dated.month,
        date: span.map(|span| span.date()).or(gap),
        starts_at: span.map(|span| instant_in(span.starts_at, span.zone)),
        ends_at: span.map(|span| instant_in(span.ends_at, span.zone)),
        event_id: event.map(|event| event.id),
        stage: event.map(|event| event.stage.name()),
        state,
        warnings: dated.warnings.iter().map(|it| plans::warning(it, lang)).collect(),
    }
}
