//! Date, place, title and people.

use i18n_embed_fl::fl;
use mensuel_domain::{format::Role, lang::Lang, time::Span};

use super::{
    super::letter::{Evening, Kind, OnStage, Online, Place, Who},
    Head, Link, labelled,
};
use crate::{i18n::words, say};

pub(super) fn head(lang: Lang, evening: &Evening, kind: &Kind) -> Head {
    let mut was = Vec::new();
    if let Kind::Moved { span, place } = kind {
        was = before(lang, span.as_ref(), place.as_ref());
    }
    let join = match &evening.place.online {
        Some(Online::Link(url)) => Some(Link { label: fl!(words(lang), "join-online"), url: url.clone() }),
        Some(Online::Hidden) | None => None,
    };
    Head {
        when: say::capitalized(&say::span_long(lang, &evening.span)),
        off: matches!(kind, Kind::Cancelled { .. }),
        places: places(lang, &evening.place, evening.place.later && may_come(kind)),
        join,
        before: was,
        format: evening.format,
        kicker: say::capitalized(&say::format(lang, evening.format)),
        title: evening.title.clone(),
        people: people(lang, &evening.people),
    }
}

fn before(lang: Lang, span: Option<&Span>, place: Option<&Place>) -> Vec<String> {
    let span = span.map(|span| say::span_long(lang, span));
    let place = place.map(|place| where_line(lang, place));
    let said = span.into_iter().chain(place);
    said.map(|what| labelled(lang, &fl!(words(lang), "before"), &what)).collect()
}

/// Whether this mail is to somebody who may come.
fn may_come(kind: &Kind) -> bool {
    match kind {
        Kind::Cancelled { .. } | Kind::Vacant { .. } | Kind::SaidNo { .. } => false,
        Kind::Invitation { .. }
        | Kind::Confirmation
        | Kind::Waitlisted { .. }
        | Kind::Promoted
        | Kind::Offered
        | Kind::OfferExpired
        | Kind::NotTaken { .. }
        | Kind::Reminder { .. }
        | Kind::Moved { .. } => true,
    }
}

fn places(lang: Lang, place: &Place, later: bool) -> Vec<String> {
    let mut lines = vec![say::capitalized(&where_line(lang, place))];
    if later {
        lines.push(fl!(words(lang), "where-later"));
    }
    lines
}

fn where_line(lang: Lang, place: &Place) -> String {
    let spot = place.address.as_deref().or(place.area.as_deref());
    let mut parts: Vec<&str> = place.venue.as_deref().into_iter().chain(spot).collect();
    let online = fl!(words(lang), "where-online");
    if place.online.is_some() {
        parts.push(&online);
    }
    if parts.is_empty() {
        return fl!(words(lang), "where-none");
    }
    parts.join(", ")
}

/// One line for each role, in the order of the programme.
fn people(lang: Lang, people: &[OnStage]) -> Vec<String> {
    let mut lines: Vec<(Role, Vec<String>)> = Vec::new();
    for person in people {
        let name = match &person.who {
            Who::Named(name) => name.clone(),
            Who::Former => fl!(words(lang), "former-member"),
            Who::Vacant => fl!(words(lang), "to-announce"),
        };
        match lines.iter_mut().find(|(role, _)| *role == person.role) {
            Some((_, names)) => names.push(name),
            None => lines.push((person.role, vec![name])),
        }
    }
    let said = |(role, names): (Role, Vec<String>)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        labelled(lang, &say::capitalized(&say::role(lang, role)), &say::list(lang, &names))
    };
    lines.into_iter().map(said).collect()
}
