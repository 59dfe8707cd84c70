//! API tokens, kept as hashes.

use chrono::{DateTime, Utc};
use mensuel_domain::{fact::ApiToken, id::Id, member::Member};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_tokens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub member_id: Option<Uuid>,
        pub scope: String,
        pub hash: Vec<u8>,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a token may do, at most: its organizer's role may do less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// For the mail server alone.
    Inbound,
    Read,
    Write,
    /// Tokens, roles and erasure too.
    Admin,
}

impl Scope {
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Admin, Scope::Inbound];

    pub const fn name(self) -> &'static str {
        match self {
            Scope::Inbound => "inbound",
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Admin => "admin",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: Id<ApiToken>,
    pub name: String,
    /// The organizer it belongs to; nobody for the mail server's.
    pub member: Option<Id<Member>>,
    pub scope: Scope,
    pub created_at: DateTime<Utc>,
}

fn to_domain(row: row::Model) -> Result<Kept, StoreError> {
    Ok(Kept {
        id: Id::new(row.id),
        name: row.name,
        member: row.member_id.map(Id::new),
        scope: Scope::from_name(&row.scope).or_corrupt("api_tokens.scope")?,
        created_at: row.created_at,
    })
}

pub async fn insert(tx: &Tx, token: &Kept, hash: &[u8]) -> Result<(), StoreError> {
    let row = row::Model {
        id: token.id.uuid(),
        name: token.name.clone(),
        member_id: token.member.map(Id::uuid),
        scope: token.scope.name().to_owned(),
        hash: hash.to_vec(),
        created_at: token.created_at,
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn find_by_hash(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<Kept>, StoreError> {
    let row = row::Entity::find().filter(row::Column::Hash.eq(hash.to_vec())).one(db).await?;
    row.map(to_domain).transpose()
}

pub async fn find(db: &impl ConnectionTrait, id: Id<ApiToken>) -> Result<Option<Kept>, StoreError> {
    row::Entity::find_by_id(id.uuid()).one(db).await?.map(to_domain).transpose()
}

pub async fn list(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Kept>, StoreError> {
    let mut query = row::Entity::find().order_by_asc(row::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::Id.gt(after));
    }
    query.all(db).await?.into_iter().map(to_domain).collect()
}

pub async fn delete(tx: &Tx, id: Id<ApiToken>) -> Result<(), StoreError> {
    row::Entity::delete_by_id(id.uuid()).exec(tx.db()).await?;
    Ok(())
}
