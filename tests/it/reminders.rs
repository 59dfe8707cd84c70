//! Reminders: when, to whom, and never twice.

use chrono::{DateTime, Utc};
use mensuel_tests::{TestApp, mailbox::ReceivedMail};
use serde_json::json;

use crate::scene::{Evening, only, says, to};

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

/// The mails at an instant, everything that came due before it done on the way.
async fn mails_at(app: &TestApp, instant: &str) -> Vec<ReceivedMail> {
    app.clock.set(at(instant));
    app.mails().await
}

fn reminded(mails: &[ReceivedMail]) -> Vec<String> {
    assert!(mails.iter().all(|mail| mail.subject().starts_with("Rappel")), "{:?}", mails[0].subject());
    let mut addresses: Vec<String> = mails.iter().map(|mail| mail.to().to_owned()).collect();
    addresses.sort();
    addresses
}

/// Summer time begins between the first reminder and the evening: both come at 19:00 on the wall.
#[tokio::test]
async fn the_same_wall_time_seven_days_and_one_day_before_over_a_change_of_the_clocks() {
    let mut evening = Evening::with(5, json!({ "starts_at": "2027-04-01T19:00", "capacity": 1 })).await;
    let people = evening.people.clone();
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    evening.press(&people[2], "maybe").await;
    evening.stay_away(&people[3]).await;
    evening.app.mails().await;
    let app = &mut evening.app;
    assert!(mails_at(app, "2027-03-25T17:59:59Z").await.is_empty());
    let first = mails_at(app, "2027-03-25T18:00:00Z").await;
    // The seated; a nudge to maybe and to the silent (here also the organizer and the speaker).
    let expected = [
        "camille.organise@lugdunum.example",
        "mathilde@fourviere.example",
        "p0@soie.example",
        "p2@soie.example",
        "p4@soie.example",
    ];
    assert_eq!(reminded(&first), expected);
    says(&only(&first, &people[0]).text(), &["C’est dans une semaine.", "Votre place est retenue."]);
    says(&only(&first, &people[2]).text(), &["Vous avez répondu « peut-être »"]);
    says(&only(&first, &people[4]).text(), &["Nous n’avons pas encore votre réponse.", &people[4].link]);
    // After a restart, and an hour later, nothing comes twice.
    app.restart().await;
    assert!(app.mails().await.is_empty());
    assert!(mails_at(app, "2027-03-25T19:00:00Z").await.is_empty());
    assert!(mails_at(app, "2027-03-31T16:59:59Z").await.is_empty());
    let second = mails_at(app, "2027-03-31T17:00:00Z").await;
    assert_eq!(reminded(&second), ["p0@soie.example"]);
    says(&only(&second, &people[0]).text(), &["C’est demain.", "12 quai Rambaud"]);
    app.restart().await;
    assert!(mails_at(app, "2027-04-01T16:00:00Z").await.is_empty());
    assert!(mails_at(app, "2027-04-02T16:00:00Z").await.is_empty());
}

#[tokio::test]
async fn a_moved_evening_is_remembered_at_its_new_hour_and_not_at_the_old_one() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    evening.come(zoe, 0).await;
    app.mails().await;
    assert_eq!(to(&mails_at(app, "2027-01-07T18:00:00Z").await, zoe).len(), 1);
    evening.change(json!({ "starts_at": "2027-01-21T20:00" })).await;
    says(&only(&app.mails().await, zoe).subject(), &["Nouvelle date"]);
    assert!(mails_at(app, "2027-01-13T18:00:00Z").await.is_empty(), "the day before the old date");
    let again = mails_at(app, "2027-01-14T19:00:00Z").await;
    says(&only(&again, zoe).text(), &["C’est dans une semaine.", "21 janvier"]);
    assert_eq!(to(&mails_at(app, "2027-01-20T19:00:00Z").await, zoe).len(), 1);
}

#[tokio::test]
async fn a_time_already_past_is_left_out() {
    // Published three days before: the reminder of seven days before is not made up for.
    let app = TestApp::start_at("2027-01-11T12:00:00Z", &[]).await;
    let evening = Evening::of(app, 1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    evening.come(zoe, 0).await;
    says(&only(&app.mails().await, zoe).subject(), &["Place confirmée"]);
    assert!(mails_at(app, "2027-01-13T17:59:00Z").await.is_empty());
    // The first reminder that is made is the one that nudges.
    let mails = mails_at(app, "2027-01-13T18:00:00Z").await;
    says(&only(&mails, zoe).text(), &["C’est demain."]);
    // Moved nearer than a day: what would have been before is left out.
    evening.change(json!({ "starts_at": "2027-01-14T08:00" })).await;
    says(&only(&app.mails().await, zoe).subject(), &["Nouvelle date"]);
    assert!(mails_at(app, "2027-01-14T06:30:00Z").await.is_empty());
}

#[tokio::test]
async fn a_long_stop_says_the_nearest_reminder_once_and_none_after_the_start() {
    let mut evening = Evening::with(1, json!({})).await;
    let zoe = evening.people[0].clone();
    evening.come(&zoe, 0).await;
    evening.app.mails().await;
    evening.app.clock.set(at("2027-01-14T09:00:00Z"));
    evening.app.restart().await;
    let mails = evening.app.mails().await;
    assert_eq!(
        to(&mails, &zoe).len(),
        1,
        "{:?}",
        mails.iter().map(|mail| mail.subject()).collect::<Vec<_>>()
    );
    assert!(mails_at(&evening.app, "2027-01-14T12:00:00Z").await.is_empty());

    let mut evening = Evening::with(1, json!({})).await;
    let zoe = evening.people[0].clone();
    evening.come(&zoe, 0).await;
    evening.app.mails().await;
    evening.app.clock.set(at("2027-01-14T18:00:01Z"));
    evening.app.restart().await;
    assert!(evening.app.mails().await.is_empty(), "it has begun");
}

#[tokio::test]
async fn who_cancelled_or_was_cancelled_hears_no_reminder() {
    let evening = Evening::with(2, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    evening.stay_away(&people[1]).await;
    app.mails().await;
    app.clock.set(at("2027-01-07T18:00:00Z"));
    // Due, and cancelled before it left.
    evening.cancel("Salle fermée").await;
    let mails = app.mails().await;
    says(&only(&mails, &people[0]).subject(), &["Annulé"]);
    assert!(mails_at(app, "2027-01-13T18:00:00Z").await.is_empty());
}

#[tokio::test]
async fn the_unsubscribed_and_the_paused_are_not_nudged() {
    let evening = Evening::with(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.change_member(&people[0], json!({ "mail": { "invitations": false } })).await;
    evening.change_member(&people[1], json!({ "status": "paused" })).await;
    evening.come(&people[2], 0).await;
    evening.change_member(&people[2], json!({ "mail": { "invitations": false } })).await;
    app.mails().await;
    let mails = mails_at(app, "2027-01-07T18:00:00Z").await;
    assert!(to(&mails, &people[0]).is_empty() && to(&mails, &people[1]).is_empty());
    assert_eq!(to(&mails, &people[2]).len(), 1, "word of an evening that one said yes to");
}

/// Two processes plan at once: one reminder each.
#[tokio::test]
async fn two_that_plan_at_once_remind_once() {
    let evening = Evening::with(3, json!({ "capacity": 3 })).await;
    let (app, people) = (&evening.app, &evening.people);
    for person in people {
        evening.come(person, 0).await;
    }
    app.mails().await;
    let beside = app.beside().await;
    for instant in ["2027-01-07T18:00:00Z", "2027-01-13T18:00:00Z"] {
        app.clock.set(at(instant));
        let (one, two) =
            tokio::join!(mensuel::worker::until_idle(&app.app), mensuel::worker::until_idle(&beside));
        one.expect("works");
        two.expect("works");
        let mails = app.mails().await;
        for person in people {
            only(&mails, person);
        }
    }
}

#[tokio::test]
async fn a_series_that_cannot_be_read_keeps_no_reminder_from_leaving() {
    let evening = Evening::with(1, json!({})).await;
    evening.come(&evening.people[0], 0).await;
    evening.app.mails().await;
    let app = &evening.app;
    let rule = json!({ "week": 2, "weekday": "thursday", "at": "19:00", "time_zone": "Europe/Paris", "duration": "PT2H" });
    app.create("/api/v1/series", json!({ "title": "Les soirées", "rule": rule, "from": "2027-06-01" })).await;
    crate::scene::execute(app, "update series set weekday = 99").await;
    app.clock.set(at("2027-01-07T18:00:00Z"));
    let broken = mensuel::worker::until_idle(&app.app).await;
    assert!(broken.is_err(), "it is told");
    crate::scene::execute(app, "update series set weekday = 3").await;
    app.clock.set(at("2027-01-07T18:00:01Z"));
    let planned = mensuel_infra::store::reminders::planned(
        app.app.store.read(),
        mensuel_domain::id::Id::new(evening.event["id"].as_str().unwrap().parse().unwrap()),
        at("2027-01-14T18:00:00Z"),
    )
    .await
    .unwrap();
    assert!(planned.contains(&7), "the reminder was planned beside the broken series");
}
