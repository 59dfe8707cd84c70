//! `/api/v1/events/{id}/waves`.

use actix_web::{HttpRequest, web::Payload};
use chrono_tz::Tz;
use mensuel_domain::{
    event::Event,
    id::Id,
    wave::{Dates, Turn, Wave, WavePlan},
};
use mensuel_infra::store::tokens::Scope;
use serde::Serialize;

use super::{Answer, body, event_in, events, fields::Fields, id, query::Query, read, write};
use crate::{
    app::App,
    callers,
    problem::Wrong,
    use_cases::waves::{self as use_cases, NewPlan},
};

#[derive(Serialize)]
struct Shown {
    plan: Option<ShownPlan>,
    waves: Vec<ShownWave>,
}

#[derive(Serialize)]
struct ShownPlan {
    share_percent: u32,
    every_hours: Option<u32>,
    next: Option<[String; 2]>,
}

#[derive(Serialize)]
struct ShownWave {
    wave: u32,
    state: &'static str,
    at: Option<String>,
    invited: u64,
}

pub async fn get(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    shown(callers::app(&req), &events::find(&req).await?).await
}

pub async fn put(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let event = events::find(&req).await?;
    let value = body::optional(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let plan = plan(&fields, event.span.zone);
    let plan = fields.finish(Some(plan))?;
    replan(&req, organizer, event.id, Some(plan)).await
}

pub async fn delete(req: HttpRequest) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    replan(&req, organizer, id(&req, "id")?, None).await
}

async fn replan(
    req: &HttpRequest,
    organizer: callers::Organizer,
    id: Id<Event>,
    plan: Option<NewPlan>,
) -> Answer {
    let app = callers::app(req);
    let event =
        app.unit(move |app| async move { use_cases::replan(&app, &organizer.by(), id, plan).await }).await?;
    shown(app, &event).await
}

/// A plan as it is written; both ways to give dates at once are a mistake.
pub(super) fn plan(fields: &Fields<'_>, zone: Tz) -> NewPlan {
    let share_percent = fields.optional("share_percent", read::number(1, 100));
    let hours = fields.optional("every_hours", read::number(1, 2_160));
    let next = fields.list("next", 2, |value| event_in::instant(value, zone));
    let both = fields.has("every_hours") && fields.has("next");
    let dates = match (hours, next.as_deref()) {
        (Some(_), Some(_)) => None,
        (Some(hours), None) => Some(Dates::EveryHours(hours)),
        (None, Some(&[second, third])) => Some(Dates::At([second, third])),
        (None, Some(_)) => {
            fields.wrong("next", Wrong::WaveDates);
            None
        }
        (None, None) => None,
    };
    if both {
        fields.wrong("next", Wrong::WaveDatesTwice);
    }
    NewPlan { share_percent, dates }
}

async fn shown(app: &App, event: &Event) -> Answer {
    let standing = use_cases::standing(app, event).await?;
    let zone = event.span.zone;
    let wave = |wave: Wave| {
        let gone = standing.gone.iter().find(|gone| gone.wave == wave);
        let (state, at) = match (gone, standing.turn) {
            (Some(gone), _) => ("sent", Some(gone.at)),
            (None, Turn::Later(next, at)) if next == wave => ("planned", Some(at)),
            (None, Turn::Goes(next)) if next == wave => ("planned", Some(app.now())),
            (None, Turn::Waits(next)) if next == wave => ("waits", None),
            (None, Turn::Later(..) | Turn::Goes(_) | Turn::Waits(_)) => ("planned", None),
            (None, Turn::Over) => ("none", None),
        };
        ShownWave {
            wave: wave.number(),
            state,
            at: at.map(|at| write::instant_in(at, zone)),
            invited: gone.map_or(0, |gone| gone.invited),
        }
    };
    write::ok(&Shown {
        plan: standing.plan.map(|plan| shown_plan(&plan, zone)),
        waves: Wave::ALL.into_iter().map(wave).collect(),
    })
}

fn shown_plan(plan: &WavePlan, zone: Tz) -> ShownPlan {
    let (every_hours, next) = match plan.dates {
        Dates::EveryHours(hours) => (Some(hours), None),
        Dates::At(dates) => (None, Some(dates.map(|at| write::instant_in(at, zone)))),
    };
    ShownPlan { share_percent: plan.share_percent, every_hours, next }
}
