//! Ordinary values to begin from.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mensuel_domain::time::Span;
use mensuel_infra::calendar::*;

pub fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn span(date: &str, zone: Tz) -> Span {
    Span::lasting(date.parse().unwrap(), "19:00:00".parse().unwrap(), zone, 150).unwrap()
}

pub fn entry() -> Entry {
    Entry {
        uid: "5d0f6b0e-8c1b-4a57-9d8e-3f0c6f3d2a11@soirees.example".to_owned(),
        dtstamp: utc("2026-12-02T08:00:00Z"),
        last_modified: utc("2026-12-01T09:30:00Z"),
        created: Some(utc("2026-11-03T10:00:00Z")),
        sequence: 2,
        span: span("2027-01-14", Tz::Europe__Paris),
        summary: "Étude de cas : sortir d’un monolithe, sans gel".to_owned(),
        description: Some(
            "Avec Zoé D.; questions ensuite\nRépondre : https://soirees.example/r/abc".to_owned(),
        ),
        location: Some("La Filature, 12 rue de la Soie, 69001 Lyon".to_owned()),
        geo: Some((45.767_299, 4.834_278)),
        url: Some("https://soirees.example/events/2027-01-14-sortir-d-un-monolithe".to_owned()),
        categories: vec!["Retour d’expérience".to_owned()],
        status: Status::Confirmed,
        transparency: Transparency::Transparent,
        conference: Some("https://visio.example/salle,1".to_owned()),
    }
}

pub fn calendar(entries: Vec<Entry>) -> Calendar {
    Calendar {
        name: "Soirées CTO, Lyon".to_owned(),
        description: "Une soirée par mois".to_owned(),
        zone: Tz::Europe__Paris,
        color: "teal".to_owned(),
        last_modified: utc("2026-12-01T09:30:00Z"),
        url: "https://soirees.example/".to_owned(),
        source: Some("https://soirees.example/calendar.ics".to_owned()),
        entries,
    }
}

pub fn invitation(method: Method) -> Invitation {
    Invitation {
        method,
        entry: Entry { transparency: Transparency::Opaque, ..entry() },
        organizer: Party {
            name: "Soirées CTO, Lyon".to_owned(),
            email: "bonjour@soirees.example".to_owned(),
        },
        attendee: Attendee {
            name: "Zoé \"Zed\" Durand".to_owned(),
            email: "zoe+soirees@soie.example".to_owned(),
            role: Role::Required,
            partstat: PartStat::NeedsAction,
        },
    }
}
