use mensuel::csv_input::{self, Delimiter, Encoding};
use mensuel_domain::lang::Lang;
use mensuel_tests::TestApp;
use serde_json::json;

use super::{DRY, MEMBERS, REALLY, SKIPPING, counts, file, members, wrong};
use crate::{
    asserts::{each, everything, items, pages, people, recipients, yes},
    members::changed,
};

const HEADING: &str = "name,email,company,status";

#[tokio::test]
async fn two_hundred_and_forty_members_come_in_once_and_nobody_is_mailed() {
    let app = TestApp::start().await;
    let before = everything(&app).await;
    let planned = members(&app, MEMBERS, DRY).await;
    assert_eq!(counts(&planned), [240, 0, 0, 0]);
    assert!(!planned.carried_out);
    assert_eq!(everything(&app).await, before, "a dry run changes nothing");

    let report = members(&app, MEMBERS, REALLY).await;
    assert_eq!(counts(&report), [240, 0, 0, 0]);
    assert!(report.carried_out);
    assert_eq!(pages(&app, "/api/v1/members", 200).await.len(), 241);
    for (status, count) in [("active", 228), ("paused", 9), ("left", 4)] {
        assert_eq!(
            pages(&app, &format!("/api/v1/members?status={status}"), 100).await.len(),
            count,
            "{status}"
        );
    }
    let cedric = items(&app, "/api/v1/members?q=cedric.noel").await[0].clone();
    assert_eq!((&cedric["name"], &cedric["job_title"]), (&json!("Cédric Noël"), &json!("VP Engineering")));
    assert_eq!(
        (&cedric["company"], &cedric["member_since"]),
        (&json!("Soie Robotics"), &json!("2026-07-17"))
    );
    assert_eq!((&cedric["follows"], &cedric["roles"]), (&json!(["workshop", "retex"]), &json!([])));

    app.clock.advance(chrono::TimeDelta::hours(1));
    let before = pages(&app, "/api/v1/members", 200).await;
    let again = members(&app, MEMBERS, REALLY).await;
    assert_eq!(counts(&again), [0, 0, 240, 0]);
    assert_eq!(pages(&app, "/api/v1/members", 200).await, before, "not even the time of the last change");
    assert!(app.mails().await.is_empty());
    assert_eq!(items(&app, "/api/v1/outbox").await, json!([]));
}

#[tokio::test]
async fn a_wrong_line_changes_nothing_unless_wrong_lines_are_skipped() {
    let app = TestApp::start().await;
    let lines = [
        "Ana,ana@x.example,,",
        "Bob,bob,,",
        ",eve@x.example,,",
        "Ida,ANA@x.example,,",
        "Zoe,zoe@x.example,,gone",
        "Léa,lea@x.example,,",
    ];
    let bytes = file(HEADING, &lines);
    let before = everything(&app).await;
    let refused = members(&app, &bytes, REALLY).await;
    assert!(!refused.carried_out);
    assert_eq!(everything(&app).await, before);
    let told = wrong(&refused);
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5, 6]);
    assert!(told[0].1.contains("email") && told[3].1.contains("gone"), "{told:?}");

    let report = members(&app, &bytes, SKIPPING).await;
    assert_eq!(counts(&report), [2, 0, 0, 4]);
    assert!(report.carried_out);
    assert_eq!(each(&items(&app, "/api/v1/members?q=x.example").await, "name"), ["Ana", "Léa"]);
}

#[tokio::test]
async fn a_known_address_is_updated_in_any_case_and_an_empty_cell_says_nothing() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    changed(&app, &ana, json!({ "company": "Soie", "language": "en", "mail": { "invitations": false } }))
        .await;
    let report = members(&app, &file(HEADING, &["Ana Abel,ANA@Membres.example,,"]), REALLY).await;
    assert_eq!(counts(&report), [0, 1, 0, 0]);
    let after = items(&app, "/api/v1/members?q=ana%40").await[0].clone();
    assert_eq!(
        (&after["id"], &after["name"], &after["company"]),
        (&ana["id"], &json!("Ana Abel"), &json!("Soie"))
    );
    assert_eq!((&after["language"], &after["mail"]["invitations"]), (&json!("en"), &json!(false)));
    assert_eq!(after["emails"][0]["email"], "ana@membres.example");
}

#[tokio::test]
async fn nobody_is_revived_from_having_left() {
    let app = TestApp::start().await;
    let [ana] = people(&app, &["Ana"]).await.try_into().unwrap();
    changed(&app, &ana, json!({ "status": "left" })).await;
    let report = members(&app, &file(HEADING, &["Ana Durand,ana@membres.example,Soie,active"]), REALLY).await;
    assert_eq!(counts(&report)[3], 0);
    assert_eq!(report.lines[0].outcome, mensuel::use_cases::imports::Outcome::StaysAway);
    let after = items(&app, "/api/v1/members?q=ana%40").await[0].clone();
    assert_eq!((&after["status"], &after["company"]), (&json!("left"), &json!("Soie")));
}

#[tokio::test]
async fn who_is_said_to_have_left_frees_the_seat_and_the_promoted_is_the_only_one_told() {
    let app = TestApp::start().await;
    let [ana, bob, eve] = people(&app, &["Ana", "Bob", "Eve"]).await.try_into().unwrap();
    let event = app.retex(&ana, json!({ "capacity": 1 })).await;
    app.publish(&event, "followers").await;
    for member in [&bob, &eve] {
        yes(&app, &event, member).await;
    }
    app.mails().await;
    let lines = ["Bob Durand,bob@membres.example,,left", "Nouveau,nouveau@x.example,,active"];
    assert_eq!(counts(&members(&app, &file(HEADING, &lines), REALLY).await), [1, 1, 0, 0]);
    let mails = app.mails().await;
    assert_eq!(recipients(&mails), ["eve@membres.example"], "an import invites nobody");
    assert_eq!(app.seats(&event).await["confirmed"], 1);
    app.check_counters().await;
}

#[tokio::test]
async fn a_spreadsheets_file_is_read_as_it_was_meant() {
    let windows = b"\xC9milie;emilie@x.example;\xABSoie\xBB;active\n".to_vec();
    let semicolons = [b"name;email;company;status\n".to_vec(), windows].concat();
    let marked = ["\u{feff}".as_bytes(), &file(HEADING, &["\"Noël, Anaïs\",anais@x.example,,"])].concat();
    let app = TestApp::start().await;
    for (bytes, encoding, delimiter, name) in [
        (semicolons, Encoding::Windows1252, Delimiter::Semicolon, "Émilie"),
        (marked, Encoding::Utf8WithMark, Delimiter::Comma, "Noël, Anaïs"),
    ] {
        let sheet = csv_input::members(&bytes).expect("a table");
        assert_eq!((sheet.encoding, sheet.delimiter), (encoding, delimiter));
        assert_eq!(
            sheet.notes(Lang::Fr).len(),
            usize::from(encoding == Encoding::Windows1252),
            "a guess is said"
        );
        assert_eq!(counts(&members(&app, &bytes, REALLY).await), [1, 0, 0, 0]);
        let found = items(&app, "/api/v1/members?q=x.example").await;
        assert!(each(&found, "name").contains(&name.to_owned()), "{found}");
    }
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_with_a_sentence() {
    for (bytes, word) in [
        (b"".to_vec(), "empty"),
        (file("name,phone", &["Ana,1"]), "phone"),
        (file("name", &["Ana"]), "email"),
        (file("name,email,email", &["Ana,a@x.example,b@x.example"]), "email"),
        (file("name,email", &["\"Ana,a@x.example"]), "quote"),
    ] {
        let mistake = csv_input::members(&bytes).expect_err(word);
        assert!(mistake.sentence(Lang::En).contains(word), "{}", mistake.sentence(Lang::En));
        assert_ne!(mistake.sentence(Lang::Fr), mistake.sentence(Lang::En));
    }
}
