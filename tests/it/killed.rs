//! The program killed again and again while it sends two thousand mails (R6 and R7 of the
//! promises): real processes, real sockets, real time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use mensuel_infra::{
    clock::{Clock as _, SystemClock},
    store::outbox,
};
use mensuel_tests::{eventually, mailbox::Mailbox, soon, within};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection};
use serde_json::{Value, json};

use crate::{
    process::{Life, Place},
    scene::texts,
};

const PEOPLE: usize = 2_000;
/// The organizer follows the evenings too.
const MAILS: usize = PEOPLE + 1;
/// Sending goes on within this time after a crash.
const RESUMES: Duration = Duration::from_secs(90);
/// Within this time everything has left, whatever else the machine does: a lease, and thousands of mails.
const ENDS: Duration = Duration::from_secs(300);
/// After how many mails it is killed.
const KILLED_AT: [usize; 4] = [60, 300, 500, 800];
/// How many mails at least a kill in the worst moment meets; a process has eight connections to
/// PostgreSQL, and each mail that waits to be noted holds one.
const CAUGHT: usize = 4;

/// Creates an evening and publishes it to all.
async fn publish(life: &Life, token: &str) {
    let http = reqwest::Client::new();
    let api = |method: &str, path: &str| {
        http.request(method.parse().unwrap(), format!("{}{path}", life.address)).bearer_auth(token)
    };
    let day = SystemClock.now() + TimeDelta::days(40);
    let body = json!({
        "starts_at": day.format("%Y-%m-%dT19:00").to_string(), "time_zone": "Europe/Paris", "duration": "PT2H",
        "format": "open_discussion", "title": "Ce qui casse", "venue": "Halle Tony", "address": "1 rue du Test, 69001 Lyon",
        "subjects": ["Ce qui casse"], "time_box_minutes": 15, "summary": "On parle de ce qui casse."
    });
    let event: Value = answered(api("POST", "/api/v1/events").json(&body)).await;
    let path = format!("/api/v1/events/{}/publication", event["id"].as_str().expect("an id"));
    answered(api("PUT", &path).json(&json!({ "invite": "followers" }))).await;
}

async fn answered(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.expect("an answer");
    let (status, text) = (answer.status(), answer.text().await.expect("a text"));
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).expect("JSON")
}

/// Ids of the rows in this state, without hyphens, as in the Message-IDs.
async fn rows(db: &DatabaseConnection, state: &str) -> BTreeSet<String> {
    let id = match db.get_database_backend() {
        DatabaseBackend::Postgres => "replace(cast(id as text), '-', '')",
        _ => "lower(hex(id))",
    };
    texts(db, format!("select {id} from outbox where {state}")).await.into_iter().collect()
}

const CLAIMED: &str = "state = 'queued' and lease_until is not null";

fn taken(relay: &Mailbox) -> BTreeSet<String> {
    relay.received().iter().map(row_of).collect()
}

/// The id of the row that a mail came from.
fn row_of(mail: &mensuel_tests::mailbox::ReceivedMail) -> String {
    let id = mail.header("Message-ID").expect("a Message-ID");
    let id = id.trim_matches(['<', '>']).split('@').next().unwrap_or_default();
    id.replace('-', "")
}

/// Stops what is noted while some mails are taken by the relay and not noted here. When what was
/// claimed is just at its end there are none: then it is let go on, and stopped again.
async fn hold_in_flight(db: &DatabaseConnection, relay: &Mailbox, earlier: &BTreeSet<String>) {
    eventually("some are taken by the relay and not noted here", async || {
        hold(db).await;
        let caught = soon(Duration::from_secs(3), async || {
            let claimed = &rows(db, CLAIMED).await - earlier;
            (taken(relay).intersection(&claimed).count() >= CAUGHT).then_some(())
        });
        if caught.await.is_some() {
            return Some(());
        }
        db.execute_unprepared("rollback").await.expect("it is let go");
        relay.wait_for(relay.received().len() + 1).await;
        None
    })
    .await;
}

/// Holds back what is noted of a sent mail, and nothing that comes before: mails are acknowledged by
/// the relay and not yet noted here.
async fn hold(db: &DatabaseConnection) {
    let sql = match db.get_database_backend() {
        DatabaseBackend::Postgres => "begin; lock table invitations in share mode",
        _ => "begin immediate",
    };
    db.execute_unprepared(sql).await.expect("nobody else holds it for long");
}

#[tokio::test]
async fn killed_during_a_send_of_two_thousand_nothing_is_lost_and_little_comes_twice() {
    let place = Place::new().await;
    place.run(&["organizer", "add", "camille.organise@lugdunum.example"]);
    let token = place.run(&["token", "add", "tests", "--scope", "admin"]);
    place.run(&["import", "members", &place.members(PEOPLE)]);
    let mut life = place.start();
    publish(&life, &token).await;

    let mut in_flight: Vec<BTreeSet<String>> = Vec::new();
    for (at, after) in KILLED_AT.into_iter().enumerate() {
        place.relay.wait_for(after).await;
        let beside = place.beside().await;
        // Twice in the worst moment: the relay has said 250, and our commit has not happened.
        let held = at % 2 == 1;
        if held {
            // Those of an earlier stop wait for the end of their lease, and are not counted again.
            let earlier: BTreeSet<String> = in_flight.iter().flatten().cloned().collect();
            hold_in_flight(&beside, &place.relay, &earlier).await;
        }
        life.kill();
        let killed = Instant::now();
        if held {
            beside.execute_unprepared("rollback").await.expect("it is let go");
        }
        let claimed = rows(&beside, CLAIMED).await;
        in_flight.push(claimed);
        beside.close().await.expect("it closes");
        let before = place.relay.received().len();
        life = place.start();
        place.relay.wait_for(before + 1).await;
        assert!(killed.elapsed() < RESUMES, "{:?}", killed.elapsed());
    }
    let last_killed = Instant::now();
    let beside = place.beside().await;
    // What the last life had claimed is free again when its lease has ended.
    assert!(outbox::LEASE < TimeDelta::from_std(RESUMES).unwrap());
    within(ENDS, "all mails have left", async || {
        rows(&beside, "state <> 'sent'").await.is_empty().then_some(())
    })
    .await;
    println!("all had left {:?} after the last kill", last_killed.elapsed());
    drop(life);
    let extra = each_arrived(&place.relay, MAILS, &in_flight);
    assert!(extra >= 2 * CAUGHT, "two kills met mails in flight: {extra}");
    assert_eq!(rows(&beside, "state = 'sent'").await.len(), MAILS);
    whole(&beside).await;
}

/// Two at one queue, one of which stands still for longer than its lease and then goes on.
#[tokio::test]
async fn stopped_longer_than_its_lease_it_sends_only_what_was_in_flight_a_second_time() {
    const MEMBERS: usize = 400;
    let place = Place::new().await;
    if !place.is_postgres() {
        return;
    }
    place.run(&["organizer", "add", "camille.organise@lugdunum.example"]);
    let token = place.run(&["token", "add", "tests", "--scope", "admin"]);
    place.run(&["import", "members", &place.members(MEMBERS)]);
    let (one, other) = (place.start(), place.start());
    publish(&one, &token).await;
    place.relay.wait_for(60).await;
    one.stand_still();
    let beside = place.beside().await;
    let in_flight = rows(&beside, CLAIMED).await;
    within(ENDS, "the other one has sent all", async || {
        rows(&beside, "state <> 'sent'").await.is_empty().then_some(())
    })
    .await;
    one.go_on();
    one.end();
    other.end();
    each_arrived(&place.relay, MEMBERS + 1, &[in_flight]);
    assert_eq!(rows(&beside, "state = 'sent'").await.len(), MEMBERS + 1);
}

/// One Message-ID for each person, and at most as many extra copies as there were stops with it in
/// flight; answers how many there are in all.
fn each_arrived(relay: &Mailbox, mails: usize, in_flight: &[BTreeSet<String>]) -> usize {
    let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in relay.received() {
        copies.entry(mail.to().to_owned()).or_default().push(row_of(&mail));
    }
    assert_eq!(copies.len(), mails, "everybody got their mail");
    let mut extra = 0;
    for (to, ids) in copies {
        assert!(ids.iter().all(|id| *id == ids[0]), "{to}: another Message-ID");
        let allowed = in_flight.iter().filter(|claimed| claimed.contains(&ids[0])).count();
        assert!(ids.len() <= 1 + allowed, "{to} got {} copies, {allowed} stops met it in flight", ids.len());
        extra += ids.len() - 1;
    }
    let most: usize = in_flight.iter().map(BTreeSet::len).sum();
    println!("{extra} extra copies of {most} mails in flight at {} stops", in_flight.len());
    extra
}

async fn whole(db: &DatabaseConnection) {
    if db.get_database_backend() == DatabaseBackend::Sqlite {
        assert_eq!(texts(db, "select * from pragma_integrity_check".to_owned()).await, ["ok"]);
        assert!(texts(db, "select \"table\" from pragma_foreign_key_check".to_owned()).await.is_empty());
    }
}
