//! What happened, in sentences.

use chrono::NaiveDateTime;
use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, rsvp::Prospect};

use super::{
    super::letter::{Evening, Kind, Letter, Standing},
    labelled,
};
use crate::{i18n::words, say};

pub(super) fn told(letter: &Letter, evening: &Evening, kind: &Kind) -> Vec<String> {
    let (lang, standing, prospect) = (letter.lang, evening.standing, evening.prospect);
    let w = words(lang);
    match kind {
        Kind::Invitation { role: None } => vec![fl!(w, "invitation", community = letter.community.as_str())],
        Kind::Invitation { role: Some(role) } => vec![say::your_role(lang, *role), fl!(w, "programme-seat")],
        Kind::Confirmation | Kind::Offered => confirmed(lang, standing, prospect),
        Kind::Waitlisted { by_calendar } => waitlisted(lang, standing, prospect, *by_calendar),
        Kind::Promoted => promoted(lang, standing),
        Kind::OfferExpired => expired(lang, standing, prospect),
        Kind::Reminder { days } => {
            vec![fl!(w, "reminder", when = say::days_left(lang, *days)), reminded(lang, standing)]
        }
        Kind::Moved { span, place } => {
            let said = moved(lang, span.is_some(), place.is_some());
            std::iter::once(said).chain(kept(lang, standing)).collect()
        }
        Kind::Cancelled { reason } => cancelled(lang, reason.as_deref()),
        Kind::NotTaken { why } => {
            vec![fl!(w, "not-taken"), say::inbound_reason(lang, *why), fl!(w, "not-taken-next")]
        }
        Kind::Vacant { role } => {
            vec![fl!(w, "vacant", role = say::role(lang, *role)), fl!(w, "vacant-next")]
        }
        Kind::SaidNo { name, role } => {
            let said = fl!(w, "said-no", name = name.as_str(), role = say::role(lang, *role));
            vec![said, fl!(w, "said-no-next")]
        }
    }
}

fn confirmed(lang: Lang, standing: Standing, prospect: Prospect) -> Vec<String> {
    let w = words(lang);
    match standing {
        Standing::Seated { guests } => {
            let said = match say::with_guests(lang, guests) {
                Some(guests) => fl!(w, "confirmed-guests", guests = guests),
                None => fl!(w, "confirmed"),
            };
            vec![said, fl!(w, "confirmed-free-seat")]
        }
        Standing::Programme { guests } => match say::with_guests(lang, guests) {
            Some(guests) => vec![fl!(w, "confirmed-guests", guests = guests)],
            None => vec![fl!(w, "confirmed")],
        },
        Standing::Waiting { .. } => waitlisted(lang, standing, prospect, false),
        Standing::Offered { until, guests } => offered(lang, until, guests),
        Standing::Maybe => vec![fl!(w, "noted-maybe")],
        Standing::No => vec![fl!(w, "noted-no")],
        Standing::Silent => vec![fl!(w, "reminder-silent")],
    }
}

fn waitlisted(lang: Lang, standing: Standing, prospect: Prospect, by_calendar: bool) -> Vec<String> {
    let w = words(lang);
    let mut said = match standing {
        Standing::Waiting { place, .. } => {
            vec![fl!(w, "waitlisted", place = say::place_in_line(lang, place))]
        }
        // The mail is written when it leaves; by then the standing may be another one.
        Standing::Silent
        | Standing::Seated { .. }
        | Standing::Programme { .. }
        | Standing::Offered { .. }
        | Standing::Maybe
        | Standing::No => {
            return confirmed(lang, standing, prospect);
        }
    };
    if by_calendar {
        said.push(fl!(w, "waitlisted-calendar"));
    }
    said.extend(what_next(lang, prospect));
    said
}

/// How somebody who waits gets a seat.
fn what_next(lang: Lang, prospect: Prospect) -> Vec<String> {
    let w = words(lang);
    match prospect {
        Prospect::Line => vec![say::waitlist_rule(lang), fl!(w, "waitlisted-next")],
        Prospect::FirstCome => vec![fl!(w, "first-come")],
        Prospect::None => vec![fl!(w, "line-closed")],
    }
}

/// "A seat is free for you: say yes until Thursday 14 January, 2 pm."
fn offered(lang: Lang, until: NaiveDateTime, guests: u32) -> Vec<String> {
    let w = words(lang);
    let until = say::moment(lang, until);
    let said = match say::with_guests(lang, guests) {
        Some(guests) => fl!(w, "offered-guests", guests = guests, until = until),
        None => fl!(w, "offered", until = until),
    };
    vec![said, fl!(w, "offered-next")]
}

fn expired(lang: Lang, standing: Standing, prospect: Prospect) -> Vec<String> {
    let w = words(lang);
    match standing {
        Standing::Waiting { place, .. } => {
            let said = fl!(w, "offer-expired", place = say::place_in_line(lang, place));
            std::iter::once(said).chain(what_next(lang, prospect)).collect()
        }
        // As with the waitlist: by the time it leaves the standing may be another one.
        Standing::Silent
        | Standing::Seated { .. }
        | Standing::Programme { .. }
        | Standing::Offered { .. }
        | Standing::Maybe
        | Standing::No => confirmed(lang, standing, prospect),
    }
}

fn promoted(lang: Lang, standing: Standing) -> Vec<String> {
    let w = words(lang);
    let guests = match standing {
        Standing::Seated { guests } | Standing::Programme { guests } => guests,
        Standing::Silent
        | Standing::Waiting { .. }
        | Standing::Offered { .. }
        | Standing::Maybe
        | Standing::No => 0,
    };
    let said = match say::with_guests(lang, guests) {
        Some(guests) => fl!(w, "promoted-guests", guests = guests),
        None => fl!(w, "promoted"),
    };
    vec![said, fl!(w, "confirmed-free-seat")]
}

fn reminded(lang: Lang, standing: Standing) -> String {
    let w = words(lang);
    match standing {
        Standing::Seated { .. } => fl!(w, "reminder-seated"),
        Standing::Programme { .. } => fl!(w, "reminder-programme"),
        // Who waits is sent no reminder.
        Standing::Waiting { place, .. } => fl!(w, "waitlisted", place = say::place_in_line(lang, place)),
        Standing::Offered { until, .. } => fl!(w, "offered", until = say::moment(lang, until)),
        Standing::Maybe => fl!(w, "reminder-maybe"),
        Standing::Silent => fl!(w, "reminder-silent"),
        Standing::No => fl!(w, "noted-no"),
    }
}

fn moved(lang: Lang, date: bool, place: bool) -> String {
    let w = words(lang);
    match (date, place) {
        (true, true) => fl!(w, "moved-both"),
        (true, false) => fl!(w, "moved-date"),
        (false, true | false) => fl!(w, "moved-place"),
    }
}

fn kept(lang: Lang, standing: Standing) -> Option<String> {
    let w = words(lang);
    match standing {
        Standing::Seated { .. } => Some(fl!(w, "moved-seat-kept")),
        Standing::Programme { .. } => Some(fl!(w, "moved-programme")),
        Standing::Waiting { .. } => Some(fl!(w, "moved-line-kept")),
        Standing::Offered { until, .. } => Some(fl!(w, "moved-offer-kept", until = say::moment(lang, until))),
        Standing::Maybe | Standing::No => Some(fl!(w, "moved-answer-kept")),
        Standing::Silent => None,
    }
}

fn cancelled(lang: Lang, reason: Option<&str>) -> Vec<String> {
    let w = words(lang);
    let mut said = vec![fl!(w, "cancelled")];
    said.extend(reason.map(|reason| labelled(lang, &fl!(w, "reason"), reason)));
    said.push(fl!(w, "cancelled-next"));
    said
}
