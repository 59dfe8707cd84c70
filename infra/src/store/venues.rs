//! Venues.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    id::Id,
    text::{Line, Prose},
    venue::Venue,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, from_row, to_row};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "venues")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub name_key: String,
        pub area: Option<String>,
        pub address: Option<String>,
        pub address_key: String,
        pub access_notes: Option<String>,
        pub revision: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A venue with what the store knows of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub venue: Venue,
    pub revision: u32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl TryFrom<row::Model> for Kept {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let line = |text: String| Line::parse(&text).or_corrupt("venues");
        Ok(Self {
            venue: Venue {
                id: Id::new(row.id),
                name: line(row.name)?,
                area: row.area.map(line).transpose()?,
                address: row.address.map(line).transpose()?,
                access_notes: row
                    .access_notes
                    .map(|text| Prose::parse(&text).or_corrupt("venues.access_notes"))
                    .transpose()?,
            },
            revision: from_row(row.revision),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn to_model(kept: &Kept) -> row::Model {
    let venue = &kept.venue;
    row::Model {
        id: venue.id.uuid(),
        name: venue.name.to_string(),
        name_key: key(Some(&venue.name)),
        area: venue.area.clone().map(String::from),
        address: venue.address.clone().map(String::from),
        address_key: key(venue.address.as_ref()),
        access_notes: venue.access_notes.clone().map(String::from),
        revision: to_row(kept.revision),
        created_at: kept.created_at,
        updated_at: kept.updated_at,
    }
}

fn key(line: Option<&Line>) -> String {
    line.map(|line| line.as_str().to_lowercase()).unwrap_or_default()
}

pub async fn insert(tx: &Tx, venue: &Venue) -> Result<Kept, StoreError> {
    let kept = Kept { venue: venue.clone(), revision: 1, created_at: tx.now(), updated_at: tx.now() };
    row::Entity::insert(to_model(&kept).into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(kept)
}

/// As [`insert`], unless there is one of this name and address by now: then it stays.
pub async fn insert_if_new(tx: &Tx, venue: &Venue) -> Result<bool, StoreError> {
    let kept = Kept { venue: venue.clone(), revision: 1, created_at: tx.now(), updated_at: tx.now() };
    let inserted = row::Entity::insert(to_model(&kept).into_active_model())
        .on_conflict(
            OnConflict::columns([row::Column::NameKey, row::Column::AddressKey]).do_nothing().to_owned(),
        )
        .exec_without_returning(tx.db())
        .await;
    match inserted {
        Ok(rows) => Ok(rows == 1),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub async fn update(tx: &Tx, kept: &Kept) -> Result<(), StoreError> {
    to_model(kept).into_active_model().reset_all().update(tx.db()).await?;
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, id: Id<Venue>) -> Result<Option<Kept>, StoreError> {
    row::Entity::find_by_id(id.uuid()).one(db).await?.map(Kept::try_from).transpose()
}

/// As [`find`], and nobody else changes this venue before the transaction ends.
pub async fn lock(tx: &Tx, id: Id<Venue>) -> Result<Option<Kept>, StoreError> {
    use sea_orm::QuerySelect;
    row::Entity::find_by_id(id.uuid()).lock_exclusive().one(tx.db()).await?.map(Kept::try_from).transpose()
}

/// The venue of this name and address, whatever their case.
pub async fn find_by_name(
    db: &impl ConnectionTrait,
    name: &Line,
    address: Option<&Line>,
) -> Result<Option<Kept>, StoreError> {
    let mut query = row::Entity::find().filter(row::Column::NameKey.eq(key(Some(name))));
    if let Some(address) = address {
        query = query.filter(row::Column::AddressKey.eq(key(Some(address))));
    }
    query.order_by_asc(row::Column::Id).one(db).await?.map(Kept::try_from).transpose()
}

/// What a venue stands by in a list.
pub fn name_key(venue: &Venue) -> String {
    key(Some(&venue.name))
}

/// By name, after the name's key and the id of the last one of the page before.
pub async fn list(
    db: &impl ConnectionTrait,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<Kept>, StoreError> {
    use sea_orm::QuerySelect;
    let mut query =
        row::Entity::find().order_by_asc(row::Column::NameKey).order_by_asc(row::Column::Id).limit(limit);
    if let Some((name, id)) = after {
        let same_name =
            Condition::all().add(row::Column::NameKey.eq(name.as_str())).add(row::Column::Id.gt(id));
        query = query.filter(Condition::any().add(row::Column::NameKey.gt(name)).add(same_name));
    }
    query.all(db).await?.into_iter().map(Kept::try_from).collect()
}

pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Venue>, StoreError> {
    let rows = row::Entity::find().all(db).await?;
    rows.into_iter().map(|row| Kept::try_from(row).map(|kept| kept.venue)).collect()
}
