//! What a person wrote, apart from what they quote.

use super::mime::Part;

/// Characters that are kept of each half.
pub const LONGEST: usize = 4_000;
/// Bytes of a body that are looked at.
const READ: usize = 256 * 1024;

/// A person's text, plain, each half at most 4,000 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub said: String,
    pub quoted: String,
}

/// The first body that can be shown: plain text, or else HTML without its marks.
pub(super) fn visible(parts: &[Part<'_>]) -> String {
    let shown = |part: &&Part<'_>| !part.is_multipart() && !part.is_attached();
    let plain = parts.iter().filter(shown).find(|part| part.is_plain()).map(|part| part.text(READ));
    match plain.filter(|text| !text.trim().is_empty()) {
        Some(text) => text,
        None => {
            let html = parts.iter().filter(shown).find(|part| part.is("text/html"));
            html.map(|part| from_html(&part.text(READ))).unwrap_or_default()
        }
    }
}

pub(super) fn read(visible: &str) -> Words {
    let (mut said, mut quoted) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = visible.lines().map(str::trim_end).collect();
    let mut below = false;
    for (at, line) in lines.iter().enumerate() {
        below = below || begins_quote(&lines[at..]);
        if below || line.trim_start().starts_with('>') { quoted.push(*line) } else { said.push(*line) }
    }
    Words { said: kept(&said), quoted: kept(&quoted) }
}

/// The line over a quoted mail, as programs write it; everything below is quoted.
fn begins_quote(lines: &[&str]) -> bool {
    let line = lines[0].trim().to_lowercase();
    let both = format!("{line} {}", lines.get(1).map(|next| next.trim().to_lowercase()).unwrap_or_default());
    let announces = |start: &str, end: &str| {
        line.starts_with(start) && line.len() < 300 && (line.ends_with(end) || both.trim_end().ends_with(end))
    };
    announces("le ", "a écrit :")
        || announces("le ", "a écrit\u{a0}:")
        || announces("on ", "wrote:")
        || announces("am ", "schrieb:")
        || announces("el ", "escribió:")
        || announces("il ", "ha scritto:")
        || (line.starts_with("-----") && line.ends_with("-----") && (line.contains("origin")))
        || line == "________________________________"
        || is_header_of_quote(&line, lines.get(1))
}

/// `De : … / Envoyé : …` and `From: … / Sent: …`, as Outlook writes it.
fn is_header_of_quote(line: &str, next: Option<&&str>) -> bool {
    let next = next.map(|next| next.trim().to_lowercase()).unwrap_or_default();
    let named = |text: &str, names: &[&str]| {
        names
            .iter()
            .any(|name| text.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':')))
    };
    named(line, &["de", "from", "von"]) && named(&next, &["envoyé", "sent", "date", "gesendet", "à", "to"])
}

fn kept(lines: &[&str]) -> String {
    let text: String = lines
        .join("\n")
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .filter(|c| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'))
        .collect();
    text.trim().chars().take(LONGEST).collect()
}

/// The text of HTML: no tags, no script, no style; blocks on lines of their own; what a mail
/// program marks as a quote begins with `>`.
pub(super) fn from_html(html: &str) -> String {
    let mut out = String::new();
    let (mut hidden, mut quotes) = (None::<String>, 0_usize);
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        if hidden.is_none() {
            push(&mut out, &rest[..open], quotes);
        }
        let after = &rest[open..];
        let end = if after.starts_with("<!--") {
            after.find("-->").map(|at| at + 3)
        } else {
            after.find('>').map(|at| at + 1)
        };
        let Some(end) = end else { return out };
        let tag = after[..end].trim_start_matches('<').trim_end_matches('>');
        rest = &after[end..];
        mark(tag, &mut out, &mut hidden, &mut quotes);
    }
    if hidden.is_none() {
        push(&mut out, rest, quotes);
    }
    out
}

fn mark(tag: &str, out: &mut String, hidden: &mut Option<String>, quotes: &mut usize) {
    let closes = tag.starts_with('/');
    let name: String = tag
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(20)
        .collect::<String>()
        .to_ascii_lowercase();
    match name.as_str() {
        "script" | "style" | "head" | "title" | "template" => {
            if closes {
                hidden.take_if(|open| *open == name);
            } else if hidden.is_none() && !tag.ends_with('/') {
                *hidden = Some(name);
            }
        }
        "blockquote" => {
            *quotes = if closes { quotes.saturating_sub(1) } else { *quotes + 1 };
            out.push('\n');
        }
        "br" | "p" | "div" | "tr" | "li" | "h1" | "h2" | "h3" | "hr" | "table" => out.push('\n'),
        _ => {}
    }
}

fn push(out: &mut String, text: &str, quotes: usize) {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return;
    }
    let at_start = out.is_empty() || out.ends_with('\n');
    if at_start && quotes > 0 {
        out.push_str("> ");
    } else if !at_start && text.starts_with(char::is_whitespace) && !out.ends_with(' ') {
        out.push(' ');
    }
    out.push_str(&entities(&words));
    if text.ends_with(char::is_whitespace) {
        out.push(' ');
    }
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let named = end.and_then(|end| Some((entity(&rest[1..end])?, end)));
        match named {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(code) = name.strip_prefix('#') {
        let code = match code.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => code.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "eacute" => 'é',
        "egrave" => 'è',
        "ecirc" => 'ê',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "rsquo" => '’',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_is_kept_apart() {
        for (text, said, quoted) in [
            ("Oui !\n\n> Répondre : oui / non", "Oui !", "> Répondre : oui / non"),
            (
                "Oui\nLe jeu. 1 oct. 2026 à 10:00, Cercle <s@x.example> a écrit :\n> a\nb",
                "Oui",
                "Le jeu. 1 oct. 2026 à 10:00, Cercle <s@x.example> a écrit :\n> a\nb",
            ),
            (
                "Yes\nOn Thu, Oct 1, 2026 at 10:00 AM Cercle\n<s@x.example> wrote:\n> a",
                "Yes",
                "On Thu, Oct 1, 2026 at 10:00 AM Cercle\n<s@x.example> wrote:\n> a",
            ),
            ("Oui\n\nDe : Cercle\nEnvoyé : jeudi\nbla", "Oui", "De : Cercle\nEnvoyé : jeudi\nbla"),
            ("Oui\n-----Message d'origine-----\nbla", "Oui", "-----Message d'origine-----\nbla"),
            ("On verra", "On verra", ""),
        ] {
            let words = read(text);
            assert_eq!((words.said.as_str(), words.quoted.as_str()), (said, quoted), "{text}");
        }
    }

    #[test]
    fn html_becomes_text() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><p>Oui, j&#39;arrive&nbsp;&eacute;</p><!-- <b> --><blockquote>Invitation</blockquote><script>alert(1)</script>&bogus; a < b";
        assert_eq!(
            read(&from_html(html)),
            Words { said: "Oui, j'arrive é\n\n&bogus; a".into(), quoted: "> Invitation".into() }
        );
    }

    #[test]
    fn each_half_is_bounded() {
        let words = read(&format!("{}\n> {}", "é".repeat(9_000), "q".repeat(9_000)));
        assert_eq!((words.said.chars().count(), words.quoted.chars().count()), (LONGEST, LONGEST));
    }
}
