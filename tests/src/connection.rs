//! A look at the data of a service beside what it does itself.

use std::path::Path;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use crate::postgres::TestDatabase;

/// A connection of its own to what a service keeps: in `database`, or on SQLite in the file.
///
/// # Panics
/// When the data cannot be opened.
pub async fn to_data_of(database: Option<&TestDatabase>, file: &Path) -> DatabaseConnection {
    let url = database.map_or_else(|| format!("sqlite://{}", file.display()), TestDatabase::url);
    connect(&url).await.expect("the data opens")
}

/// One connection only: a lock belongs to its session.
pub(crate) async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).min_connections(1).sqlx_logging(false);
    Database::connect(options).await
}
