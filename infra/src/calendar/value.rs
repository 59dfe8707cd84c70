//! Values, parameters and properties that cannot be wrong.
//!
//! `ics` writes what it is given. So it is given nothing but these: each is made by a function
//! that knows one value type of RFC 5545, section 3.3, and none holds a control character.

use std::borrow::Cow;
use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use ics::components::{Parameter, Property};
use url::Url;

/// The value of a property, already in the form that its type asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value(String);

impl Value {
    /// A word of a fixed vocabulary.
    pub(super) fn word(word: &'static str) -> Self {
        Self(word.to_owned())
    }

    /// TEXT (section 3.3.11). All kinds of line end become one; other controls are dropped.
    pub(super) fn text(text: &str) -> Self {
        Self(escaped(text))
    }

    /// TEXT, or nothing when there is nothing to show.
    pub(super) fn text_if_any(text: Option<&str>) -> Option<Self> {
        text.map(Self::text).filter(|value| !value.0.is_empty())
    }

    /// A list of TEXT, without the empty ones; nothing when none is left.
    pub(super) fn texts(texts: &[String]) -> Option<Self> {
        let texts: Vec<String> =
            texts.iter().map(|text| escaped(text)).filter(|text| !text.is_empty()).collect();
        (!texts.is_empty()).then(|| Self(texts.join(",")))
    }

    /// URI (section 3.3.13): an absolute `http:` or `https:` one, as it was given if its characters
    /// are those of RFC 3986, else in the form that a browser would make of it.
    pub(super) fn uri(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let plain = text.chars().all(of_uri);
        Some(Self(percent(if plain { text } else { url.as_str() }, of_uri)))
    }

    /// CAL-ADDRESS (section 3.3.3) of a mailbox, as RFC 6068 writes it.
    pub(super) fn mailbox(email: &str) -> Self {
        let email: String = email.chars().filter(|c| !c.is_control()).collect();
        Self(format!("mailto:{}", percent(&email, |c| of_uri(c) && !"%?#[]".contains(c))))
    }

    /// DATE-TIME, form 2 (section 3.3.5), to the second.
    pub(super) fn utc(at: DateTime<Utc>) -> Self {
        Self(format!("{}Z", date_time(at.naive_utc())))
    }

    /// DATE-TIME of a wall clock. Its property needs a TZID, or stands inside a VTIMEZONE.
    pub(super) fn wall(at: NaiveDateTime) -> Self {
        Self(date_time(at))
    }

    /// UTC-OFFSET (section 3.3.14), from seconds east of Greenwich.
    pub(super) fn offset(seconds: i32) -> Self {
        let (sign, east) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
        let mut text = format!("{sign}{:02}{:02}", east / 3600, east / 60 % 60);
        if !east.is_multiple_of(60) {
            // Writing to a String does not fail.
            let _ = write!(text, "{:02}", east % 60);
        }
        Self(text)
    }

    /// RECUR (section 3.3.10): each year, in this month (1 to 12), on this numbered weekday.
    pub(super) fn yearly(month: u32, weekday: &'static str, nth: i8) -> Self {
        Self(format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{weekday}"))
    }

    pub(super) fn number(number: u32) -> Self {
        Self(number.to_string())
    }

    /// Two FLOATs with six decimals (section 3.8.1.6).
    pub(super) fn geo((latitude, longitude): (f64, f64)) -> Option<Self> {
        let on_globe = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        on_globe.then(|| Self(format!("{latitude:.6};{longitude:.6}")))
    }

    /// A colour name (RFC 7986, section 5.9): letters only.
    pub(super) fn color(name: &str) -> Option<Self> {
        let letters = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
        letters.then(|| Self(name.to_owned()))
    }
}

impl From<Value> for Cow<'static, str> {
    fn from(value: Value) -> Self {
        Cow::Owned(value.0)
    }
}

/// One property with its parameters: a content line before it is folded.
#[derive(Clone, Debug)]
pub(super) struct Line(Property<'static>);

impl Line {
    pub(super) fn new(name: &'static str, value: Value) -> Self {
        Self(Property::new(name, value))
    }

    /// Adds a parameter with one value (section 3.2).
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.add(Parameter::new(name, parameter(value)));
        self
    }

    /// Says the type of a value that is not the one its property has by default.
    pub(super) fn of_type(self, name: &'static str) -> Self {
        self.with("VALUE", name)
    }
}

impl From<Line> for Property<'static> {
    fn from(line: Line) -> Self {
        line.0
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' if before == '\r' => {}
            '\r' | '\n' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// A parameter cannot hold a double quote: it becomes a single one. A caret is doubled where a
/// reader of RFC 6868 would take it for the beginning of an escape.
fn parameter(text: &str) -> String {
    let shown = |c: &char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    let kept: Vec<char> = text.chars().filter(shown).map(|c| if c == '"' { '\'' } else { c }).collect();
    let mut out = String::with_capacity(text.len() + 2);
    for (at, c) in kept.iter().enumerate() {
        out.push(*c);
        if *c == '^' && matches!(kept.get(at + 1), Some('^' | 'n' | '\'')) {
            out.push('^');
        }
    }
    if out.contains([',', ';', ':']) { format!("\"{out}\"") } else { out }
}

/// The characters of RFC 3986, section 2.
fn of_uri(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

/// Percent-encodes the UTF-8 of the characters that may not stand for themselves.
fn percent(text: &str, plain: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if plain(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Years have four digits (RFC 5545, section 3.3.4): what lies outside is moved to the edge.
fn date_time(at: NaiveDateTime) -> String {
    let edge =
        |year, month, day, time| NaiveDate::from_ymd_opt(year, month, day).map(|date| date.and_time(time));
    let last_second = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    let at = at
        .max(edge(1, 1, 1, NaiveTime::MIN).unwrap_or(at))
        .min(edge(9999, 12, 31, last_second).unwrap_or(at));
    let (year, month, day) = (at.year(), at.month(), at.day());
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}", at.hour(), at.minute(), at.second())
}
