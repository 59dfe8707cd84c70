//! Evenings through the JSON API: planned, changed, published, moved, cancelled, and who sees what of them.

mod lists;
mod moves;
mod stages;
mod times;
mod views;

use mensuel_tests::{TestApp, app::id};
use serde_json::{Value, json};

/// Where an evening is.
pub fn path(event: &Value) -> String {
    format!("/api/v1/events/{}", id(event))
}

pub async fn read(app: &TestApp, event: &Value) -> Value {
    app.get(&path(event)).expect(200).await.json()
}

/// An open discussion, which needs nobody, planned for an evening at 19:00 in Paris.
pub async fn discussion(app: &TestApp, day: &str, with: Value) -> Value {
    let mut body = json!({
        "starts_at": format!("{day}T19:00"), "time_zone": "Europe/Paris", "format": "open_discussion",
        "title": format!("Discussion du {day}"), "venue": "Canut Studio",
        "address": "8 place des Terreaux, 69001 Lyon"
    });
    for (key, value) in with.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    app.create("/api/v1/events", body).await
}
