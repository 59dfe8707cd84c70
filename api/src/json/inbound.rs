//! `/api/v1/inbound-mail`: mail from a mail server, and what became of each.

use actix_web::{HttpRequest, http::header, web::Payload};
use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    id::Id,
    inbound::{Ending, InboundMail},
    lang::Lang,
    member::Member,
};
use mensuel_infra::{
    say,
    store::{
        inbound::{self, Door, Filed},
        tokens::Scope,
    },
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Answer, body, fields::Fields, id, query::Query, read, write};
use crate::{
    callers, http,
    mail_doors::take_in,
    problem::{Problem, Wrong},
    use_cases::inbound::{Choice, decide as decided},
};

const RFC822: &str = "message/rfc822";
/// Bytes that are read before the mail server is refused.
const MOST: usize = 32 * 1024 * 1024;

#[derive(Serialize)]
struct Shown {
    id: Id<InboundMail>,
    received_at: String,
    door: &'static str,
    kind: &'static str,
    ending: &'static str,
    reason: &'static str,
    /// The reason in a sentence.
    detail: String,
    from: Option<String>,
    subject: Option<String>,
    words: Option<String>,
    member_id: Option<Id<Member>>,
    event_id: Option<Id<Event>>,
    answer: Option<&'static str>,
    given_at: Option<String>,
    may_be_taken: bool,
}

fn shown(filed: &Filed, lang: Lang) -> Shown {
    Shown {
        id: filed.id,
        received_at: write::instant(filed.received_at),
        door: filed.door.name(),
        kind: filed.kind.name(),
        ending: filed.reason.ending().name(),
        reason: filed.reason.name(),
        detail: say::inbound_reason(lang, filed.reason),
        from: filed.sender.as_ref().map(ToString::to_string),
        subject: filed.subject.clone(),
        words: filed.words.clone(),
        member_id: filed.about.member,
        event_id: filed.about.event,
        answer: filed.about.answer.map(|answer| answer.name()),
        given_at: filed.about.given_at.map(write::instant),
        may_be_taken: filed.reason.may_be_taken(),
    }
}

/// What the mail server is told: enough for its log, and nothing of anybody.
#[derive(Serialize)]
struct Receipt {
    id: Id<InboundMail>,
    ending: &'static str,
    reason: &'static str,
    detail: String,
    again: bool,
}

pub async fn receive(req: HttpRequest, payload: Payload) -> Answer {
    callers::mail_server(&req).await?;
    check_type(&req)?;
    let mut query = Query::of(&req);
    let recipient = query.read("recipient", |text| read::email(&Value::from(text)).map(String::from));
    query.finish()?;
    let app = callers::app(&req);
    let raw = taken(payload, app.inbox.limits.mail + 1).await?;
    let done = take_in(app, Door::Http, raw, recipient).await?;
    let reason = done.filed.reason;
    write::ok(&Receipt {
        id: done.filed.id,
        ending: reason.ending().name(),
        reason: reason.name(),
        detail: say::inbound_reason(callers::lang(&req), reason),
        again: done.again,
    })
}

fn check_type(req: &HttpRequest) -> Result<(), Problem> {
    let field = req.headers().get(header::CONTENT_TYPE).and_then(|field| field.to_str().ok());
    match field.and_then(|field| field.split(';').next()).map(str::trim) {
        Some(media) if media.eq_ignore_ascii_case(RFC822) => Ok(()),
        Some(_) | None => Err(Problem::MediaType(RFC822)),
    }
}

/// A mail; of one that is too large only the beginning goes on, to be filed as such and not offered
/// again.
async fn taken(payload: Payload, keep: usize) -> Result<Vec<u8>, Problem> {
    let bytes = http::bytes_up_to(payload, MOST).await?;
    Ok(bytes[..bytes.len().min(keep)].to_vec())
}

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let mut query = Query::of(&req);
    let page = query.page::<(DateTime<Utc>, Uuid)>();
    let ending = query.read("state", read_name(Ending::from_name, Ending::ALL.map(Ending::name).to_vec()));
    query.finish()?;
    let db = callers::app(&req).store.read();
    let found = inbound::list(db, ending, page.after, page.fetch()).await?;
    let (found, next) = page.cut(found, |filed| (filed.received_at, filed.id.uuid()));
    let lang = callers::lang(&req);
    write::list((found.iter().map(|filed| shown(filed, lang)).collect(), next))
}

fn read_name<T>(
    from_name: impl Fn(&str) -> Option<T>,
    names: Vec<&'static str>,
) -> impl Fn(&str) -> Result<T, Wrong> {
    move |name| from_name(name).ok_or_else(|| Wrong::OneOf(names.clone()))
}

pub async fn decide(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let mail: Id<InboundMail> = id(&req, "id")?;
    let (_, value) = body::required(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let choice = fields.required("decision", read::named(choice, &CHOICES));
    let choice = fields.finish(choice)?;
    let app = callers::app(&req);
    let by = organizer.by();
    let work = move |app| {
        let by = by.clone();
        async move { decided(&app, &by, mail, choice).await }
    };
    let filed = app.unit(work).await?;
    write::ok(&shown(&filed, callers::lang(&req)))
}

const CHOICES: [&str; 2] = ["take", "dismiss"];

fn choice(name: &str) -> Option<Choice> {
    match name {
        "take" => Some(Choice::Take),
        "dismiss" => Some(Choice::Dismiss),
        _ => None,
    }
}
