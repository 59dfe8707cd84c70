//! What several journeys need: members with their links out of real mails, pages as people read
//! them, and everything that the database holds.

use std::collections::BTreeMap;

use mensuel_tests::{Answer, Client, TestApp, app::id, mailbox::ReceivedMail};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};
use serde_json::{Value, json};

use crate::asserts::pages;

const NAMES: [&str; 12] = [
    "Zoé Durand",
    "Ada Martin",
    "Bruno Petit",
    "Chloé Blanc",
    "David Roux",
    "Élise Noir",
    "Farid Saïd",
    "Gaëlle Morel",
    "Hugo Lenoir",
    "Inès Garnier",
    "Jean Vidal",
    "Karim Benali",
];

/// A published retex with a speaker, members who follow it, and the mails that invited them.
pub struct Evening {
    pub app: TestApp,
    pub speaker: Person,
    pub event: Value,
    pub people: Vec<Person>,
    pub mails: Vec<ReceivedMail>,
}

/// A member with their link, as the mail has it.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub email: String,
    pub link: String,
}

impl Person {
    pub fn token(&self) -> &str {
        token(&self.link)
    }

    pub fn json_path(&self) -> String {
        format!("/api/v1/rsvps/{}", self.token())
    }
}

/// The signed part of a link.
pub fn token(link: &str) -> &str {
    let path = link.split(['?', '#']).next().unwrap_or(link);
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".ics")
}

impl Evening {
    /// With `n` members; `fields` go over those of the retex.
    pub async fn with(n: usize, fields: Value) -> Self {
        Self::of(TestApp::start().await, n, fields).await
    }

    pub async fn of(app: TestApp, n: usize, fields: Value) -> Self {
        let speaker =
            app.member("Mathilde Lemoine", "mathilde@fourviere.example", json!({ "follows": [] })).await;
        let mut members = Vec::new();
        for (at, name) in NAMES.iter().enumerate().take(n) {
            members.push(app.member(name, &format!("p{at}@soie.example"), json!({})).await);
        }
        let event = app.retex(&speaker, fields).await;
        let event = app.publish(&event, "followers").await;
        let mails = app.mails().await;
        let people = members.iter().map(|member| person(member, &mails)).collect();
        let speaker = person(&speaker, &mails);
        Self { app, speaker, event, people, mails }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/events/{}{rest}", id(&self.event))
    }

    /// One press of a button of the page.
    pub async fn press(&self, who: &Person, answer: &str) -> Answer {
        press(&self.app, who, &[("answer", answer)]).await
    }

    /// As [`Evening::press`], with guests; it must be taken.
    pub async fn come(&self, who: &Person, guests: u32) -> Answer {
        let guests = guests.to_string();
        let answer = press(&self.app, who, &[("answer", "yes"), ("guests", &guests)]).await;
        assert_eq!(answer.status, 200, "{}", read(&answer));
        answer
    }

    /// Says no; it must be taken.
    pub async fn stay_away(&self, who: &Person) {
        let answer = self.press(who, "no").await;
        assert_eq!(answer.status, 200, "{}", read(&answer));
    }

    /// What the link says as JSON.
    pub async fn rsvp(&self, who: &Person) -> Value {
        self.app.client.get(&who.json_path()).expect(200).await.json()
    }

    pub async fn roster(&self) -> Vec<Value> {
        roster(&self.app, &self.event).await
    }

    /// The roster's line of somebody.
    pub async fn line(&self, who: &Person) -> Value {
        let lines = self.roster().await;
        let line = lines.iter().find(|line| line["member_id"] == who.id.as_str());
        line.unwrap_or_else(|| panic!("{} is not on the roster", who.name)).clone()
    }

    /// Who has this kind of seat: the waiting in their order, the others as they were added.
    pub async fn seated(&self, seat: &str) -> Vec<String> {
        let lines = self.roster().await;
        let of_seat = lines.iter().filter(|line| line["seat"] == seat);
        let mut names: Vec<String> = of_seat.map(|line| text(&line["name"])).collect();
        if seat != "waitlisted" {
            names.sort_by_key(|name| self.people.iter().position(|person| person.name == *name));
        }
        names
    }

    pub fn names(&self, which: &[usize]) -> Vec<String> {
        which.iter().map(|at| self.people[*at].name.clone()).collect()
    }

    pub async fn cancel(&self, reason: &str) {
        self.app.put(&self.path("/cancellation")).json(&json!({ "reason": reason })).expect(200).await;
    }

    /// Changes a member, with the ETag that they have now.
    pub async fn change_member(&self, who: &Person, body: Value) -> Answer {
        change_member(&self.app, &who.id, body).await
    }

    pub async fn change(&self, body: Value) -> Value {
        let answer = self.app.edit(&self.event, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// The kinds in the outbox that ended so, of one person.
    pub async fn notices(&self, who: &Person, state: &str) -> Vec<String> {
        let items = all(&self.app, &format!("/api/v1/outbox?state={state}")).await;
        let mut kinds: Vec<String> = items
            .iter()
            .filter(|item| item["recipient"]["id"] == who.id.as_str())
            .map(|item| text(&item["kind"]))
            .collect();
        kinds.reverse();
        kinds
    }
}

pub async fn change_member(app: &TestApp, id: &str, body: Value) -> Answer {
    let path = format!("/api/v1/members/{id}");
    let etag = app.get(&path).expect(200).await.etag();
    app.patch(&path).if_match(&etag).json(&body).expect(200).await
}

pub async fn press(app: &TestApp, who: &Person, fields: &[(&str, &str)]) -> Answer {
    submit(&app.client, &who.link, fields).await
}

/// Sends a form as a browser does: what was taken leads on to a page, so that reloading it answers
/// nothing.
pub async fn submit(client: &Client, link: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = client.post(link).form(fields).send().await;
    if answer.status != 303 {
        return answer;
    }
    let onward = answer.header("location").expect("a redirect says where to").to_owned();
    assert!(onward.starts_with('/') && !onward.starts_with("//"), "{onward}");
    client.get(&onward).expect(200).await
}

pub async fn roster(app: &TestApp, event: &Value) -> Vec<Value> {
    all(app, &format!("/api/v1/events/{}/rsvps", id(event))).await
}

/// All pages of a list.
pub async fn all(app: &TestApp, path: &str) -> Vec<Value> {
    pages(app, path, 200).await
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn person(member: &Value, mails: &[ReceivedMail]) -> Person {
    let email = text(&member["emails"][0]["email"]);
    let mail = mails.iter().find(|mail| mail.to() == email);
    let link = mail.and_then(|mail| mail.link("/r/")).map(|link| bare(&link)).unwrap_or_default();
    Person { id: text(&member["id"]), name: text(&member["name"]), email, link }
}

/// A link without the answer that it chooses in advance.
pub fn bare(link: &str) -> String {
    link.split('?').next().unwrap_or(link).to_owned()
}

/// The mails to somebody among these.
pub fn to<'a>(mails: &'a [ReceivedMail], who: &Person) -> Vec<&'a ReceivedMail> {
    mails.iter().filter(|mail| mail.to() == who.email).collect()
}

/// The only mail to somebody among these.
pub fn only<'a>(mails: &'a [ReceivedMail], who: &Person) -> &'a ReceivedMail {
    match to(mails, who).as_slice() {
        [only] => only,
        several => panic!(
            "{} got {} mails: {:?}",
            who.name,
            several.len(),
            several.iter().map(|mail| mail.subject()).collect::<Vec<_>>()
        ),
    }
}

/// A page as a person reads it: no tags, plain spaces, on one line.
pub fn read(answer: &Answer) -> String {
    plain(&without_tags(&answer.text()))
}

/// Spaces of any width and line ends become one space.
pub fn plain(text: &str) -> String {
    text.split(|c: char| c.is_whitespace()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    for (entity, c) in
        [("&#39;", "'"), ("&#x27;", "'"), ("&quot;", "\""), ("&#34;", "\""), ("&lt;", "<"), ("&#60;", "<")]
    {
        text = text.replace(entity, c);
    }
    text.replace("&gt;", ">").replace("&#62;", ">").replace("&#38;", "&").replace("&amp;", "&")
}

/// Fails unless the text holds each of these.
pub fn says(text: &str, wanted: &[&str]) {
    let text = plain(text);
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted:?} is not said in: {text}");
    }
}

pub fn never_says(text: &str, unwanted: &[&str]) {
    let text = plain(text);
    for unwanted in unwanted {
        assert!(!text.contains(unwanted), "{unwanted:?} is said in: {text}");
    }
}

/// The answers that a page offers as buttons, in their order.
pub fn buttons(answer: &Answer) -> Vec<String> {
    let html = answer.text();
    let values = html.split("name=\"answer\" value=\"").skip(1);
    values.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// Everything that the database holds: the rows of each table as text.
pub async fn database(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let db = app.app.store.read();
    let mut tables = BTreeMap::new();
    for table in texts(db, names_of_tables(db)).await {
        let sql = match db.get_database_backend() {
            DatabaseBackend::Postgres => format!("select cast(t as text) from \"{table}\" t order by 1"),
            _ => {
                let columns = texts(db, format!("select name from pragma_table_info('{table}')")).await;
                let quoted: Vec<String> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
                format!("select {} from \"{table}\" order by 1", quoted.join(" || '|' || "))
            }
        };
        let rows = texts(db, sql).await;
        tables.insert(table, rows);
    }
    assert!(tables.len() > 10, "the tables are found: {:?}", tables.keys());
    tables
}

fn names_of_tables(db: &DatabaseConnection) -> String {
    match db.get_database_backend() {
        DatabaseBackend::Postgres => {
            "select cast(table_name as text) from information_schema.tables where table_schema = 'public' order by 1"
        }
        _ => "select name from sqlite_master where type = 'table' order by 1",
    }
    .to_owned()
}

pub async fn texts(db: &DatabaseConnection, sql: String) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql.clone());
    let rows = db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a text")).collect()
}

/// Changes rows behind the service's back, for what has no door yet.
pub async fn execute(app: &TestApp, sql: &str) {
    app.app.store.for_migrations().execute_unprepared(sql).await.expect("the statement runs");
}

pub async fn person_named(app: &TestApp, name: &str) -> Value {
    let members = all(app, "/api/v1/members").await;
    members.into_iter().find(|member| member["name"] == name).expect("a member of that name")
}
