//! Shapes of real mail with a UID, tokens and addresses of our own.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use mensuel_domain::text::Email;
use mensuel_infra::{
    keys::Keys,
    mail::{
        inbound::{Addresses, Inbound, Inbox, Limits, decision::Decision, decision::classify, read},
        verp::Verp,
    },
};
use uuid::Uuid;

pub const UID: &str = "3f0b6a52-94c1-4d0e-8a77-0c5b1d2e3f40";
pub const MESSAGE_ID: &str = "0192a7c4-6d3e@lyon.example";
pub const BASE: &str = "soirees@lyon.example";
/// Of the mail that the shapes answer.
pub const ROW: &str = "0192a7c4-6d3e-7b1a-9f10-1c2d3e4f5a6b";

pub fn row() -> Uuid {
    ROW.parse().unwrap()
}

pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub fn addresses() -> Addresses {
    let keys = Keys::parse(&format!("1:{}", BASE64_STANDARD.encode([1; 32])).into()).unwrap();
    Addresses::new(&email(BASE), '+', Verp::new(keys))
}

pub fn inbox() -> Inbox {
    Inbox { addresses: addresses(), authserv_id: Some("mx.lyon.example".into()), limits: Limits::default() }
}

/// Shapes that tests take by name.
const CHOSEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/mail-in");
/// Many more, each with what it leads to in `index.tsv`.
pub const MORE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/mail-in-more");

pub fn shape(name: &str) -> String {
    let read = |folder| std::fs::read_to_string(format!("{folder}/{name}.eml"));
    read(CHOSEN).or_else(|_| read(MORE)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn names() -> Vec<String> {
    names_in(CHOSEN)
}

pub fn names_in(folder: &str) -> Vec<String> {
    let files =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        files.filter_map(|file| file.strip_suffix(".eml").map(ToOwned::to_owned)).collect();
    names.sort();
    names
}

/// The shape as our service would get it; line ends are CRLF.
pub fn minted(name: &str) -> String {
    with_ours(&shape(name)).replace("\r\n", "\n").replace('\n', "\r\n")
}

/// Replaces what is another service's, inside of Base64 too.
fn with_ours(text: &str) -> String {
    let ours = addresses();
    let pairs = [
        ("7d1f6c52-3a0e-4c0e-9b2e-2f6a51c0a101", UID.to_owned()),
        ("evt-7d1f6c52.0@example.org", MESSAGE_ID.to_owned()),
        ("b+v1.m42.9f3c1a@example.org", ours.bounce(row()).unwrap().to_string()),
        (
            "b+v1.m42.000000@example.org",
            ours.bounce(row()).unwrap().to_string().replacen("+b-", "+b-aaaaaa", 1),
        ),
        ("u+v1.m42.9f3c1a@example.org", ours.unsubscribe(row()).unwrap().to_string()),
        ("rv+o.7hq2c9ab4k@example.org", BASE.to_owned()),
        ("fbl@example.org", ours.complaints().unwrap().to_string()),
    ];
    let replace = |text: &str| pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    each_base64(&replace(text), &replace)
}

/// Applies a change to the decoded text of each Base64 part.
pub fn each_base64(text: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut block = String::new();
    let (mut announced, mut inside) = (false, false);
    for line in text.lines() {
        if inside && line.starts_with("--") {
            out.push_str(&encoded(&block, change));
            (inside, announced) = (false, false);
            block.clear();
        }
        if inside {
            block.push_str(line.trim());
            continue;
        }
        announced |= line.eq_ignore_ascii_case("Content-Transfer-Encoding: base64");
        inside = announced && line.trim().is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// What is no UTF-8 stays as it is.
fn encoded(block: &str, change: &dyn Fn(&str) -> String) -> String {
    let text = String::from_utf8(BASE64_STANDARD.decode(block).unwrap());
    let bytes = text.map_or_else(|error| error.into_bytes(), |text| change(&text).into_bytes());
    let mut out = String::new();
    for line in BASE64_STANDARD.encode(bytes).as_bytes().chunks(76) {
        out.push_str(std::str::from_utf8(line).unwrap());
        out.push('\n');
    }
    out
}

pub fn read_minted(name: &str) -> Inbound {
    read(minted(name).as_bytes(), None, &inbox())
}

pub fn decide(raw: &[u8]) -> Decision {
    let mail = read(raw, None, &inbox());
    let to = mail.recipient;
    classify(&mail, &to)
}

pub fn decide_minted(name: &str) -> Decision {
    decide(minted(name).as_bytes())
}
