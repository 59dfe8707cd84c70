//! The relay: as far as MAIL FROM, with each sender that mails leave with, and a test mail.

use std::time::Duration;

use askama::Template;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, text::Email};
use mensuel_infra::{
    clock::new_uuid,
    keys::Keys,
    mail::{
        message::{self, Mailbox, MessageError, Outgoing},
        relay::{Accepted, Hindrance, Mailer, Patience, Relay, RelayUrlError, Security, SendError, Step},
    },
};
use secrecy::ExposeSecret as _;

use super::{Finding, own};
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

pub(super) async fn findings(config: &Config, now: DateTime<Utc>, lang: Lang) -> Vec<Finding> {
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
    let mut findings = Vec::new();
    for step in STEPS.into_iter().filter(|step| is_met(*step, &relay)) {
        match &failed {
            Some(error) if error.step() == step => {
                findings.push(wrong(step, error, &relay, lang));
                // What comes after was not reached.
                return findings;
            }
            _ => findings.push(Finding::ok(passed(step, &relay, lang))),
        }
    }
    // Refused at a step that this relay does not have.
    match failed {
        Some(error) => findings.push(wrong(error.step(), &error, &relay, lang)),
        None => findings.extend(return_address(config, now, &mailer, &relay, lang).await),
    }
    findings
}

/// Mails leave with an address of their own once mail that comes in is read; some relays take one
/// sender only.
async fn return_address(
    config: &Config,
    now: DateTime<Utc>,
    mailer: &Mailer,
    relay: &Relay,
    lang: Lang,
) -> Option<Finding> {
    let (w, address) = (words(lang), envelope_from(config, now));
    if address == config.mail_from {
        return None;
    }
    let (local, domain) = config.mail_from.as_str().rsplit_once('@').unwrap_or_default();
    let shown = format!("{local}{}…@{domain}", config.mail_delimiter);
    Some(match mailer.probe(&address).await {
        Ok(()) => Finding::ok(fl!(w, "doctor-relay-return", address = shown)),
        Err(error) if error.step() == Step::From => {
            let why = send_error(lang, &error);
            Finding::wrong(
                fl!(w, "doctor-relay-return-wrong", address = shown.as_str(), why = why),
                fl!(w, "doctor-relay-return-wrong-next", address = shown.as_str()),
            )
        }
        Err(error) => wrong(error.step(), &error, relay, lang),
    })
}

/// The envelope sender of a mail, as it is when the service sends.
fn envelope_from(config: &Config, now: DateTime<Utc>) -> Email {
    let keys = if own::has_keys(config) { config.keys().ok() } else { None };
    let inbox = config.inbox(keys.unwrap_or_else(stand_in));
    let tagged = inbox.addresses.bounce(new_uuid(now)).filter(|_| config.inbound_mail);
    tagged.unwrap_or_else(|| config.mail_from.clone())
}

/// Where there are no keys yet, or none that can be read: a relay judges the form of an address.
fn stand_in() -> Keys {
    let key = format!("1:{}", BASE64_STANDARD.encode([0; 32]));
    Keys::parse(&key.into()).expect("an id and 32 bytes")
}

const STEPS: [Step; 5] = [Step::Connect, Step::Hello, Step::StartTls, Step::SignIn, Step::From];

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
    let then = if is_about_the_certificate(error) {
        fl!(w, "doctor-relay-wrong-certificate", host = relay.host.as_str())
    } else {
        what_to_do(step, lang)
    };
    Finding::wrong(what, then)
}

/// As the TLS library says it; a relay may use the word for something else.
fn is_about_the_certificate(error: &SendError) -> bool {
    matches!(error, SendError::Connection { why: Hindrance::Said(said), .. } if said.contains("certificate"))
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
    let from = envelope_from(config, now);
    let bytes = written(config, now, &from, to, lang)
        .map_err(|error| fl!(words(lang), "doctor-mail-fault", why = error.to_string()))?;
    mailer.send(&from, to, &bytes).await.map_err(|error| send_error(lang, &error))
}

fn mailer(config: &Config, lang: Lang) -> Result<Mailer, String> {
    match &config.smtp_url {
        Some(url) => Relay::parse(url.expose_secret())
            .and_then(|relay| Mailer::smtp(relay, PATIENCE))
            .map_err(|error| relay_error(lang, &error)),
        None => Mailer::files(serve::mail_dir(config)).map_err(|error| io_error(lang, &error)),
    }
}

fn written(
    config: &Config,
    now: DateTime<Utc>,
    from: &Email,
    to: &Email,
    lang: Lang,
) -> Result<Vec<u8>, MessageError> {
    let community = config.community.to_string();
    let text = body(&community, lang);
    let html = html(&text);
    let host = config.mail_from.domain().to_owned();
    let outgoing = Outgoing {
        envelope_from: from.clone(),
        to: Mailbox { name: String::new(), email: to.clone() },
        from: Mailbox { name: community.clone(), email: config.mail_from.clone() },
        reply_to: None,
        message_id: format!("{}@{host}", new_uuid(now).simple()),
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

/// The same paragraphs; the template escapes what the community is called.
#[derive(Template)]
#[template(source = "{% for paragraph in paragraphs %}<p>{{ paragraph }}</p>{% endfor %}", ext = "html")]
struct Html<'a> {
    paragraphs: Vec<&'a str>,
}

fn html(text: &str) -> String {
    let paragraphs = text.trim().split("\n\n").collect();
    Html { paragraphs }.render().expect("the template only writes into a string")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_community_is_called_is_no_markup() {
        let said = html(&body("Pain & <b>vin</b>", Lang::En));
        let name = said.split("test of ").nth(1).and_then(|rest| rest.split(", asked").next()).unwrap();
        assert!(!name.contains('<') && name.starts_with("Pain &") && !name.starts_with("Pain & "), "{said}");
        assert_eq!((said.matches("<p>").count(), said.matches("</p>").count()), (2, 2), "{said}");
    }

    #[test]
    fn the_test_mail_has_two_paragraphs() {
        let said =
            "This is a test of Soie, asked for by `mensuel doctor`.\n\nIf it reached you, the relay works.\n";
        assert_eq!(body("Soie", Lang::En), said);
        assert_eq!(body("Soie", Lang::Fr).matches("\n\n").count(), 1);
    }
}
