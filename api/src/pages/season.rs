//! `/`: the evenings of a season, month by month.

use askama::Template;
use chrono::Datelike;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::{format::Format, lang::Lang, series::Month, time::Span};
use mensuel_infra::say;

use super::{FeedLinks, Frame, Places, written};
use crate::missing::Missing;

/// A span of months and what its reader may see of their evenings.
#[derive(Clone, Debug)]
pub struct SeasonView {
    pub first: Month,
    pub last: Month,
    /// Up to here dates have been held: a month without one has no evening. Later ones are open.
    pub known_until: Month,
    /// By date.
    pub evenings: Vec<Row>,
    pub feed: FeedLinks,
    pub format_feeds: Vec<(Format, FeedLinks)>,
    pub has_previous: bool,
    pub has_next: bool,
    /// What a new installation still lacks.
    pub missing: Vec<Missing>,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub span: Span,
    pub past: bool,
    pub seen: Seen,
}

/// What may be seen of an evening in the list.
#[derive(Clone, Debug)]
pub enum Seen {
    /// The date only: nothing is announced yet.
    Held,
    /// The date only: a stranger reads.
    MembersOnly,
    Published(Shown),
    Cancelled(Shown),
}

#[derive(Clone, Debug)]
pub struct Shown {
    pub slug: String,
    pub title: String,
    pub language: Lang,
    pub format: Format,
    pub venue: Option<String>,
    pub places: Places,
}

impl Missing {
    fn sentence(self, frame: &Frame) -> String {
        let w = frame.words();
        match self {
            Missing::Organizer => fl!(w, "missing-organizer"),
            Missing::Name => fl!(w, "missing-name"),
            Missing::Relay => fl!(w, "missing-relay"),
            Missing::BaseUrl => fl!(w, "missing-base"),
        }
    }

    /// The command that adds it, also for the log.
    pub fn command(self) -> &'static str {
        match self {
            Missing::Organizer => "mensuel organizer add you@community.example",
            Missing::Name => "MENSUEL_COMMUNITY=\"Les soirées\" mensuel serve",
            Missing::Relay => {
                "MENSUEL_SMTP_URL=smtp+starttls://user:password@relay.example:587 MENSUEL_MAIL_FROM=evenings@community.example mensuel serve"
            }
            Missing::BaseUrl => "MENSUEL_BASE_URL=https://evenings.community.example mensuel serve",
        }
    }
}

/// The page of a season. Another one is `/?season=` and the year in which it begins.
pub fn render(frame: &Frame, view: &SeasonView) -> String {
    let shown = Rows { frame, next: next_of(view) };
    let current = Month::of(frame.today);
    let is_current = view.first <= current && current <= view.last;
    let (past, coming): (Vec<&Row>, Vec<&Row>) = view.evenings.iter().partition(|row| is_current && row.past);
    let from = if is_current { current } else { view.first };
    written(&Page {
        frame,
        w: frame.words(),
        view,
        years: years(view.first, view.last, 0),
        past_count: past.len(),
        past: months(&shown, &past, view.first.through(view.last).filter(|month| has(&past, *month))),
        months: months(
            &shown,
            &coming,
            listed(view, from).filter(|month| has(&coming, *month) || !has(&past, *month)),
        ),
        open_end: view.known_until < view.last,
        formats: formats(frame.lang, &view.format_feeds),
        previous: view.has_previous.then(|| other(frame, view, -1)),
        next: view.has_next.then(|| other(frame, view, 1)),
    })
}

fn formats(lang: Lang, feeds: &[(Format, FeedLinks)]) -> Vec<(Format, String, &FeedLinks)> {
    feeds
        .iter()
        .map(|(format, feed)| (*format, say::capitalized(&say::format(lang, *format)), feed))
        .collect()
}

/// The months of the list: those known, and later ones that have an evening all the same.
fn listed(view: &SeasonView, from: Month) -> impl Iterator<Item = Month> {
    let has = |month: Month| view.evenings.iter().any(|row| Month::of(row.span.date()) == month);
    from.through(view.last).filter(move |month| *month <= view.known_until || has(*month))
}

fn has(rows: &[&Row], month: Month) -> bool {
    rows.iter().any(|row| Month::of(row.span.date()) == month)
}

/// The first evening to come that takes place.
fn next_of(view: &SeasonView) -> Option<&Row> {
    view.evenings.iter().find(|row| !row.past && matches!(row.seen, Seen::Published(_)))
}

fn years(first: Month, last: Month, by: i32) -> String {
    let (first, last) = (first.year + by, last.year + by);
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

fn other(frame: &Frame, view: &SeasonView, by: i32) -> Other {
    Other {
        href: frame.to(&format!("/?season={}", view.first.year + by)),
        years: years(view.first, view.last, by),
    }
}

struct Other {
    href: String,
    years: String,
}

struct MonthShown<'a> {
    name: &'static str,
    /// Said at the first month of the list and each January.
    year: Option<i32>,
    rows: Vec<RowShown<'a>>,
}

struct RowShown<'a> {
    band: &'static str,
    date: String,
    day: u32,
    weekday: &'static str,
    weekday_short: &'static str,
    shown: Option<&'a Shown>,
    href: String,
    /// In the place of a title.
    words: Option<String>,
    notes: Vec<String>,
    cancelled: bool,
    next: bool,
}

struct Rows<'a> {
    frame: &'a Frame,
    next: Option<&'a Row>,
}

fn months<'a>(shown: &Rows<'a>, rows: &[&'a Row], which: impl Iterator<Item = Month>) -> Vec<MonthShown<'a>> {
    which
        .enumerate()
        .map(|(at, month)| MonthShown {
            name: say::month(shown.frame.lang, month.first_day()),
            year: (at == 0 || month.month == 1).then_some(month.year),
            rows: rows
                .iter()
                .filter(|row| Month::of(row.span.date()) == month)
                .map(|row| shown.row(row))
                .collect(),
        })
        .collect()
}

impl<'a> Rows<'a> {
    fn row(&self, row: &'a Row) -> RowShown<'a> {
        let (lang, w, date) = (self.frame.lang, self.frame.words(), row.span.date());
        let hour = say::hour(lang, row.span.start.time());
        let (band, shown, words, notes) = match &row.seen {
            Seen::Held => ("held", None, Some(fl!(w, "season-held")), vec![say::hours(lang, &row.span)]),
            Seen::MembersOnly => {
                ("members", None, Some(fl!(w, "members-only")), vec![say::hours(lang, &row.span)])
            }
            Seen::Published(shown) => {
                (shown.format.slug(), Some(shown), None, notes(shown, hour, !row.past, lang))
            }
            Seen::Cancelled(shown) => {
                (shown.format.slug(), Some(shown), None, notes(shown, hour, false, lang))
            }
        };
        RowShown {
            band,
            date: date.to_string(),
            day: date.day(),
            weekday: say::weekday(lang, date.weekday()),
            weekday_short: say::weekday_short(lang, date.weekday()),
            href: shown.map(|shown| self.frame.to(&format!("/events/{}", shown.slug))).unwrap_or_default(),
            shown,
            words,
            notes,
            cancelled: matches!(row.seen, Seen::Cancelled(_)),
            next: self.next.is_some_and(|next| std::ptr::eq(next, row)),
        }
    }
}

fn notes(shown: &Shown, hour: String, places: bool, lang: Lang) -> Vec<String> {
    let places = if places { shown.places.said(lang) } else { None };
    [Some(say::format(lang, shown.format)), Some(hour), shown.venue.clone(), places]
        .into_iter()
        .flatten()
        .collect()
}

#[derive(Template)]
#[template(path = "pages/season.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    view: &'a SeasonView,
    years: String,
    past_count: usize,
    past: Vec<MonthShown<'a>>,
    months: Vec<MonthShown<'a>>,
    open_end: bool,
    /// Format, its name, its feed.
    formats: Vec<(Format, String, &'a FeedLinks)>,
    previous: Option<Other>,
    next: Option<Other>,
}
