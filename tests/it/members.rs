//! Members through the JSON API, and what follows when they come, follow, pause, leave or are forgotten.

mod addresses;
mod coming;
mod leaving;

use mensuel_tests::{Answer, TestApp, app::id};
use serde_json::Value;

pub fn path(member: &Value) -> String {
    format!("/api/v1/members/{}", id(member))
}

/// Changes a member, in the version of now.
pub async fn change(app: &TestApp, member: &Value, body: Value) -> Answer {
    let etag = app.get(&path(member)).expect(200).await.etag();
    app.patch(&path(member)).if_match(&etag).json(&body).send().await
}

/// As [`change`], and it must be taken.
pub async fn changed(app: &TestApp, member: &Value, body: Value) -> Value {
    let answer = change(app, member, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}
