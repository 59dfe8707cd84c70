use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Contract, Exchange, coverage, deref, members};

const ID: &str = "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a01";

fn venue() -> Exchange {
    let contract = Contract::load();
    let example = &contract.document["components"]["schemas"]["Venue"]["examples"][0];
    Exchange {
        method: "PATCH".to_owned(),
        path: format!("/api/v1/venues/{ID}"),
        request_headers: headers(&[("Content-Type", "application/json"), ("If-Match", "\"7\"")]),
        request_body: json!({ "access_notes": "Sonner." }).to_string().into_bytes(),
        status: 200,
        response_headers: headers(&[("content-type", "application/json"), ("etag", "\"8\"")]),
        response_body: example.to_string(),
        ..Exchange::default()
    }
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn refused(exchange: &Exchange, because: &str) {
    let error = Contract::load().check(exchange).expect_err(because);
    assert!(error.contains(because), "{because:?} is not in: {error}");
}

#[test]
fn what_is_as_documented_passes() {
    assert_eq!(Contract::load().check(&venue()), Ok(()));
}

#[test]
fn each_departure_is_told() {
    refused(&Exchange { status: 418, ..venue() }, "status 418 is not documented");
    refused(&Exchange { query: "colour=red".to_owned(), ..venue() }, "colour is not documented");
    refused(&Exchange { path: "/api/v1/venues/nine".to_owned(), ..venue() }, "path parameter id");
    refused(&Exchange { path: "/api/v1/rooms".to_owned(), ..venue() }, "no such operation");
    refused(
        &Exchange { request_headers: headers(&[("Content-Type", "application/json")]), ..venue() },
        "If-Match is missing",
    );
    refused(&Exchange { request_body: br#"{"seats":3}"#.to_vec(), ..venue() }, "seats");
    refused(&Exchange { request_body: Vec::new(), ..venue() }, "no body");
    refused(
        &Exchange { response_headers: headers(&[("content-type", "application/json")]), ..venue() },
        "ETag is missing",
    );
    refused(
        &Exchange {
            response_headers: headers(&[("content-type", "text/html"), ("etag", "\"8\"")]),
            ..venue()
        },
        "text/html",
    );
    let late = venue().response_body.replace("2026-12-01T08:00:00Z", "1 December");
    refused(&Exchange { response_body: late, ..venue() }, "date-time");
}

#[test]
fn a_wrong_request_on_purpose_has_its_response_checked_only() {
    let problem = json!({ "type": "/problems/invalid", "title": "Not valid", "status": 422, "detail": "Nothing was changed.",
        "errors": [{ "pointer": "/seats", "detail": "There is no such field." }] });
    let wrong = Exchange {
        request_body: br#"{"seats":3}"#.to_vec(),
        status: 422,
        response_headers: headers(&[("content-type", "application/problem+json")]),
        response_body: problem.to_string(),
        wrong_on_purpose: true,
        ..venue()
    };
    assert_eq!(Contract::load().check(&wrong), Ok(()));
    refused(&Exchange { response_body: "{}".to_owned(), ..wrong }, "title");
}

#[test]
fn the_nearest_path_is_found() {
    let template =
        |path: &str| Contract::load().find("GET", path).map(|(operation, _)| operation.template.as_str());
    assert_eq!(template("/calendar.ics"), Some("/calendar.ics"));
    assert_eq!(template("/calendar/retex.ics"), Some("/calendar/{format}.ics"));
    assert_eq!(template("/calendar/m/abc.ics"), Some("/calendar/m/{token}.ics"));
    assert_eq!(template("/r/abc.ics"), Some("/r/{token}.ics"));
    assert_eq!(template("/r/abc"), None);
    assert!(!Contract::load().covers("GET", "/u/abc"));
    assert!(Contract::load().covers("POST", "/u/abc"));
}

#[test]
fn a_form_is_read_as_its_fields() {
    let page = Exchange {
        method: "POST".to_owned(),
        path: "/u/abc".to_owned(),
        request_headers: headers(&[("Content-Type", "application/x-www-form-urlencoded")]),
        request_body: b"List-Unsubscribe=One-Click".to_vec(),
        status: 200,
        response_headers: headers(&[
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
        ]),
        response_body: "<!doctype html>".to_owned(),
        ..Exchange::default()
    };
    assert_eq!(Contract::load().check(&page), Ok(()));
    refused(&Exchange { request_body: b"List-Unsubscribe=Maybe".to_vec(), ..page }, "One-Click");
}

/// The examples that readers copy are true to their own schemas.
#[test]
fn every_schema_compiles_and_takes_its_examples() {
    let contract = Contract::load();
    for (name, schema) in members(&contract.document["components"]["schemas"]) {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_eq!(contract.schemas.mistakes(&reference, example), Vec::<String>::new(), "{name}");
        }
        contract.schemas.mistakes(&reference, &Value::Null);
    }
}

#[test]
fn an_evening_shown_to_strangers_holds_no_address() {
    let contract = Contract::load();
    let seen = json!({ "$ref": "#/components/schemas/EventSeen" });
    let mut event = contract.document["components"]["schemas"]["Event"]["examples"][0].clone();
    assert_eq!(contract.schemas.mistakes(&seen, &event), Vec::<String>::new());
    for field in ["access_notes", "online_url", "questions", "own_fields", "missing", "moved_by_hand"] {
        event.as_object_mut().unwrap().remove(field);
    }
    event["speakers"] = json!([{ "name": "Zoé Durand" }]);
    assert!(!contract.schemas.mistakes(&seen, &event).is_empty(), "the address is still there");
    event.as_object_mut().unwrap().remove("address");
    assert_eq!(contract.schemas.mistakes(&seen, &event), Vec::<String>::new());
}

#[test]
fn what_no_test_met_is_listed() {
    let contract = Contract::load();
    let all = contract
        .operations()
        .iter()
        .flat_map(|o| o.statuses.iter().map(|s| format!("{} {} {s}", o.method, o.template)));
    let mut met: BTreeSet<String> = all.collect();
    assert_eq!(coverage::unmet(contract, &met), Vec::<String>::new());
    met.remove("DELETE /api/v1/events/{id} 409");
    met.retain(|line| !line.ends_with(" 413"));
    assert_eq!(coverage::unmet(contract, &met), ["(any) 413", "DELETE /api/v1/events/{id} 409"]);
}

/// Every operation says what every operation must say.
#[test]
fn operations_are_complete() {
    let contract = Contract::load();
    for operation in contract.operations() {
        let name = format!("{} {}", operation.method, operation.template);
        let has = |status: u16| operation.statuses.contains(&status);
        assert!(!operation.secured || has(401) && has(429), "{name}");
        assert_eq!(!operation.request_types.is_empty(), has(413) && has(415), "{name}");
        assert_eq!(operation.method == "PATCH", has(412) && has(428), "{name}");
        assert!(!operation.template.contains('{') || has(404), "{name}");
        for (status, response) in members(&operation.value["responses"]) {
            assert!(deref(&contract.document, response)["description"].is_string(), "{name} {status}");
        }
    }
}

#[test]
fn every_operation_says_that_it_may_fail() {
    for operation in Contract::load().operations() {
        let fault = &operation.value["responses"]["default"]["$ref"];
        assert_eq!(fault, "#/components/responses/Fault", "{} {}", operation.method, operation.template);
    }
}
