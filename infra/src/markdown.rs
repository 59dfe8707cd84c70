//! What organizers write, as HTML that can be shown to anybody.

use std::{collections::HashSet, fmt, sync::LazyLock};

use askama::filters::HtmlSafe;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// HTML that cannot run a script, fetch anything or break out of where it is put. Markdown is the
/// one way to make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Renders Markdown (CommonMark with strikethrough). HTML in the source is shown as it was
    /// typed; a picture becomes its words; headings come out below those of a page.
    pub fn of_markdown(source: &str) -> Self {
        let events = Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).filter_map(tamed);
        let mut rendered = String::with_capacity(source.len() * 2);
        html::push_html(&mut rendered, events);
        // The second lock: even if the renderer lets something through, only these tags remain.
        Self(CLEANER.clean(&rendered).to_string().trim_end().to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Templates write it as it is.
impl HtmlSafe for SafeHtml {}

fn tamed(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(typed) | Event::InlineHtml(typed) => Some(Event::Text(typed)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Heading { level, .. }) => {
            let level = lowered(level);
            Some(Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lowered(level)))),
        Event::SoftBreak => Some(Event::Text(CowStr::Borrowed("\n"))),
        other => Some(other),
    }
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 | HeadingLevel::H3 => HeadingLevel::H3,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H4,
    }
}

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "p",
        "br",
        "strong",
        "em",
        "del",
        "ul",
        "ol",
        "li",
        "a",
        "code",
        "pre",
        "blockquote",
        "h3",
        "h4",
        "hr",
    ];
    let mut cleaner = ammonia::Builder::empty();
    cleaner
        .tags(HashSet::from(tags))
        .tag_attributes([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))].into())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    cleaner
});

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> String {
        SafeHtml::of_markdown(source).to_string()
    }

    #[test]
    fn markdown_is_rendered() {
        assert_eq!(html("Un *mot* et **deux**."), "<p>Un <em>mot</em> et <strong>deux</strong>.</p>");
        assert_eq!(html("# Titre\n\n- a\n- b"), "<h3>Titre</h3>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
        let link = html("[ici](https://lyon.example/a?b=1&c=2)");
        assert_eq!(
            link,
            "<p><a href=\"https://lyon.example/a?b=1&amp;c=2\" rel=\"noopener noreferrer nofollow\">ici</a></p>"
        );
    }

    #[test]
    fn typed_html_is_shown_and_pictures_become_words() {
        assert_eq!(html("a <b>c</b>"), "<p>a &lt;b&gt;c&lt;/b&gt;</p>");
        assert_eq!(html("![une photo](https://x.example/p.png)"), "<p>une photo</p>");
    }

    #[test]
    fn nothing_hostile_becomes_a_tag_or_an_address() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:msgbox)",
            "![x](javascript:alert(1))",
            "![x](https://x.example/pixel.gif)",
            "[x](//x.example/a)",
            "[x](https://x.example/\"onmouseover=alert(1))",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<iframe src=https://x.example>",
            "<style>@import 'https://x.example'</style>",
            "</p></div></body><script>alert(1)</script>",
            "```<script>\nalert(1)\n```",
            "`<script>`",
            "<https://x.example/<script>>",
            "<!-- --><script>alert(1)</script>",
            "<![CDATA[<script>]]>",
            "[a]: javascript:alert(1)\n\n[a]",
        ];
        for source in hostile {
            let html = html(source).to_lowercase();
            for tag in ["<script", "<img", "<svg", "<iframe", "<style", "</body", "</div", "<!--"] {
                assert!(!html.contains(tag), "{source} gave {html}");
            }
            for address in html.split("<a href=\"").skip(1) {
                assert!(address.starts_with("https:"), "{source} gave {html}");
                let rest = address.split_once('"').expect("an attribute ends").1;
                assert!(rest.starts_with(" rel=\"noopener noreferrer nofollow\">"), "{source} gave {html}");
            }
        }
    }
}
