//! Whatever the relay does: the table of what it leads to (R8 of the promises). Each attempt ends in
//! time, the row says what became of it, other mails go on, and readiness hears nothing of it.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use mensuel_infra::mail::relay::Patience;
use mensuel_tests::{
    Client, TestApp,
    app::{PATIENCE, START, id},
    eventually,
    mailbox::{Behaviour, Mailbox, Reaction, Step},
    within,
};
use serde_json::{Value, json};

use crate::scene::{all, bare, text, texts};

use Leads::{Again, Gone, Paused, Refused, Uncertain};
use Reaction::{Drop, Endless, Garbage, Reply, Reset, Says, Silence, Trickle};
use Step::{Banner, Data, Ehlo, FinalDot, Mail, Rcpt, StartTls};

/// What a behaviour leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads {
    /// Queued, and tried again about a minute later; then it arrives, once.
    Again,
    /// We are refused, whoever it is for: as above, and until then all sending pauses.
    Paused,
    /// It may have arrived: as above, with the same bytes.
    Uncertain,
    /// Failed for good; the address goes on.
    Refused,
    /// Failed for good, and nothing is sent to this address any more.
    Gone,
}

const SLOW: Reaction = Trickle(Duration::from_secs(1));

/// Steps at which the peer knows no recipient yet, and refusals that are about us: all mail is concerned.
const TO_EVERYBODY: [(Step, Reaction, Leads); 42] = [
    (Banner, Reply(421), Again),
    (Banner, Reply(450), Again),
    (Banner, Reply(452), Again),
    (Banner, Reply(550), Paused),
    (Banner, Reply(552), Paused),
    (Banner, Reply(554), Paused),
    (Banner, Silence, Again),
    (Banner, SLOW, Again),
    (Banner, Drop, Again),
    (Banner, Reset, Again),
    (Banner, Endless, Again),
    (Banner, Garbage, Again),
    (Ehlo, Reply(421), Again),
    (Ehlo, Reply(450), Again),
    (Ehlo, Reply(452), Again),
    (Ehlo, Reply(550), Paused),
    (Ehlo, Reply(552), Paused),
    (Ehlo, Reply(554), Paused),
    (Ehlo, Silence, Again),
    (Ehlo, SLOW, Again),
    (Ehlo, Drop, Again),
    (Ehlo, Reset, Again),
    (Ehlo, Endless, Again),
    (Ehlo, Garbage, Again),
    (Mail, Reply(421), Again),
    (Mail, Reply(450), Again),
    (Mail, Reply(452), Again),
    (Mail, Reply(550), Paused),
    (Mail, Reply(552), Paused),
    (Mail, Reply(554), Paused),
    (Mail, Says("550 5.1.8 this sender is unknown"), Paused),
    (Mail, Says("553 5.1.7 this sender is no address"), Paused),
    (Mail, Silence, Again),
    (Mail, SLOW, Again),
    (Mail, Drop, Again),
    (Mail, Reset, Again),
    (Mail, Endless, Again),
    (Mail, Garbage, Again),
    (Rcpt, Says("550 5.1.8 the sender is unknown"), Paused),
    (Rcpt, Says("554 5.7.1 not from you"), Paused),
    (Rcpt, Says("550 5.4.4 no way there"), Paused),
    (FinalDot, Says("554 5.7.1 looks like spam"), Paused),
];

/// Steps of one mail: the others go on meanwhile.
const OF_ONE_MAIL: [(Step, Reaction, Leads); 41] = [
    (Rcpt, Reply(421), Again),
    (Rcpt, Reply(450), Again),
    (Rcpt, Reply(452), Again),
    (Rcpt, Reply(550), Refused),
    (Rcpt, Reply(552), Refused),
    (Rcpt, Reply(554), Refused),
    (Rcpt, Says("550 5.1.1 no such user"), Gone),
    (Rcpt, Says("550 5.1.10 the domain takes no mail"), Gone),
    (Rcpt, Says("552 5.2.2 the mailbox is full"), Again),
    (Rcpt, Says("452 4.2.2 the mailbox is full"), Again),
    (Rcpt, Silence, Again),
    (Rcpt, SLOW, Again),
    (Rcpt, Drop, Again),
    (Rcpt, Reset, Again),
    (Rcpt, Endless, Again),
    (Rcpt, Garbage, Again),
    (Data, Reply(421), Again),
    (Data, Reply(450), Again),
    (Data, Reply(452), Again),
    (Data, Reply(550), Refused),
    (Data, Reply(552), Refused),
    (Data, Reply(554), Refused),
    (Data, Silence, Again),
    (Data, SLOW, Again),
    (Data, Drop, Again),
    (Data, Reset, Again),
    (Data, Endless, Again),
    (Data, Garbage, Again),
    (FinalDot, Reply(421), Again),
    (FinalDot, Reply(450), Again),
    (FinalDot, Reply(452), Again),
    (FinalDot, Reply(550), Refused),
    (FinalDot, Reply(552), Refused),
    (FinalDot, Reply(554), Refused),
    (FinalDot, Says("550 5.1.1 no such user after all"), Gone),
    (FinalDot, Silence, Uncertain),
    (FinalDot, SLOW, Uncertain),
    (FinalDot, Drop, Uncertain),
    (FinalDot, Reset, Uncertain),
    (FinalDot, Endless, Uncertain),
    (FinalDot, Garbage, Uncertain),
];

/// The deadlines of the product are those of the promise; here people do not wait as long.
const SHORT: Patience = Patience {
    connect: Duration::from_secs(3),
    to_data: Duration::from_secs(3),
    after_dot: Duration::from_secs(3),
    // A connection of its own for each mail, from the banner on.
    idle: Duration::ZERO,
    ..PATIENCE
};

#[test]
fn the_deadlines_of_the_product_are_those_of_the_promise() {
    let patience = Patience::default();
    assert_eq!((patience.to_data, patience.after_dot), (Duration::from_secs(60), Duration::from_secs(600)));
    assert!(patience.connect < patience.to_data);
    // Every misbehaviour that the peer knows stands in the table.
    for behaviour in Behaviour::all() {
        let of = |row: &&(Step, Reaction, Leads)| (row.0, row.1) == (behaviour.step, behaviour.reaction);
        let rows = TO_EVERYBODY.iter().chain(&OF_ONE_MAIL).filter(of).count();
        assert_eq!(rows, 1, "{behaviour:?}");
    }
}

fn address(at: usize) -> String {
    format!("p{at}@d{at}.example")
}

async fn town(people: usize, url: Option<&str>) -> TestApp {
    patient_town(people, url, SHORT).await
}

async fn patient_town(people: usize, url: Option<&str>, patience: Patience) -> TestApp {
    let settings: Vec<(&str, &str)> = url.map(|url| ("MENSUEL_SMTP_URL", url)).into_iter().collect();
    let app = TestApp::start_patient(START, &settings, patience).await;
    for at in 0..people {
        app.member(&format!("Personne {at}"), &address(at), json!({})).await;
    }
    app
}

async fn published(app: &TestApp) -> Value {
    let event = json!({
        "starts_at": "2027-01-14T19:00", "time_zone": "Europe/Paris", "format": "open_discussion",
        "title": "Ce qui casse", "summary": "On en parle.", "subjects": ["Les relais"],
        "venue": "Halle Tony", "address": "1 rue du Test, 69001 Lyon"
    });
    let event = app.create("/api/v1/events", event).await;
    app.publish(&event, "followers").await
}

/// Each person's row of the outbox.
async fn rows(app: &TestApp, people: usize) -> Vec<Value> {
    let members = all(app, "/api/v1/members").await;
    let rows = all(app, "/api/v1/outbox").await;
    let of = |at: usize| {
        let member = members.iter().find(|one| one["emails"][0]["email"] == address(at)).expect("a member");
        let row = rows.iter().find(|row| row["recipient"]["id"] == member["id"]);
        row.unwrap_or_else(|| panic!("no row for {}", address(at))).clone()
    };
    (0..people).map(of).collect()
}

async fn stopped(app: &TestApp) -> Vec<String> {
    let sql = "select email_key from member_emails where stopped is not null order by 1";
    texts(app.app.store.read(), sql.to_owned()).await
}

/// The row after the first attempt.
fn check(app: &TestApp, row: &Value, behaviour: &(Step, Reaction, Leads), stopped: bool) {
    let (step, reaction, leads) = behaviour;
    let state = if matches!(leads, Again | Paused | Uncertain) { "queued" } else { "failed" };
    assert_eq!(row["state"], state, "{step:?} {reaction:?}: {row}");
    assert_eq!(row["attempts"], 1, "{step:?} {reaction:?}: {row}");
    assert!(row["last_error"].as_str().is_some_and(|words| words.len() > 10), "{step:?} {reaction:?}: {row}");
    assert_eq!(stopped, *leads == Gone, "{step:?} {reaction:?}: whether the address stops");
    if state == "queued" {
        let due: DateTime<Utc> = row["due_at"].as_str().expect("a time").parse().expect("a time");
        let wait = due - app.now();
        let about_a_minute = TimeDelta::seconds(60)..=TimeDelta::seconds(72);
        assert!(about_a_minute.contains(&wait), "{step:?} {reaction:?}: {wait}");
    }
}

/// Readiness and pages while the relay misbehaves, to whom an attempt has come that is not among those `before`.
async fn all_else_is_well(app: &TestApp, relay: &Mailbox, before: usize) {
    eventually("an attempt has come", async || (relay.connections() > before).then_some(())).await;
    for path in ["/readyz", "/", "/calendar.ics"] {
        // Less than what an attempt takes that the relay says nothing to.
        let answered = tokio::time::timeout(SHORT.to_data * 2 / 3, app.client.get(path).expect(200)).await;
        assert!(answered.is_ok(), "{path} waits for the relay");
    }
}

fn working(app: &TestApp) -> tokio::task::JoinHandle<()> {
    let app = app.app.clone();
    tokio::spawn(async move { mensuel::worker::until_idle(&app).await.expect("the worker works") })
}

#[tokio::test]
async fn one_mail_met_by_a_misbehaviour_is_judged_and_the_others_go_on() {
    const GOOD: usize = 20;
    let people = OF_ONE_MAIL.len() + GOOD;
    let app = town(people, None).await;
    published(&app).await;
    for (at, (step, reaction, _)) in OF_ONE_MAIL.into_iter().enumerate() {
        app.mailbox.script_for(&address(at), Behaviour::at(step, reaction));
    }
    let begun = Instant::now();
    let before = app.mailbox.connections();
    let worker = working(&app);
    all_else_is_well(&app, &app.mailbox, before).await;
    worker.await.expect("it ends");
    // Eleven never answer before the dot, on four connections; those silent after it free theirs.
    let most = SHORT.to_data * 11 / 2 + SHORT.after_dot + Duration::from_secs(20);
    assert!(begun.elapsed() < most, "{:?}", begun.elapsed());

    let (rows, stopped) = (rows(&app, people).await, stopped(&app).await);
    for (at, behaviour) in OF_ONE_MAIL.iter().enumerate() {
        check(&app, &rows[at], behaviour, stopped.contains(&address(at)));
    }
    for row in &rows[OF_ONE_MAIL.len()..] {
        assert_eq!(row["state"], "sent", "one that nothing met: {row}");
    }
    app.mailbox.behave();
    app.clock.advance(TimeDelta::seconds(73));
    app.work().await;
    for (at, (step, reaction, leads)) in OF_ONE_MAIL.iter().enumerate() {
        let copies = app.mailbox.received_by(&address(at));
        let expected = match leads {
            Again | Paused => 1,
            Uncertain => 2,
            Refused | Gone => 0,
        };
        assert_eq!(copies.len(), expected, "{step:?} {reaction:?}");
        assert!(copies.iter().all(|copy| copy.raw == copies[0].raw), "{step:?} {reaction:?}: the same bytes");
    }
}

/// One after the other: while it misbehaves so, it does to every mail.
async fn one_by_one(steps: &[Step]) {
    let table: Vec<_> = TO_EVERYBODY.into_iter().filter(|row| steps.contains(&row.0)).collect();
    let app = town(table.len(), None).await;
    for (at, behaviour) in table.iter().enumerate() {
        let email = address(at);
        app.mailbox.script(Behaviour::at(behaviour.0, behaviour.1));
        app.client.post("/link").form(&[("email", &email)]).expect(200).await;
        app.app.units.done().await;
        let begun = Instant::now();
        let before = app.mailbox.connections();
        let worker = working(&app);
        all_else_is_well(&app, &app.mailbox, before).await;
        worker.await.expect("it ends");
        assert!(
            begun.elapsed() < SHORT.to_data + Duration::from_secs(20),
            "{behaviour:?}: {:?}",
            begun.elapsed()
        );
        let row = rows(&app, at + 1).await.pop().expect("a row");
        check(&app, &row, behaviour, stopped(&app).await.contains(&email));
        assert_eq!(app.mailbox.received_by(&email).len(), 0, "{behaviour:?}");
        app.mailbox.behave();
        app.clock.advance(TimeDelta::seconds(73));
        app.work().await;
        assert_eq!(app.mailbox.received_by(&email).len(), 1, "{behaviour:?}: {}", app.mailbox.digest());
    }
}

#[tokio::test]
async fn a_banner_that_does_not_welcome_is_waited_out() {
    one_by_one(&[Banner]).await;
}

#[tokio::test]
async fn an_ehlo_that_is_not_agreed_to_is_waited_out() {
    one_by_one(&[Ehlo]).await;
}

/// A refusal of our own sender is our fault: no address stops.
#[tokio::test]
async fn a_sender_that_is_not_taken_is_waited_out() {
    one_by_one(&[Mail]).await;
}

/// Policy, routing, our sender's domain: our fault too, though it was said of one mail.
#[tokio::test]
async fn a_refusal_that_is_about_us_keeps_the_address() {
    one_by_one(&[Rcpt, FinalDot]).await;
}

/// Where STARTTLS is asked for and is missing or broken, nothing is sent in the clear.
#[tokio::test]
async fn without_the_encryption_that_was_asked_for_nothing_leaves() {
    let wrong = [
        None,
        Some(None),
        Some(Some(Reply(454))),
        Some(Some(Silence)),
        Some(Some(Drop)),
        Some(Some(Garbage)),
    ];
    for behaviour in wrong {
        let relay = Mailbox::start().await;
        let app = town(1, Some(&relay.url_with("smtp+starttls"))).await;
        if let Some(reaction) = behaviour {
            relay.offer_broken_starttls();
            if let Some(reaction) = reaction {
                relay.script(Behaviour::at(StartTls, reaction));
            }
        }
        published(&app).await;
        let begun = Instant::now();
        let before = relay.connections();
        let worker = working(&app);
        all_else_is_well(&app, &relay, before).await;
        worker.await.expect("it ends");
        assert!(begun.elapsed() < SHORT.to_data * 2 + Duration::from_secs(20), "{behaviour:?}");
        assert!(relay.received().is_empty() && relay.connections() > 0, "{behaviour:?}");
        let row = rows(&app, 1).await.pop().expect("a row");
        check(
            &app,
            &row,
            &(StartTls, behaviour.flatten().unwrap_or(Garbage), Again),
            !stopped(&app).await.is_empty(),
        );
        assert!(!id(&row).is_empty());
    }
}

/// Whom an evening in this town matters to, and what they wait for: readiness, pages, a calendar, and that their
/// answer is taken.
struct Visitor {
    client: Client,
    event: Value,
    invited: usize,
    pages: Vec<String>,
    link: String,
}

impl Visitor {
    /// Of an evening that is published now, by the link of the invitation.
    async fn of(app: &TestApp) -> Visitor {
        let event = published(app).await;
        let mails = app.mails().await;
        let mail = mails.iter().find(|mail| mail.to() == address(0)).expect("an invitation");
        let link = bare(&mail.link("/r/").expect("a link"));
        let mut pages = ["/readyz", "/", "/calendar.ics"].map(str::to_owned).to_vec();
        pages.extend([format!("/events/{}", text(&event["slug"])), link.clone()]);
        Visitor { client: app.client.clone(), event, invited: mails.len(), pages, link }
    }

    /// How long each request took.
    async fn visit(&self, answer: &str) -> Vec<Duration> {
        let mut waits = Vec::new();
        for page in &self.pages {
            let begun = Instant::now();
            self.client.get(page).expect(200).await;
            waits.push(begun.elapsed());
        }
        let begun = Instant::now();
        self.client.post(&self.link).form(&[("answer", answer), ("guests", "0")]).expect(303).await;
        waits.push(begun.elapsed());
        waits
    }
}

/// How long 99 of 100 requests take at most, of each. They take turns: what else the machine does, it does to both.
async fn p99(visitors: [&Visitor; 2]) -> [Duration; 2] {
    let mut waits = [Vec::new(), Vec::new()];
    for answer in ["yes", "no"].into_iter().cycle().take(60) {
        for (waits, visitor) in waits.iter_mut().zip(visitors) {
            waits.extend(visitor.visit(answer).await);
        }
    }
    waits.map(|mut waits| {
        waits.sort();
        waits[waits.len() * 99 / 100]
    })
}

/// Many more attempts than the database has connections hang, each on one that the relay accepted and
/// never greets: whatever an attempt held meanwhile, nobody else would get. Beside it stands a town whose
/// relay has nothing to do.
#[tokio::test]
async fn pages_stay_quick_while_a_relay_is_silent() {
    const PEOPLE: usize = 60;
    let minute = Duration::from_secs(60);
    let patience = Patience { to_data: minute, connections: 2 * PEOPLE, ..SHORT };
    let (quiet, app) =
        (patient_town(PEOPLE, None, patience).await, patient_town(PEOPLE, None, patience).await);
    let (there, here) = (Visitor::of(&quiet).await, Visitor::of(&app).await);

    assert_eq!(app.edit(&here.event, json!({ "starts_at": "2027-01-21T19:00" })).await.status, 200);
    app.mailbox.script(Behaviour::at(Banner, Silence));
    let (before, received) = (app.mailbox.connections(), app.mailbox.received().len());
    let worker = working(&app);
    within(minute / 2, "all who were invited are about to be told of the move at once", async || {
        (app.mailbox.connections() >= before + here.invited).then_some(())
    })
    .await;
    let [quiet, silent] = p99([&there, &here]).await;
    assert!(!worker.is_finished(), "the relay was silent all along");
    assert_eq!(app.mailbox.received().len(), received, "the relay was silent all along");
    worker.abort();
    // Both towns live in one process: what stops it altogether would do so to both.
    let most = (3 * quiet).clamp(Duration::from_millis(150), Duration::from_secs(1));
    assert!(silent <= most, "{silent:?} at p99 while the relay is silent, {quiet:?} where it is not");
}
