//! Whether the database's schema is the one that this version needs.

use mensuel_infra::store::{Store, StoreError};
use mensuel_migrations::Migrator;
use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::MigratorTrait;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    AtHead,
    /// Changes of this version are still to be made.
    Behind,
    /// A later version has changed it.
    Newer,
}

/// Looks at the database; changes nothing in it.
pub async fn of(db: &DatabaseConnection) -> Result<Schema, StoreError> {
    match Migrator::get_pending_migrations_read_only(db).await {
        Ok(pending) if pending.is_empty() => Ok(Schema::AtHead),
        Ok(_) => Ok(Schema::Behind),
        // What was applied and is none of ours.
        Err(DbErr::Custom(_)) => Ok(Schema::Newer),
        Err(error) => Err(error.into()),
    }
}

/// Makes the changes that are still to be made; each is made whole or not at all.
pub async fn bring_to_head(store: &Store) -> Result<(), StoreError> {
    Ok(Migrator::up(store.for_migrations(), None).await?)
}
