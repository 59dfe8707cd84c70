//! Venues.

use mensuel_domain::{
    event::Event,
    fact::Fact,
    id::Id,
    text::{Line, Prose},
    venue::{Venue, area_of},
};
use mensuel_infra::store::{StoreError, Tx, events, rsvps, venues, venues::Kept};

use super::{By, Failure, Refused};
use crate::app::App;

#[derive(Clone, Debug)]
pub struct NewVenue {
    pub name: Line,
    /// Postcode and town; taken from the address when it is not given.
    pub area: Option<Line>,
    pub address: Option<Line>,
    pub access_notes: Option<Prose>,
}

/// One field and its new value; `None` clears it.
#[derive(Clone, Debug)]
pub enum Change {
    Name(Line),
    Area(Option<Line>),
    Address(Option<Line>),
    AccessNotes(Option<Prose>),
}

pub async fn create(app: &App, by: &By, new: NewVenue) -> Result<Kept, Failure> {
    let tx = app.store.write(app.now()).await?;
    let kept = venues::insert(&tx, &made(&tx, new)).await.map_err(taken)?;
    let fact = Fact::VenueAdded { venue: kept.venue.id };
    by.take_key(&tx, Some(kept.venue.id.uuid())).await?;
    tx.commit(by.actor, vec![fact]).await?;
    Ok(kept)
}

fn made(tx: &Tx, new: NewVenue) -> Venue {
    Venue {
        id: tx.new_id(),
        name: new.name,
        area: new.area.or_else(|| new.address.as_ref().and_then(area_of)),
        address: new.address,
        access_notes: new.access_notes,
    }
}

/// Changes a venue for all evenings that take place there: their calendar entries are taken over.
/// Another address is another place, which moves the evenings to come and is told, unless it only
/// corrects how the place was written.
pub async fn change(
    app: &App,
    by: &By,
    id: Id<Venue>,
    if_match: Option<u32>,
    changes: Vec<Change>,
    correction: bool,
) -> Result<Kept, Failure> {
    let tx = app.store.write(app.now()).await?;
    let there = lock_evenings(&tx, id).await?;
    let before = venues::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    if if_match.is_some_and(|revision| revision != before.revision) {
        return Err(Refused::Stale.into());
    }
    let venue = changed(before.venue.clone(), changes);
    if venue == before.venue {
        tx.undo().await?;
        return Ok(before);
    }
    let after = Kept { venue, revision: before.revision + 1, updated_at: tx.now(), ..before };
    venues::update(&tx, &after).await.map_err(taken)?;
    let moves = !correction && before.venue.is_elsewhere(&after.venue);
    let mut facts = vec![Fact::VenueChanged { venue: id }];
    for event in there {
        let (after, moved) = match moves {
            true => event.venue_moved(tx.now()),
            false => (event.venue_described(tx.now()), None),
        };
        if moved.is_some() {
            rsvps::mark_before_move(&tx, event.id).await?;
        }
        events::update(&tx, &event, &after).await?;
        facts.extend(moved);
    }
    tx.commit(by.actor, facts).await?;
    Ok(after)
}

/// The evenings that show this venue, in the order of their ids.
async fn lock_evenings(tx: &Tx, id: Id<Venue>) -> Result<Vec<Event>, Failure> {
    let mut locked = Vec::new();
    for event in events::ids_at_venue(tx.db(), id).await? {
        locked.extend(events::lock(tx, event).await?.filter(|event| event.venue == Some(id)));
    }
    Ok(locked)
}

/// An area that was read out of the address follows the address.
fn changed(mut venue: Venue, changes: Vec<Change>) -> Venue {
    let area_follows = venue.area == venue.address.as_ref().and_then(area_of);
    let area_given = changes.iter().any(|change| matches!(change, Change::Area(_)));
    for change in changes {
        match change {
            Change::Name(name) => venue.name = name,
            Change::Area(area) => venue.area = area,
            Change::Address(address) => venue.address = address,
            Change::AccessNotes(notes) => venue.access_notes = notes,
        }
    }
    if area_follows && !area_given {
        venue.area = venue.address.as_ref().and_then(area_of);
    }
    venue
}

/// The venue of this name and address, made if there is none.
pub async fn find_or_make(
    tx: &Tx,
    name: &Line,
    address: Option<&Line>,
) -> Result<(Id<Venue>, Option<Fact>), Failure> {
    if let Some(known) = venues::find_by_name(tx.db(), name, address).await? {
        return Ok((known.venue.id, None));
    }
    let new = NewVenue { name: name.clone(), area: None, address: address.cloned(), access_notes: None };
    let venue = made(tx, new);
    if venues::insert_if_new(tx, &venue).await? {
        return Ok((venue.id, Some(Fact::VenueAdded { venue: venue.id })));
    }
    // Somebody else made it since it was looked for.
    match venues::find_by_name(tx.db(), name, address).await? {
        Some(known) => Ok((known.venue.id, None)),
        None => Err(Refused::Stale.into()),
    }
}

fn taken(error: StoreError) -> Failure {
    match error {
        StoreError::Taken(_) => Refused::VenueTaken.into(),
        StoreError::Corrupt(_) | StoreError::Interrupted(_) | StoreError::Database(_) => error.into(),
    }
}
