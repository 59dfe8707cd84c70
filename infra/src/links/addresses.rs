//! Every address of the service as others see it.

use mensuel_domain::{format::Format, text::Slug};
use url::Url;

use super::{Links, Token};

impl Links {
    /// Where everything begins; also the season.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The host name, as identifiers in mail need one.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or("localhost")
    }

    /// The season.
    pub fn season(&self) -> String {
        self.at(&[""]).into()
    }

    /// Answering.
    pub fn rsvp(&self, token: &Token) -> String {
        self.at(&["r", token.as_str()]).into()
    }

    /// Answering, with one answer (`yes`, `no`, `maybe`) chosen in advance but not given.
    pub fn rsvp_with_answer(&self, token: &Token, answer: &str) -> String {
        let mut url = self.at(&["r", token.as_str()]);
        url.query_pairs_mut().append_pair("a", answer);
        url.into()
    }

    /// This evening for this person, as a calendar file.
    pub fn rsvp_ics(&self, token: &Token) -> FeedAddress {
        FeedAddress(self.at(&["r", &format!("{token}.ics")]))
    }

    /// Mail preferences; a POST leaves the list in one click (RFC 8058).
    pub fn preferences(&self, token: &Token) -> String {
        self.at(&["u", token.as_str()]).into()
    }

    /// A member's private feed.
    pub fn member_feed(&self, token: &Token) -> FeedAddress {
        FeedAddress(self.at(&["calendar", "m", &format!("{token}.ics")]))
    }

    /// The public feed of all evenings.
    pub fn feed(&self) -> FeedAddress {
        FeedAddress(self.at(&["calendar.ics"]))
    }

    /// The public feed of one format.
    pub fn format_feed(&self, format: Format) -> FeedAddress {
        FeedAddress(self.at(&["calendar", &format!("{}.ics", format.slug())]))
    }

    /// What was announced (RFC 4287).
    pub fn announcements(&self) -> String {
        self.at(&["feed.atom"]).into()
    }

    /// The page of one evening.
    pub fn event(&self, slug: &Slug) -> String {
        self.at(&["events", slug.as_str()]).into()
    }

    /// One evening as a calendar file.
    pub fn event_ics(&self, slug: &Slug) -> FeedAddress {
        FeedAddress(self.at(&["events", &format!("{slug}.ics")]))
    }

    /// "Mail me my link".
    pub fn lost_link(&self) -> String {
        self.at(&["link"]).into()
    }

    fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

/// A feed in the forms that calendars ask for.
#[derive(Clone, PartialEq, Eq)]
pub struct FeedAddress(Url);

impl FeedAddress {
    /// As it is served, for Outlook and for copying.
    pub fn https(&self) -> String {
        self.0.to_string()
    }

    /// For Apple and Thunderbird, where a press of the link subscribes.
    pub fn webcal(&self) -> String {
        let address = self.0.as_str();
        format!("webcal{}", &address[self.0.scheme().len()..])
    }
}
