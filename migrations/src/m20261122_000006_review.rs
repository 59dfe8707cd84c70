//! Whether a mail may have arrived already, apart from the words of its error; and names ordered by
//! their bytes, whatever the locale of the database.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseBackend, Statement},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        let by_backend = match backend {
            DatabaseBackend::Postgres => ORDERED_BY_BYTES,
            _ => &[],
        };
        for sql in CHANGES.iter().chain(by_backend) {
            connection.execute_raw(Statement::from_string(backend, (*sql).to_owned())).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const CHANGES: &[&str] = &["alter table outbox add column uncertain boolean not null default false"];

/// SQLite compares bytes by itself. A cursor and an index that follow a locale break when the
/// library with its rules is upgraded.
const ORDERED_BY_BYTES: &[&str] = &[
    "alter table members alter column name_key type text collate \"C\"",
    "alter table venues alter column name_key type text collate \"C\"",
];
