//! `/api/v1/members`.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, web::Payload};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    id::Id,
    lang::Lang,
    member::{Follows, Member, MemberRole, Status},
    reminder::{self, Times},
    time,
};
use mensuel_infra::store::{members, tokens::Scope};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Answer, body, etag::IfMatch, fields::Fields, id, idempotent, query::Query, read, write};
use crate::{
    app::App,
    callers,
    problem::{Problem, Wrong},
    use_cases::{
        By, Failure, Refused,
        members::{self as use_cases, Change, Entered, NewMember},
    },
};

#[derive(Serialize)]
struct Shown {
    id: Id<Member>,
    name: String,
    emails: Vec<Address>,
    language: &'static str,
    company: Option<String>,
    job_title: Option<String>,
    member_since: Option<String>,
    status: &'static str,
    paused_until: Option<String>,
    follows: Vec<&'static str>,
    roles: Vec<&'static str>,
    mail: Mail,
    reminders: Vec<u32>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
    /// Why nothing is sent there any more.
    stopped: Option<String>,
}

#[derive(Serialize)]
struct Mail {
    invitations: bool,
    nudges: bool,
    news: bool,
}

fn shown(app: &App, member: &Member) -> Shown {
    let status = member.status_at(app.now());
    let day = |at: DateTime<Utc>| at.with_timezone(&app.community.zone).date_naive().to_string();
    let mut emails: Vec<Address> = member
        .emails
        .iter()
        .map(|one| Address {
            email: one.email.to_string(),
            primary: one.primary,
            verified: one.verified,
            stopped: one.stopped.clone(),
        })
        .collect();
    emails.sort_by_key(|one| !one.primary);
    Shown {
        id: member.id,
        name: member.name.to_string(),
        emails,
        language: member.language.code(),
        company: member.company.as_ref().map(ToString::to_string),
        job_title: member.job_title.as_ref().map(ToString::to_string),
        member_since: member.member_since.map(|day| day.to_string()),
        status: status.name(),
        paused_until: member.paused_until.filter(|_| status == Status::Paused).map(day),
        follows: member.follows.names(),
        roles: member.roles.iter().map(|role| role.name()).collect(),
        mail: Mail {
            invitations: member.wants_invitations,
            nudges: member.wants_nudges,
            news: member.wants_news,
        },
        reminders: member.reminders.into(),
        created_at: write::instant(member.created_at),
        updated_at: write::instant(member.updated_at),
    }
}

fn made(app: &App, member: &Member) -> Answer {
    write::created(&shown(app, member), format!("/api/v1/members/{}", member.id), Some(member.revision))
}

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let app = callers::app(&req);
    let mut query = Query::of(&req);
    let page = query.page::<(String, Uuid)>();
    let status = |name: &str| entered_status(name).ok_or_else(|| Wrong::OneOf(STATUSES.to_vec()));
    let filter = members::Filter {
        status: query.read("status", status),
        text: query.read("q", |words| read::line(&Value::from(words)).map(String::from)),
        after: page.after.clone(),
        limit: Some(page.fetch()),
    };
    query.finish()?;
    let found = members::list(app.store.read(), &filter).await?;
    let (found, next) = page.cut(found, |member| (members::name_key(member), member.id.uuid()));
    write::list((found.iter().map(|member| shown(app, member)).collect(), next))
}

pub async fn get(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let member = find(&req).await?;
    write::versioned(&shown(callers::app(&req), &member), member.revision)
}

async fn find(req: &HttpRequest) -> Result<Member, Problem> {
    let found = members::find(callers::app(req).store.read(), id(req, "id")?).await?;
    found.ok_or(Problem::NOT_FOUND)
}

pub async fn create(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let (bytes, value) = body::required(&req, payload).await?;
    let new = new(callers::app(&req), &value)?;
    if !new.roles.is_empty() {
        organizer.check(Scope::Admin)?;
    }
    let work = async |app: App, by: By| {
        let member = app
            .unit(move |app| {
                let (by, new) = (by.clone(), new.clone());
                async move { use_cases::create(&app, &by, new).await }
            })
            .await;
        made(&app, &member.map_err(|failure| where_entered(failure, &value))?)
    };
    let again = async |app: App, subject| {
        let member = members::find(app.store.read(), Id::new(subject)).await?;
        made(&app, &member.ok_or(Problem::NOT_FOUND)?)
    };
    idempotent::answer(&req, organizer, &bytes, work, again).await
}

/// The one address of `email` is not to be looked for in a list.
fn where_entered(failure: Failure, value: &Value) -> Failure {
    match failure {
        Failure::Refused(Refused::EmailTaken { .. }) if value.get("email").is_some() => {
            Refused::EmailTaken { pointer: "/email".to_owned() }.into()
        }
        other => other,
    }
}

fn new(app: &App, value: &Value) -> Result<NewMember, Problem> {
    let fields = Fields::of(value)?;
    let name = fields.required("name", read::name);
    let email = fields.optional("email", read::email);
    let many = emails(&fields);
    let emails = match (fields.has("email"), fields.has("emails")) {
        (true, true) => {
            fields.wrong("emails", Wrong::OneAddress);
            None
        }
        (true, false) => email.map(|email| vec![Entered::primary(email)]),
        (false, true) => many,
        (false, false) => {
            fields.wrong("email", Wrong::Missing);
            None
        }
    };
    let shared = Shared::read(&fields, app.community.zone);
    let new = name.zip(emails).map(|(name, emails)| NewMember {
        name,
        emails,
        language: shared.language.unwrap_or(app.community.language),
        company: shared.company.flatten(),
        job_title: shared.job_title.flatten(),
        member_since: shared.member_since.flatten(),
        status: shared.status.unwrap_or(Status::Active),
        paused_until: shared.paused_until.flatten(),
        follows: shared.follows.unwrap_or(Follows::All),
        roles: shared.roles.unwrap_or_default(),
        wants_invitations: shared.mail.invitations.unwrap_or(true),
        wants_nudges: shared.mail.nudges.unwrap_or(true),
        wants_news: shared.mail.news.unwrap_or(true),
        reminders: shared.reminders.unwrap_or_default(),
    });
    fields.finish(new)
}

/// What a new member and a change have in common.
struct Shared {
    language: Option<Lang>,
    company: Option<Option<mensuel_domain::text::Line>>,
    job_title: Option<Option<mensuel_domain::text::Line>>,
    member_since: Option<Option<chrono::NaiveDate>>,
    status: Option<Status>,
    paused_until: Option<Option<DateTime<Utc>>>,
    follows: Option<Follows>,
    roles: Option<BTreeSet<MemberRole>>,
    mail: MailEntered,
    reminders: Option<Times>,
}

/// What is left out stays as it is.
#[derive(Default)]
struct MailEntered {
    invitations: Option<bool>,
    nudges: Option<bool>,
    news: Option<bool>,
}

impl Shared {
    fn read(fields: &Fields<'_>, zone: Tz) -> Self {
        Self {
            language: fields.optional("language", read::language),
            company: fields.nullable("company", read::line),
            job_title: fields.nullable("job_title", read::line),
            member_since: fields.nullable("member_since", read::date),
            status: fields.optional("status", read::named(entered_status, &STATUSES)),
            paused_until: fields.nullable("paused_until", move |value| start_of_day(value, zone)),
            follows: fields.optional("follows", follows),
            roles: fields
                .list("roles", 10, read::named(MemberRole::from_name, &["organizer"]))
                .map(BTreeSet::from_iter),
            mail: fields.object("mail", mail).unwrap_or_default(),
            reminders: reminders(fields),
        }
    }
}

const STATUSES: [&str; 3] = ["active", "paused", "left"];

/// Suspending is not for this surface.
fn entered_status(name: &str) -> Option<Status> {
    Status::from_name(name).filter(|status| STATUSES.contains(&status.name()))
}

/// When a day begins in the community's zone.
fn start_of_day(value: &Value, zone: Tz) -> Result<DateTime<Utc>, Wrong> {
    Ok(time::start_of_day(read::date(value)?, zone))
}

fn mail(fields: &Fields<'_>) -> Option<MailEntered> {
    let of = |name| fields.optional(name, read::boolean);
    let mail = MailEntered { invitations: of("invitations"), nudges: of("nudges"), news: of("news") };
    if !["invitations", "nudges", "news"].into_iter().any(|name| fields.has(name)) {
        fields.wrong_here(Wrong::TooFew);
    }
    Some(mail)
}

/// How many days before; see [`reminder::CHOICES`].
fn reminders(fields: &Fields<'_>) -> Option<Times> {
    let day = |value: &Value| {
        let days = read::number(0, u32::MAX)(value).ok().filter(|days| reminder::CHOICES.contains(days));
        days.ok_or_else(|| Wrong::OneOf(vec!["14", "7", "3", "2", "1", "0"]))
    };
    let days = fields.list("reminders", reminder::CHOICES.len(), day)?;
    if (1..days.len()).any(|at| days[..at].contains(&days[at])) {
        fields.wrong("reminders", Wrong::Twice);
    }
    Times::of(days).ok()
}

fn follows(value: &Value) -> Result<Follows, Wrong> {
    let names = value.as_array().ok_or(Wrong::Follows)?;
    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
    let names = names.filter(|names| (1..names.len()).all(|at| !names[..at].contains(&names[at])));
    names.and_then(Follows::from_names).ok_or(Wrong::Follows)
}

/// The first is the primary one unless another says so.
fn emails(fields: &Fields<'_>) -> Option<Vec<Entered>> {
    let entered = fields.objects("emails", 10, |one| {
        let primary = one.optional("primary", read::boolean);
        let verified = one.optional("verified", read::boolean);
        let revived = one.nullable("stopped", only_null).is_some();
        let entry = |email| Entered { email, primary: primary == Some(true), verified, revived };
        one.required("email", read::email).map(entry)
    })?;
    let said = entered.iter().filter(|one| one.primary).count();
    let twice = (1..entered.len())
        .find(|&at| entered[..at].iter().any(|one| one.email.key() == entered[at].email.key()));
    let primary = entered.iter().position(|one| one.primary).unwrap_or(0);
    if entered.is_empty() {
        fields.wrong("emails", Wrong::TooFew);
    } else if said > 1 {
        fields.wrong("emails", Wrong::Primary);
    } else if twice.is_some() {
        fields.wrong("emails", Wrong::SameAddress);
    } else if entered[primary].verified == Some(false) {
        fields.wrong("emails", Wrong::PrimaryUnverified);
    }
    let entry = |(at, one)| Entered { primary: at == primary, ..one };
    Some(entered.into_iter().enumerate().map(entry).collect())
}

/// `null` lets mail go to an address again; why it was stopped is not for anybody to write.
fn only_null(_: &Value) -> Result<(), Wrong> {
    Err(Wrong::OnlyNull)
}

pub async fn change(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let member = find(&req).await?;
    let if_match = IfMatch::required(&req)?;
    let (_, value) = body::required(&req, payload).await?;
    let changes = changes(callers::app(&req), &value)?;
    if changes.iter().any(|change| concerns_roles(change, &member)) {
        organizer.check(Scope::Admin)?;
    }
    // Who may not change roles changes the member that was looked at, and no later one.
    let looked_at = organizer.check(Scope::Admin).is_err().then_some(member.revision);
    let (id, upon) = (member.id, if_match.upon(member.revision)?.or(looked_at));
    let app = callers::app(&req);
    let member = app
        .unit(move |app| {
            let changes = changes.clone();
            async move { use_cases::change(&app, &organizer.by(), id, upon, changes).await }
        })
        .await?;
    write::versioned(&shown(app, &member), member.revision)
}

/// An organizer who is made to leave loses the role, and their tokens with it.
fn concerns_roles(change: &Change, member: &Member) -> bool {
    match change {
        Change::Roles(_) => true,
        Change::Status(status) => member.is_organizer() && !status.belongs(),
        _ => false,
    }
}

fn changes(app: &App, value: &Value) -> Result<Vec<Change>, Problem> {
    let fields = Fields::of(value)?;
    let name = fields.optional("name", read::name);
    let emails = emails(&fields);
    let shared = Shared::read(&fields, app.community.zone);
    let changes = [
        name.map(Change::Name),
        emails.map(Change::Emails),
        shared.language.map(Change::Language),
        shared.company.map(Change::Company),
        shared.job_title.map(Change::JobTitle),
        shared.member_since.map(Change::MemberSince),
        shared.status.map(Change::Status),
        shared.paused_until.map(Change::PausedUntil),
        shared.follows.map(Change::Follows),
        shared.roles.map(Change::Roles),
        shared.mail.invitations.map(Change::WantsInvitations),
        shared.mail.nudges.map(Change::WantsNudges),
        shared.mail.news.map(Change::WantsNews),
        shared.reminders.map(Change::Reminders),
    ];
    fields.finish(Some(changes.into_iter().flatten().collect()))
}

pub async fn erase(req: HttpRequest) -> Answer {
    let organizer = callers::organizer(&req, Scope::Admin).await?;
    Query::none(&req)?;
    let id: Id<Member> = id(&req, "id")?;
    callers::app(&req)
        .unit(move |app| async move { use_cases::erase(&app, &organizer.by(), id).await })
        .await?;
    write::no_content()
}
