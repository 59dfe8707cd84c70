//! Evenings, and the people of their programmes.

mod row;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    format::{Format, Person, Role},
    id::Id,
    member::Member,
    series::{Month, Series},
    text::Slug,
    venue::Venue,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx};
pub(crate) use row::{events as event_row, people as people_row};

pub async fn insert(tx: &Tx, event: &Event) -> Result<(), StoreError> {
    event_row::Entity::insert(row::to_model(event)?.into_active_model())
        .exec_without_returning(tx.db())
        .await?;
    insert_people(tx, event).await?;
    super::rsvps::insert_room(tx, event.id).await
}

/// Of two evenings that are published at once under one free slug the later one looks again.
fn slug_taken(error: DbErr) -> StoreError {
    match StoreError::from(error) {
        StoreError::Taken(constraint) if constraint.contains("slug") => StoreError::Interrupted(constraint),
        other => other,
    }
}

/// Whoever changes an evening holds its lock, so the row is still the one that was read.
pub async fn update(tx: &Tx, before: &Event, event: &Event) -> Result<(), StoreError> {
    row::to_model(event)?.into_active_model().reset_all().update(tx.db()).await.map_err(slug_taken)?;
    let people = |event: &Event| event.details.people().map(|(r, p)| (r, p.clone())).collect::<Vec<_>>();
    if people(before) != people(event) {
        people_row::Entity::delete_many()
            .filter(people_row::Column::EventId.eq(event.id.uuid()))
            .exec(tx.db())
            .await?;
        insert_people(tx, event).await?;
    }
    Ok(())
}

async fn insert_people(tx: &Tx, event: &Event) -> Result<(), StoreError> {
    let rows = row::to_people(event);
    if !rows.is_empty() {
        people_row::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

pub async fn delete(tx: &Tx, id: Id<Event>) -> Result<(), StoreError> {
    event_row::Entity::delete_by_id(id.uuid()).exec(tx.db()).await?;
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, id: Id<Event>) -> Result<Option<Event>, StoreError> {
    let rows = event_row::Entity::find_by_id(id.uuid()).all(db).await?;
    Ok(with_people(db, rows).await?.pop())
}

/// As [`find`], holding the lock under which seats are given: nothing that hangs on this evening
/// changes before the transaction ends.
pub async fn lock(tx: &Tx, id: Id<Event>) -> Result<Option<Event>, StoreError> {
    let rows = event_row::Entity::find_by_id(id.uuid()).lock_exclusive().all(tx.db()).await?;
    Ok(with_people(tx.db(), rows).await?.pop())
}

pub async fn find_by_slug(db: &impl ConnectionTrait, slug: &Slug) -> Result<Option<Event>, StoreError> {
    let rows = event_row::Entity::find().filter(event_row::Column::Slug.eq(slug.as_str())).all(db).await?;
    Ok(with_people(db, rows).await?.pop())
}

/// A slug that no evening has: the wanted one, or the first free number behind it.
pub async fn free_slug(db: &impl ConnectionTrait, wanted: Slug) -> Result<Slug, StoreError> {
    let taken: BTreeSet<String> = event_row::Entity::find()
        .select_only()
        .column(event_row::Column::Slug)
        .filter(event_row::Column::Slug.starts_with(wanted.as_str()))
        .into_tuple::<Option<String>>()
        .all(db)
        .await?
        .into_iter()
        .flatten()
        .collect();
    let numbered = (2..).map(|number| wanted.numbered(number));
    let free = std::iter::once(wanted.clone()).chain(numbered).find(|slug| !taken.contains(slug.as_str()));
    Ok(free.unwrap_or(wanted))
}

/// What a list of evenings is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Ends after this instant.
    pub from: Option<DateTime<Utc>>,
    /// Starts before this instant.
    pub to: Option<DateTime<Utc>>,
    pub format: Option<Format>,
    pub stages: Vec<Stage>,
    pub series: Option<Id<Series>>,
    /// The start and id of the last evening of the page before.
    pub after: Option<(DateTime<Utc>, Uuid)>,
    pub limit: Option<u64>,
}

/// In the order of their starts.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<Event>, StoreError> {
    use event_row::Column;
    let mut query =
        event_row::Entity::find().order_by_asc(Column::StartsAt).order_by_asc(Column::Id).limit(filter.limit);
    if let Some(from) = filter.from {
        query = query.filter(Column::EndsAt.gt(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(Column::StartsAt.lt(to));
    }
    if let Some(format) = filter.format {
        query = query.filter(Column::Format.eq(format.name()));
    }
    if !filter.stages.is_empty() {
        query = query.filter(Column::Stage.is_in(filter.stages.iter().map(|stage| stage.name())));
    }
    if let Some(series) = filter.series {
        query = query.filter(Column::SeriesId.eq(series.uuid()));
    }
    if let Some((starts_at, id)) = filter.after {
        query = query.filter(
            Condition::any()
                .add(Column::StartsAt.gt(starts_at))
                .add(Condition::all().add(Column::StartsAt.eq(starts_at)).add(Column::Id.gt(id))),
        );
    }
    with_people(db, query.all(db).await?).await
}

/// The evenings of a series by month.
pub async fn of_series(
    db: &impl ConnectionTrait,
    series: Id<Series>,
) -> Result<BTreeMap<Month, Event>, StoreError> {
    let events = list(db, &Filter { series: Some(series), ..Filter::default() }).await?;
    Ok(events.into_iter().filter_map(|event| Some((event.occurrence?.1, event))).collect())
}

/// The evenings at a venue, of any stage, in the order of their ids.
pub async fn ids_at_venue(db: &impl ConnectionTrait, venue: Id<Venue>) -> Result<Vec<Id<Event>>, StoreError> {
    let ids: Vec<Uuid> = event_row::Entity::find()
        .select_only()
        .column(event_row::Column::Id)
        .filter(event_row::Column::VenueId.eq(venue.uuid()))
        .order_by_asc(event_row::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}

/// Evenings on whose programme a member stands.
pub async fn with_member(db: &impl ConnectionTrait, member: Id<Member>) -> Result<Vec<Event>, StoreError> {
    let ids: Vec<Uuid> = people_row::Entity::find()
        .select_only()
        .column(people_row::Column::EventId)
        .filter(people_row::Column::MemberId.eq(member.uuid()))
        .into_tuple()
        .all(db)
        .await?;
    find_many(db, ids.into_iter().map(Id::new)).await
}

pub async fn find_many(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Id<Event>>,
) -> Result<Vec<Event>, StoreError> {
    let ids: BTreeSet<Uuid> = ids.into_iter().map(Id::uuid).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = event_row::Entity::find()
        .filter(event_row::Column::Id.is_in(ids))
        .order_by_asc(event_row::Column::StartsAt)
        .all(db)
        .await?;
    with_people(db, rows).await
}

async fn with_people(
    db: &impl ConnectionTrait,
    rows: Vec<event_row::Model>,
) -> Result<Vec<Event>, StoreError> {
    let mut people: BTreeMap<Uuid, Vec<(Role, Person)>> = BTreeMap::new();
    for slice in rows.chunks(500) {
        let found = people_row::Entity::find()
            .filter(people_row::Column::EventId.is_in(slice.iter().map(|row| row.id)))
            .order_by_asc(people_row::Column::Position)
            .all(db)
            .await?;
        for person in found {
            let role = Role::from_name(&person.role).or_corrupt("event_people.role")?;
            people.entry(person.event_id).or_default().push((role, row::to_person(person)?));
        }
    }
    rows.into_iter()
        .map(|row| {
            let people = people.remove(&row.id).unwrap_or_default();
            row::to_domain(row, people)
        })
        .collect()
}
