//! Refusals by the relay: whose fault each is, and what follows for the address, for the others and
//! for the organizers.

use chrono::{DateTime, TimeDelta, Utc};
use mensuel_domain::id::Id;
use mensuel_infra::store::members;
use mensuel_tests::{
    TestApp,
    app::{ORGANIZER, id},
    mailbox::{Behaviour, Reaction, Step},
};
use serde_json::{Value, json};

use crate::{
    asserts::{each, people, recipients},
    events::discussion,
    scene::{all, says},
};

fn refuses(line: &'static str) -> Behaviour {
    Behaviour::at(Step::Rcpt, Reaction::Says(line))
}

async fn outbox(app: &TestApp, kind: &str, state: &str) -> Vec<Value> {
    let items = all(app, &format!("/api/v1/outbox?state={state}")).await;
    items.into_iter().filter(|item| item["kind"] == kind).collect()
}

/// Why nothing is sent to a member any more.
async fn stopped(app: &TestApp, member: &Value) -> Option<String> {
    let member = Id::new(id(member).parse().unwrap());
    members::find(app.app.store.read(), member).await.unwrap().unwrap().emails[0].stopped.clone()
}

/// How often the relay was tried until now.
async fn attempts(app: &TestApp) -> u64 {
    let items = all(app, "/api/v1/outbox").await;
    items.iter().map(|item| item["attempts"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn refused_whoever_it_is_for_sending_pauses_and_goes_on_by_itself() {
    let app = TestApp::start().await;
    let members = people(&app, &["Ana", "Bob", "Eve"]).await;
    app.mailbox.script(refuses("554 5.7.1 Your network is not welcome"));
    let event = discussion(&app, "2027-01-14", json!({})).await;
    app.publish(&event, "followers").await;
    app.work().await;
    assert_eq!(attempts(&app).await, 4, "those under way together");
    // Nothing is tried during a pause, new mail neither; after it, one mail alone tries.
    let other = discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&other, "followers").await;
    app.work().await;
    assert_eq!(attempts(&app).await, 4);
    app.advance(TimeDelta::minutes(1)).await;
    assert_eq!(attempts(&app).await, 5, "one alone");
    app.clock.advance(TimeDelta::minutes(4));
    app.work().await;
    assert_eq!(attempts(&app).await, 5, "the second pause is longer");
    app.clock.advance(TimeDelta::minutes(1));
    app.work().await;
    assert_eq!(attempts(&app).await, 6);
    for member in &members {
        assert!(stopped(&app, member).await.is_none(), "addresses are kept");
    }
    let queued = outbox(&app, "invitation", "queued").await;
    assert_eq!(queued.len(), 8, "nothing is given up");
    let tried = queued.iter().find(|item| !item["last_error"].is_null()).unwrap();
    says(tried["last_error"].as_str().unwrap(), &["5.7.1"]);
    assert_eq!(outbox(&app, "mail_paused", "queued").await.len(), 1, "the organizers are told once");

    // It takes our mail again: the first one that is taken ends the pause for all.
    app.mailbox.behave();
    app.advance(TimeDelta::hours(2)).await;
    let mails = app.mails().await;
    assert_eq!(mails.len(), 9);
    let told: Vec<_> = mails.iter().filter(|mail| mail.subject().contains("suspendu")).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to(), ORGANIZER);
    says(&told[0].text(), &["5.7.1", "10 h", "adresses sont gardées", "mensuel doctor"]);
    assert!(outbox(&app, "invitation", "queued").await.is_empty());
}

#[tokio::test]
async fn one_recipient_who_is_refused_does_not_stop_the_others_for_long() {
    let app = TestApp::start().await;
    let [_, bob] = people(&app, &["Ana", "Bob"]).await.try_into().unwrap();
    app.mailbox.script_for("bob@membres.example", refuses("550 5.7.133 Sender not allowed"));
    let event = discussion(&app, "2027-01-14", json!({})).await;
    app.publish(&event, "followers").await;
    app.work().await;
    assert_eq!(app.mailbox.received().len(), 2);
    for hour in 1..=6 {
        app.advance(TimeDelta::hours(1)).await;
        app.mailbox.clear();
        let event = discussion(&app, &format!("2027-03-0{hour}"), json!({})).await;
        app.publish(&event, "followers").await;
        app.work().await;
        app.advance(TimeDelta::minutes(2)).await;
        let mails = app.mailbox.received();
        let ana = mails.iter().filter(|mail| mail.to() == "ana@membres.example").count();
        assert_eq!(ana, 1, "hour {hour}: {}", app.mailbox.digest());
    }
    assert!(stopped(&app, &bob).await.is_none());
    assert!(all(&app, "/api/v1/outbox").await.iter().all(|item| item["kind"] != "mail_paused"));
}

#[tokio::test]
async fn an_address_that_exists_no_more_stops_also_as_exchange_says_it() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    app.mailbox.script_for("ana@membres.example", refuses("550 5.1.1 No such user"));
    let exchange =
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [x.protection.outlook.com]";
    app.mailbox.script_for("bob@membres.example", refuses(exchange));
    let event = discussion(&app, "2027-01-14", json!({})).await;
    app.publish(&event, "followers").await;
    assert_eq!(recipients(&app.mails().await), ["eve@membres.example"]);
    for gone in [&ana, &bob] {
        says(&stopped(&app, gone).await.unwrap(), &["n’existe pas"]);
    }
    assert!(stopped(&app, &eve).await.is_none());
    assert!(outbox(&app, "mail_paused", "queued").await.is_empty(), "this is nobody's outage");
    app.mailbox.behave();
    let event = discussion(&app, "2027-02-11", json!({})).await;
    app.publish(&event, "followers").await;
    assert_eq!(recipients(&app.mails().await), ["eve@membres.example"]);
}

#[tokio::test]
async fn a_full_mailbox_stops_with_the_third_mail_in_thirty_days() {
    for full in ["452 4.2.2 Mailbox full", "552 5.2.2 Mailbox full"] {
        let app = TestApp::start().await;
        let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
        app.mailbox.script_for("ana@membres.example", refuses(full));
        // The first is more than 30 days before the last.
        let mails = ["2027-05-13", "2027-06-10", "2027-06-24", "2027-07-08"];
        let days = ["2026-12-02", "2027-01-10", "2027-01-14", "2027-01-20"];
        for (at, (day, evening)) in days.into_iter().zip(mails).enumerate() {
            app.clock.set(format!("{day}T09:00:00Z").parse::<DateTime<Utc>>().unwrap());
            app.work().await;
            let event = discussion(&app, evening, json!({})).await;
            app.publish(&event, "followers").await;
            app.work().await;
            // Tried again and again, it is one mail.
            app.advance(TimeDelta::hours(49)).await;
            let stopped = stopped(&app, &ana).await;
            assert_eq!(stopped.is_some(), at == 3, "{full}, mail {at}: {stopped:?}");
        }
        says(&stopped(&app, &ana).await.unwrap(), &["pleine"]);
        assert_eq!(each(&json!(outbox(&app, "invitation", "expired").await), "kind").len(), 3);
        assert!(outbox(&app, "mail_paused", "queued").await.is_empty());
    }
}

#[tokio::test]
async fn no_destination_gets_more_in_a_minute_than_it_may_and_others_do_not_wait() {
    let app = TestApp::start_with(&[("MENSUEL_MAIL_PER_MINUTE", "3")]).await;
    for at in 0..7 {
        app.member(&format!("Membre {at}"), &format!("m{at}@foule.example"), json!({})).await;
    }
    people(&app, &["Ana"]).await;
    let event = discussion(&app, "2027-01-14", json!({})).await;
    app.publish(&event, "followers").await;
    let at = |mails: Vec<mensuel_tests::mailbox::ReceivedMail>, domain: &str| {
        mails.iter().filter(|mail| mail.to().ends_with(domain)).count()
    };
    let first = app.mails().await;
    assert_eq!(at(first.clone(), "@foule.example"), 3);
    assert_eq!((at(first.clone(), "@membres.example"), at(first, "@lugdunum.example")), (1, 1));
    app.clock.advance(TimeDelta::seconds(59));
    assert!(app.mails().await.is_empty());
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.mails().await.len(), 3);
    let waiting = outbox(&app, "invitation", "queued").await;
    assert_eq!(each(&json!(waiting), "attempts"), ["0"], "putting off is no attempt");
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(app.mails().await.len(), 1);
}
