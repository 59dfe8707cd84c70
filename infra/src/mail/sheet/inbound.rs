//! What organizers are told of a mail that came in.

use i18n_embed_fl::fl;
use mensuel_domain::{inbound::Reason, lang::Lang};

use super::{
    super::letter::{CameIn, Letter},
    Body, Fact, Sheet, foot, foot_links, greeting,
};
use crate::{i18n::words, say};

pub(super) fn sheet(letter: &Letter, mail: &CameIn) -> Sheet {
    let lang = letter.lang;
    Sheet {
        lang,
        community: letter.community.clone(),
        subject: subject(lang, mail),
        head: None,
        greeting: greeting(letter),
        lead: lead(lang, mail),
        news: false,
        summary: None,
        written_in: lang,
        facts: facts(lang, mail),
        facts_first: true,
        ask: None,
        stored: None,
        entries: Vec::new(),
        feed: None,
        page: None,
        foot: foot(letter, false),
        foot_links: foot_links(letter),
    }
}

fn subject(lang: Lang, mail: &CameIn) -> String {
    let w = words(lang);
    match mail.why {
        Reason::Forwarded => {
            fl!(w, "subject-inbound-words", subject = mail.subject.as_deref().unwrap_or("–"))
        }
        Reason::MailRefused => fl!(w, "subject-inbound-refused"),
        _ if mail.may_be_taken => fl!(w, "subject-inbound-reply"),
        _ => fl!(w, "subject-inbound-held"),
    }
}

fn lead(lang: Lang, mail: &CameIn) -> Vec<String> {
    let w = words(lang);
    match mail.why {
        Reason::Forwarded => vec![fl!(w, "inbound-words")],
        Reason::MailRefused => vec![say::inbound_reason(lang, mail.why)],
        _ if mail.may_be_taken => {
            vec![say::inbound_reason(lang, mail.why), fl!(w, "inbound-held"), fl!(w, "inbound-decide")]
        }
        _ => vec![say::inbound_reason(lang, mail.why), fl!(w, "inbound-held")],
    }
}

fn facts(lang: Lang, mail: &CameIn) -> Vec<Fact> {
    let w = words(lang);
    let line = |label: String, text: &Option<String>| {
        text.clone().map(|text| Fact { label, body: Body::Line(text) })
    };
    let evening =
        mail.evening.as_ref().map(|(title, span)| format!("{title} ({})", say::span_long(lang, span)));
    let quoted = |words: &String| words.lines().map(str::to_owned).collect();
    let said = mail
        .words
        .as_ref()
        .map(|words| Fact { label: fl!(w, "inbound-said"), body: Body::Quote(quoted(words)) });
    [
        line(fl!(w, "inbound-from"), &mail.from),
        line(fl!(w, "inbound-subject"), &mail.subject),
        line(fl!(w, "inbound-about"), &mail.about),
        line(fl!(w, "inbound-evening"), &evening),
        said,
    ]
    .into_iter()
    .flatten()
    .collect()
}
