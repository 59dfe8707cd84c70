//! The relay: as far as MAIL FROM, and a test mail.

use std::time::Duration;

use chrono::{DateTime, Utc};
use mensuel_domain::{lang::Lang, text::Email};
use mensuel_infra::mail::{
    message::{self, Mailbox, Outgoing},
    relay::{Accepted, Mailer, Patience, Relay, Security, SendError, Step},
};
use secrecy::ExposeSecret as _;

use super::{Finding, say};
use crate::{config::Config, serve, words::relay_error};

/// Nobody waits longer in front of a terminal.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(6),
    to_data: Duration::from_secs(20),
    after_dot: Duration::from_secs(30),
    idle: Duration::from_secs(1),
    connections: 1,
};

pub(super) async fn findings(config: &Config, lang: Lang) -> Vec<Finding> {
    let Some(url) = &config.smtp_url else {
        return vec![Finding::warning(
            say!(
                lang,
                "Relais de courrier\u{a0}: aucun, chaque mail est un fichier du dossier de données.",
                "Mail relay: none, each mail becomes a file in the data directory."
            ),
            say!(
                lang,
                "Donnez MENSUEL_SMTP_URL et MENSUEL_MAIL_FROM.",
                "Set MENSUEL_SMTP_URL and MENSUEL_MAIL_FROM."
            ),
        )];
    };
    let unusable = |error: String| {
        vec![Finding::wrong(
            say!(lang, "Relais de courrier\u{a0}: {error}.", "Mail relay: {error}.", error = error),
            say!(lang, "Corrigez MENSUEL_SMTP_URL.", "Correct MENSUEL_SMTP_URL."),
        )]
    };
    let relay = match Relay::parse(url.expose_secret()) {
        Ok(relay) => relay,
        Err(error) => return unusable(relay_error(lang, &error)),
    };
    let mailer = match Mailer::smtp(relay.clone(), PATIENCE) {
        Ok(mailer) => mailer,
        Err(error) => return unusable(relay_error(lang, &error)),
    };
    let failed = mailer.probe(&config.mail_from).await.err();
    let failed_at = failed.as_ref().map(|error| position(error.step()));
    let mut findings = Vec::new();
    for step in STEPS.into_iter().filter(|step| is_met(*step, &relay)) {
        match (&failed, failed_at) {
            (Some(error), Some(at)) if at == position(step) => {
                findings.push(wrong(step, error, &relay, lang));
                // What comes after was not reached.
                return findings;
            }
            _ => findings.push(Finding::ok(passed(step, &relay, lang))),
        }
    }
    // Refused at a step that this relay does not have.
    if let Some(error) = failed {
        findings.push(wrong(error.step(), &error, &relay, lang));
    }
    findings
}

const STEPS: [Step; 5] = [Step::Connect, Step::Hello, Step::StartTls, Step::SignIn, Step::From];

fn position(step: Step) -> usize {
    STEPS.iter().position(|one| *one == step).unwrap_or(STEPS.len())
}

fn is_met(step: Step, relay: &Relay) -> bool {
    match step {
        Step::StartTls => relay.security == Security::StartTls,
        Step::SignIn => relay.sign_in.is_some(),
        Step::Connect | Step::Hello | Step::From | Step::Recipient | Step::Data | Step::Content => true,
    }
}

fn passed(step: Step, relay: &Relay, lang: Lang) -> String {
    let (host, port) = (&relay.host, relay.port);
    match step {
        Step::Connect if relay.security == Security::Tls => {
            say!(
                lang,
                "Relais {host}:{port}\u{a0}: joint, son certificat est valable.",
                "Relay {host}:{port}: reached, and its certificate is valid.",
                host = host,
                port = port
            )
        }
        Step::Connect => say!(
            lang,
            "Relais {host}:{port}\u{a0}: joint.",
            "Relay {host}:{port}: reached.",
            host = host,
            port = port
        ),
        Step::Hello => say!(lang, "Relais\u{a0}: il répond à EHLO.", "Relay: it answers EHLO."),
        Step::StartTls => say!(
            lang,
            "Relais\u{a0}: STARTTLS offert, son certificat est valable.",
            "Relay: STARTTLS is offered, and its certificate is valid."
        ),
        Step::SignIn => {
            say!(lang, "Relais\u{a0}: identifiants acceptés.", "Relay: user and password are accepted.")
        }
        Step::From => say!(
            lang,
            "Relais\u{a0}: l’adresse d’expédition est acceptée.",
            "Relay: the sender's address is accepted."
        ),
        Step::Recipient | Step::Data | Step::Content => String::new(),
    }
}

/// What the relay, or the network, said.
fn said(error: &SendError, lang: Lang) -> String {
    match (lang, error) {
        (Lang::En, error) => error.to_string(),
        (Lang::Fr, SendError::Temporary(reply) | SendError::Permanent(reply)) => {
            format!("refus, {reply}")
        }
        (Lang::Fr, SendError::Connection { words, .. }) => format!("connexion inutilisable ({words})"),
        (Lang::Fr, SendError::Timeout { .. }) => "pas de réponse à temps".to_owned(),
        (Lang::Fr, SendError::Uncertain { words }) => format!("réponse illisible ({words})"),
    }
}

fn wrong(step: Step, error: &SendError, relay: &Relay, lang: Lang) -> Finding {
    let said = said(error, lang);
    let what = say!(lang, "Relais\u{a0}: {said}.", "Relay: {said}.", said = said);
    let certificate = error.to_string().contains("certificate");
    let then = match step {
        _ if certificate => say!(
            lang,
            "Son certificat ne convient pas\u{a0}: vérifiez le nom «\u{a0}{host}\u{a0}», ou ajoutez ?ca=FICHIER pour une autorité à vous.",
            "Its certificate does not fit: check the name {host}, or add ?ca=FILE for an authority of yours.",
            host = relay.host
        ),
        Step::Connect => say!(
            lang,
            "Vérifiez l’hôte et le port de MENSUEL_SMTP_URL, et que rien ne bloque ce port (beaucoup d’hébergeurs ferment le 25\u{a0}: prenez 465 ou 587).",
            "Check host and port of MENSUEL_SMTP_URL, and that nothing blocks the port (many hosts close 25: take 465 or 587)."
        ),
        Step::Hello => say!(
            lang,
            "Ce n’est peut-être pas un serveur SMTP, ou il nous refuse\u{a0}: voyez avec son exploitant.",
            "It may be no SMTP server, or it refuses us: ask whoever runs it."
        ),
        Step::StartTls => say!(
            lang,
            "Prenez smtps:// (port 465) si le relais l’offre\u{a0}; sans chiffrement, rien n’est envoyé.",
            "Take smtps:// (port 465) if the relay offers it; nothing is sent without encryption."
        ),
        Step::SignIn => say!(
            lang,
            "Vérifiez l’utilisateur et le mot de passe de MENSUEL_SMTP_URL (caractères spéciaux en %XX).",
            "Check user and password of MENSUEL_SMTP_URL (special characters as %XX)."
        ),
        Step::From => say!(
            lang,
            "Faites autoriser MENSUEL_MAIL_FROM chez le relais.",
            "Have MENSUEL_MAIL_FROM allowed at the relay."
        ),
        Step::Recipient | Step::Data | Step::Content => {
            say!(lang, "Voyez avec l’exploitant du relais.", "Ask whoever runs the relay.")
        }
    };
    Finding::wrong(what, then)
}

/// Sends a mail of no consequence, signed as all are.
pub(super) async fn test_mail(config: &Config, now: DateTime<Utc>, to: &Email, lang: Lang) -> Finding {
    let not_sent = |why: &dyn std::fmt::Display| {
        Finding::wrong(
            say!(lang, "Mail d’essai\u{a0}: pas parti ({why}).", "Test mail: not sent ({why}).", why = why),
            say!(lang, "Réglez d’abord les lignes du relais.", "Mend the lines about the relay first."),
        )
    };
    let mailer = match &config.smtp_url {
        Some(url) => {
            match Relay::parse(url.expose_secret()).and_then(|relay| Mailer::smtp(relay, PATIENCE)) {
                Ok(mailer) => mailer,
                Err(error) => return not_sent(&error),
            }
        }
        None => match Mailer::files(serve::mail_dir(config)) {
            Ok(mailer) => mailer,
            Err(error) => return not_sent(&error),
        },
    };
    let bytes = match written(config, now, to, lang) {
        Ok(bytes) => bytes,
        Err(error) => return not_sent(&error),
    };
    match mailer.send(&config.mail_from, to, &bytes).await {
        Ok(Accepted::Relay { words }) => {
            Finding::ok(say!(lang, "Mail d’essai\u{a0}: le relais l’a pris («\u{a0}{words}\u{a0}»).", "Test mail: the relay took it (\"{words}\").", words = words)).and(say!(
                lang,
                "Regardez s’il arrive, et pas dans les indésirables\u{a0}; sa source dit si SPF, DKIM et DMARC passent (Authentication-Results).",
                "See whether it arrives, and not among the junk; its source says whether SPF, DKIM and DMARC pass (Authentication-Results)."
            ))
        }
        Ok(Accepted::File { path }) => {
            let path = path.display();
            Finding::ok(say!(lang, "Mail d’essai\u{a0}: écrit dans {path}.", "Test mail: written to {path}.", path = path))
        }
        Err(error) => not_sent(&said(&error, lang)),
    }
}

fn written(config: &Config, now: DateTime<Utc>, to: &Email, lang: Lang) -> Result<Vec<u8>, String> {
    let text = say!(
        lang,
        "Ceci est un essai de {community}, demandé par «\u{a0}mensuel doctor\u{a0}».\n\nS’il vous est parvenu, le relais fonctionne.\n",
        "This is a test of {community}, asked for by `mensuel doctor`.\n\nIf it reached you, the relay works.\n",
        community = config.community
    );
    let html = format!("<p>{}</p>", text.trim().replace("\n\n", "</p><p>"));
    let host = config.mail_from.domain().to_owned();
    let outgoing = Outgoing {
        envelope_from: config.mail_from.clone(),
        to: Mailbox { name: String::new(), email: to.clone() },
        from: Mailbox { name: config.community.to_string(), email: config.mail_from.clone() },
        reply_to: None,
        message_id: format!("{}@{host}", mensuel_infra::clock::new_uuid(now).simple()),
        date: now,
        references: Vec::new(),
        list_id: format!("doctor.{host}"),
        unsubscribe_url: None,
        unsubscribe_by_mail: None,
        subject: say!(lang, "Essai\u{a0}: {community}", "Test: {community}", community = config.community),
        text,
        html,
        calendar: None,
    };
    let bytes = message::to_bytes(&outgoing).map_err(|error| error.to_string())?;
    Ok(match &config.dkim {
        Some(dkim) => dkim.signed(&bytes, now),
        None => bytes,
    })
}
