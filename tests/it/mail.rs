//! What leaves by mail: to whom, with what, and what is merged or left out.

use std::collections::BTreeSet;

use mensuel_tests::{TestApp, app::id, calendars, mailbox::ReceivedMail};
use serde_json::{Value, json};

use crate::scene::{Evening, Person, all, bare, never_says, only, read, says, text, to};

fn recipients(mails: &[ReceivedMail]) -> BTreeSet<String> {
    let addresses: BTreeSet<String> = mails.iter().map(|mail| mail.to().to_owned()).collect();
    assert_eq!(addresses.len(), mails.len(), "somebody got two mails");
    addresses
}

fn addresses(names: &[&str]) -> BTreeSet<String> {
    let whole = |name: &&str| match name.contains('@') {
        true => (*name).to_owned(),
        false => format!("{name}@soie.example"),
    };
    names.iter().map(whole).collect()
}

const CAMILLE: &str = mensuel_tests::app::ORGANIZER;

#[tokio::test]
async fn publishing_invites_the_followers_and_the_programme_once_and_nobody_else() {
    let app = TestApp::start().await;
    let speaker = app.member("Mathilde Lemoine", "mathilde@soie.example", json!({ "follows": [] })).await;
    app.member("Zoé Durand", "zoe@soie.example", json!({})).await;
    app.member("Ada Martin", "ada@soie.example", json!({ "follows": ["retex"], "language": "en" })).await;
    let later = app.member("Bruno Petit", "bruno@soie.example", json!({ "follows": ["workshop"] })).await;
    app.member("Chloé Blanc", "chloe@soie.example", json!({ "mail": { "invitations": false } })).await;
    app.member("David Roux", "david@soie.example", json!({ "status": "paused" })).await;
    app.member("Élise Noir", "elise@soie.example", json!({ "status": "left" })).await;
    let event = app.retex(&speaker, json!({})).await;
    assert!(app.mails().await.is_empty(), "a draft mails nobody");
    let path = format!("/api/v1/events/{}/invitations", id(&event));
    app.post(&path).json(&json!({ "audience": "followers" })).expect(409).await;

    app.publish(&event, "followers").await;
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), addresses(&["mathilde", "zoe", "ada", CAMILLE]));
    let mail = |name: &str| mails.iter().find(|mail| mail.to() == format!("{name}@soie.example")).unwrap();
    says(
        &mail("zoe").text(),
        &["Bonjour Zoé Durand,", "La communauté CTO de Lugdunum vous invite à cette soirée."],
    );
    says(&mail("mathilde").text(), &["Vous intervenez lors de cette soirée.", "12 quai Rambaud"]);
    never_says(&mail("zoe").text(), &["12 quai Rambaud", "Vous intervenez"]);
    says(&mail("zoe").text(), &["L’adresse est donnée une fois votre venue confirmée."]);
    says(&mail("ada").text(), &["Ada Martin", "Thursday 14 January 2027", "Will you come?"]);

    // Asked again, in any way, nobody is mailed twice.
    app.publish(&event, "followers").await;
    let made = app.post(&path).json(&json!({ "audience": "followers" })).expect(202).await.json();
    assert_eq!(made["invited"], 0);
    app.post(&path).json(&json!({ "audience": "programme" })).expect(202).await;
    assert!(app.mails().await.is_empty());

    // Who comes, or begins to follow, is invited then.
    app.member("Lou Ferrand", "lou@soie.example", json!({})).await;
    crate::scene::change_member(&app, id(&later), json!({ "follows": ["retex"] })).await;
    crate::scene::change_member(&app, id(&later), json!({ "follows": ["all"] })).await;
    assert_eq!(recipients(&app.mails().await), addresses(&["lou", "bruno"]));
    let invited = all(&app, &path).await;
    let speaker = invited.iter().find(|line| line["name"] == "Mathilde Lemoine").unwrap();
    assert_eq!((&speaker["role"], &speaker["mail"]), (&json!("speaker"), &json!("sent")));
    assert_eq!(invited.iter().filter(|line| line["mail"] == "sent").count(), 6);
}

#[tokio::test]
async fn published_quietly_it_invites_when_it_is_asked_to() {
    let app = TestApp::start().await;
    let speaker = app.member("Mathilde Lemoine", "mathilde@soie.example", json!({ "follows": [] })).await;
    app.member("Zoé Durand", "zoe@soie.example", json!({})).await;
    let event = app.retex(&speaker, json!({})).await;
    let path = format!("/api/v1/events/{}", id(&event));
    app.publish(&event, "none").await;
    assert!(app.mails().await.is_empty());
    app.member("Ada Martin", "ada@soie.example", json!({})).await;
    assert!(app.mails().await.is_empty(), "the followers were not asked for yet");
    let invite = |audience: &str, dry: bool| {
        let query = if dry { "?dry_run=true" } else { "" };
        app.post(&format!("{path}/invitations{query}")).json(&json!({ "audience": audience }))
    };
    let plan = invite("programme", true).expect(200).await.json();
    assert_eq!((&plan["invited"], &plan["names"]), (&json!(1), &json!(["Mathilde Lemoine"])));
    let plan = invite("followers", true).expect(200).await.json();
    assert_eq!(plan["invited"], 4);
    assert!(app.mails().await.is_empty(), "a dry run mails nobody");
    assert_eq!(invite("programme", false).expect(202).await.json()["invited"], 1);
    assert_eq!(recipients(&app.mails().await), addresses(&["mathilde"]));
    assert_eq!(invite("followers", false).expect(202).await.json()["invited"], 3);
    assert_eq!(recipients(&app.mails().await), addresses(&["zoe", "ada", CAMILLE]));
}

#[tokio::test]
async fn a_mail_is_put_together_as_calendars_and_mail_programs_need_it() {
    let evening = Evening::with(1, json!({})).await;
    let zoe = &evening.people[0];
    let mail = only(&evening.mails, zoe);
    let header = |name: &str| mail.header(name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(header("From"), "\"CTO de Lugdunum\" <soirees@lugdunum.example>");
    assert!(header("To").contains("<p0@soie.example>"));
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("X-Auto-Response-Suppress"), "OOF, AutoReply");
    assert!(header("List-Id").ends_with(".lugdunum.example>"), "{}", header("List-Id"));
    assert_eq!(header("List-Unsubscribe"), format!("<{}>", mail.link("/u/").expect("preferences")));
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(header("Message-ID").ends_with("lugdunum.example>"));
    assert!(
        header("Date").contains("1 Dec 2026 09:00:00") || header("Date").contains("01 Dec 2026 09:00:00")
    );
    assert_eq!(mail.subject(), "14 janvier : Sortir d'un monolithe en dix-huit mois");

    let raw = String::from_utf8_lossy(&mail.raw).into_owned();
    let at = |part: &str| raw.find(part).unwrap_or_else(|| panic!("no {part} in {raw}"));
    let order = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ];
    assert!(order.windows(2).all(|two| at(two[0]) < at(two[1])));
    let (method, bytes) = mail.calendar().expect("a calendar part");
    assert_eq!(method, "REQUEST");
    let attachments = mail.attachments();
    assert_eq!(attachments.len(), 1, "no other attachment");
    assert_eq!(
        (attachments[0].kind.as_str(), attachments[0].name.as_deref()),
        ("application/ics", Some("invite.ics"))
    );
    assert_eq!(attachments[0].bytes, bytes);
    assert!(mail.raw.is_ascii() && raw.split("\r\n").all(|line| line.len() <= 998));
    // The text says it all by itself; the HTML says the same.
    for body in [mail.text(), read_html(&mail.html())] {
        says(
            &body,
            &["Jeudi 14 janvier 2027", "Mathilde Lemoine", "Oui, je viens", "Confluence Data, 69002 Lyon"],
        );
    }
    assert!(mail.html().contains(&format!("{}?a=yes", zoe.link)));
    never_says(&mail.html(), &["quai Rambaud"]);

    let calendar = calendars::read(&bytes);
    assert_eq!(calendar.value("METHOD"), Some("REQUEST"));
    assert_eq!(calendar.of("VTIMEZONE").len(), 1);
    let entry = calendar.events()[0];
    assert_eq!(entry.value("DTSTART"), Some("20270114T190000"));
    assert_eq!(entry.parameters("DTSTART"), Some("TZID=Europe/Paris"));
    assert_eq!(entry.value("DTEND"), Some("20270114T213000"));
    assert_eq!(entry.value("DTSTAMP"), Some("20261201T090000Z"));
    assert_eq!(entry.value("ORGANIZER"), Some("mailto:soirees@lugdunum.example"));
    assert_eq!(entry.value("ATTENDEE"), Some("mailto:p0@soie.example"), "exactly one");
    let attendee = entry.parameters("ATTENDEE").unwrap();
    assert!(attendee.contains("PARTSTAT=NEEDS-ACTION") && attendee.contains("RSVP=TRUE"), "{attendee}");
    assert_eq!((entry.value("STATUS"), entry.value("TRANSP")), (Some("CONFIRMED"), Some("OPAQUE")));
    says(entry.value("DESCRIPTION").unwrap(), &[&zoe.link]);
    assert!(["RRULE", "RDATE", "RECURRENCE-ID"].iter().all(|name| entry.value(name).is_none()));
    assert!(entry.of("VALARM").is_empty());
    assert_ne!(entry.value("UID"), evening.event["uid"].as_str(), "their own, not the public one");
}

fn read_html(html: &str) -> String {
    let answer =
        mensuel_tests::Answer { status: 200, headers: Default::default(), body: html.as_bytes().to_vec() };
    read(&answer)
}

/// What a mail tells a calendar, and what its reader is called there.
fn entry(mail: &ReceivedMail) -> (String, calendars::Component) {
    let (method, bytes) = mail.calendar().unwrap_or_else(|| panic!("no calendar part in {}", mail.subject()));
    let calendar = calendars::read(&bytes);
    assert_eq!(calendar.value("METHOD"), Some(method.as_str()));
    (method, calendar.events()[0].clone())
}

#[tokio::test]
async fn one_entry_lives_through_answer_move_and_cancellation() {
    let evening = Evening::with(3, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    let first = only(&evening.mails, &people[0]);
    let (_, invited) = entry(first);
    let sequence = |entry: &calendars::Component| entry.value("SEQUENCE").unwrap().parse::<u32>().unwrap();
    let partstat = |entry: &calendars::Component| {
        let parameters = entry.parameters("ATTENDEE").unwrap().to_owned();
        parameters.split("PARTSTAT=").nth(1).unwrap().split(';').next().unwrap().to_owned()
    };
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    let mails = app.mails().await;
    let (method, accepted) = entry(only(&mails, &people[0]));
    assert_eq!((method.as_str(), partstat(&accepted).as_str()), ("REQUEST", "ACCEPTED"));
    assert_eq!(accepted.value("UID"), invited.value("UID"));
    assert_eq!(sequence(&accepted), sequence(&invited), "an answer is no new revision");
    says(accepted.value("LOCATION").unwrap(), &["12 quai Rambaud"]);
    assert!(only(&mails, &people[1]).calendar().is_none(), "none while waiting");

    app.clock.advance(chrono::TimeDelta::hours(1));
    evening.change(json!({ "starts_at": "2027-01-21T18:30" })).await;
    let mails = app.mails().await;
    for (at, before) in [(0, &invited), (1, &entry(only(&evening.mails, &people[1])).1)] {
        let mail = only(&mails, &people[at]);
        assert!(mail.subject().starts_with("Nouvelle date"), "{}", mail.subject());
        let (method, moved) = entry(mail);
        assert_eq!((method.as_str(), partstat(&moved).as_str()), ("REQUEST", "NEEDS-ACTION"));
        assert_eq!(moved.value("UID"), before.value("UID"));
        assert!(sequence(&moved) > sequence(before));
        assert_eq!(moved.value("DTSTART"), Some("20270121T183000"));
        assert!(moved.value("DTSTAMP") > before.value("DTSTAMP"));
        // One thread in the mail program, one stem in the subject.
        let references = mail.header("References").expect("a thread");
        assert!(references.contains(&only(&evening.mails, &people[at]).header("Message-ID").unwrap()));
        says(&mail.subject(), &["Sortir d'un monolithe en dix-huit mois"]);
    }
    says(&only(&mails, &people[0]).text(), &["Avant : jeudi 14 janvier 2027", "Votre place est gardée."]);
    says(&only(&mails, &people[1]).text(), &["Votre rang sur la liste d’attente est gardé."]);

    evening.cancel("Salle fermée").await;
    let mails = app.mails().await;
    for person in people {
        let mail = only(&mails, person);
        says(&mail.text(), &["Cette soirée n’aura pas lieu.", "Motif : Salle fermée"]);
        let (method, cancelled) = entry(mail);
        assert_eq!((method.as_str(), cancelled.value("STATUS")), ("CANCEL", Some("CANCELLED")));
        assert_eq!(cancelled.value("UID"), entry(only(&evening.mails, person)).1.value("UID"));
        assert!(sequence(&cancelled) > 1);
    }
    let uids: BTreeSet<_> = people
        .iter()
        .map(|who| entry(only(&evening.mails, who)).1.value("UID").unwrap().to_owned())
        .collect();
    assert_eq!(uids.len(), 3, "each their own");
    // Cancelled again: the same answer, and no mail.
    evening.cancel("Salle fermée").await;
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn a_no_or_maybe_corrects_the_calendar_too() {
    let evening = Evening::with(1, json!({})).await;
    let zoe = &evening.people[0];
    for (answer, partstat) in [("maybe", "TENTATIVE"), ("no", "DECLINED"), ("yes", "ACCEPTED")] {
        evening.press(zoe, answer).await;
        let mails = evening.app.mails().await;
        let (method, entry) = entry(only(&mails, zoe));
        assert_eq!(method, "REQUEST");
        says(entry.parameters("ATTENDEE").unwrap(), &[&format!("PARTSTAT={partstat}")]);
    }
}

#[tokio::test]
async fn the_one_click_of_a_mail_program_unsubscribes_and_looking_does_not() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let header = only(&evening.mails, zoe).header("List-Unsubscribe").unwrap();
    let link = header.trim_matches(['<', '>']);
    let wants = async || {
        app.get(&format!("/api/v1/members/{}", zoe.id)).expect(200).await.json()["mail"]["invitations"]
            .clone()
    };
    app.client.get(link).expect(200).await;
    app.client.request("HEAD".parse().unwrap(), link).expect(200).await;
    assert_eq!(wants().await, true);
    // As RFC 8058 has it: no cookie, no other field, form data of either kind.
    app.client
        .post(link)
        .body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click")
        .expect(200)
        .await;
    assert_eq!(wants().await, false);
    crate::scene::change_member(app, &zoe.id, json!({ "mail": { "invitations": true } })).await;
    let multipart =
        "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    app.client.post(link).body("multipart/form-data; boundary=b", multipart).expect(200).await;
    assert_eq!(wants().await, false);
    app.client.post(link).form(&[("else", "x")]).wrong().expect(422).await;
    app.client.post(link).json(&json!({ "List-Unsubscribe": "One-Click" })).wrong().expect(415).await;

    // No invitation any more, but word of an evening that one said yes to.
    evening.come(zoe, 0).await;
    app.mails().await;
    let other =
        app.retex(&json!({ "id": evening.speaker.id }), json!({ "starts_at": "2027-02-11T19:00" })).await;
    app.publish(&other, "followers").await;
    let mails = app.mails().await;
    assert!(to(&mails, zoe).is_empty());
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;
    assert_eq!(to(&app.mails().await, zoe).len(), 1);
    evening.cancel("Salle fermée").await;
    assert_eq!(to(&app.mails().await, zoe).len(), 1);
}

#[tokio::test]
async fn moved_twice_before_the_mail_leaves_is_one_mail_with_the_last_date() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;
    evening.change(json!({ "starts_at": "2027-01-28T19:00" })).await;
    let mails = app.mails().await;
    let mail = only(&mails, zoe);
    says(&mail.text(), &["Jeudi 28 janvier 2027", "Avant : jeudi 14 janvier 2027"]);
    never_says(&mail.text(), &["21 janvier"]);
    assert_eq!(evening.notices(zoe, "dropped").await, ["moved"]);
}

#[tokio::test]
async fn promoted_before_the_waitlist_mail_leaves_is_one_mail() {
    let evening = Evening::with(2, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    evening.stay_away(&people[0]).await;
    let mails = app.mails().await;
    says(&only(&mails, &people[1]).subject(), &["Une place pour vous"]);
    says(&only(&mails, &people[0]).text(), &["vous ne venez pas"]);
}

#[tokio::test]
async fn an_invitation_to_an_evening_already_answered_does_not_leave() {
    let app = TestApp::start().await;
    let speaker = app.member("Mathilde Lemoine", "mathilde@soie.example", json!({ "follows": [] })).await;
    let zoe = app.member("Zoé Durand", "zoe@soie.example", json!({})).await;
    let event = app.retex(&speaker, json!({})).await;
    app.publish(&event, "followers").await;
    let path = format!("/api/v1/events/{}/rsvps/{}", id(&event), id(&zoe));
    app.put(&path).json(&json!({ "answer": "yes" })).expect(200).await;
    let mails = app.mails().await;
    let zoe = person_of(&zoe);
    says(&only(&mails, &zoe).subject(), &["Place confirmée"]);
    let dropped = app.get("/api/v1/outbox?state=dropped").expect(200).await.json();
    assert_eq!(dropped["items"].as_array().unwrap().len(), 1);
}

fn person_of(member: &Value) -> Person {
    let email = text(&member["emails"][0]["email"]);
    Person { id: id(member).to_owned(), name: text(&member["name"]), email, link: String::new() }
}

#[tokio::test]
async fn only_those_who_were_told_hear_of_a_cancellation() {
    let app = TestApp::start().await;
    let speaker = app.member("Mathilde Lemoine", "mathilde@soie.example", json!({ "follows": [] })).await;
    app.member("Zoé Durand", "zoe@soie.example", json!({})).await;
    let cancel = async |event: &Value| {
        let path = format!("/api/v1/events/{}/cancellation", id(event));
        app.put(&path).json(&json!({})).expect(200).await;
    };
    // Before anything left: nothing leaves at all.
    let event = app.retex(&speaker, json!({})).await;
    app.publish(&event, "followers").await;
    cancel(&event).await;
    assert!(app.mails().await.is_empty(), "{}", app.mailbox.digest());
    // Only the programme was told.
    let event = app.retex(&speaker, json!({ "starts_at": "2027-02-11T19:00" })).await;
    app.publish(&event, "none").await;
    let path = format!("/api/v1/events/{}/invitations", id(&event));
    app.post(&path).json(&json!({ "audience": "programme" })).expect(202).await;
    assert_eq!(recipients(&app.mails().await), addresses(&["mathilde"]));
    app.post(&path).json(&json!({ "audience": "followers" })).expect(202).await;
    cancel(&event).await;
    assert_eq!(recipients(&app.mails().await), addresses(&["mathilde"]));
}

#[tokio::test]
async fn moved_before_the_invitation_left_is_an_invitation_to_the_new_date() {
    let app = TestApp::start().await;
    let speaker = app.member("Mathilde Lemoine", "mathilde@soie.example", json!({ "follows": [] })).await;
    let event = app.retex(&speaker, json!({})).await;
    app.publish(&event, "followers").await;
    assert_eq!(app.edit(&event, json!({ "starts_at": "2027-01-21T19:00" })).await.status, 200);
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), addresses(&["mathilde", CAMILLE]));
    for mail in &mails {
        says(&mail.subject(), &["21 janvier : Sortir d'un monolithe"]);
        says(&mail.text(), &["Jeudi 21 janvier 2027"]);
        never_says(&mail.text(), &["Avant"]);
    }
}

#[tokio::test]
async fn who_pauses_keeps_hearing_of_their_evening_and_gets_no_new_invitation() {
    let evening = Evening::with(2, json!({})).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.come(&people[0], 0).await;
    app.mails().await;
    let other =
        app.retex(&json!({ "id": evening.speaker.id }), json!({ "starts_at": "2027-02-11T19:00" })).await;
    app.publish(&other, "followers").await;
    for person in people {
        evening.change_member(person, json!({ "status": "paused" })).await;
    }
    let mails = app.mails().await;
    assert!(to(&mails, &people[0]).is_empty(), "paused before the invitation left");
    evening.change(json!({ "starts_at": "2027-01-21T19:00" })).await;
    assert_eq!(to(&app.mails().await, &people[0]).len(), 1);
    // Active again, they are invited to what they missed.
    evening.change_member(&people[1], json!({ "status": "active" })).await;
    let mails = app.mails().await;
    says(&only(&mails, &people[1]).subject(), &["11 février"]);
    evening.change_member(&people[1], json!({ "mail": { "invitations": false } })).await;
    evening.change_member(&people[1], json!({ "mail": { "invitations": true } })).await;
    assert!(app.mails().await.is_empty(), "what they were told is not told again");
}

#[tokio::test]
async fn each_reads_their_own_language_and_organizers_words_stay() {
    let app = TestApp::start().await;
    let evening = Evening::of(app, 2, json!({ "capacity": 1 })).await;
    let (app, people) = (&evening.app, &evening.people);
    evening.change_member(&people[1], json!({ "language": "en" })).await;
    evening.come(&people[0], 0).await;
    evening.come(&people[1], 0).await;
    let mails = app.mails().await;
    says(&only(&mails, &people[0]).text(), &["C’est noté : vous venez."]);
    let english = only(&mails, &people[1]);
    says(&english.text(), &["first on the waitlist", "Sortir d'un monolithe"]);
    never_says(&english.text(), &["liste d’attente", "Bonjour"]);
    evening.cancel("Salle fermée").await;
    let mails = app.mails().await;
    says(&only(&mails, &people[1]).text(), &["Salle fermée"]);
    never_says(&only(&mails, &people[1]).text(), &["n’aura pas lieu"]);
}

#[tokio::test]
async fn the_address_is_for_confirmed_guests_unless_the_evening_says_otherwise() {
    let fields = json!({ "address_for": "invited", "online_url": "https://visio.example/abc" });
    let evening = Evening::with(1, fields).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    says(&only(&evening.mails, zoe).text(), &["12 quai Rambaud", "https://visio.example/abc"]);
    says(&read(&app.client.get(&zoe.link).expect(200).await), &["12 quai Rambaud"]);
    evening.change(json!({ "address_for": "confirmed" })).await;
    let page = app.client.get(&zoe.link).expect(200).await;
    never_says(&page.text(), &["quai Rambaud", "visio.example"]);
    evening.come(zoe, 0).await;
    let mails = app.mails().await;
    says(&only(&mails, zoe).text(), &["12 quai Rambaud", "https://visio.example/abc"]);
    assert_eq!(bare(&only(&mails, zoe).link("/r/").unwrap()), zoe.link);
}

#[tokio::test]
async fn who_comes_onto_a_published_programme_is_invited_with_their_role() {
    let evening = Evening::with(1, json!({})).await;
    let (app, zoe) = (&evening.app, &evening.people[0]);
    let lou = app.member("Lou Ferrand", "lou@soie.example", json!({ "follows": [] })).await;
    let speakers = json!([{ "member_id": evening.speaker.id }, { "member_id": id(&lou) }, { "name": "Max Invité", "email": "max@ailleurs.example" }]);
    evening.change(json!({ "speakers": speakers, "title": "Un autre titre" })).await;
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), addresses(&["lou", "max@ailleurs.example"]));
    for mail in &mails {
        says(&mail.text(), &["Vous intervenez lors de cette soirée.", "Un autre titre"]);
    }
    assert!(to(&mails, zoe).is_empty(), "a change of wording is not mailed");
    // When the last speaker leaves, the role is vacant and the organizers are told.
    evening.change(json!({ "speakers": [{ "member_id": id(&lou) }] })).await;
    crate::scene::change_member(app, id(&lou), json!({ "status": "left" })).await;
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), addresses(&[CAMILLE]));
    says(&mails[0].text(), &["Il n’y a plus personne au programme", "à annoncer"]);
    let page =
        app.client.get(&format!("/events/{}", evening.event["slug"].as_str().unwrap())).expect(200).await;
    says(&read(&page), &["à annoncer"]);
}
