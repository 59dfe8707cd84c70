//! What becomes of mail when the relay does not do what it should.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use mensuel::use_cases::Failure;
use mensuel_infra::{mail::relay::Patience, store::outbox};
use mensuel_tests::{
    TestApp,
    app::{PATIENCE, START, id},
    eventually,
    mailbox::{Behaviour, Reaction, Step},
    soon,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::scene::{Evening, all, database, execute, never_says, says};

/// A published retex whose invitations wait: to Camille, Mathilde, Zoé and Ada.
async fn waiting(app: &TestApp) -> Value {
    let speaker = app.member("Mathilde Lemoine", "mathilde@soie.example", json!({ "follows": [] })).await;
    app.member("Zoé Durand", ZOE, json!({})).await;
    app.member("Ada Martin", "ada@soie.example", json!({})).await;
    let event = app.retex(&speaker, json!({})).await;
    app.publish(&event, "followers").await
}

const ZOE: &str = "zoe@soie.example";

/// The outbox's line of Zoé's invitation.
async fn zoes(app: &TestApp) -> Value {
    let member = crate::scene::person_named(app, "Zoé Durand").await;
    let items = all(app, "/api/v1/outbox").await;
    let hers = |item: &&Value| item["recipient"]["id"] == member["id"] && item["kind"] == "invitation";
    items.iter().find(hers).expect("her invitation is in the outbox").clone()
}

fn count(app: &TestApp, address: &str) -> usize {
    app.mailbox.received_by(address).len()
}

#[tokio::test]
async fn refused_for_now_is_tried_again_while_the_others_go_on() {
    let app = TestApp::start().await;
    waiting(&app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::Rcpt, Reaction::Reply(450)));
    app.work().await;
    assert_eq!(app.mailbox.received().len(), 3, "{}", app.mailbox.digest());
    let line = zoes(&app).await;
    assert_eq!((&line["state"], &line["attempts"]), (&json!("queued"), &json!(1)));
    says(line["last_error"].as_str().expect("an error in words"), &["450"]);
    never_says(line["last_error"].as_str().unwrap(), &[ZOE]);
    let due: DateTime<Utc> = line["due_at"].as_str().unwrap().parse().unwrap();
    assert!(due > app.now() && due <= app.now() + TimeDelta::hours(1), "{due}");
    // Not before it is due.
    app.clock.set(due - TimeDelta::seconds(1));
    app.work().await;
    assert_eq!(zoes(&app).await["attempts"], 1);
    app.mailbox.behave();
    app.clock.set(due);
    app.work().await;
    assert_eq!(count(&app, ZOE), 1);
    let line = zoes(&app).await;
    assert_eq!((&line["state"], &line["attempts"]), (&json!("sent"), &json!(2)));
    assert!(line["sent_at"].is_string());
}

#[tokio::test]
async fn the_waits_between_attempts_grow_and_end_after_two_days() {
    let app = TestApp::start().await;
    waiting(&app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::Rcpt, Reaction::Reply(451)));
    let begun = app.now();
    let mut waits: Vec<TimeDelta> = Vec::new();
    loop {
        app.work().await;
        let line = zoes(&app).await;
        if line["state"] != "queued" {
            break;
        }
        let due: DateTime<Utc> = line["due_at"].as_str().unwrap().parse().unwrap();
        waits.push(due - app.now());
        assert!(waits.len() < 60, "{waits:?}");
        app.clock.set(due);
    }
    let line = zoes(&app).await;
    assert_eq!(line["state"], "expired");
    says(line["last_error"].as_str().unwrap(), &["451"]);
    let lasted = app.now() - begun;
    assert!(lasted >= TimeDelta::hours(36) && lasted <= TimeDelta::hours(50), "{lasted}");
    assert!(waits.len() >= 6, "{waits:?}");
    assert!(waits[0] <= TimeDelta::minutes(10), "{waits:?}");
    assert!(waits.iter().max() > Some(&(waits[0] * 40)), "{waits:?}");
    // An organizer sees it and sends it again.
    let expired = app.get("/api/v1/outbox?state=expired").expect(200).await.json();
    assert_eq!(expired["items"].as_array().unwrap().len(), 1);
    app.mailbox.behave();
    let again = app.post(&format!("/api/v1/outbox/{}/retry", id(&line))).expect(200).await.json();
    assert_eq!(again["state"], "queued");
    app.work().await;
    assert_eq!(count(&app, ZOE), 1);
    app.post(&format!("/api/v1/outbox/{}/retry", id(&line))).expect(409).await;
}

#[tokio::test]
async fn refused_for_good_is_tried_once() {
    let app = TestApp::start().await;
    waiting(&app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::Rcpt, Reaction::Reply(550)));
    app.work().await;
    let line = zoes(&app).await;
    assert_eq!((&line["state"], &line["attempts"]), (&json!("failed"), &json!(1)));
    says(line["last_error"].as_str().unwrap(), &["550"]);
    never_says(line["last_error"].as_str().unwrap(), &[ZOE]);
    assert_eq!(app.mailbox.received().len(), 3);
    app.mailbox.behave();
    app.clock.advance(TimeDelta::hours(5));
    app.work().await;
    assert_eq!(count(&app, ZOE), 0);
    let invited =
        all(&app, &format!("/api/v1/events/{}/invitations", line["event_id"].as_str().unwrap())).await;
    let hers = invited.iter().find(|one| one["name"] == "Zoé Durand").unwrap();
    assert_eq!(hers["mail"], "failed");
}

/// The whole mail was taken, and the connection broke before we heard so: at most one more copy, which
/// a mail program recognises.
#[tokio::test]
async fn dropped_after_the_final_dot_it_comes_again_as_the_same_mail() {
    for reaction in [Reaction::Drop, Reaction::Reset, Reaction::Garbage] {
        let app = TestApp::start().await;
        waiting(&app).await;
        app.mailbox.script_for(ZOE, Behaviour::at(Step::FinalDot, reaction));
        app.work().await;
        let line = zoes(&app).await;
        assert_eq!(line["state"], "queued", "{reaction:?}: {line}");
        assert!(line["last_error"].is_string());
        app.mailbox.behave();
        app.clock.advance(TimeDelta::hours(1));
        app.work().await;
        app.clock.advance(TimeDelta::hours(1));
        app.work().await;
        let copies = app.mailbox.received_by(ZOE);
        assert_eq!(copies.len(), 2, "{reaction:?}");
        assert_eq!(copies[0].header("Message-ID"), copies[1].header("Message-ID"));
        assert_eq!(copies[0].raw, copies[1].raw, "{reaction:?}: the same bytes");
        assert_eq!(app.mailbox.received().len(), 5);
        assert_eq!(zoes(&app).await["state"], "sent");
    }
}

/// Whatever language the error was written in: a third copy never leaves.
#[tokio::test]
async fn a_second_uncertain_end_is_the_last_one_in_any_language() {
    let app = TestApp::start().await;
    waiting(&app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::FinalDot, Reaction::Drop));
    app.work().await;
    assert_eq!(zoes(&app).await["state"], "queued");
    crate::scene::execute(
        &app,
        "update outbox set last_error = 'It may have arrived.' where state = 'queued'",
    )
    .await;
    for _ in 0..4 {
        app.clock.advance(TimeDelta::hours(2));
        app.work().await;
    }
    assert_eq!(zoes(&app).await["state"], "failed");
    assert_eq!(count(&app, ZOE), 2);
}

#[tokio::test]
async fn a_silent_relay_holds_up_neither_the_other_mails_nor_the_pages() {
    let patience = Patience { to_data: Duration::from_secs(6), ..PATIENCE };
    let app = TestApp::start_patient(START, &[], patience).await;
    waiting(&app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::Data, Reaction::Silence));
    let worker = tokio::spawn({
        let app = app.app.clone();
        async move { mensuel::worker::until_idle(&app).await }
    });
    app.mailbox.wait_for(3).await;
    for path in ["/", "/readyz", "/calendar.ics"] {
        let answered = tokio::time::timeout(patience.to_data / 2, app.client.get(path).expect(200)).await;
        assert!(answered.is_ok(), "{path} waits");
    }
    tokio::time::timeout(Duration::from_secs(30), worker).await.expect("ends").unwrap().expect("works");
    let line = zoes(&app).await;
    assert_eq!(line["state"], "queued");
    says(line["last_error"].as_str().unwrap(), &["n’a pas répondu à temps"]);
    app.mailbox.behave();
    app.clock.advance(TimeDelta::hours(1));
    app.work().await;
    assert_eq!(count(&app, ZOE), 1);
}

#[tokio::test]
async fn without_a_relay_that_answers_mail_waits_and_all_else_works() {
    // A port that was free a moment ago and listens to nobody.
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let app = TestApp::start_with(&[("MENSUEL_SMTP_URL", &format!("smtp://{free}"))]).await;
    let event = waiting(&app).await;
    app.work().await;
    app.client.get("/readyz").expect(200).await;
    app.client.get(&format!("/events/{}", event["slug"].as_str().unwrap())).expect(200).await;
    let lines = all(&app, "/api/v1/outbox?state=queued").await;
    assert_eq!(lines.len(), 4);
    for line in &lines {
        assert!(line["attempts"].as_u64() >= Some(1));
        says(line["last_error"].as_str().unwrap(), &["n’a pas pu être joint"]);
    }
}

#[tokio::test]
async fn an_invitation_never_leaves_after_its_evening() {
    let app = TestApp::start_at("2027-01-13T12:00:00Z", &[]).await;
    waiting(&app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::Rcpt, Reaction::Reply(451)));
    app.work().await;
    app.mailbox.behave();
    app.clock.set("2027-01-14T20:30:01Z".parse().unwrap());
    app.work().await;
    assert_eq!(count(&app, ZOE), 0);
    assert_eq!(zoes(&app).await["state"], "dropped");
}

/// A process that dies between claiming and sending: its lease ends, and another goes on.
#[tokio::test]
async fn what_a_dead_process_held_is_sent_once_its_lease_has_ended() {
    let mut app = TestApp::start().await;
    waiting(&app).await;
    let (_, claimed) = outbox::claim(&app.app.store, app.now(), 100).await.unwrap();
    assert_eq!(claimed.len(), 4);
    assert_eq!(zoes(&app).await["state"], "sending");
    app.restart().await;
    let worker = tokio::spawn({
        let app = app.app.clone();
        async move { mensuel::worker::until_idle(&app).await }
    });
    // Until the very instant at which the lease ends nothing leaves, however often the queue is looked at.
    app.clock.advance(outbox::LEASE - TimeDelta::microseconds(1));
    mensuel::worker::settle_due(&app.app).await.expect("works");
    assert!(app.mailbox.received().is_empty(), "held by the lease");
    app.clock.advance(TimeDelta::microseconds(1));
    worker.await.unwrap().expect("works");
    assert_eq!(app.mailbox.received().len(), 4, "{}", app.mailbox.digest());
    app.clock.advance(TimeDelta::hours(1));
    app.work().await;
    assert_eq!(app.mailbox.received().len(), 4, "each once");
}

/// A process that was stopped for longer than its lease, and goes on where it was.
#[tokio::test]
async fn who_lost_the_lease_writes_no_outcome() {
    let app = TestApp::start().await;
    waiting(&app).await;
    let store = &app.app.store;
    let (lost, claimed) = outbox::claim(store, app.now(), 100).await.unwrap();
    app.clock.advance(outbox::LEASE);
    let (held, again) = outbox::claim(store, app.now(), 100).await.unwrap();
    assert_eq!((claimed.len(), again.len()), (4, 4));
    let before = database(&app).await;
    let sent = || {
        let to = mensuel_domain::text::Email::parse(ZOE).unwrap();
        outbox::Outcome::Sent { to, with_entry: true, listed: Vec::new() }
    };
    for row in &claimed {
        assert!(!outbox::settle(store, lost, row, sent(), app.now()).await.unwrap());
        assert!(!outbox::renew(store, lost, row.id, app.now()).await.unwrap());
        outbox::release(store, lost, row.id).await.unwrap();
        outbox::postpone(store, lost, row.id, app.now() + TimeDelta::hours(1)).await.unwrap();
    }
    assert_eq!(database(&app).await, before, "nothing is written over the attempt that is under way");
    assert!(outbox::settle(store, held, &again[0], sent(), app.now()).await.unwrap());
}

/// A relay that thinks for minutes about one mail: as long as the attempt lives, nobody else begins
/// another one.
#[tokio::test]
async fn a_mail_that_takes_long_keeps_its_lease() {
    let patience = Patience { after_dot: Duration::from_secs(60), ..PATIENCE };
    let app = TestApp::start_patient(START, &[], patience).await;
    waiting(&app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::FinalDot, Reaction::Silence));
    let worker = tokio::spawn({
        let app = app.app.clone();
        async move { mensuel::worker::until_idle(&app).await }
    });
    app.mailbox.wait_for(4).await;
    for _ in 0..10 {
        app.clock.advance(TimeDelta::seconds(15));
        eventually("the lease is renewed", async || {
            let nearly_whole = app.now() + outbox::LEASE - TimeDelta::seconds(1);
            let held = outbox::is_anything_leased(app.app.store.read(), nearly_whole).await;
            held.expect("the queue is read").then_some(())
        })
        .await;
        let (_, claimed) = outbox::claim(&app.app.store, app.now(), 100).await.unwrap();
        assert!(claimed.is_empty(), "another attempt would begin");
    }
    worker.abort();
    assert_eq!(count(&app, ZOE), 1);
}

/// The others have their mail, and the relay pauses at Zoé's until it is told to go on.
async fn pausing_at_zoes(app: &TestApp) -> JoinHandle<Result<(), Failure>> {
    waiting(app).await;
    app.mailbox.script_for(ZOE, Behaviour::at(Step::Rcpt, Reaction::Pause));
    let worker = tokio::spawn({
        let app = app.app.clone();
        async move { mensuel::worker::until_idle(&app).await }
    });
    eventually("the others are noted", async || {
        (all(app, "/api/v1/outbox?state=sent").await.len() == 3).then_some(())
    })
    .await;
    eventually("Zoé's is spoken of", async || (app.mailbox.pauses() == 1).then_some(())).await;
    worker
}

/// Nobody renews a lease before this is rolled back; who wants to gives up after ten seconds.
async fn no_renewal(app: &TestApp) -> DatabaseConnection {
    let beside = app.connection().await;
    let lock = if app.is_postgres() { "begin; lock table outbox in share mode" } else { "begin immediate" };
    beside.execute_unprepared(lock).await.unwrap();
    beside
}

/// A database that is slow to renew a lease does not stop the conversation with the relay.
#[tokio::test]
async fn a_lease_that_cannot_be_renewed_now_stops_no_conversation() {
    let app = TestApp::start().await;
    let worker = pausing_at_zoes(&app).await;
    let beside = no_renewal(&app).await;
    let begun = Instant::now();
    app.clock.advance(TimeDelta::seconds(15));
    // Whoever wakes up by that has begun before this is answered.
    app.client.get("/healthz").expect(200).await;
    app.mailbox.behave();
    let arrived = soon(Duration::from_secs(8), async || (count(&app, ZOE) == 1).then_some(())).await;
    beside.execute_unprepared("rollback").await.unwrap();
    arrived.expect("it went on while the renewal waited");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "the machine stood still for so long that this shows nothing"
    );
    worker.await.unwrap().unwrap();
    assert_eq!(all(&app, "/api/v1/outbox?state=sent").await.len(), 4);
}

/// Who stood still for longer than the lease lasts does not know whether another one took the mail over, and says
/// nothing more to the relay before it does.
#[tokio::test]
async fn when_the_lease_has_ended_nothing_more_is_said_before_it_is_renewed() {
    let app = TestApp::start().await;
    let worker = pausing_at_zoes(&app).await;
    let beside = no_renewal(&app).await;
    app.clock.advance(outbox::LEASE);
    app.mailbox.behave();
    let arrived = soon(Duration::from_secs(1), async || (count(&app, ZOE) == 1).then_some(())).await;
    beside.execute_unprepared("rollback").await.unwrap();
    assert_eq!(arrived, None, "it went on, and somebody else might have as well");
    worker.await.unwrap().unwrap();
    assert_eq!(count(&app, ZOE), 1);
}

/// What is said and what must be told stand and fall together.
#[tokio::test]
async fn an_answer_whose_mail_cannot_be_queued_does_not_stand() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let before = database(app).await;
    execute(app, "alter table outbox rename to outbox_away").await;
    let answer = app.client.post(&zoe.link).form(&[("answer", "yes")]).send().await;
    assert!(answer.status >= 500, "{}", answer.status);
    execute(app, "alter table outbox_away rename to outbox").await;
    assert_eq!(database(app).await, before);
    evening.come(zoe, 0).await;
    assert_eq!(app.mails().await.len(), 1, "and once it can be, both are done");
}

/// `work` beside `serve`, both at the same queue.
#[tokio::test]
async fn several_that_work_the_queue_send_each_mail_once() {
    let app = TestApp::start().await;
    for at in 0..60 {
        app.member(&format!("Membre {at}"), &format!("m{at}@foule.example"), json!({})).await;
    }
    waiting(&app).await;
    let (one, two) = (app.beside().await, app.beside().await);
    let (a, b, c) = tokio::join!(
        mensuel::worker::until_idle(&app.app),
        mensuel::worker::until_idle(&one),
        mensuel::worker::until_idle(&two)
    );
    a.expect("works");
    b.expect("works");
    c.expect("works");
    let mut addresses: Vec<String> = app.mailbox.received().iter().map(|mail| mail.to().to_owned()).collect();
    addresses.sort();
    let total = addresses.len();
    addresses.dedup();
    assert_eq!((addresses.len(), total), (64, 64));
    assert_eq!(all(&app, "/api/v1/outbox?state=sent").await.len(), 64);
}

/// The queue is worked by the service itself, and by `work` beside it, until it is told to stop.
#[tokio::test]
async fn work_beside_serve_sends_what_comes() {
    let app = TestApp::start().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let beside = app.beside().await;
    let working = tokio::spawn(mensuel::serve::work(beside, async move {
        let _ = stopped.await;
    }));
    waiting(&app).await;
    // It looks by itself when its clock comes to what is due; here the clock is woken by hand.
    eventually("the four mails leave", async || {
        app.clock.advance(TimeDelta::seconds(1));
        (app.mailbox.received().len() == 4).then_some(())
    })
    .await;
    let _ = stop.send(());
    tokio::time::timeout(Duration::from_secs(60), working).await.expect("stops").unwrap();
    assert_eq!(all(&app, "/api/v1/outbox?state=sent").await.len(), 4);
}

/// Without a relay each mail is a file that a mail program opens.
#[tokio::test]
async fn without_a_relay_mails_are_files() {
    let app = TestApp::start_with(&[("MENSUEL_SMTP_URL", "")]).await;
    waiting(&app).await;
    app.work().await;
    let files: Vec<_> = std::fs::read_dir(app.data_dir().join("mail"))
        .expect("a folder of mails")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("Message-ID: <") && text.contains("multipart/mixed"));
    }
}
