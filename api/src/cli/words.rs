//! What the commands print, in both languages.

use std::{io, path::Path};

use mensuel_domain::{lang::Lang, member::Member, text::Email};
use mensuel_infra::store::tokens::Scope;

use super::Call;
use crate::{
    demo::Links,
    missing::Missing,
    problem::Problem,
    serve::{CannotStart, Started},
    use_cases::{
        Failure,
        imports::{LineReport, Manner, Outcome, Report},
    },
    words::{imports as imports_words, io_error},
};

pub(super) fn no_threads(lang: Lang, error: &io::Error) -> String {
    match lang {
        Lang::Fr => format!("Le programme n’a pas pu démarrer\u{a0}: {}.", io_error(lang, error)),
        Lang::En => format!("The program could not be started: {}.", io_error(lang, error)),
    }
}

/// Of a mail that was handed over where no community is.
pub(super) fn nobody_lives_here(lang: Lang, data: &Path) -> String {
    let data = data.display();
    match lang {
        Lang::Fr => format!(
            "Il n’y a pas de communauté dans {data}\u{a0}: le mail reste au serveur de courrier. Indiquez MENSUEL_DATA_DIR, ou la configuration par --config."
        ),
        Lang::En => format!(
            "There is no community in {data}: the mail stays with the mail server. Name MENSUEL_DATA_DIR, or the configuration with --config."
        ),
    }
}

pub(super) fn no_signals(lang: Lang, error: &io::Error) -> String {
    match lang {
        Lang::Fr => {
            format!("Les signaux du système ne peuvent pas être reçus\u{a0}: {}.", io_error(lang, error))
        }
        Lang::En => format!("Signals cannot be received: {}.", io_error(lang, error)),
    }
}

pub(super) fn not_logged(lang: Lang, error: &dyn std::error::Error) -> String {
    match lang {
        Lang::Fr => format!("Rien n’est journalisé\u{a0}: {error}."),
        Lang::En => format!("Nothing is logged: {error}."),
    }
}

pub(super) fn no_such_command(lang: Lang, name: &str) -> String {
    match lang {
        Lang::Fr => format!(
            "La commande «\u{a0}{name}\u{a0}» n’existe pas. La liste est donnée par\u{a0}: mensuel --help"
        ),
        Lang::En => format!("There is no command `{name}`. They are listed by: mensuel --help"),
    }
}

/// The first line of `serve`: scripts look for the address in it.
pub(super) fn listening(lang: Lang, started: &Started) -> String {
    let address = started.address;
    match lang {
        Lang::Fr => format!("À l’écoute sur http://{address}"),
        Lang::En => format!("Listening on http://{address}"),
    }
}

pub(super) fn missing(call: &Call, missing: Missing) -> String {
    let what = match (missing, call.lang) {
        (Missing::Organizer, Lang::Fr) => "Il manque un premier organisateur. Ajoutez-le avec\u{a0}:",
        (Missing::Organizer, Lang::En) => "There is no organizer yet. Add the first one with:",
        (Missing::Name, Lang::Fr) => {
            "La communauté n’a pas de nom\u{a0}: ses mails viendraient de «\u{a0}Mensuel\u{a0}». Redémarrez avec\u{a0}:"
        }
        (Missing::Name, Lang::En) => {
            "The community has no name: its mails would come from “Mensuel”. Restart with:"
        }
        (Missing::Relay, Lang::Fr) => {
            "Il manque un relais de courrier\u{a0}: d’ici là, chaque mail est un fichier dans le dossier de données. Redémarrez avec\u{a0}:"
        }
        (Missing::Relay, Lang::En) => {
            "There is no mail relay: until there is, each mail becomes a file in the data directory. Restart with:"
        }
        (Missing::BaseUrl, Lang::Fr) => {
            "Les liens des mails mènent à cette machine seule\u{a0}: il manque l’adresse publique. Redémarrez avec\u{a0}:"
        }
        (Missing::BaseUrl, Lang::En) => {
            "Links in mails lead to this machine only: the public address is missing. Restart with:"
        }
    };
    let command = match missing {
        Missing::Organizer => call.command("organizer add you@community.example"),
        Missing::Name | Missing::Relay | Missing::BaseUrl => missing.command().to_owned(),
    };
    format!("{what}\n    {command}")
}

pub(super) fn failure(lang: Lang, failure: Failure) -> String {
    match failure {
        Failure::Refused(_) => Problem::from(failure).said(lang).detail,
        Failure::Store(error) => CannotStart::Store(error).sentence(lang),
        Failure::Panicked => match lang {
            Lang::Fr => "Une faute du programme l’a arrêté. Rien n’a été changé.".to_owned(),
            Lang::En => "A fault of the program stopped it. Nothing was changed.".to_owned(),
        },
    }
}

pub(super) fn working(lang: Lang) -> String {
    match lang {
        Lang::Fr => "La file des mails et des rappels est traitée. Ctrl-C arrête.".to_owned(),
        Lang::En => "Working the queue of mails and reminders. Ctrl-C ends it.".to_owned(),
    }
}

pub(super) fn migrated(lang: Lang) -> String {
    match lang {
        Lang::Fr => "Le schéma de la base est à jour.".to_owned(),
        Lang::En => "The database's schema is up to date.".to_owned(),
    }
}

pub(super) fn organizer_added(call: &Call, member: &Member, email: &Email) -> String {
    let next = call.command(format_args!("token add NAME --organizer {email} --scope admin"));
    let name = &member.name;
    match call.lang {
        Lang::Fr => format!(
            "{name} <{email}> fait partie des organisateurs. Pour continuer, un jeton d’API\u{a0}:\n    {next}"
        ),
        Lang::En => format!("{name} <{email}> is an organizer. To go on, an API token:\n    {next}"),
    }
}

pub(super) fn has_left(lang: Lang) -> String {
    match lang {
        Lang::Fr => {
            "Cette adresse est celle d’une personne partie ou suspendue. Changez d’abord son statut par l’API, ou prenez une autre adresse.".to_owned()
        }
        Lang::En => {
            "This address belongs to somebody who left or was suspended. Change their status through the API first, or take another address.".to_owned()
        }
    }
}

pub(super) fn token_made(lang: Lang, scope: Scope) -> String {
    let scope = scope.name();
    match lang {
        Lang::Fr => format!("Jeton d’API ({scope}). Il ne sera plus montré\u{a0}: notez-le maintenant."),
        Lang::En => format!("API token ({scope}). It is not shown again: note it now."),
    }
}

pub(super) fn no_such_organizer(call: &Call) -> String {
    let next = call.command("organizer add EMAIL");
    match call.lang {
        Lang::Fr => {
            format!("Cette adresse n’est celle d’aucun organisateur. Ajoutez-le d’abord\u{a0}:\n    {next}")
        }
        Lang::En => format!("This address is no organizer's. Add them first:\n    {next}"),
    }
}

pub(super) fn no_organizer(call: &Call) -> String {
    let next = call.command("organizer add you@community.example");
    match call.lang {
        Lang::Fr => format!(
            "Un jeton appartient à un organisateur, et il n’y en a pas encore. Ajoutez-le d’abord\u{a0}:\n    {next}"
        ),
        Lang::En => {
            format!("A token belongs to an organizer, and there is none yet. Add one first:\n    {next}")
        }
    }
}

pub(super) fn which_organizer(lang: Lang) -> String {
    match lang {
        Lang::Fr => "Il y a plusieurs organisateurs\u{a0}: dites de qui est le jeton avec --organizer EMAIL."
            .to_owned(),
        Lang::En => "There are several organizers: say whose token it is with --organizer EMAIL.".to_owned(),
    }
}

pub(super) fn unreadable(lang: Lang, path: &Path, error: &io::Error) -> String {
    let (path, error) = (path.display(), io_error(lang, error));
    match lang {
        Lang::Fr => format!("{path} ne peut pas être lu\u{a0}: {error}."),
        Lang::En => format!("{path} cannot be read: {error}."),
    }
}

/// "Line 3: added: Zoé Durand <zoe.durand@soie.example>".
pub(super) fn line(lang: Lang, line: &LineReport) -> String {
    let (number, about) = (line.line, &line.about);
    let became = match (&line.outcome, lang) {
        (Outcome::Added, Lang::Fr) => "ajout".to_owned(),
        (Outcome::Added, Lang::En) => "added".to_owned(),
        (Outcome::Changed, Lang::Fr) => "changement".to_owned(),
        (Outcome::Changed, Lang::En) => "changed".to_owned(),
        (Outcome::Unchanged, Lang::Fr) => "sans changement".to_owned(),
        (Outcome::Unchanged, Lang::En) => "unchanged".to_owned(),
        (Outcome::StaysAway, Lang::Fr) => {
            "reste hors de la communauté (un import ne fait revenir personne)".to_owned()
        }
        (Outcome::StaysAway, Lang::En) => "stays away (an import brings nobody back)".to_owned(),
        (Outcome::Wrong(wrong), Lang::Fr) => {
            format!("erreur\u{a0}: {}", imports_words::sentence(wrong, lang))
        }
        (Outcome::Wrong(wrong), Lang::En) => format!("wrong: {}", imports_words::sentence(wrong, lang)),
    };
    let about = if about.is_empty() { String::new() } else { format!("{about} — ") };
    match lang {
        Lang::Fr => format!("Ligne {number}\u{a0}: {about}{became}"),
        Lang::En => format!("Line {number}: {about}{became}"),
    }
}

pub(super) fn summary(lang: Lang, report: &Report, manner: Manner) -> String {
    format!("{}{}", counts(lang, report), outcome(lang, report, manner))
}

/// What was done, or what would have been.
fn counts(lang: Lang, report: &Report) -> String {
    let (added, changed) = (report.added(), report.changed());
    let (unchanged, wrong) = (report.unchanged(), report.wrong());
    let would_be = match (report.carried_out, lang) {
        (true, _) => "",
        (false, Lang::Fr) => "Ce serait\u{a0}: ",
        (false, Lang::En) => "Would be: ",
    };
    match lang {
        Lang::Fr => format!(
            "{would_be}{added} ajout{}, {changed} changement{}, {unchanged} sans changement, {wrong} erreur{}.",
            s(added),
            s(changed),
            s(wrong)
        ),
        Lang::En => {
            format!("{would_be}{added} added, {changed} changed, {unchanged} unchanged, {wrong} wrong.")
        }
    }
}

fn outcome(lang: Lang, report: &Report, manner: Manner) -> &'static str {
    let some_wrong = report.wrong() > 0;
    match (report.carried_out, manner.dry_run, lang) {
        (true, _, Lang::Fr) if some_wrong => " Les autres lignes sont reprises.",
        (true, _, Lang::En) if some_wrong => " The other lines are in.",
        (true, _, Lang::Fr | Lang::En) => "",
        (false, true, Lang::Fr) => " Rien n’a été changé\u{a0}: c’était un essai.",
        (false, true, Lang::En) => " Nothing was changed: this was a dry run.",
        (false, false, Lang::Fr) => {
            " Rien n’a été changé. Corrigez ces lignes, ou reprenez les autres avec --skip-invalid."
        }
        (false, false, Lang::En) => {
            " Nothing was changed. Correct these lines, or take the others with --skip-invalid."
        }
    }
}

/// In French two make a plural.
fn s(number: u64) -> &'static str {
    if number < 2 { "" } else { "s" }
}

pub(super) fn making_the_demo(lang: Lang) -> &'static str {
    match lang {
        Lang::Fr => "La saison de la démonstration se prépare, quelques secondes…",
        Lang::En => "Making the season of the demonstration, a few seconds…",
    }
}

/// Where to look in the demo.
pub(super) fn demo(lang: Lang, links: &Links) -> String {
    let Links { season, rsvp, feed, member_feed, mailbox, docs, token, api } = links;
    match lang {
        Lang::Fr => format!(
            "
  Tout est inventé, calculé à partir d’aujourd’hui, et aucun mail ne part.

  la saison                {season}
  répondre, en membre      {rsvp}
  les mails                {mailbox}
  le calendrier            {feed}
  celui de ce membre       {member_feed}
  l’API, à lire            {docs}
  l’API, à essayer         curl -H 'Authorization: Bearer {token}' {api}
  un jeton d’API (admin)   {token}

  Ctrl-C arrête. La prochaine fois, les liens restent bons (--fresh recommence)."
        ),
        Lang::En => format!(
            "
  Everything is made up and computed from today, and no mail leaves.

  the season               {season}
  answer, as a member      {rsvp}
  the mails                {mailbox}
  the calendar             {feed}
  that member's own        {member_feed}
  the API, to read         {docs}
  the API, to try          curl -H 'Authorization: Bearer {token}' {api}
  an API token (admin)     {token}

  Ctrl-C ends it. The next time the links stay good (--fresh begins anew)."
        ),
    }
}
