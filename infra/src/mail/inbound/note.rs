//! Notes of people who are away, by their titles and words, where no field of the header tells.
//! A title that a person may write too needs words that only such a note has.

/// Whether a mail of this title is a note of absence or another automatic answer.
pub(super) fn is_note(subject: &str, text: &str) -> bool {
    let subject = plain(subject);
    let Some((title, is_answer)) = without_prefixes(&subject) else { return false };
    title.starts_with("auto:")
        || begins(title, MACHINE)
        || (!is_answer && (MACHINE.iter().chain(AWAY).any(|phrase| title.contains(phrase))))
        || (is_answer && AWAY.contains(&title.trim_end_matches(is_mark)))
        || (begins(title, WEAK) && is_told(text))
}

fn begins(title: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| title.starts_with(phrase))
}

fn is_told(text: &str) -> bool {
    let said: String = text.chars().take(LONGEST).collect();
    let said = plain(&said);
    RETURN.iter().any(|phrase| said.contains(phrase))
}

/// In lower case, with one apostrophe, one kind of space and one way to write both genders.
fn plain(text: &str) -> String {
    let lower = text
        .to_lowercase()
        .replace(['\u{2019}', '\u{2bc}', '`'], "'")
        .replace("(e)", "e")
        .replace(['·', '•'], ".");
    lower.replace(".e ", "e ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Re: [Cercle] …` is `…`, and an answer to something; `None` of what a person passes on.
fn without_prefixes(subject: &str) -> Option<(&str, bool)> {
    let (mut title, mut is_answer) = (subject, false);
    loop {
        title = title.trim_start_matches(|c: char| is_mark(c) || c == ' ');
        match title.split_once(':').map(|(prefix, rest)| (prefix.trim(), rest)) {
            Some((prefix, _)) if PASSED_ON.contains(&prefix) => return None,
            Some((prefix, rest)) if ANSWER.contains(&prefix) => (title, is_answer) = (rest, true),
            Some(_) | None => return Some((title, is_answer)),
        }
    }
}

fn is_mark(c: char) -> bool {
    "[](){}<>\"'«»*-–—:.! ".contains(c)
}

const LONGEST: usize = 4_000;

const ANSWER: &[&str] = &["re", "ré", "rép", "aw", "antw", "sv", "ref"];
const PASSED_ON: &[&str] = &["tr", "fw", "fwd", "wg"];

/// What no person gives as a title.
const MACHINE: &[&str] = &[
    "automatic reply",
    "automatic response",
    "automated reply",
    "automated response",
    "automatically generated reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "auto responder",
    "autoresponder",
    "out of office reply",
    "out of office autoreply",
    "out of office:",
    "out-of-office",
    "vacation reply",
    "vacation response",
    "vacation auto",
    "réponse automatique",
    "reponse automatique",
    "réponse auto",
    "répondeur automatique",
    "message automatique",
    "message d'absence",
    "notification d'absence",
    "avis d'absence",
    "automatische antwort",
    "automatische abwesenheit",
    "abwesenheitsnotiz",
    "abwesenheitsnachricht",
    "abwesenheitsbenachrichtigung",
    "abwesenheitsassistent",
    "abwesenheitsagent",
    "abwesenheitsmeldung",
    "automatisch antwoord",
    "automatisch antwortet",
    "afwezigheidsbericht",
    "autosvar",
    "automatisk svar",
    "automatiskt svar",
    "automaattinen vastaus",
    "respuesta automática",
    "respuesta automatica",
    "risposta automatica",
    "resposta automática",
    "resposta automatica",
    "odpowiedź automatyczna",
    "automatická odpověď",
];

/// What a title says of somebody who is away; an evening may be called so too.
const AWAY: &[&str] = &[
    "out of office",
    "out of the office",
    "away from the office",
    "away from my mail",
    "absent du bureau",
    "absente du bureau",
    "absence du bureau",
    "hors du bureau",
    "nicht im büro",
    "nicht im haus",
    "nicht am arbeitsplatz",
    "fuera de la oficina",
    "fuori ufficio",
    "fuori sede",
];

/// How a note may begin, and a person's mail as well.
const WEAK: &[&str] = &[
    "absence",
    "absent",
    "actuellement absent",
    "je suis absent",
    "indisponib",
    "congé",
    "conge",
    "en congé",
    "en vacances",
    "vacances",
    "fermeture",
    "vacation",
    "on vacation",
    "holiday",
    "on holiday",
    "annual leave",
    "on leave",
    "on annual leave",
    "parental leave",
    "maternity leave",
    "i am away",
    "i'm away",
    "away",
    "ooo",
    "ooto",
    "abwesen",
    "urlaub",
    "im urlaub",
    "bin im urlaub",
    "ausser haus",
    "außer haus",
];

/// What such notes say: when they are back, who answers instead.
const RETURN: &[&str] = &[
    "actuellement absent",
    "suis absent",
    "suis en congé",
    "suis en vacances",
    "absent du bureau",
    "absente du bureau",
    "de retour",
    "mon retour",
    "serai joignable",
    "accès limité",
    "consulte pas",
    "consulterai pas",
    "en mon absence",
    "en cas d'urgence",
    "pour toute urgence",
    "pour toute demande urgente",
    "prendrai connaissance",
    "répondrai dès",
    "bien reçu votre m",
    "out of the office",
    "out of office",
    "i am out",
    "i'm out",
    "i am away",
    "i'm away",
    "i am on ",
    "i'm on ",
    "will be away",
    "will be out",
    "back on",
    "back in the office",
    "my return",
    "when i return",
    "will return",
    "in my absence",
    "limited access",
    "for urgent",
    "nicht im büro",
    "im urlaub",
    "wieder erreichbar",
    "wieder zurück",
    "wieder für sie",
    "nicht erreichbar",
    "in dringenden",
    "meiner abwesenheit",
    "meine abwesenheit",
    "nicht weitergeleitet",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_machines_are_known_whatever_stands_below() {
        for title in [
            "Automatic reply: Invitation",
            "AUTOMATIC REPLY: Invitation",
            "[Auto-Reply] Invitation",
            "Auto: Re: Invitation",
            "AUTO: Zoé Dupont est absente du bureau (retour 30/11)",
            "AUTO: Zoe Dupont is out of the office (returning 30/11/2026)",
            "Out of Office: Invitation",
            "Out of Office AutoReply: Invitation",
            "Out of the office Re: Invitation",
            "Zoe Dupont is out of the office.",
            "Vacation reply",
            "Réponse automatique : Invitation",
            "Réponse automatique\u{a0}: Invitation",
            "[Réponse automatique] Invitation",
            "Re: Réponse automatique",
            "RE : Réponse automatique : Invitation",
            "Invitation (réponse automatique)",
            "Absent(e) du bureau",
            "Absent·e du bureau",
            "Absente du bureau : Invitation",
            "Zoé Dupont : absence du bureau",
            "Notification d’absence",
            "Message d'absence de Zoé",
            "Automatische Antwort: Invitation",
            "Abwesenheitsnotiz: Invitation",
            "Abwesenheitsnotiz",
            "Automatische Abwesenheitsbenachrichtigung",
            "AW: Automatische Antwort: Invitation",
            "Autosvar: Invitation",
            "Automatiskt svar: Invitation",
            "Automatisch antwoord: Invitation",
            "Respuesta automática: Invitation",
            "Risposta automatica: Invitation",
            "Re: Out of office",
        ] {
            assert!(is_note(title, ""), "{title}");
        }
    }

    #[test]
    fn other_titles_need_the_words_of_a_note() {
        for (title, text) in [
            ("Absence : Invitation", "Bonjour,\nJe suis absente jusqu’au 30 novembre."),
            ("Absence", "Bonjour, je serai de retour le 30 novembre."),
            ("Congés", "Je suis en congés ; en cas d'urgence, contactez Ada."),
            ("Re: Congés d'été", "À mon retour, le 30, je vous lirai."),
            ("Vacation: Invitation", "I will be out until Monday with limited access to mail."),
            ("Urlaub", "Ich bin ab dem 30.11. wieder erreichbar."),
            ("Abwesend: Invitation", "Ich bin derzeit nicht im Büro."),
            ("OOO", "I'm on parental leave."),
        ] {
            assert!(is_note(title, text), "{title}");
        }
    }

    #[test]
    fn a_person_is_not_taken_for_a_machine() {
        for (title, text) in [
            ("Re: Invitation", "Je suis absente ce jour-là, désolée."),
            ("Absence le 14 janvier", "Bonjour, je ne pourrai pas venir. Bonne soirée, Zoé"),
            ("Absent jeudi", "Désolé, un empêchement."),
            ("Re: Invitation : Out of office, le travail hybride", "Oui, je viens."),
            ("Re: Out of office, le travail hybride", "Oui, je viens."),
            ("Tr: Re: Message d’absence", "Zoé sera absente."),
            ("Trajet en auto: qui vient ?", ""),
            ("Re: Automates et autonomie", "Oui."),
            ("Autour de la base de données", "Une question."),
            ("Question", ""),
            ("", "Je suis absente jusqu'au 30."),
        ] {
            assert!(!is_note(title, text), "{title}");
        }
    }
}
