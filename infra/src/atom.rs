//! The only code that writes Atom (RFC 4287).

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use mensuel_domain::lang::Lang;
use uuid::Uuid;

/// A feed of announcements. Texts are plain; here they are escaped.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Its own address, which also names it.
    pub address: String,
    pub title: String,
    pub subtitle: String,
    /// The page that shows the same to a person.
    pub site: String,
    /// Who speaks (section 4.2.1).
    pub author: String,
    pub lang: Lang,
    pub updated: DateTime<Utc>,
    pub entries: Vec<Entry>,
}

/// One announcement.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The same for ever, and of nothing else (section 4.2.6).
    pub id: Uuid,
    pub title: String,
    pub url: String,
    pub published: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    /// Paragraphs of lines, as [`crate::calendar::Entry::description`] has them.
    pub content: String,
    pub categories: Vec<String>,
}

/// The document, in UTF-8.
pub fn write(feed: &Feed) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let _ = writeln!(out, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">", feed.lang.code());
    element(&mut out, "id", &feed.address);
    element(&mut out, "title", &feed.title);
    element(&mut out, "subtitle", &feed.subtitle);
    element(&mut out, "updated", &instant(feed.updated));
    let _ = writeln!(out, "<author><name>{}</name></author>", escaped(&feed.author));
    link(&mut out, "self", "application/atom+xml", &feed.address);
    link(&mut out, "alternate", "text/html", &feed.site);
    element(&mut out, "generator", "Mensuel");
    for entry in &feed.entries {
        write_entry(&mut out, entry);
    }
    out.push_str("</feed>\n");
    out
}

fn write_entry(out: &mut String, entry: &Entry) {
    out.push_str("<entry>\n");
    element(out, "id", &format!("urn:uuid:{}", entry.id));
    element(out, "title", &entry.title);
    element(out, "published", &instant(entry.published));
    element(out, "updated", &instant(entry.updated));
    link(out, "alternate", "text/html", &entry.url);
    for category in &entry.categories {
        let _ = writeln!(out, "<category term=\"{}\"/>", escaped(category));
    }
    let _ = writeln!(out, "<content type=\"html\">{}</content>", escaped(&html(&entry.content)));
    out.push_str("</entry>\n");
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "<{name}>{}</{name}>", escaped(text));
}

fn link(out: &mut String, rel: &str, kind: &str, href: &str) {
    let _ = writeln!(out, "<link rel=\"{rel}\" type=\"{kind}\" href=\"{}\"/>", escaped(href));
}

/// RFC 3339, in UTC (section 3.3).
fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn html(text: &str) -> String {
    let paragraph = |lines: &str| format!("<p>{}</p>", escaped(lines).replace('\n', "<br>"));
    text.split("\n\n").filter(|lines| !lines.trim().is_empty()).map(paragraph).collect()
}

/// Text for an element or a quoted attribute. What XML cannot hold (XML 1.0, section 2.2) is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_text() {
        let at: DateTime<Utc> = "2026-12-01T09:00:00.25Z".parse().unwrap();
        let hostile = "a & b</title><x y=\"z\">\u{7}\u{b}\u{ffff}]]>";
        let entry = Entry {
            id: Uuid::from_u128(7),
            title: hostile.into(),
            url: "https://soirees.example/events/x?a=1&b=2".into(),
            published: at,
            updated: at,
            content: format!("{hostile}\nligne\n\nfin"),
            categories: vec![hostile.into()],
        };
        let text = write(&Feed {
            address: "https://soirees.example/feed.atom".into(),
            title: "T".into(),
            subtitle: "S".into(),
            site: "https://soirees.example/".into(),
            author: "A".into(),
            lang: Lang::Fr,
            updated: at,
            entries: vec![entry],
        });
        assert!(!text.contains("<x ") && !text.contains('\u{7}') && !text.contains('\u{ffff}'), "{text}");
        assert!(
            text.contains("<title>a &amp; b&lt;/title&gt;&lt;x y=&quot;z&quot;&gt;]]&gt;</title>"),
            "{text}"
        );
        assert!(text.contains("&lt;br&gt;ligne&lt;/p&gt;&lt;p&gt;fin&lt;/p&gt;"), "{text}");
        assert!(text.contains("<updated>2026-12-01T09:00:00Z</updated>"), "{text}");
    }
}
