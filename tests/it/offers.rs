//! Near the evening a free seat is offered, and nobody is woken at night.

use chrono::{DateTime, Utc};
use mensuel_tests::{TestApp, app::id, mailbox::ReceivedMail};
use serde_json::{Value, json};

use crate::{
    asserts::pages,
    scene::{Evening, all, buttons, execute, never_says, only, press, read, roster, says, to},
};

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

/// An evening of Thursday 14 January, 19:00 in Paris, with one seat, taken by the first of these
/// people; the others wait. It is Wednesday noon.
async fn full(people: usize, fields: Value) -> Evening {
    full_of(TestApp::start().await, people, fields).await
}

async fn full_of(app: TestApp, people: usize, fields: Value) -> Evening {
    let mut wanted = json!({ "capacity": 1 });
    for (key, value) in fields.as_object().into_iter().flatten() {
        wanted[key] = value.clone();
    }
    let evening = Evening::of(app, people, wanted).await;
    for person in &evening.people {
        evening.come(person, 0).await;
    }
    evening.app.clock.set(at("2027-01-13T11:00:00Z"));
    evening.app.mails().await;
    evening
}

async fn mails_at(app: &TestApp, instant: &str) -> Vec<ReceivedMail> {
    app.clock.set(at(instant));
    app.mails().await
}

/// Without the reminders of the day before.
fn about_seats(mails: &[ReceivedMail]) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = mails
        .iter()
        .map(|mail| (mail.to().to_owned(), mail.subject().split(" : ").next().unwrap_or_default().to_owned()))
        .filter(|(_, subject)| subject != "Rappel")
        .collect();
    told.sort();
    told
}

fn told(who: &str, what: &str) -> (String, String) {
    (format!("{who}@soie.example"), what.to_owned())
}

const OFFERED: &str = "Une place à prendre";
const EXPIRED: &str = "Place non prise à temps";
const PROMOTED: &str = "Une place pour vous";

#[tokio::test]
async fn an_offer_holds_the_seat_and_a_yes_takes_it_for_good() {
    let evening = full(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.stay_away(&people[0]).await;
    assert_eq!(evening.seated("offered").await, evening.names(&[1]));
    let until = "2027-01-14T11:00:00+01:00";
    let line = evening.line(&people[1]).await;
    assert_eq!((&line["offer_until"], &line["place_in_line"]), (&json!(until), &json!(null)));
    let seats = app.seats(&evening.event).await;
    assert_eq!((&seats["taken"], &seats["offered"], &seats["confirmed"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(seats["next_offer_until"], until);

    let mails = app.mails().await;
    assert_eq!(about_seats(&mails), [told("p0", "Réponse notée"), told("p1", OFFERED)]);
    let mail = only(&mails, &people[1]);
    says(&mail.text(), &["Une place est libre pour vous : dites oui jusqu’au jeudi 14 janvier, 11 h."]);
    says(&mail.text(), &["Oui, je prends la place", "une place vous est proposée jusqu’au"]);
    never_says(&mail.text(), &["12 quai Rambaud"]);
    assert!(mail.calendar().is_none(), "no calendar entry before there is a seat");

    let page = app.client.get(&people[1].link).expect(200).await;
    says(&read(&page), &["Une place est libre pour vous : dites oui jusqu’au jeudi 14 janvier, 11 h."]);
    says(&read(&page), &["Oui, je prends la place", "Non, je la laisse"]);
    assert_eq!(buttons(&page)[0], "yes");
    let english = app.client.get(&format!("{}?lang=en", people[1].link)).expect(200).await;
    says(&read(&english), &["A seat is free for you: say yes until Thursday 14 January, 11 am."]);
    let seen = evening.rsvp(&people[1]).await;
    assert_eq!(
        (&seen["seat"], &seen["offer_until"], &seen["rule"]),
        (&json!("offered"), &json!(until), &json!(null))
    );
    // Held means held: who says yes now waits.
    let late = app.member("Lise Tardy", "lise@soie.example", json!({})).await;
    let lise = evening.path(&format!("/rsvps/{}", late["id"].as_str().unwrap()));
    assert_eq!(
        app.put(&lise).json(&json!({ "answer": "yes" })).expect(200).await.json()["seat"],
        "waitlisted"
    );

    let page = evening.come(&people[1], 0).await;
    says(&read(&page), &["C’est noté. Vous venez.", "12 quai Rambaud"]);
    let mails = app.mails().await;
    let mail = only(&mails, &people[1]);
    assert!(mail.calendar_text().contains("PARTSTAT=ACCEPTED"), "now there is a seat");
    app.check_counters().await;
    // The offer is not taken back when its time comes.
    assert_eq!(about_seats(&mails_at(app, "2027-01-14T10:00:00Z").await), []);
    assert_eq!(evening.seated("confirmed").await, evening.names(&[1]));
    app.check_counters().await;
}

#[tokio::test]
async fn no_lets_the_offer_go_to_the_next_at_once() {
    let evening = full(4, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.stay_away(&people[0]).await;
    evening.stay_away(&people[1]).await;
    assert_eq!(evening.seated("offered").await, evening.names(&[2]));
    evening.press(&people[2], "maybe").await;
    assert_eq!(evening.seated("offered").await, evening.names(&[3]));
    let mails = app.mails().await;
    assert!(to(&mails, &people[3])[0].subject().starts_with(OFFERED));
    assert!(to(&mails, &people[2]).iter().all(|mail| !mail.subject().starts_with(OFFERED)), "merged");
    app.check_counters().await;
}

#[tokio::test]
async fn an_offer_that_nobody_answers_ends_and_the_next_is_served() {
    let evening = full(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.stay_away(&people[0]).await;
    app.mails().await;
    assert_eq!(about_seats(&mails_at(app, "2027-01-14T09:59:59Z").await), []);
    let mails = mails_at(app, "2027-01-14T10:00:00Z").await;
    assert_eq!(about_seats(&mails), [told("p1", EXPIRED), told("p2", OFFERED)]);
    let mail = to(&mails, &people[1]).into_iter().find(|mail| mail.subject().starts_with(EXPIRED)).unwrap();
    says(&mail.text(), &["n’a pas été prise à temps", "Vous êtes maintenant en tête de la liste d’attente."]);
    says(&mail.text(), &["Les places qui se libèrent vont dans l’ordre de la liste"]);
    assert!(mail.calendar().is_none());
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[1]));
    // Never past the cut-off: two hours before the start.
    assert_eq!(evening.line(&people[2]).await["offer_until"], "2027-01-14T17:00:00+01:00");
    app.check_counters().await;

    // At the cut-off nobody is offered it any more: the first who says yes has it.
    let mails = mails_at(app, "2027-01-14T16:00:00Z").await;
    assert_eq!(about_seats(&mails), [told("p2", EXPIRED)]);
    says(&only(&mails, &people[2]).text(), &["une place libre va à la première personne qui dit oui"]);
    let page = app.client.get(&people[1].link).expect(200).await;
    says(&read(&page), &["Une place est libre : dites oui pour la prendre tout de suite."]);
    says(&read(&page), &["va maintenant à la première personne qui dit oui", "Oui, je prends la place"]);
    never_says(&read(&page), &["nous vous écrivons"]);
    says(evening.rsvp(&people[1]).await["rule"].as_str().unwrap(), &["la première personne qui dit oui"]);
    evening.come(&people[2], 0).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[2]));
    evening.come(&people[1], 0).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[1]), "the other press came second");
    let page = app.client.get(&people[1].link).expect(200).await;
    never_says(&read(&page), &["Une place est libre"]);
    app.check_counters().await;
}

/// An answer that comes after its offer ended does not take it, though no worker has looked yet.
#[tokio::test]
async fn too_late_is_too_late_even_before_the_worker_looks() {
    let evening = full(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.stay_away(&people[0]).await;
    app.clock.set(at("2027-01-14T10:00:00Z"));
    let page = evening.come(&people[1], 0).await;
    says(&read(&page), &["en tête de la liste d’attente"]);
    assert_eq!(evening.seated("offered").await, evening.names(&[2]));
    let expired = facts(app, "offer_expired").await;
    assert_eq!((expired.len(), &expired[0]["actor"]["kind"]), (1, &json!("mensuel")));
    app.check_counters().await;
}

async fn facts(app: &TestApp, kind: &str) -> Vec<Value> {
    let facts = all(app, "/api/v1/facts").await;
    facts.into_iter().filter(|fact| fact["kind"] == kind).collect()
}

#[tokio::test]
async fn at_night_nobody_is_woken_and_the_morning_serves() {
    let evening = Evening::with(4, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    for person in &people[..3] {
        evening.come(person, 0).await;
    }
    app.mails().await;
    // 20:59:59 in Paris is still day; the evening is far away, so that a seat is given.
    app.clock.set(at("2026-12-01T19:59:59Z"));
    evening.stay_away(&people[0]).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[1]));
    app.clock.set(at("2026-12-01T20:00:00Z"));
    evening.stay_away(&people[1]).await;
    assert_eq!(evening.seated("confirmed").await, Vec::<String>::new(), "quiet hours");
    // A newcomer does not pass who waits, though a seat is free.
    evening.come(&people[3], 0).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[2, 3]));
    let page = app.client.get(&people[2].link).expect(200).await;
    says(&read(&page), &["Une place est libre : dites oui pour la prendre tout de suite."]);
    app.mails().await;
    assert_eq!(about_seats(&mails_at(app, "2026-12-02T06:59:59Z").await), []);
    let mails = mails_at(app, "2026-12-02T07:00:00Z").await;
    assert_eq!(about_seats(&mails), [told("p2", PROMOTED)]);
    assert_eq!(evening.seated("confirmed").await, evening.names(&[2]));
    app.check_counters().await;

    // Who is awake and at the head takes it by saying yes.
    app.clock.set(at("2026-12-02T23:00:00Z"));
    evening.stay_away(&people[2]).await;
    evening.come(&people[3], 0).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[3]));
    // And with nobody waiting, a yes at night is a yes.
    evening.stay_away(&people[3]).await;
    evening.come(&people[0], 0).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[0]));
    app.check_counters().await;
}

/// The night of 28 March 2027 is an hour short: quiet until 8:00 of summer time, 6:00 in UTC.
#[tokio::test]
async fn a_night_in_which_the_clocks_change() {
    let evening = full(3, json!({ "starts_at": "2027-03-29T19:00" })).await;
    let (app, people) = (&evening.app, &evening.people);
    app.clock.set(at("2027-03-27T22:00:00Z"));
    evening.stay_away(&people[0]).await;
    app.mails().await;
    assert_eq!(about_seats(&mails_at(app, "2027-03-28T05:59:59Z").await), []);
    let mails = mails_at(app, "2027-03-28T06:00:00Z").await;
    assert_eq!(about_seats(&mails), [told("p1", OFFERED)]);
    says(&to(&mails, &people[1])[0].text(), &["dites oui jusqu’au dimanche 28 mars, 20 h."]);
    // Offered in the evening before the long night of October: one hour then, eleven from 8:00 on.
    let evening = full(3, json!({ "starts_at": "2027-11-01T19:00" })).await;
    let people = &evening.people;
    evening.app.clock.set(at("2027-10-30T18:00:00Z"));
    evening.stay_away(&people[0]).await;
    assert_eq!(evening.line(&people[1]).await["offer_until"], "2027-10-31T19:00:00+01:00");
}

/// The worker of a running service wakes by itself, at the instant.
#[tokio::test]
async fn the_worker_wakes_for_the_morning_and_for_the_end_of_an_offer() {
    use mensuel::use_cases::seats::next_service;
    let evening = full(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    let next = async || next_service(&app.app).await.unwrap();
    assert_eq!(next().await, None, "nothing is free and nothing offered");
    evening.stay_away(&people[0]).await;
    assert_eq!(next().await, Some(at("2027-01-14T10:00:00Z")));
    evening.come(&people[1], 0).await;
    assert_eq!(next().await, None);
    app.clock.set(at("2027-01-13T21:00:00Z"));
    evening.stay_away(&people[1]).await;
    assert_eq!(next().await, Some(at("2027-01-14T07:00:00Z")));
    app.clock.set(at("2027-01-14T07:00:00Z"));
    app.work().await;
    assert_eq!(evening.seated("offered").await, evening.names(&[2]));
    assert_eq!(next().await, Some(at("2027-01-14T16:00:00Z")), "no later than the cut-off");
}

/// Two processes look at the same moment: an offer ends once, and the next is offered once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_end_an_offer_once() {
    use mensuel::use_cases::seats::serve_due;
    let evening = full(6, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.stay_away(&people[0]).await;
    let other = app.beside().await;
    app.clock.set(at("2027-01-14T10:00:00Z"));
    let mut workers = Vec::new();
    for at in 0..8 {
        let app = if at % 2 == 0 { app.app.clone() } else { other.clone() };
        workers.push(tokio::spawn(async move { serve_due(&app).await.unwrap() }));
    }
    let mut changed = 0;
    for worker in workers {
        changed += worker.await.unwrap();
    }
    assert_eq!(changed, 1);
    assert_eq!((facts(app, "offer_expired").await.len(), facts(app, "offered").await.len()), (1, 2));
    assert_eq!(evening.seated("offered").await, evening.names(&[2]));
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[3, 4, 5, 1]));
    let mails = app.mails().await;
    assert_eq!(about_seats(&mails), [told("p0", "Réponse notée"), told("p1", EXPIRED), told("p2", OFFERED)]);
    app.check_counters().await;
}

#[tokio::test]
async fn capacity_departures_and_the_programme_make_offers_too() {
    let evening = full(6, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.change(json!({ "capacity": 2 })).await;
    assert_eq!(evening.seated("offered").await, evening.names(&[1]));
    evening.change_member(&people[0], json!({ "status": "left" })).await;
    assert_eq!(evening.seated("offered").await, evening.names(&[1, 2]));
    evening.change_member(&people[1], json!({ "status": "left" })).await;
    assert_eq!(evening.seated("offered").await, evening.names(&[2, 3]), "an offer is given back too");
    let speakers =
        json!({ "speakers": [{ "member_id": evening.speaker.id }, { "member_id": people[2].id }] });
    evening.change(speakers).await;
    assert_eq!(evening.seated("programme").await, evening.names(&[2]));
    assert_eq!(evening.seated("offered").await, evening.names(&[3, 4]));
    app.check_counters().await;
}

#[tokio::test]
async fn a_move_keeps_an_offer_and_a_far_one_makes_it_a_seat() {
    let evening = full(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.stay_away(&people[0]).await;
    app.mails().await;
    // An hour earlier, and so is the cut-off; the offer ends before it.
    evening.change(json!({ "starts_at": "2027-01-14T18:00" })).await;
    assert_eq!(evening.line(&people[1]).await["offer_until"], "2027-01-14T11:00:00+01:00");
    let mails = app.mails().await;
    says(&only(&mails, &people[1]).text(), &["La place qui vous est proposée reste retenue"]);
    let page = app.client.get(&people[1].link).expect(200).await;
    says(&read(&page), &["Une place est libre pour vous", "La soirée a changé de date ou de lieu"]);
    // So early that the offer would last past the cut-off: it ends there.
    evening.change(json!({ "starts_at": "2027-01-14T09:00" })).await;
    assert_eq!(evening.line(&people[1]).await["offer_until"], "2027-01-14T07:00:00+01:00");
    // Far away again seats are given, and what was offered is theirs.
    evening.change(json!({ "starts_at": "2027-02-11T19:00" })).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[1]));
    assert_eq!(app.seats(&evening.event).await["offered"], 0);
    let mails = app.mails().await;
    let told: Vec<String> = to(&mails, &people[1]).iter().map(|mail| mail.subject()).collect();
    assert!(told.iter().any(|subject| subject.starts_with(PROMOTED)), "{told:?}");
    app.check_counters().await;
}

#[tokio::test]
async fn a_cancellation_ends_the_offer() {
    let evening = full(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.stay_away(&people[0]).await;
    app.mails().await;
    evening.cancel("La salle est inondée").await;
    let seats = app.seats(&evening.event).await;
    assert_eq!((&seats["offered"], &seats["next_offer_until"]), (&json!(0), &json!(null)));
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[1, 2]), "where they waited");
    let mails = app.mails().await;
    let mails = to(&mails, &people[1]);
    assert!(mails.len() == 1 && mails[0].subject().starts_with("Annulé"));
    assert_eq!(about_seats(&mails_at(app, "2027-01-14T12:00:00Z").await), [], "nothing follows");
    app.check_counters().await;
}

#[tokio::test]
async fn the_community_sets_days_hours_and_the_cut_off() {
    let settings = [
        ("MENSUEL_OFFERS_WITHIN_DAYS", "10"),
        ("MENSUEL_OFFER_HOURS", "2"),
        ("MENSUEL_QUIET_HOURS", "none"),
        ("MENSUEL_CUT_OFF_HOURS", "24"),
    ];
    let evening = full_of(TestApp::start_with(&settings).await, 4, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    app.clock.set(at("2027-01-05T01:00:00Z"));
    evening.stay_away(&people[0]).await;
    assert_eq!(evening.line(&people[1]).await["offer_until"], "2027-01-05T04:00:00+01:00", "at night too");
    evening.stay_away(&people[1]).await;
    evening.stay_away(&people[2]).await;
    app.clock.set(at("2027-01-13T18:00:00Z"));
    app.work().await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[3]), "a day before, nobody is offered");
    evening.come(&people[3], 0).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[3]));
}

/// Who waited in vain last time goes first; the page says the rule and one's place.
#[tokio::test]
async fn who_got_no_seat_last_time_goes_first() {
    let evening = Evening::with(5, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    let speaker = json!({ "id": evening.speaker.id });
    let fields = json!({ "starts_at": "2027-02-11T19:00", "title": "La suite", "capacity": 1 });
    let next = app.retex(&speaker, fields).await;
    let next = app.publish(&next, "followers").await;
    let mails = app.mails().await;
    let links: Vec<String> = people
        .iter()
        .map(|person| crate::scene::bare(&only(&mails, person).link("/r/").expect("a link")))
        .collect();
    let come = async |at: usize| {
        let person = crate::scene::Person { link: links[at].clone(), ..people[at].clone() };
        let page = press(app, &person, &[("answer", "yes")]).await;
        (person, read(&page))
    };
    // In January the first sits, the last two wait in vain; in February they answer last.
    for at in [0, 3, 4] {
        evening.come(&people[at], 0).await;
    }
    for at in [1, 2, 0, 4, 3] {
        come(at).await;
    }
    let line = async || {
        let lines = roster(app, &next).await;
        let waiting = lines.iter().filter(|line| line["seat"] == "waitlisted");
        waiting
            .map(|line| (crate::scene::text(&line["name"]), line["place_in_line"].clone()))
            .collect::<Vec<_>>()
    };
    let names = |order: &[usize]| {
        evening.names(order).into_iter().zip([1, 2, 3, 4].map(|place| json!(place))).collect::<Vec<_>>()
    };
    assert_eq!(line().await, names(&[2, 0, 4, 3]), "January is still to come");
    app.mails().await;
    app.clock.set(at("2027-01-20T11:00:00Z"));
    app.mails().await;
    assert_eq!(line().await, names(&[4, 3, 2, 0]), "in the order of their answers among themselves");
    let whole = roster(app, &next).await;
    for limit in [1, 2] {
        let path = format!("/api/v1/events/{}/rsvps", id(&next));
        assert_eq!(pages(app, &path, limit).await, whole, "by pages of {limit}");
    }

    let page = app.client.get(&links[3]).expect(200).await;
    says(
        &read(&page),
        &["Vous êtes 2e sur la liste d’attente.", "d’abord à qui n’a pas eu de place la dernière fois"],
    );
    says(&read(&page), &["en dernier à qui n’est pas venu deux fois sans prévenir à temps"]);
    let english = app.client.get(&format!("{}?lang=en", links[3])).expect(200).await;
    says(&read(&english), &["You are 2nd on the waitlist.", "first to those who got no seat last time"]);
    let path = format!("/api/v1/rsvps/{}", crate::scene::token(&links[3]));
    let seen = app.client.get(&path).expect(200).await.json();
    assert_eq!(seen["place_in_line"], 2);
    assert!(seen["rule"].as_str().unwrap().contains("pas eu de place la dernière fois"), "{seen}");

    // Served in the order that was shown.
    press(app, &crate::scene::Person { link: links[1].clone(), ..people[1].clone() }, &[("answer", "no")])
        .await;
    let mails = app.mails().await;
    assert!(only(&mails, &people[4]).subject().starts_with(PROMOTED));
    assert_eq!(line().await, names(&[3, 2, 0])[..3]);
    // More than a year later nobody remembers.
    execute(app, "update events set ends_at = '2025-12-01T20:30:00+00:00' where title <> 'La suite'").await;
    assert_eq!(line().await, names(&[2, 0, 3])[..3]);
    app.check_counters().await;
}
