//! What each member chooses of their mail: kinds of it, and when they are reminded.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, Statement},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for change in CHANGES {
            connection.execute_raw(Statement::from_string(backend, *change)).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Who had unsubscribed had unsubscribed from all three kinds.
const CHANGES: &[&str] = &[
    "alter table members add column wants_nudges boolean not null default true",
    "alter table members add column wants_news boolean not null default true",
    "alter table members add column reminder_days text not null default ',7,1,'",
    "update members set wants_nudges = wants_invitations, wants_news = wants_invitations",
];
