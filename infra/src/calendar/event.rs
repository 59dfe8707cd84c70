//! One evening as a VEVENT.

use chrono::{LocalResult, NaiveDateTime, TimeZone, Utc};
use ics::Event;
use mensuel_domain::time::Span;

use super::value::{Line, Value};
use super::{Attendee, Entry, Invitation, Method, PartStat, Party, Role, Status, Transparency, Zones};

/// Who reads the entry: whoever has the feed, or the one person who is invited.
pub(super) enum ForWhom<'a> {
    Anybody,
    One(&'a Invitation),
}

/// RFC 5545, section 3.6.1. An entry stands for itself: no rule, no exception, no alarm.
pub(super) fn event(entry: &Entry, reader: &ForWhom<'_>, zones: &Zones) -> Event<'static> {
    let stamp = match reader {
        ForWhom::Anybody => entry.last_modified,
        ForWhom::One(_) => entry.dtstamp,
    };
    let mut event = Event::new(Value::text(&entry.uid), Value::utc(stamp));
    event.push(Line::new("SEQUENCE", Value::number(entry.sequence)));
    event.push(Line::new("LAST-MODIFIED", Value::utc(entry.last_modified)));
    if let Some(created) = entry.created {
        event.push(Line::new("CREATED", Value::utc(created)));
    }
    for line in times(&entry.span, zones).into_iter().chain(words(entry)).chain(states(entry, reader)) {
        event.push(line);
    }
    if let ForWhom::One(invitation) = reader {
        event.push(organizer(&invitation.organizer));
        event.push(attendee(&invitation.attendee, invitation.method));
    }
    event
}

/// Wall times where the zone is proven and both hours come once; else UTC. DTSTART and DTEND have
/// the same form (section 3.8.2.2).
fn times(span: &Span, zones: &Zones) -> [Line; 2] {
    if zones.know(span.zone)
        && once(span.start, span) == Some(span.starts_at)
        && once(span.end, span) == Some(span.ends_at)
    {
        let wall = |name, at| Line::new(name, Value::wall(at)).with("TZID", span.zone.name());
        return [wall("DTSTART", span.start), wall("DTEND", span.end)];
    }
    [Line::new("DTSTART", Value::utc(span.starts_at)), Line::new("DTEND", Value::utc(span.ends_at))]
}

/// The instant of an hour that comes once. Readers do not agree on one that comes twice.
fn once(wall: NaiveDateTime, span: &Span) -> Option<chrono::DateTime<Utc>> {
    match span.zone.from_local_datetime(&wall) {
        LocalResult::Single(at) => Some(at.with_timezone(&Utc)),
        LocalResult::Ambiguous(..) | LocalResult::None => None,
    }
}

fn words(entry: &Entry) -> impl Iterator<Item = Line> {
    let text = |name, value: &Option<String>| {
        Value::text_if_any(value.as_deref()).map(|value| Line::new(name, value))
    };
    let conference = entry.conference.as_deref().and_then(Value::uri);
    [
        Some(Line::new("SUMMARY", Value::text(&entry.summary))),
        text("DESCRIPTION", &entry.description),
        text("LOCATION", &entry.location),
        entry.geo.and_then(Value::geo).map(|geo| Line::new("GEO", geo)),
        entry.url.as_deref().and_then(Value::uri).map(|url| Line::new("URL", url)),
        conference.map(|uri| Line::new("CONFERENCE", uri).of_type("URI").with("FEATURE", "VIDEO")),
        Value::texts(&entry.categories).map(|list| Line::new("CATEGORIES", list)),
    ]
    .into_iter()
    .flatten()
}

fn states(entry: &Entry, reader: &ForWhom<'_>) -> impl Iterator<Item = Line> {
    let status = status(entry.status, reader).map(|word| Line::new("STATUS", Value::word(word)));
    let transparency = match (entry.status, entry.transparency, reader) {
        // Nobody is busy with what does not take place.
        (Status::Cancelled, _, ForWhom::Anybody) | (_, Transparency::Transparent, _) => "TRANSPARENT",
        (_, Transparency::Opaque, _) => "OPAQUE",
    };
    status.into_iter().chain([Line::new("TRANSP", Value::word(transparency))])
}

/// A CANCEL is always cancelled; a REQUEST never is (RFC 5546, sections 3.2.2 and 3.2.5).
fn status(status: Status, reader: &ForWhom<'_>) -> Option<&'static str> {
    let method = match reader {
        ForWhom::Anybody => None,
        ForWhom::One(invitation) => Some(invitation.method),
    };
    match (method, status) {
        (Some(Method::Cancel), _) | (None, Status::Cancelled) => Some("CANCELLED"),
        (Some(Method::Request), Status::Cancelled) => None,
        (Some(Method::Request) | None, Status::Tentative) => Some("TENTATIVE"),
        (Some(Method::Request) | None, Status::Confirmed) => Some("CONFIRMED"),
    }
}

fn organizer(party: &Party) -> Line {
    named(Line::new("ORGANIZER", Value::mailbox(&party.email)), &party.name)
}

/// An answer is asked for by a request only.
fn attendee(attendee: &Attendee, method: Method) -> Line {
    let line = Line::new("ATTENDEE", Value::mailbox(&attendee.email))
        .with("CUTYPE", "INDIVIDUAL")
        .with("ROLE", role(attendee.role))
        .with("PARTSTAT", partstat(attendee.partstat));
    let line = named(line, &attendee.name);
    match method {
        Method::Request => line.with("RSVP", "TRUE"),
        Method::Cancel => line,
    }
}

fn named(line: Line, name: &str) -> Line {
    if name.is_empty() { line } else { line.with("CN", name) }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Chair => "CHAIR",
        Role::Required => "REQ-PARTICIPANT",
        Role::Optional => "OPT-PARTICIPANT",
    }
}

fn partstat(partstat: PartStat) -> &'static str {
    match partstat {
        PartStat::NeedsAction => "NEEDS-ACTION",
        PartStat::Accepted => "ACCEPTED",
        PartStat::Declined => "DECLINED",
        PartStat::Tentative => "TENTATIVE",
    }
}
