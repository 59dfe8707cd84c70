//! `/api/v1/events/{id}/invitations`.

use actix_web::{HttpRequest, http::StatusCode, web::Payload};
use mensuel_domain::{
    event::Event,
    id::Id,
    invitation::{AskedFor, Invitation, Invitee},
    member::Member,
};
use mensuel_infra::store::{
    invitations, members,
    outbox::{self, State},
    tokens::Scope,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Answer, body, events, fields::Fields, id, idempotent, outbox as notices, query::Query, read, write,
};
use crate::{
    app::App,
    callers,
    letters::preview::Preview,
    sight,
    use_cases::{self, invitations::Asked},
};

#[derive(Serialize)]
struct Shown {
    member_id: Option<Id<Member>>,
    name: String,
    kind: &'static str,
    wave: Option<u32>,
    role: Option<&'static str>,
    invited_at: String,
    mail: &'static str,
    sent_at: Option<String>,
    last_error: Option<String>,
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
    let mails = outbox::invitation_mails(db, event.id, &found).await?;
    let shown = |invitation: &Invitation| {
        let (member_id, name, kind) = match &invitation.guest {
            Invitee::Member(id) => (Some(*id), names.get(id)?.name.to_string(), "member"),
            Invitee::NamedGuest { name, .. } => (None, name.to_string(), "named_guest"),
        };
        let notice = mails.get(&invitation.id);
        let sent = notice.filter(|notice| notice.state == State::Sent);
        Some(Shown {
            member_id,
            name,
            kind,
            wave: invitation.wave,
            role: sight::role_of(&event, &invitation.guest).map(|role| role.name()),
            invited_at: write::instant(invitation.invited_at),
            mail: notice.map_or("none", |notice| notices::state(notice, app.now())),
            sent_at: sent.and_then(|notice| notice.finished_at).map(write::instant),
            last_error: notice.and_then(|notice| notice.last_error.clone()),
        })
    };
    write::list((found.iter().filter_map(shown).collect(), next))
}

#[derive(Serialize)]
struct Made {
    invited: u64,
    undo_until: Option<String>,
}

#[derive(Serialize)]
struct Planned {
    invited: usize,
    names: Vec<String>,
    mails: Vec<PlannedMail>,
}

#[derive(Serialize)]
struct PlannedMail {
    language: &'static str,
    subject: String,
    text: String,
}

pub async fn invite(req: HttpRequest, payload: Payload) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    let event: Id<Event> = id(&req, "id")?;
    let mut query = Query::of(&req);
    let dry_run = query.flag("dry_run");
    query.finish()?;
    let (bytes, value) = body::required(&req, payload).await?;
    let fields = Fields::of(&value)?;
    let audience = fields.required("audience", read::named(AskedFor::from_name, &AUDIENCES));
    let undo_minutes = fields.optional("undo_minutes", events::undo_minutes).unwrap_or(0);
    let audience = fields.finish(audience)?;
    if dry_run {
        let app = callers::app(&req);
        let plan = move |app: App| async move { use_cases::invitations::plan(&app, event, audience).await };
        return planned(app.unit(plan).await?);
    }
    let asked = Asked { audience, undo_minutes };
    let work = async |app: App, by: use_cases::By| {
        let ask = move |app: App| {
            let by = by.clone();
            async move { use_cases::invitations::ask(&app, &by, event, asked).await }
        };
        let sent = app.unit(ask).await?;
        let undo_until = sent.undo_until.filter(|_| sent.count > 0).map(write::instant);
        write::with_status(StatusCode::ACCEPTED, &Made { invited: sent.count, undo_until })
    };
    // How many they were is not known any more; nobody is invited by asking again.
    let again =
        async |_: App, _| write::with_status(StatusCode::ACCEPTED, &Made { invited: 0, undo_until: None });
    idempotent::answer(&req, organizer, &bytes, work, again).await
}

const AUDIENCES: [&str; 5] = ["followers", "programme", "wave:1", "wave:2", "wave:3"];

fn planned(planned: use_cases::invitations::Planned) -> Answer {
    let mail = |mail: Preview| PlannedMail {
        language: mail.language.code(),
        subject: mail.subject,
        text: mail.text,
    };
    write::ok(&Planned {
        invited: planned.names.len(),
        names: planned.names,
        mails: planned.mails.into_iter().map(mail).collect(),
    })
}

#[derive(Serialize)]
struct Withdrawn {
    withdrawn: u64,
}

pub async fn withdraw(req: HttpRequest) -> Answer {
    let organizer = callers::organizer(&req, Scope::Write).await?;
    Query::none(&req)?;
    let event: Id<Event> = id(&req, "id")?;
    let withdrawn = callers::app(&req)
        .unit(move |app| async move { use_cases::invitations::withdraw(&app, &organizer.by(), event).await })
        .await?;
    write::ok(&Withdrawn { withdrawn })
}
