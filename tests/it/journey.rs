//! The main journey, on real input: 240 members, a series, ten evenings; invitations, answers by
//! the links in the mails, a waitlist, a promotion, a move, a cancellation, and every calendar.

use std::collections::{BTreeMap, BTreeSet};

use mensuel_tests::{
    TestApp,
    app::{ORGANIZER, id},
    calendars::{self, Component},
    mailbox::ReceivedMail,
};
use serde_json::{Value, json};

use crate::{
    feeds::feed,
    imports::{self, MEMBERS, REALLY, SEASON, counts},
    scene::{all, roster, says, text, token},
};

#[tokio::test]
async fn a_season_is_scheduled_answered_and_followed() {
    let test = TestApp::start().await;
    let report = imports::members(&test, MEMBERS, REALLY).await;
    assert_eq!(counts(&report), [240, 0, 0, 0]);

    let series = hold_the_dates(&test).await;
    let report = imports::season(&test, SEASON, REALLY).await;
    assert_eq!(counts(&report), [0, 10, 0, 0], "every line fills a held date");
    let evenings = evenings_of(&test, &series).await;
    assert_eq!(evenings.len(), 10, "no date is doubled");
    assert!(test.mails().await.is_empty(), "imports mail nobody");

    let january = evenings["2027-01"].clone();
    let mails = invite(&test, &january).await;
    let links = answering_links(&mails);
    let (seated, waiting) = fill(&test, &january, &links).await;
    promote(&test, &january, &links, &seated, &waiting).await;
    move_the_evening(&test, &january, &seated, &mails).await;
    let cancelled = cancel_another(&test, &evenings["2027-02"], &series).await;
    let evenings = evenings_of(&test, &series).await;
    let (january, february) = (&evenings["2027-01"], &evenings["2027-02"]);
    strangers_read_the_same(&test, january, february).await;
    the_programme_reads_the_same(&test, &mails[SPEAKER]).await;
    for (email, answer, seat) in [
        (&seated[0], "no", "none"),
        (&seated[1], "yes", "confirmed"),
        // The first of the line has a seat since.
        (&waiting[1], "yes", "waitlisted"),
    ] {
        let member = Reader { email, link: &links[email], answer, seat };
        a_member_reads_the_same(&test, january, &member, [&mails[email], &cancelled[email]]).await;
    }
    test.check_counters().await;
}

async fn hold_the_dates(test: &TestApp) -> Value {
    let series = test
        .create(
            "/api/v1/series",
            json!({
                "title": "Les soirées",
                "rule": { "week": 2, "weekday": "thursday", "at": "19:00", "time_zone": "Europe/Paris", "duration": "PT2H30M" },
                "from": "2027-01-01", "skips": ["07", "08"],
                "moves": { "2027-05": "2027-05-20", "2027-11": "2027-11-18" }
            }),
        )
        .await;
    let days: Vec<String> = evenings_of(test, &series)
        .await
        .values()
        .map(|event| event["starts_at"].as_str().unwrap()[..10].to_owned())
        .collect();
    assert_eq!(
        days,
        [
            "2027-01-14",
            "2027-02-11",
            "2027-03-11",
            "2027-04-08",
            "2027-05-20",
            "2027-06-10",
            "2027-09-09",
            "2027-10-14",
            "2027-11-18",
            "2027-12-09"
        ]
    );
    series
}

async fn evenings_of(test: &TestApp, series: &Value) -> BTreeMap<String, Value> {
    let all = test.get("/api/v1/events?limit=200").expect(200).await.json();
    let of_series = |event: &&Value| event["series_id"] == series["id"];
    let month = |event: &Value| event["series_month"].as_str().unwrap().to_owned();
    let items = all["items"].as_array().unwrap();
    items.iter().filter(of_series).map(|event| (month(event), event.clone())).collect()
}

/// Every active member who follows retex, and the people of the programme, and nobody else.
async fn invite(test: &TestApp, january: &Value) -> BTreeMap<String, ReceivedMail> {
    let path = format!("/api/v1/events/{}/invitations", id(january));
    let ask = json!({ "audience": "followers" });
    let dry = test.post(&format!("{path}?dry_run=true")).json(&ask).expect(200).await.json();
    let real = test.post(&path).json(&ask).expect(202).await.json();
    assert_eq!(dry["invited"], real["invited"]);
    let mails = test.mails().await;
    let by_recipient: BTreeMap<String, ReceivedMail> =
        mails.iter().map(|mail| (mail.to().to_lowercase(), mail.clone())).collect();
    assert_eq!(by_recipient.len(), mails.len(), "one mail for each");
    let waiting = all(test, "/api/v1/outbox?state=queued").await;
    assert!(waiting.is_empty(), "all have left: {waiting:?}");
    let invited: BTreeSet<String> = by_recipient.keys().cloned().collect();
    assert_eq!(invited, expected_guests(), "from the file itself");
    assert_eq!(real["invited"].as_u64().unwrap() as usize, mails.len());
    let speaker = by_recipient[SPEAKER].text().to_lowercase();
    assert!(speaker.contains("interv"), "the speaker's mail names the role: {speaker}");
    by_recipient
}

/// Read from the file by other means than the importer's.
fn expected_guests() -> BTreeSet<String> {
    let text = std::str::from_utf8(MEMBERS).unwrap();
    let mut guests: BTreeSet<String> = text
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let (status, follows) = (cells[cells.len() - 1], cells[cells.len() - 2]);
            let follows = follows.split(';').any(|one| one == "all" || one == "retex");
            (status == "active" && follows).then(|| cells[1].to_lowercase())
        })
        .collect();
    guests.insert("mathilde.lemoine@fourvieresystems.example".to_owned());
    // The organizer of the tests follows everything, as any member does unless told otherwise.
    guests.insert(ORGANIZER.to_owned());
    guests
}

fn answering_links(mails: &BTreeMap<String, ReceivedMail>) -> BTreeMap<String, String> {
    let link = |mail: &ReceivedMail| {
        let link = mail.link("/r/").expect("an answering link");
        link.split('?').next().unwrap().to_owned()
    };
    mails.iter().map(|(to, mail)| (to.clone(), link(mail))).collect()
}

const SPEAKER: &str = "mathilde.lemoine@fourvieresystems.example";

/// Forty seats; forty-five say yes: five wait, in order.
async fn fill(
    test: &TestApp,
    january: &Value,
    links: &BTreeMap<String, String>,
) -> (Vec<String>, Vec<String>) {
    let guests: Vec<&String> = links.keys().filter(|to| *to != SPEAKER).take(45).collect();
    for to in &guests {
        let page = test.client.get(&links[*to]).expect(200).await.text();
        assert!(page.contains("name=\"answer\""), "the page has real buttons");
        let answered = test.client.post(&links[*to]).form(&[("answer", "yes"), ("guests", "0")]).send().await;
        assert_eq!(answered.status, 303, "{}", answered.text());
    }
    let seats = test.seats(january).await;
    assert_eq!((seats["capacity"].as_u64(), seats["confirmed"].as_u64()), (Some(40), Some(40)));
    assert_eq!(seats["waitlisted"], 5);
    let (seated, waiting) = guests.split_at(40);
    let page = test.client.get(&links[waiting[2]]).header("accept-language", "fr").expect(200).await.text();
    assert!(page.replace('\u{a0}', " ").contains("3e"), "the third of the line is told so");
    let mails = test.mails().await;
    assert_eq!(mails.len(), 45, "each answer is confirmed");
    for mail in &mails {
        let waits = waiting.iter().any(|to| **to == mail.to().to_lowercase());
        match mail.calendar() {
            Some((method, bytes)) => {
                assert!(!waits, "nothing for the calendar while waiting");
                assert_eq!(method, "REQUEST");
                let calendar = calendars::read(&bytes);
                assert!(calendar.events()[0].parameters("ATTENDEE").unwrap().contains("PARTSTAT=ACCEPTED"));
            }
            None => assert!(waits, "a confirmation agrees with the calendar: {}", mail.to()),
        }
    }
    let owned = |names: &[&String]| names.iter().map(|name| (*name).clone()).collect();
    (owned(seated), owned(waiting))
}

async fn promote(
    test: &TestApp,
    january: &Value,
    links: &BTreeMap<String, String>,
    seated: &[String],
    waiting: &[String],
) {
    test.client.post(&links[&seated[0]]).form(&[("answer", "no"), ("guests", "0")]).send().await;
    let mails = test.mails().await;
    let told: BTreeSet<String> = mails.iter().map(|mail| mail.to().to_lowercase()).collect();
    assert_eq!(told, [seated[0].clone(), waiting[0].clone()].into(), "who left, and the first of the line");
    let promoted = mails.iter().find(|mail| mail.to().eq_ignore_ascii_case(&waiting[0])).unwrap();
    let (method, bytes) = promoted.calendar().expect("an entry, now that there is a seat");
    assert_eq!(method, "REQUEST");
    assert!(calendars::read(&bytes).events()[0].parameters("ATTENDEE").unwrap().contains("ACCEPTED"));
    let seats = test.seats(january).await;
    assert_eq!((seats["confirmed"].as_u64(), seats["waitlisted"].as_u64()), (Some(40), Some(4)));
}

/// A week later: everybody who was told is told, keeps their seat, and is asked again.
async fn move_the_evening(
    test: &TestApp,
    january: &Value,
    seated: &[String],
    invitations: &BTreeMap<String, ReceivedMail>,
) {
    let answer = test
        .edit(january, json!({ "starts_at": "2027-01-21T19:00", "ends_at": "2027-01-21T21:30", "time_zone": "Europe/Paris" }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mails = test.mails().await;
    assert_eq!(mails.len(), invitations.len(), "all who were told of the evening");
    for mail in &mails {
        let (method, bytes) = mail.calendar().expect("an update for the calendar");
        assert_eq!(method, "REQUEST");
        let (update, first) = (
            calendars::read(&bytes),
            calendars::read(&invitations[&mail.to().to_lowercase()].calendar().unwrap().1),
        );
        let (update, first) = (update.events()[0], first.events()[0]);
        assert_eq!(update.value("UID"), first.value("UID"), "the same entry");
        let sequence =
            |event: &calendars::Component| event.value("SEQUENCE").unwrap().parse::<u32>().unwrap();
        assert!(sequence(update) > sequence(first));
        assert_eq!(update.value("DTSTART"), Some("20270121T190000"));
        assert!(update.parameters("ATTENDEE").unwrap().contains("NEEDS-ACTION"));
    }
    assert!(mails.iter().any(|mail| mail.to().eq_ignore_ascii_case(&seated[1])));
    assert_eq!(test.seats(january).await["confirmed"], 40, "no seat is lost by a move");
}

/// February is published to its followers and cancelled: who was told of it is told, nobody else.
async fn cancel_another(test: &TestApp, february: &Value, series: &Value) -> BTreeMap<String, ReceivedMail> {
    test.publish(february, "followers").await;
    let invited = test.mails().await;
    assert!(!invited.is_empty());
    let path = format!("/api/v1/events/{}/cancellation", id(february));
    test.put(&path).json(&json!({ "reason": "La salle n'est plus libre." })).expect(200).await;
    let cancelled = test.mails().await;
    let recipients =
        |mails: &[ReceivedMail]| mails.iter().map(|mail| mail.to().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(recipients(&cancelled), recipients(&invited));
    for mail in &cancelled {
        let (method, bytes) = mail.calendar().expect("the entry is taken back");
        assert_eq!(method, "CANCEL");
        assert_eq!(calendars::read(&bytes).events()[0].value("STATUS"), Some("CANCELLED"));
    }
    let evenings = evenings_of(test, series).await;
    assert_eq!(evenings["2027-02"]["stage"], "cancelled");
    cancelled.into_iter().map(|mail| (mail.to().to_lowercase(), mail)).collect()
}

/// January since its move, and February: start and state.
const MOVED: (&str, &str) = ("20270121T190000", "CONFIRMED");
const CANCELLED: (&str, &str) = ("20270211T190000", "CANCELLED");

/// The entry of a UID.
fn entry<'a>(calendar: &'a Component, uid: &str) -> Option<&'a Component> {
    calendar.events().into_iter().find(|event| event.value("UID") == Some(uid))
}

fn start_and_state(event: &Component) -> (&str, &str) {
    (event.value("DTSTART").expect("a start"), event.value("STATUS").expect("a state"))
}

/// The page, what machines are told, and every public feed say the same hour and state; the feed of a
/// format has its own evenings alone.
async fn strangers_read_the_same(test: &TestApp, january: &Value, february: &Value) {
    let season = feed(test, "/calendar.ics").await;
    assert_eq!(season.events().len(), 10);
    let states: Vec<&str> = season.events().iter().filter_map(|event| event.value("STATUS")).collect();
    assert_eq!(states.iter().filter(|state| **state == "CANCELLED").count(), 1);
    assert_eq!(states.iter().filter(|state| **state == "TENTATIVE").count(), 8, "held and draft dates");
    let [file, other_file] = [january, february].map(|event| format!("/events/{}.ics", text(&event["slug"])));
    for (path, of_january, of_february) in [
        ("/calendar.ics", Some(MOVED), Some(CANCELLED)),
        ("/calendar/retex.ics", Some(MOVED), None),
        ("/calendar/round-table.ics", None, Some(CANCELLED)),
        ("/calendar/workshop.ics", None, None),
        ("/calendar/open-discussion.ics", None, None),
        (file.as_str(), Some(MOVED), None),
        (other_file.as_str(), None, Some(CANCELLED)),
    ] {
        let calendar = feed(test, path).await;
        let shown = |event: &Value| entry(&calendar, &text(&event["uid"])).map(start_and_state);
        assert_eq!((shown(january), shown(february)), (of_january, of_february), "{path}");
    }
    for (event, starts_at, stage, words) in [
        (january, "2027-01-21T19:00", "published", ["jeudi 21 janvier", "19 h"]),
        (february, "2027-02-11T19:00", "cancelled", ["11 février", "n’aura pas lieu"]),
    ] {
        assert!(text(&event["starts_at"]).starts_with(starts_at), "{event}");
        assert_eq!(event["stage"], stage);
        let path = format!("/events/{}?lang=fr", text(&event["slug"]));
        says(&test.client.get(&path).expect(200).await.text(), &words);
    }
}

/// The speaker's file is the entry of their mail, and not a second one.
async fn the_programme_reads_the_same(test: &TestApp, mail: &ReceivedMail) {
    let link = crate::scene::bare(&mail.link("/r/").unwrap());
    let file = feed(test, &format!("{link}.ics")).await;
    assert_eq!(file.events().len(), 1);
    let own = entry(&file, &uid(mail)).expect("one UID for one reader");
    assert_eq!(start_and_state(own), MOVED);
}

/// A member with what they answered for January.
struct Reader<'a> {
    email: &'a str,
    link: &'a str,
    answer: &'a str,
    seat: &'a str,
}

/// The roster, the link and the member's own calendars tell of the same hour, state, answer and seat,
/// by the entries that the mails of January and February brought.
async fn a_member_reads_the_same(
    test: &TestApp,
    january: &Value,
    member: &Reader<'_>,
    mails: [&ReceivedMail; 2],
) {
    let Reader { email, link, answer, seat } = *member;
    let said = (json!(answer), json!(seat));
    let line = on_the_roster(test, january, email).await;
    assert_eq!((line["answer"].clone(), line["seat"].clone()), said, "{email}");
    assert_eq!(line["before_move"], true, "{email} is asked again");
    let rsvp = test.client.get(&format!("/api/v1/rsvps/{}", token(link))).expect(200).await.json();
    assert_eq!((rsvp["answer"].clone(), rsvp["seat"].clone()), said, "{email}: {rsvp}");

    let calendar = feed(test, &own_feed(test, email).await).await;
    let [of_january, of_february] =
        mails.map(|mail| entry(&calendar, &uid(mail)).unwrap_or_else(|| panic!("{email} lost an entry")));
    assert_eq!(start_and_state(of_january), MOVED, "{email}");
    assert_eq!(start_and_state(of_february), CANCELLED, "{email}");
    let words: &[&str] = match (answer, seat) {
        ("no", _) => &["Réponse enregistrée : non."],
        (_, "confirmed") => &["Réponse enregistrée : oui."],
        _ => &["Réponse enregistrée : oui.", "votre oui est sur la liste"],
    };
    says(of_january.value("DESCRIPTION").expect("a description"), words);
    let taken = if seat == "confirmed" { "OPAQUE" } else { "TRANSPARENT" };
    assert_eq!(of_january.value("TRANSP"), Some(taken), "{email}: whether the hours are taken");
    let file = feed(test, &format!("{link}.ics")).await;
    assert_eq!(file.events(), [of_january], "{email}: the file is what the feed has");
}

async fn on_the_roster(test: &TestApp, event: &Value, email: &str) -> Value {
    let members = all(test, "/api/v1/members").await;
    let is_theirs = |member: &&Value| text(&member["emails"][0]["email"]).eq_ignore_ascii_case(email);
    let member = members.iter().find(is_theirs).expect("a member of that address");
    let lines = roster(test, event).await;
    let line = lines.into_iter().find(|line| line["member_id"] == member["id"]);
    line.unwrap_or_else(|| panic!("{email} is not on the roster"))
}

/// A member's private feed, as the mail with their links has it.
async fn own_feed(test: &TestApp, email: &str) -> String {
    test.mails().await;
    test.client.post("/link").form(&[("email", email)]).expect(200).await;
    let mails = test.mails().await;
    let mail = mails.iter().find(|mail| mail.to().eq_ignore_ascii_case(email)).expect("a mail with links");
    mail.link("/calendar/m/").expect("a feed")
}

fn uid(mail: &ReceivedMail) -> String {
    let (_, bytes) = mail.calendar().expect("an entry");
    calendars::read(&bytes).events()[0].value("UID").expect("a UID").to_owned()
}
