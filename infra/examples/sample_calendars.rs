//! Writes a few calendar files for readers that we did not write.
//!
//! `cargo run -p mensuel-infra --example sample_calendars -- FOLDER`
//!
//! Beside each file stands what must be read of it, one event per line: UID, start and end in UTC,
//! zone, status, separated by tabs.

use std::error::Error;
use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use mensuel_domain::time::Span;
use mensuel_infra::calendar::{
    Attendee, Calendar, Entry, Invitation, Method, PartStat, Party, Role, Status, Transparency, feed, message,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: sample_calendars FOLDER")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;

    let season = season()?;
    write(folder, "feed", &feed(&calendar(season.clone())?), &season)?;
    write(folder, "empty", &feed(&calendar(Vec::new())?), &[])?;
    write(folder, "single", &feed(&calendar(season[..1].to_vec())?), &season[..1])?;
    for (name, invitation) in invitations(&season[2])? {
        write(folder, name, &message(&invitation), std::slice::from_ref(&invitation.entry))?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8], entries: &[Entry]) -> std::io::Result<()> {
    let line = |entry: &Entry| {
        let Span { zone, starts_at, ends_at, .. } = entry.span;
        let zone = if zone == Tz::Africa__Casablanca { "UTC" } else { zone.name() };
        format!("{}\t{starts_at:?}\t{ends_at:?}\t{zone}\t{}\n", entry.uid, status(entry.status))
    };
    std::fs::write(folder.join(format!("{name}.tsv")), entries.iter().map(line).collect::<String>())?;
    std::fs::write(folder.join(format!("{name}.ics")), bytes)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Tentative => "TENTATIVE",
        Status::Confirmed => "CONFIRMED",
        Status::Cancelled => "CANCELLED",
    }
}

/// Evenings on both sides of both changes of the clocks, in several zones and states.
fn season() -> Result<Vec<Entry>, Box<dyn Error>> {
    use Status::{Cancelled, Confirmed, Tentative};
    let plan = [
        ("2027-03-25", Tz::Europe__Paris, Confirmed, "Table ronde : recruter, ou former ?"),
        ("2027-03-28", Tz::Europe__Paris, Tentative, "Date retenue ; thème à venir"),
        (
            "2027-04-08",
            Tz::Europe__Paris,
            Confirmed,
            "Atelier « budgets d’erreur » 👩‍💻 — 12 places\nÀ 19 h précises",
        ),
        (
            "2027-10-28",
            Tz::Europe__Paris,
            Cancelled,
            "ANNULÉ : retour d’expérience, C:\\temp; chemins, virgules",
        ),
        ("2027-10-31", Tz::Europe__Paris, Confirmed, "Discussion ouverte"),
        (
            "2027-11-18",
            Tz::Europe__Paris,
            Confirmed,
            "老虎 et autres caractères larges, répétés pour que la ligne soit pliée au milieu : 老虎老虎老虎老虎老虎",
        ),
        ("2027-03-13", Tz::America__New_York, Confirmed, "The day before the clocks change in New York"),
        ("2027-03-14", Tz::America__New_York, Confirmed, "The day itself"),
        ("2027-06-10", Tz::Asia__Tokyo, Confirmed, "No change of clocks"),
        ("2027-02-11", Tz::Africa__Casablanca, Confirmed, "No yearly rule: written in UTC"),
        ("2027-04-03", Tz::Pacific__Auckland, Confirmed, "The southern half"),
    ];
    plan.iter()
        .enumerate()
        .map(|(number, (date, zone, status, summary))| entry(number, date, *zone, *status, summary))
        .collect()
}

fn entry(
    number: usize,
    date: &str,
    zone: Tz,
    status: Status,
    summary: &str,
) -> Result<Entry, Box<dyn Error>> {
    let date: NaiveDate = date.parse()?;
    let at: NaiveTime = "19:00:00".parse()?;
    Ok(Entry {
        uid: format!("7c9e6679-7425-40de-944b-e07fc1f9{number:04}@soirees.example"),
        dtstamp: utc("2026-12-02T08:00:00Z")?,
        last_modified: utc("2026-12-01T09:30:00Z")?,
        created: Some(utc("2026-11-03T10:00:00Z")?),
        sequence: 0,
        span: Span::lasting(date, at, zone, 150)?,
        summary: summary.to_owned(),
        description: Some(
            "Programme, accès ; questions\n\nRépondre : https://soirees.example/r/abc?a=yes".to_owned(),
        ),
        location: Some("La Filature, 12 rue de la Soie, 69001 Lyon".to_owned()),
        geo: Some((45.767_299, 4.834_278)),
        url: Some(format!("https://soirees.example/events/{date}")),
        categories: vec!["Table ronde".to_owned(), "Technique, organisation".to_owned()],
        status,
        transparency: Transparency::Transparent,
        conference: Some("https://visio.example/salle,1;x".to_owned()),
    })
}

fn calendar(entries: Vec<Entry>) -> Result<Calendar, Box<dyn Error>> {
    Ok(Calendar {
        name: "Soirées CTO, Lyon".to_owned(),
        description: "Une soirée par mois ; ouverte à tous".to_owned(),
        zone: Tz::Europe__Paris,
        color: "teal".to_owned(),
        last_modified: utc("2026-12-01T09:30:00Z")?,
        url: "https://soirees.example/".to_owned(),
        source: Some("https://soirees.example/calendar.ics".to_owned()),
        entries,
    })
}

/// An invitation, its move by two days, and its end.
fn invitations(entry: &Entry) -> Result<[(&'static str, Invitation); 3], Box<dyn Error>> {
    let request = Invitation {
        method: Method::Request,
        entry: Entry { transparency: Transparency::Opaque, ..entry.clone() },
        organizer: Party {
            name: "Soirées CTO, Lyon".to_owned(),
            email: "bonjour@soirees.example".to_owned(),
        },
        attendee: Attendee {
            name: "Zoé \"Zed\" Durand; architecte".to_owned(),
            email: "zoe+soirees@soie.example".to_owned(),
            role: Role::Required,
            partstat: PartStat::Accepted,
        },
    };
    let span = Span::lasting("2027-04-10".parse()?, "18:30:00".parse()?, Tz::Europe__Paris, 120)?;
    let mut update = request.clone();
    update.entry = Entry {
        sequence: 1,
        span,
        dtstamp: utc("2026-12-03T08:00:00Z")?,
        last_modified: utc("2026-12-03T07:59:00Z")?,
        ..update.entry
    };
    update.attendee.partstat = PartStat::NeedsAction;
    let mut cancel = update.clone();
    cancel.method = Method::Cancel;
    cancel.entry = Entry {
        sequence: 2,
        status: Status::Cancelled,
        dtstamp: utc("2026-12-04T08:00:00Z")?,
        ..cancel.entry
    };
    Ok([("request", request), ("update", update), ("cancel", cancel)])
}

fn utc(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    text.parse()
}
