//! Public holidays of France (Code du travail, article L3133-1): a warning in the preview.

use chrono::{Datelike, Days, NaiveDate};

/// The name, in French, of the holiday on a day.
pub fn french_holiday(day: NaiveDate) -> Option<&'static str> {
    let fixed = match (day.month(), day.day()) {
        (1, 1) => Some("jour de l'An"),
        (5, 1) => Some("fête du Travail"),
        (5, 8) => Some("victoire de 1945"),
        (7, 14) => Some("fête nationale"),
        (8, 15) => Some("Assomption"),
        (11, 1) => Some("Toussaint"),
        (11, 11) => Some("armistice de 1918"),
        (12, 25) => Some("Noël"),
        _ => None,
    };
    fixed.or_else(|| {
        let easter = easter(day.year())?;
        [(1, "lundi de Pâques"), (39, "Ascension"), (50, "lundi de Pentecôte")]
            .into_iter()
            .find(|(after, _)| easter.checked_add_days(Days::new(*after)) == Some(day))
            .map(|(_, name)| name)
    })
}

/// Easter Sunday (the Gregorian computus of Meeus, Jones and Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_thursdays_that_meet_a_holiday() {
        let name = |day: &str| french_holiday(day.parse().unwrap());
        assert_eq!(name("2029-05-10"), Some("Ascension"));
        assert_eq!(name("2027-11-11"), Some("armistice de 1918"));
        assert_eq!(name("2027-03-29"), Some("lundi de Pâques"));
        assert_eq!(name("2027-01-14"), None);
    }
}
