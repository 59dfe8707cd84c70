//! `/u/{token}`: which mails one gets, of which evenings, and when. The same address takes the
//! one-click of RFC 8058; the forms of the page stand below it.

use askama::Template;
use chrono::NaiveDate;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::{
    format::Format,
    lang::Lang,
    member::Follows,
    reminder::{CHOICES, Times},
};
use mensuel_infra::say;

use super::{FeedLinks, Frame, written};

#[derive(Clone, Debug)]
pub struct PreferencesView {
    /// Where the forms go: `/u/{token}`, and what stands below it.
    pub action: String,
    /// Whose preferences: "Zoé D."
    pub name: String,
    pub wanted: Wanted,
    pub follows: Follows,
    pub reminders: Times,
    pub language: Lang,
    pub pause: Pause,
    /// The first day on which a pause can end.
    pub earliest: NaiveDate,
    /// Why mail to their address was stopped, without the address.
    pub stopped: Option<String>,
    /// What the request before this page did.
    pub noted: Option<Noted>,
    /// The end of a pause that could not be taken, as it was typed.
    pub wrong_day: Option<String>,
    pub feed: FeedLinks,
}

/// The kinds of mail that can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub invitations: bool,
    pub nudges: bool,
    pub news: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    No,
    Until(NaiveDate),
    /// Until they say so.
    Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    Choices,
    /// Another address of the private feed.
    Feed,
}

impl Noted {
    pub const fn name(self) -> &'static str {
        match self {
            Noted::Choices => "choices",
            Noted::Feed => "feed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Noted::Choices, Noted::Feed].into_iter().find(|noted| noted.name() == name)
    }
}

/// What the button that unsubscribes sends, as mail programs do it (RFC 8058, section 3.1).
pub const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");
/// What the button that subscribes again sends.
pub const SUBSCRIBE: (&str, &str) = ("subscribe", "yes");
/// What the button that ends a pause sends.
pub const RESUME: (&str, &str) = ("resume", "yes");

/// A box of a form, ticked or not.
struct Tick {
    id: String,
    name: &'static str,
    value: String,
    label: String,
    on: bool,
}

fn tick(name: &'static str, value: &str, label: String, on: bool) -> Tick {
    Tick { id: format!("{name}-{value}"), name, value: value.to_owned(), label, on }
}

pub fn render(frame: &Frame, view: &PreferencesView) -> String {
    let Wanted { invitations, nudges, news } = view.wanted;
    written(&Page {
        frame,
        w: frame.words(),
        view,
        state: state(frame, view),
        some: invitations || nudges || news,
        kinds: kinds(frame, view),
        seasons: seasons(frame, view),
        formats: formats(frame, view),
        reminders: reminders(frame, view),
        languages: languages(frame, view),
        button: if invitations || nudges || news { ONE_CLICK } else { SUBSCRIBE },
        resume: RESUME,
    })
}

/// How it stands, in a box at the top of the page.
struct State {
    tone: &'static str,
    lines: Vec<String>,
}

fn state(frame: &Frame, view: &PreferencesView) -> State {
    let w = frame.words();
    if let Some(why) = &view.stopped {
        let next = fl!(w, "preferences-stopped-next");
        let said = fl!(w, "preferences-stopped-why", why = why.as_str());
        return State { tone: "wrong", lines: vec![fl!(w, "preferences-stopped"), said, next] };
    }
    let still = fl!(w, "preferences-still");
    let paused = match view.pause {
        Pause::No => None,
        Pause::Until(day) => {
            let day = say::day_near(frame.lang, day, frame.today);
            Some(fl!(w, "preferences-paused-until", day = day))
        }
        Pause::Open => Some(fl!(w, "preferences-paused")),
    };
    match (paused, view.wanted) {
        (Some(paused), _) => State { tone: "wait", lines: vec![paused, fl!(w, "preferences-paused-next")] },
        (None, Wanted { invitations: true, nudges: true, news: true }) => {
            State { tone: "good", lines: vec![fl!(w, "preferences-on"), still] }
        }
        (None, Wanted { invitations: false, nudges: false, news: false }) => {
            State { tone: "plain", lines: vec![fl!(w, "preferences-off"), still] }
        }
        (None, Wanted { invitations: _, nudges: _, news: _ }) => {
            State { tone: "good", lines: vec![fl!(w, "preferences-some"), still] }
        }
    }
}

fn kinds(frame: &Frame, view: &PreferencesView) -> Vec<Tick> {
    let w = frame.words();
    vec![
        tick("mail", "invitations", fl!(w, "preferences-invitations"), view.wanted.invitations),
        tick("mail", "nudges", fl!(w, "preferences-nudges"), view.wanted.nudges),
        tick("mail", "news", fl!(w, "preferences-news"), view.wanted.news),
    ]
}

fn seasons(frame: &Frame, view: &PreferencesView) -> Vec<Tick> {
    let (w, all) = (frame.words(), view.follows == Follows::All);
    vec![
        tick("follows", "all", fl!(w, "preferences-all"), all),
        tick("follows", "some", fl!(w, "preferences-formats"), !all),
    ]
}

/// Who follows everything sees each ticked: taking some away begins with all.
fn formats(frame: &Frame, view: &PreferencesView) -> Vec<Tick> {
    let label = |format| say::capitalized(&say::format(frame.lang, format));
    let one = |format: Format| tick("format", format.name(), label(format), view.follows.includes(format));
    Format::ALL.into_iter().map(one).collect()
}

fn reminders(frame: &Frame, view: &PreferencesView) -> Vec<Tick> {
    let label = |days: u32| match days {
        0 => fl!(frame.words(), "preferences-morning"),
        days => fl!(frame.words(), "preferences-days", n = days),
    };
    let one = |days: u32| tick("reminder", &days.to_string(), label(days), view.reminders.contains(days));
    CHOICES.into_iter().map(one).collect()
}

fn languages(frame: &Frame, view: &PreferencesView) -> Vec<Tick> {
    let one = |lang: Lang| tick("language", lang.code(), frame.name_of(&lang), lang == view.language);
    Lang::ALL.into_iter().map(one).collect()
}

#[derive(Template)]
#[template(path = "pages/preferences.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    view: &'a PreferencesView,
    state: State,
    /// Some kind of mail is still wanted.
    some: bool,
    kinds: Vec<Tick>,
    seasons: Vec<Tick>,
    formats: Vec<Tick>,
    reminders: Vec<Tick>,
    languages: Vec<Tick>,
    /// Leaves in one click, or comes back.
    button: (&'static str, &'static str),
    resume: (&'static str, &'static str),
}
