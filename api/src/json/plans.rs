//! A plan in JSON: what would happen, line by line, and what deserves a look.

use chrono::NaiveDate;
use i18n_embed_fl::fl;
use mensuel_domain::{
    event::{Event, Stage},
    fact::Fact,
    id::Id,
    lang::Lang,
    series::{self, Month, WarningKind},
};
use mensuel_infra::say;
use serde::Serialize;

use crate::{i18n::words, words as sentences};

#[derive(Serialize)]
pub struct Plan {
    changes: Vec<Line>,
    warnings: Vec<Warning>,
}

#[derive(Serialize)]
struct Line {
    action: &'static str,
    month: Month,
    event_id: Option<Id<Event>>,
    date: Option<NaiveDate>,
    from_date: Option<NaiveDate>,
    detail: String,
}

#[derive(Serialize)]
pub struct Warning {
    month: Month,
    date: Option<NaiveDate>,
    kind: &'static str,
    detail: String,
}

pub fn warning(warning: &series::Warning, lang: Lang) -> Warning {
    let kind = match warning.kind {
        WarningKind::Holiday(_) => "holiday",
        WarningKind::Gap => "gap",
        WarningKind::DefaultNotApplied(_) => "default_not_applied",
    };
    let what = sentences::warning(&warning.kind, lang);
    let detail = fl!(words(lang), "plan-warning", date = said(warning.date, lang), what = what);
    Warning { month: warning.month, date: Some(warning.date), kind, detail }
}

/// In the order of the months.
pub fn plan(plan: &series::Plan, lang: Lang) -> Plan {
    let mut changes: Vec<Line> = plan.hold.iter().map(|grown| hold(grown, lang)).collect();
    changes.extend(plan.change.iter().flat_map(|planned| change(planned, lang)));
    changes.extend(plan.drop.iter().map(|(month, event)| drop(*month, event, lang)));
    changes.extend(plan.keep.iter().map(|kept| keep(kept, lang)));
    changes.sort_by_key(|line| line.month);
    Plan { changes, warnings: plan.warnings.iter().map(|it| warning(it, lang)).collect() }
}

/// Of one evening alone.
pub fn of_one(planned: &series::Planned, lang: Lang) -> Plan {
    Plan { changes: change(planned, lang), warnings: Vec::new() }
}

fn hold(grown: &series::Grown, lang: Lang) -> Line {
    let date = grown.span.date();
    Line {
        action: "hold",
        month: grown.month,
        event_id: None,
        date: Some(date),
        from_date: None,
        detail: fl!(words(lang), "plan-hold", date = capital(date, lang)),
    }
}

/// A move and a change of other values are two lines; a published evening's guests are told.
fn change(planned: &series::Planned, lang: Lang) -> Vec<Line> {
    let w = words(lang);
    let (before, after) = (&planned.before, &planned.after);
    let (from, to) = (before.span.date(), after.span.date());
    let line = |action, detail| Line {
        action,
        month: planned.month,
        event_id: Some(before.id),
        date: Some(to),
        from_date: Some(from),
        detail,
    };
    let mut lines = Vec::new();
    if from != to {
        let (from, to) = (said(from, lang), said(to, lang));
        lines.push(line("move", fl!(w, "plan-move", from = from, date = to)));
    } else if before.span != after.span {
        let hours = say::hours(lang, &after.span);
        lines.push(line("move", fl!(w, "plan-move-hours", date = capital(to, lang), hours = hours)));
    }
    let fields = other_fields(&planned.facts, lang);
    if !fields.is_empty() {
        let fields = fields.join(", ");
        lines.push(line("update", fl!(w, "plan-update", date = capital(to, lang), fields = fields)));
    }
    let told = planned.facts.iter().any(|fact| matches!(fact, Fact::EventMoved { told: true, .. }));
    if before.stage == Stage::Published && told {
        lines.push(line("notify", fl!(w, "plan-notify", date = said(to, lang))));
    }
    lines
}

/// The names of what changes apart from the date.
fn other_fields(facts: &[Fact], lang: Lang) -> Vec<String> {
    use mensuel_domain::event::Field;
    let changed = facts
        .iter()
        .find_map(|fact| if let Fact::EventChanged { fields, .. } = fact { Some(fields) } else { None });
    let is_date = |field: &&Field| matches!(field, Field::StartsAt | Field::EndsAt);
    let fields = changed.into_iter().flatten().filter(|field| !is_date(field));
    fields.map(|field| sentences::field(*field, lang)).collect()
}

fn drop(month: Month, event: &Event, lang: Lang) -> Line {
    let from = event.span.date();
    Line {
        action: "drop",
        month,
        event_id: Some(event.id),
        date: None,
        from_date: Some(from),
        detail: fl!(words(lang), "plan-drop", from = capital(from, lang)),
    }
}

fn keep(kept: &series::Kept, lang: Lang) -> Line {
    let because = sentences::kept(&kept.because, lang);
    Line {
        action: "keep",
        month: kept.month,
        event_id: Some(kept.event),
        date: Some(kept.date),
        from_date: Some(kept.date),
        detail: fl!(words(lang), "plan-keep", date = capital(kept.date, lang), because = because),
    }
}

fn said(date: NaiveDate, lang: Lang) -> String {
    say::day_long(lang, date)
}

/// At the head of a sentence; French begins it with an article.
fn capital(date: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Fr => said(date, lang),
        Lang::En => say::capitalized(&said(date, lang)),
    }
}
