//! Which reminders were planned: once per evening, number of days and start.

use chrono::{DateTime, Utc};
use mensuel_domain::{event::Event, id::Id, reminder::Times};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};

use super::{StoreError, Tx, invitations, to_row};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reminders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub days: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub starts_at: DateTimeUtc,
        pub planned_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Remembers that a reminder was planned; `false` when it had been before.
pub async fn plan(
    tx: &Tx,
    event: Id<Event>,
    days: u32,
    starts_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = row::Model { event_id: event.uuid(), days: to_row(days), starts_at, planned_at: tx.now() };
    let inserted = row::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([row::Column::EventId, row::Column::Days, row::Column::StartsAt])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx.db())
        .await;
    match inserted {
        Ok(rows) => Ok(rows == 1),
        Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether anybody hears of the evening at this time.
pub async fn concerns_anybody(
    tx: &Tx,
    event: Id<Event>,
    days: u32,
    nearer: Times,
) -> Result<bool, StoreError> {
    let concerned = invitations::row::Entity::find()
        .filter(invitations::row::Column::EventId.eq(event.uuid()))
        .filter(invitations::is_reminded(days, nearer));
    Ok(concerned.one(tx.db()).await?.is_some())
}

/// Commits that a time has passed at which nobody wanted to hear of the evening: nothing happened
/// that would be a fact, and who chooses this time later hears nothing of it.
pub async fn pass(tx: Tx) -> Result<(), StoreError> {
    tx.keep().await
}

/// The reminders planned for the present start of an evening, in days before.
pub async fn planned(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    starts_at: DateTime<Utc>,
) -> Result<Vec<u32>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::StartsAt.eq(starts_at))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| super::from_row(row.days)).collect())
}
