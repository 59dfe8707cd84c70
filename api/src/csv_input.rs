//! Reading the two CSV files, members and season: bytes in, typed lines and a report out.
//!
//! Nothing here knows of the database. UTF-8 with or without a mark, else Windows-1252; comma or
//! semicolon; columns by name in any order. A value that a spreadsheet would take for a formula
//! is a text like any other.

mod mistake;
mod people;
mod row;
mod season;
mod table;

use std::collections::BTreeSet;

use mensuel_domain::{
    format::Format,
    lang::Lang,
    member::{Follows, Status},
    text::{Email, Line, PersonName},
};

use chrono::NaiveDate;

pub use mistake::{FileMistake, Mistake, What, WrongLine};
pub use people::Who;
pub use season::{EventLine, season};
pub use table::{Delimiter, Encoding};

use row::Row;
use table::{Columns, Table};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 5_000_000;
/// The most lines under the heading.
pub const MAX_LINES: usize = 20_000;

/// A file that could be read as a table; each of its lines is right or says what is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet<T> {
    pub encoding: Encoding,
    pub delimiter: Delimiter,
    /// In the order of the file; lines without any value are left out.
    pub lines: Vec<Result<T, WrongLine>>,
}

impl<T> Sheet<T> {
    /// What a person should know of the file before its lines, such as a guessed encoding.
    pub fn notes(&self, lang: Lang) -> Vec<String> {
        self.encoding.note(lang).into_iter().collect()
    }
}

/// One member of the file. What is `None` was not said: a new member gets the default, a known
/// one keeps what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberLine {
    /// The line of the file that it begins on; the heading is line 1.
    pub line: u64,
    pub name: PersonName,
    pub email: Email,
    pub job_title: Option<Line>,
    pub company: Option<Line>,
    pub language: Option<Lang>,
    pub member_since: Option<NaiveDate>,
    pub follows: Option<Follows>,
    /// Active, paused or left.
    pub status: Option<Status>,
}

const MEMBER_COLUMNS: Columns = Columns {
    required: &["name", "email"],
    optional: &["job_title", "company", "language", "member_since", "follows", "status"],
    also: &[("role", "job_title")],
};

/// Reads a file of members. An address that stands there twice, in any case, is wrong the second
/// time.
pub fn members(bytes: &[u8]) -> Result<Sheet<MemberLine>, FileMistake> {
    Table::read(bytes, &MEMBER_COLUMNS)?.lines(member, "email", |row| {
        row.cell("email").and_then(|text| Email::parse(text).ok()).map(|email| email.key())
    })
}

fn member(row: &mut Row<'_>) -> Option<MemberLine> {
    let name = row.required("name", |text| PersonName::parse(text).map_err(What::Text));
    let email = row.required("email", |text| Email::parse(text).map_err(What::Text));
    let job_title = row.optional("job_title", row::line);
    let company = row.optional("company", row::line);
    let language = row.optional("language", language);
    let member_since = row.optional("member_since", row::date);
    let follows = row.optional("follows", follows);
    let status = row.optional("status", status);
    let line = row.line();
    Some(MemberLine {
        line,
        name: name?,
        email: email?,
        job_title,
        company,
        language,
        member_since,
        follows,
        status,
    })
}

fn language(text: &str) -> Result<Lang, What> {
    Lang::from_tag(text).ok_or_else(|| What::not_one_of(text, &Lang::ALL.map(Lang::code)))
}

fn follows(text: &str) -> Result<Follows, What> {
    let names = text.split([';', ',']).map(str::trim).filter(|name| !name.is_empty());
    let names: BTreeSet<String> = names.map(str::to_lowercase).collect();
    Follows::from_names(names.iter().map(String::as_str)).ok_or_else(|| {
        let known: Vec<&str> = ["all"].into_iter().chain(Format::ALL.map(Format::name)).collect();
        What::not_one_of(text, &known)
    })
}

/// Suspending is a decision of the organizers, not of a list.
fn status(text: &str) -> Result<Status, What> {
    const KNOWN: [Status; 3] = [Status::Active, Status::Paused, Status::Left];
    let name = text.to_lowercase();
    let found = KNOWN.into_iter().find(|status| status.name() == name);
    found.ok_or_else(|| What::not_one_of(text, &KNOWN.map(Status::name)))
}

#[cfg(test)]
mod tests;
