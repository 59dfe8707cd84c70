//! One line being read: its cells by column, and what was wrong so far.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use csv::StringRecord;
use mensuel_domain::text::{Line, Prose};

use super::{Mistake, What, WrongLine};

pub(super) struct Row<'a> {
    line: u64,
    record: &'a StringRecord,
    places: &'a HashMap<&'static str, usize>,
    mistakes: Vec<Mistake>,
}

impl<'a> Row<'a> {
    pub(super) fn new(line: u64, record: &'a StringRecord, places: &'a HashMap<&'static str, usize>) -> Self {
        Self { line, record, places, mistakes: Vec::new() }
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// What stands under a column; `None` when that is nothing or there is no such column.
    pub(super) fn cell(&self, column: &'static str) -> Option<&'a str> {
        let text = self.record.get(*self.places.get(column)?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn optional<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, What>,
    ) -> Option<T> {
        match read(self.cell(column)?) {
            Ok(value) => Some(value),
            Err(what) => {
                self.wrong(column, what);
                None
            }
        }
    }

    pub(super) fn required<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, What>,
    ) -> Option<T> {
        if self.cell(column).is_none() {
            self.wrong(column, What::Missing);
        }
        self.optional(column, read)
    }

    pub(super) fn wrong(&mut self, column: &'static str, what: What) {
        self.mistakes.push(Mistake { column: Some(column), what });
    }

    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, WrongLine> {
        match value {
            Some(value) if self.mistakes.is_empty() => Ok(value),
            Some(_) | None => Err(WrongLine { line: self.line, mistakes: self.mistakes }),
        }
    }
}

pub(super) fn line(text: &str) -> Result<Line, What> {
    Line::parse(text).map_err(What::Text)
}

pub(super) fn prose(text: &str) -> Result<Prose, What> {
    Prose::parse(text).map_err(What::Text)
}

/// Year, month and day only: `03/04/2027` is two different days to two readers.
pub(super) fn date(text: &str) -> Result<NaiveDate, What> {
    let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shaped);
    date.ok_or_else(|| What::not_a_date(text))
}

/// `19:00`, and `19:00:00` as spreadsheets write it.
pub(super) fn time(text: &str) -> Result<NaiveTime, What> {
    let minutes = text.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(text);
    NaiveTime::parse_from_str(minutes, "%H:%M").map_err(|_| What::not_a_time(text))
}

/// A number of places, seats or tables.
pub(super) fn count(most: u32) -> impl Fn(&str) -> Result<u32, What> {
    move |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<u32> = text.parse().ok().filter(|number| plain && (1..=most).contains(number));
        number.ok_or_else(|| What::not_a_count(text, most))
    }
}
