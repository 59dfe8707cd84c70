//! The file of a season: its lines fill the held dates by day, and make the evenings that are not there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use mensuel_domain::{
    event::{Change, Edit, Event, Field, Stage},
    fact::{Actor, Fact},
    id::Id,
    series::{Date, Month, Series},
    text::Slug,
};
use mensuel_infra::store::{Tx, events as rows, series, venues};

use super::{
    Attempt, Line, LineReport, Manner, Outcome, Report, Wrong,
    evening::{agrees, changes_of},
    take,
};
use crate::{
    app::App,
    csv_input::{EventLine, Sheet},
    use_cases::{Failure, Refused, events as evenings, venues as places},
};

impl Line for EventLine {
    fn number(&self) -> u64 {
        self.line
    }

    fn about(&self) -> String {
        match &self.title {
            Some(title) => format!("{} {title}", self.span.date()),
            None => self.span.date().to_string(),
        }
    }
}

/// Takes a file of evenings. What it publishes is published and in the feeds, and mailed to nobody.
/// `progress` hears of each line.
pub async fn events(
    app: &App,
    actor: Actor,
    sheet: Sheet<EventLine>,
    manner: Manner,
    progress: impl Fn(),
) -> Result<Report, Failure> {
    let summary = |report: &Report| Fact::EventsImported {
        added: report.added(),
        changed: report.changed(),
        unchanged: report.unchanged(),
    };
    take(app, actor, sheet, manner, summary, |tx, lines| attempt(app, tx, lines, &progress)).await
}

async fn attempt(app: &App, tx: Tx, lines: Vec<EventLine>, progress: &impl Fn()) -> Result<Attempt, Failure> {
    let mut season = Season::lock(&tx, &lines).await?;
    let meant = season.meant(&lines);
    let (mut reports, mut facts) = (Vec::with_capacity(lines.len()), Vec::new());
    for (line, meant) in lines.iter().zip(meant) {
        let outcome = match one(app, &tx, &mut season, line, meant).await {
            Ok(Ok((outcome, made))) => {
                facts.extend(made);
                outcome
            }
            Ok(Err(wrong)) => Outcome::Wrong(wrong),
            Err(Failure::Refused(refused)) => Outcome::Wrong(Wrong::Refused(refused)),
            Err(failure) => return Err(failure),
        };
        reports.push(LineReport { line: line.number(), about: line.about(), outcome });
        progress();
    }
    Ok(Attempt { lines: reports, tx, facts })
}

/// What exists on the days of the file, under lock, and the rules that may give more.
struct Season {
    series: Vec<Series>,
    /// The months of each series that have an evening, or had one deleted by hand.
    months: BTreeSet<(Id<Series>, Month)>,
    evenings: Vec<Event>,
}

impl Season {
    async fn lock(tx: &Tx, lines: &[EventLine]) -> Result<Self, Failure> {
        let (mut all, mut months) = (Vec::new(), BTreeSet::new());
        for (id, _) in series::all(tx.db()).await? {
            all.extend(series::lock(tx, id).await?);
            months.extend(rows::of_series(tx.db(), id).await?.into_keys().map(|month| (id, month)));
            months.extend(series::dropped(tx.db(), id).await?.into_iter().map(|month| (id, month)));
        }
        let days: BTreeSet<NaiveDate> = lines.iter().map(|line| line.span.date()).collect();
        let mut order = BTreeSet::new();
        if let (Some(first), Some(last)) = (days.first(), days.last()) {
            // A day more on each side: the days are those of each evening's own zone.
            let filter = rows::Filter {
                from: first
                    .checked_sub_days(Days::new(1))
                    .map(|day| day.and_time(Default::default()).and_utc()),
                to: last.checked_add_days(Days::new(2)).map(|day| day.and_time(Default::default()).and_utc()),
                ..Default::default()
            };
            let found = rows::list(tx.db(), &filter).await?;
            order
                .extend(found.iter().filter(|event| days.contains(&event.span.date())).map(|event| event.id));
        }
        let mut evenings = Vec::with_capacity(order.len());
        for event in order {
            evenings.extend(rows::lock(tx, event).await?);
        }
        Ok(Self { series: all, months, evenings })
    }

    /// The evening that each line means: of its day the one at its hour, else one that is still
    /// being planned, else any; none twice.
    fn meant(&self, lines: &[EventLine]) -> Vec<Option<Event>> {
        let mut free: BTreeMap<Id<Event>, &Event> =
            self.evenings.iter().map(|event| (event.id, event)).collect();
        let mut meant: Vec<Option<Event>> = vec![None; lines.len()];
        let choices: [fn(&Event, &EventLine) -> bool; 3] = [
            |event, line| event.span.starts_at == line.span.starts_at,
            |event, _| event.stage.is_before_publication(),
            |_, _| true,
        ];
        for fits in choices {
            for (line, meant) in lines.iter().zip(&mut meant).filter(|(_, meant)| meant.is_none()) {
                let of_day = |event: &&&Event| event.span.date() == line.span.date() && fits(event, line);
                if let Some(found) = free.values().find(of_day).map(|event| event.id) {
                    *meant = free.remove(&found).cloned();
                }
            }
        }
        meant
    }

    /// The month of a series that gives this day and has no evening yet; it is taken by the call.
    fn occurrence(&mut self, day: NaiveDate) -> Option<(Series, Month)> {
        let found = self.series.iter().find_map(|series| {
            let month = series.month_of(day)?;
            (!self.months.contains(&(series.id, month))).then(|| (series.clone(), month))
        });
        if let Some((series, month)) = &found {
            self.months.insert((series.id, *month));
        }
        found
    }
}

type Taken = Result<(Outcome, Vec<Fact>), Wrong>;

async fn one(
    app: &App,
    tx: &Tx,
    season: &mut Season,
    line: &EventLine,
    meant: Option<Event>,
) -> Result<Taken, Failure> {
    let changes = match changes_of(tx, line).await? {
        Ok(changes) => changes,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let Some(event) = meant else {
        return add(app, tx, season, line, changes).await.map(Ok);
    };
    match event.stage {
        Stage::Held | Stage::Draft => update(app, tx, &event, line, changes).await.map(Ok),
        Stage::Published | Stage::Cancelled => {
            let venue = match &line.venue {
                Some(name) => Some(venues::find_by_name(tx.db(), name, line.address.as_ref()).await?),
                None => None,
            };
            let venue = venue.map(|found| found.map(|kept| kept.venue.id));
            Ok(match (agrees(&event, &changes, venue), event.stage) {
                (true, _) => Ok((Outcome::Unchanged, Vec::new())),
                (false, Stage::Cancelled) => Err(Wrong::Cancelled),
                (false, Stage::Held | Stage::Draft | Stage::Published) => Err(Wrong::Published),
            })
        }
    }
}

async fn update(
    app: &App,
    tx: &Tx,
    event: &Event,
    line: &EventLine,
    mut changes: Vec<Change>,
) -> Result<(Outcome, Vec<Fact>), Failure> {
    let mut facts = place(tx, line, &mut changes).await?;
    changes.extend(planned_stage(line, event.stage).map(Change::Stage));
    let changes = evenings::with_known_people(tx, changes).await?;
    let decision = event.edit(changes, Edit::History, tx.now()).map_err(Refused::Edit)?;
    let changed = !decision.is_unchanged();
    let follows = evenings::save_edited(app, tx, event, &decision.value, &decision.facts).await?;
    facts.extend(decision.facts);
    facts.extend(follows);
    let published = publish_if_said(tx, &decision.value, line).await?;
    let outcome = if changed || !published.is_empty() { Outcome::Changed } else { Outcome::Unchanged };
    facts.extend(published);
    Ok((outcome, facts))
}

/// A new evening: the month of a series when its rule gives that day, else a single one.
async fn add(
    app: &App,
    tx: &Tx,
    season: &mut Season,
    line: &EventLine,
    mut changes: Vec<Change>,
) -> Result<(Outcome, Vec<Fact>), Failure> {
    let occurrence = season.occurrence(line.span.date());
    let mut facts = place(tx, line, &mut changes).await?;
    changes.extend(planned_stage(line, Stage::Held).map(Change::Stage));
    let key = occurrence.as_ref().map(|(series, month)| (series.id, *month));
    let mut event = evenings::blank(tx, app, line.span, Stage::Held, key);
    if let Some((series, month)) = &occurrence {
        event = event.edit(series.defaults(), Edit::BySeries, tx.now()).map_err(Refused::Edit)?.value;
        if !matches!(series.date(*month), Date::On(span) if span == line.span) {
            event.own.extend([Field::StartsAt, Field::EndsAt]);
        }
    }
    let changes = evenings::with_known_people(tx, changes).await?;
    event = event.edit(changes, Edit::History, tx.now()).map_err(Refused::Edit)?.value;
    // What it was born with is no change.
    event.begin_history();
    rows::insert(tx, &event).await?;
    facts.push(match key {
        Some((series, month)) => Fact::DateHeld { event: event.id, series, month },
        None => Fact::EventCreated { event: event.id },
    });
    facts.extend(publish_if_said(tx, &event, line).await?);
    Ok((Outcome::Added, facts))
}

/// The line's venue as a change, found or made.
async fn place(tx: &Tx, line: &EventLine, changes: &mut Vec<Change>) -> Result<Vec<Fact>, Failure> {
    let Some(name) = &line.venue else {
        return Ok(Vec::new());
    };
    let (venue, made) = places::find_or_make(tx, name, line.address.as_ref()).await?;
    changes.push(Change::Venue(Some(venue)));
    Ok(made.into_iter().collect())
}

/// Held or draft, as the line says; what is to be published is a draft until it is.
fn planned_stage(line: &EventLine, now: Stage) -> Option<Stage> {
    let said = line.stage?;
    let planned = match said {
        Stage::Held | Stage::Draft => said,
        Stage::Published | Stage::Cancelled => Stage::Draft,
    };
    (planned != now).then_some(planned)
}

/// Publishes and invites nobody; what is past is history.
async fn publish_if_said(tx: &Tx, event: &Event, line: &EventLine) -> Result<Vec<Fact>, Failure> {
    if line.stage != Some(Stage::Published) {
        return Ok(Vec::new());
    }
    let slug = match &event.title {
        Some(title) => rows::free_slug(tx.db(), Slug::of(event.span.date(), title)).await?,
        None => Slug::kept(""),
    };
    if event.span.starts_at <= tx.now() {
        let decision = event.publish_history(slug, tx.now()).map_err(Refused::Stage)?;
        rows::update(tx, event, &decision.value).await?;
        return Ok(decision.facts);
    }
    let decision = event.publish(slug, tx.now()).map_err(Refused::Stage)?;
    let mut facts = decision.facts;
    facts.extend(evenings::publish_in(tx, event, &decision.value).await?);
    Ok(facts)
}
