//! What mail servers report: mail that came back, complaints, and leaving the list by mail.

use chrono::Duration;
use i18n_embed_fl::fl;
use mensuel_domain::{
    fact::{Actor, Fact},
    id::Id,
    inbound::{Reason, SOFT_BOUNCES, SOFT_WITHIN_DAYS},
    invitation::Invitation,
    member::Member,
    text::Email,
};
use mensuel_infra::{
    mail::inbound::{Bounce, Class, FailedRecipient},
    store::{
        StoreError, Tx,
        inbound::{self as rows, About, Kind},
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
    let reason = judged(tx, &receiver, failed.class).await?;
    let said = said(failed);
    outbox::came_back(tx, notice.id, &said).await?;
    let mut facts = vec![Fact::NoticeBounced { notice: Id::new(notice.id), why: reason }];
    if matches!(reason, Reason::AddressStopped | Reason::SoftBouncesStopped) {
        facts.extend(stop(tx, &receiver, failed.address.as_ref(), &said).await?);
    }
    let done = vec![(Actor::Mensuel, facts)];
    Ok(Judged { done, ..Judged::ignored(Kind::Bounce, reason) }.about(about(&notice)))
}

async fn judged(tx: &Tx, receiver: &Receiver, class: Class) -> Result<Reason, StoreError> {
    Ok(match (class, receiver) {
        (Class::Hard, _) => Reason::AddressStopped,
        (Class::Ours, _) => Reason::MailRefused,
        (Class::Soft, Receiver::Guest(_)) => Reason::SoftBounce,
        (Class::Soft, Receiver::Member(member)) => {
            let since = tx.now() - Duration::days(SOFT_WITHIN_DAYS);
            let before = rows::count_of_member(tx.db(), member.id, Reason::SoftBounce, since).await?;
            if before + 1 >= SOFT_BOUNCES { Reason::SoftBouncesStopped } else { Reason::SoftBounce }
        }
    })
}

fn said(failed: &FailedRecipient) -> String {
    match failed.status {
        Some(status) => format!("{status} {}", failed.words).trim().to_owned(),
        None => failed.words.clone(),
    }
}

/// Stops the address that failed, when it is one of theirs; else the one that their mail goes to.
async fn stop(
    tx: &Tx,
    receiver: &Receiver,
    failed: Option<&Email>,
    why: &str,
) -> Result<Vec<Fact>, StoreError> {
    match receiver {
        Receiver::Guest(invitation) => {
            invitations::stop_guest(tx, *invitation, why).await?;
            Ok(Vec::new())
        }
        Receiver::Member(member) => {
            let theirs = member.emails.iter().find(|one| failed.is_some_and(|f| f.key() == one.email.key()));
            let Some(address) = theirs.or_else(|| member.primary_email()) else { return Ok(Vec::new()) };
            let stopped = members::stop_address(tx, &address.email, why).await?;
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
    facts.extend(stop(tx, &receiver, None, &why).await?);
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
