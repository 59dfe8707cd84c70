//! One sentence for each refusal of the domain: what happened, and what to do next.
//!
//! Pages and JSON problems say the same. Every match is complete, so that a new refusal asks for
//! its words here.

mod faults;
pub mod imports;

pub use faults::{
    dkim_error, hindrance, io_error, keys_error, mailbox_error, relay_error, send_error, text_flaw,
};

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use i18n_embed_fl::fl;
use mensuel_domain::{
    event::{EditRefused, Field, StageRefused},
    format::{Flaw, Wrong},
    lang::Lang,
    rsvp::Refusal,
    series::{KeptBecause, MonthError, PlanRefused, SeriesRefused, WarningKind},
    text::TextError,
    time::{Gap, SpanError},
};
use mensuel_infra::say;

use crate::i18n::words;

/// Why an answer was not recorded. Hours are said in the evening's zone.
pub fn refusal(refusal: &Refusal, zone: Tz, lang: Lang) -> String {
    let w = words(lang);
    match *refusal {
        Refusal::NotYetOpen(opens) => fl!(w, "refused-not-open", when = instant(opens, zone, lang)),
        Refusal::Late => fl!(w, "refused-late"),
        Refusal::Ended => fl!(w, "refused-ended"),
        Refusal::Cancelled => fl!(w, "refused-cancelled"),
        Refusal::NotPublished => fl!(w, "refused-not-published"),
        Refusal::TooManyGuests { max } => fl!(w, "refused-guests", max = max),
        Refusal::LargerThanRoom { capacity } => fl!(w, "refused-room", capacity = capacity),
        Refusal::GuestsLeft { left } => fl!(w, "refused-guests-left", left = left),
        Refusal::TooManyNames => fl!(w, "refused-names"),
    }
}

/// Why an evening was not changed. Flaws come one after the other; [`flaw`] says each by itself.
pub fn edit_refused(refused: &EditRefused, lang: Lang) -> String {
    let w = words(lang);
    match refused {
        EditRefused::Cancelled => fl!(w, "edit-cancelled"),
        EditRefused::IntoThePast => fl!(w, "edit-past"),
        EditRefused::Over => fl!(w, "edit-over"),
        EditRefused::StageIsFinal => fl!(w, "edit-stage"),
        EditRefused::Flaws(flaws) => all(flaws, lang),
        EditRefused::DeadlineAfterEnd => fl!(w, "edit-deadline"),
        EditRefused::OpensAfterDeadline => fl!(w, "edit-opens"),
    }
}

/// Why an evening was not published or cancelled.
pub fn stage_refused(refused: &StageRefused, lang: Lang) -> String {
    let w = words(lang);
    match refused {
        StageRefused::Incomplete(flaws) => all(flaws, lang),
        StageRefused::InThePast => fl!(w, "stage-past"),
        StageRefused::Cancelled => fl!(w, "stage-cancelled"),
        StageRefused::NotPublished => fl!(w, "stage-not-published"),
        StageRefused::Closed => fl!(w, "stage-closed"),
    }
}

fn all(flaws: &[Flaw], lang: Lang) -> String {
    flaws.iter().map(|it| flaw(it, lang)).collect::<Vec<_>>().join(" ")
}

/// What is wrong with a field, with the name of the field in front.
pub fn flaw(flaw: &Flaw, lang: Lang) -> String {
    let (w, name) = (words(lang), field(flaw.field, lang));
    match flaw.what {
        Wrong::Missing => fl!(w, "flaw-missing", field = name),
        Wrong::NotOfFormat(format) => {
            fl!(w, "flaw-not-of-format", field = name, format = say::format(lang, format))
        }
        Wrong::NoFormat => fl!(w, "flaw-no-format", field = name),
        Wrong::Twice => fl!(w, "flaw-twice", field = name),
        Wrong::OnOwnPanel => fl!(w, "flaw-own-panel", field = name),
        Wrong::Nobody => fl!(w, "flaw-nobody", field = name),
        Wrong::MoreThanSeats(seats) => fl!(w, "flaw-seats", field = name, seats = seats),
        Wrong::Zero => fl!(w, "flaw-zero", field = name),
        Wrong::Past => fl!(w, "flaw-past", field = name),
    }
}

/// Why a series makes no sense.
pub fn series_refused(refused: &SeriesRefused, lang: Lang) -> String {
    let w = words(lang);
    match refused {
        SeriesRefused::UntilBeforeFrom => fl!(w, "series-until"),
        SeriesRefused::Duration => fl!(w, "series-duration"),
        SeriesRefused::FarMove(month) => {
            fl!(w, "series-far-move", month = say::month_of_year(lang, month.first_day()))
        }
    }
}

/// Why a change of a series was not made.
pub fn plan_refused(refused: &PlanRefused, lang: Lang) -> String {
    let w = words(lang);
    match refused {
        PlanRefused::Published { event: _, month: _, title, date } => {
            let date = say::day_long(lang, *date);
            match title {
                Some(title) => fl!(w, "plan-published-titled", date = date, title = title.as_str()),
                None => fl!(w, "plan-published", date = date),
            }
        }
    }
}

/// Why a change of its series left an evening as it was: ends a line of the list.
pub fn kept(because: &KeptBecause, lang: Lang) -> String {
    let w = words(lang);
    match because {
        KeptBecause::PlacedByHand => fl!(w, "kept-by-hand"),
        KeptBecause::Published => fl!(w, "kept-published"),
        KeptBecause::WouldBePast => fl!(w, "kept-past"),
    }
}

/// What to know of a date that a series holds or does not hold: ends a line of the list.
pub fn warning(kind: &WarningKind, lang: Lang) -> String {
    let w = words(lang);
    match kind {
        &WarningKind::Holiday(name) => fl!(w, "warning-holiday", name = name),
        WarningKind::Gap => fl!(w, "warning-gap"),
        WarningKind::DefaultNotApplied(it) => fl!(w, "warning-default", field = field(*it, lang)),
    }
}

/// Why a text was not taken.
pub fn text_error(error: &TextError, lang: Lang) -> String {
    let w = words(lang);
    match error {
        TextError::Empty => fl!(w, "text-empty"),
        &TextError::TooLong(max) => fl!(w, "text-long", max = max),
        TextError::Control => fl!(w, "text-control"),
        TextError::NotAnEmail => fl!(w, "text-email"),
        TextError::NotAWebAddress => fl!(w, "text-web"),
    }
}

/// Why a start and an end make no evening.
pub fn span_error(error: &SpanError, lang: Lang) -> String {
    let w = words(lang);
    match error {
        SpanError::Gap(it) => gap(it, lang),
        SpanError::EndsBeforeStart => fl!(w, "span-ends"),
        SpanError::TooLong => fl!(w, "span-long"),
    }
}

/// A wall time that the clocks jump over.
pub fn gap(gap: &Gap, lang: Lang) -> String {
    let (date, hour) = (say::day_long(lang, gap.wall.date()), say::hour(lang, gap.wall.time()));
    fl!(words(lang), "span-gap", date = date, hour = hour)
}

/// Not a month.
pub fn month_error(_: &MonthError, lang: Lang) -> String {
    fl!(words(lang), "month-wrong")
}

/// A day and hour: "jeudi 14 janvier 2027, 9 h".
pub fn moment(wall: NaiveDateTime, lang: Lang) -> String {
    format!("{}, {}", say::day_long(lang, wall.date()), say::hour(lang, wall.time()))
}

fn instant(at: DateTime<Utc>, zone: Tz, lang: Lang) -> String {
    moment(at.with_timezone(&zone).naive_local(), lang)
}

/// The name of a field for people.
pub fn field(field: Field, lang: Lang) -> String {
    let w = words(lang);
    match field {
        Field::Stage => fl!(w, "field-stage"),
        Field::Format => fl!(w, "field-format"),
        Field::Title => fl!(w, "field-title"),
        Field::Summary => fl!(w, "field-summary"),
        Field::Language => fl!(w, "field-language"),
        Field::StartsAt => fl!(w, "field-starts-at"),
        Field::EndsAt => fl!(w, "field-ends-at"),
        Field::VenueId => fl!(w, "field-venue-id"),
        Field::OnlineUrl => fl!(w, "field-online-url"),
        Field::Capacity => fl!(w, "field-capacity"),
        Field::MaxGuests => fl!(w, "field-max-guests"),
        Field::OpensAt => fl!(w, "field-opens-at"),
        Field::Deadline => fl!(w, "field-deadline"),
        Field::MembersOnly => fl!(w, "field-members-only"),
        Field::AddressFor => fl!(w, "field-address-for"),
        Field::Moderator => fl!(w, "field-moderator"),
        Field::Panel => fl!(w, "field-panel"),
        Field::Facilitator => fl!(w, "field-facilitator"),
        Field::Speakers => fl!(w, "field-speakers"),
        Field::Scribe => fl!(w, "field-scribe"),
        Field::Context => fl!(w, "field-context"),
        Field::Confidentiality => fl!(w, "field-confidentiality"),
        Field::Prerequisites => fl!(w, "field-prerequisites"),
        Field::Bring => fl!(w, "field-bring"),
        Field::Case => fl!(w, "field-case"),
        Field::Subjects => fl!(w, "field-subjects"),
        Field::TimeBoxMinutes => fl!(w, "field-time-box-minutes"),
        Field::Questions => fl!(w, "field-questions"),
        Field::Tables => fl!(w, "field-tables"),
        Field::SeatsPerTable => fl!(w, "field-seats-per-table"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_happened_and_what_to_do() {
        let opens = "2027-01-02T08:00:00Z".parse().unwrap();
        let said = refusal(&Refusal::NotYetOpen(opens), Tz::Europe__Paris, Lang::Fr).replace('\u{a0}', " ");
        assert_eq!(
            said,
            "Les réponses ouvrent le samedi 2 janvier 2027, 9 h. Revenez alors avec le même lien."
        );
        let said = refusal(&Refusal::GuestsLeft { left: 2 }, Tz::Europe__Paris, Lang::En);
        assert_eq!(said, "Seats are left for 2 guests only. Give a smaller number.");
    }

    #[test]
    fn flaws_name_their_field() {
        let flaws = vec![
            Flaw { field: Field::Speakers, what: Wrong::Missing },
            Flaw { field: Field::Capacity, what: Wrong::MoreThanSeats(32) },
        ];
        let said = edit_refused(&EditRefused::Flaws(flaws), Lang::En);
        assert!(
            said.starts_with("Speakers: to be filled in before publication. Number of places: 32"),
            "{said}"
        );
    }

    #[test]
    fn every_field_has_a_name_of_its_own() {
        for lang in Lang::ALL {
            let mut names: Vec<String> = Field::ALL.iter().map(|it| field(*it, lang)).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), Field::ALL.len());
        }
    }
}
