//! The part of the table that use cases refuse with.

use i18n_embed_fl::fl;
use mensuel_domain::{
    event::{EditRefused, StageRefused},
    format::Flaw,
    lang::Lang,
    rsvp::Refusal,
    series::SeriesRefused,
    time::{Edge, SpanError, WhenRefused},
};

use super::{Kind, Mistake, Said, Wrong};
use crate::{
    i18n::words,
    use_cases::{Refused, UnknownThing},
    words as sentences,
};

pub(super) fn said(refused: &Refused, lang: Lang) -> Said {
    let w = words(lang);
    let conflict = |detail| Said::of(Kind::Conflict, detail);
    let invalid = |pointer: &str, wrong| Said::invalid(&[Mistake::new(pointer, wrong)], lang);
    match refused {
        Refused::Missing => Said::of(Kind::NotFound, fl!(w, "problem-not-found-detail")),
        Refused::Gone => Said::of(Kind::Revoked, fl!(w, "problem-revoked-detail")),
        Refused::Stale => Said::of(Kind::Stale, fl!(w, "problem-stale-detail")),
        Refused::KeyInUse => conflict(fl!(w, "problem-key-in-use")),
        Refused::Rsvp { refusal, zone } => rsvp(refusal, sentences::refusal(refusal, *zone, lang)),
        Refused::When(refused) => when(refused, lang),
        Refused::Edit(refused) => edit(refused, lang),
        Refused::Stage(StageRefused::Incomplete(flaws)) => flawed(flaws, lang),
        Refused::Stage(
            refused @ (StageRefused::InThePast
            | StageRefused::Cancelled
            | StageRefused::NotPublished
            | StageRefused::Closed),
        ) => conflict(sentences::stage_refused(refused, lang)),
        Refused::Series(refused) => {
            let pointer = match refused {
                SeriesRefused::UntilBeforeFrom => "/until".to_owned(),
                SeriesRefused::Duration => "/rule/duration".to_owned(),
                SeriesRefused::FarMove(month) => format!("/moves/{month}"),
            };
            invalid(&pointer, Wrong::Sentence(sentences::series_refused(refused, lang)))
        }
        Refused::Plan(refused) => conflict(sentences::plan_refused(refused, lang)),
        Refused::Unknown { pointer, what } => invalid(pointer, unknown(*what)),
        Refused::UnknownIn { field, what } => invalid(&format!("/{}", field.name()), unknown(*what)),
        Refused::EmailTaken { pointer } => {
            let detail = fl!(w, "problem-email-taken");
            let mistake = Mistake::new(pointer.clone(), Wrong::Sentence(detail.clone()));
            Said { errors: vec![mistake.said(lang)], ..conflict(detail) }
        }
        Refused::VenueTaken => conflict(fl!(w, "problem-venue-taken")),
        Refused::AlreadyPublished => conflict(fl!(w, "problem-already-published")),
        Refused::NotAMember => conflict(fl!(w, "problem-not-a-member")),
        Refused::WaveDates { pointer } => invalid(pointer, Wrong::WaveDates),
        Refused::FollowersAsked => conflict(fl!(w, "problem-followers-asked")),
        Refused::NotHeld => conflict(fl!(w, "problem-not-held")),
        Refused::AnsweredSince => conflict(fl!(w, "problem-answered-since")),
        Refused::NotRetriable => conflict(fl!(w, "problem-not-retriable")),
        Refused::LastOrganizer => conflict(fl!(w, "problem-last-organizer")),
        Refused::DiffersFromPublished => conflict(fl!(w, "problem-differs")),
        Refused::NotAnOrganizer => invalid("/scopes", Wrong::NotAnOrganizer),
        Refused::SplitOutside => invalid("/from", Wrong::SplitOutside),
    }
}

fn unknown(what: UnknownThing) -> Wrong {
    match what {
        UnknownThing::Member => Wrong::NoMember,
        UnknownThing::Venue => Wrong::NoVenue,
        UnknownThing::Series => Wrong::NoSeries,
    }
}

fn rsvp(refusal: &Refusal, sentence: String) -> Said {
    let at = |pointer: &str| Said {
        errors: vec![super::SaidMistake { pointer: pointer.to_owned(), detail: sentence.clone() }],
        ..Said::of(Kind::Invalid, sentence.clone())
    };
    match refusal {
        Refusal::TooManyGuests { .. } | Refusal::LargerThanRoom { .. } => at("/guests"),
        Refusal::TooManyNames => at("/guest_names"),
        Refusal::NotYetOpen(_)
        | Refusal::Late
        | Refusal::Ended
        | Refusal::Cancelled
        | Refusal::NotPublished
        | Refusal::GuestsLeft { .. } => Said::of(Kind::Conflict, sentence),
    }
}

fn when(refused: &WhenRefused, lang: Lang) -> Said {
    let (pointer, wrong) = match *refused {
        WhenRefused::NoStart => ("/starts_at", Wrong::Missing),
        WhenRefused::NoZone => ("/time_zone", Wrong::NoZone),
        WhenRefused::Offset { of: Edge::Start, zone } => ("/starts_at", Wrong::Offset(zone)),
        WhenRefused::Offset { of: Edge::End, zone } => ("/ends_at", Wrong::Offset(zone)),
        WhenRefused::Span(error @ SpanError::Gap(_)) => {
            ("/starts_at", Wrong::Sentence(sentences::span_error(&error, lang)))
        }
        WhenRefused::Span(error @ (SpanError::EndsBeforeStart | SpanError::TooLong)) => {
            ("/ends_at", Wrong::Sentence(sentences::span_error(&error, lang)))
        }
        WhenRefused::EndAndLength => ("/duration", Wrong::EndAndLength),
    };
    Said::invalid(&[Mistake::new(pointer, wrong)], lang)
}

fn edit(refused: &EditRefused, lang: Lang) -> Said {
    let sentence = || sentences::edit_refused(refused, lang);
    let at = |pointer: &str| Said::invalid(&[Mistake::new(pointer, Wrong::Sentence(sentence()))], lang);
    match refused {
        EditRefused::Cancelled | EditRefused::Over | EditRefused::StageIsFinal => {
            Said::of(Kind::Conflict, sentence())
        }
        EditRefused::IntoThePast => at("/starts_at"),
        EditRefused::DeadlineAfterEnd => at("/deadline"),
        EditRefused::OpensAfterDeadline => at("/opens_at"),
        EditRefused::Flaws(flaws) => flawed(flaws, lang),
    }
}

fn flawed(flaws: &[Flaw], lang: Lang) -> Said {
    let mistakes: Vec<Mistake> = flaws.iter().map(|flaw| Mistake::of_flaw(*flaw)).collect();
    Said::invalid(&mistakes, lang)
}
