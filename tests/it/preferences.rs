//! `/u/{token}`: what members choose of their mail, and what follows from it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mensuel_tests::{Answer, TestApp, mailbox::ReceivedMail, within};
use serde_json::{Value, json};

use crate::scene::{
    Evening, Person, change_member, execute, never_says, only, read, says, submit, to, token,
};

/// The link to somebody's preferences, out of a mail.
fn preferences(evening: &Evening, who: &Person) -> String {
    to(&evening.mails, who)[0].link("/u/").expect("preferences")
}

async fn member(app: &TestApp, who: &Person) -> Value {
    app.get(&format!("/api/v1/members/{}", who.id)).expect(200).await.json()
}

/// All that the form of choices sends when nothing is touched.
const AS_IT_IS: [(&str, &str); 7] = [
    ("mail", "invitations"),
    ("mail", "nudges"),
    ("mail", "news"),
    ("follows", "all"),
    ("reminder", "7"),
    ("reminder", "1"),
    ("language", "fr"),
];

async fn save(app: &TestApp, link: &str, fields: &[(&str, &str)]) -> Answer {
    submit(&app.client, &format!("{link}/choices"), fields).await
}

/// What a browser would send: the boxes that are ticked.
fn ticked(page: &Answer) -> Vec<(String, String)> {
    let html = page.text();
    let tags = html.split("<input ").skip(1).filter_map(|tag| tag.split('>').next());
    let of = |tag: &str, name: &str| {
        tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    tags.filter(|tag| tag.ends_with(" checked"))
        .filter_map(|tag| Some((of(tag, "name")?, of(tag, "value")?)))
        .collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn one_form_says_which_mails_which_evenings_when_and_in_which_language() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let link = preferences(&evening, zoe);
    let page = app.client.get(&link).expect(200).await;
    says(
        &read(&page),
        &["Préférences de Zoé D.", "Les mails que vous recevez", "une semaine avant", "la veille"],
    );
    never_says(&page.text(), &["Durand", "soie.example", "<script"]);
    let mut all = owned(&AS_IT_IS);
    // Of who follows everything each format is ticked: taking some away begins with all.
    let formats = ["round_table", "workshop", "retex", "open_discussion"];
    all.splice(4..4, formats.map(|format| ("format".to_owned(), format.to_owned())));
    assert_eq!(ticked(&page), all);

    let chosen = [
        ("mail", "nudges"),
        ("follows", "some"),
        ("format", "retex"),
        ("format", "workshop"),
        ("reminder", "14"),
        ("reminder", "0"),
        ("language", "en"),
    ];
    let saved = save(app, &link, &chosen).await;
    says(&read(&saved), &["Noted.", "You receive the mails ticked below.", "Preferences of Zoé D."]);
    let mut shown = ticked(&saved);
    let mut expected = owned(&chosen);
    shown.sort();
    expected.sort();
    assert_eq!(shown, expected);
    let now = member(app, zoe).await;
    assert_eq!(now["mail"], json!({ "invitations": false, "nudges": true, "news": false }));
    assert_eq!(now["follows"], json!(["workshop", "retex"]));
    assert_eq!((&now["reminders"], &now["language"]), (&json!([14, 0]), &json!("en")));

    // Nothing ticked is a choice too.
    let none = save(app, &link, &[("follows", "some"), ("language", "fr")]).await;
    says(&read(&none), &["C’est noté.", "Vous ne recevez plus d’invitations"]);
    let now = member(app, zoe).await;
    assert_eq!((&now["follows"], &now["reminders"]), (&json!([]), &json!([])));

    for wrong in [
        vec![("follows", "none")],
        vec![("follows", "some"), ("format", "panel")],
        vec![("follows", "all"), ("reminder", "5")],
        vec![("follows", "all"), ("language", "de")],
        vec![],
    ] {
        app.client.post(&format!("{link}/choices")).form(&wrong).expect(422).await;
    }
    assert_eq!(member(app, zoe).await["updated_at"], now["updated_at"]);
}

#[tokio::test]
async fn organizers_read_and_change_the_same_choices() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let path = format!("/api/v1/members/{}", zoe.id);
    let changed =
        change_member(app, &zoe.id, json!({ "mail": { "news": false }, "reminders": [1, 14] })).await;
    let now = changed.json();
    assert_eq!(now["mail"], json!({ "invitations": true, "nudges": true, "news": false }), "the others stay");
    assert_eq!(now["reminders"], json!([14, 1]));
    let etag = app.get(&path).expect(200).await.etag();
    for (wrong, pointer) in [
        (json!({ "mail": {} }), "/mail"),
        (json!({ "mail": { "adverts": true } }), "/mail/adverts"),
        (json!({ "reminders": [5] }), "/reminders/0"),
        (json!({ "reminders": [7, 7] }), "/reminders"),
        (json!({ "reminders": null }), "/reminders"),
    ] {
        let answer = app.patch(&path).if_match(&etag).json(&wrong).wrong().expect(422).await;
        assert!(answer.pointers().contains(&pointer.to_owned()), "{wrong}: {}", answer.text());
    }
    let new =
        app.member("Lou", "lou@soie.example", json!({ "reminders": [], "mail": { "nudges": false } })).await;
    assert_eq!(new["reminders"], json!([]));
    assert_eq!(new["mail"], json!({ "invitations": true, "nudges": false, "news": true }));
}

#[tokio::test]
async fn one_click_stops_all_three_kinds_and_only_takes_one_click() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let link = preferences(&evening, zoe);
    app.client
        .post(&link)
        .body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click")
        .expect(200)
        .await;
    let none = json!({ "invitations": false, "nudges": false, "news": false });
    assert_eq!(member(app, zoe).await["mail"], none);
    app.client.post(&link).form(&[("mail", "invitations")]).wrong().expect(422).await;
    let page = app.client.post(&link).form(&[("subscribe", "yes")]).expect(200).await;
    says(&read(&page), &["Vous recevez les invitations, les relances et les nouvelles."]);
    let all = json!({ "invitations": true, "nudges": true, "news": true });
    assert_eq!(member(app, zoe).await["mail"], all);
}

#[tokio::test]
async fn a_pause_lasts_until_its_day_and_can_be_ended_before() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let link = preferences(&evening, zoe);
    let pause = async |until: &str| submit(&app.client, &format!("{link}/pause"), &[("until", until)]).await;
    for past in ["2026-12-01", "2020-01-01", "demain", "10000-01-01"] {
        let page = pause(past).await;
        assert_eq!(page.status, 422, "{past}");
        says(&read(&page), &["Cette date n’a pas été prise", "Choisissez un jour à venir"]);
    }
    assert_eq!(member(app, zoe).await["status"], "active");
    let paused = pause("2026-12-15").await;
    says(
        &read(&paused),
        &["C’est noté. Vous êtes en pause jusqu’au 15 décembre.", "Vos places sont gardées"],
    );
    let now = member(app, zoe).await;
    assert_eq!((&now["status"], &now["paused_until"]), (&json!("paused"), &json!("2026-12-15")));

    let other = json!({ "starts_at": "2027-02-11T19:00", "title": "Recruter un premier VP" });
    let other = app.retex(&json!({ "id": evening.speaker.id }), other).await;
    app.publish(&other, "followers").await;
    assert!(to(&app.mails().await, zoe).is_empty(), "no invitation during the pause");
    // The day begins in Paris: then they are invited to what was published meanwhile.
    app.clock.set("2026-12-14T22:59:59Z".parse().unwrap());
    assert!(to(&app.mails().await, zoe).is_empty());
    app.clock.set("2026-12-14T23:00:00Z".parse().unwrap());
    says(&only(&app.mails().await, zoe).subject(), &["Recruter un premier VP"]);

    says(&read(&pause("").await), &["Vous êtes en pause."]);
    assert_eq!(member(app, zoe).await["paused_until"], Value::Null);
    let back = submit(&app.client, &format!("{link}/pause"), &[("resume", "yes")]).await;
    says(&read(&back), &["Vous recevez les invitations"]);
    assert_eq!(member(app, zoe).await["status"], "active");
}

#[tokio::test]
async fn a_new_address_of_the_feed_is_a_button_away_and_the_old_one_is_gone_everywhere() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let link = preferences(&evening, zoe);
    let feed = |page: &Answer| {
        let html = page.text();
        let at = html.find("/calendar/m/").expect("a feed");
        html[at..].split('"').next().unwrap().to_owned()
    };
    let old = feed(&app.client.get(&link).expect(200).await);
    app.client.get(&old).expect(200).await;
    let another = if app.is_postgres() { Some(app.another().await) } else { None };
    let there = another.as_ref().map(|started| mensuel_tests::Client::new(started.address));
    if let Some(there) = &there {
        there.get(&old).expect(200).await;
    }
    let page = submit(&app.client, &format!("{link}/feed"), &[]).await;
    says(&read(&page), &["C’est noté.", "Voici votre nouvelle adresse."]);
    let new = feed(&page);
    assert_ne!(token(&new), token(&old));
    app.client.get(&old).expect(410).await;
    app.client.request(reqwest::Method::HEAD, &old).expect(410).await;
    app.client.get(&new).expect(200).await;
    if let (Some(there), Some(another)) = (there, another) {
        let is_gone = async || (there.get(&old).send().await.status == 410).then_some(());
        within(Duration::from_secs(1), "the address to be gone elsewhere", is_gone).await;
        there.get(&new).expect(200).await;
        another.stop().await;
    }
    // Another purpose is another link: who was forwarded an invitation reads neither feed nor choices.
    let answering = app.client.get(&zoe.link).expect(200).await;
    for hidden in ["/calendar/m/", "/u/"] {
        assert!(!answering.text().contains(hidden), "{hidden} on {}", answering.text());
    }
    says(&read(&answering), &["Recevoir mes liens par mail", "Google"]);
    assert!(answering.text().contains("href=\"/link\""), "{}", answering.text());
    assert_eq!(feed(&app.client.get(&link).expect(200).await), new);
    app.client.get(&format!("{link}/feed")).expect(405).await;

    // An organizer revokes it too, and is told of no address.
    let path = format!("/api/v1/members/{}/links/feed", zoe.id);
    assert!(app.delete(&path).expect(204).await.body.is_empty());
    app.client.get(&new).expect(410).await;
    app.client.get(&link).expect(200).await;
    let reader = crate::tokens::made(app, "read").await;
    app.client.delete(&path).token(&reader).expect(403).await;
    app.client.delete(&path).expect(401).await;
    change_member(app, &zoe.id, json!({ "status": "left" })).await;
    app.delete(&path).expect(409).await;
    app.delete("/api/v1/members/0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a99/links/feed").expect(404).await;
}

#[tokio::test]
async fn whose_address_was_stopped_reads_why_and_what_to_do() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let link = preferences(&evening, zoe);
    execute(app, "update member_emails set stopped = '550 5.1.1 <p0@soie.example>: no such user' where email = 'p0@soie.example'").await;
    let page = read(&app.client.get(&link).expect(200).await);
    says(&page, &["Plus aucun mail ne part", "550 5.1.1 … no such user", "dites-le à un organisateur"]);
    never_says(&page, &["soie.example"]);
}

#[tokio::test]
async fn a_link_of_another_purpose_opens_no_form_of_the_page() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let genuine = preferences(&evening, zoe);
    for wrong in [zoe.token(), "nothing"] {
        for form in ["choices", "pause", "feed"] {
            let link = format!("/u/{wrong}/{form}");
            app.client.post(&link).form(&AS_IT_IS).expect(404).await;
        }
    }
    execute(app, "update members set preferences_epoch = preferences_epoch + 1").await;
    for form in ["choices", "pause", "feed"] {
        app.client.post(&format!("{genuine}/{form}")).form(&AS_IT_IS).expect(410).await;
    }
}

/// The mails at an instant, everything that came due before it done on the way.
async fn mails_at(app: &TestApp, instant: &str) -> Vec<ReceivedMail> {
    app.clock.set(instant.parse::<DateTime<Utc>>().unwrap());
    app.mails().await
}

/// Who was reminded, by the number of the person.
fn reminded(evening: &Evening, mails: &[ReceivedMail]) -> Vec<usize> {
    let gets = |at: &usize| to(mails, &evening.people[*at]).len() == 1;
    (0..evening.people.len()).filter(gets).collect()
}

#[tokio::test]
async fn each_is_reminded_at_the_times_they_chose() {
    let evening = Evening::with(5, json!({ "capacity": 5 })).await;
    let (app, people) = (&evening.app, &evening.people);
    // 0 as it is, 1 two weeks and the same morning, 2 three days, 3 not at all, 4 two days before.
    for (who, days) in [(1, json!([14, 0])), (2, json!([3])), (3, json!([])), (4, json!([2]))] {
        change_member(app, &people[who].id, json!({ "reminders": days })).await;
    }
    for person in people {
        evening.come(person, 0).await;
    }
    app.mails().await;
    let at = async |instant: &str| reminded(&evening, &mails_at(app, instant).await);
    assert_eq!(at("2026-12-31T17:59:59Z").await, [0_usize; 0]);
    assert_eq!(at("2026-12-31T18:00:00Z").await, [1]);
    assert_eq!(at("2027-01-07T18:00:00Z").await, [0]);
    assert_eq!(at("2027-01-11T18:00:00Z").await, [2]);
    // Changed since: what is not yet sent follows. A time already past is left out.
    change_member(app, &people[2].id, json!({ "reminders": [14, 1] })).await;
    change_member(app, &people[0].id, json!({ "reminders": [7] })).await;
    assert_eq!(at("2027-01-11T19:00:00Z").await, [0_usize; 0]);
    assert_eq!(at("2027-01-12T18:00:00Z").await, [4]);
    assert_eq!(at("2027-01-13T18:00:00Z").await, [2]);
    assert_eq!(at("2027-01-14T06:59:59Z").await, [0_usize; 0]);
    let morning = mails_at(app, "2027-01-14T07:00:00Z").await;
    assert_eq!(reminded(&evening, &morning), [1]);
    says(&only(&morning, &people[1]).text(), &["C’est aujourd’hui."]);
    assert_eq!(at("2027-01-14T17:00:00Z").await, [0_usize; 0]);
}

#[tokio::test]
async fn a_reminder_that_waits_is_dropped_when_it_is_no_longer_wanted() {
    let evening = Evening::with(2, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    app.mails().await;
    app.clock.set("2027-01-07T18:00:00Z".parse().unwrap());
    mensuel::worker::plan_reminders(&app.app).await.expect("planned");
    change_member(app, &people[0].id, json!({ "reminders": [1] })).await;
    assert_eq!(reminded(&evening, &app.mails().await), [1]);
    assert_eq!(evening.notices(&people[0], "dropped").await, ["reminder"]);
}

#[tokio::test]
async fn after_a_long_stop_each_hears_the_nearest_of_their_own() {
    let evening = Evening::with(3, json!({ "capacity": 3 })).await;
    let (app, people) = (&evening.app, &evening.people);
    change_member(app, &people[1].id, json!({ "reminders": [14, 3] })).await;
    change_member(app, &people[2].id, json!({ "reminders": [0] })).await;
    for person in people {
        evening.come(person, 0).await;
    }
    app.mails().await;
    // 14, 7 and 3 days before have passed while nobody worked.
    assert_eq!(reminded(&evening, &mails_at(app, "2027-01-12T09:00:00Z").await), [0, 1]);
    assert_eq!(reminded(&evening, &mails_at(app, "2027-01-13T18:00:00Z").await), [0]);
    assert_eq!(reminded(&evening, &mails_at(app, "2027-01-14T07:00:00Z").await), [2]);
}

#[tokio::test]
async fn one_nudge_to_who_has_not_answered_at_the_first_of_their_times() {
    let evening = Evening::with(6, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    // 0 silent, 1 maybe, 2 said no, 3 wants no nudges, 4 silent with other times, 5 wants no reminders.
    evening.press(&people[1], "maybe").await;
    evening.stay_away(&people[2]).await;
    change_member(app, &people[3].id, json!({ "mail": { "nudges": false } })).await;
    change_member(app, &people[4].id, json!({ "reminders": [3, 2] })).await;
    change_member(app, &people[5].id, json!({ "reminders": [] })).await;
    app.mails().await;
    let at = async |instant: &str| reminded(&evening, &mails_at(app, instant).await);
    assert_eq!(at("2026-12-31T18:00:00Z").await, [0_usize; 0]);
    assert_eq!(at("2027-01-07T18:00:00Z").await, [0, 1, 5], "a question is no reminder");
    // Other times now: they were nudged already.
    change_member(app, &people[0].id, json!({ "reminders": [3] })).await;
    assert_eq!(at("2027-01-11T18:00:00Z").await, [4]);
    for instant in ["2027-01-12T18:00:00Z", "2027-01-13T18:00:00Z", "2027-01-14T07:00:00Z"] {
        assert_eq!(at(instant).await, [0_usize; 0], "{instant}");
    }
}

/// Three planners, and evenings in the hour that is left out, in the one that comes twice, and after a change.
#[tokio::test]
async fn every_chosen_reminder_once_and_none_twice_whoever_plans() {
    let evening = Evening::with(2, json!({ "capacity": null })).await;
    let (app, people) = (&evening.app, &evening.people);
    change_member(app, &people[1].id, json!({ "reminders": [14, 3, 0] })).await;
    let (one, two) = (app.beside().await, app.beside().await);
    for (date, hour) in [("2027-03-28", "03:30"), ("2027-10-31", "02:30"), ("2028-03-27", "19:00")] {
        let fields =
            json!({ "starts_at": format!("{date}T{hour}"), "title": format!("Du {date}"), "capacity": null });
        let event = app.retex(&json!({ "id": evening.speaker.id }), fields).await;
        app.publish(&event, "followers").await;
        let mails = app.mails().await;
        for person in people {
            let link = only(&mails, person).link("/r/").expect("a link");
            submit(&app.client, crate::scene::bare(&link).as_str(), &[("answer", "yes")]).await;
        }
        app.mails().await;
        let start: DateTime<Utc> = event["starts_at"].as_str().unwrap().parse().unwrap();
        let (mut heard, mut clock) = (vec![0, 0], start - TimeDelta::days(16));
        while clock < start + TimeDelta::hours(2) {
            app.clock.set(clock);
            let (a, b, c) = tokio::join!(
                mensuel::worker::plan_reminders(&app.app),
                mensuel::worker::plan_reminders(&one),
                mensuel::worker::plan_reminders(&two)
            );
            for planned in [a, b, c] {
                planned.expect("plans");
            }
            for mail in app.mails().await {
                let who = people.iter().position(|person| person.email == mail.to());
                if let Some(who) = who.filter(|_| mail.subject().starts_with("Rappel")) {
                    heard[who] += 1;
                }
            }
            clock += TimeDelta::hours(3);
        }
        // In the night the morning of the day comes after the start.
        let third = if hour == "19:00" { 3 } else { 2 };
        assert_eq!(heard, [2, third], "{date}");
    }
}
