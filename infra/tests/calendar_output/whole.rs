//! Whole files, as they leave.

use chrono_tz::Tz;
use mensuel_infra::calendar::*;

use crate::reader::read;
use crate::sample;

const PARIS: &str = "BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
END:DAYLIGHT
END:VTIMEZONE
";

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

#[test]
fn a_feed() {
    let head = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Mensuel//Mensuel//EN
CALSCALE:GREGORIAN
NAME:Soirées CTO\\, Lyon
X-WR-CALNAME:Soirées CTO\\, Lyon
DESCRIPTION:Une soirée par mois
X-WR-CALDESC:Une soirée par mois
X-WR-TIMEZONE:Europe/Paris
LAST-MODIFIED:20261201T093000Z
URL:https://soirees.example/
SOURCE;VALUE=URI:https://soirees.example/calendar.ics
REFRESH-INTERVAL;VALUE=DURATION:PT4H
X-PUBLISHED-TTL:PT4H
COLOR:teal
";
    let event = "BEGIN:VEVENT
UID:5d0f6b0e-8c1b-4a57-9d8e-3f0c6f3d2a11@soirees.example
DTSTAMP:20261201T093000Z
SEQUENCE:2
LAST-MODIFIED:20261201T093000Z
CREATED:20261103T100000Z
DTSTART;TZID=Europe/Paris:20270114T190000
DTEND;TZID=Europe/Paris:20270114T213000
SUMMARY:Étude de cas : sortir d’un monolithe\\, sans gel
DESCRIPTION:Avec Zoé D.\\; questions ensuite\\nRépondre : https://soirees.e
 xample/r/abc
LOCATION:La Filature\\, 12 rue de la Soie\\, 69001 Lyon
GEO:45.767299;4.834278
URL:https://soirees.example/events/2027-01-14-sortir-d-un-monolithe
CONFERENCE;FEATURE=VIDEO;VALUE=URI:https://visio.example/salle,1
CATEGORIES:Retour d’expérience
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
";
    assert_eq!(text(feed(&sample::calendar(vec![sample::entry()]))), format!("{head}{PARIS}{event}"));
}

#[test]
fn a_request() {
    let head = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Mensuel//Mensuel//EN
CALSCALE:GREGORIAN
METHOD:REQUEST
";
    let event = "BEGIN:VEVENT
UID:5d0f6b0e-8c1b-4a57-9d8e-3f0c6f3d2a11@soirees.example
DTSTAMP:20261202T080000Z
SEQUENCE:2
LAST-MODIFIED:20261201T093000Z
DTSTART;TZID=Europe/Paris:20270114T190000
DTEND;TZID=Europe/Paris:20270114T213000
SUMMARY:Étude de cas : sortir d’un monolithe\\, sans gel
STATUS:CONFIRMED
TRANSP:OPAQUE
ORGANIZER;CN=\"Soirées CTO, Lyon\":mailto:bonjour@soirees.example
ATTENDEE;CN=Zoé 'Zed' Durand;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=
 REQ-PARTICIPANT;RSVP=TRUE:mailto:zoe+soirees@soie.example
END:VEVENT
END:VCALENDAR
";
    let mut invitation = sample::invitation(Method::Request);
    let entry = sample::entry();
    invitation.entry = Entry {
        created: None,
        description: None,
        location: None,
        geo: None,
        url: None,
        categories: vec![],
        conference: None,
        transparency: Transparency::Opaque,
        ..entry
    };
    assert_eq!(text(message(&invitation)), format!("{head}{PARIS}{event}"));
}

#[test]
fn a_cancel_asks_nothing() {
    let read = read(&message(&sample::invitation(Method::Cancel)));
    assert_eq!(read.text("METHOD"), Method::Cancel.name());
    let event = read.parts("VEVENT")[0];
    assert_eq!(event.text("STATUS"), "CANCELLED");
    assert_eq!(event.one("ATTENDEE").params.get("RSVP"), None);
}

#[test]
fn a_cancelled_evening_in_a_feed_makes_nobody_busy() {
    let entry = Entry { status: Status::Cancelled, transparency: Transparency::Opaque, ..sample::entry() };
    let read = read(&feed(&sample::calendar(vec![entry])));
    assert_eq!(read.parts("VEVENT")[0].text("STATUS"), "CANCELLED");
    assert_eq!(read.parts("VEVENT")[0].text("TRANSP"), "TRANSPARENT");
}

#[test]
fn a_private_feed_does_not_hold_its_own_address() {
    let calendar = Calendar { source: None, ..sample::calendar(vec![sample::entry()]) };
    assert!(read(&feed(&calendar)).named("SOURCE").is_empty());
}

#[test]
fn the_order_of_entries_changes_no_byte() {
    let entries: Vec<Entry> = ["2027-03-11", "2027-01-14", "2027-02-11"]
        .map(|date| Entry {
            span: sample::span(date, Tz::Europe__Paris),
            uid: date.to_owned(),
            ..sample::entry()
        })
        .to_vec();
    let mut turned = entries.clone();
    turned.rotate_left(1);
    let restamped = turned
        .into_iter()
        .map(|entry| Entry { dtstamp: sample::utc("2027-01-01T00:00:00Z"), ..entry })
        .collect();
    assert_eq!(feed(&sample::calendar(entries)), feed(&sample::calendar(restamped)));
}
