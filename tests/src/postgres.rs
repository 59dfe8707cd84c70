//! Databases of their own for tests, on the throw-away PostgreSQL that `tests/run` starts.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use crate::connection::connect;

/// Names the administrator's URL of the cluster; without it the tests run on SQLite.
pub const ADMIN_URL: &str = "MENSUEL_TEST_DATABASE_URL";

/// Counts the databases of this process, for their names.
static MADE: AtomicUsize = AtomicUsize::new(0);

/// Any number that no other lock of the cluster uses: it serialises the making of templates between test processes.
const TEMPLATE_LOCK: i64 = 0x6d65_6e73;

/// One database for one test; dropped with this value.
pub struct TestDatabase {
    admin_url: String,
    name: String,
}

impl TestDatabase {
    /// The URL of this database, for `MENSUEL_DATABASE_URL`.
    pub fn url(&self) -> String {
        url_of(&self.admin_url, &self.name)
    }
}

/// The administrator's URL, when the tests are to run on PostgreSQL.
pub fn admin_url() -> Option<String> {
    std::env::var(ADMIN_URL).ok().filter(|url| !url.is_empty())
}

/// A fresh database for one test, empty, or a copy of `template` with everything in it; nothing when the tests run on SQLite.
///
/// # Panics
/// When the cluster cannot be reached or the database cannot be made.
pub async fn fresh(template: Option<&str>) -> Option<TestDatabase> {
    let admin_url = admin_url()?;
    let count = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("mensuel_test_{}_{count}", std::process::id());
    let admin = connect(&admin_url).await.expect("the PostgreSQL of the tests answers");
    let from = template.unwrap_or("template0");
    // A killed test with the same process id may have left its database.
    run(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    // A cluster of tests/run syncs nothing, so copying files is cheap; copying by the log makes both this and the end dear.
    run(&admin, &format!("CREATE DATABASE {name} TEMPLATE {from} STRATEGY FILE_COPY")).await;
    admin.close().await.expect("the administrator's connection can be closed");
    Some(TestDatabase { admin_url, name })
}

/// Makes the database `name` once per cluster, whichever test process comes first, and lets `fill` bring it to
/// its schema; the others wait for it. Name it after the schema, so that another schema is another template.
/// `fill` gets the URL, and must have closed its connections when it returns.
///
/// # Panics
/// When the cluster cannot be reached or `fill` fails.
pub async fn template<F, E>(name: &str, fill: impl FnOnce(String) -> F)
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Debug,
{
    let Some(admin_url) = admin_url() else { return };
    let admin = connect(&admin_url).await.expect("the PostgreSQL of the tests answers");
    run(&admin, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    if !is_filled(&admin, name).await.expect("the list of databases can be read") {
        // One that a killed test left half filled is made again.
        run(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(&admin, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        fill(url_of(&admin_url, name)).await.expect("the template can be filled");
        run(&admin, &format!("COMMENT ON DATABASE {name} IS 'filled'")).await;
    }
    // Closing the only connection of the pool gives the lock back.
    admin.close().await.expect("the administrator's connection can be closed");
}

async fn is_filled(admin: &DatabaseConnection, name: &str) -> Result<bool, DbErr> {
    let sql = format!(
        "SELECT 1 AS one FROM pg_database d JOIN pg_shdescription c ON c.objoid = d.oid WHERE d.datname = '{name}' AND c.description = 'filled'"
    );
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    Ok(admin.query_one_raw(statement).await?.is_some())
}

async fn run(admin: &DatabaseConnection, sql: &str) {
    admin.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The same server and user with another database: the path of the URL is replaced, its query kept.
fn url_of(admin_url: &str, name: &str) -> String {
    let (before, query) = match admin_url.split_once('?') {
        Some((before, query)) => (before, format!("?{query}")),
        None => (admin_url, String::new()),
    };
    let host = before.find("://").map_or(0, |at| at + 3);
    let end = before[host..].find('/').map_or(before.len(), |slash| host + slash);
    format!("{}/{name}{query}", &before[..end])
}

impl Drop for TestDatabase {
    /// Best effort, on a thread of its own: the runtime of the test may be gone, and the cluster is thrown away in the end.
    fn drop(&mut self) {
        let (url, sql) =
            (self.admin_url.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.ok().map(|runtime| {
                runtime.block_on(async {
                    if let Ok(admin) = connect(&url).await {
                        let _ = admin.execute_unprepared(&sql).await;
                        let _ = admin.close().await;
                    }
                })
            })
        });
        let _ = dropping.join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_replaces_the_path_and_nothing_else() {
        let of = |url| url_of(url, "db");
        assert_eq!(of("postgres://u:p@127.0.0.1:5433/postgres"), "postgres://u:p@127.0.0.1:5433/db");
        assert_eq!(of("postgres://127.0.0.1:5433"), "postgres://127.0.0.1:5433/db");
        assert_eq!(of("postgres://h/postgres?sslmode=disable"), "postgres://h/db?sslmode=disable");
    }

    #[tokio::test]
    async fn a_copy_of_a_template_has_its_tables_and_is_gone_afterwards() {
        let Some(admin_url) = admin_url() else { return };
        for _ in 0..2 {
            template("mensuel_template_of_a_test", |url| async move {
                let filling = connect(&url).await?;
                filling.execute_unprepared("CREATE TABLE kept (n int)").await?;
                filling.close().await
            })
            .await;
        }
        let database = fresh(Some("mensuel_template_of_a_test")).await.unwrap();
        let copy = connect(&database.url()).await.unwrap();
        copy.execute_unprepared("INSERT INTO kept VALUES (1)").await.unwrap();
        copy.close().await.unwrap();

        let url = database.url();
        drop(database);
        assert!(connect(&url).await.is_err(), "the database is still there");
        assert!(connect(&admin_url).await.is_ok());
    }
}
