//! Many people answer at once for a few seats.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mensuel::use_cases::members::{self, NewMember};
use mensuel_domain::{
    fact::Actor,
    lang::Lang,
    text::{Email, PersonName},
};
use mensuel_tests::{Client, TestApp, app::id};
use serde_json::{Value, json};
use tokio::sync::{Barrier, Mutex};

use crate::scene::{all, bare, roster, texts, token};

const CONNECTIONS: usize = 64;
const SEATS: usize = 12;
/// Whom a busy machine kept waiting for about as long as the service waits for its database (10 s on PostgreSQL, 30 s on
/// SQLite) is told to come back, and does. Who is told so at once counts as refused.
const LONG_WAIT: Duration = Duration::from_secs(9);
const TRIES: usize = 10;

/// One thing that somebody does.
enum Deed {
    Press {
        link: String,
        answer: &'static str,
    },
    Put {
        link: String,
        answer: &'static str,
    },
    /// An organizer answers for a member.
    Behalf {
        path: String,
    },
    Capacity {
        seats: usize,
    },
}

struct Crowd {
    app: TestApp,
    event: Value,
    /// Member id and link, as the mail has it.
    people: Vec<(String, String)>,
}

/// A published evening, and the links of so many members out of the mails that left.
async fn crowd(people: usize) -> Crowd {
    let app = TestApp::start().await;
    app.mailbox.save_no_more();
    let speaker =
        app.member("Mathilde Lemoine", "mathilde@fourviere.example", json!({ "follows": [] })).await;
    let tx = app.app.store.write(app.now()).await.unwrap();
    let (mut facts, mut ids) = (Vec::new(), Vec::new());
    for at in 0..people {
        let name = PersonName::parse(&format!("Membre {at}")).unwrap();
        let email = Email::parse(&address(at)).unwrap();
        let (member, new) = members::create_in(&tx, NewMember::named(name, email, Lang::Fr)).await.unwrap();
        ids.push(member.id.to_string());
        facts.extend(new);
    }
    tx.commit(Actor::Operator, facts).await.unwrap();
    let event = app.retex(&speaker, json!({ "capacity": SEATS })).await;
    let event = app.publish(&event, "followers").await;
    let mails = app.mails().await;
    let link_of = |at: usize| {
        let mail = mails.iter().find(|mail| mail.to() == address(at)).expect("everybody is invited");
        bare(&mail.link("/r/").expect("a mail has a link"))
    };
    let people = ids.into_iter().enumerate().map(|(at, id)| (id, link_of(at))).collect();
    Crowd { app, event, people }
}

fn address(at: usize) -> String {
    format!("m{at}@foule.example")
}

impl Crowd {
    /// All of it from 64 connections at once, shared among the doors; answers how many were not taken.
    async fn at_once(&self, doors: &[Client], deeds: Vec<Deed>) -> usize {
        let deeds = Arc::new(Mutex::new(deeds.into_iter().rev().collect::<Vec<_>>()));
        let start = Arc::new(Barrier::new(CONNECTIONS));
        let mut runners = Vec::new();
        for at in 0..CONNECTIONS {
            // A client of its own: a connection of its own.
            let address = doors[at % doors.len()].base().trim_start_matches("http://").parse().unwrap();
            let (client, deeds, start) = (Client::new(address), deeds.clone(), start.clone());
            let (token, event) = (self.app.token.clone(), id(&self.event).to_owned());
            runners.push(tokio::spawn(async move {
                client.get("/healthz").expect(200).await;
                start.wait().await;
                let mut refused = 0;
                loop {
                    let Some(deed) = deeds.lock().await.pop() else { return refused };
                    let status = carry_out_in_time(&client, &token, &event, &deed).await;
                    refused += usize::from(status != 200 && status != 303);
                }
            }));
        }
        let mut refused = 0;
        for runner in runners {
            refused += runner.await.unwrap();
        }
        refused
    }

    /// What must hold however they raced: no seat too many and none left over while somebody waits, a
    /// line whose places and numbers have no gap, counters that equal the rows, and a line in the order
    /// in which the answers were committed.
    async fn check(&self, seats: usize, yes: usize) {
        let lines = roster(&self.app, &self.event).await;
        let of = |seat: &str| lines.iter().filter(|line| line["seat"] == seat).collect::<Vec<_>>();
        assert_eq!(of("confirmed").len(), seats.min(yes));
        let places: Vec<u64> =
            of("waitlisted").iter().map(|line| line["place_in_line"].as_u64().unwrap()).collect();
        assert_eq!(places, (1..=(yes - seats.min(yes)) as u64).collect::<Vec<_>>());
        let counts = self.app.seats(&self.event).await;
        assert_eq!(counts["confirmed"], seats.min(yes));
        assert_eq!(counts["taken"], seats.min(yes));
        assert_eq!(counts["waitlisted"], yes - seats.min(yes));
        assert_eq!(counts["yes"], yes);
        self.app.check_counters().await;
        self.check_order().await;
    }

    async fn check_order(&self) {
        let postgres = self.app.is_postgres();
        let invitation = if postgres { "cast(invitation_id as text)" } else { "hex(invitation_id)" };
        let sql = format!("select {invitation} from rsvps where seat = 'waitlisted' order by number");
        let plain = |id: &str| id.replace('-', "").to_lowercase();
        let line: Vec<String> =
            texts(self.app.app.store.read(), sql).await.iter().map(|id| plain(id)).collect();
        let facts = texts(
            self.app.app.store.read(),
            "select data from facts where kind = 'answered' order by change".to_owned(),
        )
        .await;
        let mut committed: Vec<String> = facts
            .iter()
            .map(|data| serde_json::from_str::<Value>(data).unwrap())
            .filter(|data| data["seat"] == "waitlisted")
            .map(|data| plain(data["invitation"].as_str().unwrap()))
            .collect();
        committed.retain(|invitation| line.contains(invitation));
        assert_eq!(line, committed, "the order of the line is the order of the commits");
    }
}

async fn carry_out_in_time(client: &Client, organizer: &str, event: &str, deed: &Deed) -> u16 {
    let mut status = 503;
    for _ in 0..TRIES {
        let begun = Instant::now();
        status = carry_out(client, organizer, event, deed).await;
        if status != 503 || begun.elapsed() < LONG_WAIT {
            break;
        }
    }
    status
}

async fn carry_out(client: &Client, organizer: &str, event: &str, deed: &Deed) -> u16 {
    match deed {
        Deed::Press { link, answer } => client.post(link).form(&[("answer", *answer)]).send().await.status,
        Deed::Put { link, answer } => {
            let path = format!("/api/v1/rsvps/{}", token(link));
            client.put(&path).json(&json!({ "answer": answer })).send().await.status
        }
        Deed::Behalf { path } => {
            client.put(path).token(organizer).json(&json!({ "answer": "yes" })).send().await.status
        }
        Deed::Capacity { seats } => {
            let path = format!("/api/v1/events/{event}");
            loop {
                let read = client.get(&path).token(organizer).send().await;
                if read.status != 200 {
                    return read.status;
                }
                let change = client.patch(&path).token(organizer).if_match(&read.etag());
                let status = change.json(&json!({ "capacity": seats })).send().await.status;
                if status != 412 {
                    return status;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_for_twelve_seats() {
    let crowd = crowd(1_000).await;
    let deeds =
        crowd.people.iter().map(|(_, link)| Deed::Press { link: link.clone(), answer: "yes" }).collect();
    let mut doors = vec![crowd.app.client.clone()];
    let another = match crowd.app.is_postgres() {
        true => Some(crowd.app.another().await),
        false => None,
    };
    doors.extend(another.iter().map(|started| Client::new(started.address)));
    let refused = crowd.at_once(&doors, deeds).await;
    let lines = roster(&crowd.app, &crowd.event).await;
    let seated = lines.iter().filter(|line| line["seat"] == "confirmed").count();
    assert_eq!(seated, SEATS, "sold");
    assert_eq!(refused, 0, "answers that were not taken");
    crowd.check(SEATS, crowd.people.len()).await;
    check_numbers_without_gaps(&crowd.app).await;
    if let Some(another) = another {
        another.stop().await;
    }
}

async fn check_numbers_without_gaps(app: &TestApp) {
    let sql = "select cast(number as text) from rsvps where number is not null".to_owned();
    let mut numbers: Vec<i64> =
        texts(app.app.store.read(), sql).await.iter().map(|number| number.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1), "{numbers:?}");
}

/// Links, JSON and an organizer at once, some who change their mind, and a room that grows meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hundreds_at_once_by_every_way_to_a_seat() {
    let crowd = crowd(300).await;
    let people = crowd.people.len();
    let mut deeds = Vec::new();
    for (at, (member, link)) in crowd.people.iter().enumerate() {
        let link = link.clone();
        deeds.push(match at % 3 {
            0 => Deed::Press { link, answer: "yes" },
            1 => Deed::Put { link, answer: "yes" },
            _ => Deed::Behalf { path: format!("/api/v1/events/{}/rsvps/{member}", id(&crowd.event)) },
        });
        if at % 30 == 15 {
            deeds.push(Deed::Capacity { seats: SEATS + 1 + at / 30 });
        }
    }
    let mut doors = vec![crowd.app.client.clone()];
    let another = match crowd.app.is_postgres() {
        true => Some(crowd.app.another().await),
        false => None,
    };
    doors.extend(another.iter().map(|started| Client::new(started.address)));
    assert_eq!(crowd.at_once(&doors, deeds).await, 0);
    // The changes of capacity raced too: the last one says how many seats there are.
    let seats = crowd.app.seats(&crowd.event).await["capacity"].as_u64().unwrap() as usize;
    let lowered = crowd.app.seats(&crowd.event).await["taken"].as_u64().unwrap() as usize;
    crowd.check(seats.max(lowered), people).await;
    assert!(lowered <= SEATS + 10, "no more than the largest room");

    // Every fifth goes again, while those who wait say yes once more.
    let deeds = crowd.people.iter().enumerate().map(|(at, (_, link))| {
        let answer = if at % 5 == 0 { "no" } else { "yes" };
        if at % 2 == 0 {
            Deed::Press { link: link.clone(), answer }
        } else {
            Deed::Put { link: link.clone(), answer }
        }
    });
    assert_eq!(crowd.at_once(&doors, deeds.collect()).await, 0);
    let taken = crowd.app.seats(&crowd.event).await["taken"].as_u64().unwrap() as usize;
    assert!(taken >= seats && taken <= lowered.max(seats));
    crowd.check(taken, people - people / 5).await;
    // Each was promoted at most once, and told by one notification.
    let promoted = all(&crowd.app, "/api/v1/outbox").await;
    let mut told: Vec<&str> = promoted
        .iter()
        .filter(|item| item["kind"] == "promoted")
        .map(|item| item["recipient"]["id"].as_str().unwrap())
        .collect();
    let count = told.len();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), count, "promoted twice");
    if let Some(another) = another {
        another.stop().await;
    }
}
