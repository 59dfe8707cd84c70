//! The only code that writes iCalendar (RFC 5545, with RFC 7986 for what is said of a calendar), and
//! what reads the answers to it ([`reply`]).
//!
//! Two things leave: a [`feed`] that calendars fetch again and again, and a [`message`] that is
//! mailed to one person (iMIP: RFC 5546, RFC 6047). The words are the caller's; how they are
//! escaped, quoted, folded and placed in time is decided here and nowhere else. No text that is
//! put in can become anything but the value of its own property.

mod event;
mod fold;
pub mod reply;
mod value;
mod zone;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Months, Utc};
use chrono_tz::Tz;
use ics::ICalendar;
use mensuel_domain::time::Span;

use event::ForWhom;
use value::{Line, Value};
use zone::Rules;

/// Names the product that wrote the text (RFC 5545, section 3.7.3). It holds no version: the same
/// data give the same bytes before and after an update.
const PRODID: &str = "-//Mensuel//Mensuel//EN";

/// How often a calendar is asked to fetch a feed again (RFC 7986, section 5.7).
const REFRESH: &str = "PT4H";

/// What an evening is to a calendar (RFC 5545, section 3.8.1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Tentative,
    Confirmed,
    Cancelled,
}

/// Whether an entry makes its reader busy (RFC 5545, section 3.8.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transparency {
    /// Busy.
    Opaque,
    /// Free.
    Transparent,
}

/// One evening as a calendar shows it (RFC 5545, section 3.6.1). Texts are plain and ready to be
/// shown, with `\n` between lines. Addresses that are not absolute `http:` or `https:` ones, and
/// coordinates that are not on the globe, are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Random and stored; never made from a date or a title.
    pub uid: String,
    /// When the notification was made; the same for each attempt to send it. A feed writes
    /// `last_modified` in its place, so that its bytes follow from the data alone.
    pub dtstamp: DateTime<Utc>,
    pub last_modified: DateTime<Utc>,
    pub created: Option<DateTime<Utc>>,
    /// The revision of the evening (RFC 5546, section 2.1.4).
    pub sequence: u32,
    pub span: Span,
    pub summary: String,
    pub description: Option<String>,
    pub location: Option<String>,
    /// Latitude and longitude in degrees (WGS 84).
    pub geo: Option<(f64, f64)>,
    pub url: Option<String>,
    pub categories: Vec<String>,
    pub status: Status,
    pub transparency: Transparency,
    /// Where to meet online (RFC 7986, section 5.11).
    pub conference: Option<String>,
}

/// A calendar that can be subscribed to.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    pub name: String,
    pub description: String,
    /// The zone of the community, shown when an entry has none of its own.
    pub zone: Tz,
    /// A colour name of CSS, such as `teal` (RFC 7986, section 5.9).
    pub color: String,
    /// The last visible change, removals counted.
    pub last_modified: DateTime<Utc>,
    /// The page that shows the same to a person.
    pub url: String,
    /// The address of the feed itself (RFC 7986, section 5.8): only where it is no secret.
    pub source: Option<String>,
    pub entries: Vec<Entry>,
}

/// What an invitation asks of the calendar that reads it (RFC 5546, section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A first invitation, an update, or the answer that is on record.
    Request,
    Cancel,
}

impl Method {
    /// The value of METHOD, and of the `method` parameter of the MIME type, which must be equal
    /// (RFC 6047, section 2.4).
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// A person or a community with an address. An empty name is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub name: String,
    pub email: String,
}

/// The part that somebody has in an evening (RFC 5545, section 3.2.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Chair,
    Required,
    Optional,
}

/// What somebody answered (RFC 5545, section 3.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartStat {
    NeedsAction,
    Accepted,
    Declined,
    Tentative,
}

/// The one who is invited, and the only attendee that a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub partstat: PartStat,
}

/// One mail's calendar part: this evening, for this person.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    pub method: Method,
    pub entry: Entry,
    pub organizer: Party,
    pub attendee: Attendee,
}

/// The bytes of a feed, or of the file of one evening. They are a function of `calendar`, whatever
/// the order of its entries. There is no METHOD, organizer, attendee or alarm in them: a feed asks
/// nobody anything.
pub fn feed(calendar: &Calendar) -> Vec<u8> {
    let mut entries: Vec<&Entry> = calendar.entries.iter().collect();
    entries.sort_by_key(|entry| (entry.span.starts_at, &entry.uid));
    let zones = Zones::proven(&entries, calendar.zone, calendar.last_modified);

    let mut out = blank();
    describe(&mut out, calendar);
    zones.write(&mut out);
    for entry in entries {
        out.add_event(event::event(entry, &ForWhom::Anybody, &zones));
    }
    fold::bytes(&out)
}

/// The bytes of the calendar part of one mail (RFC 5546, sections 3.2.2 and 3.2.5). Inside, METHOD
/// is [`Method::name`], and there is one organizer and one attendee.
pub fn message(invitation: &Invitation) -> Vec<u8> {
    let entry = &invitation.entry;
    let zones = Zones::proven(&[entry], entry.span.zone, entry.last_modified);

    let mut out = blank();
    out.push(Line::new("METHOD", Value::word(invitation.method.name())));
    zones.write(&mut out);
    out.add_event(event::event(entry, &ForWhom::One(invitation), &zones));
    fold::bytes(&out)
}

fn blank() -> ICalendar<'static> {
    let mut out = ICalendar::new(Value::word("2.0"), Value::word(PRODID));
    out.push(Line::new("CALSCALE", Value::word("GREGORIAN")));
    out
}

/// What RFC 7986 can say of a calendar, and what older readers know it by.
fn describe(out: &mut ICalendar<'static>, calendar: &Calendar) {
    for name in ["NAME", "X-WR-CALNAME"] {
        out.push(Line::new(name, Value::text(&calendar.name)));
    }
    for name in ["DESCRIPTION", "X-WR-CALDESC"] {
        out.push(Line::new(name, Value::text(&calendar.description)));
    }
    out.push(Line::new("X-WR-TIMEZONE", Value::word(calendar.zone.name())));
    out.push(Line::new("LAST-MODIFIED", Value::utc(calendar.last_modified)));
    if let Some(url) = Value::uri(&calendar.url) {
        out.push(Line::new("URL", url));
    }
    if let Some(source) = calendar.source.as_deref().and_then(Value::uri) {
        out.push(Line::new("SOURCE", source).of_type("URI"));
    }
    out.push(Line::new("REFRESH-INTERVAL", Value::word(REFRESH)).of_type("DURATION"));
    out.push(Line::new("X-PUBLISHED-TTL", Value::word(REFRESH)));
    if let Some(color) = Value::color(&calendar.color) {
        out.push(Line::new("COLOR", color));
    }
}

/// The zones of some entries whose yearly rules are proven, by name. Entries of any other zone are
/// written in UTC.
struct Zones(BTreeMap<&'static str, (Tz, Rules)>);

impl Zones {
    fn proven(entries: &[&Entry], home: Tz, anchor: DateTime<Utc>) -> Self {
        let mut years: BTreeMap<&'static str, (Tz, RangeInclusive<i32>)> = BTreeMap::new();
        for span in entries.iter().map(|entry| &entry.span) {
            let (_, years) = years.entry(span.zone.name()).or_insert((span.zone, window(anchor)));
            *years = (*years.start()).min(span.start.year())..=(*years.end()).max(span.end.year());
        }
        if years.is_empty() {
            years.insert(home.name(), (home, window(anchor)));
        }
        Self(
            years
                .into_iter()
                .filter_map(|(name, (zone, years))| Some((name, (zone, zone::prove(zone, years)?))))
                .collect(),
        )
    }

    fn know(&self, zone: Tz) -> bool {
        self.0.contains_key(zone.name())
    }

    /// A calendar without any component is not valid (RFC 5545, section 3.6), so there is always
    /// one zone.
    fn write(&self, out: &mut ICalendar<'static>) {
        if self.0.is_empty() {
            out.add_timezone(zone::utc());
        }
        for (zone, rules) in self.0.values() {
            out.add_timezone(zone::component(*zone, rules));
        }
    }
}

/// The years that a calendar touches: from 12 months before its last change to 18 months after.
fn window(anchor: DateTime<Utc>) -> RangeInclusive<i32> {
    let first = anchor.checked_sub_months(Months::new(12)).unwrap_or(anchor);
    let last = anchor.checked_add_months(Months::new(18)).unwrap_or(anchor);
    first.year()..=last.year()
}
