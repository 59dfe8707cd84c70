use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

use super::discussion;
use crate::asserts::{each, invalid, items, pages};

async fn season(app: &TestApp) -> Vec<Value> {
    let mut all = Vec::new();
    // Not in the order of their dates.
    for day in ["2027-05-13", "2027-01-14", "2027-04-08", "2027-02-11", "2027-03-11"] {
        all.push(discussion(app, day, json!({})).await);
    }
    all.sort_by_key(|event| event["starts_at"].as_str().unwrap().to_owned());
    all
}

#[tokio::test]
async fn evenings_are_listed_by_their_start_page_by_page() {
    let app = TestApp::start().await;
    let season = season(&app).await;
    // Two at one instant: the pages neither lose nor repeat one.
    for _ in 0..2 {
        discussion(&app, "2027-03-11", json!({})).await;
    }
    let whole = items(&app, "/api/v1/events").await;
    assert_eq!(whole.as_array().unwrap().len(), 7);
    for limit in [1, 2, 3, 7] {
        let paged = pages(&app, "/api/v1/events", limit).await;
        assert_eq!(each(&json!(paged), "id"), each(&whole, "id"), "in pages of {limit}");
    }
    let mut starts = each(&whole, "starts_at");
    starts.dedup();
    assert_eq!(starts, each(&json!(season), "starts_at"));
}

#[tokio::test]
async fn a_list_is_narrowed_by_day_format_and_stage() {
    let app = TestApp::start().await;
    let season = season(&app).await;
    let ids = |range: std::ops::Range<usize>| each(&json!(season[range]), "id");
    let listed = async |query: &str| each(&items(&app, &format!("/api/v1/events?{query}")).await, "id");
    assert_eq!(listed("from=2027-03-11").await, ids(2..5), "the first day is included");
    assert_eq!(listed("to=2027-03-11").await, ids(0..3), "and the last one");
    assert_eq!(listed("from=2027-02-12&to=2027-04-07").await, ids(2..3));
    assert_eq!(listed("from=2027-06-01").await, Vec::<String>::new());
    assert_eq!(listed("format=retex").await, Vec::<String>::new());
    app.edit(&season[0], json!({ "stage": "held" })).await;
    app.publish(&season[1], "none").await;
    assert_eq!(listed("stage=held").await, [id(&season[0])]);
    assert_eq!(listed("stage=published").await, [id(&season[1])]);
    assert_eq!(listed("stage=draft&format=open_discussion").await, ids(2..5));
}

#[tokio::test]
async fn an_evening_after_midnight_belongs_to_its_day_in_the_communitys_zone() {
    let app = TestApp::start().await;
    let late = json!({ "starts_at": "2027-02-11T18:30", "time_zone": "America/Montreal" });
    let event = app.create("/api/v1/events", late).await;
    assert_eq!(each(&items(&app, "/api/v1/events?from=2027-02-12").await, "id"), [id(&event)]);
    assert_eq!(items(&app, "/api/v1/events?to=2027-02-11").await, json!([]));
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let app = TestApp::start().await;
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=many", "/limit"),
        ("cursor=nonsense", "/cursor"),
        ("from=yesterday", "/from"),
        ("to=2027-02-30", "/to"),
        ("format=seminar", "/format"),
        ("stage=gone", "/stage"),
        ("colour=red", "/colour"),
    ] {
        let answer = app.get(&format!("/api/v1/events?{query}")).wrong().send().await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text());
        invalid(&answer, &[pointer]);
    }
    let page = app.get("/api/v1/events?limit=200").expect(200).await.json();
    assert_eq!(page, json!({ "items": [], "next": null }));
}
