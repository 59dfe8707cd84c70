//! Series through the JSON API: the dates they hold, and what a change of the rule does to them.

mod change;
mod growth;
mod split;

use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

use crate::asserts::items;

/// The second Thursday at 19:00 in Paris, as the season of the sample has it.
pub fn thursdays(with: Value) -> Value {
    let mut body = json!({
        "title": "Les soirées du jeudi",
        "rule": { "week": 2, "weekday": "thursday", "at": "19:00", "time_zone": "Europe/Paris", "duration": "PT2H30M" },
        "from": "2026-12", "skips": ["07", "08"],
        "moves": { "2027-05": "2027-05-20", "2027-11": "2027-11-18" }
    });
    for (key, value) in with.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

/// The third Tuesday at 18:30.
pub fn tuesday() -> Value {
    json!({ "week": 3, "weekday": "tuesday", "at": "18:30", "time_zone": "Europe/Paris", "duration": "PT2H30M" })
}

pub async fn series(app: &TestApp, with: Value) -> Value {
    app.create("/api/v1/series", thursdays(with)).await
}

pub fn path(series: &Value) -> String {
    format!("/api/v1/series/{}", id(series))
}

/// The days that have an evening, in order.
pub async fn days(app: &TestApp) -> Vec<String> {
    let evenings = items(app, "/api/v1/events?limit=200").await;
    evenings.as_array().unwrap().iter().map(day).collect()
}

pub fn day(evening: &Value) -> String {
    evening["starts_at"].as_str().unwrap()[..10].to_owned()
}

/// The evening of a day.
pub async fn on(app: &TestApp, day: &str) -> Value {
    let found = items(app, &format!("/api/v1/events?from={day}&to={day}")).await;
    assert_eq!(found.as_array().unwrap().len(), 1, "one evening on {day}: {found}");
    found[0].clone()
}

/// Makes the evening of a day an open discussion, which can be published.
pub async fn published(app: &TestApp, day: &str, invite: &str) -> Value {
    let evening = on(app, day).await;
    let change = json!({ "format": "open_discussion", "title": "Discussion", "online_url": "https://visio.example/d" });
    let answer = app.edit(&evening, change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    app.publish(&evening, invite).await
}

/// Changes a series as a whole, with the version that it has now.
pub async fn change(app: &TestApp, series: &Value, query: &str, body: Value) -> mensuel_tests::Answer {
    let etag = app.get(&path(series)).expect(200).await.etag();
    app.patch(&format!("{}{query}", path(series))).if_match(&etag).json(&body).send().await
}

/// The lines of a plan: action, month and day.
pub fn plan(plan: &Value) -> Vec<String> {
    let line = |change: &Value| {
        let text = |name: &str| change[name].as_str().unwrap_or("-").to_owned();
        assert!(text("detail").len() > 10, "a sentence: {change}");
        format!("{} {} {}", text("action"), text("month"), text("date"))
    };
    let mut lines: Vec<String> = plan["changes"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

/// The warnings of a plan or of dates: kind and month.
pub fn warnings(of: &Value) -> Vec<String> {
    let line = |warning: &Value| {
        assert!(warning["detail"].as_str().unwrap().len() > 10, "a sentence: {warning}");
        format!("{} {}", warning["kind"].as_str().unwrap(), warning["month"].as_str().unwrap())
    };
    of.as_array().unwrap().iter().map(line).collect()
}
