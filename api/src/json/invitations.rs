//! `/api/v1/events/{id}/invitations`.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, http::StatusCode, web::Payload};
use mensuel_domain::{
    event::Event,
    fact::NoticeKind,
    id::Id,
    invitation::{AskedFor, Invitation, Invitee},
    member::Member,
};
use mensuel_infra::store::{
    invitations, members,
    outbox::{self, Notice},
    tokens::Scope,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Answer, body, events, fields::Fields, id, idempotent, outbox as notices, query::Query, read, write,
};
use crate::{app::App, callers, problem::Problem, sight, use_cases};

#[derive(Serialize)]
struct Shown {
    member_id: Option<Id<Member>>,
    name: String,
    kind: &'static str,
    wave: Option<u32>,
    role: Option<&'static str>,
    invited_at: String,
    mail: &'static str,
}

pub async fn list(req: HttpRequest) -> Answer {
    callers::organizer(&req, Scope::Read).await?;
    let app = callers::app(&req);
    let event = events::find(&req).await?;
    let mut query = Query::of(&req);
    let page = query.page::<Uuid>();
    query.finish()?;
    let db = app.store.read();
    let found = invitations::of_event(db, event.id, page.after, Some(page.fetch())).await?;
    let (found, next) = page.cut(found, |invitation| invitation.id.uuid());
    let names = members::find_many(db, found.iter().filter_map(|one| one.guest.member())).await?;
    let mails = mails(app, &event).await?;
    let shown = |invitation: &Invitation| {
        let (member_id, name, kind) = match &invitation.guest {
            Invitee::Member(id) => (Some(*id), names.get(id)?.name.to_string(), "member"),
            Invitee::NamedGuest { name, .. } => (None, name.to_string(), "named_guest"),
        };
        let mail = mails.get(&invitation.id).map(|notice| notices::state(notice, app.now()));
        Some(Shown {
            member_id,
            name,
            kind,
            wave: invitation.wave,
            role: sight::role_of(&event, &invitation.guest).map(|role| role.name()),
            invited_at: write::instant(invitation.invited_at),
            mail: mail.unwrap_or("none"),
        })
    };
    write::list((found.iter().filter_map(shown).collect(), next))
}

/// The newest mail of each invitation.
async fn mails(app: &App, event: &Event) -> Result<BTreeMap<Id<Invitation>, Notice>, Problem> {
    let notices = outbox::of_event(app.store.read(), event.id).await?;
    let invited = notices.into_iter().filter(|notice| notice.kind == NoticeKind::Invitation);
    Ok(invited.filter_map(|notice| Some((notice.invitation?, notice))).collect())
}

#[derive(Serialize)]
struct Made {
    invited: u64,
}

#[derive(Serialize)]
struct Planned {
    invited: u64,
    names: Vec<String>,
}

pub async fn invite(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    let event: Id<Event> = id(&req, "id")?;
    let mut query = Query::of(&req);
    let dry_run = query.flag("dry_run");
    query.finish()?;
    let (bytes, value) = body::required(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let audience = fields.required("audience", read::named(asked_for, &["followers", "programme"]));
    let audience = fields.finish(audience)?;
    let ask = async move |app: &App, by: use_cases::By| {
        app.unit(move |app| {
            let by = by.clone();
            async move { use_cases::invitations::ask(&app, &by, event, audience, dry_run).await }
        })
        .await
    };
    if dry_run {
        let planned = ask(callers::app(&req), organizer.by()).await?;
        let names = planned.names.into_iter().map(|(_, name)| name.to_string()).collect();
        return write::ok(&Planned { invited: planned.count, names });
    }
    let work = async |app: App, by: use_cases::By| {
        let made = ask(&app, by).await?;
        write::with_status(StatusCode::ACCEPTED, &Made { invited: made.count })
    };
    // How many they were is not known any more; nobody is invited by asking again.
    let again = async |_: App, _| write::with_status(StatusCode::ACCEPTED, &Made { invited: 0 });
    idempotent::answer(&req, organizer, &bytes, work, again).await
}

fn asked_for(name: &str) -> Option<AskedFor> {
    [AskedFor::Followers, AskedFor::Programme].into_iter().find(|audience| audience.name() == name)
}
