//! `/u/{token}`: which mails one gets. GET shows; POST is the one-click of RFC 8058, and the forms
//! of the page stand below: what was taken leads back to the page, so that reloading does nothing.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Form, Path},
};
use chrono::{DateTime, NaiveDate, Utc};
use mensuel_domain::{
    fact::{Actor, Revocable},
    format::Format,
    id::Id,
    lang::Lang,
    member::{Follows, Member, Status},
    reminder::Times,
    time,
};
use url::form_urlencoded;

use super::{Page, feed_of, private};
use crate::{
    callers::{self, preferences_link},
    pages::preferences::{Noted, ONE_CLICK, Pause, PreferencesView, RESUME, SUBSCRIBE, Wanted, render},
    problem::{Problem, Wrong},
    use_cases::{
        By, links,
        members::{self, Change},
    },
};

pub async fn preferences(req: HttpRequest, token: Path<String>) -> Page {
    let member = preferences_link(&req, &token).await?;
    let mut view = view(&req, &member, &token);
    view.noted = noted(&req);
    Ok(shown(&req, &member, &view))
}

fn noted(req: &HttpRequest) -> Option<Noted> {
    let mut pairs = form_urlencoded::parse(req.query_string().as_bytes());
    pairs.find(|(name, _)| name == "noted").and_then(|(_, what)| Noted::from_name(&what))
}

/// The pairs of a form, in their order: boxes of one name come once for each that is ticked.
pub type Typed = Vec<(String, String)>;

fn said(typed: &Typed, pair: (&str, &str)) -> bool {
    typed.iter().any(|(name, value)| (name.as_str(), value.as_str()) == pair)
}

fn values<'a>(typed: &'a Typed, of: &'a str) -> impl Iterator<Item = &'a str> {
    typed.iter().filter(move |(name, _)| name == of).map(|(_, value)| value.as_str())
}

pub async fn choose(req: HttpRequest, token: Path<String>, typed: Form<Typed>) -> Page {
    let id = preferences_link(&req, &token).await?.id;
    let app = callers::app(&req);
    let changed = if said(&typed, ONE_CLICK) {
        app.unit(move |app| async move { members::unsubscribe(&app, id).await }).await?
    } else if said(&typed, SUBSCRIBE) {
        app.unit(move |app| async move { members::resubscribe(&app, id).await }).await?
    } else {
        return Err(Problem::at("/List-Unsubscribe", Wrong::Missing));
    };
    let view = PreferencesView { noted: Some(Noted::Choices), ..view(&req, &changed, &token) };
    Ok(shown(&req, &changed, &view))
}

/// `POST /u/{token}/choices`: kinds of mail, formats, reminders and language, all at once.
pub async fn save(req: HttpRequest, token: Path<String>, typed: Form<Typed>) -> Page {
    let id = preferences_link(&req, &token).await?.id;
    let changes = choices(&typed)?;
    change(&req, id, changes).await?;
    // The page speaks the language that was just chosen, whatever the address asked for before.
    Ok(see_other(format!("/u/{token}?noted={}", Noted::Choices.name())))
}

async fn change(req: &HttpRequest, id: Id<Member>, changes: Vec<Change>) -> Result<Member, Problem> {
    let work = move |app| {
        let changes = changes.clone();
        async move { members::by_themselves(&app, id, changes).await }
    };
    Ok(callers::app(req).unit(work).await?)
}

fn choices(typed: &Typed) -> Result<Vec<Change>, Problem> {
    let wants = |kind: &str| values(typed, "mail").any(|value| value == kind);
    let mut changes = vec![
        Change::WantsInvitations(wants("invitations")),
        Change::WantsNudges(wants("nudges")),
        Change::WantsNews(wants("news")),
        Change::Follows(follows(typed)?),
        Change::Reminders(reminders(typed)?),
    ];
    if let Some(tag) = values(typed, "language").next() {
        let one_of = || Wrong::OneOf(Lang::ALL.map(Lang::code).to_vec());
        let lang = Lang::ALL.into_iter().find(|lang| lang.code() == tag);
        changes.push(Change::Language(lang.ok_or_else(|| Problem::at("/language", one_of()))?));
    }
    Ok(changes)
}

fn follows(typed: &Typed) -> Result<Follows, Problem> {
    match values(typed, "follows").next() {
        Some("all") => Ok(Follows::All),
        Some("some") => {
            let formats: Option<_> = values(typed, "format").map(Format::from_name).collect();
            formats.map(Follows::Formats).ok_or_else(|| Problem::at("/format", Wrong::Follows))
        }
        Some(_) | None => Err(Problem::at("/follows", Wrong::OneOf(vec!["all", "some"]))),
    }
}

fn reminders(typed: &Typed) -> Result<Times, Problem> {
    let wrong = || Problem::at("/reminder", Wrong::OneOf(vec!["14", "7", "3", "2", "1", "0"]));
    let days: Result<Vec<u32>, _> = values(typed, "reminder").map(str::parse).collect();
    Times::of(days.map_err(|_| wrong())?).map_err(|_| wrong())
}

/// `POST /u/{token}/pause`: until a day, until they say so, or no longer.
pub async fn pause(req: HttpRequest, token: Path<String>, typed: Form<Typed>) -> Page {
    let member = preferences_link(&req, &token).await?;
    let changes = if said(&typed, RESUME) {
        vec![Change::Status(Status::Active)]
    } else {
        let day = values(&typed, "until").next().unwrap_or_default().trim();
        match until(&req, day) {
            Ok(until) => vec![Change::Status(Status::Paused), Change::PausedUntil(until)],
            Err(NotToCome) => {
                let wrong_day = Some(day.to_owned());
                let view = PreferencesView { wrong_day, ..view(&req, &member, &token) };
                let frame = callers::frame_for(&req, Some(member.language));
                return Ok(private(StatusCode::UNPROCESSABLE_ENTITY, render(&frame, &view)));
            }
        }
    };
    change(&req, member.id, changes).await?;
    Ok(back(&req, &token, Noted::Choices))
}

/// A day that is no day, or is not to come.
struct NotToCome;

/// When a pause ends: when that day begins in the community's zone. Nothing typed is open.
fn until(req: &HttpRequest, day: &str) -> Result<Option<DateTime<Utc>>, NotToCome> {
    if day.is_empty() {
        return Ok(None);
    }
    let app = callers::app(req);
    let day = day.parse::<NaiveDate>().ok().filter(|day| *day > app.today()).ok_or(NotToCome)?;
    Ok(Some(time::start_of_day(day, app.community.zone)))
}

/// `POST /u/{token}/feed`: another address of the private feed; the one before opens nothing more.
pub async fn renew_feed(req: HttpRequest, token: Path<String>) -> Page {
    let id = preferences_link(&req, &token).await?.id;
    let work = move |app| async move {
        links::revoke(&app, &By::actor(Actor::Member(id)), id, Revocable::Feed).await
    };
    callers::app(&req).unit(work).await?;
    Ok(back(&req, &token, Noted::Feed))
}

fn back(req: &HttpRequest, token: &str, noted: Noted) -> HttpResponse {
    see_other(callers::frame(req).to(&format!("/u/{token}?noted={}", noted.name())))
}

fn see_other(page: String) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, page)).insert_header((header::CACHE_CONTROL, "no-store"));
    response.finish()
}

fn shown(req: &HttpRequest, member: &Member, view: &PreferencesView) -> HttpResponse {
    private(StatusCode::OK, render(&callers::frame_for(req, Some(member.language)), view))
}

fn view(req: &HttpRequest, member: &Member, token: &str) -> PreferencesView {
    let app = callers::app(req);
    let day = |until: DateTime<Utc>| until.with_timezone(&app.community.zone).date_naive();
    PreferencesView {
        action: format!("/u/{token}"),
        name: member.short_name(),
        wanted: Wanted {
            invitations: member.wants_invitations,
            nudges: member.wants_nudges,
            news: member.wants_news,
        },
        follows: member.follows.clone(),
        reminders: member.reminders,
        language: member.language,
        pause: match (member.status_at(app.now()), member.paused_until) {
            (Status::Paused, Some(until)) => Pause::Until(day(until)),
            (Status::Paused, None) => Pause::Open,
            (Status::Active | Status::Left | Status::Suspended, _) => Pause::No,
        },
        earliest: app.today().succ_opt().unwrap_or(NaiveDate::MAX),
        stopped: member.primary_email().and_then(|address| address.stopped.as_deref()).map(without_addresses),
        noted: None,
        wrong_day: None,
        feed: feed_of(app, member),
    }
}

/// Whoever holds a forwarded mail does not read here whose it was.
fn without_addresses(words: &str) -> String {
    let masked = words.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
    masked.collect::<Vec<_>>().join(" ")
}
