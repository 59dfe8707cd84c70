//! The service, started for one test.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use mensuel::{
    app::App,
    config::Config,
    serve::{self, Options, Started},
    use_cases::{By, members, tokens},
};
use mensuel_domain::{
    fact::Actor,
    id::Id,
    lang::Lang,
    member::Member,
    text::{Email, PersonName},
};
use mensuel_infra::{
    clock::{Clock, FakeClock},
    mail::relay::Patience,
    store::tokens::Scope,
};
use sea_orm::DatabaseConnection;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    Answer, Client, connection,
    mailbox::{Mailbox, ReceivedMail},
    postgres::{self, TestDatabase},
};

/// 1 December 2026, 10:00 in Paris: the day on which the journeys begin.
pub const START: &str = "2026-12-01T09:00:00Z";

pub const ORGANIZER: &str = "camille.organise@lugdunum.example";

/// With a relay that is silent: no test waits as long as people do.
pub const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(10),
    to_data: Duration::from_secs(20),
    after_dot: Duration::from_secs(20),
    idle: Duration::from_secs(20),
    connections: 4,
};

/// The real server on a free port with a database of its own, an organizer, and an SMTP peer. The
/// clock stands still until the test moves it; mail leaves when the test says so.
pub struct TestApp {
    pub clock: Arc<FakeClock>,
    pub mailbox: Mailbox,
    pub client: Client,
    pub app: App,
    /// An API token of scope `admin`.
    pub token: String,
    started: Option<Started>,
    dir: TempDir,
    database: Option<TestDatabase>,
    settings: Vec<(String, String)>,
    patience: Patience,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With settings (`MENSUEL_…`) over those of the tests.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_at(START, settings).await
    }

    pub async fn start_at(now: &str, settings: &[(&str, &str)]) -> Self {
        Self::start_patient(now, settings, PATIENCE).await
    }

    /// With deadlines of its own for the relay.
    pub async fn start_patient(now: &str, settings: &[(&str, &str)], patience: Patience) -> Self {
        let clock = Arc::new(FakeClock::at(now.parse().expect("an instant")));
        let mailbox = Mailbox::start().await;
        let dir = tempfile::tempdir().expect("a folder");
        let database = fresh_database().await;
        let mut all = vec![
            ("MENSUEL_DATA_DIR".to_owned(), dir.path().display().to_string()),
            ("MENSUEL_BIND".to_owned(), "127.0.0.1:0".to_owned()),
            ("MENSUEL_SMTP_URL".to_owned(), mailbox.url()),
            ("MENSUEL_MAIL_FROM".to_owned(), "soirees@lugdunum.example".to_owned()),
            ("MENSUEL_COMMUNITY".to_owned(), "CTO de Lugdunum".to_owned()),
            // Every mail of these tests is signed; an independent program verifies what is saved after the run.
            ("MENSUEL_DKIM_DOMAIN".to_owned(), "lugdunum.example".to_owned()),
            ("MENSUEL_DKIM_SELECTOR".to_owned(), "rsa".to_owned()),
            ("MENSUEL_DKIM_KEY_FILE".to_owned(), dkim_key("rsa.pem")),
            ("MENSUEL_BASE_URL".to_owned(), "https://soirees.lugdunum.example/".to_owned()),
            ("MENSUEL_KEYS".to_owned(), "1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned()),
        ];
        if let Some(database) = &database {
            all.push(("MENSUEL_DATABASE_URL".to_owned(), database.url()));
        }
        for (name, value) in settings {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        let started = start(&all, clock.clone(), patience).await;
        let (client, app) = (Client::new(started.address), started.app.clone());
        let token = organizer(&app).await;
        Self {
            clock,
            mailbox,
            client,
            app,
            token,
            started: Some(started),
            dir,
            database,
            settings: all,
            patience,
        }
    }

    /// Another instance of the service on the same database.
    pub async fn another(&self) -> Started {
        assert!(self.database.is_some(), "two instances need PostgreSQL");
        start(&self.settings, self.clock.clone(), self.patience).await
    }

    /// Stops the service and starts it again on the same data.
    pub async fn restart(&mut self) {
        if let Some(started) = self.started.take() {
            started.stop().await;
        }
        let started = start(&self.settings, self.clock.clone(), self.patience).await;
        (self.client, self.app) = (Client::new(started.address), started.app.clone());
        self.started = Some(started);
    }

    /// The data opened as a command opens it, beside the running service.
    pub async fn beside(&self) -> App {
        serve::open(&load(&self.settings), self.clock.clone(), serve::Base::Needed)
            .await
            .expect("the data opens")
    }

    /// Another connection to the same data, which the service knows nothing of.
    pub async fn connection(&self) -> DatabaseConnection {
        connection::to_data_of(self.database.as_ref(), &self.data_dir().join("mensuel.db")).await
    }

    /// Where mail is taken in by LMTP.
    pub fn lmtp(&self) -> Option<std::net::SocketAddr> {
        self.started.as_ref().and_then(|started| started.lmtp)
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Does all that was asked for and is due now: mails leave, reminders are planned, series grow.
    pub async fn work(&self) {
        self.app.units.done().await;
        mensuel::worker::until_idle(&self.app).await.expect("the worker works");
    }

    /// Moves the clock on, and does all that comes due on the way.
    pub async fn advance(&self, by: TimeDelta) {
        self.advance_to(self.now() + by).await;
    }

    pub async fn advance_to(&self, instant: DateTime<Utc>) {
        self.work().await;
        // What comes due in between happens at its time.
        loop {
            let next = mensuel::worker::next_due(&self.app).await.expect("the next instant");
            // What is due and was not done (a relay that is away) is due again, but not at once.
            let next = next.max(self.now() + TimeDelta::minutes(1));
            if next >= instant {
                break;
            }
            self.clock.set(next);
            self.work().await;
        }
        self.clock.set(instant);
        self.work().await;
    }

    /// The mails that leave now, once, and are not shown again.
    pub async fn mails(&self) -> Vec<ReceivedMail> {
        self.work().await;
        let mails = self.mailbox.received();
        self.mailbox.clear();
        mails
    }

    pub fn get(&self, target: &str) -> crate::client::Request {
        self.client.get(target).token(&self.token)
    }

    pub fn post(&self, target: &str) -> crate::client::Request {
        self.client.post(target).token(&self.token)
    }

    pub fn put(&self, target: &str) -> crate::client::Request {
        self.client.put(target).token(&self.token)
    }

    pub fn patch(&self, target: &str) -> crate::client::Request {
        self.client.patch(target).token(&self.token)
    }

    pub fn delete(&self, target: &str) -> crate::client::Request {
        self.client.delete(target).token(&self.token)
    }

    /// Creates something and answers its JSON.
    pub async fn create(&self, target: &str, body: Value) -> Value {
        self.post(target).json(&body).expect(201).await.json()
    }

    /// A member who follows everything, unless the body says otherwise.
    pub async fn member(&self, name: &str, email: &str, with: Value) -> Value {
        let mut body = json!({ "name": name, "email": email, "language": "fr", "follows": ["all"] });
        for (key, value) in with.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        self.create("/api/v1/members", body).await
    }

    /// A retex planned for 14 January 2027 with a member as speaker, not published.
    pub async fn retex(&self, speaker: &Value, with: Value) -> Value {
        let mut body = json!({
            "starts_at": "2027-01-14T19:00", "time_zone": "Europe/Paris", "duration": "PT2H30M",
            "format": "retex", "title": "Sortir d'un monolithe en dix-huit mois",
            "summary": "Trois tentatives, et ce que nous ne referions pas.",
            "venue": "Confluence Data", "address": "12 quai Rambaud, 69002 Lyon",
            "speakers": [{ "member_id": speaker["id"] }], "capacity": 2
        });
        for (key, value) in with.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        self.create("/api/v1/events", body).await
    }

    pub async fn publish(&self, event: &Value, invite: &str) -> Value {
        let path = format!("/api/v1/events/{}/publication", id(event));
        self.put(&path).json(&json!({ "invite": invite })).expect(200).await.json()
    }

    /// Changes an evening, with the ETag that it has now.
    pub async fn edit(&self, event: &Value, body: Value) -> Answer {
        let path = format!("/api/v1/events/{}", id(event));
        let etag = self.get(&path).expect(200).await.etag();
        self.patch(&path).if_match(&etag).json(&body).send().await
    }

    pub async fn seats(&self, event: &Value) -> Value {
        self.get(&format!("/api/v1/events/{}/seats", id(event))).expect(200).await.json()
    }

    /// The counters that are kept are those that the rows give.
    pub async fn check_counters(&self) {
        use mensuel_infra::store::{events, rsvps};
        let db = self.app.store.read();
        for event in events::list(db, &Default::default()).await.expect("events") {
            let kept = rsvps::room(db, &event).await.expect("counters");
            let counted = rsvps::recount(db, &event).await.expect("rows");
            assert_eq!(kept, counted, "counters of {}", event.id);
        }
    }
}

/// The id of anything that JSON shows.
///
/// # Panics
/// When there is none.
pub fn id(value: &Value) -> &str {
    value["id"].as_str().expect("it has an id")
}

async fn start(settings: &[(String, String)], clock: Arc<FakeClock>, patience: Patience) -> Started {
    let config = load(settings);
    let options = Options { work: false, patience, ..Options::default() };
    serve::start(config, clock, options).await.expect("the service starts")
}

fn load(settings: &[(String, String)]) -> Config {
    Config::load(None, settings.iter().cloned())
        .unwrap_or_else(|mistakes| panic!("{}", mensuel::config::list(&mistakes, Lang::En)))
}

/// A key of the tests' own; its public half is in the `.txt` beside it.
pub fn dkim_key(name: &str) -> String {
    format!("{}/data/dkim/{name}", env!("CARGO_MANIFEST_DIR"))
}

async fn fresh_database() -> Option<TestDatabase> {
    const TEMPLATE: &str = "mensuel_schema";
    postgres::template(TEMPLATE, |url| async move { serve::migrate_url(&url).await }).await;
    postgres::fresh(Some(TEMPLATE)).await
}

/// An organizer and their token, made as the command line makes them.
async fn organizer(app: &App) -> String {
    let email = Email::parse(ORGANIZER).expect("an address");
    let member = members::add_organizer(app, &email, None).await.expect("an organizer");
    token(app, Some(member.id), "admin").await
}

/// An API token, made as the command line makes them.
pub async fn token(app: &App, owner: Option<Id<Member>>, scope: &str) -> String {
    let by = By::actor(Actor::Operator);
    let name = PersonName::parse("tests").expect("a name");
    let scope = Scope::from_name(scope).expect("a scope");
    let made = tokens::create(app, &by, name, scope, owner).await.expect("a token");
    made.secret.expose_secret().to_owned()
}
