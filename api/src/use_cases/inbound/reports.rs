//! What mail servers report: mail that came back, complaints, and leaving the list by mail.

use i18n_embed_fl::fl;
use mensuel_domain::{
    fact::{Actor, Fact},
    id::Id,
    inbound::Reason,
    invitation::Invitation,
    member::Member,
    pause::Trouble,
    text::Email,
};
use mensuel_infra::{
    mail::inbound::{Bounce, Class, FailedRecipient},
    store::{
        StoreError, Tx, full_mailboxes,
        inbound::{About, Kind},
        invitations, members,
        outbox::{self, Notice, Recipient},
    },
};
use uuid::Uuid;

use super::Judged;
use crate::{
    app::App,
    i18n::words,
    use_cases::{
        Failure,
        members::{Change, change_in},
    },
};

/// Whom a mail of ours went to, if they are still here.
enum Receiver {
    Member(Box<Member>),
    Guest(Id<Invitation>),
}

async fn receiver(tx: &Tx, notice: &Notice) -> Result<Option<Receiver>, StoreError> {
    Ok(match notice.recipient {
        Recipient::Member(id) => {
            members::lock(tx, id).await?.map(|member| Receiver::Member(Box::new(member)))
        }
        Recipient::NamedGuest(id) => invitations::find(tx.db(), id).await?.map(|_| Receiver::Guest(id)),
    })
}

fn about(notice: &Notice) -> About {
    About {
        member: match notice.recipient {
            Recipient::Member(id) => Some(id),
            Recipient::NamedGuest(_) => None,
        },
        event: notice.event,
        invitation: notice.invitation,
        notice: Some(Id::new(notice.id)),
        ..About::default()
    }
}

/// The mail that a report is about, and whom it went to.
async fn concerned(tx: &Tx, row: Option<Uuid>) -> Result<Option<(Notice, Receiver)>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let Some(notice) = outbox::find(tx.db(), row).await? else { return Ok(None) };
    Ok(receiver(tx, &notice).await?.map(|receiver| (notice, receiver)))
}

/// Takes a mail that came back into account: the address stops, is counted, or is kept.
pub(super) async fn bounced(tx: &Tx, row: Uuid, bounce: &Bounce) -> Result<Judged, Failure> {
    let unknown = Judged::ignored(Kind::Bounce, Reason::UnknownMail);
    let (Some((notice, receiver)), Some(failed)) = (concerned(tx, Some(row)).await?, bounce.failed.first())
    else {
        return Ok(unknown);
    };
    let said = said(failed);
    outbox::came_back(tx, notice.id, &said).await?;
    let address = failing(&receiver, failed.address.as_ref());
    let (reason, mut facts) = match failed.class {
        Class::Hard => (Reason::AddressStopped, stop(tx, &receiver, address, &said).await?),
        Class::Soft => counted(tx, &notice, address, &said).await?,
        Class::Ours => {
            let trouble = Trouble { about_us: false, reason: said };
            (
                Reason::MailRefused,
                outbox::begin_pause(tx, recipient(&notice), &trouble).await?.into_iter().collect(),
            )
        }
    };
    facts.push(Fact::NoticeBounced { notice: Id::new(notice.id), why: reason });
    let done = vec![(Actor::Mensuel, facts)];
    Ok(Judged { done, ..Judged::ignored(Kind::Bounce, reason) }.about(about(&notice)))
}

fn recipient(notice: &Notice) -> Uuid {
    match notice.recipient {
        Recipient::Member(id) => id.uuid(),
        Recipient::NamedGuest(id) => id.uuid(),
    }
}

/// Full, or away: the address stops with the third mail of thirty days, whether it was kept out at
/// once or came back.
async fn counted(
    tx: &Tx,
    notice: &Notice,
    address: Option<&Email>,
    why: &str,
) -> Result<(Reason, Vec<Fact>), StoreError> {
    let stopped = match address {
        Some(address) => full_mailboxes::count(tx, address, notice.id, why).await?,
        None => None,
    };
    Ok(match stopped {
        Some(member) => (Reason::SoftBouncesStopped, vec![Fact::MemberChanged { member }]),
        None => (Reason::SoftBounce, Vec::new()),
    })
}

/// The address of a member that failed, when it is one of theirs; else the one that their mail goes to.
fn failing<'a>(receiver: &'a Receiver, failed: Option<&Email>) -> Option<&'a Email> {
    let Receiver::Member(member) = receiver else { return None };
    let theirs = member.emails.iter().find(|one| failed.is_some_and(|f| f.key() == one.email.key()));
    theirs.or_else(|| member.primary_email()).map(|address| &address.email)
}

fn said(failed: &FailedRecipient) -> String {
    match failed.status {
        Some(status) => format!("{status} {}", failed.words).trim().to_owned(),
        None => failed.words.clone(),
    }
}

/// Sends nothing more to an address of a member, or to a named guest.
async fn stop(
    tx: &Tx,
    receiver: &Receiver,
    address: Option<&Email>,
    why: &str,
) -> Result<Vec<Fact>, StoreError> {
    match (receiver, address) {
        (Receiver::Guest(invitation), _) => {
            invitations::stop_guest(tx, *invitation, why).await?;
            Ok(Vec::new())
        }
        (Receiver::Member(_), None) => Ok(Vec::new()),
        (Receiver::Member(_), Some(address)) => {
            let stopped = members::stop_address(tx, address, why).await?;
            Ok(stopped.map(|member| Fact::MemberChanged { member }).into_iter().collect())
        }
    }
}

/// Marked as spam: all mail to this address stops at once.
pub(super) async fn complained(app: &App, tx: &Tx, row: Option<Uuid>) -> Result<Judged, Failure> {
    let Some((notice, receiver)) = concerned(tx, row).await? else {
        return Ok(Judged::ignored(Kind::Complaint, Reason::UnknownMail));
    };
    let why = fl!(words(app.community.language), "mail-complained");
    let mut facts = leave(app, tx, &receiver).await?;
    facts.extend(stop(tx, &receiver, failing(&receiver, None), &why).await?);
    let done = if facts.is_empty() { Vec::new() } else { vec![(Actor::Mensuel, facts)] };
    Ok(Judged { done, ..Judged::ignored(Kind::Complaint, Reason::Complained) }.about(about(&notice)))
}

/// The mailto of List-Unsubscribe (RFC 2369, section 3.2): as the one click, by mail.
pub(super) async fn unsubscribed(app: &App, tx: &Tx, row: Uuid) -> Result<Judged, Failure> {
    let Some((notice, receiver)) = concerned(tx, Some(row)).await? else {
        return Ok(Judged::ignored(Kind::Unsubscribe, Reason::UnknownMail));
    };
    let mut facts = leave(app, tx, &receiver).await?;
    if let Receiver::Guest(_) = receiver {
        let why = fl!(words(app.community.language), "mail-unsubscribed");
        facts.extend(stop(tx, &receiver, None, &why).await?);
    }
    let done = if facts.is_empty() { Vec::new() } else { vec![(Actor::Mensuel, facts)] };
    Ok(Judged { done, ..Judged::ignored(Kind::Unsubscribe, Reason::Unsubscribed) }.about(about(&notice)))
}

/// No more invitations. A named guest has none to leave.
async fn leave(app: &App, tx: &Tx, receiver: &Receiver) -> Result<Vec<Fact>, Failure> {
    let Receiver::Member(member) = receiver else { return Ok(Vec::new()) };
    let (_, facts) = change_in(app, tx, member, vec![Change::WantsInvitations(false)]).await?;
    Ok(facts)
}
