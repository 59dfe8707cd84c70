//! Addresses of other people's calendars that open with an evening, or a feed, already filled in.
//!
//! They are followed by a press of the reader alone; nothing is fetched from there.

use chrono::{DateTime, Utc};
use mensuel_domain::time::Span;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::FeedAddress;

/// Outlook shows a `+` as it stands, so spaces are written `%20`.
const IN_A_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Browsers and the pages behind these addresses cut what is longer.
const MOST_DETAILS: usize = 600;

/// What the entry will hold: as much as its reader may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub title: String,
    pub span: Span,
    pub location: Option<String>,
    pub details: String,
}

impl Planned {
    /// Google Calendar. The instants are in UTC, so that no hour comes twice; `ctz` is the zone in
    /// which the entry shows them.
    pub fn google(&self) -> String {
        let at = |instant: DateTime<Utc>| instant.format("%Y%m%dT%H%M%SZ").to_string();
        let dates = format!("{}/{}", at(self.span.starts_at), at(self.span.ends_at));
        let details = cut(&self.details);
        let mut pairs = vec![
            ("action", "TEMPLATE"),
            ("text", self.title.as_str()),
            ("dates", dates.as_str()),
            ("ctz", self.span.zone.name()),
            ("details", details.as_str()),
        ];
        pairs.extend(self.location.as_deref().map(|location| ("location", location)));
        with("https://calendar.google.com/calendar/render", &pairs)
    }

    /// Outlook.com, for people.
    pub fn outlook(&self) -> String {
        self.compose("https://outlook.live.com/calendar/0/deeplink/compose")
    }

    /// Microsoft 365, for companies.
    pub fn office(&self) -> String {
        self.compose("https://outlook.office.com/calendar/0/deeplink/compose")
    }

    fn compose(&self, page: &str) -> String {
        let at = |instant: DateTime<Utc>| {
            instant.with_timezone(&self.span.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
        };
        let (start, end) = (at(self.span.starts_at), at(self.span.ends_at));
        let details = cut(&self.details);
        let mut pairs = vec![
            ("path", "/calendar/action/compose"),
            ("rru", "addevent"),
            ("subject", self.title.as_str()),
            ("startdt", start.as_str()),
            ("enddt", end.as_str()),
            ("body", details.as_str()),
        ];
        pairs.extend(self.location.as_deref().map(|location| ("location", location)));
        with(page, &pairs)
    }
}

impl FeedAddress {
    /// Google's page that subscribes.
    pub fn google(&self) -> String {
        with("https://calendar.google.com/calendar/r", &[("cid", &self.webcal())])
    }

    /// Outlook.com's page that subscribes.
    pub fn outlook(&self, name: &str) -> String {
        with("https://outlook.live.com/calendar/0/addfromweb", &[("url", &self.https()), ("name", name)])
    }

    /// The one of Microsoft 365.
    pub fn office(&self, name: &str) -> String {
        with("https://outlook.office.com/calendar/0/addfromweb", &[("url", &self.https()), ("name", name)])
    }
}

fn with(page: &str, pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, IN_A_VALUE));
    format!("{page}?{}", pairs.iter().map(pair).collect::<Vec<_>>().join("&"))
}

/// Between words.
fn cut(details: &str) -> String {
    if details.chars().count() <= MOST_DETAILS {
        return details.to_owned();
    }
    let short: String = details.chars().take(MOST_DETAILS).collect();
    let end = short.rfind(char::is_whitespace).unwrap_or(short.len());
    format!("{}…", short[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use url::Url;

    use super::*;

    fn planned(span: Span) -> Planned {
        Planned {
            title: "Sortir d'un monolithe & après + 100 %".into(),
            span,
            location: Some("Confluence, 12 quai Rambaud, 69002 Lyon".into()),
            details: "Trois tentatives.\nhttps://soirees.example/events/x?a=1&b=2#c".into(),
        }
    }

    fn value(address: &str, name: &str) -> String {
        let url: Url = address.parse().unwrap();
        let found = url.query_pairs().find(|(its, _)| its == name);
        found.unwrap_or_else(|| panic!("no {name} in {address}")).1.into_owned()
    }

    /// The instants that the addresses say are those of the evening, in each zone, in the hour that
    /// comes twice too.
    #[test]
    fn every_address_says_the_instants_of_the_evening() {
        let spans = [
            ("2027-01-14", "19:00:00", Tz::Europe__Paris, 150),
            ("2027-07-08", "19:00:00", Tz::Europe__Paris, 150),
            ("2027-10-31", "01:30:00", Tz::Europe__Paris, 90),
            ("2027-03-14", "18:30:00", Tz::America__New_York, 120),
            ("2027-06-01", "19:00:00", Tz::Asia__Kolkata, 45),
        ];
        for (day, at, zone, minutes) in spans {
            let span = Span::lasting(day.parse().unwrap(), at.parse().unwrap(), zone, minutes).unwrap();
            let planned = planned(span);
            let google = planned.google();
            assert_eq!(value(&google, "ctz"), zone.name());
            let dates = value(&google, "dates");
            let (start, end) = dates.split_once('/').unwrap();
            let instant =
                |text: &str| chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").unwrap().and_utc();
            assert_eq!((instant(start), instant(end)), (span.starts_at, span.ends_at), "{google}");
            for address in [planned.outlook(), planned.office()] {
                let at = |name| DateTime::parse_from_rfc3339(&value(&address, name)).unwrap();
                assert_eq!((at("startdt").to_utc(), at("enddt").to_utc()), (span.starts_at, span.ends_at));
                assert_eq!(at("startdt").naive_local(), span.start, "the hour on the wall");
            }
        }
    }

    #[test]
    fn words_arrive_as_they_are_and_no_plus_stands_for_a_space() {
        let span =
            Span::lasting("2027-01-14".parse().unwrap(), "19:00:00".parse().unwrap(), Tz::Europe__Paris, 150);
        let planned = planned(span.unwrap());
        for (address, title, details) in [
            (planned.google(), "text", "details"),
            (planned.outlook(), "subject", "body"),
            (planned.office(), "subject", "body"),
        ] {
            assert!(!address.contains('+') && !address.contains('#'), "{address}");
            assert_eq!(value(&address, title), planned.title);
            assert_eq!(value(&address, details), planned.details);
            assert_eq!(Some(value(&address, "location")), planned.location);
        }
        let long = Planned { details: "mot ".repeat(400), ..planned };
        assert!(long.google().len() < 2_000 && value(&long.google(), "details").ends_with("mot…"));
    }
}
