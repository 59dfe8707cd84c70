//! `/`: the season of today, or `?season=` and the year in which it begins.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    format::Format,
    id::Id,
    rsvp,
    series::{Month, horizon},
    time::start_of_day,
    venue::Venue,
    waitlist::Room,
};
use mensuel_infra::store::{StoreError, events, rsvps, series, venues};

use super::{Page, public, shown};
use crate::{
    app::App,
    callers, missing,
    pages::{
        FeedLinks, Places,
        season::{Row, SeasonView, Seen, Shown, render},
    },
    problem::Problem,
    sight::{self, HeldDates, Reader, Sight, see},
};

pub async fn season(req: HttpRequest) -> Page {
    let app = callers::app(&req);
    let (first, last) = span(&req, app)?;
    let found = events::list(app.store.read(), &filter(app, first, last)).await?;
    let view = view(app, first, last, found).await?;
    Ok(public(render(&callers::frame(&req), &view)))
}

/// The months that are asked for.
fn span(req: &HttpRequest, app: &App) -> Result<(Month, Month), Problem> {
    let begins = app.community.season_begins;
    let mut pairs = url::form_urlencoded::parse(req.query_string().as_bytes());
    let asked = pairs.find(|(name, _)| name == "season").map(|(_, year)| year.parse::<i32>());
    let year = match asked {
        None => {
            let today = Month::of(app.today());
            if today.month >= begins { today.year } else { today.year - 1 }
        }
        Some(Ok(year @ 1970..=9998)) => year,
        Some(_) => return Err(Problem::NOT_FOUND),
    };
    let first = Month { year, month: begins };
    Ok((first, first.plus(11)))
}

fn filter(app: &App, first: Month, last: Month) -> events::Filter {
    let (from, to) = (midnight(app, first), midnight(app, last.plus(1)));
    events::Filter { from: Some(from), to: Some(to), ..listed(app) }
}

fn listed(app: &App) -> events::Filter {
    events::Filter { stages: sight::listed(app.community.held_dates).to_vec(), ..Default::default() }
}

fn midnight(app: &App, month: Month) -> DateTime<Utc> {
    start_of_day(month.first_day(), app.community.zone)
}

async fn view(app: &App, first: Month, last: Month, found: Vec<Event>) -> Result<SeasonView, StoreError> {
    let db = app.store.read();
    let rooms = rsvps::rooms(db, &found).await?;
    let venues: BTreeMap<Id<Venue>, Venue> =
        venues::all(db).await?.into_iter().map(|venue| (venue.id, venue)).collect();
    let known_until = known_until(app, &found, first, last).await?;
    let beside = |from, to| events::Filter { from, to, limit: Some(1), ..listed(app) };
    let before = beside(None, Some(midnight(app, first)));
    let after = beside(Some(midnight(app, last.plus(1))), None);
    Ok(SeasonView {
        first,
        last,
        known_until,
        evenings: found.iter().map(|event| row(app, event, &rooms, &venues)).collect(),
        feed: FeedLinks::of(&app.links.feed(), app.community.name.as_str()),
        format_feeds: Format::ALL
            .into_iter()
            .map(|format| {
                (format, FeedLinks::of(&app.links.format_feed(format), app.community.name.as_str()))
            })
            .collect(),
        has_previous: !events::list(db, &before).await?.is_empty(),
        has_next: !events::list(db, &after).await?.is_empty(),
        missing: missing::for_everybody(app).await?,
    })
}

/// The end of what the series have grown; without series, the last evening there is. Where held
/// dates are hidden, no month is known to have none.
async fn known_until(app: &App, found: &[Event], first: Month, last: Month) -> Result<Month, StoreError> {
    match app.community.held_dates {
        HeldDates::Shown => {}
        HeldDates::Hidden => return Ok(first.plus(-1)),
    }
    let series = series::list(app.store.read(), None, None).await?;
    let grown = series.iter().map(|series| {
        let horizon = horizon(series.rule.zone, app.now()).1;
        series.until.map_or(horizon, |until| horizon.min(Month::of(until)))
    });
    let dated = found.iter().map(|event| Month::of(event.span.date()));
    Ok(grown.chain(dated).max().unwrap_or(Month::of(app.today())).min(last))
}

fn row(
    app: &App,
    event: &Event,
    rooms: &BTreeMap<Id<Event>, Room>,
    venues: &BTreeMap<Id<Venue>, Venue>,
) -> Row {
    let seen = match see(event, Reader::Stranger) {
        Sight::Held => Seen::Held,
        Sight::MembersOnly => Seen::MembersOnly,
        Sight::Whole(_) => {
            let shown = Shown {
                slug: event.slug.as_ref().map(ToString::to_string).unwrap_or_default(),
                title: event.title.as_ref().map(ToString::to_string).unwrap_or_default(),
                language: event.language,
                format: event.format.unwrap_or(Format::OpenDiscussion),
                venue: event.venue.and_then(|id| venues.get(&id)).map(|venue| venue.name.to_string()),
                places: rooms.get(&event.id).map_or(Places::Unlimited, |room| {
                    shown::places(room, rsvp::prospect(event, &app.community.waitlist, app.now()))
                }),
            };
            match event.stage {
                Stage::Cancelled => Seen::Cancelled(shown),
                Stage::Held | Stage::Draft | Stage::Published => Seen::Published(shown),
            }
        }
    };
    Row { span: event.span, past: event.is_past(app.now()), seen }
}
