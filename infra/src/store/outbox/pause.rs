//! Whether the relay refuses us: one row, read before mails are claimed.

use mensuel_domain::{
    fact::Fact,
    pause::{Pause, Trouble},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::store::{OrCorrupt, StoreError, Tx, from_row, to_row};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_pause")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub level: i32,
        pub since: Option<DateTimeUtc>,
        pub until: Option<DateTimeUtc>,
        pub reason: Option<String>,
        /// Ids of members or invitations, with commas between.
        pub refused_for: String,
        pub told_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub async fn pause(db: &impl ConnectionTrait) -> Result<Pause, StoreError> {
    let row = row::Entity::find_by_id(1).one(db).await?.or_corrupt("mail_pause: no row")?;
    let ids = row.refused_for.split(',').filter(|id| !id.is_empty()).map(|id| Uuid::try_parse(id).ok());
    Ok(Pause {
        level: from_row(row.level),
        since: row.since,
        until: row.until,
        reason: row.reason,
        refused_for: ids.collect::<Option<_>>().or_corrupt("mail_pause.refused_for")?,
        told_at: row.told_at,
    })
}

async fn save(tx: &Tx, pause: &Pause) -> Result<(), StoreError> {
    use row::Column;
    let refused_for: Vec<String> = pause.refused_for.iter().map(Uuid::to_string).collect();
    row::Entity::update_many()
        .col_expr(Column::Level, Expr::value(to_row(pause.level)))
        .col_expr(Column::Since, Expr::value(pause.since))
        .col_expr(Column::Until, Expr::value(pause.until))
        .col_expr(Column::Reason, Expr::value(pause.reason.clone()))
        .col_expr(Column::RefusedFor, Expr::value(refused_for.join(",")))
        .col_expr(Column::ToldAt, Expr::value(pause.told_at))
        .filter(Expr::col(Column::Id).eq(1))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// After a refusal that is our fault; a fact when the organizers are to be told.
pub async fn begin(tx: &Tx, recipient: Uuid, trouble: &Trouble) -> Result<Option<Fact>, StoreError> {
    // Taken for writing, so that of two refusals at once the second sees the first one's pause.
    row::Entity::update_many()
        .col_expr(row::Column::Id, Expr::value(1))
        .filter(Expr::col(row::Column::Id).eq(1))
        .exec(tx.db())
        .await?;
    let (pause, tell) = pause(tx.db()).await?.after(recipient, trouble, tx.now());
    save(tx, &pause).await?;
    Ok(tell.then_some(Fact::MailPaused))
}

/// After a mail was taken.
pub(super) async fn end(tx: &Tx) -> Result<(), StoreError> {
    let ended = row::Entity::update_many()
        .col_expr(row::Column::Level, Expr::value(0))
        .col_expr(row::Column::Until, Expr::cust("null"))
        .col_expr(row::Column::RefusedFor, Expr::value(""))
        .filter(row::Column::Level.gt(0))
        .exec(tx.db())
        .await?;
    if ended.rows_affected > 0 {
        tracing::info!("the relay takes our mail again");
    }
    Ok(())
}
