//! What growing or changing a series does to its evenings: one pure function from the rule and the
//! evenings that exist to the list of what would happen. `dry_run` shows the list, the use case
//! carries it out.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{Date, Month, Series, french_holiday, horizon};
use crate::{
    event::{Change, Edit, EditRefused, Event, Field, Stage},
    fact::Fact,
    id::Id,
    text::Title,
    time::Span,
};

/// A month of the series as it stands in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occurring {
    Evening(Box<Event>),
    /// Deleted by hand: does not grow again.
    Dropped,
}

/// A date to be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    pub month: Month,
    pub span: Span,
    pub changes: Vec<Change>,
}

/// An evening that changes, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub month: Month,
    pub before: Event,
    pub after: Event,
    pub facts: Vec<Fact>,
}

/// An evening that stays as it is though the series changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub month: Month,
    pub event: Id<Event>,
    pub date: NaiveDate,
    pub because: KeptBecause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBecause {
    /// Its date was placed by hand.
    PlacedByHand,
    /// Published, and `include_published` was not said.
    Published,
    /// The new date is past.
    WouldBePast,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub month: Month,
    pub date: NaiveDate,
    pub kind: WarningKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WarningKind {
    Holiday(&'static str),
    /// The wall time does not exist that day.
    Gap,
    /// A default of the series that does not fit the format.
    DefaultNotApplied(Field),
}

/// The plain list of what would happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub hold: Vec<Grown>,
    pub change: Vec<Planned>,
    /// Held and draft dates that the rule no longer gives.
    pub drop: Vec<(Month, Event)>,
    pub keep: Vec<Kept>,
    pub warnings: Vec<Warning>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanRefused {
    /// `until` or `skips` would hit this published evening.
    Published { event: Id<Event>, month: Month, title: Option<Title>, date: NaiveDate },
}

/// What the series does to the months that exist and those of the horizon, from a month on.
/// With `old` absent the series is new, or only grows.
pub fn plan(
    old: Option<&Series>,
    new: &Series,
    months: &[(Month, Occurring)],
    include_published: bool,
    now: DateTime<Utc>,
) -> Result<Plan, PlanRefused> {
    let (current, last) = horizon(new.rule.zone, now);
    let mut plan = Plan::default();
    let all: BTreeSet<Month> =
        current.plus(-1).through(last).chain(months.iter().map(|(month, _)| *month)).collect();
    for month in all {
        let date = new.date(month);
        match months.iter().find(|(m, _)| *m == month).map(|(_, what)| what) {
            Some(Occurring::Dropped) => {}
            Some(Occurring::Evening(event))
                if event.span.starts_at <= now || event.stage == Stage::Cancelled => {}
            Some(Occurring::Evening(event)) => {
                if let Some(old) = old {
                    change(&mut plan, old, new, month, event, date, include_published, now)?;
                }
            }
            None if month <= last => grow(&mut plan, new, month, date, now),
            None => {}
        }
    }
    Ok(plan)
}

fn grow(plan: &mut Plan, series: &Series, month: Month, date: Date, now: DateTime<Utc>) {
    match date {
        Date::On(span) if span.starts_at > now => {
            warn_of_holiday(plan, month, span.date());
            let changes = defaults(plan, series, month, span.date());
            plan.hold.push(Grown { month, span, changes });
        }
        Date::InGap(gap) if gap.wall.and_utc() > now => {
            plan.warnings.push(Warning { month, date: gap.wall.date(), kind: WarningKind::Gap })
        }
        Date::On(_) | Date::InGap(_) | Date::Skipped | Date::Outside => {}
    }
}

fn warn_of_holiday(plan: &mut Plan, month: Month, date: NaiveDate) {
    if let Some(name) = french_holiday(date) {
        plan.warnings.push(Warning { month, date, kind: WarningKind::Holiday(name) });
    }
}

/// The defaults of the series for an evening that has nothing of its own.
fn defaults(plan: &mut Plan, series: &Series, month: Month, date: NaiveDate) -> Vec<Change> {
    if !series.capacity_fits() {
        plan.warnings.push(Warning { month, date, kind: WarningKind::DefaultNotApplied(Field::Capacity) });
    }
    series.defaults()
}

#[expect(clippy::too_many_arguments, reason = "the inputs of one decision, named at its only call")]
fn change(
    plan: &mut Plan,
    old: &Series,
    new: &Series,
    month: Month,
    event: &Event,
    date: Date,
    include_published: bool,
    now: DateTime<Utc>,
) -> Result<(), PlanRefused> {
    let by_hand = event.own.contains(&Field::StartsAt);
    let keep = |because| Kept { month, event: event.id, date: event.span.date(), because };
    let before = old.date(month);
    let span = match date {
        Date::On(span) => Some(of_own_length(event, span, new.rule.zone)),
        Date::Skipped | Date::Outside if matches!(before, Date::Skipped | Date::Outside) => None,
        Date::Skipped | Date::Outside if event.stage == Stage::Published => {
            return Err(PlanRefused::Published {
                event: event.id,
                month,
                title: event.title.clone(),
                date: event.span.date(),
            });
        }
        Date::Skipped | Date::Outside if by_hand && !new.skips.contains(&super::Skip::Once(month)) => {
            plan.keep.push(keep(KeptBecause::PlacedByHand));
            return Ok(());
        }
        Date::Skipped | Date::Outside => {
            plan.drop.push((month, event.clone()));
            return Ok(());
        }
        Date::InGap(gap) => {
            plan.warnings.push(Warning { month, date: gap.wall.date(), kind: WarningKind::Gap });
            None
        }
    };
    let mut changes = followed(old, new, event);
    let mut because = None;
    match span {
        Some(span) if span == event.span => {}
        Some(_) if by_hand => because = (before != date).then_some(KeptBecause::PlacedByHand),
        Some(span) if span.starts_at <= now => because = Some(KeptBecause::WouldBePast),
        Some(span) => changes.push(Change::Span(span)),
        None => {}
    }
    if event.stage == Stage::Published && !include_published && !changes.is_empty() {
        changes.clear();
        because = Some(KeptBecause::Published);
    }
    if let Some(because) = because {
        plan.keep.push(keep(because));
    }
    if !changes.is_empty() {
        apply(plan, month, event, changes, now);
    }
    Ok(())
}

/// The date of the series with the length that the evening has set itself.
fn of_own_length(event: &Event, span: Span, zone: Tz) -> Span {
    let minutes = u32::try_from(event.span.minutes()).ok().filter(|_| event.own.contains(&Field::EndsAt));
    minutes
        .and_then(|minutes| Span::lasting(span.date(), span.start.time(), zone, minutes).ok())
        .unwrap_or(span)
}

/// The values of the series that this evening has not set itself. A default that the series has
/// not is taken back only when it had one.
fn followed(old: &Series, new: &Series, event: &Event) -> Vec<Change> {
    let follows = |field| !event.own.contains(&field);
    let mut changes = Vec::new();
    if follows(Field::Title) && event.title.as_ref() != Some(&new.title) {
        changes.push(Change::Title(Some(new.title.clone())));
    }
    if follows(Field::Format) && differs(event.format, old.format, new.format) {
        changes.push(Change::Format(new.format));
    }
    if follows(Field::Capacity) && differs(event.capacity, old.capacity, new.capacity) {
        changes.push(Change::Capacity(new.capacity));
    }
    if follows(Field::VenueId) && differs(event.venue, old.venue, new.venue) {
        changes.push(Change::Venue(new.venue));
    }
    changes
}

fn differs<T: PartialEq>(has: Option<T>, old: Option<T>, new: Option<T>) -> bool {
    has != new && (new.is_some() || old.is_some())
}

/// Applies the changes one by one: a default that does not fit what the evening already says is
/// left out and listed.
fn apply(plan: &mut Plan, month: Month, event: &Event, changes: Vec<Change>, now: DateTime<Utc>) {
    let mut fitting: Vec<Change> = Vec::new();
    for change in changes {
        let field = change.fields().first().copied().unwrap_or(Field::StartsAt);
        let tried = fitting.iter().cloned().chain([change.clone()]).collect();
        match event.edit(tried, Edit::BySeries, now) {
            Ok(_) => fitting.push(change),
            Err(EditRefused::IntoThePast | EditRefused::Over) => plan.keep.push(Kept {
                month,
                event: event.id,
                date: event.span.date(),
                because: KeptBecause::WouldBePast,
            }),
            Err(
                EditRefused::Flaws(_)
                | EditRefused::DeadlineAfterEnd
                | EditRefused::OpensAfterDeadline
                | EditRefused::Cancelled
                | EditRefused::StageIsFinal,
            ) => plan.warnings.push(Warning {
                month,
                date: event.span.date(),
                kind: WarningKind::DefaultNotApplied(field),
            }),
        }
    }
    if let Ok(decision) = event.edit(fitting, Edit::BySeries, now)
        && !decision.is_unchanged()
    {
        if decision.value.span != event.span {
            warn_of_holiday(plan, month, decision.value.span.date());
        }
        plan.change.push(Planned {
            month,
            before: event.clone(),
            after: decision.value,
            facts: decision.facts,
        });
    }
}
