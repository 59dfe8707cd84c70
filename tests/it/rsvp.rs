//! Answering by the link in the mail.

use chrono::TimeDelta;
use mensuel_tests::TestApp;
use serde_json::json;

use crate::scene::{
    Evening, Person, buttons, database, never_says, only, press, read, says, submit, to, token,
};

#[tokio::test]
async fn the_link_of_the_mail_says_for_whom_one_answers_and_changes_nothing() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let before = database(app).await;

    let page = app.client.get(&zoe.link).expect(200).await;
    says(&read(&page), &["Réponse pour Zoé D.", "Sortir d'un monolithe en dix-huit mois", "14 janvier 2027"]);
    says(&read(&page), &["Mathilde Lemoine", "Confluence Data", "Ce n’est pas vous"]);
    never_says(&read(&page), &["12 quai Rambaud", "Durand", "soie.example"]);
    assert_eq!(buttons(&page), ["yes", "maybe", "no"]);
    assert!(page.text().contains("method=\"post\""), "a real form");
    never_says(&page.text(), &["<script"]);
    let header = |name: &str| page.header(name).unwrap_or_default().to_owned();
    assert!(header("cache-control").contains("no-store"));
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert!(header("x-robots-tag").contains("noindex"));

    for (query, first) in [("?a=yes", "yes"), ("?a=no", "no"), ("?a=maybe", "maybe")] {
        let page = app.client.get(&format!("{}{query}", zoe.link)).expect(200).await;
        assert_eq!(buttons(&page)[0], first);
        says(&page.text(), &[&format!("class=\"button first strong\" name=\"answer\" value=\"{first}\"")]);
        assert_eq!(buttons(&page).len(), 3);
    }
    app.client.request("HEAD".parse().unwrap(), &zoe.link).expect(200).await;
    app.client.get(&zoe.json_path()).expect(200).await;
    assert_eq!(database(app).await, before, "reading changed something");
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn one_press_answers_and_the_same_link_changes_the_answer() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);

    let page = evening.press(zoe, "yes").await;
    assert_eq!(page.status, 200, "{}", page.text());
    says(&read(&page), &["C’est noté. Vous venez.", "Votre place est retenue", "12 quai Rambaud"]);
    let line = evening.line(zoe).await;
    assert_eq!(line["answer"], "yes");
    assert_eq!(line["seat"], "confirmed");
    assert_eq!(line["channel"], "link");
    let seats = app.seats(&evening.event).await;
    assert_eq!((&seats["confirmed"], &seats["yes"], &seats["taken"]), (&json!(1), &json!(1), &json!(1)));
    let mails = app.mails().await;
    let mail = only(&mails, zoe);
    assert!(mail.subject().starts_with("Place confirmée"), "{}", mail.subject());
    says(&mail.text(), &["C’est noté : vous venez.", "Réponse enregistrée : oui.", "12 quai Rambaud"]);
    assert_eq!(mail.link("/r/").as_deref(), Some(zoe.link.as_str()), "the link stays");

    // The same again changes nothing and mails nobody.
    let before = database(app).await;
    says(&read(&evening.press(zoe, "yes").await), &["Vous venez."]);
    assert_eq!(database(app).await, before);

    for (answer, said, subject) in
        [("maybe", "Vous viendrez peut-être", "Réponse notée"), ("no", "Vous ne venez pas", "Réponse notée")]
    {
        says(&read(&evening.press(zoe, answer).await), &["C’est noté", said]);
        let line = evening.line(zoe).await;
        assert_eq!((&line["answer"], &line["seat"]), (&json!(answer), &json!("none")));
        let mails = app.mails().await;
        assert!(only(&mails, zoe).subject().starts_with(subject));
        let seats = app.seats(&evening.event).await;
        assert_eq!((&seats["taken"], &seats[answer]), (&json!(0), &json!(1)));
        app.check_counters().await;
    }
    let page = app.client.get(&zoe.link).expect(200).await;
    says(&read(&page), &["Vous ne venez pas"]);
    never_says(&read(&page), &["C’est noté"]);
}

#[tokio::test]
async fn the_same_link_answers_as_json() {
    let evening = Evening::with(1, json!({ "max_guests": 1 })).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let seen = app.client.get(&format!("{}?a=maybe", zoe.json_path())).expect(200).await;
    assert!(seen.header("cache-control").unwrap_or_default().contains("no-store"));
    let seen = seen.json();
    assert_eq!(seen["for_name"], "Zoé D.");
    assert_eq!((&seen["state"], &seen["chosen"]), (&json!("open"), &json!("maybe")));
    assert_eq!((&seen["answer"], &seen["seat"]), (&json!(null), &json!("none")));
    assert_eq!(seen["event"]["starts_at"], "2027-01-14T19:00:00+01:00");
    assert_eq!(seen["event"]["address"], json!(null));
    assert_eq!(seen["event"]["people"], json!([{ "role": "speaker", "name": "Mathilde Lemoine" }]));
    assert_eq!((&seen["max_guests"], &seen["guests_left"]), (&json!(1), &json!(1)));

    let put = |body| app.client.put(&zoe.json_path()).json(&body);
    let taken = put(json!({ "answer": "yes", "guests": 1, "guest_names": ["Léa"] })).expect(200).await.json();
    assert_eq!((&taken["answer"], &taken["guests"]), (&json!("yes"), &json!(1)));
    assert_eq!((&taken["seat"], &taken["guest_names"]), (&json!("confirmed"), &json!(["Léa"])));
    assert_eq!(taken["event"]["address"], "12 quai Rambaud, 69002 Lyon");
    assert_eq!(evening.rsvp(zoe).await["answer"], "yes");
    says(&read(&app.client.get(&zoe.link).expect(200).await), &["Vous venez, avec un invité."]);

    let before = database(app).await;
    for wrong in [json!({}), json!({ "answer": "perhaps" }), json!({ "answer": "yes", "seat": 1 })] {
        let answer = app.client.put(&zoe.json_path()).json(&wrong).wrong().expect(422).await;
        assert!(!answer.pointers().is_empty(), "{}", answer.text());
    }
    app.client.put(&zoe.json_path()).body("application/json", "{").wrong().expect(400).await;
    app.client.put(&zoe.json_path()).body("text/plain", "yes").wrong().expect(415).await;
    assert_eq!(database(app).await, before);
    put(json!({ "answer": "no" })).expect(200).await;
    assert_eq!(app.seats(&evening.event).await["taken"], 0);
}

#[tokio::test]
async fn before_the_opening_the_link_shows_and_says_when() {
    let evening = Evening::with(1, json!({ "opens_at": "2026-12-10T09:00" })).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let page = app.client.get(&zoe.link).expect(200).await;
    says(&read(&page), &["Les réponses ouvrent le", "10 décembre"]);
    assert!(buttons(&page).is_empty());
    assert_eq!(evening.rsvp(zoe).await["state"], "not_yet_open");
    let before = database(app).await;
    let refused = evening.press(zoe, "yes").await;
    assert_eq!(refused.status, 409);
    says(&read(&refused), &["Votre réponse n’a pas été enregistrée", "Les réponses ouvrent le"]);
    app.client.put(&zoe.json_path()).json(&json!({ "answer": "no" })).expect(409).await;
    assert_eq!(database(app).await, before);
    app.clock.set("2026-12-10T08:00:00Z".parse().unwrap());
    assert_eq!(evening.press(zoe, "yes").await.status, 200);
}

#[tokio::test]
async fn after_the_deadline_only_what_frees_seats_counts() {
    let fields = json!({ "capacity": 6, "max_guests": 2, "deadline": "2027-01-13T12:00" });
    let evening = Evening::with(3, fields).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 2).await;
    evening.come(&people[1], 0).await;
    app.advance_to("2027-01-13T11:00:01Z".parse().unwrap()).await;
    app.mails().await;

    let late = app.client.get(&people[2].link).expect(200).await;
    says(&read(&late), &["La date limite est passée"]);
    assert_eq!(buttons(&late), ["no", "maybe"]);
    assert_eq!(evening.rsvp(&people[2]).await["state"], "late");
    let before = database(app).await;
    let refused = evening.press(&people[2], "yes").await;
    assert_eq!(refused.status, 409);
    says(&read(&refused), &["Votre réponse n’a pas été enregistrée", "La date limite est passée"]);
    app.client.put(&people[2].json_path()).json(&json!({ "answer": "yes" })).expect(409).await;
    assert_eq!(press(app, &people[1], &[("answer", "yes"), ("guests", "1")]).await.status, 409);
    assert_eq!(database(app).await, before);

    evening.come(&people[0], 1).await;
    assert_eq!(app.seats(&evening.event).await["taken"], 3);
    assert_eq!(evening.press(&people[0], "maybe").await.status, 200);
    evening.stay_away(&people[1]).await;
    evening.stay_away(&people[2]).await;
    assert_eq!(app.seats(&evening.event).await["taken"], 0);
    app.check_counters().await;
}

#[tokio::test]
async fn a_cancelled_evening_says_so_and_takes_no_answer() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    evening.come(zoe, 0).await;
    evening.cancel("La salle est inondée.").await;
    let page = app.client.get(&format!("{}?a=yes", zoe.link)).expect(200).await;
    says(
        &read(&page),
        &["Cette soirée n’aura pas lieu.", "La salle est inondée.", "Vous n’avez rien à faire"],
    );
    assert!(buttons(&page).is_empty());
    assert_eq!(evening.rsvp(zoe).await["state"], "cancelled");
    assert_eq!(evening.press(zoe, "no").await.status, 409);
    app.client.put(&zoe.json_path()).json(&json!({ "answer": "no" })).expect(409).await;
}

#[tokio::test]
async fn after_the_end_the_link_only_shows() {
    let evening = Evening::with(2, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    evening.come(zoe, 0).await;
    app.clock.set("2027-01-14T20:30:00Z".parse().unwrap());
    let page = app.client.get(&zoe.link).expect(200).await;
    says(&read(&page), &["Cette soirée a eu lieu.", "Votre réponse était : oui."]);
    assert!(buttons(&page).is_empty());
    says(&read(&app.client.get(&evening.people[1].link).expect(200).await), &["Vous n’aviez pas répondu."]);
    assert_eq!(evening.rsvp(zoe).await["state"], "ended");
    let refused = evening.press(zoe, "no").await;
    assert_eq!(refused.status, 409);
    says(&read(&refused), &["a eu lieu"]);
    app.client.put(&zoe.json_path()).json(&json!({ "answer": "no" })).expect(409).await;
}

#[tokio::test]
async fn an_altered_link_and_one_that_never_was_look_the_same() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let altered = format!("/r/{}A", &zoe.token()[..zoe.token().len() - 1]);
    let altered = if altered.ends_with(zoe.token()) { altered.replace('A', "B") } else { altered };
    let cut = format!("/r/{}", &zoe.token()[..30]);
    let page = app.client.get(&altered).expect(404).await;
    says(&read(&page), &["Ce lien n’est pas reconnu", "Recevoir mes liens"]);
    for link in [cut.as_str(), "/r/nothing", "/r/%F0%9F%A6%80", "/r/..%2f..%2fetc"] {
        let other = app.client.get(link).expect(404).await;
        assert_eq!(read(&other), read(&page), "{link}");
    }
    app.client.post(&altered).form(&[("answer", "yes")]).expect(404).await;
    app.client.get(&format!("/api/v1/rsvps/{}", token(&altered))).expect(404).await;
    let put = app.client.put("/api/v1/rsvps/nothing").json(&json!({ "answer": "yes" })).expect(404).await;
    assert_eq!(put.json()["status"], 404);
    let in_english = app.client.get(&altered).header("accept-language", "en-GB,en;q=0.9").expect(404).await;
    says(&read(&in_english), &["link"]);
    never_says(&read(&in_english), &["reconnu"]);
}

#[tokio::test]
async fn the_links_of_who_left_or_was_erased_say_that_they_no_longer_serve() {
    let evening = Evening::with(3, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.change_member(&people[0], json!({ "status": "left" })).await;
    app.delete(&format!("/api/v1/members/{}", people[1].id)).expect(204).await;
    let says_gone = async |gone: &Person| {
        let page = app.client.get(&gone.link).expect(410).await;
        says(&read(&page), &["Ce lien ne sert plus"]);
        never_says(&read(&page), &[&gone.name, &gone.email]);
        assert_eq!(evening.press(gone, "yes").await.status, 410);
        app.client.get(&gone.json_path()).expect(410).await;
        app.client.put(&gone.json_path()).json(&json!({ "answer": "yes" })).expect(410).await;
    };
    says_gone(&people[0]).await;
    says_gone(&people[1]).await;
    app.client.get(&people[2].link).expect(200).await;
    app.delete(&format!("/api/v1/members/{}/links/answers", people[2].id)).expect(204).await;
    says_gone(&people[2]).await;
    assert_eq!(app.seats(&evening.event).await["yes"], 0);
}

#[tokio::test]
async fn guests_come_as_far_as_the_evening_allows() {
    let evening = Evening::with(3, json!({ "capacity": 4, "max_guests": 4 })).await;
    let (app, people) = (&evening.app, &evening.people);
    let refuse = async |who: usize, guests: &str, names: &str, (status, said): (u16, &str)| {
        let before = database(app).await;
        let fields = [("answer", "yes"), ("guests", guests), ("guest_names", names)];
        let refused = press(app, &people[who], &fields).await;
        assert_eq!(refused.status, status, "{}", read(&refused));
        says(&read(&refused), &["Votre réponse n’a pas été enregistrée", said]);
        assert_eq!(database(app).await, before, "a refusal changes nothing");
    };
    refuse(0, "5", "", (422, "4 invités au plus")).await;
    refuse(0, "4", "", (422, "La salle n’a que 4 places")).await;
    refuse(0, "1", "Léa\nMax", (422, "plus de noms que d’invités")).await;
    let put = app.client.put(&people[0].json_path());
    let refused = put.json(&json!({ "answer": "yes", "guests": 5 })).expect(422).await;
    assert_eq!(refused.pointers(), ["/guests"]);

    let fields = [("answer", "yes"), ("guests", "2"), ("guest_names", "Léa\r\nMax")];
    says(&read(&press(app, &people[0], &fields).await), &["Vous venez, avec 2 invités."]);
    assert_eq!(evening.line(&people[0]).await["guest_names"], json!(["Léa", "Max"]));
    evening.come(&people[1], 0).await;
    refuse(1, "1", "", (409, "Il ne reste pas de place pour des invités")).await;
    assert_eq!(evening.rsvp(&people[0]).await["guests_left"], json!(2), "those that one has count");
    // Fewer guests free seats; a yes without names keeps the names as far as they go.
    evening.come(&people[0], 1).await;
    assert_eq!(app.seats(&evening.event).await["taken"], 3);
    assert_eq!(evening.line(&people[0]).await["guest_names"], json!(["Léa"]));
    app.check_counters().await;
}

#[tokio::test]
async fn without_guests_in_the_settings_nobody_is_brought_along() {
    let evening = Evening::with(1, json!({})).await;
    let zoe = &evening.people[0];
    never_says(&read(&evening.app.client.get(&zoe.link).expect(200).await), &["Invités que vous amenez"]);
    let refused = press(&evening.app, zoe, &[("answer", "yes"), ("guests", "1")]).await;
    assert_eq!(refused.status, 422);
    says(&read(&refused), &["sans invités"]);
}

#[tokio::test]
async fn a_form_without_an_answer_says_so_and_changes_nothing() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let before = database(app).await;
    for fields in [vec![], vec![("answer", "peut-être")]] {
        let page = press(app, zoe, &fields).await;
        assert_eq!(page.status, 422);
        says(&read(&page), &["Réponse pour Zoé D.", "Votre réponse n’a pas été enregistrée"]);
        never_says(&read(&page), &["C’est noté"]);
    }
    let refused = press(app, zoe, &[("answer", "yes"), ("guests", "many")]).await;
    assert_eq!(refused.status, 422);
    says(&read(&refused), &["Réponse pour Zoé D.", "Votre réponse n’a pas été enregistrée"]);
    let json = app.client.post(&zoe.link).json(&json!({ "answer": "yes" })).send().await;
    assert_eq!(json.status, 415);
    says(&read(&json), &["415"]);
    let large = app.client.post(&zoe.link).form(&[("answer", &"x".repeat(400_000))]).expect(413).await;
    says(&large.text(), &["<html"]);
    assert_eq!(database(app).await, before);
}

#[tokio::test]
async fn a_move_keeps_the_answer_and_asks_again() {
    let evening = Evening::with(3, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    app.mails().await;
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;

    let page = app.client.get(&people[0].link).expect(200).await;
    says(&read(&page), &["votre place est gardée", "21 janvier", "Oui, je viens toujours"]);
    let page = app.client.get(&people[1].link).expect(200).await;
    says(&read(&page), &["votre rang sur la liste d’attente est gardé", "en tête de la liste d’attente"]);
    for at in [0, 1] {
        assert_eq!(evening.line(&people[at]).await["before_move"], true);
        assert_eq!(evening.rsvp(&people[at]).await["before_move"], true);
    }
    evening.come(&people[0], 0).await;
    assert_eq!(evening.line(&people[0]).await["before_move"], false);
    assert_eq!(evening.line(&people[0]).await["seat"], "confirmed");
    assert_eq!(evening.line(&people[1]).await["before_move"], true);
    // A change of wording is no move.
    evening.change(json!({ "title": "Sortir d'un monolithe" })).await;
    assert_eq!(evening.line(&people[0]).await["before_move"], false);
    app.check_counters().await;
}

#[tokio::test]
async fn the_words_follow_the_reader() {
    let evening = Evening::with(2, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.change_member(&people[1], json!({ "language": "en" })).await;
    let page = async |who: usize, query: &str, accepts: &str| {
        let target = format!("{}{query}", people[who].link);
        read(&app.client.get(&target).header("accept-language", accepts).expect(200).await)
    };
    says(&page(0, "", "en").await, &["Réponse pour Zoé D."]);
    says(&page(0, "?lang=en", "fr").await, &["Zoé D.", "14 January 2027"]);
    says(&page(1, "", "fr").await, &["Ada M.", "14 January 2027"]);
    says(&page(1, "?lang=fr", "en").await, &["Réponse pour Ada M.", "14 janvier 2027"]);
    // What the organizers wrote stays in its language, and is marked so.
    let html = app.client.get(&people[1].link).expect(200).await.text();
    says(&html, &["<html lang=\"en\"", "<h1 lang=\"fr\""]);
    // Pages of nobody follow the browser.
    let link = app.client.get("/link").header("accept-language", "en").expect(200).await;
    says(&link.text(), &["<html lang=\"en\""]);
    let link = app.client.get("/link").header("accept-language", "de").expect(200).await;
    says(&link.text(), &["<html lang=\"fr\""]);
}

#[tokio::test]
async fn the_people_of_the_programme_answer_for_their_part() {
    let app = TestApp::start().await;
    let fields = json!({
        "capacity": 1,
        "speakers": [{ "name": "Ines Karoui", "email": "ines@ailleurs.example" }],
    });
    let evening = Evening::of(app, 1, fields).await;
    let app = &evening.app;
    let mail =
        evening.mails.iter().find(|mail| mail.to() == "ines@ailleurs.example").expect("she is invited");
    says(&mail.text(), &["Vous intervenez lors de cette soirée."]);
    let link = mail.link("/r/").expect("a link");
    says(&read(&app.client.get(&link).expect(200).await), &["Réponse pour Ines K.", "Vous intervenez"]);
    evening.come(&evening.people[0], 0).await;
    // The room is full; her seat stands beside it.
    let page = submit(&app.client, &link, &[("answer", "yes")]).await;
    says(&read(&page), &["Vous venez.", "Nous comptons sur vous."]);
    let seats = app.seats(&evening.event).await;
    assert_eq!(
        (&seats["confirmed"], &seats["taken"], &seats["programme"]),
        (&json!(1), &json!(1), &json!(1))
    );
    app.mails().await;
    submit(&app.client, &link, &[("answer", "no")]).await;
    let mails = app.mails().await;
    let told =
        mails.iter().find(|mail| mail.to() == mensuel_tests::app::ORGANIZER).expect("organizers are told");
    says(&told.text(), &["Ines Karoui", "Le programme n’a pas été changé"]);
    let shown = app.get(&evening.path("")).expect(200).await.json();
    assert_eq!(shown["speakers"][0]["name"], "Ines Karoui");
    app.check_counters().await;
}

#[tokio::test]
async fn an_organizer_answers_on_behalf_and_the_newest_answer_stands() {
    let evening = Evening::with(2, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    let behalf = |who: usize, body| app.put(&evening.path(&format!("/rsvps/{}", people[who].id))).json(&body);
    let line = behalf(0, json!({ "answer": "yes" })).expect(200).await.json();
    assert_eq!((&line["seat"], &line["channel"]), (&json!("confirmed"), &json!("organizer")));
    let mails = app.mails().await;
    assert!(only(&mails, &people[0]).subject().starts_with("Place confirmée"));
    assert!(to(&mails, &people[1]).is_empty());
    evening.stay_away(&people[0]).await;
    let line = evening.line(&people[0]).await;
    assert_eq!((&line["answer"], &line["channel"]), (&json!("no"), &json!("link")));
    app.clock.advance(TimeDelta::minutes(1));
    behalf(0, json!({ "answer": "maybe" })).expect(200).await;
    assert_eq!(evening.line(&people[0]).await["answer"], "maybe");
    behalf(1, json!({ "answer": "yes", "guests": 3 })).expect(422).await;
    app.check_counters().await;
}
