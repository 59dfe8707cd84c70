//! A full evening: who waits, in which order, and who gets a seat.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::scene::{Evening, buttons, never_says, only, press, read, says, to};

const RULE: &str = "Les places qui se libèrent vont dans l’ordre de la liste";

#[tokio::test]
async fn a_full_evening_tells_the_place_in_line_and_the_rule() {
    let evening = Evening::with(5, json!({ "capacity": 2 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    let page = app.client.get(&people[2].link).expect(200).await;
    says(&read(&page), &["La soirée est complète : un oui rejoint la liste d’attente.", RULE]);
    says(&read(&page), &["Oui, sur la liste d’attente"]);
    assert_eq!(buttons(&page).len(), 3);

    let page = evening.come(&people[2], 0).await;
    says(&read(&page), &["C’est noté. Vous êtes en tête de la liste d’attente.", RULE]);
    evening.come(&people[3], 0).await;
    let page = evening.come(&people[4], 0).await;
    says(&read(&page), &["Vous êtes 3e sur la liste d’attente.", RULE, "Dès qu’une place vous revient"]);
    never_says(&read(&page), &["12 quai Rambaud"]);
    let seen = evening.rsvp(&people[4]).await;
    assert_eq!((&seen["seat"], &seen["place_in_line"]), (&json!("waitlisted"), &json!(3)));
    assert!(seen["rule"].as_str().is_some_and(|rule| rule.starts_with(RULE)));
    assert_eq!(evening.rsvp(&people[0]).await["rule"], json!(null));

    let mails = app.mails().await;
    let mail = only(&mails, &people[4]);
    assert!(mail.subject().starts_with("Liste d’attente"), "{}", mail.subject());
    says(&mail.text(), &["Vous êtes 3e sur la liste d’attente.", RULE, "Réponse enregistrée : oui, 3e sur"]);
    assert!(mail.calendar().is_none(), "no calendar entry while one waits");
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[2, 3, 4]));
    let seats = app.seats(&evening.event).await;
    assert_eq!((&seats["taken"], &seats["waitlisted"], &seats["yes"]), (&json!(2), &json!(3), &json!(5)));
    app.check_counters().await;
}

#[tokio::test]
async fn a_no_promotes_the_first_of_the_line_who_is_told_once() {
    let evening = Evening::with(4, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    for person in people {
        evening.come(person, 0).await;
    }
    app.mails().await;
    evening.stay_away(&people[0]).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[1]));
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[2, 3]));
    let mails = app.mails().await;
    let mail = only(&mails, &people[1]);
    assert!(mail.subject().starts_with("Une place pour vous"), "{}", mail.subject());
    says(&mail.text(), &["Une place s’est libérée : elle est à vous.", "12 quai Rambaud"]);
    assert!(mail.calendar_text().contains("PARTSTAT=ACCEPTED"));
    assert!(to(&mails, &people[2]).is_empty(), "who moves up in line is not mailed");
    says(&read(&app.client.get(&people[2].link).expect(200).await), &["en tête de la liste d’attente"]);

    // A no of somebody who waits moves up those behind; a maybe frees a seat like a no.
    evening.stay_away(&people[2]).await;
    assert_eq!(evening.rsvp(&people[3]).await["place_in_line"], 1);
    evening.press(&people[1], "maybe").await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[3]));
    // From maybe to yes is a new yes at the end.
    evening.come(&people[2], 0).await;
    evening.come(&people[1], 0).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[2, 1]));
    app.check_counters().await;
}

#[tokio::test]
async fn more_seats_go_to_the_line_and_fewer_unseat_nobody() {
    let evening = Evening::with(5, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    for person in people {
        evening.come(person, 0).await;
    }
    app.mails().await;
    evening.change(json!({ "capacity": 3 })).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[0, 1, 2]));
    let mails = app.mails().await;
    for promoted in &people[1..3] {
        assert!(only(&mails, promoted).subject().starts_with("Une place pour vous"));
    }
    assert_eq!(mails.len(), 2);

    evening.change(json!({ "capacity": 2 })).await;
    assert_eq!(evening.seated("confirmed").await.len(), 3, "nobody is unseated");
    evening.stay_away(&people[0]).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[1, 2]), "no seat is free yet");
    evening.stay_away(&people[1]).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[2, 3]));
    // No capacity is no limit.
    evening.change(json!({ "capacity": null })).await;
    assert_eq!(evening.seated("waitlisted").await, Vec::<String>::new());
    assert_eq!(app.seats(&evening.event).await["capacity"], json!(null));
    app.check_counters().await;
}

#[tokio::test]
async fn fewer_guests_free_seats_for_the_line() {
    let evening = Evening::with(3, json!({ "capacity": 3, "max_guests": 2 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 2).await;
    evening.come(&people[1], 0).await;
    evening.come(&people[2], 0).await;
    evening.come(&people[0], 1).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[0, 1]));
    // While anybody waits, a seated party gets no more guests.
    let refused = press(app, &people[0], &[("answer", "yes"), ("guests", "2")]).await;
    assert_ne!(refused.status, 200);
    evening.come(&people[0], 0).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[0, 1, 2]));
    app.check_counters().await;
}

#[tokio::test]
async fn who_leaves_the_community_frees_the_seat() {
    let evening = Evening::with(4, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    for person in people {
        evening.come(person, 0).await;
    }
    app.mails().await;
    evening.change_member(&people[0], json!({ "status": "left" })).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[1]));
    let mails = app.mails().await;
    assert!(only(&mails, &people[1]).subject().starts_with("Une place pour vous"));
    assert!(to(&mails, &people[0]).is_empty());
    app.delete(&format!("/api/v1/members/{}", people[1].id)).expect(204).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[2]));
    // Who pauses keeps seat and place.
    evening.change_member(&people[2], json!({ "status": "paused" })).await;
    evening.change_member(&people[3], json!({ "status": "paused" })).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[2]));
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[3]));
    app.check_counters().await;
}

#[tokio::test]
async fn onto_the_programme_and_off_it_again() {
    let evening = Evening::with(4, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    for person in &people[..3] {
        evening.come(person, 0).await;
    }
    app.mails().await;
    let speakers = |who: &[&str]| -> Value {
        json!({ "speakers": who.iter().map(|id| json!({ "member_id": id })).collect::<Vec<_>>() })
    };
    // A seated member goes onto the programme: the seat goes to the first of the line.
    evening.change(speakers(&[&evening.speaker.id, &people[0].id])).await;
    assert_eq!(evening.seated("programme").await, evening.names(&[0]));
    assert_eq!(evening.seated("confirmed").await, evening.names(&[1]));
    assert!(only(&app.mails().await, &people[1]).subject().starts_with("Une place pour vous"));
    // One who waits leaves the line.
    evening.change(speakers(&[&evening.speaker.id, &people[0].id, &people[2].id])).await;
    assert_eq!(evening.seated("waitlisted").await, Vec::<String>::new());
    app.check_counters().await;
    // Off it again: a new yes at the end of the line, and others join behind.
    evening.change(speakers(&[&evening.speaker.id, &people[2].id])).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[0]));
    evening.come(&people[3], 0).await;
    evening.change(speakers(&[&evening.speaker.id])).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[0, 3, 2]));
    evening.stay_away(&people[1]).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[0]));
    app.check_counters().await;
}

#[tokio::test]
async fn a_party_waits_whole_and_a_single_may_be_seated_past_it() {
    let evening = Evening::with(4, json!({ "capacity": 2, "max_guests": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    evening.come(&people[2], 1).await;
    evening.come(&people[3], 0).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[2, 3]));
    evening.stay_away(&people[0]).await;
    assert_eq!(
        evening.seated("confirmed").await,
        evening.names(&[1, 3]),
        "one seat: the pair is passed over"
    );
    let pair = evening.rsvp(&people[2]).await;
    assert_eq!((&pair["place_in_line"], &pair["guests"]), (&json!(1), &json!(1)));
    evening.stay_away(&people[1]).await;
    evening.stay_away(&people[3]).await;
    assert_eq!(evening.seated("confirmed").await, evening.names(&[2]));
    assert_eq!(app.seats(&evening.event).await["taken"], 2);
    let mails = app.mails().await;
    let promoted = to(&mails, &people[2]).pop().expect("a mail").text();
    says(&promoted, &["Des places se sont libérées : elles sont à vous, avec un invité."]);
    app.check_counters().await;
}

#[tokio::test]
async fn a_waiting_party_that_grows_goes_to_the_end_and_one_that_shrinks_stays() {
    let evening = Evening::with(4, json!({ "capacity": 2, "max_guests": 1 })).await;
    let people = &evening.people;
    evening.come(&people[0], 1).await;
    for person in &people[1..4] {
        evening.come(person, 0).await;
    }
    evening.come(&people[1], 1).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[2, 3, 1]));
    evening.come(&people[1], 0).await;
    assert_eq!(evening.seated("waitlisted").await, evening.names(&[2, 3, 1]));
    evening.come(&people[2], 0).await;
    assert_eq!(
        evening.seated("waitlisted").await,
        evening.names(&[2, 3, 1]),
        "the same again changes nothing"
    );
    evening.app.check_counters().await;
}

#[tokio::test]
async fn over_the_capacity_by_an_organizer_only_and_it_is_a_fact() {
    let evening = Evening::with(2, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    app.client
        .put(&people[1].json_path())
        .json(&json!({ "answer": "yes", "over_capacity": true }))
        .wrong()
        .expect(422)
        .await;
    let path = evening.path(&format!("/rsvps/{}", people[1].id));
    let line = app.put(&path).json(&json!({ "answer": "yes" })).expect(200).await.json();
    assert_eq!(line["seat"], "waitlisted");
    let forced = json!({ "answer": "yes", "over_capacity": true });
    assert_eq!(app.put(&path).json(&forced).expect(200).await.json()["seat"], "confirmed");
    let seats = app.seats(&evening.event).await;
    assert_eq!((&seats["taken"], &seats["capacity"]), (&json!(2), &json!(1)));
    let facts = app.get("/api/v1/facts?limit=100").expect(200).await.json();
    let over = |fact: &Value| fact["kind"] == "answered" && fact["data"]["over_capacity"] == true;
    let fact = facts["items"].as_array().unwrap().iter().find(|fact| over(fact)).expect("a fact").clone();
    assert_eq!(fact["actor"]["kind"], "organizer");
    app.check_counters().await;
}

#[tokio::test]
async fn after_the_cut_off_a_free_seat_is_first_come_first_served() {
    let evening = Evening::with(3, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    for person in people {
        evening.come(person, 0).await;
    }
    app.clock.set("2027-01-14T16:30:00Z".parse().unwrap());
    evening.stay_away(&people[0]).await;
    assert_eq!(evening.seated("confirmed").await, Vec::<String>::new(), "the line is no longer served");
    // The season and the evening's page say the same of the seat that is free.
    let season = app.client.get("/").expect(200).await;
    says(&read(&season), &["une place libre"]);
    never_says(&read(&season), &["liste d’attente"]);
    let path = season.text().split('"').find(|part| part.starts_with("/events/2027-01")).unwrap().to_owned();
    says(&read(&app.client.get(&path).expect(200).await), &["une place libre"]);
    let page = evening.come(&people[2], 0).await;
    says(&read(&page), &["Vous venez."]);
    assert_eq!(evening.seated("confirmed").await, evening.names(&[2]));
    app.check_counters().await;
}

/// Some hundred random answers of random people: the counters equal the rows after each, nobody is
/// oversold, and nobody who fits is left waiting.
#[tokio::test]
async fn counters_equal_rows_after_each_of_many_changes() {
    let evening = Evening::with(8, json!({ "capacity": 4, "max_guests": 2 })).await;
    let (app, people) = (&evening.app, &evening.people);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut taken_before = 0;
    for step in 0..150 {
        app.clock.advance(TimeDelta::seconds(1));
        let who = &people[random(8) as usize];
        match random(12) {
            0 => {
                evening.change(json!({ "capacity": 3 + random(4) })).await;
            }
            1..=3 => drop(evening.press(who, "no").await),
            4 => drop(evening.press(who, "maybe").await),
            _ => {
                let guests = random(3).to_string();
                press(app, who, &[("answer", "yes"), ("guests", &guests)]).await;
            }
        }
        app.check_counters().await;
        let seats = app.seats(&evening.event).await;
        let (taken, capacity) = (seats["taken"].as_u64().unwrap(), seats["capacity"].as_u64().unwrap());
        // After the capacity was lowered more may sit than fit, and nobody is added to them.
        assert!(taken <= capacity.max(taken_before), "step {step}: {seats}, {taken_before} before");
        taken_before = taken;
        let free = capacity.saturating_sub(taken);
        for line in evening.roster().await.iter().filter(|line| line["seat"] == "waitlisted") {
            assert!(
                1 + line["guests"].as_u64().unwrap() > free,
                "step {step}: {line} would fit into {seats}"
            );
        }
    }
}
