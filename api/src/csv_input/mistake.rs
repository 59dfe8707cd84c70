//! What can be wrong with a file or a line of it, and how that is said.

use mensuel_domain::{lang::Lang, text::TextError, time::SpanError};

use super::{MAX_BYTES, MAX_LINES};

/// Why nothing of a file can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileMistake {
    Empty,
    TooLarge,
    TooManyLines,
    /// "Unicode text" of a spreadsheet.
    Utf16,
    /// UTF-8 by all its other letters, but not on this line.
    BrokenUtf8 {
        line: u64,
    },
    /// A quote that nothing closes, on this line.
    OpenQuote {
        line: u64,
    },
    UnknownColumns {
        unknown: Vec<String>,
        known: Vec<&'static str>,
    },
    MissingColumns(Vec<&'static str>),
    ColumnTwice(&'static str),
}

/// A line of the file and everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// The line of the file that it begins on; the heading is line 1.
    pub line: u64,
    pub mistakes: Vec<Mistake>,
}

/// One thing that is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The column by its own name; `None` when it is the line as a whole.
    pub column: Option<&'static str>,
    pub what: What,
}

/// What is wrong. Values are cut short, so that a report stays readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Missing,
    Text(TextError),
    NotOneOf {
        value: String,
        known: Vec<&'static str>,
    },
    NotADate(String),
    NotATime(String),
    NotAZone(String),
    NotACount {
        value: String,
        most: u32,
    },
    Span(SpanError),
    /// The same stands on this line already.
    Twice {
        first: u64,
    },
    FieldCount {
        expected: usize,
        found: usize,
    },
}

impl What {
    pub(super) fn not_one_of(value: &str, known: &[&'static str]) -> Self {
        What::NotOneOf { value: short(value), known: known.to_vec() }
    }

    pub(super) fn not_a_date(value: &str) -> Self {
        What::NotADate(short(value))
    }

    pub(super) fn not_a_time(value: &str) -> Self {
        What::NotATime(short(value))
    }

    pub(super) fn not_a_zone(value: &str) -> Self {
        What::NotAZone(short(value))
    }

    pub(super) fn not_a_count(value: &str, most: u32) -> Self {
        What::NotACount { value: short(value), most }
    }

    fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::Fr => self.in_french(),
            Lang::En => self.in_english(),
        }
    }

    fn in_french(&self) -> String {
        match self {
            What::Missing => "il faut une valeur".to_owned(),
            What::Text(wrong) => text_in_french(*wrong),
            What::NotOneOf { value, known } => {
                format!(
                    "«\u{a0}{value}\u{a0}» n’est pas connu. Valeurs possibles\u{a0}: {}",
                    known.join(", ")
                )
            }
            What::NotADate(value) => {
                format!(
                    "«\u{a0}{value}\u{a0}» n’est pas une date. Écrivez l’année, le mois et le jour, comme 2027-01-14"
                )
            }
            What::NotATime(value) => {
                format!("«\u{a0}{value}\u{a0}» n’est pas une heure. Écrivez par exemple 19:00")
            }
            What::NotAZone(value) => {
                format!("«\u{a0}{value}\u{a0}» n’est pas un fuseau horaire. Écrivez par exemple Europe/Paris")
            }
            What::NotACount { value, most } => {
                format!("«\u{a0}{value}\u{a0}» n’est pas un nombre entier entre 1 et {most}")
            }
            What::Span(wrong) => span_in_french(*wrong),
            What::Twice { first } => format!("se trouve déjà à la ligne {first}"),
            What::FieldCount { expected, found } => {
                format!("la ligne a {found} valeurs et l’en-tête {expected} colonnes")
            }
        }
    }

    fn in_english(&self) -> String {
        match self {
            What::Missing => "a value is needed".to_owned(),
            What::Text(wrong) => wrong.to_string(),
            What::NotOneOf { value, known } => {
                format!("“{value}” is not known. Possible values: {}", known.join(", "))
            }
            What::NotADate(value) => {
                format!("“{value}” is not a date. Write year, month and day, such as 2027-01-14")
            }
            What::NotATime(value) => format!("“{value}” is not a time of day. Write for example 19:00"),
            What::NotAZone(value) => format!("“{value}” is not a time zone. Write for example Europe/Paris"),
            What::NotACount { value, most } => format!("“{value}” is not a whole number from 1 to {most}"),
            What::Span(wrong) => wrong.to_string(),
            What::Twice { first } => format!("stands on line {first} already"),
            What::FieldCount { expected, found } => {
                format!("the line has {found} values and the heading {expected} columns")
            }
        }
    }
}

impl Mistake {
    /// "column “email”: is not an email address".
    pub fn sentence(&self, lang: Lang) -> String {
        let what = self.what.sentence(lang);
        match (self.column, lang) {
            (Some(column), Lang::Fr) => format!("colonne «\u{a0}{column}\u{a0}»\u{a0}: {what}"),
            (Some(column), Lang::En) => format!("column “{column}”: {what}"),
            (None, Lang::Fr | Lang::En) => what,
        }
    }
}

impl WrongLine {
    /// The line with all its mistakes.
    pub fn sentence(&self, lang: Lang) -> String {
        let mistakes: Vec<String> = self.mistakes.iter().map(|mistake| mistake.sentence(lang)).collect();
        match lang {
            Lang::Fr => format!("Ligne {}\u{a0}: {}.", self.line, mistakes.join("\u{a0}; ")),
            Lang::En => format!("Line {}: {}.", self.line, mistakes.join("; ")),
        }
    }
}

impl FileMistake {
    pub fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::Fr => self.in_french(),
            Lang::En => self.in_english(),
        }
    }

    fn in_french(&self) -> String {
        match self {
            FileMistake::Empty => "Le fichier est vide\u{a0}: il faut une ligne d’en-tête.".to_owned(),
            FileMistake::TooLarge => {
                format!("Le fichier dépasse {} Mo. Partagez-le en plusieurs.", MAX_BYTES / 1_000_000)
            }
            FileMistake::TooManyLines => {
                format!("Le fichier dépasse {MAX_LINES} lignes. Partagez-le en plusieurs.")
            }
            FileMistake::Utf16 => {
                "Le fichier est en UTF-16. Enregistrez-le dans le tableur en «\u{a0}CSV UTF-8\u{a0}»."
                    .to_owned()
            }
            FileMistake::BrokenUtf8 { line } => {
                format!(
                    "La ligne {line} contient un caractère abîmé\u{a0}: le fichier est en UTF-8, mais pas cette ligne."
                )
            }
            FileMistake::OpenQuote { line } => {
                format!("Le guillemet ouvert à la ligne {line} n’est jamais fermé.")
            }
            FileMistake::UnknownColumns { unknown, known } => format!(
                "Colonnes inconnues\u{a0}: {}. Colonnes possibles\u{a0}: {}.",
                quoted(unknown, "«\u{a0}", "\u{a0}»"),
                known.join(", ")
            ),
            FileMistake::MissingColumns(names) => {
                format!("Il manque les colonnes\u{a0}: {}.", names.join(", "))
            }
            FileMistake::ColumnTwice(name) => format!("La colonne «\u{a0}{name}\u{a0}» figure deux fois."),
        }
    }

    fn in_english(&self) -> String {
        match self {
            FileMistake::Empty => "The file is empty: it needs a heading line.".to_owned(),
            FileMistake::TooLarge => {
                format!("The file is larger than {} MB. Split it.", MAX_BYTES / 1_000_000)
            }
            FileMistake::TooManyLines => format!("The file has more than {MAX_LINES} lines. Split it."),
            FileMistake::Utf16 => {
                "The file is in UTF-16. Save it from the spreadsheet as “CSV UTF-8”.".to_owned()
            }
            FileMistake::BrokenUtf8 { line } => {
                format!("Line {line} holds a damaged character: the file is UTF-8, but not this line.")
            }
            FileMistake::OpenQuote { line } => format!("The quote opened on line {line} is never closed."),
            FileMistake::UnknownColumns { unknown, known } => {
                format!(
                    "Unknown columns: {}. Possible columns: {}.",
                    quoted(unknown, "“", "”"),
                    known.join(", ")
                )
            }
            FileMistake::MissingColumns(names) => format!("These columns are missing: {}.", names.join(", ")),
            FileMistake::ColumnTwice(name) => format!("The column “{name}” is there twice."),
        }
    }
}

fn text_in_french(wrong: TextError) -> String {
    match wrong {
        TextError::Empty => "il faut une valeur".to_owned(),
        TextError::TooLong(most) => format!("dépasse {most} caractères"),
        TextError::Control => "contient un caractère de contrôle".to_owned(),
        TextError::NotAnEmail => "n’est pas une adresse électronique".to_owned(),
        TextError::NotAWebAddress => {
            "n’est pas une adresse web qui commence par https:// ou http://".to_owned()
        }
    }
}

fn span_in_french(wrong: SpanError) -> String {
    match wrong {
        SpanError::Gap(gap) => {
            format!(
                "{} n’existe pas ({})\u{a0}: les horloges avancent à ce moment",
                gap.wall.format("%Y-%m-%d %H:%M"),
                gap.zone
            )
        }
        SpanError::EndsBeforeStart => "la fin doit venir après le début".to_owned(),
        SpanError::TooLong => "une soirée dure au plus une journée".to_owned(),
    }
}

fn quoted(names: &[String], open: &str, close: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{open}{}{close}", short(name))).collect();
    names.join(", ")
}

fn short(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String =
        value.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().count() > LONGEST {
        text.push('…');
    }
    text
}
