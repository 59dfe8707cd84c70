//! The calendar parts of a mail: the one inside and its copy as a file count once.

use mensuel_domain::text::Email;

use super::{Content, TooLarge, mime::Part};
use crate::calendar::reply::{self, Flaw, NoAnswer, Reply, Scheduling};

/// What the calendar parts say together; `None` when there are none.
pub(super) fn read(parts: &[Part<'_>], from: Option<&Email>, most: usize) -> Option<Content> {
    let mut found: Vec<Scheduling> = Vec::new();
    for part in parts.iter().filter(|part| is_calendar(part)) {
        if part.bytes().len() > most {
            return Some(Content::TooLarge(TooLarge::Calendar));
        }
        let method = part.kind.parameter("method");
        found.push(reply::read(&part.lines_of_calendar(), method.as_deref(), from));
    }
    together(found)
}

/// By type, or by the name of a file of any type.
fn is_calendar(part: &Part<'_>) -> bool {
    if part.is_multipart() || part.kind.name.starts_with("message/") {
        return false;
    }
    ["text/calendar", "application/ics", "application/calendar", "text/x-vcalendar", "text/ics"]
        .iter()
        .any(|name| part.is(name))
        || part.fields.file_name().is_some_and(|name| name.trim().to_ascii_lowercase().ends_with(".ics"))
        || is_one_unnamed(part)
}

/// Gateways that rewrite mail leave neither the type nor the name.
fn is_one_unnamed(part: &Part<'_>) -> bool {
    let may_be = part.is_plain() || part.is("application/octet-stream");
    may_be && reply::begins_a_calendar(&part.text(64))
}

/// An answer counts before what is none, and what is none before what cannot be read.
fn together(found: Vec<Scheduling>) -> Option<Content> {
    let mut answer: Option<Reply> = None;
    let mut shown: Option<Content> = None;
    let mut flaw: Option<Flaw> = None;
    for part in found {
        match part {
            Scheduling::Several => return Some(Content::Several),
            Scheduling::Reply(reply) => match &mut answer {
                Some(first) if first.says_the_same(&reply) => complete(first, reply),
                Some(_) => return Some(Content::Several),
                None => answer = Some(reply),
            },
            Scheduling::Other { what, uid, attendee, comment } => {
                keep_telling(&mut shown, what, Content::Calendar { what, uid, attendee, comment });
            }
            Scheduling::Malformed(found) => flaw = flaw.or(Some(found)),
        }
    }
    answer.map(Content::Reply).or(shown).or(flaw.map(Content::Malformed))
}

/// A copy may hold what the first one left out.
fn complete(first: &mut Reply, copy: Reply) {
    first.comment = first.comment.take().or(copy.comment);
    first.dtstamp = first.dtstamp.or(copy.dtstamp);
    first.guests = first.guests.or(copy.guests);
}

/// The first one stays, unless it only says that it knows nothing.
fn keep_telling(shown: &mut Option<Content>, what: NoAnswer, content: Content) {
    let says_nothing = matches!(shown, Some(Content::Calendar { what: NoAnswer::Unknown, .. }));
    if shown.is_none() || (says_nothing && what != NoAnswer::Unknown) {
        *shown = Some(content);
    }
}
