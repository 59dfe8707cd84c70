//! A press of Accept in a calendar: one record with the page and the organizers.

use mensuel_tests::mail_in::Answered;
use serde_json::json;

use super::Inbox;
use crate::scene::{read, says};

/// Shape, answer, and how it is said on the page.
const CLIENTS: [(&str, &str, &str); 7] = [
    ("r01-gmail-accepted", "yes", "Vous venez."),
    ("r03-outlook365-accepted-no-organizer", "yes", "Vous venez."),
    ("r06-apple-macos-accepted", "yes", "Vous venez."),
    ("r08-icloud-noreply-on-behalf", "no", "Vous ne venez pas."),
    ("m16-thunderbird-declined", "no", "Vous ne venez pas."),
    ("m17-nextcloud-tentative", "maybe", "peut-être"),
    ("m18-file-only-by-name", "yes", "Vous venez."),
];

#[tokio::test]
async fn each_client_is_answered_once_and_seen_everywhere() {
    let inbox = Inbox::with(CLIENTS.len(), json!({ "capacity": 20 })).await;
    for (at, (shape, answer, page)) in CLIENTS.into_iter().enumerate() {
        let raw = inbox.invitation(at).shape(shape);
        let first = inbox.ends(raw.clone(), "applied", "recorded").await;
        assert_eq!(first["again"], false);
        let again = inbox.ends(raw, "applied", "recorded").await;
        assert_eq!((&again["again"], &again["id"]), (&json!(true), &first["id"]), "{shape}");
        let line = inbox.evening.line(inbox.person(at)).await;
        assert_eq!((&line["answer"], &line["channel"]), (&json!(answer), &json!("calendar")), "{shape}");
        let shown = inbox.app().client.get(&inbox.person(at).link).expect(200).await;
        says(&read(&shown), &[page]);
        let feed = private_feed(&inbox, at).await;
        assert!(feed.contains(own_words(answer)), "{shape}: {feed}");
    }
    // What is recorded as it was given gets no mail back.
    assert_eq!(inbox.app().mails().await.len(), 0);
    // The next mail says what is recorded.
    inbox
        .evening
        .change(json!({ "starts_at": "2027-01-21T19:00:00", "ends_at": "2027-01-21T21:30:00" }))
        .await;
    let moved = inbox.app().mails().await;
    for (at, (shape, answer, _)) in CLIENTS.into_iter().enumerate() {
        let mail = moved.iter().find(|mail| mail.to() == inbox.person(at).email).expect("each is told");
        assert!(mail.text().replace('\u{a0}', " ").contains(own_words(answer)), "{shape}: {}", mail.text());
    }
    inbox.app().check_counters().await;
}

async fn private_feed(inbox: &Inbox, at: usize) -> String {
    let person = inbox.person(at);
    inbox.app().client.post("/link").form(&[("email", &person.email)]).send().await;
    let mails = inbox.app().mails().await;
    let links = mails.iter().find(|mail| mail.to() == person.email).expect("a mail with the links");
    let feed = links.link("/calendar/m/").expect("the private calendar");
    let path = feed.trim_start_matches("https://soirees.lugdunum.example");
    inbox.app().client.get(path).expect(200).await.text().replace("\r\n ", "").replace('\u{a0}', " ")
}

/// What the private feed and each mail say of an answer.
fn own_words(answer: &str) -> &'static str {
    match answer {
        "yes" => "Réponse enregistrée : oui.",
        "maybe" => "Réponse enregistrée : peut-être.",
        _ => "Réponse enregistrée : non.",
    }
}

#[tokio::test]
async fn addresses_and_uids_in_any_case_and_an_alias_are_the_members_own() {
    let inbox = Inbox::with(3, json!({})).await;
    let shouted = inbox.invitation(0);
    let attendee = format!("MAILTO:{}", shouted.address.to_uppercase());
    let uid = shouted.uid.to_uppercase();
    inbox.ends(shouted.reply("ACCEPTED").attendee(&attendee).uid(&uid).mail(), "applied", "recorded").await;
    assert_eq!(inbox.stands(0).await.0, "yes");

    let emails = json!([{ "email": inbox.person(1).email }, { "email": "zoe@home.example" }]);
    inbox.evening.change_member(inbox.person(1), json!({ "emails": emails })).await;
    let alias = inbox.invitation(1).reply("DECLINED").attendee("mailto:zoe@home.example");
    inbox.ends(alias.mail(), "applied", "recorded").await;
    assert_eq!(inbox.stands(1).await.0, "no");

    // The sender proves nothing either way.
    let other_sender = inbox.invitation(2).reply("TENTATIVE").from("noreply@cloud.example");
    inbox.ends(other_sender.mail(), "applied", "recorded").await;
    assert_eq!(inbox.stands(2).await.0, "maybe");
}

/// Apple's calendar answers by the account that its owner chose for it, which need not be the one that
/// was invited: whose answer it is, the UID and the attendee say.
#[tokio::test]
async fn an_answer_of_apples_calendar_counts_whatever_address_it_is_sent_from() {
    let inbox = Inbox::with(1, json!({})).await;
    let own = format!("<{}>", inbox.person(0).email);
    let raw = inbox.invitation(0).shape("r06-apple-macos-accepted").replace(&own, "<zoe@icloud.example>");
    inbox.ends(raw, "applied", "recorded").await;
    assert_eq!(inbox.filed().await[0]["from"], "zoe@icloud.example");
    assert_eq!(inbox.stands(0).await, (json!("yes"), json!("confirmed")));
    // What it was sent from is nobody's address by that.
    let member = inbox.app().get(&format!("/api/v1/members/{}", inbox.person(0).id)).expect(200).await.json();
    assert_eq!(member["emails"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_newest_answer_wins_across_channels() {
    let inbox = Inbox::with(1, json!({})).await;
    let invitation = inbox.invitation(0);
    let app = inbox.app();
    app.clock.set("2026-12-01T12:00:00Z".parse().unwrap());
    inbox.ends(invitation.reply("ACCEPTED").at("20261201T115000Z").mail(), "applied", "recorded").await;
    // An earlier press that was delayed on its way.
    inbox
        .ends(invitation.reply("DECLINED").at("20261201T113000Z").mail(), "ignored", "older_than_reply")
        .await;
    assert_eq!(inbox.stands(0).await.0, "yes");
    // The page, later than the calendar.
    app.clock.set("2026-12-01T13:00:00Z".parse().unwrap());
    inbox.evening.stay_away(inbox.person(0)).await;
    inbox
        .ends(invitation.reply("ACCEPTED").at("20261201T124900Z").mail(), "ignored", "older_than_answer")
        .await;
    assert_eq!(inbox.stands(0).await.0, "no");
    // Within ten minutes clocks may differ: the later commit wins.
    inbox.ends(invitation.reply("ACCEPTED").at("20261201T125100Z").mail(), "applied", "recorded").await;
    assert_eq!(inbox.stands(0).await.0, "yes");
    // A clock that runs ahead is not believed: the next true answer still counts.
    inbox.ends(invitation.reply("TENTATIVE").at("20301201T000000Z").mail(), "applied", "recorded").await;
    app.clock.set("2026-12-01T14:00:00Z".parse().unwrap());
    inbox.ends(invitation.reply("DECLINED").at("20261201T140000Z").mail(), "applied", "recorded").await;
    assert_eq!(inbox.stands(0).await.0, "no");
}

#[tokio::test]
async fn an_answer_to_the_former_date_is_recorded_and_marked() {
    let inbox = Inbox::with(2, json!({ "capacity": 1 })).await;
    let (first, second) = (inbox.invitation(0), inbox.invitation(1));
    inbox.evening.come(inbox.person(0), 0).await;
    inbox.evening.come(inbox.person(1), 0).await;
    inbox.app().mails().await;
    inbox
        .evening
        .change(json!({ "starts_at": "2027-01-21T19:00:00", "ends_at": "2027-01-21T21:30:00" }))
        .await;
    let moved = inbox.app().mails().await;
    // Both pressed in the entry that they had before.
    inbox.app().clock.set("2026-12-01T10:00:00Z".parse().unwrap());
    inbox
        .ends(first.reply("DECLINED").at("20261201T100000Z").mail(), "applied", "recorded_before_move")
        .await;
    assert_eq!(inbox.evening.line(inbox.person(0)).await["before_move"], true);
    // A no frees the seat, and who waited gets it.
    assert_eq!(inbox.stands(1).await, (json!("yes"), json!("confirmed")));
    inbox.app().mails().await;
    // The entry of the move is answered: that is the answer of now.
    let of_move = moved.iter().find(|mail| mail.to() == inbox.person(1).email).expect("a mail of the move");
    let sequence = sequence(&of_move.calendar_text());
    assert!(sequence > 0);
    let now = second.reply("ACCEPTED").at("20261201T100000Z").sequence(sequence);
    inbox.ends(now.mail(), "applied", "recorded").await;
    assert_eq!(inbox.evening.line(inbox.person(1)).await["before_move"], false);
    assert_eq!(inbox.app().mails().await.len(), 0);
}

/// The room moves, not the evening: who accepts the entry of before did not accept the new address.
#[tokio::test]
async fn an_answer_to_the_former_address_of_the_venue_is_marked_too() {
    let inbox = Inbox::with(2, json!({ "capacity": 9 })).await;
    let before = inbox.invitation(0);
    inbox.ends(before.reply("ACCEPTED").mail(), "applied", "recorded").await;
    let app = inbox.app();
    app.mails().await;
    let venues = app.get("/api/v1/venues").expect(200).await.json();
    let venue = format!("/api/v1/venues/{}", venues["items"][0]["id"].as_str().unwrap());
    let etag = app.get(&venue).expect(200).await.etag();
    let elsewhere = json!({ "address": "8 rue de la Barre, 69002 Lyon" });
    app.patch(&venue).if_match(&etag).json(&elsewhere).expect(200).await;
    let moved = app.mails().await;
    app.clock.set("2026-12-01T10:00:00Z".parse().unwrap());
    let again = before.reply("ACCEPTED").at("20261201T100000Z");
    inbox.ends(again.mail(), "applied", "recorded_before_move").await;
    assert_eq!(inbox.evening.line(inbox.person(0)).await["before_move"], true);
    // The entry of the move is answered: that is the new place.
    let of_move = moved.iter().find(|mail| mail.to() == inbox.person(0).email).expect("a mail of the move");
    let sequence = sequence(&of_move.calendar_text());
    app.clock.set("2026-12-01T11:00:00Z".parse().unwrap());
    let now = before.reply("ACCEPTED").at("20261201T110000Z").sequence(sequence);
    inbox.ends(now.mail(), "applied", "recorded").await;
    assert_eq!(inbox.evening.line(inbox.person(0)).await["before_move"], false);
}

/// SEQUENCE of the first entry.
pub(super) fn sequence(calendar: &str) -> u32 {
    let line = calendar.lines().find_map(|line| line.strip_prefix("SEQUENCE:")).expect("a sequence");
    line.trim().parse().unwrap()
}

#[tokio::test]
async fn a_yes_that_finds_no_seat_is_corrected_in_the_calendar() {
    let inbox = Inbox::with(2, json!({ "capacity": 1 })).await;
    inbox.evening.come(inbox.person(0), 0).await;
    inbox.app().mails().await;
    inbox.ends(inbox.invitation(1).reply("ACCEPTED").mail(), "applied", "waitlisted").await;
    assert_eq!(inbox.stands(1).await, (json!("yes"), json!("waitlisted")));
    let mails = inbox.app().mails().await;
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert_eq!(mail.to(), inbox.person(1).email);
    let calendar = mail.calendar_text();
    assert!(calendar.contains("METHOD:REQUEST") && calendar.contains("PARTSTAT=TENTATIVE"), "{calendar}");
    let summary = calendar.lines().find(|line| line.starts_with("SUMMARY")).expect("a summary");
    assert!(summary.contains("iste d’attente"), "{summary}");
    assert_eq!(Answered::of(mail).uid, inbox.invitation(1).uid);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_changes_nothing_and_is_told() {
    let inbox = Inbox::with(2, json!({ "deadline": "2027-01-10T18:00:00+01:00" })).await;
    inbox.app().advance_to("2027-01-11T09:00:00Z".parse().unwrap()).await;
    inbox.app().mails().await;
    let late = inbox.invitation(0).reply("ACCEPTED").at("20270111T090000Z");
    inbox.ends(late.mail(), "ignored", "too_late").await;
    assert_eq!(inbox.evening.roster().await.iter().filter(|line| line["answer"] == "yes").count(), 0);
    let mails = inbox.app().mails().await;
    let [mail] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert!(mail.subject().starts_with("Réponse non enregistrée"), "{}", mail.subject());
    assert!(mail.text().contains("les désistements comptent encore"), "{}", mail.text());
    assert!(mail.calendar_text().contains("PARTSTAT=NEEDS-ACTION"));
    // Not coming still counts.
    let no = inbox.invitation(1).reply("DECLINED").at("20270111T090000Z");
    inbox.ends(no.mail(), "applied", "recorded").await;
    inbox.evening.cancel("Plus de salle").await;
    let cancelled = inbox.invitation(0).reply("ACCEPTED").at("20270111T090100Z");
    inbox.ends(cancelled.mail(), "ignored", "evening_cancelled").await;
}

#[tokio::test]
async fn a_calendar_that_accepts_by_itself_is_told_once() {
    let inbox = Inbox::with(1, json!({ "deadline": "2027-01-10T18:00:00+01:00" })).await;
    let app = inbox.app();
    app.advance_to("2027-01-11T09:00:00Z".parse().unwrap()).await;
    app.mails().await;
    let accepts = |at: &str| inbox.invitation(0).reply("ACCEPTED").at(at).mail();
    inbox.ends(accepts("20270111T090000Z"), "ignored", "too_late").await;
    assert_eq!(app.mails().await.len(), 1);
    // It answers what it was just told, and again two days later.
    inbox.ends(accepts("20270111T090001Z"), "ignored", "too_late").await;
    app.advance(chrono::TimeDelta::days(2)).await;
    inbox.ends(accepts("20270113T090000Z"), "ignored", "too_late").await;
    assert_eq!(app.mails().await.len(), 0);
    // Another answer was taken in between: that this one was not is news.
    inbox
        .ends(inbox.invitation(0).reply("DECLINED").at("20270113T090001Z").mail(), "applied", "recorded")
        .await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    inbox.ends(accepts("20270113T090100Z"), "ignored", "too_late").await;
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn a_yes_by_calendar_keeps_the_guests_that_were_named_on_the_web() {
    let inbox = Inbox::with(1, json!({ "max_guests": 2, "capacity": 9 })).await;
    inbox.evening.come(inbox.person(0), 2).await;
    inbox.app().clock.set("2026-12-01T10:00:00Z".parse().unwrap());
    inbox
        .ends(inbox.invitation(0).reply("ACCEPTED").at("20261201T100000Z").mail(), "applied", "recorded")
        .await;
    assert_eq!(inbox.evening.line(inbox.person(0)).await["guests"], 2);
    inbox.app().check_counters().await;
}

#[tokio::test]
async fn who_left_answers_nothing_any_more() {
    let inbox = Inbox::with(1, json!({})).await;
    inbox.evening.change_member(inbox.person(0), json!({ "status": "left" })).await;
    inbox.ends(inbox.invitation(0).reply("ACCEPTED").mail(), "ignored", "no_longer_invited").await;
}
