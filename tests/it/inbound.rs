//! Mail that comes in, through the real server.

mod answers;
mod doors;
mod forged;
mod held;
mod reports;
mod words;

use std::collections::BTreeMap;

use mensuel_tests::{TestApp, app::token, mail_in::Answered, mailbox::ReceivedMail};
use serde_json::{Value, json};

use crate::scene::{Evening, Person, all};

/// An evening whose mails can be answered, and the mail server that hands answers over.
pub struct Inbox {
    pub evening: Evening,
    pub token: String,
    /// The invitation of each member, by address.
    invitations: BTreeMap<String, ReceivedMail>,
}

impl Inbox {
    pub async fn with(n: usize, fields: Value) -> Self {
        Self::started(&[], n, fields).await
    }

    pub async fn started(settings: &[(&str, &str)], n: usize, fields: Value) -> Self {
        let settings = [&[("MENSUEL_INBOUND_MAIL", "true")], settings].concat();
        let app = TestApp::start_with(&settings).await;
        let token = token(&app.app, None, "inbound").await;
        let evening = Evening::of(app, n, fields).await;
        let invitations = evening.mails.iter().map(|mail| (mail.to().to_owned(), mail.clone())).collect();
        Self { evening, token, invitations }
    }

    pub fn app(&self) -> &TestApp {
        &self.evening.app
    }

    pub fn person(&self, at: usize) -> &Person {
        &self.evening.people[at]
    }

    pub fn invitation(&self, at: usize) -> Answered {
        Answered::of(&self.invitations[&self.person(at).email])
    }

    /// Hands a mail over and answers what became of it.
    pub async fn take(&self, raw: impl Into<Vec<u8>>) -> Value {
        let request = self.app().client.post("/api/v1/inbound-mail").token(&self.token);
        request.body("message/rfc822", raw).expect(200).await.json()
    }

    /// As [`Inbox::take`], and it must end for this reason.
    pub async fn ends(&self, raw: impl Into<Vec<u8>>, ending: &str, reason: &str) -> Value {
        let receipt = self.take(raw).await;
        assert_eq!((&receipt["ending"], &receipt["reason"]), (&json!(ending), &json!(reason)), "{receipt}");
        assert!(receipt["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{receipt}");
        receipt
    }

    /// What is filed, newest first.
    pub async fn filed(&self) -> Vec<Value> {
        all(self.app(), "/api/v1/inbound-mail").await
    }

    /// Answer and seat on the roster; nulls while there is no answer.
    pub async fn stands(&self, at: usize) -> (Value, Value) {
        let roster = self.evening.roster().await;
        let line = roster.iter().find(|line| line["member_id"] == self.person(at).id.as_str());
        line.map_or((Value::Null, Value::Null), |line| (line["answer"].clone(), line["seat"].clone()))
    }
}
