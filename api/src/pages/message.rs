//! One page for everything that is not there, not allowed or not possible now: what happened, and
//! what to do.

use askama::Template;
use i18n_embed::fluent::FluentLanguageLoader;
use i18n_embed_fl::fl;

use super::{Frame, written};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    BadRequest,
    SignIn,
    Forbidden,
    /// Every address but those of personal links.
    NoPage,
    /// Altered, cut, or never ours.
    LinkUnknown,
    Method,
    /// With the sentence of the refusal.
    Conflict(String),
    LinkRevoked,
    TooLarge,
    /// With the seconds to wait.
    TooOften(u64),
    Broken,
    Away,
}

impl Message {
    /// Where the reader is best sent on to.
    fn onward(&self) -> Onward {
        match self {
            Message::LinkUnknown | Message::LinkRevoked => Onward::Link,
            Message::BadRequest
            | Message::SignIn
            | Message::Forbidden
            | Message::NoPage
            | Message::Method
            | Message::Conflict(_)
            | Message::TooLarge
            | Message::TooOften(_)
            | Message::Broken
            | Message::Away => Onward::Season,
        }
    }

    /// Title, what happened, what to do.
    fn said(&self, w: &FluentLanguageLoader) -> [String; 3] {
        match self {
            Message::BadRequest => {
                [fl!(w, "message-bad"), fl!(w, "message-bad-what"), fl!(w, "message-bad-next")]
            }
            Message::SignIn => {
                [fl!(w, "message-sign-in"), fl!(w, "message-sign-in-what"), fl!(w, "message-sign-in-next")]
            }
            Message::Forbidden => [
                fl!(w, "message-forbidden"),
                fl!(w, "message-forbidden-what"),
                fl!(w, "message-forbidden-next"),
            ],
            Message::NoPage => {
                [fl!(w, "message-page"), fl!(w, "message-page-what"), fl!(w, "message-page-next")]
            }
            Message::LinkUnknown => [
                fl!(w, "message-link-unknown"),
                fl!(w, "message-link-unknown-what"),
                fl!(w, "message-link-unknown-next"),
            ],
            Message::Method => {
                [fl!(w, "message-method"), fl!(w, "message-method-what"), fl!(w, "message-method-next")]
            }
            Message::Conflict(sentence) => {
                [fl!(w, "message-conflict"), sentence.clone(), fl!(w, "message-conflict-next")]
            }
            Message::LinkRevoked => [
                fl!(w, "message-link-revoked"),
                fl!(w, "message-link-revoked-what"),
                fl!(w, "message-link-revoked-next"),
            ],
            Message::TooLarge => {
                [fl!(w, "message-large"), fl!(w, "message-large-what"), fl!(w, "message-large-next")]
            }
            Message::TooOften(seconds) => {
                let next = fl!(w, "message-often-next", wait = wait(*seconds, w));
                [fl!(w, "message-often"), fl!(w, "message-often-what"), next]
            }
            Message::Broken => {
                [fl!(w, "message-broken"), fl!(w, "message-broken-what"), fl!(w, "message-broken-next")]
            }
            Message::Away => {
                [fl!(w, "message-away"), fl!(w, "message-away-what"), fl!(w, "message-away-next")]
            }
        }
    }
}

/// Rounded up to what people count in.
fn wait(seconds: u64, w: &FluentLanguageLoader) -> String {
    match seconds {
        0..=90 => fl!(w, "message-wait-seconds", n = seconds.max(1)),
        91..=5_400 => fl!(w, "message-wait-minutes", n = seconds.div_ceil(60)),
        5_401.. => fl!(w, "message-wait-hours", n = seconds.div_ceil(3_600)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Onward {
    Season,
    Link,
}

/// The page of an answer with this status.
pub fn render(frame: &Frame, status: u16, message: &Message) -> String {
    let [title, what, next] = message.said(frame.words());
    let to_link = message.onward() == Onward::Link;
    written(&Page { frame, w: frame.words(), status, title, what, next, to_link })
}

#[derive(Template)]
#[template(path = "pages/message.html")]
struct Page<'a> {
    frame: &'a Frame,
    w: &'static FluentLanguageLoader,
    status: u16,
    title: String,
    what: String,
    next: String,
    to_link: bool,
}
