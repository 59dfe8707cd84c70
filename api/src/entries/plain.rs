//! What organizers write, as text for readers that show no layout.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Markdown as plain text: lists keep their hyphens and numbers, a link is followed by its address,
/// and an empty line stands between paragraphs.
pub fn plain(markdown: &str) -> String {
    let mut page = Page::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
        page.take(event);
    }
    page.text.trim().to_owned()
}

#[derive(Default)]
struct Page {
    text: String,
    /// The lists around the present line, with their next number.
    lists: Vec<Option<u64>>,
    /// The address of each open link, and where its words began.
    links: Vec<(String, usize)>,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.text.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.line(),
            Event::Rule => self.paragraph(),
            // Parts of extensions that are not turned on.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {}
            Event::TaskListMarker(_) => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.paragraph()
                } else {
                    self.line()
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), self.text.len())),
            Tag::Paragraph if self.lists.is_empty() => self.paragraph(),
            Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::HtmlBlock => self.paragraph(),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.paragraph();
                }
            }
            TagEnd::Link => {
                if let Some((address, from)) = self.links.pop()
                    && self.text.get(from..) != Some(address.as_str())
                {
                    self.text.push_str(&format!(" ({address})"));
                }
            }
            TagEnd::Paragraph if !self.lists.is_empty() => self.line(),
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock => {
                self.paragraph()
            }
            _ => {}
        }
    }

    fn item(&mut self) {
        self.line();
        let depth = self.lists.len().saturating_sub(1);
        self.text.push_str(&"  ".repeat(depth));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.text.push_str(&format!("{number}. "));
                *number += 1;
            }
            Some(None) | None => self.text.push_str("- "),
        }
    }

    fn line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn paragraph(&mut self) {
        self.line();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn layout_becomes_lines() {
        let source = "# Titre\n\nUn **mot**\nsuivi.\n\n- a\n- b\n  1. c\n  2. d\n\nFin avec [un lien](https://lyon.example/a).";
        let text = "Titre\n\nUn mot\nsuivi.\n\n- a\n- b\n  1. c\n  2. d\n\nFin avec un lien (https://lyon.example/a).";
        assert_eq!(plain(source), text);
    }

    #[test]
    fn an_address_stands_once_and_tags_stay_as_typed() {
        assert_eq!(plain("<https://lyon.example/a>"), "https://lyon.example/a");
        assert_eq!(plain("a <b>c</b> & d"), "a <b>c</b> & d");
        assert_eq!(plain("![une photo](https://x.example/p.png)"), "une photo");
    }
}
