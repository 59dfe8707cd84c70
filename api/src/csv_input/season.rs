//! The file of a season: one evening a line.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{MOST_PLACES, Stage},
    format::{Confidentiality, Format, round_table::MOST_TABLES},
    text::{Line, Prose, Title},
    time::{Span, SpanError},
};

use super::{
    FileMistake, Sheet, What,
    people::{self, Who},
    row::{self, Row},
    table::{Columns, Table},
};

/// One evening of the file. What is `None` or empty was not said: it stays as it is, or becomes
/// the default of the series or format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// The line of the file that it begins on; the heading is line 1.
    pub line: u64,
    /// Date, start, end and zone.
    pub span: Span,
    pub format: Option<Format>,
    pub title: Option<Title>,
    pub summary: Option<Prose>,
    pub moderator: Option<Who>,
    pub panel: Vec<Who>,
    pub facilitator: Option<Who>,
    pub speakers: Vec<Who>,
    pub confidentiality: Option<Confidentiality>,
    pub prerequisites: Option<Prose>,
    pub bring: Option<Prose>,
    pub subjects: Vec<Line>,
    pub tables: Option<u32>,
    pub seats_per_table: Option<u32>,
    /// The name of the venue.
    pub venue: Option<Line>,
    pub address: Option<Line>,
    pub capacity: Option<u32>,
    /// Held, draft or published.
    pub stage: Option<Stage>,
}

const COLUMNS: Columns = Columns {
    required: &["date", "start", "end"],
    optional: &[
        "time_zone",
        "format",
        "title",
        "summary",
        "moderator",
        "panel",
        "facilitator",
        "speakers",
        "confidentiality",
        "prerequisites",
        "bring",
        "subjects",
        "tables",
        "seats_per_table",
        "venue",
        "address",
        "capacity",
        "status",
    ],
    also: &[("stage", "status")],
};

/// Reads a file of evenings. A line that names no zone is in `zone`, the community's. A second
/// evening that begins on the same day at the same time is wrong.
pub fn season(bytes: &[u8], zone: Tz) -> Result<Sheet<EventLine>, FileMistake> {
    Table::read(bytes, &COLUMNS)?.lines(
        |row| event(row, zone),
        "date",
        |row| {
            let date = row::date(row.cell("date")?).ok()?;
            let start = row::time(row.cell("start")?).ok()?;
            Some(date.and_time(start).to_string())
        },
    )
}

fn event(row: &mut Row<'_>, zone: Tz) -> Option<EventLine> {
    let span = span(row, zone);
    let line = EventLine {
        line: row.line(),
        format: row.optional("format", format),
        title: row.optional("title", |text| Title::parse(text).map_err(What::Text)),
        summary: row.optional("summary", row::prose),
        moderator: row.optional("moderator", people::one),
        panel: row.optional("panel", people::several).unwrap_or_default(),
        facilitator: row.optional("facilitator", people::one),
        speakers: row.optional("speakers", people::several).unwrap_or_default(),
        confidentiality: row.optional("confidentiality", confidentiality),
        prerequisites: row.optional("prerequisites", row::prose),
        bring: row.optional("bring", row::prose),
        subjects: row.optional("subjects", subjects).unwrap_or_default(),
        tables: row.optional("tables", row::count(MOST_TABLES)),
        seats_per_table: row.optional("seats_per_table", row::count(MOST_TABLES)),
        venue: row.optional("venue", row::line),
        address: row.optional("address", row::line),
        capacity: row.optional("capacity", row::count(MOST_PLACES)),
        stage: row.optional("status", stage),
        span: span?,
    };
    Some(line)
}

fn span(row: &mut Row<'_>, zone: Tz) -> Option<Span> {
    let date = row.required("date", row::date);
    let start = row.required("start", row::time);
    let end = row.required("end", row::time);
    let zone = match row.cell("time_zone") {
        Some(_) => row.optional("time_zone", named_zone),
        None => Some(zone),
    };
    match lasting(date?, start?, end?, zone?) {
        Ok(span) => Some(span),
        Err(what) => {
            let column = if matches!(what, What::Span(SpanError::EndsBeforeStart)) { "end" } else { "start" };
            row.wrong(column, what);
            None
        }
    }
}

/// Nobody's evening is longer; what would be has its hours the wrong way round.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// An evening may end after midnight: `19:00` to `00:30` is the next day.
fn lasting(date: NaiveDate, start: NaiveTime, end: NaiveTime, zone: Tz) -> Result<Span, What> {
    let next_day = date.checked_add_days(Days::new(1)).unwrap_or(date);
    let after_midnight = end < start && TimeDelta::days(1) - (start - end) <= LONGEST;
    let last_day = if after_midnight { next_day } else { date };
    Span::new(date.and_time(start), last_day.and_time(end), zone).map_err(What::Span)
}

fn named_zone(text: &str) -> Result<Tz, What> {
    text.parse().map_err(|_| What::not_a_zone(text))
}

fn format(text: &str) -> Result<Format, What> {
    let name = text.to_lowercase().replace('-', "_");
    Format::from_name(&name).ok_or_else(|| What::not_one_of(text, &Format::ALL.map(Format::name)))
}

fn confidentiality(text: &str) -> Result<Confidentiality, What> {
    Confidentiality::from_name(&text.to_lowercase())
        .ok_or_else(|| What::not_one_of(text, &Confidentiality::ALL.map(Confidentiality::name)))
}

fn subjects(text: &str) -> Result<Vec<Line>, What> {
    text.split(';').filter(|item| !item.trim().is_empty()).map(row::line).collect()
}

/// Cancelling tells people, so a file does not do it.
fn stage(text: &str) -> Result<Stage, What> {
    const KNOWN: [Stage; 3] = [Stage::Held, Stage::Draft, Stage::Published];
    let name = text.to_lowercase();
    let found = KNOWN.into_iter().find(|stage| stage.name() == name);
    found.ok_or_else(|| What::not_one_of(text, &KNOWN.map(Stage::name)))
}
