//! Conditional requests (RFC 9110, section 13).

use std::time::SystemTime;

use actix_web::http::header::HttpDate;
use chrono::{DateTime, Utc};

use super::Served;

/// Whether the reader has these bytes already, so that 304 says it all. `If-None-Match` alone
/// decides when it is there (section 13.2.2); its comparison is the weak one (section 13.1.2).
/// A date that cannot be read is no condition.
pub fn fresh(if_none_match: Option<&str>, if_modified_since: Option<&str>, served: &Served) -> bool {
    if let Some(known) = if_none_match {
        let bare = |tag: &str| tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).to_owned();
        return known.trim() == "*" || known.split(',').any(|tag| bare(tag) == served.etag);
    }
    let since = if_modified_since.and_then(|date| date.parse::<HttpDate>().ok());
    since.is_some_and(|since| served.last_modified <= DateTime::<Utc>::from(SystemTime::from(since)))
}

/// An instant as `Last-Modified` says it.
pub fn http_date(instant: DateTime<Utc>) -> String {
    HttpDate::from(SystemTime::from(instant)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served() -> Served {
        Served::new("BEGIN:VCALENDAR", "2026-12-01T08:00:00.9Z".parse().unwrap())
    }

    #[test]
    fn the_date_is_said_as_http_says_it() {
        assert_eq!(http_date(served().last_modified), "Tue, 01 Dec 2026 08:00:00 GMT");
    }

    #[test]
    fn the_tag_decides_before_the_date() {
        let served = served();
        let tag = served.etag.as_str();
        assert_eq!(tag.len(), 34);
        let (weak, list) = (format!("W/{tag}"), format!("\"a\" , W/\"b\",{tag}"));
        let (now, before) = ("Tue, 01 Dec 2026 08:00:00 GMT", "Tue, 01 Dec 2026 07:59:59 GMT");
        let table = [
            (Some(tag), None, true),
            (Some(weak.as_str()), None, true),
            (Some(list.as_str()), None, true),
            (Some("*"), None, true),
            (Some("\"other\""), None, false),
            (Some(&tag[1..33]), None, false),
            (Some(""), None, false),
            // With a tag the date says nothing.
            (Some("\"other\""), Some(now), false),
            (Some(tag), Some(before), true),
            (None, Some(now), true),
            (None, Some("Wed, 02 Dec 2026 08:00:00 GMT"), true),
            (None, Some(before), false),
            (None, Some("Tuesday, 01-Dec-26 08:00:00 GMT"), true),
            (None, Some("yesterday"), false),
            (None, None, false),
        ];
        for (match_, since, expected) in table {
            assert_eq!(fresh(match_, since, &served), expected, "{match_:?} {since:?}");
        }
    }
}
