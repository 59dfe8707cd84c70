//! What else is told of the evening, and how much of it to whom.

use i18n_embed_fl::fl;
use mensuel_domain::{
    lang::Lang,
    text::{Line, Prose},
};

use super::{
    super::letter::{Evening, Kind, Standing},
    Body, Fact,
};
use crate::{i18n::words, say};

/// How much of the evening is told again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Why to come, and everything.
    Whole,
    /// What somebody who comes must know.
    Practical,
    Bare,
}

pub(super) fn depth(kind: &Kind, standing: Standing) -> Depth {
    let asked = matches!(standing, Standing::Silent | Standing::Maybe);
    match kind {
        Kind::Invitation { .. } => Depth::Whole,
        Kind::Reminder { .. } | Kind::Moved { .. } if asked => Depth::Whole,
        Kind::Confirmation | Kind::Promoted | Kind::Reminder { .. } | Kind::Moved { .. } => match standing {
            Standing::Seated { .. } | Standing::Programme { .. } => Depth::Practical,
            Standing::Silent
            | Standing::Waiting { .. }
            | Standing::Offered { .. }
            | Standing::Maybe
            | Standing::No => Depth::Bare,
        },
        Kind::Waitlisted { .. }
        | Kind::Offered
        | Kind::OfferExpired
        | Kind::Cancelled { .. }
        | Kind::NotTaken { .. }
        | Kind::Vacant { .. }
        | Kind::SaidNo { .. } => Depth::Bare,
    }
}

pub(super) fn facts(lang: Lang, evening: &Evening, depth: Depth) -> Vec<Fact> {
    let w = words(lang);
    let details = &evening.details;
    let prose = |label, text: &Option<Prose>| {
        let body = Body::Prose(text.as_ref()?.to_string());
        Some(Fact { label, body })
    };
    let list = |label, lines: &[Line]| {
        let body = Body::List(lines.iter().map(ToString::to_string).collect());
        (!lines.is_empty()).then_some(Fact { label, body })
    };
    let access = evening
        .place
        .access
        .clone()
        .map(|text| Fact { label: fl!(w, "label-access"), body: Body::Prose(text) });
    let practical = [
        access,
        prose(fl!(w, "label-prerequisites"), &details.prerequisites),
        prose(fl!(w, "label-bring"), &details.bring),
        confidentiality(lang, evening),
    ];
    let context = details
        .context
        .as_ref()
        .map(|line| Fact { label: fl!(w, "label-context"), body: Body::Line(line.to_string()) });
    let programme = [
        context,
        prose(fl!(w, "label-case"), &details.case),
        list(fl!(w, "label-subjects"), &details.subjects),
        time_box(lang, evening),
        list(fl!(w, "label-questions"), &details.questions),
    ];
    match depth {
        Depth::Whole => programme.into_iter().chain(practical).flatten().collect(),
        Depth::Practical => practical.into_iter().flatten().collect(),
        Depth::Bare => Vec::new(),
    }
}

fn confidentiality(lang: Lang, evening: &Evening) -> Option<Fact> {
    let level = evening.details.confidentiality_of(evening.format)?;
    let said = say::confidentiality_rule(lang, level);
    Some(Fact { label: fl!(words(lang), "label-confidentiality"), body: Body::Line(said) })
}

fn time_box(lang: Lang, evening: &Evening) -> Option<Fact> {
    let minutes = evening.details.time_box_of(evening.format)?;
    let body = Body::Line(say::duration(lang, i64::from(minutes)));
    Some(Fact { label: fl!(words(lang), "label-time-box"), body })
}
