//! Offers of a seat: until when, and who let one pass.

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
        let instant = match backend {
            DatabaseBackend::Postgres => "timestamptz",
            _ => "timestamp_with_timezone_text",
        };
        for change in CHANGES {
            let sql = change.replace("$instant", instant);
            connection.execute_raw(Statement::from_string(backend, sql)).await?;
        }
        Ok(())
    }

    /// On SQLite too: half a schema is no schema.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const CHANGES: [&str; 2] = [
    "alter table rsvps add column offer_until $instant",
    "alter table rsvps add column let_pass boolean not null default false",
];
