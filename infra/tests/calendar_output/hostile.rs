//! Whatever text is put in is the text that is read, and nothing else is read: 100,000 strings in calendars (S8), half of
//! them in feeds and half in messages; mails have as many of their own. `PROPTEST_CASES` says otherwise.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use mensuel_domain::time::Span;
use mensuel_infra::calendar::*;
use proptest::prelude::*;

use crate::reader::{Component, list, read, unescape};
use crate::sample;

const PIECES: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\n\r",
    ",",
    ";",
    ":",
    "\\",
    "\\n",
    "\\\\n",
    "\"",
    "'",
    "^",
    "^n",
    "^^",
    "^'",
    " ",
    "\t",
    "=",
    "BEGIN:VEVENT",
    "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil",
    "\r\nATTENDEE:mailto:evil@x.example",
    "\n ",
    "\r\n ",
    "é",
    "e\u{301}",
    "👩‍👩‍👧‍👦",
    "𝄞",
    "老虎",
    "\u{0}",
    "\u{1b}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{202e}",
    "%0D%0A",
    "&amp;",
    "<b>",
    "https://x.example/?a=1,2;b",
    "mailto:",
    "@",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        20 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        12 => any::<char>().prop_map(String::from),
        8 => proptest::collection::vec(proptest::char::range('a', 'z'), 1..90).prop_map(|chars| chars.into_iter().collect()),
        1 => (proptest::sample::select(PIECES), 1_usize..400).prop_map(|(piece, times)| piece.repeat(times)),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// What is to be read of a text: line ends are one thing, other controls are gone.
fn shown(text: &str) -> String {
    let ends = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    ends.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

/// What is to be read of a parameter.
fn in_parameter(text: &str) -> String {
    shown(text)
        .chars()
        .filter(|c| !matches!(c, '\n' | '\t'))
        .map(|c| if c == '"' { '\'' } else { c })
        .collect()
}

fn opt(component: &Component, name: &str) -> Option<String> {
    let found = component.named(name);
    assert!(found.len() <= 1);
    found.first().map(|line| unescape(&line.value))
}

fn opt_shown(text: &str) -> Option<String> {
    Some(shown(text)).filter(|text| !text.is_empty())
}

fn is_uri(value: &str) -> bool {
    let schemes = ["https://", "http://", "HTTPS://", "HTTP://"];
    schemes.iter().any(|scheme| value.starts_with(scheme))
        && value.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c))
}

/// So many cases that their strings are 50,000.
fn of_strings(each: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(50_000 / each), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(of_strings(10))]

    #[test]
    fn a_feed_carries_exactly_what_was_put_in(texts in proptest::collection::vec(hostile(), 9), web in hostile()) {
        let mut calendar = sample::calendar(vec![Entry {
            uid: texts[0].clone(),
            summary: texts[1].clone(),
            description: Some(texts[2].clone()),
            location: Some(texts[3].clone()),
            categories: vec![texts[4].clone(), texts[5].clone()],
            url: Some(format!("https://x.example/{web}")),
            conference: Some(web.clone()),
            ..sample::entry()
        }]);
        calendar.name = texts[6].clone();
        calendar.description = texts[7].clone();
        calendar.color = texts[8].clone();
        calendar.source = Some(web);

        let bytes = feed(&calendar);
        prop_assert_eq!(&bytes, &feed(&calendar));
        let read = read(&bytes);
        prop_assert_eq!(read.parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["VTIMEZONE", "VEVENT"]);
        for name in ["NAME", "X-WR-CALNAME"] {
            prop_assert_eq!(read.text(name), shown(&texts[6]));
        }
        for name in ["DESCRIPTION", "X-WR-CALDESC"] {
            prop_assert_eq!(read.text(name), shown(&texts[7]));
        }
        let mut names = read.names();
        names.retain(|name| !matches!(*name, "COLOR" | "SOURCE"));
        prop_assert_eq!(names, [
            "CALSCALE", "DESCRIPTION", "LAST-MODIFIED", "NAME", "PRODID", "REFRESH-INTERVAL", "URL", "VERSION",
            "X-PUBLISHED-TTL", "X-WR-CALDESC", "X-WR-CALNAME", "X-WR-TIMEZONE",
        ]);
        for line in read.named("SOURCE") {
            prop_assert!(is_uri(&line.value), "{}", line.value);
        }
        event_as_put_in(&read, &texts)?;
    }

}

proptest! {
    #![proptest_config(of_strings(4))]

    #[test]
    fn a_message_names_exactly_whom_it_was_given(name in hostile(), organizer in hostile(), email in hostile(), summary in hostile(), cancel: bool) {
        let method = if cancel { Method::Cancel } else { Method::Request };
        let mut invitation = sample::invitation(method);
        invitation.entry.summary = summary.clone();
        invitation.organizer.name = organizer.clone();
        invitation.attendee.name = name.clone();
        invitation.attendee.email = email;

        let read = read(&message(&invitation));
        prop_assert_eq!(read.names(), ["CALSCALE", "METHOD", "PRODID", "VERSION"]);
        let event = read.parts("VEVENT")[0];
        prop_assert_eq!(event.text("SUMMARY"), shown(&summary));
        let cn = |line: &crate::reader::Line| line.params.get("CN").cloned().unwrap_or_default();
        prop_assert_eq!(cn(event.one("ORGANIZER")), in_parameter(&organizer));
        let attendee = event.one("ATTENDEE");
        prop_assert_eq!(cn(attendee), in_parameter(&name));
        prop_assert!(attendee.value.starts_with("mailto:") && attendee.value.is_ascii() && !attendee.value.contains(' '));
        prop_assert_eq!(event.names(), [
            "ATTENDEE", "CATEGORIES", "CONFERENCE", "CREATED", "DESCRIPTION", "DTEND", "DTSTAMP", "DTSTART", "GEO", "LAST-MODIFIED",
            "LOCATION", "ORGANIZER", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "UID", "URL",
        ]);
    }

}

proptest! {
    #[test]
    fn a_time_is_read_as_the_instant_that_was_meant(
        zone in proptest::sample::select(&chrono_tz::TZ_VARIANTS[..]),
        minute in 0_i64..1_314_000,
        length in 1_i64..1440,
    ) {
        let start = NaiveDateTime::default() + chrono::Duration::minutes(56 * 525_960 + minute);
        let Ok(span) = Span::new(start, start + chrono::Duration::minutes(length), zone) else { return Ok(()) };
        let read = read(&feed(&sample::calendar(vec![Entry { span, ..sample::entry() }])));
        let event = read.parts("VEVENT")[0];
        prop_assert_eq!(read.instant(event.one("DTSTART")), span.starts_at);
        prop_assert_eq!(read.instant(event.one("DTEND")), span.ends_at);
    }
}

fn event_as_put_in(read: &Component, texts: &[String]) -> Result<(), TestCaseError> {
    let event = read.parts("VEVENT")[0];
    prop_assert_eq!(event.text("UID"), shown(&texts[0]));
    prop_assert_eq!(event.text("SUMMARY"), shown(&texts[1]));
    prop_assert_eq!(opt(event, "DESCRIPTION"), opt_shown(&texts[2]));
    prop_assert_eq!(opt(event, "LOCATION"), opt_shown(&texts[3]));
    let categories: Vec<String> = texts[4..6].iter().filter_map(|text| opt_shown(text)).collect();
    let read: Vec<String> =
        event.named("CATEGORIES").into_iter().flat_map(|line| list(&line.value)).collect();
    prop_assert_eq!(read, categories);
    prop_assert!(is_uri(&event.one("URL").value));
    for line in event.named("CONFERENCE") {
        prop_assert!(is_uri(&line.value));
    }
    let mut names = event.names();
    names.retain(|name| !matches!(*name, "CATEGORIES" | "CONFERENCE" | "DESCRIPTION" | "LOCATION"));
    prop_assert_eq!(
        names,
        [
            "CREATED",
            "DTEND",
            "DTSTAMP",
            "DTSTART",
            "GEO",
            "LAST-MODIFIED",
            "SEQUENCE",
            "STATUS",
            "SUMMARY",
            "TRANSP",
            "UID",
            "URL",
        ]
    );
    Ok(())
}

#[test]
fn an_address_is_kept_as_given_or_left_out() {
    let url = |text: &str| {
        let read =
            read(&feed(&sample::calendar(vec![Entry { url: Some(text.to_owned()), ..sample::entry() }])));
        read.parts("VEVENT")[0].named("URL").first().map(|line| line.value.clone())
    };
    for kept in ["https://x.example", "http://x.example:8080/a,b;c?d=%C3%A9#e", "https://x.example/r/eyJ_-.~"]
    {
        assert_eq!(url(kept).as_deref(), Some(kept));
    }
    assert_eq!(url("https://é.example/é à").as_deref(), Some("https://xn--9ca.example/%C3%A9%20%C3%A0"));
    for refused in ["", "/events/1", "javascript:alert(1)", "data:text/html,x", "x.example", "https://"] {
        assert_eq!(url(refused), None, "{refused}");
    }
}

#[test]
fn a_place_off_the_globe_is_left_out() {
    for geo in [(91.0, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
        let read = read(&feed(&sample::calendar(vec![Entry { geo: Some(geo), ..sample::entry() }])));
        assert!(read.parts("VEVENT")[0].named("GEO").is_empty(), "{geo:?}");
    }
}

#[test]
fn a_zone_is_named_once_however_many_evenings() {
    let entries = ["2027-01-14", "2027-07-08"]
        .map(|date| Entry { span: sample::span(date, Tz::Europe__Paris), ..sample::entry() });
    assert_eq!(read(&feed(&sample::calendar(entries.to_vec()))).parts("VTIMEZONE").len(), 1);
}
