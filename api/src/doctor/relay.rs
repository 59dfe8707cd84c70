//! The relay: as far as MAIL FROM, and a test mail.

use std::time::Duration;

use chrono::{DateTime, Utc};
use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, text::Email};
use mensuel_infra::mail::{
    message::{self, Mailbox, MessageError, Outgoing},
    relay::{Accepted, Mailer, Patience, Relay, RelayUrlError, Security, SendError, Step},
};
use secrecy::ExposeSecret as _;

use super::Finding;
use crate::{
    config::Config,
    i18n::words,
    serve,
    words::{io_error, relay_error, send_error},
};

/// Nobody waits longer in front of a terminal.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(6),
    to_data: Duration::from_secs(20),
    after_dot: Duration::from_secs(30),
    idle: Duration::from_secs(1),
    connections: 1,
};

pub(super) async fn findings(config: &Config, lang: Lang) -> Vec<Finding> {
    let w = words(lang);
    let Some(url) = &config.smtp_url else {
        return vec![Finding::warning(fl!(w, "doctor-relay-none"), fl!(w, "doctor-relay-none-next"))];
    };
    let unusable = |error: &RelayUrlError| {
        let what = fl!(w, "doctor-relay-unusable", why = relay_error(lang, error));
        vec![Finding::wrong(what, fl!(w, "doctor-relay-unusable-next"))]
    };
    let relay = match Relay::parse(url.expose_secret()) {
        Ok(relay) => relay,
        Err(error) => return unusable(&error),
    };
    let mailer = match Mailer::smtp(relay.clone(), PATIENCE) {
        Ok(mailer) => mailer,
        Err(error) => return unusable(&error),
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
    let w = words(lang);
    let (host, port) = (relay.host.as_str(), relay.port);
    match step {
        Step::Connect if relay.security == Security::Tls => {
            fl!(w, "doctor-relay-reached-tls", host = host, port = port)
        }
        Step::Connect => fl!(w, "doctor-relay-reached", host = host, port = port),
        Step::Hello => fl!(w, "doctor-relay-hello"),
        Step::StartTls => fl!(w, "doctor-relay-starttls"),
        Step::SignIn => fl!(w, "doctor-relay-sign-in"),
        Step::From => fl!(w, "doctor-relay-from"),
        Step::Recipient | Step::Data | Step::Content => String::new(),
    }
}

fn wrong(step: Step, error: &SendError, relay: &Relay, lang: Lang) -> Finding {
    let w = words(lang);
    let what = fl!(w, "doctor-relay-wrong", why = send_error(lang, error));
    let then = if error.to_string().contains("certificate") {
        fl!(w, "doctor-relay-wrong-certificate", host = relay.host.as_str())
    } else {
        what_to_do(step, lang)
    };
    Finding::wrong(what, then)
}

fn what_to_do(step: Step, lang: Lang) -> String {
    let w = words(lang);
    match step {
        Step::Connect => fl!(w, "doctor-relay-wrong-connect"),
        Step::Hello => fl!(w, "doctor-relay-wrong-hello"),
        Step::StartTls => fl!(w, "doctor-relay-wrong-starttls"),
        Step::SignIn => fl!(w, "doctor-relay-wrong-sign-in"),
        Step::From => fl!(w, "doctor-relay-wrong-from"),
        Step::Recipient | Step::Data | Step::Content => fl!(w, "doctor-relay-wrong-later"),
    }
}

/// Sends a mail of no consequence, signed as all are.
pub(super) async fn test_mail(config: &Config, now: DateTime<Utc>, to: &Email, lang: Lang) -> Finding {
    let w = words(lang);
    match sent(config, now, to, lang).await {
        Ok(Accepted::Relay { words }) => {
            let what = fl!(w, "doctor-mail-taken", said = words.as_str());
            Finding::ok(what).and(fl!(w, "doctor-mail-taken-next"))
        }
        Ok(Accepted::File { path }) => {
            Finding::ok(fl!(w, "doctor-mail-written", path = path.display().to_string()))
        }
        Err(why) => {
            Finding::wrong(fl!(w, "doctor-mail-not-sent", why = why), fl!(w, "doctor-mail-not-sent-next"))
        }
    }
}

/// An error is a part of a sentence.
async fn sent(config: &Config, now: DateTime<Utc>, to: &Email, lang: Lang) -> Result<Accepted, String> {
    let mailer = mailer(config, lang)?;
    let bytes = written(config, now, to, lang)
        .map_err(|error| fl!(words(lang), "doctor-mail-fault", why = error.to_string()))?;
    mailer.send(&config.mail_from, to, &bytes).await.map_err(|error| send_error(lang, &error))
}

fn mailer(config: &Config, lang: Lang) -> Result<Mailer, String> {
    match &config.smtp_url {
        Some(url) => Relay::parse(url.expose_secret())
            .and_then(|relay| Mailer::smtp(relay, PATIENCE))
            .map_err(|error| relay_error(lang, &error)),
        None => Mailer::files(serve::mail_dir(config)).map_err(|error| io_error(lang, &error)),
    }
}

fn written(config: &Config, now: DateTime<Utc>, to: &Email, lang: Lang) -> Result<Vec<u8>, MessageError> {
    let community = config.community.to_string();
    let text = body(&community, lang);
    let html = format!("<p>{}</p>", text.trim().replace("\n\n", "</p><p>"));
    let host = config.mail_from.domain().to_owned();
    let outgoing = Outgoing {
        envelope_from: config.mail_from.clone(),
        to: Mailbox { name: String::new(), email: to.clone() },
        from: Mailbox { name: community.clone(), email: config.mail_from.clone() },
        reply_to: None,
        message_id: format!("{}@{host}", mensuel_infra::clock::new_uuid(now).simple()),
        date: now,
        references: Vec::new(),
        list_id: format!("doctor.{host}"),
        unsubscribe_url: None,
        unsubscribe_by_mail: None,
        subject: fl!(words(lang), "doctor-mail-subject", community = community),
        text,
        html,
        calendar: None,
    };
    let bytes = message::to_bytes(&outgoing)?;
    Ok(match &config.dkim {
        Some(dkim) => dkim.signed(&bytes, now),
        None => bytes,
    })
}

/// Two paragraphs.
fn body(community: &str, lang: Lang) -> String {
    format!("{}\n", fl!(words(lang), "doctor-mail-text", community = community))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_mail_has_two_paragraphs() {
        let said =
            "This is a test of Soie, asked for by `mensuel doctor`.\n\nIf it reached you, the relay works.\n";
        assert_eq!(body("Soie", Lang::En), said);
        assert_eq!(body("Soie", Lang::Fr).matches("\n\n").count(), 1);
    }
}
