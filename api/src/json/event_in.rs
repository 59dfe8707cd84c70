//! What is to change in an evening, read from JSON.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{AddressFor, Change, MOST_GUESTS, MOST_PLACES, Stage},
    format::{Person, Role, round_table::MOST_TABLES},
    time::{self, Moment, When},
};
use serde_json::Value;

use super::{fields::Fields, read};
use crate::{
    problem::{Problem, Wrong},
    use_cases::events::{EventEdit, NamedVenue, NewEvent},
};

/// A new evening: a draft unless it says held. `zone` is the community's.
pub fn new(value: &Value, zone: Tz) -> Result<NewEvent, Problem> {
    let fields = Fields::of(value)?;
    let when = when(&fields);
    if !fields.has("starts_at") {
        fields.wrong("starts_at", Wrong::Missing);
    }
    let wall = matches!(when.start, Some(Moment::Wall(_))) || matches!(when.end, Some(Moment::Wall(_)));
    if wall && !fields.has("time_zone") {
        fields.wrong("time_zone", Wrong::NoZone);
    }
    let stage = stage(&fields).unwrap_or(Stage::Draft);
    let venue = venue(&fields);
    let changes = changes(&fields, when.zone.unwrap_or(zone));
    let edit = EventEdit { when, venue: venue.0, changes: venue.1.into_iter().chain(changes).collect() };
    fields.finish(Some(NewEvent { stage, edit }))
}

/// A change of an evening, whose times are in `zone` unless the change names another one.
pub fn change(value: &Value, zone: Tz) -> Result<EventEdit, Problem> {
    let fields = Fields::of(value)?;
    let when = when(&fields);
    let stage = stage(&fields).map(Change::Stage);
    let venue = venue(&fields);
    let others = changes(&fields, when.zone.unwrap_or(zone));
    let changes = stage.into_iter().chain(venue.1).chain(others).collect();
    fields.finish(Some(EventEdit { when, venue: venue.0, changes }))
}

fn when(fields: &Fields<'_>) -> When {
    let when = When {
        start: fields.optional("starts_at", read::moment),
        end: fields.optional("ends_at", read::moment),
        minutes: fields.optional("duration", read::duration),
        zone: fields.optional("time_zone", read::zone),
    };
    if when.end.is_some() && when.minutes.is_some() {
        fields.wrong("duration", Wrong::EndAndLength);
    }
    when
}

fn stage(fields: &Fields<'_>) -> Option<Stage> {
    let entered = |name: &str| Stage::from_name(name).filter(|stage| stage.is_before_publication());
    fields.optional("stage", read::named(entered, &["held", "draft"]))
}

/// A venue by its name and address, or what becomes of the venue otherwise.
fn venue(fields: &Fields<'_>) -> (Option<NamedVenue>, Option<Change>) {
    let id = fields.nullable("venue_id", read::id);
    let name = fields.nullable("venue", read::line);
    let address = fields.nullable("address", read::line);
    match (id, name, address) {
        (Some(Some(_)), Some(Some(_)), _) => {
            fields.wrong("venue", Wrong::VenueTwice);
            (None, None)
        }
        (_, None | Some(None), Some(Some(_))) => {
            fields.wrong("address", Wrong::AddressAlone);
            (None, None)
        }
        (_, Some(Some(name)), address) => (Some(NamedVenue { name, address: address.flatten() }), None),
        (Some(id), _, _) => (None, Some(Change::Venue(id))),
        (None, Some(None), _) => (None, Some(Change::Venue(None))),
        (None, None, _) => (None, None),
    }
}

fn changes(fields: &Fields<'_>, zone: Tz) -> Vec<Change> {
    let instant = |value: &Value| instant(value, zone);
    let address_for = read::named(AddressFor::from_name, &["confirmed", "invited"]);
    let lines = |name, max| fields.list(name, max, read::line);
    let count = |name, max| fields.nullable(name, read::number(1, max));
    let changes = [
        fields.nullable("format", read::format).map(Change::Format),
        fields.nullable("title", read::title).map(Change::Title),
        fields.nullable("summary", read::prose).map(Change::Summary),
        fields.optional("language", read::language).map(Change::Language),
        fields.nullable("online_url", read::web_address).map(Change::OnlineUrl),
        count("capacity", MOST_PLACES).map(Change::Capacity),
        fields.optional("max_guests", read::number(0, MOST_GUESTS)).map(Change::MaxGuests),
        fields.nullable("opens_at", instant).map(Change::OpensAt),
        fields.nullable("deadline", instant).map(Change::Deadline),
        fields.optional("members_only", read::boolean).map(Change::MembersOnly),
        fields.optional("address_for", address_for).map(Change::AddressFor),
        one(fields, "moderator", Role::Moderator),
        many(fields, "panel", Role::Panellist),
        one(fields, "facilitator", Role::Facilitator),
        many(fields, "speakers", Role::Speaker),
        one(fields, "scribe", Role::Scribe),
        fields.nullable("context", read::line).map(Change::Context),
        fields.nullable("confidentiality", read::confidentiality).map(Change::Confidentiality),
        fields.nullable("prerequisites", read::prose).map(Change::Prerequisites),
        fields.nullable("bring", read::prose).map(Change::Bring),
        fields.nullable("case", read::prose).map(Change::Case),
        lines("subjects", 50).map(Change::Subjects),
        count("time_box_minutes", 600).map(Change::TimeBoxMinutes),
        lines("questions", 200).map(Change::Questions),
        count("tables", MOST_TABLES).map(Change::Tables),
        count("seats_per_table", MOST_TABLES).map(Change::SeatsPerTable),
    ];
    changes.into_iter().flatten().collect()
}

/// An instant on the wall of a zone, or with the offset in force there.
pub(super) fn instant(value: &Value, zone: Tz) -> Result<DateTime<Utc>, Wrong> {
    match read::moment(value)? {
        Moment::Wall(wall) => time::instant(wall, zone).map_err(|_| Wrong::Moment),
        Moment::Fixed(at) => {
            let there = at.with_timezone(&zone).fixed_offset();
            if there.offset() == at.offset() { Ok(at.with_timezone(&Utc)) } else { Err(Wrong::Offset(zone)) }
        }
    }
}

fn one(fields: &Fields<'_>, name: &'static str, role: Role) -> Option<Change> {
    if fields.is_null(name) {
        return Some(Change::People(role, Vec::new()));
    }
    fields.object(name, person).map(|person| Change::People(role, vec![person]))
}

fn many(fields: &Fields<'_>, name: &'static str, role: Role) -> Option<Change> {
    fields.objects(name, 50, person).map(|people| Change::People(role, people))
}

/// `{member_id}` or `{name, email?}`.
fn person(fields: &Fields<'_>) -> Option<Person> {
    let member = fields.optional("member_id", read::id);
    let name = fields.optional("name", read::name);
    let email = fields.optional("email", read::email);
    match (fields.has("member_id"), fields.has("name"), fields.has("email")) {
        (true, false, false) => member.map(Person::Member),
        (false, true, _) => name.map(|name| Person::Guest { name, email }),
        (true, _, _) | (false, false, _) => {
            fields.wrong_here(Wrong::Person);
            None
        }
    }
}
