//! The sentences at the top: what was noted or refused, what is on record, what can be done.

use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::{
    lang::Lang,
    rsvp::{Answer, Prospect, Seat, Window},
};
use mensuel_infra::say;

use super::{Refused, RsvpView, Stored, recorded};
use crate::{i18n, pages::Places, words};

pub(super) struct State {
    /// How it looks; the words say the same.
    pub(super) tone: &'static str,
    pub(super) head: String,
    pub(super) lines: Vec<String>,
}

const GOOD: &str = "good";
const WAIT: &str = "wait";
const PLAIN: &str = "plain";
const WRONG: &str = "wrong";

impl State {
    fn new(tone: &'static str, head: String, lines: impl IntoIterator<Item = String>) -> Self {
        Self { tone, head, lines: lines.into_iter().collect() }
    }
}

pub(super) fn state(view: &RsvpView, lang: Lang) -> Option<State> {
    if let Some(refused) = &view.refused {
        return Some(refusal(view, refused, lang));
    }
    let w = i18n::words(lang);
    match view.window {
        Window::Cancelled => Some(cancelled(view, w)),
        Window::Ended => Some(State::new(PLAIN, fl!(w, "ended"), [ended(view, lang)])),
        Window::NotYetOpen => Some(not_yet_open(view, lang)),
        Window::Open => open(view, lang),
        Window::Late => Some(late(view, lang)),
    }
}

fn refusal(view: &RsvpView, refused: &Refused, lang: Lang) -> State {
    let w = i18n::words(lang);
    let stored = match &view.stored {
        Some(stored) => fl!(w, "rsvp-recorded", answer = recorded(stored, lang)),
        None => fl!(w, "rsvp-recorded-none"),
    };
    State::new(WRONG, fl!(w, "rsvp-refused"), [refused.sentence.clone(), stored])
}

fn cancelled(view: &RsvpView, w: &FluentLanguageLoader) -> State {
    let reason =
        view.cancellation_reason.as_deref().map(|reason| fl!(w, "cancelled-reason", reason = reason));
    State::new(WRONG, fl!(w, "cancelled"), reason.into_iter().chain([fl!(w, "rsvp-cancelled-next")]))
}

fn ended(view: &RsvpView, lang: Lang) -> String {
    let w = i18n::words(lang);
    match &view.stored {
        Some(stored) => fl!(w, "rsvp-ended-answer", answer = recorded(stored, lang)),
        None => fl!(w, "rsvp-ended-none"),
    }
}

fn not_yet_open(view: &RsvpView, lang: Lang) -> State {
    let w = i18n::words(lang);
    let when = view.opens.map(|opens| words::moment(opens, lang)).unwrap_or_default();
    State::new(PLAIN, fl!(w, "rsvp-opens", when = when), [fl!(w, "rsvp-opens-next")])
}

fn late(view: &RsvpView, lang: Lang) -> State {
    let w = i18n::words(lang);
    let (passed, next) = (fl!(w, "rsvp-late"), fl!(w, "rsvp-late-next"));
    match &view.stored {
        Some(stored) => {
            let mut state = answered(view, stored, lang);
            state.lines.push(format!("{passed} {next}"));
            state
        }
        None => State::new(PLAIN, passed, [next]),
    }
}

fn open(view: &RsvpView, lang: Lang) -> Option<State> {
    match (&view.stored, view.places) {
        (Some(stored), _) => Some(answered(view, stored, lang)),
        (None, Places::Full { waiting: _ }) if view.role.is_none() => {
            Some(State::new(WAIT, fl!(i18n::words(lang), "rsvp-full"), [say::waitlist_rule(lang)]))
        }
        (None, Places::Full { waiting: _ } | Places::Unlimited | Places::Left(_)) => None,
    }
}

fn answered(view: &RsvpView, stored: &Stored, lang: Lang) -> State {
    let mut state = match (stored.before_move, stored.seat) {
        (true, Seat::None | Seat::Confirmed | Seat::Waitlisted | Seat::Pending | Seat::Programme) => {
            moved(stored, lang)
        }
        (true, Seat::Offered) | (false, _) => by_seat(view, stored, lang),
    };
    if view.noted {
        state.head = format!("{} {}", fl!(i18n::words(lang), "rsvp-noted"), state.head);
    }
    state
}

/// Kept through a move, and asked for again.
fn moved(stored: &Stored, lang: Lang) -> State {
    let w = i18n::words(lang);
    let head = match stored.seat {
        Seat::Confirmed | Seat::Programme => fl!(w, "rsvp-moved-seat"),
        Seat::Waitlisted => fl!(w, "rsvp-moved-line"),
        Seat::None | Seat::Offered | Seat::Pending => fl!(w, "rsvp-moved"),
    };
    let place =
        stored.place_in_line.map(|place| fl!(w, "rsvp-waiting", place = say::place_in_line(lang, place)));
    let stored = fl!(w, "rsvp-recorded", answer = recorded(stored, lang));
    State::new(WAIT, head, [Some(stored), place, Some(fl!(w, "rsvp-moved-ask"))].into_iter().flatten())
}

fn by_seat(view: &RsvpView, stored: &Stored, lang: Lang) -> State {
    let w = i18n::words(lang);
    match (stored.answer, stored.seat) {
        (Answer::No, _) => State::new(PLAIN, fl!(w, "rsvp-no"), [fl!(w, "rsvp-no-next")]),
        (Answer::Maybe, _) => State::new(PLAIN, fl!(w, "rsvp-maybe"), [fl!(w, "rsvp-maybe-next")]),
        (Answer::Yes, Seat::Confirmed | Seat::None) => {
            State::new(GOOD, coming(stored, lang), [fl!(w, "rsvp-seat")])
        }
        (Answer::Yes, Seat::Programme) => State::new(GOOD, coming(stored, lang), [fl!(w, "rsvp-programme")]),
        (Answer::Yes, Seat::Waitlisted) => waiting(view, stored, lang),
        (Answer::Yes, Seat::Offered) => offered(stored, lang),
        (Answer::Yes, Seat::Pending) => State::new(WAIT, fl!(w, "rsvp-pending"), []),
    }
}

fn coming(stored: &Stored, lang: Lang) -> String {
    let w = i18n::words(lang);
    match say::with_guests(lang, stored.guests) {
        Some(guests) => fl!(w, "rsvp-coming-guests", guests = guests),
        None => fl!(w, "rsvp-coming"),
    }
}

fn offered(stored: &Stored, lang: Lang) -> State {
    let w = i18n::words(lang);
    let until = stored.offer_until.map(|until| say::moment(lang, until)).unwrap_or_default();
    let moved = stored.before_move.then(|| fl!(w, "rsvp-offered-moved"));
    let lines = [moved, with_guests(stored, lang), Some(fl!(w, "rsvp-offered-next"))];
    State::new(WAIT, fl!(w, "rsvp-offered", until = until), lines.into_iter().flatten())
}

fn with_guests(stored: &Stored, lang: Lang) -> Option<String> {
    (stored.guests > 0).then(|| fl!(i18n::words(lang), "rsvp-recorded", answer = recorded(stored, lang)))
}

/// One's place, and the rule by which seats are given now.
fn waiting(view: &RsvpView, stored: &Stored, lang: Lang) -> State {
    let w = i18n::words(lang);
    let place = say::place_in_line(lang, stored.place_in_line.unwrap_or(1));
    let free = view.may_take.then(|| fl!(w, "rsvp-free-now"));
    let rule = match view.prospect {
        Prospect::Line if view.may_take => vec![say::waitlist_rule(lang)],
        Prospect::Line => vec![say::waitlist_rule(lang), fl!(w, "rsvp-waiting-next")],
        Prospect::FirstCome => vec![fl!(w, "rsvp-first-come")],
        Prospect::None => vec![fl!(w, "rsvp-line-closed")],
    };
    let lines = with_guests(stored, lang).into_iter().chain(free).chain(rule);
    State::new(WAIT, fl!(w, "rsvp-waiting", place = place), lines)
}
