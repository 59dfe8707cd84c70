//! Answers remembered by `Idempotency-Key`. The key is taken in the transaction of the change; the
//! answer's text follows after the commit. Nothing secret is kept.

use chrono::{DateTime, Duration, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{Store, StoreError, Tx};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub caller: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub fingerprint: String,
        pub subject_id: Option<Uuid>,
        pub status: Option<i32>,
        pub headers: Option<String>,
        pub body: Option<String>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How long an answer is remembered.
pub const REMEMBERED: Duration = Duration::hours(24);

/// One request that may come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whose key it is.
    pub caller: String,
    pub key: String,
    /// A hash of method, path and body.
    pub fingerprint: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub fingerprint: String,
    /// What the change was about, where the answer's text was lost to a crash.
    pub subject: Option<Uuid>,
    pub answer: Option<Answer>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// `ETag` and `Location`, as JSON.
    pub headers: String,
    pub body: String,
}

/// Takes the key in the transaction of the change: who comes second gets [`StoreError::Taken`].
pub async fn take(tx: &Tx, attempt: &Attempt, subject: Option<Uuid>) -> Result<(), StoreError> {
    row::Entity::delete_many().filter(row::Column::CreatedAt.lt(tx.now() - REMEMBERED)).exec(tx.db()).await?;
    let row = row::Model {
        caller: attempt.caller.clone(),
        key: attempt.key.clone(),
        fingerprint: attempt.fingerprint.clone(),
        subject_id: subject,
        status: None,
        headers: None,
        body: None,
        created_at: tx.now(),
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn find(
    db: &impl ConnectionTrait,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Option<Remembered>, StoreError> {
    let row = row::Entity::find_by_id((attempt.caller.clone(), attempt.key.clone())).one(db).await?;
    Ok(row.filter(|row| row.created_at >= now - REMEMBERED).map(|row| Remembered {
        fingerprint: row.fingerprint,
        subject: row.subject_id,
        answer: match (row.status, row.headers, row.body) {
            (Some(status), Some(headers), Some(body)) => {
                Some(Answer { status: u16::try_from(status).unwrap_or(200), headers, body })
            }
            _ => None,
        },
    }))
}

/// Keeps the answer's text with the key.
pub async fn remember(store: &Store, attempt: &Attempt, answer: &Answer) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::Status, Expr::value(i32::from(answer.status)))
        .col_expr(row::Column::Headers, Expr::value(answer.headers.as_str()))
        .col_expr(row::Column::Body, Expr::value(answer.body.as_str()))
        .filter(Expr::col(row::Column::Caller).eq(attempt.caller.as_str()))
        .filter(row::Column::Key.eq(attempt.key.as_str()))
        .exec(store.housekeeping())
        .await?;
    Ok(())
}

/// Forgets the answers about somebody.
pub async fn forget(tx: &Tx, subject: Uuid) -> Result<(), StoreError> {
    row::Entity::delete_many().filter(row::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    Ok(())
}
