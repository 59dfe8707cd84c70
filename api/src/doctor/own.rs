//! This machine: keys, disk, database, clock, addresses of links.

use std::path::Path;

use chrono::{DateTime, Datelike, Duration, Utc};
use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, pause::Pause};
use mensuel_infra::store::{Change, Place, Store, StoreError, outbox};
use rustix::fs::{Access, access};
use secrecy::ExposeSecret as _;

use super::Finding;
use crate::{
    config::Config,
    i18n::words,
    schema::{self, Schema},
    words::keys_error,
};

pub(super) async fn findings(config: &Config, now: DateTime<Utc>, lang: Lang) -> Vec<Finding> {
    let mut findings = vec![
        Finding::ok(fl!(words(lang), "doctor-configuration")),
        keys(config, lang),
        disk(&config.data_dir, lang),
    ];
    findings.extend(database(config, now, lang).await);
    findings.push(clock(now, lang));
    findings.push(base_url(config, lang));
    findings
}

/// Before the first start there are none, and the doctor makes none.
pub(super) fn has_keys(config: &Config) -> bool {
    config.given_keys.is_some() || config.data_dir.join("keys").exists()
}

fn keys(config: &Config, lang: Lang) -> Finding {
    let w = words(lang);
    if !has_keys(config) {
        return Finding::warning(fl!(w, "doctor-keys-none"), fl!(w, "doctor-keys-none-next"));
    }
    match config.keys() {
        Ok(_) => Finding::ok(fl!(w, "doctor-keys")),
        Err(error) => Finding::wrong(
            fl!(w, "doctor-keys-unreadable", why = keys_error(lang, &error)),
            fl!(w, "doctor-keys-unreadable-next"),
        ),
    }
}

const MB: u64 = 1024 * 1024;
/// Below, a community soon stands still.
const TIGHT: u64 = 500 * MB;
const NONE_LEFT: u64 = 50 * MB;

fn disk(folder: &Path, lang: Lang) -> Finding {
    let w = words(lang);
    let shown = folder.display().to_string();
    // Before the first start there is none: then where it will be.
    let there = folder.ancestors().find(|path| path.exists() && *path != Path::new(""));
    let free = rustix::fs::statvfs(there.unwrap_or(Path::new(".")))
        .map(|of| of.f_bavail.saturating_mul(of.f_frsize));
    let Ok(free) = free else {
        return Finding::wrong(
            fl!(w, "doctor-disk-unreadable", folder = shown),
            fl!(w, "doctor-disk-unreadable-next"),
        );
    };
    let is_read_only = folder.exists() && access(folder, Access::WRITE_OK).is_err();
    let free = free / MB;
    let room = fl!(w, "doctor-disk", free = free, folder = shown);
    if is_read_only {
        Finding::wrong(room, fl!(w, "doctor-disk-read-only-next"))
    } else if free * MB < NONE_LEFT {
        Finding::wrong(room, fl!(w, "doctor-disk-tight-next"))
    } else if free * MB < TIGHT {
        Finding::warning(room, fl!(w, "doctor-disk-tight-next"))
    } else {
        Finding::ok(room)
    }
}

async fn database(config: &Config, now: DateTime<Utc>, lang: Lang) -> Vec<Finding> {
    let w = words(lang);
    let Some(place) = Place::parse(config.database_url.expose_secret()) else {
        return vec![away(fl!(w, "config-database"), lang)];
    };
    if let Place::Sqlite(file) = &place
        && !file.exists()
    {
        return vec![Finding::warning(fl!(w, "doctor-database-none"), fl!(w, "doctor-database-none-next"))];
    }
    let store = match Store::open(&place).await {
        Ok(store) => store,
        Err(error) => return vec![away(error.to_string(), lang)],
    };
    let findings = in_it(&store, now, lang).await;
    let _ = store.close().await;
    findings.unwrap_or_else(|error| vec![away(error.to_string(), lang)])
}

async fn in_it(store: &Store, now: DateTime<Utc>, lang: Lang) -> Result<Vec<Finding>, StoreError> {
    let schema = schema::of(store.read()).await?;
    let mut findings = vec![is_ours(schema, lang)];
    if schema == Schema::AtHead {
        findings.extend(is_ahead(&store.refresh().await?, now, lang));
        findings.extend(is_paused(&outbox::pause(store.read()).await?, lang));
    }
    Ok(findings)
}

fn away(why: String, lang: Lang) -> Finding {
    let w = words(lang);
    Finding::wrong(fl!(w, "doctor-database-away", why = why), fl!(w, "doctor-database-away-next"))
}

fn is_ours(schema: Schema, lang: Lang) -> Finding {
    let w = words(lang);
    match schema {
        Schema::AtHead => Finding::ok(fl!(w, "doctor-database")),
        Schema::Behind => {
            Finding::wrong(fl!(w, "doctor-database-behind"), fl!(w, "doctor-database-behind-next"))
        }
        Schema::Newer => {
            Finding::wrong(fl!(w, "doctor-database-newer"), fl!(w, "doctor-database-newer-next"))
        }
    }
}

/// Something was changed later than now.
fn is_ahead(change: &Change, now: DateTime<Utc>, lang: Lang) -> Option<Finding> {
    let w = words(lang);
    let at = change.at.format("%Y-%m-%d %H:%M").to_string();
    let is_ahead = change.at > now + Duration::minutes(1);
    is_ahead.then(|| Finding::wrong(fl!(w, "doctor-clock-ahead", at = at), fl!(w, "doctor-clock-ahead-next")))
}

fn is_paused(pause: &Pause, lang: Lang) -> Option<Finding> {
    let w = words(lang);
    let reason = pause.reason.clone().unwrap_or_default();
    pause
        .is_tried()
        .then(|| Finding::wrong(fl!(w, "doctor-paused", reason = reason), fl!(w, "doctor-paused-next")))
}

/// A certificate, a signature and a link are all judged by it.
fn clock(now: DateTime<Utc>, lang: Lang) -> Finding {
    let w = words(lang);
    let what = fl!(w, "doctor-clock", now = now.format("%Y-%m-%d %H:%M:%S").to_string());
    if (2026..2100).contains(&now.year()) {
        Finding::ok(what)
    } else {
        Finding::wrong(what, fl!(w, "doctor-clock-next"))
    }
}

fn base_url(config: &Config, lang: Lang) -> Finding {
    let w = words(lang);
    let Some(url) = &config.base_url else {
        return Finding::warning(fl!(w, "doctor-base-none"), fl!(w, "doctor-base-next"));
    };
    let host = url.host_str().unwrap_or_default();
    let what = fl!(w, "doctor-base", url = url.as_str());
    if url.scheme() != "https" || matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
        Finding::warning(what, fl!(w, "doctor-base-next"))
    } else {
        Finding::ok(what)
    }
}
