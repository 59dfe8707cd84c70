//! What is wrong with a line of an imported file.

use mensuel_domain::lang::Lang;

use crate::use_cases::{Refused, imports::Wrong};

/// What is wrong and what to do, in one sentence or two, without the number of the line.
pub fn sentence(wrong: &Wrong, lang: Lang) -> String {
    match (wrong, lang) {
        (Wrong::Cells(cells), _) => {
            let all: Vec<String> = cells.mistakes.iter().map(|mistake| mistake.sentence(lang)).collect();
            format!("{}.", all.join(if lang == Lang::Fr { "\u{a0}; " } else { "; " }))
        }
        (Wrong::NoMember { column, address }, Lang::Fr) => format!(
            "colonne «\u{a0}{column}\u{a0}»\u{a0}: {address} n’est l’adresse d’aucun membre. Ajoutez ce membre, ou écrivez «\u{a0}Nom <adresse>\u{a0}» pour un invité."
        ),
        (Wrong::NoMember { column, address }, Lang::En) => format!(
            "column “{column}”: {address} is no member's address. Add the member, or write “Name <address>” for a guest."
        ),
        (Wrong::Published, Lang::Fr) => {
            "la soirée de ce jour est publiée et dit autre chose. Changez-la à la main, ou corrigez la ligne.".to_owned()
        }
        (Wrong::Published, Lang::En) => {
            "the evening of that day is published and says something else. Change it by hand, or correct the line.".to_owned()
        }
        (Wrong::Cancelled, Lang::Fr) => {
            "la soirée de ce jour est annulée, et la ligne dit autre chose. Retirez la ligne.".to_owned()
        }
        (Wrong::Cancelled, Lang::En) => {
            "the evening of that day is cancelled, and the line says something else. Remove the line.".to_owned()
        }
        (Wrong::Refused(refused), _) => refused_sentence(refused, lang),
    }
}

fn refused_sentence(refused: &Refused, lang: Lang) -> String {
    let said = |fr: &str, en: &str| match lang {
        Lang::Fr => fr.to_owned(),
        Lang::En => en.to_owned(),
    };
    match refused {
        Refused::Edit(refused) => super::edit_refused(refused, lang),
        Refused::Stage(refused) => super::stage_refused(refused, lang),
        Refused::EmailTaken { .. } => {
            said("cette adresse est celle d’un autre membre.", "this address is another member's.")
        }
        Refused::LastOrganizer => said(
            "c’est le dernier organisateur\u{a0}: ajoutez-en un autre d’abord.",
            "this is the last organizer: add another one first.",
        ),
        Refused::VenueTaken => said("ce lieu existe déjà.", "this venue exists already."),
        Refused::Missing
        | Refused::Gone
        | Refused::Stale
        | Refused::KeyInUse
        | Refused::Rsvp { .. }
        | Refused::When(_)
        | Refused::Series(_)
        | Refused::Plan(_)
        | Refused::Unknown { .. }
        | Refused::UnknownIn { .. }
        | Refused::AlreadyPublished
        | Refused::NotAMember
        | Refused::WaveDates { .. }
        | Refused::FollowersAsked
        | Refused::NotHeld
        | Refused::AnsweredSince
        | Refused::NotRetriable
        | Refused::DiffersFromPublished
        | Refused::NotAnOrganizer
        | Refused::SplitOutside => said("la ligne ne peut pas être reprise.", "the line cannot be taken."),
    }
}
