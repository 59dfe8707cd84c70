//! The text part: complete by itself, paragraphs separated by an empty line.

use super::sheet::{Ask, Body, Entry, Fact, FeedBlock, Head, Link, Sheet, labelled};
use mensuel_domain::lang::Lang;

pub(super) fn render(sheet: &Sheet) -> String {
    let lang = sheet.lang;
    let mut blocks: Vec<String> = Vec::new();
    blocks.extend(sheet.head.iter().flat_map(|head| head_blocks(lang, head)));
    blocks.push(sheet.greeting.clone());
    blocks.extend(sheet.lead.iter().cloned());
    blocks.extend(sheet.summary.clone());
    let facts = || sheet.facts.iter().map(|fact| fact_block(lang, fact));
    blocks.extend(facts().filter(|_| sheet.facts_first));
    blocks.extend(sheet.ask.iter().flat_map(|ask| ask_blocks(lang, ask)));
    blocks.extend(sheet.stored.clone());
    blocks.extend(facts().filter(|_| !sheet.facts_first));
    blocks.extend(sheet.entries.iter().map(|entry| entry_block(lang, entry)));
    blocks.extend(sheet.feed.iter().map(|feed| feed_block(lang, feed)));
    blocks.extend(sheet.page.iter().map(|page| link(lang, page)));
    // Two hyphens and a space: what follows is not the message (RFC 3676, section 4.3).
    let foot: Vec<String> =
        sheet.foot.iter().cloned().chain(sheet.foot_links.iter().map(|l| link(lang, l))).collect();
    format!("{}\n\n-- \n{}\n", blocks.join("\n\n"), foot.join("\n"))
}

fn head_blocks(lang: Lang, head: &Head) -> Vec<String> {
    let mut when = vec![head.when.clone()];
    when.extend(head.places.iter().cloned());
    when.extend(head.join.iter().map(|join| link(lang, join)));
    when.extend(head.before.iter().cloned());
    let mut what = vec![head.kicker.to_uppercase(), head.title.clone()];
    what.extend(head.people.iter().cloned());
    vec![when.join("\n"), what.join("\n")]
}

fn fact_block(lang: Lang, fact: &Fact) -> String {
    match &fact.body {
        Body::Line(line) => labelled(lang, &fact.label, line),
        Body::Prose(text) if !text.contains('\n') => labelled(lang, &fact.label, text),
        Body::Prose(text) => format!("{}\n{text}", labelled(lang, &fact.label, "").trim_end()),
        Body::Quote(lines) => {
            let lines: String = lines.iter().map(|line| format!("\n> {line}")).collect();
            format!("{}{lines}", labelled(lang, &fact.label, "").trim_end())
        }
        Body::List(lines) => {
            let lines: String = lines.iter().map(|line| format!("\n- {line}")).collect();
            format!("{}{lines}", labelled(lang, &fact.label, "").trim_end())
        }
    }
}

fn ask_blocks(lang: Lang, ask: &Ask) -> Vec<String> {
    let links: Vec<String> =
        ask.buttons.iter().map(|button| labelled(lang, &button.label, &button.url)).collect();
    let hint = Some(ask.hint.clone());
    ask.question.iter().cloned().chain([links.join("\n")]).chain(hint).collect()
}

fn entry_block(lang: Lang, entry: &Entry) -> String {
    [entry.when.clone(), entry.title.clone(), entry.stored.clone(), link(lang, &entry.link)].join("\n")
}

fn feed_block(lang: Lang, feed: &FeedBlock) -> String {
    let mut lines = vec![feed.title.clone(), feed.how.clone()];
    lines.extend(feed.links.iter().map(|each| link(lang, each)));
    lines.join("\n")
}

fn link(lang: Lang, link: &Link) -> String {
    labelled(lang, &link.label, &link.url)
}
