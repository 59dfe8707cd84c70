//! Content lines as octets (RFC 5545, section 3.1).

use ics::ICalendar;

/// The longest line in octets, without its line break and with the space that continues one.
const LIMIT: usize = 75;

/// UTF-8 without a byte order mark, CRLF, folded between characters only.
pub(super) fn bytes(calendar: &ICalendar<'_>) -> Vec<u8> {
    // `ics` lets a continuation line have 76 octets, so its folding is taken out again. No value
    // holds a line break by itself (see `value.rs`): each of these marks is a fold.
    let unfolded = calendar.to_string().replace("\r\n ", "");
    let mut out = Vec::with_capacity(unfolded.len() + unfolded.len() / 16);
    for line in unfolded.split_terminator("\r\n") {
        fold(line, &mut out);
    }
    out
}

fn fold(line: &str, out: &mut Vec<u8>) {
    let (mut rest, mut room) = (line, LIMIT);
    while rest.len() > room {
        let (now, later) = rest.split_at(rest.floor_char_boundary(room));
        out.extend_from_slice(now.as_bytes());
        out.extend_from_slice(b"\r\n ");
        (rest, room) = (later, LIMIT - 1);
    }
    out.extend_from_slice(rest.as_bytes());
    out.extend_from_slice(b"\r\n");
}
