//! From bytes to rows of cells under named columns.

use std::collections::HashMap;

use csv::StringRecord;
use mensuel_domain::lang::Lang;

use super::{FileMistake, MAX_BYTES, MAX_LINES, Mistake, Sheet, What, WrongLine, row::Row};

/// How the bytes of the file were understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// UTF-8 that begins with the mark that spreadsheets put there.
    Utf8WithMark,
    /// Not UTF-8, so taken for what Windows writes in western Europe.
    Windows1252,
}

impl Encoding {
    /// What to tell a person: a guess is said, so that somebody looks at the accents.
    pub(super) fn note(self, lang: Lang) -> Option<String> {
        match (self, lang) {
            (Encoding::Utf8 | Encoding::Utf8WithMark, Lang::Fr | Lang::En) => None,
            (Encoding::Windows1252, Lang::Fr) => Some(
                "Le fichier n’est pas en UTF-8\u{a0}: il a été lu en Windows-1252. Vérifiez les accents."
                    .to_owned(),
            ),
            (Encoding::Windows1252, Lang::En) => Some(
                "The file is not UTF-8: it was read as Windows-1252. Please check the accents.".to_owned(),
            ),
        }
    }
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    Comma,
    Semicolon,
}

impl Delimiter {
    const fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Semicolon => b';',
        }
    }
}

/// The columns that a kind of file may have.
pub(super) struct Columns {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    /// Other names of the same columns.
    pub(super) also: &'static [(&'static str, &'static str)],
}

impl Columns {
    /// The column that a heading names, in any case.
    fn find(&self, heading: &str) -> Option<&'static str> {
        let heading = heading.trim().to_lowercase();
        let other = self.also.iter().find(|(also, _)| *also == heading).map(|(_, name)| *name);
        other.or_else(|| self.all().find(|name| *name == heading))
    }

    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }
}

/// A file whose heading is understood.
pub(super) struct Table {
    encoding: Encoding,
    delimiter: Delimiter,
    /// Where each column stands.
    places: HashMap<&'static str, usize>,
    width: usize,
    /// The lines under the heading, each with the number of the line that it begins on.
    records: Vec<(u64, StringRecord)>,
}

impl Table {
    pub(super) fn read(bytes: &[u8], columns: &Columns) -> Result<Self, FileMistake> {
        if bytes.len() > MAX_BYTES {
            return Err(FileMistake::TooLarge);
        }
        let (encoding, text) = decode(bytes)?;
        let delimiter = delimiter(&text, columns);
        if let Some(line) = open_quote(&text, delimiter) {
            return Err(FileMistake::OpenQuote { line });
        }
        let mut records = records(&text, delimiter)?.into_iter();
        let (_, heading) = records.next().ok_or(FileMistake::Empty)?;
        let places = places(&heading, columns)?;
        Ok(Self { encoding, delimiter, places, width: heading.len(), records: records.collect() })
    }

    /// Reads each line. A line whose key was there before is wrong at `key_column`, and names the
    /// line that was first; lines without a key are not compared.
    pub(super) fn lines<T>(
        self,
        read: impl Fn(&mut Row<'_>) -> Option<T>,
        key_column: &'static str,
        key: impl Fn(&Row<'_>) -> Option<String>,
    ) -> Result<Sheet<T>, FileMistake> {
        let mut first: HashMap<String, u64> = HashMap::new();
        let mut lines = Vec::with_capacity(self.records.len());
        for (line, record) in &self.records {
            if let Some(found) = surplus(record, self.width) {
                let what = What::FieldCount { expected: self.width, found };
                lines.push(Err(WrongLine { line: *line, mistakes: vec![Mistake { column: None, what }] }));
                continue;
            }
            let mut row = Row::new(*line, record, &self.places);
            if let Some(key) = key(&row) {
                let before = *first.entry(key).or_insert(*line);
                if before != *line {
                    row.wrong(key_column, What::Twice { first: before });
                }
            }
            let value = read(&mut row);
            lines.push(row.finish(value));
        }
        Ok(Sheet { encoding: self.encoding, delimiter: self.delimiter, lines })
    }
}

/// The number of cells, when it is not that of the heading. Empty cells at the end do not count:
/// spreadsheets add them.
fn surplus(record: &StringRecord, width: usize) -> Option<usize> {
    let wrong = record.len() < width || record.iter().skip(width).any(|cell| !cell.trim().is_empty());
    wrong.then_some(record.len())
}

fn decode(bytes: &[u8]) -> Result<(Encoding, String), FileMistake> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(FileMistake::Utf16);
    }
    let (mark, rest) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (Encoding::Utf8WithMark, rest),
        None => (Encoding::Utf8, bytes),
    };
    let (encoding, text) = match std::str::from_utf8(rest) {
        Ok(text) => (mark, text.into()),
        Err(error) if mark == Encoding::Utf8WithMark || is_mostly_utf8(rest) => {
            let before = rest[..error.valid_up_to()].iter();
            let line = 1 + before.filter(|byte| **byte == b'\n').count() as u64;
            return Err(FileMistake::BrokenUtf8 { line });
        }
        Err(_) => (Encoding::Windows1252, encoding_rs::WINDOWS_1252.decode_without_bom_handling(rest).0),
    };
    Ok((encoding, text.replace("\r\n", "\n").replace('\r', "\n")))
}

/// Whether more letters are good UTF-8 beyond ASCII than are broken. In Windows-1252 hardly any
/// two letters that follow each other are.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    good > broken
}

/// The delimiter under which the heading has more of the columns that we know.
fn delimiter(text: &str, columns: &Columns) -> Delimiter {
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let known = |delimiter: char| {
        let names = heading.split(delimiter).map(|name| name.trim().trim_matches('"'));
        names.filter(|name| columns.find(name).is_some()).count()
    };
    let (commas, semicolons) = (known(','), known(';'));
    let more_semicolons = heading.matches(';').count() > heading.matches(',').count();
    if semicolons > commas || (semicolons == commas && more_semicolons) {
        Delimiter::Semicolon
    } else {
        Delimiter::Comma
    }
}

/// All records that hold something.
fn records(text: &str, delimiter: Delimiter) -> Result<Vec<(u64, StringRecord)>, FileMistake> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.byte())
        .from_reader(text.as_bytes());
    let mut lines = LineNumbers { text, at: 0, line: 1 };
    let mut records = Vec::new();
    let mut record = StringRecord::new();
    loop {
        let start = reader.position().byte();
        // Reading text from memory fails in no way that a file could cause; were it to, the file is no table.
        if !reader.read_record(&mut record).map_err(|_| FileMistake::Empty)? {
            return Ok(records);
        }
        let line = lines.of_record(usize::try_from(start).unwrap_or(usize::MAX));
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            records.push((line, record.clone()));
        }
        if records.len() > MAX_LINES + 1 {
            return Err(FileMistake::TooManyLines);
        }
    }
}

/// Counts the lines up to a place that only moves on. The reader's own count is that of the place
/// where it stopped before, which may be empty lines earlier.
struct LineNumbers<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl LineNumbers<'_> {
    fn of_record(&mut self, start: usize) -> u64 {
        let bytes = self.text.as_bytes();
        let blank = bytes[start.min(bytes.len())..].iter().take_while(|byte| **byte == b'\n').count();
        let start = (start + blank).min(bytes.len());
        let passed = bytes[self.at..start].iter().filter(|byte| **byte == b'\n').count();
        self.at = start;
        self.line += u64::try_from(passed).unwrap_or(0);
        self.line
    }
}

/// The line of a quote that nothing closes: it would swallow the rest of the file as one cell.
fn open_quote(text: &str, delimiter: Delimiter) -> Option<u64> {
    let (mut line, mut opened, mut at_start) = (1, None, true);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, opened) {
            ('"', Some(_)) if characters.peek() == Some(&'"') => {
                characters.next();
            }
            ('"', Some(_)) => opened = None,
            ('"', None) if at_start => opened = Some(line),
            _ => {}
        }
        line += u64::from(c == '\n');
        at_start = c == '\n' || c == char::from(delimiter.byte());
    }
    opened
}

fn places(heading: &StringRecord, columns: &Columns) -> Result<HashMap<&'static str, usize>, FileMistake> {
    let mut places = HashMap::new();
    let mut unknown = Vec::new();
    for (at, name) in heading.iter().enumerate() {
        match columns.find(name) {
            Some(column) if places.insert(column, at).is_some() => {
                return Err(FileMistake::ColumnTwice(column));
            }
            Some(_) => {}
            None => unknown.push(name.trim().to_owned()),
        }
    }
    if !unknown.is_empty() {
        return Err(FileMistake::UnknownColumns { unknown, known: columns.all().collect() });
    }
    let missing: Vec<_> =
        columns.required.iter().copied().filter(|name| !places.contains_key(name)).collect();
    if missing.is_empty() { Ok(places) } else { Err(FileMistake::MissingColumns(missing)) }
}
