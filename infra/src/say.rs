//! Dates, hours, numbers and names of things, said as people say them in both languages.
//!
//! Hours are those of the evening's own zone, whoever reads. Spaces inside of an hour or between
//! a number and its noun do not break.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use i18n_embed_fl::fl;
use mensuel_domain::{
    format::{Confidentiality, Format, Role},
    inbound::Reason,
    lang::Lang,
    time::Span,
};

use crate::i18n::words;

const WEEKDAYS_FR: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const WEEKDAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SHORT_WEEKDAYS_FR: [&str; 7] = ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"];
const SHORT_WEEKDAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SHORT_MONTHS_FR: [&str; 12] =
    ["jan", "fév", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"];
const SHORT_MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// "jeudi", "Thursday".
pub fn weekday(lang: Lang, day: Weekday) -> &'static str {
    by_lang(lang, &WEEKDAYS_FR, &WEEKDAYS_EN)[day.num_days_from_monday() as usize]
}

/// "jeu", "Thu".
pub fn weekday_short(lang: Lang, day: Weekday) -> &'static str {
    by_lang(lang, &SHORT_WEEKDAYS_FR, &SHORT_WEEKDAYS_EN)[day.num_days_from_monday() as usize]
}

/// "janvier", "January".
pub fn month(lang: Lang, date: NaiveDate) -> &'static str {
    by_lang(lang, &MONTHS_FR, &MONTHS_EN)[date.month0() as usize]
}

/// "jan", "Jan".
pub fn month_short(lang: Lang, date: NaiveDate) -> &'static str {
    by_lang(lang, &SHORT_MONTHS_FR, &SHORT_MONTHS_EN)[date.month0() as usize]
}

/// "janvier 2027", "January 2027".
pub fn month_of_year(lang: Lang, date: NaiveDate) -> String {
    format!("{} {}", month(lang, date), date.year())
}

/// "14 janvier", "1er mai", "14 January": never with a year.
pub fn day(lang: Lang, date: NaiveDate) -> String {
    let number = match (lang, date.day()) {
        (Lang::Fr, 1) => "1er".to_owned(),
        (Lang::Fr | Lang::En, number) => number.to_string(),
    };
    format!("{number} {}", month(lang, date))
}

/// "14 janvier", and "14 janvier 2027" when that is not the year of `today`.
pub fn day_near(lang: Lang, date: NaiveDate, today: NaiveDate) -> String {
    year_if_other(day(lang, date), date, today)
}

/// "jeudi 14 janvier": never with a year.
pub fn weekday_day(lang: Lang, date: NaiveDate) -> String {
    format!("{} {}", weekday(lang, date.weekday()), day(lang, date))
}

/// "jeudi 14 janvier", and "jeudi 14 janvier 2027" when that is not the year of `today`.
pub fn weekday_day_near(lang: Lang, date: NaiveDate, today: NaiveDate) -> String {
    year_if_other(weekday_day(lang, date), date, today)
}

/// "jeudi 14 janvier 2027": always with the year.
pub fn day_long(lang: Lang, date: NaiveDate) -> String {
    format!("{} {}", weekday_day(lang, date), date.year())
}

/// "19 h", "21 h 30"; "7 pm", "9.30 pm", "noon", "midnight".
pub fn hour(lang: Lang, time: NaiveTime) -> String {
    match lang {
        Lang::Fr if time.minute() == 0 => format!("{}\u{a0}h", time.hour()),
        Lang::Fr => format!("{}\u{a0}h\u{a0}{:02}", time.hour(), time.minute()),
        Lang::En => hour_en(time),
    }
}

fn hour_en(time: NaiveTime) -> String {
    let (afternoon, hour) = time.hour12();
    let half = if afternoon { "pm" } else { "am" };
    match (hour, time.minute()) {
        (12, 0) if afternoon => "noon".to_owned(),
        (12, 0) => "midnight".to_owned(),
        (hour, 0) => format!("{hour}\u{a0}{half}"),
        (hour, minute) => format!("{hour}.{minute:02}\u{a0}{half}"),
    }
}

/// "19 h à 21 h 30", "7 pm to 9.30 pm". An end on a later morning or day names its weekday.
pub fn hours(lang: Lang, span: &Span) -> String {
    let (start, end) = (hour(lang, span.start.time()), hour(lang, span.end.time()));
    // An evening that ends at one in the morning is still that evening for everybody.
    let late = NaiveTime::from_hms_opt(5, 0, 0).is_some_and(|dawn| span.end.time() > dawn);
    if span.end.date() > span.start.date() && late {
        let weekday = weekday(lang, span.end.weekday());
        return fl!(words(lang), "hours-next-day", start = start, end = end, weekday = weekday);
    }
    fl!(words(lang), "hours", start = start, end = end)
}

/// "de 19 h à 21 h 30", "from 7 pm to 9.30 pm".
pub fn hours_from_to(lang: Lang, span: &Span) -> String {
    let (start, end) = (hour(lang, span.start.time()), hour(lang, span.end.time()));
    fl!(words(lang), "hours-from-to", start = start, end = end)
}

/// "jeudi 14 janvier 2027, 19 h à 21 h 30": always with the year.
pub fn span_long(lang: Lang, span: &Span) -> String {
    fl!(words(lang), "span", day = day_long(lang, span.date()), hours = hours(lang, span))
}

/// "jeudi 14 janvier, 19 h à 21 h 30", with the year when that is not the year of `today`.
pub fn span_near(lang: Lang, span: &Span, today: NaiveDate) -> String {
    fl!(words(lang), "span", day = weekday_day_near(lang, span.date(), today), hours = hours(lang, span))
}

/// "jeudi 14 janvier, 14 h", "Thursday 14 January, 2 pm": never with a year.
pub fn moment(lang: Lang, wall: NaiveDateTime) -> String {
    format!("{}, {}", weekday_day(lang, wall.date()), hour(lang, wall.time()))
}

/// A length in minutes: "45 minutes", "2 h", "2 h 30".
pub fn duration(lang: Lang, minutes: i64) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    match (lang, hours, rest) {
        (_, 0, rest) => fl!(words(lang), "minutes", n = rest),
        (_, hours, 0) => format!("{hours}\u{a0}h"),
        (Lang::Fr, hours, rest) => format!("{hours}\u{a0}h\u{a0}{rest:02}"),
        (Lang::En, hours, rest) => format!("{hours}\u{a0}h {rest:02}\u{a0}min"),
    }
}

/// "aujourd’hui", "demain", "dans une semaine", "dans 3 jours".
pub fn days_left(lang: Lang, days: u32) -> String {
    fl!(words(lang), "days-left", n = days)
}

/// "1er", "3e"; "1st", "3rd", "11th".
pub fn ordinal(lang: Lang, number: u32) -> String {
    let ending = match (lang, number % 100, number % 10) {
        (Lang::Fr, ..) if number == 1 => "er",
        (Lang::Fr, ..) => "e",
        (Lang::En, 11..=13, _) => "th",
        (Lang::En, _, 1) => "st",
        (Lang::En, _, 2) => "nd",
        (Lang::En, _, 3) => "rd",
        (Lang::En, ..) => "th",
    };
    format!("{number}{ending}")
}

/// Where somebody waits: "en tête de la liste d’attente", "3e sur la liste d’attente". Fits behind "vous êtes".
pub fn place_in_line(lang: Lang, place: u32) -> String {
    fl!(words(lang), "place-in-line", n = place, ordinal = ordinal(lang, place))
}

/// Why a mail that came in ended as it did, in a sentence.
pub fn inbound_reason(lang: Lang, reason: Reason) -> String {
    fl!(words(lang), "inbound-reason", reason = reason.name())
}

/// The rule by which freed seats go, in one sentence.
pub fn waitlist_rule(lang: Lang) -> String {
    fl!(words(lang), "waitlist-rule")
}

/// "aucune place", "une place", "3 places".
pub fn seats(lang: Lang, number: u32) -> String {
    fl!(words(lang), "seats", n = number)
}

/// What is still free: "complet", "une place libre", "3 places libres"; "full", "one seat left".
pub fn seats_left(lang: Lang, number: u32) -> String {
    fl!(words(lang), "seats-left", n = number)
}

/// "sans invité", "un invité", "2 invités".
pub fn guests(lang: Lang, number: u32) -> String {
    fl!(words(lang), "guests", n = number)
}

/// "avec un invité", "avec 2 invités"; nothing for none.
pub fn with_guests(lang: Lang, number: u32) -> Option<String> {
    (number > 0).then(|| fl!(words(lang), "with-guests", n = number))
}

/// "personne", "une personne", "3 personnes".
pub fn people(lang: Lang, number: u32) -> String {
    fl!(words(lang), "people", n = number)
}

/// "aucun inscrit", "un inscrit", "37 inscrits".
pub fn registered(lang: Lang, number: u32) -> String {
    fl!(words(lang), "registered", n = number)
}

/// "A", "A et B", "A, B et C".
pub fn list(lang: Lang, items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => {
            let (first, last): (String, &str) = (first.join(", "), last);
            fl!(words(lang), "list-two", first = first, last = last)
        }
    }
}

/// "table ronde", "retour d’expérience".
pub fn format(lang: Lang, format: Format) -> String {
    match format {
        Format::RoundTable => fl!(words(lang), "format-round-table"),
        Format::Workshop => fl!(words(lang), "format-workshop"),
        Format::Retex => fl!(words(lang), "format-retex"),
        Format::OpenDiscussion => fl!(words(lang), "format-open-discussion"),
    }
}

/// As [`format`], with "retex" where room is short.
pub fn format_short(lang: Lang, which: Format) -> String {
    match which {
        Format::Retex => fl!(words(lang), "format-retex-short"),
        Format::RoundTable | Format::Workshop | Format::OpenDiscussion => format(lang, which),
    }
}

/// What somebody does on an evening, as a label before a name: "intervention", "animation", "speaker".
pub fn role(lang: Lang, role: Role) -> String {
    match role {
        Role::Moderator => fl!(words(lang), "role-moderator"),
        Role::Panellist => fl!(words(lang), "role-panellist"),
        Role::Facilitator => fl!(words(lang), "role-facilitator"),
        Role::Speaker => fl!(words(lang), "role-speaker"),
        Role::Scribe => fl!(words(lang), "role-scribe"),
    }
}

/// The role said to the person who has it: "Vous intervenez lors de cette soirée."
pub fn your_role(lang: Lang, role: Role) -> String {
    fl!(words(lang), "your-role", role = role.name())
}

/// The name of a level: "règle de Chatham House".
pub fn confidentiality(lang: Lang, level: Confidentiality) -> String {
    match level {
        Confidentiality::ChathamHouse => fl!(words(lang), "confidentiality-chatham-house"),
        Confidentiality::AttendeesOnly => fl!(words(lang), "confidentiality-attendees-only"),
        Confidentiality::Public => fl!(words(lang), "confidentiality-public"),
    }
}

/// What a level asks of those present, in one sentence: "Ce qui se dit ici reste ici."
pub fn confidentiality_rule(lang: Lang, level: Confidentiality) -> String {
    match level {
        Confidentiality::ChathamHouse => fl!(words(lang), "confidentiality-chatham-house-rule"),
        Confidentiality::AttendeesOnly => fl!(words(lang), "confidentiality-attendees-only-rule"),
        Confidentiality::Public => fl!(words(lang), "confidentiality-public-rule"),
    }
}

/// The first letter in upper case, for the start of a line.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn year_if_other(said: String, date: NaiveDate, today: NaiveDate) -> String {
    if date.year() == today.year() { said } else { format!("{said} {}", date.year()) }
}

fn by_lang<'a, const N: usize>(
    lang: Lang,
    fr: &'a [&'static str; N],
    en: &'a [&'static str; N],
) -> &'a [&'static str; N] {
    match lang {
        Lang::Fr => fr,
        Lang::En => en,
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(start: &str, end: &str) -> Span {
        Span::new(start.parse().unwrap(), end.parse().unwrap(), Tz::Europe__Paris).unwrap()
    }

    /// With ordinary spaces, so that the expected text can be read.
    fn plain(said: String) -> String {
        said.replace('\u{a0}', " ")
    }

    #[test]
    fn an_evening_is_said_long_and_near() {
        let evening = span("2027-01-14T19:00:00", "2027-01-14T21:30:00");
        assert_eq!(plain(span_long(Lang::Fr, &evening)), "jeudi 14 janvier 2027, 19 h à 21 h 30");
        assert_eq!(plain(span_long(Lang::En, &evening)), "Thursday 14 January 2027, 7 pm to 9.30 pm");
        assert_eq!(
            plain(span_near(Lang::Fr, &evening, date("2027-01-02"))),
            "jeudi 14 janvier, 19 h à 21 h 30"
        );
        assert_eq!(
            plain(span_near(Lang::Fr, &evening, date("2026-12-01"))),
            "jeudi 14 janvier 2027, 19 h à 21 h 30"
        );
        assert_eq!(plain(hours_from_to(Lang::Fr, &evening)), "de 19 h à 21 h 30");
    }

    #[test]
    fn a_late_end_names_its_day_only_in_the_morning() {
        let night = span("2027-01-14T22:00:00", "2027-01-15T01:00:00");
        assert_eq!(plain(hours(Lang::Fr, &night)), "22 h à 1 h");
        let long = span("2027-01-14T22:00:00", "2027-01-15T08:00:00");
        assert_eq!(plain(hours(Lang::Fr, &long)), "22 h à 8 h (vendredi)");
        assert_eq!(
            plain(hours(Lang::En, &span("2027-01-14T12:00:00", "2027-01-15T00:00:00"))),
            "noon to midnight"
        );
    }

    #[test]
    fn days_and_ordinals() {
        assert_eq!(day(Lang::Fr, date("2027-05-01")), "1er mai");
        assert_eq!(day(Lang::En, date("2027-05-01")), "1 May");
        assert_eq!(day_near(Lang::Fr, date("2027-05-02"), date("2026-05-02")), "2 mai 2027");
        assert_eq!(
            (weekday_short(Lang::Fr, Weekday::Thu), month_short(Lang::En, date("2027-09-09"))),
            ("jeu", "Sep")
        );
        let said: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112, 122].map(|n| ordinal(Lang::En, n)).to_vec();
        assert_eq!(said, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th", "122nd"]);
        assert_eq!((ordinal(Lang::Fr, 1), ordinal(Lang::Fr, 3)), ("1er".to_owned(), "3e".to_owned()));
    }

    #[test]
    fn counts_follow_the_plural_of_the_language() {
        assert_eq!([0, 1, 3].map(|n| plain(seats(Lang::Fr, n))), ["aucune place", "une place", "3 places"]);
        assert_eq!([0, 1, 3].map(|n| plain(seats(Lang::En, n))), ["no seat", "one seat", "3 seats"]);
        assert_eq!(with_guests(Lang::Fr, 0), None);
        assert_eq!(with_guests(Lang::Fr, 2).map(plain).as_deref(), Some("avec 2 invités"));
        assert_eq!(place_in_line(Lang::Fr, 1), "en tête de la liste d’attente");
        assert_eq!(place_in_line(Lang::En, 3), "3rd on the waitlist");
        assert_eq!(
            [1, 45, 60, 150].map(|m| plain(duration(Lang::Fr, m))),
            ["une minute", "45 minutes", "1 h", "2 h 30"]
        );
    }

    #[test]
    fn names_and_lists() {
        assert_eq!(list(Lang::Fr, &["Zoé", "Gaël", "Inès"]), "Zoé, Gaël et Inès");
        assert_eq!(list(Lang::En, &["Zoé"]), "Zoé");
        assert_eq!(capitalized(&format(Lang::Fr, Format::Workshop)), "Atelier");
        assert_eq!(your_role(Lang::En, Role::Speaker), "You are a speaker of this evening.");
        for lang in Lang::ALL {
            for level in Confidentiality::ALL {
                assert_ne!(confidentiality(lang, level), confidentiality_rule(lang, level));
            }
        }
    }
}
