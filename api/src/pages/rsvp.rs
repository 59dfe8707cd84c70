//! `/r/{token}`: for whom and for what one answers, the answer that is stored, and real buttons.

mod choice;
mod state;

use askama::Template;
use chrono::NaiveDateTime;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::{
    format::Role,
    lang::Lang,
    rsvp::{Answer, Prospect, Seat, Window},
};
use mensuel_infra::say;

use super::{
    AddLinks, Frame, Places,
    programme::{Credit, Evening, Told},
    written,
};
use crate::words;
use choice::{Choice, choices, guests_offered};
use state::{State, state};

#[derive(Clone, Debug)]
pub struct RsvpView {
    /// Where the form goes: `/r/{token}`.
    pub action: String,
    /// For whom one answers: "Zoé D."
    pub name: String,
    pub evening: Evening,
    /// Whether `/events/{slug}` would show this evening to anybody.
    pub has_page: bool,
    /// On the programme.
    pub role: Option<Role>,
    pub window: Window,
    /// When answers open and until when a yes is taken, in the evening's zone. The deadline only
    /// where it is not the start.
    pub opens: Option<NaiveDateTime>,
    pub deadline: Option<NaiveDateTime>,
    pub places: Places,
    /// How somebody who waits may still get a seat.
    pub prospect: Prospect,
    /// They wait, and a yes said now would be seated at once.
    pub may_take: bool,
    pub max_guests: u32,
    pub stored: Option<Stored>,
    /// The answer of the link (`?a=yes`), or the one just refused: shown first.
    pub chosen: Option<Answer>,
    /// The answer was recorded by the request that shows this page.
    pub noted: bool,
    /// Why it was not, with the guests that were typed.
    pub refused: Option<Refused>,
    pub cancellation_reason: Option<String>,
    /// Has a private feed and preferences, which a named guest has not. This page never shows them:
    /// its link answers for one evening, and invitations are forwarded.
    pub is_member: bool,
    /// Takes it into a calendar; the file is `/r/{token}.ics`.
    pub add: AddLinks,
}

/// The answer on record.
#[derive(Clone, Debug)]
pub struct Stored {
    pub answer: Answer,
    pub guests: u32,
    pub guest_names: Vec<String>,
    pub seat: Seat,
    /// The place in the line, from 1, while waiting.
    pub place_in_line: Option<u32>,
    /// Until when a seat is offered to them, in the evening's zone.
    pub offer_until: Option<NaiveDateTime>,
    /// Given before the evening moved, and not said again.
    pub before_move: bool,
}

#[derive(Clone, Debug)]
pub struct Refused {
    /// What is wrong and what to do.
    pub sentence: String,
    pub guests: u32,
    pub guest_names: Vec<String>,
}

/// The names of the form's fields, which the JSON surface shares. Names of guests come one on
/// each line.
pub const FIELDS: [&str; 3] = ["answer", "guests", "guest_names"];

pub fn render(frame: &Frame, view: &RsvpView) -> String {
    let (evening, lang) = (&view.evening, frame.lang);
    let choices = choices(view, lang);
    let max_guests = if choices.is_empty() { 0 } else { guests_offered(view) };
    written(&Page {
        frame,
        w: frame.words(),
        view,
        evening,
        called_off: view.window == Window::Cancelled,
        takes_place: matches!(view.window, Window::NotYetOpen | Window::Open | Window::Late),
        state: state(view, lang),
        guests: (max_guests > 0).then(|| guests(view, max_guests)),
        places: places(view, lang),
        deadline: deadline(frame, view),
        role: view.role.filter(|_| view.window != Window::Cancelled).map(|role| say::your_role(lang, role)),
        choices,
        credits: evening.credits(lang),
        told: evening.told(lang),
    })
}

/// The answer in words: "oui, avec 2 invités".
fn recorded(stored: &Stored, lang: Lang) -> String {
    let w = crate::i18n::words(lang);
    match stored.answer {
        Answer::Yes => match say::with_guests(lang, stored.guests) {
            Some(guests) => fl!(w, "answer-yes-guests", guests = guests),
            None => fl!(w, "answer-yes"),
        },
        Answer::Maybe => fl!(w, "answer-maybe"),
        Answer::No => fl!(w, "answer-no"),
    }
}

/// What is left, for those it concerns: who has no yes on record and may give one.
fn places(view: &RsvpView, lang: Lang) -> Option<String> {
    let yes = view.stored.as_ref().is_some_and(|stored| stored.answer == Answer::Yes);
    match view.places {
        Places::Left(left) if view.window == Window::Open && !yes && view.role.is_none() => {
            Some(say::seats_left(lang, left))
        }
        Places::Left(_) | Places::Unlimited | Places::Full { waiting: _ } => None,
    }
}

fn deadline(frame: &Frame, view: &RsvpView) -> Option<String> {
    match (view.window, view.deadline) {
        (Window::Open, Some(at)) => {
            Some(fl!(frame.words(), "rsvp-deadline", when = words::moment(at, frame.lang)))
        }
        (Window::NotYetOpen | Window::Open | Window::Late | Window::Ended | Window::Cancelled, _) => None,
    }
}

struct Guests {
    max: u32,
    number: u32,
    names: String,
}

fn guests(view: &RsvpView, max: u32) -> Guests {
    let (number, names) = match (&view.refused, &view.stored) {
        (Some(refused), _) => (refused.guests, refused.guest_names.as_slice()),
        (None, Some(stored)) => (stored.guests, stored.guest_names.as_slice()),
        (None, None) => (0, [].as_slice()),
    };
    Guests { max, number, names: names.join("\n") }
}

#[derive(Template)]
#[template(path = "pages/rsvp.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    view: &'a RsvpView,
    evening: &'a Evening,
    called_off: bool,
    /// Still to come.
    takes_place: bool,
    state: Option<State>,
    choices: Vec<Choice>,
    guests: Option<Guests>,
    places: Option<String>,
    deadline: Option<String>,
    role: Option<String>,
    credits: Vec<Credit>,
    told: Told<'a>,
}
