//! Values of the contract's words, read from JSON or from a query.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use mensuel_domain::{
    format::{Confidentiality, Format},
    id::Id,
    lang::Lang,
    rsvp::Answer,
    series::{Month, Skip},
    text::{Email, Line, PersonName, Prose, TextError, Title, WebAddress},
    time::Moment,
};
use serde_json::Value;
use uuid::Uuid;

use crate::problem::Wrong;

pub fn text(value: &Value) -> Result<&str, Wrong> {
    value.as_str().ok_or(Wrong::NotText)
}

fn parsed<T>(value: &Value, parse: impl Fn(&str) -> Result<T, TextError>) -> Result<T, Wrong> {
    parse(text(value)?).map_err(Wrong::Text)
}

pub fn line(value: &Value) -> Result<Line, Wrong> {
    parsed(value, Line::parse)
}

pub fn title(value: &Value) -> Result<Title, Wrong> {
    parsed(value, Title::parse)
}

pub fn name(value: &Value) -> Result<PersonName, Wrong> {
    parsed(value, PersonName::parse)
}

pub fn prose(value: &Value) -> Result<Prose, Wrong> {
    parsed(value, Prose::parse)
}

pub fn email(value: &Value) -> Result<Email, Wrong> {
    parsed(value, Email::parse)
}

pub fn web_address(value: &Value) -> Result<WebAddress, Wrong> {
    parsed(value, WebAddress::parse)
}

pub fn boolean(value: &Value) -> Result<bool, Wrong> {
    value.as_bool().ok_or(Wrong::NotBoolean)
}

/// A whole number; JSON writes 40.0 for 40 too.
pub fn number(min: u32, max: u32) -> impl Fn(&Value) -> Result<u32, Wrong> {
    move |value| {
        let whole = value.as_u64().or_else(|| {
            let float = value.as_f64().filter(|float| float.fract() == 0.0 && (0.0..1e9).contains(float))?;
            Some(float as u64)
        });
        whole
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (min..=max).contains(number))
            .ok_or(Wrong::Number { min: min.into(), max: max.into() })
    }
}

fn one_of<T>(
    value: &str,
    read: impl Fn(&str) -> Option<T>,
    names: impl IntoIterator<Item = &'static str>,
) -> Result<T, Wrong> {
    read(value).ok_or_else(|| Wrong::OneOf(names.into_iter().collect()))
}

/// One of a few names.
pub fn named<T>(
    read: impl Fn(&str) -> Option<T>,
    names: &'static [&'static str],
) -> impl Fn(&Value) -> Result<T, Wrong> {
    move |value| one_of(text(value)?, &read, names.iter().copied())
}

pub fn format(value: &Value) -> Result<Format, Wrong> {
    format_named(text(value)?)
}

pub fn format_named(name: &str) -> Result<Format, Wrong> {
    one_of(name, Format::from_name, Format::ALL.map(Format::name))
}

pub fn confidentiality(value: &Value) -> Result<Confidentiality, Wrong> {
    one_of(text(value)?, Confidentiality::from_name, Confidentiality::ALL.map(Confidentiality::name))
}

pub fn language(value: &Value) -> Result<Lang, Wrong> {
    let exact = |code: &str| Lang::ALL.into_iter().find(|lang| lang.code() == code);
    one_of(text(value)?, exact, Lang::ALL.map(Lang::code))
}

pub fn answer(value: &Value) -> Result<Answer, Wrong> {
    answer_named(text(value)?)
}

pub fn answer_named(name: &str) -> Result<Answer, Wrong> {
    one_of(name, Answer::from_name, Answer::ALL.map(Answer::name))
}

pub fn id<T>(value: &Value) -> Result<Id<T>, Wrong> {
    value.as_str().and_then(|text| Uuid::try_parse(text).ok()).map(Id::new).ok_or(Wrong::Id)
}

/// Years that calendars and databases hold without surprise.
fn usual(date: NaiveDate) -> bool {
    (1970..=2999).contains(&date.year())
}

pub fn date(value: &Value) -> Result<NaiveDate, Wrong> {
    value.as_str().map_or(Err(Wrong::Date), day)
}

/// `2027-01-14`.
pub fn day(text: &str) -> Result<NaiveDate, Wrong> {
    let written = text.len() == 10 && text.is_ascii();
    let date = written.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    date.filter(|date| usual(*date)).ok_or(Wrong::Date)
}

pub fn month(value: &Value) -> Result<Month, Wrong> {
    value.as_str().map_or(Err(Wrong::Month), month_named)
}

/// `2027-05`.
pub fn month_named(text: &str) -> Result<Month, Wrong> {
    let month = text.parse::<Month>().ok();
    month.filter(|month| usual(month.first_day())).ok_or(Wrong::Month)
}

/// The first day of a month, or the day.
pub fn from_day(value: &Value) -> Result<NaiveDate, Wrong> {
    month_or_day(value, Month::first_day)
}

/// The last day of a month, or the day.
pub fn until_day(value: &Value) -> Result<NaiveDate, Wrong> {
    month_or_day(value, Month::last_day)
}

fn month_or_day(value: &Value, of_month: impl Fn(Month) -> NaiveDate) -> Result<NaiveDate, Wrong> {
    let text = value.as_str().ok_or(Wrong::MonthOrDate)?;
    month_named(text).map(of_month).or_else(|_| day(text)).map_err(|_| Wrong::MonthOrDate)
}

pub fn skip(value: &Value) -> Result<Skip, Wrong> {
    let skip = value.as_str().and_then(|text| text.parse::<Skip>().ok()).ok_or(Wrong::Skip)?;
    match skip {
        Skip::Once(month) if !usual(month.first_day()) => Err(Wrong::Skip),
        Skip::Once(_) | Skip::EveryYear(_) => Ok(skip),
    }
}

/// A wall time, or a time with its offset.
pub fn moment(value: &Value) -> Result<Moment, Wrong> {
    let text = value.as_str().ok_or(Wrong::Moment)?;
    let moment = match DateTime::<FixedOffset>::parse_from_rfc3339(text) {
        Ok(time) => Moment::Fixed(time),
        Err(_) => Moment::Wall(wall(text).ok_or(Wrong::Moment)?),
    };
    let date = match moment {
        Moment::Fixed(time) => time.date_naive(),
        Moment::Wall(wall) => wall.date(),
    };
    usual(date).then_some(moment).ok_or(Wrong::Moment)
}

fn wall(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once('T')?;
    let format = match time.len() {
        5 => "%H:%M",
        8 => "%H:%M:%S",
        _ => return None,
    };
    let time = NaiveTime::parse_from_str(time, format).ok()?;
    Some(day(date).ok()?.and_time(time))
}

pub fn zone(value: &Value) -> Result<Tz, Wrong> {
    value.as_str().and_then(|name| name.parse().ok()).ok_or(Wrong::Zone)
}

/// `19:00`.
pub fn clock(value: &Value) -> Result<NaiveTime, Wrong> {
    let text = value.as_str().filter(|text| text.len() == 5).ok_or(Wrong::Clock)?;
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| Wrong::Clock)
}

/// Minutes of `PT2H30M`, `PT2H` or `PT150M` (ISO 8601): more than nothing, a day at most.
pub fn duration(value: &Value) -> Result<u32, Wrong> {
    value.as_str().and_then(minutes).filter(|minutes| (1..=24 * 60).contains(minutes)).ok_or(Wrong::Duration)
}

fn minutes(text: &str) -> Option<u32> {
    let rest = text.strip_prefix("PT")?;
    let number = |digits: &str, max: usize| {
        let digits_only = (1..=max).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        digits_only.then(|| digits.parse::<u32>().ok()).flatten()
    };
    match rest.split_once('H') {
        Some((hours, "")) => Some(number(hours, 2)? * 60),
        Some((hours, minutes)) => Some(number(hours, 2)? * 60 + number(minutes.strip_suffix('M')?, 2)?),
        None => number(rest.strip_suffix('M')?, 4),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn durations() {
        let read = |text: &str| duration(&json!(text)).ok();
        assert_eq!(read("PT2H30M"), Some(150));
        assert_eq!(read("PT2H"), Some(120));
        assert_eq!(read("PT150M"), Some(150));
        for wrong in ["PT0M", "PT25H", "PT", "PTM", "PTHM", "P1D", "PT+2H", "pt2h", "PT2H30", "PT1440M0S"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_are_wall_times_or_have_an_offset() {
        assert!(matches!(moment(&json!("2027-01-14T19:00")), Ok(Moment::Wall(_))));
        assert!(matches!(moment(&json!("2027-01-14T19:00:00")), Ok(Moment::Wall(_))));
        assert!(matches!(moment(&json!("2027-01-14T19:00:00+01:00")), Ok(Moment::Fixed(_))));
        for wrong in ["2027-01-14", "2027-13-14T19:00", "19:00", "9999-01-01T00:00:00Z", "+2027-01-14T19:00"]
        {
            assert_eq!(moment(&json!(wrong)), Err(Wrong::Moment), "{wrong}");
        }
    }

    #[test]
    fn whole_numbers_in_both_spellings() {
        assert_eq!(number(1, 50)(&json!(40)), Ok(40));
        assert_eq!(number(1, 50)(&json!(40.0)), Ok(40));
        assert!(number(1, 50)(&json!(40.5)).is_err());
        assert!(number(1, 50)(&json!(-1)).is_err());
        assert!(number(1, 50)(&json!("40")).is_err());
    }
}
