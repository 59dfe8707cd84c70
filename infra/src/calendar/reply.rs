//! The only code that reads iCalendar from outside: what a calendar answers to an invitation
//! (iTIP REPLY, RFC 5546, section 3.2.3), as calendars really write it.
//!
//! Times and rules of the event are not looked at, since the evening is ours; ORGANIZER is not
//! needed, since Exchange leaves it out.

use std::collections::BTreeMap;

use calcard::{
    Entry, Parser,
    common::PartialDateTime,
    icalendar::{
        ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarMethod,
        ICalendarParameterName, ICalendarParameterValue, ICalendarParticipationStatus, ICalendarProperty,
        ICalendarValue,
    },
};
use chrono::{DateTime, TimeZone as _, Utc};
use mensuel_domain::text::Email;
use percent_encoding::percent_decode_str;

use super::PartStat;

/// Characters of a comment that are kept.
const COMMENT: usize = 1_000;
/// A longer UID is nobody's.
const UID: usize = 255;
/// Where iCloud has addresses of its own for the people of an event, beside theirs in EMAIL.
const APPLES: &str = "@imip.me.com";
/// Calendars in one part that are looked at.
const CALENDARS: usize = 10;

/// What one attendee answers to one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// As written; compared without case.
    pub uid: String,
    pub attendee: Email,
    pub partstat: PartStat,
    /// When the answer was given. `None` when it is missing or not in UTC.
    pub dtstamp: Option<DateTime<Utc>>,
    /// Of the invitation that was answered (RFC 5546, section 2.1.4).
    pub sequence: u32,
    /// The words that came with the answer, plain, at most 1,000 characters.
    pub comment: Option<String>,
    /// How many more would come, as Google writes it. They are named on the web only.
    pub guests: Option<u32>,
}

impl Reply {
    /// Whether the other is a copy of the same answer, as the attached file is.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.uid.eq_ignore_ascii_case(&other.uid)
            && self.attendee.key() == other.attendee.key()
            && self.partstat == other.partstat
    }
}

/// What a calendar part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheduling {
    Reply(Reply),
    /// Something that is no answer and that a person should see.
    Other {
        what: NoAnswer,
        uid: Option<String>,
        attendee: Option<Email>,
        comment: Option<String>,
    },
    /// Several events, or several answers.
    Several,
    Malformed(Flaw),
}

/// Calendar messages that are no answer (RFC 5546, section 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Another time is proposed.
    Counter,
    /// The event is asked for again.
    Refresh,
    /// Somebody else shall come.
    Delegated,
    Request,
    Cancel,
    Publish,
    Add,
    DeclineCounter,
    /// A file without METHOD, or with one that no standard knows.
    Unknown,
}

impl NoAnswer {
    /// What the organizers of an evening send, and none of its guests.
    pub const fn is_of_organizers(self) -> bool {
        matches!(self, NoAnswer::Request | NoAnswer::Cancel)
    }
}

/// Why a reply cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// There is no calendar in it.
    NoCalendar,
    NoEvent,
    NoUid,
    NoAttendee,
    SeveralAttendees,
}

/// Whether a text that says nothing of its type begins as a calendar does.
pub fn begins_a_calendar(text: &str) -> bool {
    text.trim_start().to_ascii_uppercase().starts_with("BEGIN:VCALENDAR")
}

/// Reads one calendar part. `method` is the parameter of its MIME type, which counts when the text
/// itself has none; `from` is the sender, who counts when a reply names several attendees.
pub fn read(text: &str, method: Option<&str>, from: Option<&Email>) -> Scheduling {
    let calendars = calendars(text);
    if calendars.is_empty() {
        return Scheduling::Malformed(Flaw::NoCalendar);
    }
    let events: Vec<&ICalendarComponent> = calendars.iter().flat_map(events).collect();
    let method = calendars.iter().find_map(method_within).or_else(|| method.map(named));
    match method {
        Some(Method::Reply) => reply(&events, from),
        Some(Method::Other(what)) => other(what, events.first().copied()),
        None => other(NoAnswer::Unknown, events.first().copied()),
    }
}

fn calendars(text: &str) -> Vec<ICalendar> {
    let mut parser = Parser::new(text);
    let mut found = Vec::new();
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => found.push(calendar),
            Entry::Eof => return found,
            _ => {}
        }
        if found.len() >= CALENDARS {
            return found;
        }
    }
}

fn events(calendar: &ICalendar) -> impl Iterator<Item = &ICalendarComponent> {
    calendar.components.iter().filter(|component| component.component_type == ICalendarComponentType::VEvent)
}

#[derive(Clone, Copy)]
enum Method {
    Reply,
    Other(NoAnswer),
}

fn method_within(calendar: &ICalendar) -> Option<Method> {
    let entry = calendar.components.first()?.property(&ICalendarProperty::Method)?;
    match entry.values.first()? {
        ICalendarValue::Method(method) => Some(match method {
            ICalendarMethod::Reply => Method::Reply,
            ICalendarMethod::Counter => Method::Other(NoAnswer::Counter),
            ICalendarMethod::Refresh => Method::Other(NoAnswer::Refresh),
            ICalendarMethod::Request => Method::Other(NoAnswer::Request),
            ICalendarMethod::Cancel => Method::Other(NoAnswer::Cancel),
            ICalendarMethod::Publish => Method::Other(NoAnswer::Publish),
            ICalendarMethod::Add => Method::Other(NoAnswer::Add),
            ICalendarMethod::Declinecounter => Method::Other(NoAnswer::DeclineCounter),
        }),
        value => value.as_text().map(named),
    }
}

fn named(name: &str) -> Method {
    match name.trim().to_ascii_uppercase().as_str() {
        "REPLY" => Method::Reply,
        "COUNTER" => Method::Other(NoAnswer::Counter),
        "REFRESH" => Method::Other(NoAnswer::Refresh),
        "REQUEST" => Method::Other(NoAnswer::Request),
        "CANCEL" => Method::Other(NoAnswer::Cancel),
        "PUBLISH" => Method::Other(NoAnswer::Publish),
        "ADD" => Method::Other(NoAnswer::Add),
        "DECLINECOUNTER" => Method::Other(NoAnswer::DeclineCounter),
        _ => Method::Other(NoAnswer::Unknown),
    }
}

fn reply(events: &[&ICalendarComponent], from: Option<&Email>) -> Scheduling {
    let event = match events {
        [] => return Scheduling::Malformed(Flaw::NoEvent),
        [event] => event,
        [..] => return Scheduling::Several,
    };
    if attendees(event).into_values().any(|(_, entry)| partstat(entry).is_none()) {
        return other(NoAnswer::Delegated, Some(event));
    }
    match one_reply(event, from) {
        Ok(reply) => Scheduling::Reply(reply),
        Err(flaw) => Scheduling::Malformed(flaw),
    }
}

fn one_reply(event: &ICalendarComponent, from: Option<&Email>) -> Result<Reply, Flaw> {
    let uid = uid(event).ok_or(Flaw::NoUid)?;
    let (attendee, entry) = attendee(event, from)?;
    Ok(Reply {
        uid,
        attendee,
        partstat: partstat(entry).unwrap_or(PartStat::NeedsAction),
        dtstamp: dtstamp(event),
        sequence: sequence(event),
        comment: comment(event, Some(entry)),
        guests: parameter(entry, "X-NUM-GUESTS").and_then(|count| count.trim().parse().ok()),
    })
}

fn other(what: NoAnswer, event: Option<&ICalendarComponent>) -> Scheduling {
    let attendees = event.map(attendees).unwrap_or_default();
    let only = if attendees.len() == 1 { attendees.into_values().next() } else { None };
    Scheduling::Other {
        what,
        uid: event.and_then(uid),
        comment: event.and_then(|event| comment(event, only.as_ref().map(|(_, entry)| *entry))),
        attendee: only.map(|(address, _)| address),
    }
}

fn uid(event: &ICalendarComponent) -> Option<String> {
    let uid = event.uid()?.trim();
    (!uid.is_empty() && uid.len() <= UID && !uid.chars().any(char::is_control)).then(|| uid.to_owned())
}

/// The one who answers. A reply that names others too is the sender's.
fn attendee<'a>(
    event: &'a ICalendarComponent,
    from: Option<&Email>,
) -> Result<(Email, &'a ICalendarEntry), Flaw> {
    let mut named = attendees(event);
    match named.len() {
        0 => Err(Flaw::NoAttendee),
        1 => named.into_values().next().ok_or(Flaw::NoAttendee),
        _ => from.and_then(|from| named.remove(&from.key())).ok_or(Flaw::SeveralAttendees),
    }
}

/// By key; of two entries of one address the later one is left out.
fn attendees(event: &ICalendarComponent) -> BTreeMap<String, (Email, &ICalendarEntry)> {
    let mut named = BTreeMap::new();
    for entry in event.properties(&ICalendarProperty::Attendee) {
        if let Some(address) = address(entry) {
            named.entry(address.key()).or_insert((address, entry));
        }
    }
    named
}

/// `mailto:` in any case, percent-encoded or bare; where Apple's server writes the path or the URN
/// of a principal, the address is the parameter EMAIL (RFC 7986, section 6.2).
fn address(entry: &ICalendarEntry) -> Option<Email> {
    let written = entry.calendar_address().map(|address| {
        let address = address.split('?').next().unwrap_or(address);
        percent_decode_str(address).decode_utf8_lossy().into_owned()
    });
    let around = |c: char| c.is_whitespace() || "<>'\"".contains(c);
    let bare = |text: String| Email::parse(text.trim_matches(around)).ok();
    let written = written.and_then(bare).filter(|address| !address.key().ends_with(APPLES));
    written.or_else(|| {
        let email = entry.parameter(&ICalendarParameterName::Email)?.as_text()?;
        bare(calcard::icalendar::utils::strip_mailto_scheme(email).to_owned())
    })
}

/// `None` when it was delegated. A missing or unknown value is no answer (RFC 5545, section 3.2.12).
fn partstat(entry: &ICalendarEntry) -> Option<PartStat> {
    let Some(ICalendarParameterValue::Partstat(given)) = entry.parameter(&ICalendarParameterName::Partstat)
    else {
        return Some(PartStat::NeedsAction);
    };
    match given {
        ICalendarParticipationStatus::Accepted => Some(PartStat::Accepted),
        ICalendarParticipationStatus::Declined => Some(PartStat::Declined),
        ICalendarParticipationStatus::Tentative => Some(PartStat::Tentative),
        ICalendarParticipationStatus::Delegated => None,
        ICalendarParticipationStatus::NeedsAction
        | ICalendarParticipationStatus::Completed
        | ICalendarParticipationStatus::InProcess
        | ICalendarParticipationStatus::Failed => Some(PartStat::NeedsAction),
    }
}

fn dtstamp(event: &ICalendarComponent) -> Option<DateTime<Utc>> {
    let entry = event.property(&ICalendarProperty::Dtstamp)?;
    match entry.values.first()? {
        ICalendarValue::PartialDateTime(at) => utc(at),
        _ => None,
    }
}

fn utc(at: &PartialDateTime) -> Option<DateTime<Utc>> {
    if (at.tz_hour, at.tz_minute) != (Some(0), Some(0)) {
        return None;
    }
    let (month, day) = (u32::from(at.month?), u32::from(at.day?));
    let (hour, minute, second) =
        (u32::from(at.hour?), u32::from(at.minute?), u32::from(at.second.unwrap_or(0)).min(59));
    Utc.with_ymd_and_hms(i32::from(at.year?), month, day, hour, minute, second).single()
}

/// Outlook keeps a second number, which stands when the first is missing.
fn sequence(event: &ICalendarComponent) -> u32 {
    let own = ICalendarProperty::Other("X-MICROSOFT-CDO-APPT-SEQUENCE".to_owned());
    [ICalendarProperty::Sequence, own]
        .iter()
        .filter_map(|name| number(event.property(name)?.values.first()?))
        .next()
        .unwrap_or(0)
}

fn number(value: &ICalendarValue) -> Option<u32> {
    match value {
        ICalendarValue::Integer(number) => u32::try_from(*number).ok(),
        value => value.as_text()?.trim().parse().ok(),
    }
}

/// COMMENT, or what Google writes beside the attendee.
fn comment(event: &ICalendarComponent, attendee: Option<&ICalendarEntry>) -> Option<String> {
    let written =
        event.property(&ICalendarProperty::Comment).and_then(|entry| entry.values.first()?.as_text());
    let words = written.or_else(|| parameter(attendee?, "X-RESPONSE-COMMENT"))?;
    let visible: String =
        words.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).take(COMMENT).collect();
    let visible = visible.trim();
    (!visible.is_empty()).then(|| visible.to_owned())
}

fn parameter<'a>(entry: &'a ICalendarEntry, name: &str) -> Option<&'a str> {
    let of_name = |given: &ICalendarParameterName| match given {
        ICalendarParameterName::Other(given) => given.eq_ignore_ascii_case(name),
        _ => false,
    };
    entry.params.iter().find(|parameter| of_name(&parameter.name))?.value.as_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(lines: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    }

    fn answer(text: &str) -> Reply {
        match read(text, None, None) {
            Scheduling::Reply(reply) => reply,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn attendees_are_read_however_they_are_written() {
        for line in [
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:zoe+a@soie.example",
            "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:ZOE+A@SOIE.EXAMPLE",
            "attendee;partstat=accepted:Mailto:zoe%2Ba@soie.example",
            "ATTENDEE;PARTSTAT=ACCEPTED:zoe+a@soie.example",
            "ATTENDEE;PARTSTAT=ACCEPTED;CN=\"Durand, Zoé; dite: Z\":mailto:zoe+a@soie.ex\r\n ample",
            "ATTENDEE;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT=\"a; b: c, d\":mailto:zoe+a@soie.example",
            "ATTENDEE;EMAIL=zoe+a@soie.example;PARTSTAT=ACCEPTED:/aMTIz/principal/",
            "ATTENDEE;EMAIL=\"zoe+a@soie.example\";PARTSTAT=ACCEPTED:urn:uuid:7d1f6c52-3a0e-4c0e-9b2e-2f6a51c0a101",
            "ATTENDEE;EMAIL=zoe+a@soie.example;PARTSTAT=ACCEPTED:mailto:2_GEYTIMJR@imip.me.com",
            "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:'zoe+a@soie.example'",
            "ATTENDEE;PARTSTAT=\"ACCEPTED\":mailto: zoe+a@soie.example",
            "ATTENDEE;SENT-BY=\"mailto:aide@soie.example\";PARTSTAT=ACCEPTED:mailto:zoe+a@soie.example",
        ] {
            let reply = answer(&event(&format!("UID:u-1\r\nDTSTAMP:20261002T090000Z\r\n{line}")));
            assert_eq!(reply.attendee.key(), "zoe+a@soie.example", "{line}");
            assert_eq!(reply.partstat, PartStat::Accepted, "{line}");
            assert_eq!(reply.dtstamp.unwrap().to_rfc3339(), "2026-10-02T09:00:00+00:00");
        }
    }

    #[test]
    fn what_else_is_in_it_is_read_or_passed_over() {
        let reply = answer(&event(
            "UID:U-1\r\nSEQUENCE:3\r\nRRULE:FREQ=SECONDLY\r\nDTSTART;TZID=Nowhere Standard Time:20261112T190000\r\nDTSTAMP;TZID=X:20261002T090000\r\nREQUEST-STATUS:2.0;Success\r\nCOMMENT;LANGUAGE=fr:J'arrive\\, vers 20 h\\n\r\nATTENDEE;PARTSTAT=TENTATIVE;X-NUM-GUESTS=2:mailto:z@x.example",
        ));
        assert_eq!(reply.comment.as_deref(), Some("J'arrive, vers 20 h"));
        assert_eq!((reply.sequence, reply.guests, reply.dtstamp), (3, Some(2), None));
        let google = answer(&event(
            "UID:u\r\nATTENDEE;PARTSTAT=DECLINED;X-RESPONSE-COMMENT=\"trop loin\":mailto:z@x.example\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:2",
        ));
        assert_eq!((google.comment.as_deref(), google.sequence), (Some("trop loin"), 2));
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let one = "UID:u\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:z@x.example";
        let with = |method: &str| event(one).replace("METHOD:REPLY", method);
        for (method, what) in [
            ("METHOD:COUNTER", NoAnswer::Counter),
            ("METHOD:REFRESH", NoAnswer::Refresh),
            ("METHOD:REQUEST", NoAnswer::Request),
            ("METHOD:CANCEL", NoAnswer::Cancel),
            ("METHOD:X-OURS", NoAnswer::Unknown),
            ("X-NONE:1", NoAnswer::Unknown),
        ] {
            let read = read(&with(method), None, None);
            assert!(
                matches!(read, Scheduling::Other { what: found, .. } if found == what),
                "{method} {read:?}"
            );
        }
        assert!(matches!(read(&with("X-NONE:1"), Some("reply"), None), Scheduling::Reply(_)));
        assert!(matches!(read(&with("METHOD:reply"), None, None), Scheduling::Reply(_)));
        let delegated = event(&one.replace("ACCEPTED", "DELEGATED;DELEGATED-TO=\"mailto:b@x.example\""));
        assert!(matches!(read(&delegated, None, None), Scheduling::Other { what: NoAnswer::Delegated, .. }));
    }

    #[test]
    fn flaws_are_named() {
        let cases = [
            ("".to_owned(), Flaw::NoCalendar),
            ("Bonjour".to_owned(), Flaw::NoCalendar),
            ("BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR".to_owned(), Flaw::NoEvent),
            (event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:z@x.example"), Flaw::NoUid),
            (event("UID:u"), Flaw::NoAttendee),
            (event("UID:u\r\nATTENDEE;PARTSTAT=ACCEPTED:invalid:nomail"), Flaw::NoAttendee),
            (
                event("UID:u\r\nATTENDEE:mailto:a@x.example\r\nATTENDEE:mailto:b@x.example"),
                Flaw::SeveralAttendees,
            ),
        ];
        for (text, flaw) in cases {
            assert_eq!(read(&text, None, None), Scheduling::Malformed(flaw), "{text}");
        }
    }

    #[test]
    fn several_events_are_no_answer_and_several_attendees_the_senders() {
        let one = event("UID:u\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:z@x.example");
        let two = one.replace("END:VEVENT", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:v\r\nEND:VEVENT");
        assert_eq!(read(&two, None, None), Scheduling::Several);
        assert_eq!(read(&format!("{one}{one}"), None, None), Scheduling::Several);
        let shared = event(
            "UID:u\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example\r\nATTENDEE;PARTSTAT=DECLINED:mailto:b@x.example",
        );
        let from = Email::parse("B@x.example").unwrap();
        let Scheduling::Reply(reply) = read(&shared, None, Some(&from)) else { panic!() };
        assert_eq!((reply.attendee.as_str(), reply.partstat), ("b@x.example", PartStat::Declined));
    }
}
