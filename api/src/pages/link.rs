//! `/link`: the links by mail again, for everybody who asks; the answer never says who is a member.

use askama::Template;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;
use mensuel_domain::text::TextError;

use super::{Frame, written};
use crate::words;

#[derive(Clone, Debug, Default)]
pub struct LinkView {
    /// The evening whose link is asked for.
    pub event: Option<AskedEvent>,
    /// An address that could not be read, as it was typed, and why.
    pub wrong: Option<(String, TextError)>,
}

#[derive(Clone, Debug)]
pub struct AskedEvent {
    pub slug: String,
    /// The date and title, as the reader may see them.
    pub said: String,
}

/// The form. It posts `email`, and `event` where one is asked for.
pub fn render(frame: &Frame, view: &LinkView) -> String {
    let (typed, error) = match &view.wrong {
        Some((typed, error)) => (typed.as_str(), Some(words::text_error(error, frame.lang))),
        None => ("", None),
    };
    written(&Form { frame, w: frame.words(), view, typed, error })
}

/// The answer to every address that could be read.
pub fn asked(frame: &Frame, event: Option<&str>) -> String {
    let again = event.map_or_else(|| "/link".to_owned(), |slug| format!("/link?event={slug}"));
    written(&Asked { frame, w: frame.words(), again: frame.to(&again) })
}

#[derive(Template)]
#[template(path = "pages/link.html")]
struct Form<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    view: &'a LinkView,
    typed: &'a str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/asked.html")]
struct Asked<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    again: String,
}
