//! Addresses for those who run the service: health, readiness, the contract, what robots may read.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header};
use mensuel_infra::store::StoreError;
use tokio::time::timeout;

use crate::{
    callers, docs,
    problem::Problem,
    schema::{self, Schema},
};

/// A database that does not answer within this time is not reached.
const REACHED_WITHIN: Duration = Duration::from_secs(3);

pub async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

pub async fn ready(req: HttpRequest) -> Result<HttpResponse, Problem> {
    let store = &callers::app(&req).store;
    let look = async {
        store.ping().await?;
        schema::of(store.read()).await
    };
    let looked = timeout(REACHED_WITHIN, look).await;
    match looked.unwrap_or_else(|_| Err(StoreError::Database("no answer in time".to_owned()))) {
        Ok(Schema::AtHead) => {
            Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ready"}"#))
        }
        Ok(Schema::Behind | Schema::Newer) => Err(Problem::SchemaNotAtHead),
        Err(error) => Err(error.into()),
    }
}

pub async fn contract() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/yaml")
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .body(docs::CONTRACT)
}

pub async fn docs(req: HttpRequest) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Language"))
        .body(docs::page(callers::lang(&req)))
}

/// Feeds stay open, private ones too: Google's importer obeys this file, and they are subscribed to there.
const ROBOTS: &str = "User-agent: *\nDisallow: /r/\nDisallow: /u/\nDisallow: /api/v1/\n";

pub async fn robots() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(ROBOTS)
}
