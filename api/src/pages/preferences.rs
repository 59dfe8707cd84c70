//! `/u/{token}`: which mails one gets. The same address takes the one-click of RFC 8058.

use askama::Template;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;

use super::{FeedLinks, Frame, written};

#[derive(Clone, Debug)]
pub struct PreferencesView {
    /// Where the form goes: `/u/{token}`.
    pub action: String,
    /// Whose preferences: "Zoé D."
    pub name: String,
    /// Gets invitations, nudges and news.
    pub subscribed: bool,
    /// Changed by the request that shows this page.
    pub noted: bool,
    pub feed: Option<FeedLinks>,
}

/// What the button that unsubscribes sends, as mail programs do it (RFC 8058, section 3.1).
pub const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");
/// What the button that subscribes again sends.
pub const SUBSCRIBE: (&str, &str) = ("subscribe", "yes");

pub fn render(frame: &Frame, view: &PreferencesView) -> String {
    let button = if view.subscribed { ONE_CLICK } else { SUBSCRIBE };
    written(&Page { frame, w: frame.words(), view, button })
}

#[derive(Template)]
#[template(path = "pages/preferences.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    view: &'a PreferencesView,
    button: (&'static str, &'static str),
}
