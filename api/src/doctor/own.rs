//! This machine: keys, disk, database, clock, addresses of links.

use std::path::Path;

use chrono::{DateTime, Datelike, Duration, Utc};
use mensuel_domain::lang::Lang;
use mensuel_infra::store::{Place, Store, outbox};
use secrecy::ExposeSecret as _;

use super::{Finding, say};
use crate::{
    config::Config,
    schema::{self, Schema},
    words::keys_error,
};

pub(super) async fn findings(config: &Config, now: DateTime<Utc>, lang: Lang) -> Vec<Finding> {
    let mut findings = vec![
        Finding::ok(say!(
            lang,
            "Configuration\u{a0}: lue, sans erreur.",
            "Configuration: read, without a mistake."
        )),
        keys(config, lang),
        disk(&config.data_dir, lang),
    ];
    findings.extend(database(config, now, lang).await);
    findings.push(clock(now, lang));
    findings.push(base_url(config, lang));
    findings
}

fn keys(config: &Config, lang: Lang) -> Finding {
    if config.given_keys.is_none() && !config.data_dir.join("keys").exists() {
        return Finding::warning(
            say!(lang, "Clés des liens\u{a0}: pas encore.", "Keys of the links: none yet."),
            say!(
                lang,
                "«\u{a0}mensuel serve\u{a0}» les crée au premier démarrage\u{a0}; sauvegardez-les avec la base.",
                "`mensuel serve` makes them when it starts first; back them up with the database."
            ),
        );
    }
    match config.keys() {
        Ok(_) => Finding::ok(say!(lang, "Clés des liens\u{a0}: lisibles.", "Keys of the links: readable.")),
        Err(error) => Finding::wrong(
            say!(
                lang,
                "Clés des liens\u{a0}: illisibles ({error}).",
                "Keys of the links: unreadable ({error}).",
                error = keys_error(lang, &error)
            ),
            say!(
                lang,
                "Remettez la sauvegarde du fichier «\u{a0}keys\u{a0}»\u{a0}; sans elles, les liens déjà envoyés ne s’ouvrent plus.",
                "Restore the file `keys` from the backup; without it, links that were sent do not open any more."
            ),
        ),
    }
}

const MB: u64 = 1024 * 1024;
/// Below, a community soon stands still.
const TIGHT: u64 = 500 * MB;
const NONE_LEFT: u64 = 50 * MB;

fn disk(folder: &Path, lang: Lang) -> Finding {
    let shown = folder.display();
    // Before the first start there is none: then where it will be.
    let there = folder.ancestors().find(|path| path.exists() && *path != Path::new(""));
    let free = rustix::fs::statvfs(there.unwrap_or(Path::new(".")))
        .map(|of| of.f_bavail.saturating_mul(of.f_frsize));
    let Ok(free) = free else {
        return Finding::wrong(
            say!(
                lang,
                "Disque\u{a0}: {shown} ne peut pas être lu.",
                "Disk: {shown} cannot be read.",
                shown = shown
            ),
            say!(lang, "Rendez ce dossier lisible et modifiable.", "Make this folder readable and writable."),
        );
    };
    let is_read_only = folder.metadata().is_ok_and(|of| of.permissions().readonly());
    let free = free / MB;
    let room = say!(
        lang,
        "Disque\u{a0}: {free} Mo libres pour {shown}.",
        "Disk: {free} MB free for {shown}.",
        free = free,
        shown = shown
    );
    let make_room = || {
        say!(
            lang,
            "Faites de la place\u{a0}: sans elle, rien ne s’enregistre plus.",
            "Make room: without it nothing can be saved."
        )
    };
    if is_read_only {
        let rights = say!(
            lang,
            "Donnez à ce compte le droit d’y écrire.",
            "Give this account the right to write there."
        );
        Finding::wrong(room, rights)
    } else if free * MB < NONE_LEFT {
        Finding::wrong(room, make_room())
    } else if free * MB < TIGHT {
        Finding::warning(room, make_room())
    } else {
        Finding::ok(room)
    }
}

async fn database(config: &Config, now: DateTime<Utc>, lang: Lang) -> Vec<Finding> {
    let place = Place::parse(config.database_url.expose_secret());
    if let Some(Place::Sqlite(file)) = &place
        && !file.exists()
    {
        return vec![Finding::warning(
            say!(lang, "Base de données\u{a0}: pas encore.", "Database: none yet."),
            say!(
                lang,
                "«\u{a0}mensuel serve\u{a0}» la crée au premier démarrage.",
                "`mensuel serve` makes it when it starts first."
            ),
        )];
    }
    let away = |error: &dyn std::fmt::Display| {
        vec![Finding::wrong(
            say!(
                lang,
                "Base de données\u{a0}: elle ne répond pas ({error}).",
                "Database: it does not answer ({error}).",
                error = error
            ),
            say!(
                lang,
                "Vérifiez MENSUEL_DATABASE_URL et que le serveur tourne.",
                "Check MENSUEL_DATABASE_URL, and that its server runs."
            ),
        )]
    };
    let Some(place) = place else {
        return away(&"?");
    };
    let store = match Store::open(&place).await {
        Ok(store) => store,
        Err(error) => return away(&error),
    };
    let mut findings = match schema::of(store.read()).await {
        Ok(Schema::AtHead) => {
            vec![Finding::ok(say!(
                lang,
                "Base de données\u{a0}: elle répond, son schéma est à jour.",
                "Database: it answers, and its schema is up to date."
            ))]
        }
        Ok(Schema::Behind) => vec![Finding::wrong(
            say!(
                lang,
                "Base de données\u{a0}: son schéma est ancien.",
                "Database: its schema is of an earlier version."
            ),
            say!(lang, "Lancez «\u{a0}mensuel migrate\u{a0}».", "Run `mensuel migrate`."),
        )],
        Ok(Schema::Newer) => vec![Finding::wrong(
            say!(
                lang,
                "Base de données\u{a0}: une version plus récente l’a modifiée.",
                "Database: a later version has changed it."
            ),
            say!(
                lang,
                "Installez cette version, ou remettez une sauvegarde.",
                "Install that version, or restore a backup."
            ),
        )],
        Err(error) => away(&error),
    };
    if findings.iter().all(|finding| finding.then.is_none()) {
        findings.extend(in_it(&store, now, lang).await);
    }
    let _ = store.close().await;
    findings
}

/// What the rows say of the clock and of the relay.
async fn in_it(store: &Store, now: DateTime<Utc>, lang: Lang) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Ok(change) = store.refresh().await
        && change.calendar_at > now + Duration::minutes(1)
    {
        let at = change.calendar_at.format("%Y-%m-%d %H:%M");
        findings.push(Finding::wrong(
            say!(
                lang,
                "Horloge\u{a0}: la base porte déjà une date à venir ({at} UTC).",
                "Clock: the database bears a date to come already ({at} UTC).",
                at = at
            ),
            say!(
                lang,
                "Cette machine ou une autre est mal réglée\u{a0}: activez NTP.",
                "This machine or another one is set wrong: turn on NTP."
            ),
        ));
    }
    if let Ok(pause) = outbox::pause(store.read()).await
        && pause.is_tried()
    {
        let reason = pause.reason.unwrap_or_default();
        findings.push(Finding::wrong(
            say!(lang, "Envoi\u{a0}: suspendu. {reason}", "Sending: paused. {reason}", reason = reason),
            say!(
                lang,
                "Réglez ce que disent les lignes suivantes\u{a0}; l’envoi reprend seul.",
                "Mend what the next lines say; sending goes on by itself."
            ),
        ));
    }
    findings
}

/// A certificate, a signature and a link are all judged by it.
fn clock(now: DateTime<Utc>, lang: Lang) -> Finding {
    let shown = now.format("%Y-%m-%d %H:%M:%S");
    let what = say!(lang, "Horloge\u{a0}: {shown} UTC.", "Clock: {shown} UTC.", shown = shown);
    if (2026..2100).contains(&now.year()) {
        Finding::ok(what)
    } else {
        Finding::wrong(
            what,
            say!(
                lang,
                "Réglez l’heure de cette machine, et activez NTP.",
                "Set the time of this machine, and turn on NTP."
            ),
        )
    }
}

fn base_url(config: &Config, lang: Lang) -> Finding {
    let set = say!(
        lang,
        "Donnez à MENSUEL_BASE_URL l’adresse publique, en https://.",
        "Set MENSUEL_BASE_URL to the public address, with https://."
    );
    let Some(url) = &config.base_url else {
        return Finding::warning(
            say!(
                lang,
                "Adresse publique\u{a0}: absente, les liens mènent à cette machine seule.",
                "Public address: none, links lead to this machine only."
            ),
            set,
        );
    };
    let host = url.host_str().unwrap_or_default();
    let what = say!(lang, "Adresse publique\u{a0}: {url}", "Public address: {url}", url = url);
    if url.scheme() != "https" || matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
        Finding::warning(what, set)
    } else {
        Finding::ok(what)
    }
}
