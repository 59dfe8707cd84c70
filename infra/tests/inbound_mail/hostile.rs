//! Whatever comes in, reading it ends, soon.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{
    mint::{minted, names},
    targets,
};

/// What the design allows for one mail (R18). A build without optimisation is some twenty times
/// slower, on a machine that does other things too; what grows with the square is slower than that.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });

/// Bytes of the largest mails here: what a mail may have, or what a slow build reads in its time.
const SIZE: usize = if cfg!(debug_assertions) { 250_000 } else { 2_000_000 };

fn survives(raw: &[u8]) {
    let begun = Instant::now();
    targets::mail_in(raw);
    targets::bounce(raw);
    targets::reply(raw);
    targets::ics(raw);
    assert!(begun.elapsed() < LONGEST, "{:?} for {} bytes", begun.elapsed(), raw.len());
}

#[derive(Clone, Debug)]
enum Change {
    Flip(usize, u8),
    Cut(usize, usize),
    Repeat(usize, usize, usize),
    Insert(usize, &'static [u8]),
    Swap(usize, usize, usize),
}

const PIECES: [&[u8]; 22] = [
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b"\xff\xfe",
    b"=",
    b"--",
    b"(((((",
    b"\"",
    b"<<<>>>",
    b"=?utf-8?Q?=",
    b"=?utf-8?B?////?=",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"BEGIN:VEVENT\r\n",
    b"END:VCALENDAR\r\n",
    b"RRULE:FREQ=SECONDLY;COUNT=99999999999999\r\n",
    b"DTSTAMP:99999999T999999Z\r\n",
    b";ENCODING=QUOTED-PRINTABLE;CHARSET=utf-7:",
    b"SEQUENCE:-99999999999999999999\r\n",
    b"Date: Fri, 99 Foo 999999 99:99:99 +9999\r\n",
    b"charset=\"utf-16\"",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        (any::<usize>(), 0_usize..400).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<usize>(), 1_usize..200, 2_usize..300)
            .prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        (any::<usize>(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Insert(at, PIECES[piece])),
        (any::<usize>(), any::<usize>(), 1_usize..200).prop_map(|(a, b, length)| Change::Swap(a, b, length)),
    ]
}

fn apply(raw: &mut Vec<u8>, change: &Change) {
    if raw.is_empty() {
        return;
    }
    let place = |at: usize| at % raw.len();
    let end = |at: usize, length: usize| (at + length).min(raw.len());
    match *change {
        Change::Flip(at, byte) => {
            let at = place(at);
            raw[at] = byte;
        }
        Change::Cut(at, length) => {
            let at = place(at);
            raw.drain(at..end(at, length));
        }
        Change::Repeat(at, length, times) => {
            let at = place(at);
            let again = raw[at..end(at, length)].repeat(times);
            raw.splice(at..at, again);
        }
        Change::Insert(at, piece) => {
            let at = place(at);
            raw.splice(at..at, piece.iter().copied());
        }
        Change::Swap(a, b, length) => {
            let (a, b) = (place(a), place(b));
            let piece = raw[a..end(a, length)].to_vec();
            raw.splice(b..b, piece);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn changed_shapes_are_read(which in any::<prop::sample::Index>(), changes in prop::collection::vec(change(), 1..12)) {
        let names: Vec<String> = names();
        let mut raw = minted(&names[which.index(names.len())]).into_bytes();
        for one in &changes {
            apply(&mut raw, one);
        }
        raw.truncate(SIZE / 4);
        survives(&raw);
    }

    #[test]
    fn any_bytes_are_read(raw in prop::collection::vec(any::<u8>(), 0..3_000)) {
        survives(&raw);
    }

    #[test]
    fn any_calendar_is_read(lines in prop::collection::vec("(BEGIN|END|ATTENDEE|UID|DTSTAMP|METHOD|RRULE|SEQUENCE|X-A|COMMENT|GEO|TRIGGER|FREEBUSY)?[;:=,\"\\\\]{0,3}\\PC{0,30}", 0..60)) {
        survives(lines.join("\r\n").as_bytes());
    }
}

/// What was thought of as slow.
#[test]
fn the_worst_that_was_thought_of_ends() {
    let full = |piece: &str| piece.repeat(SIZE / piece.len());
    let typed = |kind: &str, body: String| {
        format!("To: soirees@lyon.example\r\nReturn-Path: <>\r\nContent-Type: {kind}\r\n\r\n{body}")
    };
    let head = |name: &str, piece: &str| format!("{name}: {}\r\n\r\n", full(piece));
    for (what, raw) in [
        ("mails inside of mails", full("Content-Type: message/rfc822\r\n\r\n")),
        ("multiparts inside of each other", full("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n")),
        ("boundaries", typed("multipart/mixed; boundary=b", full("--b\r\n"))),
        ("ampersands", typed("text/html", full("&"))),
        ("open tags", typed("text/html", full("<"))),
        ("comments", typed("text/html", full("<!--"))),
        ("quotes", typed("text/html", full("<blockquote>x"))),
        ("lines", typed("text/plain", full("\n"))),
        (
            "addresses",
            format!("X-Failed-Recipients: a@b.example\r\n{}", typed("text/plain", full("a@b.example\n"))),
        ),
        ("other addresses", typed("text/plain", (0..SIZE / 12).map(|n| format!("a{n}@b.ex\n")).collect())),
        ("fields", full("A: b\r\n")),
        ("a long field", head("Subject", "=?utf-8?Q?x?= ")),
        ("many senders", head("From", "a@b.example, ")),
        ("comments in an address", head("From", "(")),
        ("a long type", head("Content-Type", "multipart/mixed; a*1*=\"b\"; ")),
        ("comments in results", head("Authentication-Results", "mx.lyon.example (")),
        ("reports", typed("message/delivery-status", full("Action: failed\r\n\r\n"))),
        ("reports in one", typed("message/delivery-status", full("Action: failed\r\n"))),
        ("padding", format!("Content-Transfer-Encoding: base64\r\n{}", typed("text/calendar", full("=")))),
        (
            "soft ends",
            format!("Content-Transfer-Encoding: quoted-printable\r\n{}", typed("text/plain", full("=\r\n"))),
        ),
    ] {
        let begun = Instant::now();
        targets::mail_in(raw.as_bytes());
        println!("{what}: {:?}", begun.elapsed());
        assert!(begun.elapsed() < LONGEST, "{what}: {:?}", begun.elapsed());
    }
    let calendar =
        |piece: &str| format!("BEGIN:VCALENDAR\r\n{}", piece.repeat(SIZE.min(250_000) / piece.len()));
    for piece in [
        "BEGIN:VEVENT\r\n",
        "ATTENDEE:mailto:a@b.example\r\n",
        "BEGIN:VCALENDAR\r\n",
        "END:VCALENDAR\r\n",
        "X;",
        "X:\\",
        "X=\"",
        ",",
        "RRULE:FREQ=DAILY;BYDAY=1MO,",
        "\r\n ",
        "ATTENDEE;ENCODING=BASE64:AAAA\r\n",
    ] {
        let begun = Instant::now();
        targets::reply(calendar(piece).as_bytes());
        println!("{piece:?}: {:?}", begun.elapsed());
        assert!(begun.elapsed() < LONGEST, "{piece:?}: {:?}", begun.elapsed());
    }
}
