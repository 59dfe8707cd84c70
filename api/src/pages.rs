//! The pages, rendered by the server: a file for each, with the values that it shows.
//!
//! Who may see what is decided before: a view holds only what its reader may see. Texts of people
//! are escaped by the templates; the one way around is [`mensuel_infra::markdown::SafeHtml`].

pub mod evening;
pub mod link;
pub mod mailbox;
pub mod message;
pub mod preferences;
pub mod programme;
pub mod rsvp;
pub mod season;

use askama::Template;
use chrono::NaiveDate;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::lang::Lang;
use mensuel_infra::{
    links::{FeedAddress, Planned},
    say,
};

use crate::i18n::words;

/// Content-Security-Policy of every page but those of the demo's mailbox: nothing from elsewhere,
/// nothing inline, no script.
pub const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What stands around every page.
#[derive(Clone, Debug)]
pub struct Frame {
    pub lang: Lang,
    /// The reader asked for the language by `?lang=`; the links of the page then keep it.
    pub lang_asked: bool,
    /// The community's name.
    pub community: String,
    /// The query of this page's address, without its question mark: the language switch keeps it.
    pub query: String,
    /// The day in the community's zone: dates of its year are said without the year.
    pub today: NaiveDate,
    /// Says that nothing here is real, and where its mails are.
    pub demo: bool,
}

impl Frame {
    /// The words of the page.
    pub fn words(&self) -> &'static FluentLanguageLoader {
        words(self.lang)
    }

    /// A link of ours, which keeps the language that was asked for.
    pub fn to(&self, address: &str) -> String {
        if self.lang_asked { with_lang(address, self.lang) } else { address.to_owned() }
    }

    /// As previews of links want the language (Open Graph).
    fn locale(&self) -> &'static str {
        match self.lang {
            Lang::Fr => "fr_FR",
            Lang::En => "en_GB",
        }
    }

    fn name_of(&self, lang: &Lang) -> String {
        match lang {
            Lang::Fr => fl!(self.words(), "language-fr"),
            Lang::En => fl!(self.words(), "language-en"),
        }
    }

    /// This page in another language. Without a path, so that it cannot lead elsewhere.
    fn here_in(&self, lang: &Lang) -> String {
        with_lang(&format!("?{}", self.query), *lang)
    }
}

fn with_lang(address: &str, lang: Lang) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    let lang = format!("lang={}", lang.code());
    format!("{path}?{}", kept.chain([lang.as_str()]).collect::<Vec<_>>().join("&"))
}

/// What an evening has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// No limit was set.
    Unlimited,
    Left(u32),
    /// Parties that wait.
    Full {
        waiting: u32,
    },
}

impl Places {
    fn said(self, lang: Lang) -> Option<String> {
        match self {
            Places::Unlimited => None,
            Places::Left(left) => Some(say::seats_left(lang, left)),
            Places::Full { waiting: _ } => Some(fl!(words(lang), "places-full")),
        }
    }
}

/// A feed in the forms that calendars ask for.
#[derive(Clone, Debug)]
pub struct FeedLinks {
    pub https: String,
    pub webcal: String,
    pub google: String,
    /// Outlook.com.
    pub outlook: String,
    /// Microsoft 365.
    pub office: String,
}

impl FeedLinks {
    /// `name` is what a calendar is first called where it does not read that from the feed.
    pub fn of(address: &FeedAddress, name: &str) -> Self {
        Self {
            https: address.https(),
            webcal: address.webcal(),
            google: address.google(),
            outlook: address.outlook(name),
            office: address.office(name),
        }
    }
}

/// Where one evening is added to a calendar.
#[derive(Clone, Debug)]
pub struct AddLinks {
    pub google: String,
    pub outlook: String,
    pub office: String,
    /// Kept up to date by Apple's and Thunderbird's calendars.
    pub webcal: String,
    /// The file, by its path.
    pub ics: String,
}

impl AddLinks {
    pub fn of(planned: &Planned, file: &FeedAddress, path: String) -> Self {
        Self {
            google: planned.google(),
            outlook: planned.outlook(),
            office: planned.office(),
            webcal: file.webcal(),
            ics: path,
        }
    }
}

fn written(page: &impl Template) -> String {
    page.render().expect("a template writes into a string, which does not fail")
}

#[cfg(test)]
mod tests;
