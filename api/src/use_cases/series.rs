//! Series: made, grown, changed as a whole, or from a month on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use mensuel_domain::{
    event::{Edit, Event, Stage},
    fact::{Actor, Fact},
    format::Format,
    id::Id,
    series::{Date, Month, Occurring, Plan, Rule, Series, Skip, Warning, WarningKind, french_holiday, plan},
    text::Title,
    time::Span,
    venue::Venue,
};
use mensuel_infra::store::{Tx, events, series};

use super::{By, Failure, Refused, events as evenings, tally::Tally};
use crate::app::App;

#[derive(Clone, Debug)]
pub struct NewSeries {
    pub title: Title,
    pub rule: Rule,
    pub format: Option<Format>,
    pub capacity: Option<u32>,
    pub venue: Option<Id<Venue>>,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub skips: BTreeSet<Skip>,
    pub moves: BTreeMap<Month, NaiveDate>,
}

/// What is to change; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct SeriesEdit {
    pub title: Option<Title>,
    pub rule: Option<Rule>,
    pub format: Option<Option<Format>>,
    pub capacity: Option<Option<u32>>,
    pub venue: Option<Option<Id<Venue>>>,
    pub from: Option<NaiveDate>,
    pub until: Option<Option<NaiveDate>>,
    pub skips: Option<BTreeSet<Skip>>,
    pub moves: Option<BTreeMap<Month, NaiveDate>>,
}

impl SeriesEdit {
    fn apply(self, series: &mut Series) {
        let Self { title, rule, format, capacity, venue, from, until, skips, moves } = self;
        set(&mut series.title, title);
        set(&mut series.rule, rule);
        set(&mut series.format, format);
        set(&mut series.capacity, capacity);
        set(&mut series.venue, venue);
        set(&mut series.from, from);
        set(&mut series.until, until);
        set(&mut series.skips, skips);
        set(&mut series.moves, moves);
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// Makes a series and holds its dates up to the horizon.
pub async fn create(app: &App, by: &By, new: NewSeries, dry_run: bool) -> Result<(Series, Plan), Failure> {
    let tx = app.store.write(app.now()).await?;
    let made = Series {
        id: tx.new_id(),
        title: new.title,
        rule: new.rule,
        format: new.format,
        capacity: new.capacity,
        venue: new.venue,
        from: new.from,
        until: new.until,
        skips: new.skips,
        moves: new.moves,
        revision: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    check(&tx, &made).await?;
    let plan = plan(None, &made, &[], false, tx.now()).map_err(Refused::Plan)?;
    if dry_run {
        tx.undo().await?;
        return Ok((made, plan));
    }
    series::insert(&tx, &made).await?;
    let mut facts = vec![Fact::SeriesCreated { series: made.id }];
    facts.extend(carry_out(app, &tx, &made, &plan).await?);
    by.take_key(&tx, Some(made.id.uuid())).await?;
    tx.commit(by.actor, facts).await?;
    Ok((made, plan))
}

async fn check(tx: &Tx, series: &Series) -> Result<(), Failure> {
    series.check().map_err(Refused::Series)?;
    match series.venue {
        Some(venue) => evenings::check_venue(tx, venue).await,
        None => Ok(()),
    }
}

/// Changes all that is still to come.
pub async fn change(
    app: &App,
    by: &By,
    id: Id<Series>,
    if_match: Option<u32>,
    edit: SeriesEdit,
    include_published: bool,
    dry_run: bool,
) -> Result<(Series, Plan), Failure> {
    let tx = app.store.write(app.now()).await?;
    let before = series::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    if if_match.is_some_and(|revision| revision != before.revision) {
        return Err(Refused::Stale.into());
    }
    let mut after = before.clone();
    edit.apply(&mut after);
    if after != before {
        after.revision += 1;
        after.updated_at = tx.now();
    }
    check(&tx, &after).await?;
    let months = locked_months(&tx, id, None).await?;
    let plan = plan(Some(&before), &after, &months, include_published, tx.now()).map_err(Refused::Plan)?;
    if dry_run {
        tx.undo().await?;
        return Ok((before, plan));
    }
    let mut facts = Vec::new();
    if after != before {
        series::update(&tx, &after).await?;
        facts.push(Fact::SeriesChanged { series: id });
    }
    // Also when the series itself stays: published evenings may be included now that were not.
    facts.extend(carry_out(app, &tx, &after, &plan).await?);
    tx.commit(by.actor, facts).await?;
    Ok((after, plan))
}

/// This and following: a new series from a month on takes over the evenings that exist, which keep
/// their ids, UIDs, answers and links.
pub async fn split(
    app: &App,
    by: &By,
    id: Id<Series>,
    from: Month,
    edit: SeriesEdit,
    include_published: bool,
    dry_run: bool,
) -> Result<(Series, Plan), Failure> {
    let tx = app.store.write(app.now()).await?;
    let old = series::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    let ends_before = old.until.is_some_and(|until| Month::of(until) < from);
    if from <= Month::of(old.from) || ends_before {
        return Err(Refused::SplitOutside.into());
    }
    let mut new =
        Series { id: tx.new_id(), revision: 1, created_at: tx.now(), updated_at: tx.now(), ..old.clone() };
    // A date may be placed up to a month away from the month that it stands for.
    new.from = from.plus(-1).first_day();
    edit.apply(&mut new);
    let (kept, handed): (BTreeMap<_, _>, BTreeMap<_, _>) =
        old.moves.iter().partition(|(month, _)| **month < from);
    new.moves = if new.moves == old.moves { handed } else { new.moves };
    check(&tx, &new).await?;
    let months = locked_months(&tx, id, Some(from)).await?;
    let mut plan = plan(Some(&old), &new, &months, include_published, tx.now()).map_err(Refused::Plan)?;
    plan.hold.retain(|grown| grown.month >= from);
    plan.warnings.retain(|warning| warning.month >= from);
    new.from = from.first_day();
    if dry_run {
        tx.undo().await?;
        return Ok((new, plan));
    }
    let facts = hand_over(app, &tx, old, &new, kept, from, &months, &plan).await?;
    by.take_key(&tx, Some(new.id.uuid())).await?;
    tx.commit(by.actor, facts).await?;
    Ok((new, plan))
}

#[expect(clippy::too_many_arguments, reason = "one step of split, named at its only call")]
async fn hand_over(
    app: &App,
    tx: &Tx,
    mut old: Series,
    new: &Series,
    kept_moves: BTreeMap<Month, NaiveDate>,
    from: Month,
    months: &[(Month, Occurring)],
    plan: &Plan,
) -> Result<Vec<Fact>, Failure> {
    series::insert(tx, new).await?;
    series::hand_over_drops(tx, old.id, new.id, from).await?;
    for (month, occurring) in months {
        if let Occurring::Evening(event) = occurring {
            events::update(tx, event, &event.handed_to(new.id, *month, tx.now())).await?;
        }
    }
    old.until = Some(from.plus(-1).last_day());
    old.moves = kept_moves;
    old.revision += 1;
    old.updated_at = tx.now();
    series::update(tx, &old).await?;
    let mut facts = vec![
        Fact::SeriesCreated { series: new.id },
        Fact::SeriesSplit { series: old.id, into: new.id, from },
    ];
    facts.extend(carry_out(app, tx, new, plan).await?);
    Ok(facts)
}

/// The months of a series from one on, their evenings locked in the order of their ids.
async fn locked_months(
    tx: &Tx,
    id: Id<Series>,
    from: Option<Month>,
) -> Result<Vec<(Month, Occurring)>, Failure> {
    let wanted = |month: &Month| from.is_none_or(|from| *month >= from);
    let mut months = BTreeMap::new();
    let known = events::of_series(tx.db(), id).await?;
    let mut order: Vec<(Id<Event>, Month)> = known.iter().map(|(month, event)| (event.id, *month)).collect();
    order.sort();
    for (event, month) in order.into_iter().filter(|(_, month)| wanted(month)) {
        if let Some(event) = events::lock(tx, event).await? {
            months.insert(month, Occurring::Evening(Box::new(event)));
        }
    }
    for month in series::dropped(tx.db(), id).await?.into_iter().filter(wanted) {
        months.entry(month).or_insert(Occurring::Dropped);
    }
    Ok(months.into_iter().collect())
}

/// Does what a plan lists.
async fn carry_out(app: &App, tx: &Tx, series: &Series, plan: &Plan) -> Result<Vec<Fact>, Failure> {
    let mut facts = Vec::new();
    for grown in &plan.hold {
        facts.push(hold(app, tx, series, grown.month, grown.span, grown.changes.clone()).await?.1);
    }
    for planned in &plan.change {
        let mut after = planned.after.clone();
        after.occurrence = Some((series.id, planned.month));
        facts.extend(planned.facts.iter().cloned());
        facts.extend(evenings::save_edited(app, tx, &planned.before, &after, &planned.facts).await?);
    }
    for (month, event) in &plan.drop {
        series::drop_month(tx, series.id, *month, series::Dropped::ByRule).await?;
        events::delete(tx, event.id).await?;
        facts.push(Fact::EventDeleted { event: event.id });
    }
    Ok(facts)
}

/// Holds one date of a series.
pub async fn hold(
    app: &App,
    tx: &Tx,
    series: &Series,
    month: Month,
    span: Span,
    defaults: Vec<mensuel_domain::event::Change>,
) -> Result<(Event, Fact), Failure> {
    let blank = evenings::blank(tx, app, span, Stage::Held, Some((series.id, month)));
    let mut event = blank.edit(defaults, Edit::BySeries, tx.now()).map_err(Refused::Edit)?.value;
    event.begin_history();
    events::insert(tx, &event).await?;
    let fact = Fact::DateHeld { event: event.id, series: series.id, month };
    Ok((event, fact))
}

/// Grows every series to its horizon; answers how many dates were held.
pub async fn grow_all(app: &App) -> Result<u64, Failure> {
    let mut held = Tally::default();
    for (id, known) in series::all(app.store.read()).await? {
        // Looked at by a reader first: mostly nothing grows, and nobody's answer waits for that.
        match is_short(app, &known).await {
            Ok(false) => {}
            Ok(true) => held.add("the growth of a series", grow(app, id).await),
            Err(failure) => held.add("the growth of a series", Err(failure)),
        }
    }
    held.finish()
}

async fn is_short(app: &App, known: &Series) -> Result<bool, Failure> {
    let db = app.store.read();
    let months = occurring(events::of_series(db, known.id).await?, series::dropped(db, known.id).await?);
    let plan = plan(None, known, &months, false, app.now()).map_err(Refused::Plan)?;
    Ok(!plan.hold.is_empty())
}

fn occurring(
    evenings: BTreeMap<Month, Event>,
    dropped: impl IntoIterator<Item = Month>,
) -> Vec<(Month, Occurring)> {
    let evenings = evenings.into_iter().map(|(month, event)| (month, Occurring::Evening(Box::new(event))));
    evenings.chain(dropped.into_iter().map(|month| (month, Occurring::Dropped))).collect()
}

async fn grow(app: &App, id: Id<Series>) -> Result<u64, Failure> {
    let tx = app.store.write(app.now()).await?;
    let Some(known) = series::lock(&tx, id).await? else {
        return Ok(0);
    };
    let months = occurring(events::of_series(tx.db(), id).await?, series::dropped(tx.db(), id).await?);
    let plan = plan(None, &known, &months, false, tx.now()).map_err(Refused::Plan)?;
    let facts = carry_out(app, &tx, &known, &plan).await?;
    tx.commit(Actor::Mensuel, facts).await?;
    Ok(plan.hold.len() as u64)
}

/// A month of a series as it is, or would be.
#[derive(Clone, Debug)]
pub struct DatedMonth {
    pub month: Month,
    pub what: Held,
    pub warnings: Vec<Warning>,
}

#[derive(Clone, Debug)]
pub enum Held {
    Evening(Box<Event>),
    WouldHold(Span),
    Skipped,
    Dropped,
    /// The wall time does not exist on that day.
    Gap(NaiveDate),
}

/// The months of a span as they are, or would be.
pub async fn months(app: &App, id: Id<Series>, from: Month, to: Month) -> Result<Vec<DatedMonth>, Failure> {
    let db = app.store.read();
    let known = series::find(db, id).await?.ok_or(Refused::Missing)?;
    let mut evenings = events::of_series(db, id).await?;
    let dropped = series::dropped(db, id).await?;
    let dated = |month: Month| {
        let (what, day) = match (evenings.remove(&month), known.date(month)) {
            (Some(event), _) => {
                let day = event.span.date();
                (Held::Evening(Box::new(event)), Some(day))
            }
            (None, _) if dropped.contains(&month) => (Held::Dropped, None),
            (None, Date::On(span)) => (Held::WouldHold(span), Some(span.date())),
            (None, Date::Skipped) => (Held::Skipped, None),
            (None, Date::InGap(gap)) => (Held::Gap(gap.wall.date()), None),
            (None, Date::Outside) => return None,
        };
        let mut warnings = Vec::new();
        if let Some(name) = day.and_then(french_holiday) {
            warnings.extend(day.map(|date| Warning { month, date, kind: WarningKind::Holiday(name) }));
        }
        if let Held::Gap(date) = what {
            warnings.push(Warning { month, date, kind: WarningKind::Gap });
        }
        Some(DatedMonth { month, what, warnings })
    };
    Ok(from.through(to).filter_map(dated).collect())
}
