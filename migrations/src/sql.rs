//! Running the statements of a migration on either database.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseBackend, Statement},
};

/// Runs them in order; `$id`, `$instant`, `$wall` and `$bytes` stand for types.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend = connection.get_database_backend();
    for statement in statements {
        let sql = spelled_for(backend, statement);
        connection.execute_raw(Statement::from_string(backend, sql)).await?;
    }
    Ok(())
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
