//! A migration: statements in order, written once for both databases.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseBackend, Statement},
};

/// Statements in which `$id`, `$instant`, `$wall` and `$bytes` stand for column types.
pub(crate) struct Migration {
    /// What the database remembers it by: never changed.
    pub(crate) name: &'static str,
    pub(crate) statements: &'static [&'static str],
    /// What PostgreSQL alone needs, after the others.
    pub(crate) postgres: &'static [&'static str],
}

impl MigrationName for Migration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        let own = if backend == DatabaseBackend::Postgres { self.postgres } else { &[] };
        for statement in self.statements.iter().chain(own) {
            let sql = spelled_for(backend, statement);
            connection.execute_raw(Statement::from_string(backend, sql)).await?;
        }
        Ok(())
    }

    /// On SQLite too: half a schema is no schema.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The column types that the two databases call by other names.
fn spelled_for(backend: DatabaseBackend, sql: &str) -> String {
    let names: [(&str, &str, &str); 4] = [
        ("$id", "uuid", "uuid_text"),
        ("$instant", "timestamptz", "timestamp_with_timezone_text"),
        ("$wall", "timestamp", "datetime_text"),
        ("$bytes", "bytea", "blob"),
    ];
    names.iter().fold(sql.to_owned(), |sql, (name, postgres, sqlite)| {
        sql.replace(name, if backend == DatabaseBackend::Postgres { postgres } else { sqlite })
    })
}
