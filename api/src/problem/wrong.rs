//! One wrong field, parameter or header, and the sentence that says what it should be.

use chrono_tz::Tz;
use i18n_embed_fl::fl;
use mensuel_domain::{format::Flaw, lang::Lang, text::TextError};

use super::SaidMistake;
use crate::{i18n::words, words as sentences};

/// Where something is wrong, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// RFC 6901; a parameter or header is named as `/name`.
    pub pointer: String,
    pub wrong: Wrong,
}

impl Mistake {
    pub fn new(pointer: impl Into<String>, wrong: Wrong) -> Self {
        Self { pointer: pointer.into(), wrong }
    }

    pub fn of_flaw(flaw: Flaw) -> Self {
        Self::new(format!("/{}", flaw.field.name()), Wrong::Flaw(flaw))
    }

    pub fn said(&self, lang: Lang) -> SaidMistake {
        SaidMistake { pointer: self.pointer.clone(), detail: self.wrong.said(lang) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    UnknownField,
    UnknownParameter,
    Missing,
    Null,
    Twice,
    NotText,
    NotBoolean,
    NotList,
    NotObject,
    /// Not a whole number in this range.
    Number {
        min: u64,
        max: u64,
    },
    TooMany(usize),
    TooFew,
    OneOf(Vec<&'static str>),
    Text(TextError),
    Date,
    Month,
    MonthOrDate,
    Moment,
    Zone,
    NoZone,
    Offset(Tz),
    Duration,
    EndAndLength,
    Clock,
    Id,
    Cursor,
    Skip,
    Person,
    Follows,
    Key,
    KeyReused,
    KeyRefused,
    NoMember,
    NoVenue,
    NoSeries,
    VenueTwice,
    AddressAlone,
    SpanOfDays,
    TenYears,
    WaveDates,
    WaveDatesTwice,
    PlanAlone,
    UndoAlone,
    OnlyNull,
    SplitOutside,
    NotAnOrganizer,
    OneAddress,
    Primary,
    PrimaryUnverified,
    SameAddress,
    OneScope,
    Flaw(Flaw),
    /// Said by the domain, in the reader's language.
    Sentence(String),
}

impl From<TextError> for Wrong {
    fn from(error: TextError) -> Self {
        Wrong::Text(error)
    }
}

impl Wrong {
    pub fn said(&self, lang: Lang) -> String {
        let w = words(lang);
        match self {
            Wrong::UnknownField => fl!(w, "wrong-unknown-field"),
            Wrong::UnknownParameter => fl!(w, "wrong-unknown-parameter"),
            Wrong::Missing => fl!(w, "wrong-missing"),
            Wrong::Null => fl!(w, "wrong-null"),
            Wrong::Twice => fl!(w, "wrong-twice"),
            Wrong::NotText => fl!(w, "wrong-text"),
            Wrong::NotBoolean => fl!(w, "wrong-boolean"),
            Wrong::NotList => fl!(w, "wrong-list"),
            Wrong::NotObject => fl!(w, "wrong-object"),
            &Wrong::Number { min, max } => fl!(w, "wrong-number", min = min, max = max),
            &Wrong::TooMany(max) => fl!(w, "wrong-too-many", max = max),
            Wrong::TooFew => fl!(w, "wrong-too-few"),
            Wrong::OneOf(values) => fl!(w, "wrong-one-of", values = values.join(", ")),
            Wrong::Text(error) => sentences::text_error(error, lang),
            Wrong::Date => fl!(w, "wrong-date"),
            Wrong::Month => fl!(w, "wrong-month"),
            Wrong::MonthOrDate => fl!(w, "wrong-month-or-date"),
            Wrong::Moment => fl!(w, "wrong-moment"),
            Wrong::Zone => fl!(w, "wrong-zone"),
            Wrong::NoZone => fl!(w, "wrong-no-zone"),
            Wrong::Offset(zone) => fl!(w, "wrong-offset", zone = zone.name()),
            Wrong::Duration => fl!(w, "wrong-duration"),
            Wrong::EndAndLength => fl!(w, "wrong-end-and-length"),
            Wrong::Clock => fl!(w, "wrong-clock"),
            Wrong::Id => fl!(w, "wrong-id"),
            Wrong::Cursor => fl!(w, "wrong-cursor"),
            Wrong::Skip => fl!(w, "wrong-skip"),
            Wrong::Person => fl!(w, "wrong-person"),
            Wrong::Follows => fl!(w, "wrong-follows"),
            Wrong::Key => fl!(w, "wrong-key"),
            Wrong::KeyReused => fl!(w, "wrong-key-reused"),
            Wrong::KeyRefused => fl!(w, "wrong-key-refused"),
            Wrong::NoMember => fl!(w, "wrong-no-member"),
            Wrong::NoVenue => fl!(w, "wrong-no-venue"),
            Wrong::NoSeries => fl!(w, "wrong-no-series"),
            Wrong::VenueTwice => fl!(w, "wrong-venue-twice"),
            Wrong::AddressAlone => fl!(w, "wrong-address-alone"),
            Wrong::SpanOfDays => fl!(w, "wrong-span-of-days"),
            Wrong::TenYears => fl!(w, "wrong-ten-years"),
            Wrong::WaveDates => fl!(w, "wrong-wave-dates"),
            Wrong::WaveDatesTwice => fl!(w, "wrong-wave-dates-twice"),
            Wrong::PlanAlone => fl!(w, "wrong-plan-alone"),
            Wrong::UndoAlone => fl!(w, "wrong-undo-alone"),
            Wrong::OnlyNull => fl!(w, "wrong-only-null"),
            Wrong::SplitOutside => fl!(w, "wrong-split"),
            Wrong::NotAnOrganizer => fl!(w, "wrong-not-organizer"),
            Wrong::OneAddress => fl!(w, "wrong-one-address"),
            Wrong::Primary => fl!(w, "wrong-primary"),
            Wrong::PrimaryUnverified => fl!(w, "wrong-primary-unverified"),
            Wrong::SameAddress => fl!(w, "wrong-same-address"),
            Wrong::OneScope => fl!(w, "wrong-one-scope"),
            Wrong::Flaw(flaw) => sentences::flaw(flaw, lang),
            Wrong::Sentence(sentence) => sentence.clone(),
        }
    }
}
