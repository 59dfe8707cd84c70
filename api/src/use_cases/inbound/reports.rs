//! What mail servers report: mail that came back, complaints, and leaving the list by mail.

use i18n_embed_fl::fl;
use mensuel_domain::{
    fact::{Actor, Fact},
    id::Id,
    inbound::Reason,
    invitation::{Invitation, Invitee},
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
    Guest(Id<Invitation>, Email),
}

async fn receiver(tx: &Tx, notice: &Notice) -> Result<Option<Receiver>, StoreError> {
    Ok(match notice.recipient {
        Recipient::Member(id) => {
            members::lock(tx, id).await?.map(|member| Receiver::Member(Box::new(member)))
        }
        Recipient::NamedGuest(id) => {
            invitations::find(tx.db(), id).await?.and_then(|invitation| match invitation.guest {
                Invitee::NamedGuest { email, .. } => Some(Receiver::Guest(id, email)),
                Invitee::Member(_) => None,
            })
        }
    })
}

impl Receiver {
    /// Their addresses of now, the one that mail goes to first.
    fn addresses(&self) -> Vec<&Email> {
        match self {
            Receiver::Guest(_, email) => vec![email],
            Receiver::Member(member) => {
                let first = member.primary_email().into_iter();
                first.chain(&member.emails).map(|address| &address.email).collect()
            }
        }
    }

    /// The address that a mail went to, while it is theirs. Where it is not remembered, it is the one
    /// that a report names, else the one that their mail goes to.
    fn reached(&self, notice: &Notice, named: Option<&Email>) -> Option<&Email> {
        let addresses = self.addresses();
        if notice.sent_to_hash.is_some() {
            return addresses.into_iter().find(|address| notice.went_to(address) == Some(true));
        }
        let is_named = |address: &&&Email| named.is_some_and(|named| named.key() == address.key());
        addresses.iter().find(is_named).or(addresses.first()).copied()
    }

    /// Whether a report that names this address tells of a mail itself and not of what was passed on.
    fn is_meant(&self, notice: &Notice, address: &Email) -> bool {
        let is_theirs = || self.addresses().iter().any(|one| one.key() == address.key());
        notice.went_to(address).unwrap_or_else(is_theirs)
    }
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
    let ignored = |reason| Judged::ignored(Kind::Bounce, reason);
    let Some((notice, receiver)) = concerned(tx, Some(row)).await? else {
        return Ok(ignored(Reason::UnknownMail));
    };
    let Some(failed) = bounce.failure_of(|address| receiver.is_meant(&notice, address)) else {
        return Ok(ignored(Reason::NoFailure).about(about(&notice)));
    };
    // The mail went to an address that they have no more.
    let Some(address) = receiver.reached(&notice, failed.address.as_ref()) else {
        return Ok(ignored(Reason::UnknownMail).about(about(&notice)));
    };
    let said = said(failed);
    outbox::came_back(tx, notice.id, &said).await?;
    let (reason, mut facts) = match failed.class {
        Class::Hard => (Reason::AddressStopped, stop(tx, &receiver, address, &said).await?),
        Class::Full => counted(tx, &notice, address, &said).await?,
        Class::Soft => (Reason::SoftBounce, Vec::new()),
        Class::Ours => {
            let trouble = Trouble { about_us: false, reason: said };
            let paused = outbox::begin_pause(tx, notice.recipient.uuid(), &trouble).await?;
            (Reason::MailRefused, paused.into_iter().collect())
        }
    };
    facts.push(Fact::NoticeBounced { notice: Id::new(notice.id), why: reason });
    let done = vec![(Actor::Mensuel, facts)];
    Ok(Judged { done, ..ignored(reason) }.about(about(&notice)))
}

/// The address stops with the third mail of thirty days that found the mailbox full, whether it was
/// kept out at once or came back.
async fn counted(
    tx: &Tx,
    notice: &Notice,
    address: &Email,
    why: &str,
) -> Result<(Reason, Vec<Fact>), StoreError> {
    let stopped = full_mailboxes::count(tx, notice.recipient, address, notice.id, why).await?;
    Ok(match stopped {
        Some(facts) => (Reason::SoftBouncesStopped, facts),
        None => (Reason::SoftBounce, Vec::new()),
    })
}

fn said(failed: &FailedRecipient) -> String {
    match failed.status {
        Some(status) => format!("{status} {}", failed.words).trim().to_owned(),
        None => failed.words.clone(),
    }
}

/// Sends nothing more to an address of a member, or to a named guest.
async fn stop(tx: &Tx, receiver: &Receiver, address: &Email, why: &str) -> Result<Vec<Fact>, StoreError> {
    match receiver {
        Receiver::Guest(invitation, _) => {
            invitations::stop_guest(tx, *invitation, why).await?;
            Ok(Vec::new())
        }
        Receiver::Member(_) => {
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
    if let Some(address) = receiver.reached(&notice, None) {
        facts.extend(stop(tx, &receiver, address, &why).await?);
    }
    let done = if facts.is_empty() { Vec::new() } else { vec![(Actor::Mensuel, facts)] };
    Ok(Judged { done, ..Judged::ignored(Kind::Complaint, Reason::Complained) }.about(about(&notice)))
}

/// The mailto of List-Unsubscribe (RFC 2369, section 3.2): as the one click, by mail.
pub(super) async fn unsubscribed(app: &App, tx: &Tx, row: Uuid) -> Result<Judged, Failure> {
    let Some((notice, receiver)) = concerned(tx, Some(row)).await? else {
        return Ok(Judged::ignored(Kind::Unsubscribe, Reason::UnknownMail));
    };
    let mut facts = leave(app, tx, &receiver).await?;
    if let Receiver::Guest(_, email) = &receiver {
        let why = fl!(words(app.community.language), "mail-unsubscribed");
        facts.extend(stop(tx, &receiver, email, &why).await?);
    }
    let done = if facts.is_empty() { Vec::new() } else { vec![(Actor::Mensuel, facts)] };
    Ok(Judged { done, ..Judged::ignored(Kind::Unsubscribe, Reason::Unsubscribed) }.about(about(&notice)))
}

/// No more invitations, nudges and news, as by the one click of the mail. A named guest has none to
/// leave.
async fn leave(app: &App, tx: &Tx, receiver: &Receiver) -> Result<Vec<Fact>, Failure> {
    let Receiver::Member(member) = receiver else { return Ok(Vec::new()) };
    let (_, facts) = change_in(app, tx, member, Change::every_kind(false)).await?;
    Ok(facts)
}
