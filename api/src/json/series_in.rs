//! A series, or what is to change in one, read from JSON.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Weekday};
use mensuel_domain::{
    event::MOST_PLACES,
    series::{Month, Rule, Skip, Week},
};
use serde_json::Value;

use super::{fields::Fields, read};
use crate::{
    problem::{Problem, Wrong},
    use_cases::series::{NewSeries, SeriesEdit},
};

pub fn new(value: &Value) -> Result<NewSeries, Problem> {
    let fields = Fields::of(value)?;
    let title = fields.required("title", read::title);
    if !fields.has("rule") {
        fields.wrong("rule", Wrong::Missing);
    }
    let rule = fields.object("rule", rule);
    let from = fields.required("from", read::from_day);
    let rest = rest(&fields);
    let new = title.zip(rule).zip(from).map(|((title, rule), from)| NewSeries {
        title,
        rule,
        format: rest.format.flatten(),
        capacity: rest.capacity.flatten(),
        venue: rest.venue.flatten(),
        from,
        until: rest.until.flatten(),
        skips: rest.skips.unwrap_or_default(),
        moves: rest.moves.unwrap_or_default(),
    });
    fields.finish(new)
}

pub fn change(value: &Value) -> Result<SeriesEdit, Problem> {
    let fields = Fields::of(value)?;
    let edit = edit(&fields);
    fields.finish(Some(edit))
}

/// The month from which on, and what is different from then.
pub fn split(value: &Value) -> Result<(Month, SeriesEdit), Problem> {
    let fields = Fields::of(value)?;
    let from = fields.required("from", read::month);
    let edit = edit(&fields);
    fields.finish(from.map(|from| (from, edit)))
}

fn edit(fields: &Fields<'_>) -> SeriesEdit {
    SeriesEdit {
        title: fields.optional("title", read::title),
        rule: fields.object("rule", rule),
        ..rest(fields)
    }
}

/// What may be left out everywhere.
fn rest(fields: &Fields<'_>) -> SeriesEdit {
    SeriesEdit {
        format: fields.nullable("format", read::format),
        capacity: fields.nullable("capacity", read::number(1, MOST_PLACES)),
        venue: fields.nullable("venue_id", read::id),
        until: fields.nullable("until", read::until_day),
        skips: skips(fields),
        moves: moves(fields),
        ..SeriesEdit::default()
    }
}

fn skips(fields: &Fields<'_>) -> Option<BTreeSet<Skip>> {
    fields.list("skips", 200, read::skip).map(BTreeSet::from_iter)
}

fn moves(fields: &Fields<'_>) -> Option<BTreeMap<Month, NaiveDate>> {
    fields.entries("moves", 200, read::month_named, read::date).map(BTreeMap::from_iter)
}

fn rule(fields: &Fields<'_>) -> Option<Rule> {
    let week = fields.required("week", week);
    let weekday = fields.required("weekday", read::named(weekday, &WEEKDAYS));
    let at = fields.required("at", read::clock);
    let zone = fields.required("time_zone", read::zone);
    let minutes = fields.required("duration", read::duration);
    Some(Rule { week: week?, weekday: weekday?, at: at?, zone: zone?, minutes: minutes? })
}

fn week(value: &Value) -> Result<Week, Wrong> {
    if value == "last" {
        return Ok(Week::Last);
    }
    let nth = read::number(1, 4)(value).ok().and_then(|number| u8::try_from(number).ok()).and_then(Week::nth);
    nth.ok_or_else(|| Wrong::OneOf(vec!["1", "2", "3", "4", "last"]))
}

/// From Monday.
pub const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn weekday(name: &str) -> Option<Weekday> {
    let number = WEEKDAYS.iter().position(|known| *known == name)?;
    u8::try_from(number).ok().and_then(|number| Weekday::try_from(number).ok())
}
