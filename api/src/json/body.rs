//! Reading a JSON body: its type, its size, its syntax. What it holds is for [`super::fields`].

use actix_web::{
    HttpRequest,
    http::header,
    web::{Bytes, Payload},
};
use serde_json::Value;

use crate::problem::Problem;

/// The largest body, in bytes.
pub const LIMIT: usize = 1_000_000;

const JSON: &str = "application/json";

/// A body that must be there.
pub async fn required(req: &HttpRequest, payload: Payload) -> Result<(Bytes, Value), Problem> {
    let bytes = bytes(payload).await?;
    check_type(req)?;
    let value = parse(&bytes)?;
    Ok((bytes, value))
}

/// A body that may be left out; then it is an empty object.
pub async fn optional(req: &HttpRequest, payload: Payload) -> Result<Value, Problem> {
    let bytes = bytes(payload).await?;
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    check_type(req)?;
    parse(&bytes)
}

/// The whole body, up to the limit.
pub async fn bytes(payload: Payload) -> Result<Bytes, Problem> {
    bytes_up_to(payload, LIMIT).await
}

/// The whole body, up to a limit of its own.
pub async fn bytes_up_to(payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The connection broke while the body came: nobody reads the answer.
        Ok(Err(_)) => Err(Problem::Malformed { line: 0, column: 0 }),
        Err(_) => Err(Problem::TooLarge),
    }
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
