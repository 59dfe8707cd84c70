//! Which buttons are offered, in which order and with which words.

use i18n_embed_fl::fl;
use mensuel_domain::{
    lang::Lang,
    rsvp::{Answer, Seat, Window},
};

use super::{RsvpView, Stored};
use crate::{i18n::words, pages::Places};

pub(super) struct Choice {
    /// The button's value.
    pub(super) answer: &'static str,
    pub(super) label: String,
    /// Large and first.
    pub(super) first: bool,
    /// Waits to be pressed: what is on record already looks settled, unless it is asked again.
    pub(super) strong: bool,
    /// The answer on record.
    pub(super) current: bool,
}

/// The answers that would count now: the chosen or current one first. None when nothing counts.
pub(super) fn choices(view: &RsvpView, lang: Lang) -> Vec<Choice> {
    let mut answers = match view.window {
        Window::Open => vec![Answer::Yes, Answer::Maybe, Answer::No],
        Window::Late if yes_still_counts(view) => vec![Answer::Yes, Answer::Maybe, Answer::No],
        Window::Late => vec![Answer::No, Answer::Maybe],
        Window::NotYetOpen | Window::Ended | Window::Cancelled => Vec::new(),
    };
    let current = view.stored.as_ref().map(|stored| stored.answer);
    let first = view.chosen.or(current).filter(|answer| answers.contains(answer));
    if let Some(at) = first.and_then(|first| answers.iter().position(|answer| *answer == first)) {
        let first = answers.remove(at);
        answers.insert(0, first);
    }
    // Said again after a move; said again to take a seat that is offered or free.
    let asked_again = view.may_take || is_offered(view);
    let current = current.filter(|_| !asked_again);
    let settled = !view.stored.as_ref().is_some_and(|stored| stored.before_move);
    let choice = |(at, answer): (usize, Answer)| Choice {
        answer: answer.name(),
        label: label(view, answer, lang),
        first: at == 0,
        strong: at == 0 && !(settled && current == Some(answer)),
        current: current == Some(answer),
    };
    answers.into_iter().enumerate().map(choice).collect()
}

/// How many guests may still be said: after the deadline only fewer.
pub(super) fn guests_offered(view: &RsvpView) -> u32 {
    match view.window {
        Window::Open => view.max_guests,
        Window::Late => said_yes(view).map_or(0, |stored| stored.guests),
        Window::NotYetOpen | Window::Ended | Window::Cancelled => 0,
    }
}

/// After the deadline: with fewer guests, or again after a move.
fn yes_still_counts(view: &RsvpView) -> bool {
    said_yes(view).is_some_and(|stored| stored.guests > 0 || stored.before_move) || is_offered(view)
}

fn is_offered(view: &RsvpView) -> bool {
    view.stored.as_ref().is_some_and(|stored| stored.seat == Seat::Offered)
}

fn said_yes(view: &RsvpView) -> Option<&Stored> {
    view.stored.as_ref().filter(|stored| stored.answer == Answer::Yes)
}

fn label(view: &RsvpView, answer: Answer, lang: Lang) -> String {
    let w = words(lang);
    match answer {
        Answer::Yes => yes(view, lang),
        Answer::Maybe => fl!(w, "rsvp-maybe-button"),
        Answer::No if is_offered(view) => fl!(w, "rsvp-no-leave"),
        Answer::No if said_yes(view).is_some() => fl!(w, "rsvp-no-more"),
        Answer::No => fl!(w, "rsvp-no-button"),
    }
}

fn yes(view: &RsvpView, lang: Lang) -> String {
    let w = words(lang);
    if view.may_take || is_offered(view) {
        return fl!(w, "rsvp-yes-take");
    }
    match said_yes(view) {
        Some(stored) if stored.before_move => fl!(w, "rsvp-yes-still"),
        Some(stored) if stored.seat == Seat::Waitlisted => fl!(w, "rsvp-yes-waiting"),
        Some(_) if view.window == Window::Late => fl!(w, "rsvp-yes-fewer"),
        Some(_) => fl!(w, "rsvp-yes"),
        None => match view.places {
            Places::Full { waiting: _ } if view.role.is_none() => fl!(w, "rsvp-yes-wait"),
            Places::Full { waiting: _ } | Places::Unlimited | Places::Left(_) => fl!(w, "rsvp-yes"),
        },
    }
}
