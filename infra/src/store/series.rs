//! Series, and the months whose dates were dropped.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveTime, Weekday};
use mensuel_domain::{
    format::Format,
    id::Id,
    series::{Month, Rule, Series, Week},
    text::Title,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, from_row, to_row};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "series")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub title: String,
        /// 1 to 4, or 0 for the last.
        pub week: i32,
        /// 0 for Monday.
        pub weekday: i32,
        pub at: String,
        pub time_zone: String,
        pub minutes: i32,
        pub format: Option<String>,
        pub capacity: Option<i32>,
        pub venue_id: Option<Uuid>,
        pub from_day: Date,
        pub until_day: Option<Date>,
        pub skips: String,
        pub moves: String,
        pub revision: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod drop_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "series_drops")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub series_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: String,
        pub reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Why a month of a series has no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// The rule skips it; it grows again when the rule no longer does.
    ByRule,
    /// Deleted by hand: it does not grow again.
    ByHand,
}

impl Dropped {
    const fn name(self) -> &'static str {
        match self {
            Dropped::ByRule => "rule",
            Dropped::ByHand => "hand",
        }
    }
}

const TIME: &str = "%H:%M";

fn to_domain(row: row::Model) -> Result<Series, StoreError> {
    let week = match u8::try_from(row.week).or_corrupt("series.week")? {
        0 => Week::Last,
        n => Week::nth(n).or_corrupt("series.week")?,
    };
    Ok(Series {
        id: Id::new(row.id),
        title: Title::parse(&row.title).or_corrupt("series.title")?,
        rule: Rule {
            week,
            weekday: Weekday::try_from(u8::try_from(row.weekday).or_corrupt("series.weekday")?)
                .or_corrupt("series.weekday")?,
            at: NaiveTime::parse_from_str(&row.at, TIME).or_corrupt("series.at")?,
            zone: row.time_zone.parse().or_corrupt("series.time_zone")?,
            minutes: from_row(row.minutes),
        },
        format: row.format.map(|f| Format::from_name(&f).or_corrupt("series.format")).transpose()?,
        capacity: row.capacity.map(from_row),
        venue: row.venue_id.map(Id::new),
        from: row.from_day,
        until: row.until_day,
        skips: serde_json::from_str(&row.skips).or_corrupt("series.skips")?,
        moves: serde_json::from_str(&row.moves).or_corrupt("series.moves")?,
        revision: from_row(row.revision),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn to_model(series: &Series) -> Result<row::Model, StoreError> {
    Ok(row::Model {
        id: series.id.uuid(),
        title: series.title.to_string(),
        week: match series.rule.week {
            Week::Last => 0,
            Week::Nth(n) => i32::from(n),
        },
        weekday: series.rule.weekday.num_days_from_monday() as i32,
        at: series.rule.at.format(TIME).to_string(),
        time_zone: series.rule.zone.name().to_owned(),
        minutes: to_row(series.rule.minutes),
        format: series.format.map(|format| format.name().to_owned()),
        capacity: series.capacity.map(to_row),
        venue_id: series.venue.map(Id::uuid),
        from_day: series.from,
        until_day: series.until,
        skips: serde_json::to_string(&series.skips).or_corrupt("series.skips")?,
        moves: serde_json::to_string(&series.moves).or_corrupt("series.moves")?,
        revision: to_row(series.revision),
        created_at: series.created_at,
        updated_at: series.updated_at,
    })
}

pub async fn insert(tx: &Tx, series: &Series) -> Result<(), StoreError> {
    row::Entity::insert(to_model(series)?.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn update(tx: &Tx, series: &Series) -> Result<(), StoreError> {
    to_model(series)?.into_active_model().reset_all().update(tx.db()).await?;
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, id: Id<Series>) -> Result<Option<Series>, StoreError> {
    row::Entity::find_by_id(id.uuid()).one(db).await?.map(to_domain).transpose()
}

/// As [`find`], and nobody else changes this series before the transaction ends. Taken before the
/// locks of its evenings.
pub async fn lock(tx: &Tx, id: Id<Series>) -> Result<Option<Series>, StoreError> {
    row::Entity::find_by_id(id.uuid()).lock_exclusive().one(tx.db()).await?.map(to_domain).transpose()
}

pub async fn list(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: Option<u64>,
) -> Result<Vec<Series>, StoreError> {
    let mut query = row::Entity::find().order_by_asc(row::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::Id.gt(after));
    }
    query.all(db).await?.into_iter().map(to_domain).collect()
}

/// The months that were deleted by hand.
pub async fn dropped(db: &impl ConnectionTrait, id: Id<Series>) -> Result<BTreeSet<Month>, StoreError> {
    let rows = drop_row::Entity::find()
        .filter(drop_row::Column::SeriesId.eq(id.uuid()))
        .filter(drop_row::Column::Reason.eq(Dropped::ByHand.name()))
        .all(db)
        .await?;
    rows.into_iter().map(|row| row.month.parse().or_corrupt("series_drops.month")).collect()
}

pub async fn drop_month(tx: &Tx, id: Id<Series>, month: Month, why: Dropped) -> Result<(), StoreError> {
    let row =
        drop_row::Model { series_id: id.uuid(), month: month.to_string(), reason: why.name().to_owned() };
    drop_row::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([drop_row::Column::SeriesId, drop_row::Column::Month])
                .update_column(drop_row::Column::Reason)
                .to_owned(),
        )
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Gives the dropped months from one month on to another series.
pub async fn hand_over_drops(
    tx: &Tx,
    from: Id<Series>,
    into: Id<Series>,
    month: Month,
) -> Result<(), StoreError> {
    drop_row::Entity::update_many()
        .col_expr(drop_row::Column::SeriesId, Expr::value(into.uuid()))
        .filter(drop_row::Column::SeriesId.eq(from.uuid()))
        .filter(drop_row::Column::Month.gte(month.to_string()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The titles of all series by id.
pub async fn all(db: &impl ConnectionTrait) -> Result<BTreeMap<Id<Series>, Series>, StoreError> {
    Ok(list(db, None, None).await?.into_iter().map(|series| (series.id, series)).collect())
}
