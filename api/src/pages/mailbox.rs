//! `/demo/mailbox`: the mails of the demo, which exists nowhere else.
//!
//! The laid-out part of a mail has its style inline, which pages do not allow. So it is a document
//! of its own, under a policy of its own, in a frame without scripts.

use askama::Template;
use chrono::NaiveDateTime;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::lang::Lang;
use mensuel_infra::say;

use super::{Frame, written};

/// The policy of a page that frames the part of a mail.
pub const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of that part: inline style and nothing else; shown by us only, its links lead the
/// whole window.
pub const PART_CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation";

/// A line of the list.
#[derive(Clone, Debug)]
pub struct MailLine {
    /// The page of the mail.
    pub href: String,
    pub to: String,
    pub subject: String,
    /// In the community's zone.
    pub at: NaiveDateTime,
}

impl MailLine {
    fn when(&self, frame: &Frame) -> String {
        when(self.at, frame.lang)
    }
}

#[derive(Clone, Debug)]
pub struct MailView {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub at: NaiveDateTime,
    /// Every header, in the order of the mail.
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// Where [`html_part`] is served, if the mail has one.
    pub html_href: Option<String>,
    /// The iCalendar text, if the mail has one.
    pub calendar: Option<String>,
}

/// All mails, the latest first.
pub fn list(frame: &Frame, mails: &[MailLine]) -> String {
    written(&List { frame, w: frame.words(), mails })
}

/// One mail.
pub fn mail(frame: &Frame, view: &MailView) -> String {
    written(&Mail { frame, w: frame.words(), view, when: when(view.at, frame.lang) })
}

/// The HTML of a mail as a document whose links lead out of the frame. Serve it with [`PART_CSP`].
pub fn html_part(html: &str) -> String {
    match html.find("<head>") {
        Some(at) => {
            let (before, after) = html.split_at(at + "<head>".len());
            format!("{before}<base target=\"_top\">{after}")
        }
        None => format!("<!doctype html><base target=\"_top\">{html}"),
    }
}

fn when(at: NaiveDateTime, lang: Lang) -> String {
    format!("{}, {}", say::day(lang, at.date()), at.format("%H:%M"))
}

#[derive(Template)]
#[template(path = "pages/mailbox.html")]
struct List<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    mails: &'a [MailLine],
}

#[derive(Template)]
#[template(path = "pages/mail.html")]
struct Mail<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    view: &'a MailView,
    when: String,
}
