//! `doctor`: what is right, what is not, and what to do.

use std::net::SocketAddr;

use mensuel_domain::text::Email;
use mensuel_infra::clock::SystemClock;

use super::{Call, Ended, Stopped, say};
use crate::doctor::{self, State, Visit};

pub(super) async fn doctor(
    call: Call,
    mail: Option<Email>,
    resolver: Option<SocketAddr>,
) -> Result<Ended, Stopped> {
    let visit = Visit { lang: call.lang, mail, resolver };
    let findings = doctor::examine(&call.config, &SystemClock, &visit).await;
    let states = [State::Ok, State::Warning, State::Wrong];
    let width = states.into_iter().map(|state| state.word(call.lang).chars().count()).max().unwrap_or(0);
    for finding in &findings {
        let word = finding.state.word(call.lang);
        let pad = " ".repeat(width - word.chars().count());
        say(&format!("{word}{pad}  {}", finding.what));
        for line in finding.then.iter().flat_map(|then| then.lines()) {
            say(&format!("{}  {line}", " ".repeat(width)));
        }
    }
    let any_wrong = findings.iter().any(|finding| finding.state == State::Wrong);
    Ok(if any_wrong { Ended::SomethingWrong } else { Ended::Done })
}
