//! `openapi.yaml` taken apart into what the page shows.

use serde_norway::Value;

use super::prose::{inline, prose};
use super::types;

/// All that the page shows of the contract. Fields that hold HTML say so.
pub(super) struct Document {
    pub title: String,
    pub version: String,
    /// HTML.
    pub introduction: String,
    pub groups: Vec<Group>,
    pub schemas: Vec<Schema>,
}

/// The operations of one tag.
pub(super) struct Group {
    pub anchor: String,
    pub name: String,
    pub description: String,
    pub operations: Vec<Operation>,
}

pub(super) struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    /// HTML.
    pub summary: String,
    pub caller: Caller,
    pub parameters: Vec<Field>,
    pub bodies: Vec<Body>,
    pub responses: Vec<Response>,
    pub curl: String,
}

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Token,
    TokenOrAnybody,
    Anybody,
}

pub(super) struct Field {
    pub name: String,
    pub place: String,
    pub required: bool,
    /// HTML.
    pub kind: String,
    /// HTML.
    pub description: String,
}

pub(super) struct Body {
    pub media: String,
    /// HTML.
    pub kind: String,
}

pub(super) struct Response {
    pub status: String,
    pub description: String,
    pub headers: Vec<String>,
    pub bodies: Vec<Body>,
}

pub(super) struct Schema {
    pub name: String,
    /// HTML.
    pub description: String,
    /// HTML.
    pub kind: String,
    pub fields: Vec<Field>,
    pub example: Option<String>,
}

/// Takes the contract apart. It is compiled in, and a test reads it whole.
pub(super) fn read(text: &str) -> Document {
    let root: Value = serde_norway::from_str(text).expect("openapi.yaml is YAML");
    let info = &root["info"];
    Document {
        title: words(&info["title"]),
        version: words(&info["version"]),
        introduction: prose(&words(&info["description"])),
        groups: items(&root["tags"]).map(|tag| group(&root, tag)).collect(),
        schemas: members(&root["components"]["schemas"])
            .map(|(name, value)| schema(&root, name, value))
            .collect(),
    }
}

fn group(root: &Value, tag: &Value) -> Group {
    let name = words(&tag["name"]);
    let mut operations = Vec::new();
    for (path, of_path) in members(&root["paths"]) {
        for (method, value) in members(of_path).filter(|(_, value)| value.get("operationId").is_some()) {
            if items(&value["tags"]).any(|tag| tag.as_str() == Some(&name)) {
                operations.push(operation(root, path, of_path, method, value));
            }
        }
    }
    let anchor = name.to_lowercase().replace(' ', "-");
    Group { anchor, description: words(&tag["description"]), name, operations }
}

fn operation(root: &Value, path: &str, of_path: &Value, method: &str, value: &Value) -> Operation {
    let shared = items(&of_path["parameters"]);
    let own = items(&value["parameters"]);
    let parameters: Vec<&Value> = shared.chain(own).map(|p| deref(root, p)).collect();
    let caller = caller(root, value);
    Operation {
        id: words(&value["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: inline(&words(&value["summary"])),
        caller,
        curl: curl(root, method, path, &parameters, caller, &value["requestBody"]["content"]),
        parameters: parameters.into_iter().map(parameter).collect(),
        bodies: bodies(&value["requestBody"]["content"]),
        responses: members(&value["responses"]).map(|(s, r)| response(s, deref(root, r))).collect(),
    }
}

fn caller(root: &Value, operation: &Value) -> Caller {
    let security = operation.get("security").unwrap_or(&root["security"]);
    let anonymous = |entry: &Value| members(entry).next().is_none();
    match items(security).count() {
        0 => Caller::Anybody,
        _ if items(security).any(anonymous) => Caller::TokenOrAnybody,
        _ => Caller::Token,
    }
}

fn parameter(value: &Value) -> Field {
    Field {
        name: words(&value["name"]),
        place: words(&value["in"]),
        required: value["required"] == true,
        kind: types::shown(&value["schema"]),
        description: inline(&words(&value["description"])),
    }
}

fn bodies(content: &Value) -> Vec<Body> {
    let body = |(media, value): (&str, &Value)| Body {
        media: media.to_owned(),
        kind: types::shown(&value["schema"]),
    };
    members(content).map(body).collect()
}

fn response(status: &str, value: &Value) -> Response {
    Response {
        status: status.to_owned(),
        description: words(&value["description"]),
        headers: members(&value["headers"]).map(|(name, _)| name.to_owned()).collect(),
        bodies: bodies(&value["content"]),
    }
}

fn schema(root: &Value, name: &str, value: &Value) -> Schema {
    let mut fields = fields(root, value);
    fields.extend(items(&value["allOf"]).flat_map(|part| self::fields(root, part)));
    Schema {
        name: name.to_owned(),
        description: inline(&words(&value["description"])),
        kind: types::shown(value),
        fields,
        example: items(&value["examples"]).next().map(json),
    }
}

/// A field that says nothing itself is described by the schema that it names.
fn fields(root: &Value, object: &Value) -> Vec<Field> {
    let required = |name: &str| items(&object["required"]).any(|r| r.as_str() == Some(name));
    let field = |(name, value): (&str, &Value)| Field {
        name: name.to_owned(),
        place: String::new(),
        required: required(name),
        kind: types::shown(value),
        description: inline(&words(&deref(root, value)["description"])),
    };
    members(&object["properties"]).map(field).collect()
}

/// The call as it can be pasted into a shell that has `BASE` and `TOKEN`.
fn curl(
    root: &Value,
    method: &str,
    path: &str,
    parameters: &[&Value],
    caller: Caller,
    content: &Value,
) -> String {
    let mut lines = vec![match method {
        "get" => "curl".to_owned(),
        "head" => "curl --head".to_owned(),
        _ => format!("curl -X {}", method.to_uppercase()),
    }];
    let mut path = path.to_owned();
    for parameter in parameters {
        let (name, example) = (words(&parameter["name"]), words(&parameter["example"]));
        match words(&parameter["in"]).as_str() {
            "path" => {
                let example = if example.is_empty() {
                    "0193d0a6-5c00-7a31-9c4e-2f6b8d1e7a02".to_owned()
                } else {
                    example
                };
                path = path.replace(&format!("{{{name}}}"), &example);
            }
            "header" if !example.is_empty() => {
                lines.push(format!("-H {}", quoted(&format!("{name}: {example}"))))
            }
            _ => {}
        }
    }
    lines[0].push_str(&format!(" \"$BASE{path}\""));
    if caller == Caller::Token {
        lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    if let Some((media, value)) = members(content).next() {
        lines.extend(sent(root, media, &value["schema"]));
    }
    lines.join(" \\\n  ")
}

fn sent(root: &Value, media: &str, schema: &Value) -> Vec<String> {
    let Some(example) = items(&deref(root, schema)["examples"]).next() else {
        return Vec::new();
    };
    if media == "application/json" {
        return vec![
            format!("-H {}", quoted(&format!("Content-Type: {media}"))),
            format!("-d {}", quoted(&compact(example))),
        ];
    }
    let field = |(name, value): (&str, &Value)| format!("-d {}", quoted(&format!("{name}={}", words(value))));
    members(example).map(field).collect()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn compact(value: &Value) -> String {
    serde_json::to_string(value).expect("an example is plain data")
}

fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("an example is plain data")
}

pub(super) fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_sequence().into_iter().flatten()
}

pub(super) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let named = value.as_mapping().into_iter().flatten();
    named.filter_map(|(name, value)| name.as_str().map(|name| (name, value)))
}

fn deref<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let Some(target) = value.get("$ref").and_then(Value::as_str) else {
        return value;
    };
    let steps = target.trim_start_matches("#/").split('/');
    deref(root, steps.fold(root, |at, step| &at[step]))
}
