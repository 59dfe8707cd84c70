//! `/`: the season, as the community set it.

use mensuel_tests::TestApp;
use serde_json::json;

use crate::{
    feeds::{feed, own_feed},
    scene::{Evening, never_says, read, says},
    series::series,
};

#[tokio::test]
async fn dates_of_which_nothing_is_announced_are_hidden_where_the_community_says_so() {
    let shown = Evening::with(1, json!({})).await;
    series(&shown.app, json!({ "from": "2027-02" })).await;
    says(&read(&shown.app.client.get("/").expect(200).await), &["date retenue", "relâche"]);
    assert!(feed(&shown.app, "/calendar.ics").await.events().len() > 5);

    let app = TestApp::start_with(&[("MENSUEL_HELD_DATES", "hidden")]).await;
    let hidden = Evening::of(app, 1, json!({})).await;
    series(&hidden.app, json!({ "from": "2027-02" })).await;
    let season = hidden.app.client.get("/").expect(200).await;
    says(&read(&season), &["Sortir d'un monolithe", "La suite n’est pas encore fixée."]);
    // A month whose date is hidden is none without an evening.
    never_says(&read(&season), &["date retenue", "relâche", "Saison 2027-2028"]);
    for path in ["/calendar.ics".to_owned(), own_feed(&hidden, 0).await] {
        let calendar = feed(&hidden.app, &path).await;
        let entries = calendar.events();
        assert_eq!(entries.len(), 1, "{path}");
        says(entries[0].value("SUMMARY").unwrap(), &["monolithe"]);
    }
    let held = hidden.app.get("/api/v1/events?stage=held").expect(200).await.json();
    assert!(held["items"].as_array().unwrap().len() > 5, "organizers see them");
}

#[tokio::test]
async fn a_season_begins_in_the_month_that_the_community_says() {
    let app = TestApp::start_with(&[("MENSUEL_SEASON_BEGINS", "1")]).await;
    series(&app, json!({ "from": "2027-01" })).await;
    let season = app.client.get("/").expect(200).await;
    says(&read(&season), &["Saison 2026", "Saison 2027"]);
    let next = app.client.get("/?season=2027").expect(200).await;
    says(&read(&next), &["janvier", "décembre"]);
    never_says(&read(&next), &["Saison 2027-2028"]);
}

/// PostgreSQL takes no NUL in a text.
#[tokio::test]
async fn an_address_that_no_evening_can_have_is_not_looked_for() {
    let app = TestApp::start().await;
    for slug in ["%00", "a%00b", "2027-01-14%0a", "%F0%9F%98%80", "..%2F", "A"] {
        app.client.get(&format!("/events/{slug}")).expect(404).await;
        app.client.get(&format!("/events/{slug}.ics")).expect(404).await;
        app.client.get(&format!("/link?event={slug}")).expect(200).await;
        let form = [("email", "zoe@soie.example"), ("event", "a\u{0}b")];
        app.client.post("/link").form(&form).expect(200).await;
    }
    app.app.units.done().await;
    assert!(app.mails().await.is_empty());
}

/// The time box that nobody set is the one of the format, wherever it is told.
#[tokio::test]
async fn a_page_and_a_calendar_say_the_same_of_an_open_discussion() {
    let app = TestApp::start().await;
    let event = json!({
        "starts_at": "2027-01-14T19:00", "time_zone": "Europe/Paris", "format": "open_discussion",
        "title": "Ce qui casse", "summary": "On en parle.", "subjects": ["Les relais"],
        "venue": "Halle Tony", "address": "1 rue du Test, 69001 Lyon"
    });
    let event = app.create("/api/v1/events", event).await;
    let event = app.publish(&event, "none").await;
    let page = app.client.get(&format!("/events/{}", event["slug"].as_str().unwrap())).expect(200).await;
    says(&read(&page), &["7 minutes par sujet"]);
    let calendar = feed(&app, "/calendar.ics").await;
    says(calendar.events()[0].value("DESCRIPTION").unwrap(), &["7 minutes par sujet"]);
}
