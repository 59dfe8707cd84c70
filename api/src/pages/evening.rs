//! `/events/{slug}`: one published or cancelled evening.

mod structured;

use askama::Template;
use chrono::{DateTime, NaiveDateTime, Utc};
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::rsvp::Window;
use mensuel_infra::say;

use super::{
    AddLinks, Frame, Places,
    programme::{Credit, Evening, Told},
    written,
};
use crate::words;

#[derive(Clone, Debug)]
pub struct EveningView {
    pub evening: Evening,
    /// What an answer would meet.
    pub window: Window,
    /// When answers open, in the evening's zone.
    pub opens: Option<NaiveDateTime>,
    pub places: Places,
    /// Members and guests in a seat.
    pub registered: u32,
    pub cancellation_reason: Option<String>,
    /// Takes it into a calendar.
    pub add: AddLinks,
    pub announced: Announced,
}

/// What previews of links and search engines say of it.
#[derive(Clone, Debug)]
pub struct Announced {
    /// The absolute address of the page, and of the season.
    pub url: String,
    pub site: String,
    /// The summary without its layout.
    pub summary: Option<String>,
    /// When it was to begin before it was moved.
    pub former_starts: Vec<DateTime<Utc>>,
}

pub fn render(frame: &Frame, view: &EveningView) -> String {
    let evening = &view.evening;
    written(&Page {
        frame,
        w: frame.words(),
        evening,
        state: state(frame, view),
        answers: matches!(view.window, Window::Open | Window::Late | Window::NotYetOpen),
        takes_place: view.window != Window::Cancelled,
        counts: counts(frame, view),
        credits: evening.credits(frame.lang),
        told: evening.told(frame.lang),
        add: &view.add,
        announced: &view.announced,
        description: description(frame, view),
        data: structured::of(frame, view),
    })
}

/// What stands in the way of a plain answer.
fn state(frame: &Frame, view: &EveningView) -> Vec<String> {
    let w = frame.words();
    match (view.window, view.opens) {
        (Window::Cancelled, _) => {
            let reason = view.cancellation_reason.as_deref();
            let reason = reason.map(|reason| fl!(w, "cancelled-reason", reason = reason));
            [Some(fl!(w, "cancelled")), reason].into_iter().flatten().collect()
        }
        (Window::Ended, _) => vec![fl!(w, "ended")],
        (Window::NotYetOpen, Some(opens)) => {
            vec![fl!(w, "evening-opens", when = words::moment(opens, frame.lang))]
        }
        (Window::Late, _) => vec![fl!(w, "evening-late")],
        (Window::Open | Window::NotYetOpen, _) => match view.places {
            Places::Full { waiting: _ } => vec![fl!(w, "evening-full")],
            Places::Unlimited | Places::Left(_) => Vec::new(),
        },
    }
}

/// What a preview of a link shows under the title, in letters.
const PREVIEW: usize = 200;

/// "Jeudi 14 janvier 2027, 19 h à 21 h 30. Confluence, Lyon 2e. Une équipe de…"
fn description(frame: &Frame, view: &EveningView) -> String {
    let evening = &view.evening;
    let when = say::capitalized(&say::span_long(frame.lang, &evening.span));
    let place = evening.venue.as_ref().map(|venue| match &venue.area {
        Some(area) => format!("{}, {area}", venue.name),
        None => venue.name.clone(),
    });
    let off = (view.window == Window::Cancelled).then(|| fl!(frame.words(), "cancelled"));
    let summary = view.announced.summary.as_ref().map(|text| text.replace('\n', " "));
    let dotted = |text: String| if text.ends_with('.') { text } else { format!("{text}.") };
    let parts = [off, Some(when), place, summary];
    let whole = parts.into_iter().flatten().map(dotted).collect::<Vec<_>>().join(" ");
    if whole.chars().count() <= PREVIEW {
        whole
    } else {
        whole.chars().take(PREVIEW).chain(['…']).collect()
    }
}

/// "37 inscrits · 3 places libres".
fn counts(frame: &Frame, view: &EveningView) -> Vec<String> {
    let places = match (view.window, view.places) {
        (Window::Cancelled, _) => return Vec::new(),
        (Window::Ended, _) => None,
        (_, Places::Full { waiting }) => Some(fl!(frame.words(), "evening-waiting", n = waiting)),
        (_, places) => places.said(frame.lang),
    };
    [Some(say::registered(frame.lang, view.registered)), places].into_iter().flatten().collect()
}

#[derive(Template)]
#[template(path = "pages/evening.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    evening: &'a Evening,
    state: Vec<String>,
    answers: bool,
    takes_place: bool,
    counts: Vec<String>,
    credits: Vec<Credit>,
    told: Told<'a>,
    add: &'a AddLinks,
    announced: &'a Announced,
    /// Date, place and the first words.
    description: String,
    data: structured::Data,
}
