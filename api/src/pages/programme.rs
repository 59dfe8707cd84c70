//! One evening as it is told on its page and on the page where one answers.

use askama::{Template, filters::HtmlSafe};
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::{
    format::{Confidentiality, Format, Role},
    lang::Lang,
    text::WebAddress,
    time::Span,
};
use mensuel_infra::{markdown::SafeHtml, say};

use super::Frame;
use crate::i18n::words;

/// What the reader may see of an evening.
#[derive(Clone, Debug)]
pub struct Evening {
    pub slug: String,
    pub format: Format,
    pub title: String,
    /// The language that the organizers wrote it in.
    pub language: Lang,
    pub span: Span,
    pub venue: Option<Venue>,
    pub online: Online,
    /// In the order of the roles.
    pub people: Vec<(Role, Who)>,
    pub summary: Option<SafeHtml>,
    pub context: Option<String>,
    pub confidentiality: Option<Confidentiality>,
    pub prerequisites: Option<SafeHtml>,
    pub bring: Option<SafeHtml>,
    pub case: Option<SafeHtml>,
    pub subjects: Vec<String>,
    /// Minutes for each subject.
    pub time_box: Option<u32>,
    pub questions: Vec<String>,
    /// Tables, and the seats at each.
    pub tables: Option<(u32, u32)>,
}

#[derive(Clone, Debug)]
pub struct Venue {
    pub name: String,
    pub area: Option<String>,
    pub address: Address,
}

/// The street, and how to get in.
#[derive(Clone, Debug)]
pub enum Address {
    Unknown,
    /// There is one, for those who are confirmed.
    Later,
    Told {
        address: Option<String>,
        access: Option<SafeHtml>,
    },
}

#[derive(Clone, Debug)]
pub enum Online {
    No,
    /// There is a link, for those who are confirmed.
    Later,
    /// It was to be online and is cancelled: the link is of no use to anybody.
    Over,
    At(WebAddress),
}

/// Somebody on the programme.
#[derive(Clone, Debug)]
pub enum Who {
    Named(String),
    /// Was a member and has been erased.
    Former,
    /// Nobody at present.
    Vacant,
}

impl Evening {
    pub(super) fn page(&self, frame: &Frame) -> String {
        frame.to(&format!("/events/{}", self.slug))
    }

    /// Where the link to answer is asked for.
    pub(super) fn ask(&self, frame: &Frame) -> String {
        frame.to(&format!("/link?event={}", self.slug))
    }

    /// "retour d’expérience".
    pub(super) fn format_said(&self, frame: &Frame) -> String {
        say::format(frame.lang, self.format)
    }

    /// The day on its own: "jeudi 14 janvier".
    pub(super) fn day(&self, frame: &Frame) -> String {
        say::weekday_day_near(frame.lang, self.span.date(), frame.today)
    }

    pub(super) fn hours(&self, frame: &Frame) -> String {
        say::hours(frame.lang, &self.span)
    }

    /// The start for machines (an instant with its offset).
    pub(super) fn machine_start(&self) -> String {
        self.span.starts_at.with_timezone(&self.span.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The lines under the date: where it is.
    pub(super) fn places(&self, frame: &Frame) -> Vec<String> {
        let w = frame.words();
        let venue = self.venue.as_ref().map(|venue| match (&venue.address, &venue.area) {
            (Address::Told { address: Some(address), .. }, _) => format!("{}, {address}", venue.name),
            (_, Some(area)) => format!("{}, {area}", venue.name),
            (_, None) => venue.name.clone(),
        });
        let online = match self.online {
            Online::No => None,
            Online::Later | Online::Over | Online::At(_) => Some(say::capitalized(&fl!(w, "place-online"))),
        };
        let lines: Vec<String> = venue.into_iter().chain(online).collect();
        if lines.is_empty() { vec![say::capitalized(&fl!(w, "place-none"))] } else { lines }
    }

    /// What is told later, in sentences.
    pub(super) fn later(&self, frame: &Frame) -> Vec<String> {
        let w = frame.words();
        let address = self.venue.as_ref().is_some_and(|venue| matches!(venue.address, Address::Later));
        let online = matches!(self.online, Online::Later);
        [(address, fl!(w, "address-later")), (online, fl!(w, "online-later"))]
            .into_iter()
            .filter_map(|(is, sentence)| is.then_some(sentence))
            .collect()
    }

    pub(super) fn join(&self) -> Option<&str> {
        match &self.online {
            Online::At(address) => Some(address.as_str()),
            Online::No | Online::Later | Online::Over => None,
        }
    }

    fn access(&self) -> Option<&SafeHtml> {
        match self.venue.as_ref().map(|venue| &venue.address) {
            Some(Address::Told { access, .. }) => access.as_ref(),
            Some(Address::Unknown | Address::Later) | None => None,
        }
    }

    /// The people by role: "avec" and who.
    pub(super) fn credits(&self, lang: Lang) -> Vec<Credit> {
        Role::ALL
            .into_iter()
            .filter_map(|role| {
                let who = self.people.iter().filter(|(its, _)| *its == role).map(|(_, who)| who.said(lang));
                let names: Vec<String> = who.collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                (!names.is_empty())
                    .then(|| Credit { label: credit(role, lang), names: say::list(lang, &names) })
            })
            .collect()
    }

    /// The part of the page below the date and the answer.
    pub(super) fn told(&self, lang: Lang) -> Told<'_> {
        Told {
            w: words(lang),
            evening: self,
            rule: self.confidentiality.map(|level| say::confidentiality_rule(lang, level)),
            time_box: self.time_box.map(|minutes| say::duration(lang, i64::from(minutes))),
            seats: self.tables.map(|(tables, seats)| (tables, say::seats(lang, seats))),
        }
    }
}

/// A line of the programme.
pub(super) struct Credit {
    pub(super) label: String,
    pub(super) names: String,
}

impl Who {
    fn said(&self, lang: Lang) -> String {
        match self {
            Who::Named(name) => name.clone(),
            Who::Former => fl!(words(lang), "former-member"),
            Who::Vacant => fl!(words(lang), "to-announce"),
        }
    }
}

fn credit(role: Role, lang: Lang) -> String {
    let w = words(lang);
    match role {
        Role::Moderator => fl!(w, "credit-moderator"),
        Role::Panellist => fl!(w, "credit-panellist"),
        Role::Facilitator => fl!(w, "credit-facilitator"),
        Role::Speaker => fl!(w, "credit-speaker"),
        Role::Scribe => fl!(w, "credit-scribe"),
    }
}

#[derive(Template)]
#[template(path = "pages/told.html")]
pub(super) struct Told<'a> {
    w: &'static FluentLanguageLoader,
    evening: &'a Evening,
    rule: Option<String>,
    time_box: Option<String>,
    seats: Option<(u32, String)>,
}

/// A part of a page: it escaped what it shows.
impl HtmlSafe for Told<'_> {}
