//! JSON Schema (2020-12) as the contract uses it: references into the document, formats asserted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Registry, ValidationError, Validator};
use serde_json::{Value, json};

/// What the references of every schema are resolved against; nothing is ever fetched.
const BASE: &str = "https://contract.example/openapi";

/// The schemas of one document, each compiled when it is first needed.
pub(super) struct Schemas {
    registry: Registry,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Schemas {
    pub(super) fn new(document: &Value) -> Self {
        let components = json!({ "components": { "schemas": document["components"]["schemas"] } });
        let registry = Registry::options()
            .draft(Draft::Draft202012)
            .build([(BASE, Draft::Draft202012.create_resource(components))])
            .unwrap_or_else(|error| panic!("the schemas of openapi.yaml: {error}"));
        Self { registry, compiled: Mutex::default() }
    }

    /// Every way in which the value is not as the schema says.
    pub(super) fn mistakes(&self, schema: &Value, value: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        validator.iter_errors(value).flat_map(|error| explained(&error)).collect()
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = compiled.entry(schema.to_string());
        entry.or_insert_with(|| Arc::new(self.compile(schema))).clone()
    }

    fn compile(&self, schema: &Value) -> Validator {
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(self.registry.clone())
            .should_validate_formats(true)
            .build(&anchored(schema))
            .unwrap_or_else(|error| panic!("a schema of openapi.yaml: {error}"))
    }
}

/// The same schema with its references made absolute.
fn anchored(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| match (name.as_str(), value) {
                ("$ref", Value::String(target)) => (name.clone(), json!(format!("{BASE}{target}"))),
                _ => (name.clone(), anchored(value)),
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => items.iter().map(anchored).collect(),
        other => other.clone(),
    }
}

/// "Not any of these" helps nobody: say what the nearest of them misses.
fn explained(error: &ValidationError<'_>) -> Vec<String> {
    match &error.kind {
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            let nearest = context.iter().min_by_key(|errors| errors.len());
            nearest.into_iter().flatten().flat_map(explained).collect()
        }
        _ => {
            let text: String = error.to_string().chars().take(300).collect();
            vec![format!("at \"{}\": {text}", error.instance_path)]
        }
    }
}
