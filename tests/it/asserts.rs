//! What several tests say in the same words.

use mensuel_tests::{Answer, TestApp, app::ORGANIZER, mailbox::ReceivedMail};
use serde_json::{Value, json};

/// The pointers of a refusal, in order.
pub fn pointers(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let of = |mistake: &Value| mistake["pointer"].as_str().expect("a mistake has a pointer").to_owned();
    let mut all: Vec<String> = body["errors"].as_array().into_iter().flatten().map(of).collect();
    all.sort();
    all.dedup();
    all
}

/// It was refused as not valid, for exactly these places, each with a sentence.
pub fn invalid(answer: &Answer, expected: &[&str]) {
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(pointers(answer), expected, "{}", answer.text());
    for mistake in answer.json()["errors"].as_array().expect("a list of mistakes") {
        let sentence = mistake["detail"].as_str().expect("a sentence");
        assert!(sentence.len() > 5 && sentence.ends_with(['.', '?']), "no sentence: {sentence:?}");
    }
}

/// It was refused with this status and a sentence.
pub fn refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(answer.json()["detail"].as_str().is_some_and(|detail| detail.len() > 5), "{}", answer.text());
}

/// Everything that an organizer can see, to be compared before and after.
pub async fn everything(app: &TestApp) -> Value {
    let mut all = json!({});
    for list in ["events", "series", "members", "venues", "facts", "outbox", "api-tokens"] {
        all[list] = json!(pages(app, &format!("/api/v1/{list}"), 200).await);
    }
    all
}

/// The items of a list, which must fit one page.
pub async fn items(app: &TestApp, target: &str) -> Value {
    let page = app.get(target).expect(200).await.json();
    assert!(page["next"].is_null(), "{target} has more than one page");
    page["items"].clone()
}

/// One text of each item.
pub fn each(items: &Value, name: &str) -> Vec<String> {
    let of = |item: &Value| item[name].as_str().map_or_else(|| item[name].to_string(), str::to_owned);
    items.as_array().expect("a list").iter().map(of).collect()
}

/// All pages of a list, which each hold `limit` items at most, and the items in their order.
pub async fn pages(app: &TestApp, target: &str, limit: usize) -> Vec<Value> {
    let joined = if target.contains('?') { '&' } else { '?' };
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{target}{joined}limit={limit}{cursor}")).expect(200).await.json();
        let items = page["items"].as_array().expect("a list").clone();
        assert!(items.len() <= limit, "a page of {} items", items.len());
        all.extend(items);
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
        assert!(all.len() < 10_000, "the pages do not end");
    }
}

/// The signed part of the link by which one answers.
pub fn answer_token(mail: &ReceivedMail) -> String {
    let link = mail.link("/r/").unwrap_or_else(|| panic!("no link to answer in: {}", mail.text()));
    let tail = link.split("/r/").nth(1).expect("the link holds /r/");
    tail.split(['?', '.', '#']).next().expect("a first piece").to_owned()
}

/// The only mail to somebody.
pub fn only<'a>(mails: &'a [ReceivedMail], to: &str) -> &'a ReceivedMail {
    let theirs: Vec<&ReceivedMail> = mails.iter().filter(|mail| mail.to().eq_ignore_ascii_case(to)).collect();
    match theirs.as_slice() {
        [one] => one,
        several => panic!("{} mails to {to}, of {:?}", several.len(), recipients(mails)),
    }
}

/// Who got mail, in the order of the alphabet, the organizer of the tests aside, who follows everything.
pub fn recipients(mails: &[ReceivedMail]) -> Vec<String> {
    let mut all: Vec<String> = mails.iter().map(|mail| mail.to().to_owned()).collect();
    all.retain(|address| address != ORGANIZER);
    all.sort();
    all
}

/// Answers by the signed link.
pub async fn answer_by_link(app: &TestApp, token: &str, body: Value) -> Answer {
    app.client.put(&format!("/api/v1/rsvps/{token}")).json(&body).send().await
}

/// An organizer says yes for a member.
pub async fn yes(app: &TestApp, event: &Value, member: &Value) -> Value {
    on_behalf(app, event, member, json!({ "answer": "yes" })).await
}

/// An organizer answers for a member.
pub async fn on_behalf(app: &TestApp, event: &Value, member: &Value, body: Value) -> Value {
    let (event, member) = (mensuel_tests::app::id(event), mensuel_tests::app::id(member));
    app.put(&format!("/api/v1/events/{event}/rsvps/{member}")).json(&body).expect(200).await.json()
}

/// A member of the list of names that makes a community.
pub async fn people(app: &TestApp, names: &[&str]) -> Vec<Value> {
    let mut all = Vec::new();
    for name in names {
        let email = format!("{}@membres.example", name.to_lowercase());
        all.push(app.member(&format!("{name} Durand"), &email, json!({})).await);
    }
    all
}
