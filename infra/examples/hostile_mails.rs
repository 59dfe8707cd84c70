//! Writes mails whose names and subjects are hostile, for a reader that we did not write.
//!
//! `cargo run -p mensuel-infra --example hostile_mails -- FILE COUNT`
//!
//! One mail per line, as JSON: what was meant (`subject`, `to`, `from`: one line each, its ends
//! trimmed), and the `mail` as sent, whose bytes are all ASCII. The same COUNT gives the same file.

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write as _},
};

use chrono::DateTime;
use mensuel_domain::text::Email;
use mensuel_infra::mail::message::{Mailbox, Outgoing, to_bytes};
use serde_json::json;

const PIECES: [&str; 34] = [
    "\r\nBcc: eve@x.example",
    "\nSubject: autre",
    "\rX: y",
    "\0",
    "\u{1b}[31m",
    "\u{7f}",
    "=?utf-8?Q?Bcc=3A?=",
    "=?utf-8?B?PGV2ZUB4LmV4YW1wbGU+?=",
    "=?",
    "?=",
    "\"",
    "\\",
    "<eve@x.example>",
    ", eve@x.example",
    ";",
    ":",
    "(comment)",
    "(",
    "@",
    "  ",
    "\t",
    "\u{2028}",
    "\u{85}",
    "\u{202e}gauche",
    "\u{200f}",
    "\u{feff}",
    "e\u{301}",
    "é",
    "👩‍💻",
    "老虎",
    "BEGIN:VEVENT",
    "Content-Type: text/html",
    ".",
    "un nom tout simple ",
];

/// A sequence that is the same everywhere (Steele, Lea and Flood: SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap_or(0)
    }

    fn text(&mut self) -> String {
        let pieces = self.below(7);
        let mut text = String::new();
        for _ in 0..pieces {
            match self.below(4) {
                0 => (0..self.below(40)).for_each(|_| text.push(char::from(b' ' + self.below(95) as u8))),
                1 => text
                    .extend((0..self.below(12)).filter_map(|_| char::from_u32(self.below(0x1_0000) as u32))),
                _ => text.push_str(PIECES[self.below(PIECES.len())]),
            }
        }
        text.chars().take(200).collect()
    }
}

/// What is meant: one line, its ends trimmed.
fn meant(text: &str) -> String {
    let breaks = |c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}';
    text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let usage = "usage: hostile_mails FILE COUNT";
    let mut file = BufWriter::new(File::create(args.next().ok_or(usage)?)?);
    let count: u64 = args.next().ok_or(usage)?.parse()?;
    let mut dice = Dice(1);
    for _ in 0..count {
        let (subject, to, from) = (dice.text(), dice.text(), dice.text());
        let mailbox = |name: &str, email| {
            Ok::<_, Box<dyn Error>>(Mailbox { name: name.to_owned(), email: Email::parse(email)? })
        };
        let mail = to_bytes(&Outgoing {
            envelope_from: Email::parse("soirees+b-x@lyon.example")?,
            to: mailbox(&to, "zoe.durand@soie.example")?,
            from: mailbox(&from, "soirees@lyon.example")?,
            message_id: "1@soirees.lyon.example".to_owned(),
            date: DateTime::UNIX_EPOCH,
            references: Vec::new(),
            list_id: "soirees.lyon.example".to_owned(),
            unsubscribe_url: Some("https://soirees.lyon.example/u/x".to_owned()),
            unsubscribe_by_mail: None,
            reply_to: None,
            subject: subject.clone(),
            text: subject.clone(),
            html: String::new(),
            calendar: None,
        })?;
        let (subject, to, from) = (meant(&subject), meant(&to), meant(&from));
        let line = json!({ "subject": subject, "to": to, "from": from, "mail": String::from_utf8(mail)? });
        writeln!(file, "{line}")?;
    }
    Ok(file.flush()?)
}
