//! Mail that comes in, by whatever door: each ends applied, ignored, or held, with its reason, once.

mod replies;
mod reports;

use chrono::Duration;
use mensuel_domain::{
    fact::{Actor, Fact},
    id::Id,
    inbound::{Ending, InboundMail, Reason, SHOWN_OF_ALL, SHOWN_OF_ONE},
};
use mensuel_infra::{
    mail::inbound::{
        self as read, Content, Inbound,
        decision::{Decision, Shown, classify},
    },
    store::{
        StoreError, Tx,
        inbound::{self as rows, About, Door, Filed, Kind, Sameness},
        invitations, outbox,
    },
};
use uuid::Uuid;

use super::{By, Failure, Refused};
use crate::app::App;

/// One mail as a door was given it.
#[derive(Debug)]
pub struct Arrived {
    pub door: Door,
    /// As much of it as was taken; one byte over the limit says that it is too large.
    pub raw: Vec<u8>,
    /// The envelope's recipient, where the door knows it.
    pub recipient: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub filed: Filed,
    /// It had come in before; nothing was done now.
    pub again: bool,
}

/// What is decided about one mail, before it is filed.
struct Judged {
    kind: Kind,
    reason: Reason,
    about: About,
    done: Vec<(Actor, Vec<Fact>)>,
}

impl Judged {
    fn ignored(kind: Kind, reason: Reason) -> Self {
        Self { kind, reason, about: About::default(), done: Vec::new() }
    }

    fn about(self, about: About) -> Self {
        Self { about, ..self }
    }
}

/// Takes a mail in. The same mail again answers what became of it the first time.
pub async fn receive(app: &App, arrived: &Arrived) -> Result<Received, Failure> {
    let mail = read::read(&arrived.raw, arrived.recipient.as_deref(), &app.inbox);
    let same = Sameness { message_id: mail.message_id.clone(), body_hash: mail.body.clone() };
    match take_in(app, arrived.door, &mail, &same).await {
        Err(Failure::Store(StoreError::Taken(_))) => {
            let filed = rows::find_same(app.store.read(), &same).await?;
            let filed = filed.ok_or_else(|| StoreError::Interrupted("its copy was undone".to_owned()))?;
            Ok(Received { filed, again: true })
        }
        other => other,
    }
}

async fn take_in(app: &App, door: Door, mail: &Inbound, same: &Sameness) -> Result<Received, Failure> {
    let tx = app.store.write(app.now()).await?;
    if let Some(filed) = rows::find_same(tx.db(), same).await? {
        tx.undo().await?;
        return Ok(Received { filed, again: true });
    }
    let mut judged = judge(app, &tx, mail).await?;
    let shown = is_for_organizers(judged.reason) && has_room(&tx, mail).await?;
    if judged.reason == Reason::Forwarded && !shown {
        judged.reason = Reason::NotForwarded;
    }
    let filed = filed(&tx, door, mail, same, &judged, shown);
    rows::insert(&tx, &filed).await?;
    if judged.done.is_empty() && !shown {
        rows::keep(tx).await?;
    } else {
        let came_in = Fact::MailCameIn { mail: filed.id, why: filed.reason, shown };
        judged.done.push((Actor::Mensuel, vec![came_in]));
        tx.commit_all(&judged.done).await?;
    }
    Ok(Received { filed, again: false })
}

async fn judge(app: &App, tx: &Tx, mail: &Inbound) -> Result<Judged, Failure> {
    if let Some(row) = our_row(app, &mail.message_id)
        && outbox::find(tx.db(), row).await?.is_some()
    {
        return Ok(Judged::ignored(kind_of(&mail.content), Reason::OwnMail));
    }
    match classify(mail, &mail.recipient) {
        Decision::Reply(reply) => replies::judge(app, tx, mail, &reply).await,
        Decision::Bounce { row, bounce } => reports::bounced(tx, row, &bounce).await,
        Decision::Complaint(complaint) => {
            let row = complaint.row.or_else(|| our_row(app, complaint.original.as_deref()?));
            reports::complained(app, tx, row).await
        }
        Decision::Unsubscribe(row) => reports::unsubscribed(app, tx, row).await,
        Decision::ShowToOrganizer(shown) => held(tx, mail, &shown).await,
        Decision::Forward => Ok(Judged::ignored(Kind::Words, Reason::Forwarded)),
        Decision::Ignore(why) => Ok(Judged::ignored(kind_of(&mail.content), why.reason())),
    }
}

/// The row of the outbox that a Message-ID of ours names.
fn our_row(app: &App, message_id: &str) -> Option<Uuid> {
    let (id, host) = message_id.rsplit_once('@')?;
    host.eq_ignore_ascii_case(app.links.host()).then(|| Uuid::parse_str(id).ok()).flatten()
}

/// A calendar message that is no answer still names whose evening it is about.
async fn held(tx: &Tx, mail: &Inbound, shown: &Shown) -> Result<Judged, Failure> {
    let uid = match &mail.content {
        Content::Calendar { uid, .. } => uid.as_deref(),
        Content::Reply(_)
        | Content::Several
        | Content::Malformed(_)
        | Content::Bounce(_)
        | Content::NoFailure
        | Content::Complaint(_)
        | Content::AutoReply
        | Content::Words
        | Content::TooLarge(_) => None,
    };
    let invitation = match uid {
        Some(uid) => invitations::find_by_uid(tx.db(), uid).await?,
        None => None,
    };
    // An autoresponder may enclose what it answers.
    if mail.manner.is_automatic() && invitation.is_some() && shown.is_of_organizers() {
        return Ok(Judged::ignored(Kind::Automatic, Reason::AutomaticReply));
    }
    let about = invitation.as_ref().map(replies::about).unwrap_or_default();
    Ok(Judged::ignored(kind_of(&mail.content), shown.reason()).about(about))
}

fn kind_of(content: &Content) -> Kind {
    match content {
        Content::Reply(_) => Kind::Reply,
        Content::Calendar { .. } | Content::Several | Content::Malformed(_) => Kind::Calendar,
        Content::Bounce(_) | Content::NoFailure => Kind::Bounce,
        Content::Complaint(_) => Kind::Complaint,
        Content::AutoReply => Kind::Automatic,
        Content::Words => Kind::Words,
        Content::TooLarge(_) => Kind::TooLarge,
    }
}

/// What a person should read, and what was refused for our own fault.
fn is_for_organizers(reason: Reason) -> bool {
    matches!(reason, Reason::Forwarded | Reason::MailRefused) || reason.ending() == Ending::Held
}

/// Strangers cannot make us mail the organizers without end.
async fn has_room(tx: &Tx, mail: &Inbound) -> Result<bool, StoreError> {
    let since = tx.now() - Duration::hours(1);
    let of_all = rows::count_shown(tx.db(), None, since).await?;
    let of_one = match &mail.from {
        Some(from) => rows::count_shown(tx.db(), Some(from), since).await?,
        None => 0,
    };
    Ok(of_all < SHOWN_OF_ALL && of_one < SHOWN_OF_ONE)
}

fn filed(tx: &Tx, door: Door, mail: &Inbound, same: &Sameness, judged: &Judged, shown: bool) -> Filed {
    let is_read = is_for_organizers(judged.reason) || judged.kind == Kind::Reply;
    let words = match &mail.content {
        Content::Reply(reply) => reply.comment.clone(),
        Content::Calendar { comment, .. } => {
            comment.clone().or_else(|| Some(mail.words.said.clone()).filter(|said| !said.is_empty()))
        }
        Content::Bounce(bounce) => bounce.failed.first().map(|failed| failed.words.clone()),
        Content::Several
        | Content::Malformed(_)
        | Content::NoFailure
        | Content::Complaint(_)
        | Content::AutoReply
        | Content::Words
        | Content::TooLarge(_) => Some(mail.words.said.clone()),
    };
    Filed {
        id: tx.new_id(),
        same: same.clone(),
        received_at: tx.now(),
        door,
        kind: judged.kind,
        reason: judged.reason,
        about: judged.about,
        sender: mail.from.clone(),
        reply_to: mail.reply_to.clone().filter(|_| judged.reason == Reason::Forwarded),
        subject: Some(mail.subject.clone()).filter(|subject| is_read && !subject.is_empty()),
        words: words.filter(|words| is_read && !words.is_empty()),
        shown,
    }
}

/// What an organizer does with a mail that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Takes it as the member's answer.
    Take,
    /// Puts it aside.
    Dismiss,
}

/// An organizer decides about a mail that was held. The same choice again changes nothing.
pub async fn decide(app: &App, by: &By, mail: Id<InboundMail>, choice: Choice) -> Result<Filed, Failure> {
    // Evenings are locked before anything else.
    let known = rows::find(app.store.read(), mail).await?.ok_or(Refused::Missing)?;
    let tx = app.store.write(app.now()).await?;
    if let Some(event) = known.about.event {
        mensuel_infra::store::events::lock(&tx, event).await?;
    }
    let filed = rows::lock(&tx, mail).await?.ok_or(Refused::Missing)?;
    let reason = match choice {
        Choice::Take => Reason::TakenByOrganizer,
        Choice::Dismiss => Reason::Dismissed,
    };
    if filed.reason == reason {
        tx.undo().await?;
        return Ok(filed);
    }
    let possible = match choice {
        Choice::Take => filed.reason.may_be_taken(),
        Choice::Dismiss => filed.reason.ending() == Ending::Held,
    };
    if !possible {
        return Err(Refused::NotHeld.into());
    }
    let (ended, mut facts) = match choice {
        Choice::Take => replies::take(app, &tx, by.actor, &filed).await?,
        Choice::Dismiss => (Vec::new(), Vec::new()),
    };
    by.take_key(&tx, Some(mail.uuid())).await?;
    rows::decide(&tx, &filed, reason).await?;
    facts.push(Fact::MailCameIn { mail, why: reason, shown: false });
    tx.commit_all(&[(Actor::Mensuel, ended), (by.actor, facts)]).await?;
    Ok(rows::find(app.store.read(), mail).await?.ok_or(Refused::Missing)?)
}
