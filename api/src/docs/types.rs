//! A schema in a few words, as HTML with links to the schemas it names.

use serde_norway::Value;

use super::document::{items, words};

/// `array of <a …>Person</a>`, `string (uuid) or null`, `yes | no | maybe`, with its limits.
pub(super) fn shown(schema: &Value) -> String {
    let kind = kind(schema);
    match limits(schema) {
        limits if limits.is_empty() => kind,
        limits => format!("{kind}, {}", limits.join(", ")),
    }
}

fn kind(schema: &Value) -> String {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return link(target);
    }
    if let Some(only) = schema.get("const") {
        return format!("<code>{}</code>", escaped(&json(only)));
    }
    if let Some(values) = schema.get("enum") {
        let values = items(values).map(|v| format!("<code>{}</code>", escaped(&json(v))));
        return values.collect::<Vec<_>>().join(" | ");
    }
    for (name, word) in [("oneOf", " or "), ("allOf", " and ")] {
        if let Some(parts) = schema.get(name).filter(|_| schema.get("properties").is_none()) {
            return items(parts).map(kind).collect::<Vec<_>>().join(word);
        }
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name.as_str()],
        several => items(several).filter_map(Value::as_str).collect(),
    };
    names.into_iter().map(|name| one(schema, name)).collect::<Vec<_>>().join(" or ")
}

fn one(schema: &Value, name: &str) -> String {
    match (name, schema["format"].as_str()) {
        ("array", _) => format!("array of {}", kind(&schema["items"])),
        ("string", Some(format)) => format!("string ({})", escaped(format)),
        _ => escaped(name),
    }
}

fn limits(schema: &Value) -> Vec<String> {
    let mut limits = Vec::new();
    let spans = [
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ];
    for (least, most, unit) in spans {
        match (schema.get(least), schema.get(most)) {
            (Some(least), Some(most)) => limits.push(format!("{} to {}{unit}", json(least), json(most))),
            (Some(least), None) => limits.push(format!("at least {}{unit}", json(least))),
            (None, Some(most)) => limits.push(format!("at most {}{unit}", json(most))),
            (None, None) => {}
        }
    }
    if let Some(pattern) = schema.get("pattern") {
        limits.push(format!("matching <code>{}</code>", escaped(&words(pattern))));
    }
    if let Some(default) = schema.get("default") {
        limits.push(format!("default <code>{}</code>", escaped(&json(default))));
    }
    limits
}

fn link(target: &str) -> String {
    let name = escaped(target.rsplit('/').next().unwrap_or_default());
    format!("<a href=\"#schema-{name}\">{name}</a>")
}

fn json(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string(other).expect("a schema holds plain data"),
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
