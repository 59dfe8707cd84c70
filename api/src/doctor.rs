//! Looks at everything that has to be right for evenings to be held and mail to arrive, changes
//! nothing, and says of each thing how it is and what to do.

mod names;
mod own;
mod relay;

use std::net::SocketAddr;

use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, text::Email};
use mensuel_infra::clock::Clock;

use crate::{config::Config, i18n::words};

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ok,
    /// It works, and could be better; or nobody could be asked.
    Warning,
    /// Something does not work.
    Wrong,
}

impl State {
    pub fn word(self, lang: Lang) -> String {
        let w = words(lang);
        match self {
            State::Ok => fl!(w, "doctor-ok"),
            State::Warning => fl!(w, "doctor-warning"),
            State::Wrong => fl!(w, "doctor-wrong"),
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub state: State,
    /// What was looked at, and how it is: one sentence.
    pub what: String,
    /// What to do, or what to publish.
    pub then: Option<String>,
}

impl Finding {
    fn ok(what: String) -> Self {
        Self { state: State::Ok, what, then: None }
    }

    fn warning(what: String, then: String) -> Self {
        Self { state: State::Warning, what, then: Some(then) }
    }

    fn wrong(what: String, then: String) -> Self {
        Self { state: State::Wrong, what, then: Some(then) }
    }

    fn and(self, then: String) -> Self {
        Self { then: Some(then), ..self }
    }
}

/// What is asked of the doctor.
#[derive(Clone, Debug)]
pub struct Visit {
    pub lang: Lang,
    /// Where to send a test mail.
    pub mail: Option<Email>,
    /// Whom to ask for DNS records, instead of this machine's resolver.
    pub resolver: Option<SocketAddr>,
}

/// Looks at everything; each question to a network ends within seconds.
pub async fn examine(config: &Config, clock: &dyn Clock, visit: &Visit) -> Vec<Finding> {
    let mut findings = own::findings(config, clock.now(), visit.lang).await;
    findings.extend(relay::findings(config, clock.now(), visit.lang).await);
    findings.extend(names::findings(config, visit).await);
    if let Some(to) = &visit.mail {
        findings.push(relay::test_mail(config, clock.now(), to, visit.lang).await);
    }
    findings
}
