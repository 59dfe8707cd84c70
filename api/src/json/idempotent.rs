//! `Idempotency-Key`: the same key and request get the same answer, byte for byte; the same key
//! with another request gets 422. The key is taken in the transaction of the change, so that two
//! equal requests make one change; the answer is kept after it. Only success is remembered.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    http::{StatusCode, header},
    web::Bytes,
};
use mensuel_infra::store::idempotency::{self, Attempt, Remembered};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Answer;
use crate::{
    app::App,
    callers::{self, Organizer},
    problem::{Problem, Wrong},
    use_cases::{By, Failure, Refused},
};

const HEADER: &str = "Idempotency-Key";
/// How often, and after what pause, an answer is looked for that another request is writing.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Refuses the key where an answer would hold a secret.
pub fn refuse(req: &HttpRequest) -> Result<(), Problem> {
    match req.headers().get(HEADER) {
        Some(_) => Err(Problem::at(format!("/{HEADER}"), Wrong::KeyRefused)),
        None => Ok(()),
    }
}

/// Makes a change, or answers as the first time. `again` writes the answer anew from what the
/// change was about, where its text was lost to a crash.
pub async fn answer(
    req: &HttpRequest,
    organizer: Organizer,
    body: &Bytes,
    work: impl AsyncFnOnce(App, By) -> Answer,
    again: impl AsyncFnOnce(App, Uuid) -> Answer,
) -> Answer {
    let app = callers::app(req).clone();
    let Some(attempt) = attempt(req, organizer, body)? else {
        return work(app, organizer.by()).await;
    };
    if let Some(known) = known(&app, &attempt).await? {
        return replay(&app, &attempt, known, again).await;
    }
    match work(app.clone(), organizer.by_attempt(Some(attempt.clone()))).await {
        Err(Problem::Failure(Failure::Refused(Refused::KeyInUse))) => {
            let first = known(&app, &attempt).await?.ok_or(Refused::KeyInUse)?;
            replay(&app, &attempt, first, again).await
        }
        Ok(response) => remember(&app, &attempt, response).await,
        Err(problem) => Err(problem),
    }
}

fn attempt(req: &HttpRequest, organizer: Organizer, body: &Bytes) -> Result<Option<Attempt>, Problem> {
    let Some(field) = req.headers().get(HEADER) else {
        return Ok(None);
    };
    let visible = |key: &&str| (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let key = field.to_str().ok().filter(visible);
    let key = key.ok_or_else(|| Problem::at(format!("/{HEADER}"), Wrong::Key))?;
    Ok(Some(Attempt {
        caller: format!("token:{}", organizer.token),
        key: key.to_owned(),
        fingerprint: fingerprint(req, body),
    }))
}

/// SHA-256 of method, address and body, each ended by a line feed that an address cannot hold.
fn fingerprint(req: &HttpRequest, body: &Bytes) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{}\n{}\n", req.method(), req.uri()));
    hash.update(body);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn known(app: &App, attempt: &Attempt) -> Result<Option<Remembered>, Problem> {
    let known = idempotency::find(app.store.read(), attempt, app.now()).await?;
    match known {
        Some(known) if known.fingerprint != attempt.fingerprint => {
            Err(Problem::at(format!("/{HEADER}"), Wrong::KeyReused))
        }
        known => Ok(known),
    }
}

async fn replay(
    app: &App,
    attempt: &Attempt,
    mut first: Remembered,
    again: impl AsyncFnOnce(App, Uuid) -> Answer,
) -> Answer {
    for _ in 0..LOOKS {
        if let Some(answer) = &first.answer {
            return Ok(rebuilt(answer));
        }
        tokio::time::sleep(PAUSE).await;
        first = known(app, attempt).await?.ok_or(Refused::KeyInUse)?;
    }
    match (first.answer, first.subject) {
        (Some(answer), _) => Ok(rebuilt(&answer)),
        (None, Some(subject)) => {
            let response = again(app.clone(), subject).await?;
            remember(app, attempt, response).await
        }
        (None, None) => Err(Refused::KeyInUse.into()),
    }
}

/// The headers that are part of an answer.
#[derive(Default, Deserialize, Serialize)]
struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

/// The change stands whether or not its answer can be kept.
async fn remember(app: &App, attempt: &Attempt, response: HttpResponse) -> Answer {
    let (response, bytes) = taken_apart(response);
    let header = |name| response.headers().get(name).and_then(|field| field.to_str().ok()).map(str::to_owned);
    let headers = Headers { etag: header(header::ETAG), location: header(header::LOCATION) };
    let answer = idempotency::Answer {
        status: response.status().as_u16(),
        headers: serde_json::to_string(&headers).unwrap_or_default(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    if let Err(error) = idempotency::remember(&app.store, attempt, &answer).await {
        tracing::warn!(%error, "the answer to a request with an Idempotency-Key was not kept");
    }
    Ok(response.set_body(actix_web::body::BoxBody::new(bytes)))
}

fn taken_apart(response: HttpResponse) -> (HttpResponse<()>, Bytes) {
    let (response, body) = response.into_parts();
    let bytes = match body.size() {
        BodySize::None | BodySize::Sized(0) => Bytes::new(),
        BodySize::Sized(_) | BodySize::Stream => body.try_into_bytes().unwrap_or_default(),
    };
    (response, bytes)
}

fn rebuilt(answer: &idempotency::Answer) -> HttpResponse {
    let headers: Headers = serde_json::from_str(&answer.headers).unwrap_or_default();
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK));
    for (name, value) in [(header::ETAG, headers.etag), (header::LOCATION, headers.location)] {
        if let Some(value) = value {
            response.insert_header((name, value));
        }
    }
    response.content_type("application/json").body(answer.body.clone())
}
