//! The contract, `openapi.yaml`, held against what was really said.
//!
//! Every request and response of every test passes through [`Contract::check`]. A status that is
//! not documented is a failure of the test that met it; a documented status that no test met is a
//! failure of the suite ([`coverage`]).

pub mod coverage;
mod exchange;
mod path;
mod schema;

use std::sync::OnceLock;

use serde_json::Value;

pub use exchange::Exchange;
use path::fits;
use schema::Schemas;

const TEXT: &str = include_str!("../../openapi.yaml");
const METHODS: [&str; 6] = ["get", "head", "post", "put", "patch", "delete"];

/// `openapi.yaml`, read once.
pub struct Contract {
    document: Value,
    operations: Vec<Operation>,
    schemas: Schemas,
}

/// One method of one path template.
#[derive(Clone, Debug)]
pub struct Operation {
    /// In upper case.
    pub method: String,
    /// As in the contract: `/api/v1/events/{id}`.
    pub template: String,
    /// Every documented status, in order.
    pub statuses: Vec<u16>,
    /// Whether an anonymous caller is refused.
    pub secured: bool,
    /// The types of body it takes; none when it takes no body.
    pub request_types: Vec<String>,
    /// The first example of its JSON body.
    pub example_body: Option<Value>,
    parameters: Vec<Parameter>,
    body_required: bool,
    value: Value,
}

#[derive(Clone, Debug)]
struct Parameter {
    name: String,
    place: String,
    required: bool,
    schema: Value,
}

impl Contract {
    /// The contract of this source tree.
    pub fn load() -> &'static Contract {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| Contract::read(TEXT))
    }

    fn read(text: &str) -> Self {
        let document: Value = serde_norway::from_str(text).expect("openapi.yaml is YAML");
        let schemas = Schemas::new(&document);
        let operations = operations(&document);
        Self { document, operations, schemas }
    }

    /// Every (method in upper case, path template), in the order of the document.
    pub fn paths(&self) -> Vec<(String, String)> {
        let pair = |o: &Operation| (o.method.clone(), o.template.clone());
        self.operations.iter().map(pair).collect()
    }

    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Whether this is an address of the contract, as pages are not.
    pub fn covers(&self, method: &str, path: &str) -> bool {
        let known = |o: &Operation| o.method == method && fits(&o.template, path).is_some();
        path.starts_with("/api/v1/") || self.operations.iter().any(known)
    }

    /// Holds one exchange against the contract and notes the status that was met.
    ///
    /// # Errors
    /// Every way in which the exchange is not as documented, one a line.
    pub fn check(&self, exchange: &Exchange) -> Result<(), String> {
        let mut wrong = Vec::new();
        match self.find(&exchange.method, &exchange.path) {
            Some((operation, values)) => {
                if !exchange.wrong_on_purpose {
                    self.request(operation, &values, exchange, &mut wrong);
                }
                self.response(operation, exchange, &mut wrong);
                coverage::note(operation, exchange.status);
            }
            None => self.unknown(exchange, &mut wrong),
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let first = format!("{} {} answered {}", exchange.method, exchange.path, exchange.status);
        Err(format!("{first}, and against openapi.yaml:\n  {}", wrong.join("\n  ")))
    }

    /// The operation of a path and the values of its template; the template with the fewest
    /// variables wins. HEAD is GET without the body.
    pub fn find(&self, method: &str, path: &str) -> Option<(&Operation, Vec<(String, String)>)> {
        let fitting = |o| fits_method(o, method, path).map(|values| (o, values));
        let found = self.operations.iter().filter_map(fitting).min_by_key(|(_, values)| values.len());
        if found.is_none() && method == "HEAD" { self.find("GET", path) } else { found }
    }

    /// An address outside the contract may be asked for on purpose, and is then refused.
    fn unknown(&self, exchange: &Exchange, wrong: &mut Vec<String>) {
        let path_known = |o: &Operation| fits(&o.template, &exchange.path).is_some();
        let expected = if self.operations.iter().any(path_known) { 405 } else { 404 };
        if !exchange.wrong_on_purpose {
            wrong.push("there is no such operation".to_owned());
        } else if exchange.status != expected {
            wrong.push(format!("there is no such operation, so {expected} was expected"));
        } else if exchange.path.starts_with("/api/") && exchange.method != "HEAD" {
            self.body_against(&problem_schema(), "the response", exchange.response_json(), wrong);
        }
    }

    fn request(
        &self,
        operation: &Operation,
        values: &[(String, String)],
        exchange: &Exchange,
        wrong: &mut Vec<String>,
    ) {
        let query = exchange.query_pairs();
        for parameter in &operation.parameters {
            let given: Vec<&str> = match parameter.place.as_str() {
                "path" => named(values, &parameter.name),
                "query" => named(&query, &parameter.name),
                _ => exchange.request_header(&parameter.name).into_iter().collect(),
            };
            self.parameter(parameter, &given, wrong);
        }
        for (name, _) in &query {
            let known = |p: &Parameter| p.place == "query" && p.name == *name;
            if !operation.parameters.iter().any(known) {
                wrong.push(format!("the query parameter {name} is not documented"));
            }
        }
        self.request_body(operation, exchange, wrong);
    }

    fn parameter(&self, parameter: &Parameter, given: &[&str], wrong: &mut Vec<String>) {
        let what = format!("the {} parameter {}", parameter.place, parameter.name);
        match given {
            [] if parameter.required => wrong.push(format!("{what} is missing")),
            [] => {}
            [text] => self.body_against(
                &parameter.schema,
                &what,
                Ok(read_as(&parameter.schema, &self.document, text)),
                wrong,
            ),
            _ => wrong.push(format!("{what} is given more than once")),
        }
    }

    fn request_body(&self, operation: &Operation, exchange: &Exchange, wrong: &mut Vec<String>) {
        if exchange.request_body.is_empty() {
            if operation.body_required {
                wrong.push("the request has no body".to_owned());
            }
            return;
        }
        let Some(media) = exchange.request_type() else {
            return wrong.push("the request has a body without a type".to_owned());
        };
        let content = &operation.value["requestBody"]["content"];
        let Some(entry) = content.get(&media) else {
            return wrong.push(format!("a request body of type {media} is not documented"));
        };
        if media != "multipart/form-data" {
            self.body_against(&entry["schema"], "the request", exchange.request_value(&media), wrong);
        }
    }

    fn response(&self, operation: &Operation, exchange: &Exchange, wrong: &mut Vec<String>) {
        let responses = &operation.value["responses"];
        // A fault of the database or of ours is documented once, for tests that make one on purpose.
        let fault = responses.get("default").filter(|_| exchange.wrong_on_purpose && exchange.status >= 500);
        let Some(response) = responses.get(exchange.status.to_string()).or(fault) else {
            let seen = exchange.response_body.chars().take(600).collect::<String>();
            return wrong.push(format!("the status {} is not documented; it said: {seen}", exchange.status));
        };
        let response = deref(&self.document, response);
        self.response_headers(response, exchange, wrong);
        self.response_body(response, exchange, wrong);
    }

    fn response_headers(&self, response: &Value, exchange: &Exchange, wrong: &mut Vec<String>) {
        for (name, header) in members(&response["headers"]) {
            let header = deref(&self.document, header);
            match exchange.response_header(name) {
                Some(text) => {
                    let value = read_as(&header["schema"], &self.document, text);
                    self.body_against(&header["schema"], &format!("the header {name}"), Ok(value), wrong);
                }
                None if header["required"] == true => wrong.push(format!("the header {name} is missing")),
                None => {}
            }
        }
    }

    fn response_body(&self, response: &Value, exchange: &Exchange, wrong: &mut Vec<String>) {
        let Some(content) = response["content"].as_object() else {
            if !exchange.response_body.is_empty() {
                wrong.push("a body came where none is documented".to_owned());
            }
            return;
        };
        let media = exchange.response_type().unwrap_or_default();
        let Some(entry) = content.get(&media) else {
            return wrong.push(format!("a response of type {media:?} is not documented"));
        };
        if exchange.method == "HEAD" {
            if !exchange.response_body.is_empty() {
                wrong.push("a body came in answer to HEAD".to_owned());
            }
        } else if media.ends_with("json") {
            self.body_against(&entry["schema"], "the response", exchange.response_json(), wrong);
        } else {
            let text = Ok(Value::String(exchange.response_body.clone()));
            self.body_against(&entry["schema"], "the response", text, wrong);
        }
    }

    fn body_against(
        &self,
        schema: &Value,
        what: &str,
        value: Result<Value, String>,
        wrong: &mut Vec<String>,
    ) {
        match value {
            Ok(value) => wrong
                .extend(self.schemas.mistakes(schema, &value).into_iter().map(|m| format!("{what}: {m}"))),
            Err(error) => wrong.push(format!("{what}: {error}")),
        }
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (template, path) in members(&document["paths"]) {
        for method in METHODS {
            if let Some(value) = path.get(method) {
                all.push(operation(document, template, path, method, value));
            }
        }
    }
    all
}

fn operation(document: &Value, template: &str, path: &Value, method: &str, value: &Value) -> Operation {
    let shared = path["parameters"].as_array().into_iter().flatten();
    let own = value["parameters"].as_array().into_iter().flatten();
    let security = value.get("security").unwrap_or(&document["security"]);
    let anonymous =
        |entries: &Vec<Value>| entries.is_empty() || entries.iter().any(|e| members(e).next().is_none());
    let content = &value["requestBody"]["content"];
    Operation {
        method: method.to_uppercase(),
        template: template.to_owned(),
        statuses: members(&value["responses"]).filter_map(|(status, _)| status.parse().ok()).collect(),
        secured: !security.as_array().is_none_or(anonymous),
        request_types: members(content).map(|(media, _)| media.clone()).collect(),
        example_body: deref(document, &content["application/json"]["schema"])["examples"].get(0).cloned(),
        parameters: shared.chain(own).map(|p| parameter(deref(document, p))).collect(),
        body_required: value["requestBody"]["required"] == true,
        value: value.clone(),
    }
}

fn parameter(value: &Value) -> Parameter {
    let text = |name: &str| value[name].as_str().expect("a parameter has a name and a place").to_owned();
    Parameter {
        name: text("name"),
        place: text("in"),
        required: value["required"] == true,
        schema: value["schema"].clone(),
    }
}

fn problem_schema() -> Value {
    serde_json::json!({ "$ref": "#/components/schemas/Problem" })
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn deref<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(target) => {
            let pointer = target.trim_start_matches('#');
            deref(document, document.pointer(pointer).expect("a $ref points at something"))
        }
        None => value,
    }
}

fn named<'a>(pairs: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let this = pairs.iter().filter(|(n, _)| n == name);
    this.map(|(_, value)| value.as_str()).collect()
}

/// A parameter or header is text on the wire; its schema says what it stands for.
fn read_as(schema: &Value, document: &Value, text: &str) -> Value {
    match deref(document, schema)["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
        _ => text.into(),
    }
}

fn fits_method(operation: &Operation, method: &str, path: &str) -> Option<Vec<(String, String)>> {
    if operation.method == method { fits(&operation.template, path) } else { None }
}

#[cfg(test)]
mod tests;
