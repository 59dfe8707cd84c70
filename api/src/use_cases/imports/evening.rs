//! What one line says of its evening.

use mensuel_domain::{
    event::{Change, Event, Stage},
    format::{Person, Role},
    id::Id,
    venue::Venue,
};
use mensuel_infra::store::{Tx, members};

use super::Wrong;
use crate::{
    csv_input::{EventLine, Who},
    use_cases::Failure,
};

/// The changes that a line asks for, all but its venue and its publication. Empty cells say nothing.
pub(super) async fn changes_of(tx: &Tx, line: &EventLine) -> Result<Result<Vec<Change>, Wrong>, Failure> {
    let mut changes = plain_changes(line);
    for (role, column, who) in people_of(line) {
        if who.is_empty() {
            continue;
        }
        let mut people = Vec::with_capacity(who.len());
        for one in who {
            match person(tx, column, one).await? {
                Ok(person) => people.push(person),
                Err(wrong) => return Ok(Err(wrong)),
            }
        }
        changes.push(Change::People(role, people));
    }
    Ok(Ok(changes))
}

fn plain_changes(line: &EventLine) -> Vec<Change> {
    let mut changes = vec![Change::Span(line.span)];
    changes.extend(line.format.map(|format| Change::Format(Some(format))));
    changes.extend(line.title.clone().map(|title| Change::Title(Some(title))));
    changes.extend(line.summary.clone().map(|summary| Change::Summary(Some(summary))));
    changes.extend(line.confidentiality.map(|level| Change::Confidentiality(Some(level))));
    changes.extend(line.prerequisites.clone().map(|text| Change::Prerequisites(Some(text))));
    changes.extend(line.bring.clone().map(|text| Change::Bring(Some(text))));
    changes.extend(Some(line.subjects.clone()).filter(|all| !all.is_empty()).map(Change::Subjects));
    changes.extend(line.tables.map(|tables| Change::Tables(Some(tables))));
    changes.extend(line.seats_per_table.map(|seats| Change::SeatsPerTable(Some(seats))));
    changes.extend(line.capacity.map(|capacity| Change::Capacity(Some(capacity))));
    changes
}

fn people_of(line: &EventLine) -> [(Role, &'static str, &[Who]); 4] {
    [
        (Role::Moderator, "moderator", line.moderator.as_slice()),
        (Role::Panellist, "panel", &line.panel),
        (Role::Facilitator, "facilitator", line.facilitator.as_slice()),
        (Role::Speaker, "speakers", &line.speakers),
    ]
}

async fn person(tx: &Tx, column: &'static str, who: &Who) -> Result<Result<Person, Wrong>, Failure> {
    Ok(match who {
        Who::Guest { name, email } => Ok(Person::Guest { name: name.clone(), email: email.clone() }),
        Who::Member(email) => match members::find_by_email(tx.db(), email).await? {
            Some(member) if member.status.belongs() => Ok(Person::Member(member.id)),
            Some(_) | None => Err(Wrong::NoMember { column, address: email.to_string() }),
        },
    })
}

/// Whether an evening that was told of already says what the line says. The line's stage may be of
/// the time before.
pub(super) fn agrees(event: &Event, changes: &[Change], venue: Option<Option<Id<Venue>>>) -> bool {
    let mut told = event.clone();
    told.stage = Stage::Draft;
    told.occurrence = None;
    let place = match venue {
        None => None,
        Some(None) => return false,
        Some(Some(venue)) => Some(Change::Venue(Some(venue))),
    };
    let changes = changes.iter().cloned().chain(place).collect();
    // An evening of no series keeps no record of what was set on it: only real changes count.
    told.edit(changes, mensuel_domain::event::Edit::BySeries, event.span.ends_at)
        .is_ok_and(|decision| decision.is_unchanged())
}
