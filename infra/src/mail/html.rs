//! The HTML part: one template, inline style, nothing to fetch.

use askama::Template;
use mensuel_domain::format::Format;

use super::sheet::{Body, Sheet};
use crate::markdown::SafeHtml;

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Page<'a> {
    sheet: &'a Sheet,
    summary: Option<SafeHtml>,
    facts: Vec<ShownFact<'a>>,
    band: &'static str,
}

struct ShownFact<'a> {
    label: &'a str,
    body: Shown<'a>,
}

enum Shown<'a> {
    Line(&'a str),
    Html(SafeHtml),
    List(&'a [String]),
    Quote(&'a [String]),
}

pub(super) fn render(sheet: &Sheet) -> String {
    let page = Page {
        sheet,
        summary: sheet.summary.as_deref().map(SafeHtml::of_markdown),
        facts: sheet
            .facts
            .iter()
            .map(|fact| ShownFact { label: &fact.label, body: shown(&fact.body) })
            .collect(),
        band: sheet.head.as_ref().map_or(ACCENT, |head| hue(head.format)),
    };
    page.render().expect("the template only writes into a string")
}

fn shown(body: &Body) -> Shown<'_> {
    match body {
        Body::Line(line) => Shown::Line(line),
        Body::Prose(source) => Shown::Html(SafeHtml::of_markdown(source)),
        Body::List(lines) => Shown::List(lines),
        Body::Quote(lines) => Shown::Quote(lines),
    }
}

const ACCENT: &str = "#8c1c2b";

/// The quiet hue of a format: a thin band beside the title, whose words say the same.
fn hue(format: Format) -> &'static str {
    match format {
        Format::RoundTable => "#4a6b8a",
        Format::Workshop => "#5b7a4b",
        Format::Retex => "#9a6a2f",
        Format::OpenDiscussion => "#7a5a86",
    }
}
