//! Reading a JSON body: its type, its size, its syntax. What it holds is for [`super::fields`].

use actix_web::{
    HttpRequest,
    http::header,
    web::{Bytes, Payload},
};
use serde_json::Value;

use crate::{http, problem::Problem};

const JSON: &str = "application/json";

/// A body that must be there.
pub async fn required(req: &HttpRequest, payload: Payload) -> Result<(Bytes, Value), Problem> {
    let bytes = http::bytes(payload).await?;
    check_type(req)?;
    let value = parse(&bytes)?;
    Ok((bytes, value))
}

/// A body that may be left out; then it is an empty object.
pub async fn optional(req: &HttpRequest, payload: Payload) -> Result<Value, Problem> {
    let bytes = http::bytes(payload).await?;
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    check_type(req)?;
    parse(&bytes)
}

fn check_type(req: &HttpRequest) -> Result<(), Problem> {
    let field = req.headers().get(header::CONTENT_TYPE).and_then(|field| field.to_str().ok());
    let media = field.and_then(|field| field.split(';').next()).map(str::trim);
    match media {
        Some(media) if media.eq_ignore_ascii_case(JSON) => Ok(()),
        Some(_) | None => Err(Problem::MediaType(JSON)),
    }
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::Malformed { line: error.line(), column: error.column() })
}
