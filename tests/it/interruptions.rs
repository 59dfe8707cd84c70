//! A database that undoes what was begun, on PostgreSQL: nobody who asked hears of it.

use mensuel::use_cases::links;
use mensuel_domain::text::Email;
use mensuel_tests::{TestApp, eventually};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use serde_json::json;

use crate::{
    process::Place,
    scene::{Evening, execute, texts},
};

/// The service's sessions that wait for a lock.
const WAITING: &str = "select cast(pid as text) from pg_stat_activity where application_name = 'mensuel' and datname = current_database() and wait_event_type = 'Lock' and state = 'active'";

/// An evening on PostgreSQL with one member.
async fn evening() -> Option<Evening> {
    let evening = Evening::with(1, json!({})).await;
    evening.app.is_postgres().then_some(evening)
}

const THE_COMMUNITY: &str = "select 1 from community for update";

/// Somebody else's transaction that holds the row which each change of the community takes last.
#[expect(clippy::disallowed_methods, reason = "on PostgreSQL only, and it changes nothing")]
async fn in_the_way(app: &TestApp) -> DatabaseTransaction {
    let tx = app.app.store.read().begin().await.unwrap();
    tx.execute_unprepared(THE_COMMUNITY).await.unwrap();
    tx
}

async fn one_waits(db: &DatabaseConnection) -> String {
    eventually("a change waits for the community's row", async || texts(db, WAITING.to_owned()).await.pop())
        .await
}

/// Ends a session; what it had begun is undone.
async fn end(db: &DatabaseConnection, session: &str) {
    let ended = format!("select cast(pg_terminate_backend({session}, 10000) as text)");
    assert_eq!(texts(db, ended).await, ["true"]);
}

/// The answer was taken once: one fact, one seat.
async fn answered_once(evening: &Evening) {
    let facts = crate::scene::all(&evening.app, "/api/v1/facts").await;
    assert_eq!(facts.iter().filter(|fact| fact["kind"] == "answered").count(), 1, "{facts:?}");
    assert_eq!(evening.seated("confirmed").await.len(), 1);
    evening.app.check_counters().await;
}

/// An answer and somebody else's transaction meet. PostgreSQL looks for a deadlock once, when a
/// session has waited for a second: unless the other one came too late for that look, the answer is
/// the one that is undone.
async fn is_undone(evening: &Evening) -> bool {
    let other = in_the_way(&evening.app).await;
    let (undone, answer) = tokio::join!(
        async {
            // The answer holds the evening and waits for the community; now the other way round.
            one_waits(evening.app.app.store.read()).await;
            let locked = other.execute_unprepared("select 1 from events for update").await;
            other.rollback().await.unwrap();
            locked.is_ok()
        },
        evening.press(&evening.people[0], "yes")
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    answered_once(evening).await;
    undone
}

#[tokio::test]
async fn a_deadlock_is_gone_through_again_and_the_answer_is_taken() {
    let deadlocks = "select cast(deadlocks as text) from pg_stat_database where datname = current_database()";
    for _ in 0..5 {
        let Some(evening) = evening().await else { return };
        let undone = is_undone(&evening).await;
        eventually("PostgreSQL counted the deadlock", async || {
            let counted = texts(evening.app.app.store.read(), deadlocks.to_owned()).await;
            (counted == ["1"]).then_some(())
        })
        .await;
        if undone {
            return;
        }
    }
    panic!("the answer was never the one that is undone");
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_is_replaced_and_the_answer_is_taken() {
    let Some(evening) = evening().await else { return };
    let other = in_the_way(&evening.app).await;
    let zoe = &evening.people[0];
    let ((), answer) = tokio::join!(
        async {
            for _ in 0..3 {
                let db = evening.app.app.store.read();
                end(db, &one_waits(db).await).await;
            }
            other.rollback().await.unwrap();
        },
        evening.press(zoe, "yes")
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    answered_once(&evening).await;
}

/// A command is a unit of work as an answer is.
#[tokio::test]
async fn a_command_whose_connection_is_lost_before_the_commit_begins_again() {
    let place = Place::new().await;
    if !place.is_postgres() {
        return;
    }
    let (holding, looking) = (place.beside().await, place.beside().await);
    let members = place.members(3);
    let commands: [(&[&str], &str, usize); 3] = [
        (&["organizer", "add", "camille.organise@lugdunum.example"], "members", 1),
        (&["token", "add", "tests", "--scope", "admin"], "api_tokens", 1),
        (&["import", "members", &members], "members", 3),
    ];
    for (command, table, more) in commands {
        let count = async || texts(&looking, format!("select name from {table}")).await.len();
        let before = count().await;
        holding.execute_unprepared(&format!("begin; {THE_COMMUNITY}")).await.unwrap();
        tokio::join!(place.run_meanwhile(command), async {
            end(&looking, &one_waits(&looking).await).await;
            // Another session, which is not disturbed.
            one_waits(&looking).await;
            holding.execute_unprepared("rollback").await.unwrap();
        });
        assert_eq!(count().await, before + more, "{command:?}");
    }
}

/// Every connection that the pool kept is gone at once, as after a restart of PostgreSQL.
#[tokio::test]
async fn after_all_connections_were_lost_what_is_asked_for_is_still_done() {
    let Some(evening) = evening().await else { return };
    let all = "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity where application_name = 'mensuel' and datname = current_database() and pid <> pg_backend_pid()";
    evening.app.app.store.for_migrations().execute_unprepared(all).await.unwrap();
    let zoe = Email::parse(&evening.people[0].email).unwrap();
    let asked = evening.app.app.unit(move |app| {
        let zoe = zoe.clone();
        async move { links::ask(&app, &zoe, None).await }
    });
    asked.await.expect("it is done over whatever connection still lives");
    assert_eq!(evening.app.mails().await.len(), 1);
}

/// What became of it is not known: it is not done a second time, and whoever asked is told to look.
#[tokio::test]
async fn a_commit_that_fails_is_never_sent_again() {
    let Some(evening) = evening().await else { return };
    let app = &evening.app;
    // A sequence is not undone, so it counts the tries. The trigger is asked at COMMIT.
    for sql in [
        "create sequence commits",
        "create function refuse() returns trigger language plpgsql as $$ begin perform nextval('commits'); raise exception 'not now' using errcode = '40001'; end $$",
        "create constraint trigger refuses after update on community deferrable initially deferred for each row execute function refuse()",
    ] {
        execute(app, sql).await;
    }
    let zoe = &evening.people[0];
    let answer = evening.press(zoe, "yes").await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").is_some());
    let tries = texts(app.app.store.read(), "select cast(last_value as text) from commits".to_owned()).await;
    assert_eq!(tries, ["1"]);
    execute(app, "drop trigger refuses on community").await;
    assert!(evening.rsvp(zoe).await["answer"].is_null());
    assert_eq!(evening.press(zoe, "yes").await.status, 200);
    answered_once(&evening).await;
}
