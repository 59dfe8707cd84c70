//! The Markdown of the contract, which is ours and compiled in, as HTML.

use pulldown_cmark::{Event, Parser, html};

use super::types::escaped;

/// Paragraphs.
pub(super) fn prose(markdown: &str) -> String {
    let mut out = String::new();
    html::push_html(&mut out, Parser::new(markdown).map(without_raw_html));
    out
}

/// One sentence, without a paragraph around it.
pub(super) fn inline(markdown: &str) -> String {
    let html = prose(markdown);
    let sentence = html.trim().strip_prefix("<p>").and_then(|h| h.strip_suffix("</p>"));
    sentence.map_or_else(|| escaped(markdown), str::to_owned)
}

fn without_raw_html(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}
