//! From a row of the outbox to a mail, at the moment when it leaves: it never tells what is no
//! longer so. Whether it leaves at all is decided in [`mensuel_domain::delivery`].

mod calendar_part;
mod evening;
mod known;
pub mod preview;
mod told;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    delivery::{self, Verdict, Why as Dropped},
    fact::NoticeKind,
    id::Id,
    invitation::Invitation,
    lang::Lang,
    text::Email,
};
use mensuel_infra::{
    links::{Claim, Purpose},
    mail::{
        letter::{Letter, Why, compose},
        message::{Mailbox, Outgoing},
    },
    store::{
        StoreError,
        outbox::{Notice, State},
    },
};

use uuid::Uuid;

use crate::app::App;
use known::{Addressee, Known};
use told::Told;

/// What is to be done with a notification that came due.
#[derive(Debug)]
pub enum Ready {
    Mail(Box<Mail>),
    /// Not needed any more, and why; kept with the row.
    Drop(String),
    /// A mail to the same person about the same evening is under way, and comes first.
    NotYet,
}

#[derive(Debug)]
pub struct Mail {
    pub outgoing: Outgoing,
    /// It carries a calendar entry.
    pub with_entry: bool,
    /// The evenings that it lists beside the one that it is about.
    pub listed: Vec<Id<Invitation>>,
    /// Worthless from then on: the evening has begun.
    pub not_after: Option<DateTime<Utc>>,
}

/// Writes the mail of a notification, from the rows as they are now. `ours` are the notifications
/// that are worked together with it: they precede nothing.
pub async fn prepare(app: &App, notice: &Notice, ours: &[Uuid]) -> Result<Ready, StoreError> {
    let now = app.now();
    let known = Known::load(app, notice, now).await?;
    if known.is_preceded(now, ours) {
        return Ok(Ready::NotYet);
    }
    let Some(circumstances) = known.circumstances(now) else {
        return Ok(dropped(Dropped::NoLongerMember));
    };
    match delivery::settle(notice.kind, &circumstances) {
        Verdict::Drop(why) => return Ok(dropped(why)),
        Verdict::Merge(kind) => return Ok(Ready::Drop(merged_into(kind))),
        Verdict::Send => {}
    }
    let Some(told) = told::of(app, &known, now).await? else {
        return Ok(dropped(Dropped::NotConcerned));
    };
    Ok(match written(app, &known, told)? {
        Some(mail) => Ready::Mail(Box::new(mail)),
        None => dropped(Dropped::AddressStopped),
    })
}

fn dropped(why: Dropped) -> Ready {
    Ready::Drop(why.name().to_owned())
}

fn merged_into(kind: NoticeKind) -> String {
    format!("merged_into_{}", kind.name())
}

fn written(app: &App, known: &Known<'_>, told: Told) -> Result<Option<Mail>, StoreError> {
    let Some((name, email)) = known.addressee.mailbox() else {
        return Ok(None);
    };
    let notice = known.notice;
    let calendar = calendar_part::of(app, known, &told, &name, &email);
    let listed = told.listed;
    let letter = Letter {
        lang: known.lang(app),
        community: app.community.name.to_string(),
        reader: name.clone(),
        why: why(known),
        preferences: preferences(app, known),
        lost_link: known.member().map(|_| app.links.lost_link()),
        about: told.about,
    };
    let reply_to = told.reply_to;
    let composed = compose(&letter);
    let outgoing = Outgoing {
        envelope_from: envelope_from(app, notice),
        to: Mailbox { name, email },
        from: Mailbox { name: app.community.name.to_string(), email: app.community.mail_from.clone() },
        message_id: message_id(app, notice.id),
        date: notice.created_at,
        references: references(app, known),
        list_id: format!("evenings.{}", app.links.host()),
        reply_to,
        unsubscribe_by_mail: app.inbox.addresses.unsubscribe(notice.id).filter(|_| app.community.reads_mail),
        unsubscribe_url: preferences(app, known).filter(|_| !notice.kind.is_for_organizers()),
        subject: composed.subject,
        text: composed.text,
        html: composed.html,
        calendar,
    };
    let with_entry = outgoing.calendar.is_some();
    Ok(Some(Mail { outgoing, with_entry, listed, not_after: not_after(known) }))
}

fn why(known: &Known<'_>) -> Why {
    match (known.notice.kind, &known.addressee) {
        (kind, _) if kind.is_for_organizers() => Why::Organizer,
        (NoticeKind::Links, _) => Why::Asked,
        (_, Addressee::Guest { .. }) => Why::Programme,
        (_, Addressee::Member(_) | Addressee::Nobody) => Why::Member,
    }
}

/// The page of a member's mail preferences, which also takes the one-click unsubscription.
fn preferences(app: &App, known: &Known<'_>) -> Option<String> {
    let member = known.member()?;
    let claim =
        Claim { purpose: Purpose::Preferences, id: member.id.uuid(), epoch: member.preferences_epoch };
    Some(app.links.preferences(&app.links.sign(claim)))
}

/// Where reports of failure go: with a token of this mail (VERP) when mail that comes in is read.
fn envelope_from(app: &App, notice: &Notice) -> Email {
    let tagged = app.inbox.addresses.bounce(notice.id).filter(|_| app.community.reads_mail);
    tagged.unwrap_or_else(|| app.community.mail_from.clone())
}

/// The same for each attempt of one notification.
fn message_id(app: &App, id: Uuid) -> String {
    format!("{}@{}", id.simple(), app.links.host())
}

/// The first mail that left for this person about this evening.
fn references(app: &App, known: &Known<'_>) -> Vec<String> {
    let first = known.beside.iter().find(|row| {
        row.state == State::Sent
            && row.kind != NoticeKind::Links
            && row.kind.is_for_organizers() == known.notice.kind.is_for_organizers()
    });
    first.map(|row| message_id(app, row.id)).into_iter().collect()
}

/// An invitation or a reminder is worth nothing once the evening has begun, an offer once it ended.
fn not_after(known: &Known<'_>) -> Option<DateTime<Utc>> {
    match known.notice.kind {
        NoticeKind::Invitation | NoticeKind::Reminder => known.event().map(|event| event.span.starts_at),
        NoticeKind::Offered => known.notice.detail.until,
        NoticeKind::Answer
        | NoticeKind::Promoted
        | NoticeKind::OfferExpired
        | NoticeKind::Moved
        | NoticeKind::Cancelled
        | NoticeKind::Links
        | NoticeKind::RoleVacant
        | NoticeKind::ProgrammeDeclined
        | NoticeKind::AnswerNotTaken
        | NoticeKind::InboundMail
        | NoticeKind::MailPaused => None,
    }
}

/// What somebody who is no member reads: the language of the evening, else the community's.
fn fallback_lang(app: &App, known: &Known<'_>) -> Lang {
    known.event().map_or(app.community.language, |event| event.language)
}
