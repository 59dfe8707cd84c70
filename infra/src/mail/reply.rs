//! What a relay said, in words that can be shown and logged.

use lettre::transport::smtp::{Error, response::Response};

use super::relay::{Hindrance, Reply, SendError, Step};

/// The longest line kept of a relay's words, in characters.
const LONGEST: usize = 200;

/// What failed at a step before the whole mail was sent.
pub(super) fn read(step: Step, error: &Error) -> SendError {
    refusal(step, error).unwrap_or_else(|| SendError::Connection { step, why: said(error) })
}

/// What failed after the final dot: a refusal is one, anything else leaves it open.
pub(super) fn after_dot(error: &Error) -> SendError {
    refusal(Step::Content, error).unwrap_or_else(|| SendError::Uncertain { why: said(error) })
}

/// The words of somebody else.
pub(super) fn said(error: &dyn std::fmt::Display) -> Hindrance {
    Hindrance::Said(safe(&error.to_string()))
}

fn refusal(step: Step, error: &Error) -> Option<SendError> {
    let code = u16::from(error.status()?);
    let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let enhanced = said.split_whitespace().next().and_then(enhanced);
    let rest = match enhanced {
        Some(_) => said.trim_start().split_once(char::is_whitespace).map_or("", |(_, rest)| rest),
        None => &said,
    };
    let reply = Reply { step, code, enhanced, words: safe(rest) };
    Some(if error.is_permanent() { SendError::Permanent(reply) } else { SendError::Temporary(reply) })
}

/// A status of RFC 3463, section 2: `5.1.1`.
fn enhanced(word: &str) -> Option<(u8, u16, u16)> {
    let mut numbers = word.split('.');
    let class = numbers.next()?.parse().ok().filter(|class| matches!(class, 2 | 4 | 5))?;
    let subject = numbers.next()?.parse().ok().filter(|subject| *subject < 1000)?;
    let detail = numbers.next()?.parse().ok().filter(|detail| *detail < 1000)?;
    numbers.next().is_none().then_some((class, subject, detail))
}

/// Whether a connection can be used again after this: the relay refused politely and stays.
pub(super) fn leaves_usable(error: &SendError) -> bool {
    match error {
        SendError::Temporary(reply) | SendError::Permanent(reply) => reply.code != 421,
        SendError::Connection { .. } | SendError::Timeout { .. } | SendError::Uncertain { .. } => false,
    }
}

pub(super) fn words_of(response: &Response) -> String {
    safe(&response.message().collect::<Vec<_>>().join(" "))
}

/// One short line without control characters, addresses and links.
pub(super) fn safe(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().map(masked).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn masked(word: &str) -> &str {
    if word.contains('@') {
        "(address)"
    } else if word.contains("://") {
        "(link)"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_addresses_links_and_length() {
        let said = "5.7.1 <zoe@lyon.example>: see\u{1b}[31m https://relay.example/why?u=zoe\r\nnow";
        assert_eq!(safe(said), "5.7.1 (address) see [31m (link) now");
        assert_eq!(safe(&"é ".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn enhanced_codes_are_read_strictly() {
        assert_eq!(enhanced("5.1.1"), Some((5, 1, 1)));
        for word in ["", "5", "5.1", "5.1.1.1", "3.1.1", "5.1000.1", "5.x.1", "10.0.0"] {
            assert_eq!(enhanced(word), None, "{word}");
        }
    }
}
