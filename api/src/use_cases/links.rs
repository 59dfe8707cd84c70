//! "Mail me my link", for a member who has lost the mail; and links that are to lead nowhere any more.

use chrono::Duration;
use mensuel_domain::{
    event::{Event, Stage},
    fact::{Actor, Fact, Revocable},
    id::Id,
    member::{Member, Status},
    text::{Email, Slug},
};
use mensuel_infra::store::{Tx, events, facts, invitations as rows, members};

use super::{By, Failure, Refused, invitations};
use crate::app::App;

/// The most mails that strangers can make us send to one person within an hour.
const AN_HOUR: u64 = 3;

/// Mails the links of a member, or of one evening when it is asked from that evening's page. What
/// came of it is for the reader's mailbox alone, so the work is done aside: an address of a member
/// and any other get the same answer in the same time.
pub fn ask_aside(app: &App, email: Email, slug: Option<String>) {
    let asking = app.clone();
    app.units.begin(async move {
        let work = move |app: App| {
            let (email, slug) = (email.clone(), slug.clone());
            async move { ask(&app, &email, slug.as_deref()).await }
        };
        let asked = asking.unit(work).await;
        if let Err(failure) = asked {
            tracing::error!(?failure, "a request for links was not carried out");
        }
    });
}

/// As [`ask_aside`], for those who wait. Nothing happens when the address is no member's, or was
/// written to three times within the hour.
pub async fn ask(app: &App, email: &Email, slug: Option<&str>) -> Result<(), Failure> {
    let Some(known) = members::find_by_email(app.store.read(), email).await? else {
        return Ok(());
    };
    let tx = app.store.write(app.now()).await?;
    let event = shown_evening(&tx, slug).await?;
    let Some(member) = members::lock(&tx, known.id).await? else {
        return Ok(());
    };
    if !member.status.belongs() || asked_lately(&tx, member.id).await? >= AN_HOUR {
        return Ok(());
    }
    let facts = match event {
        Some(event) => one_evening(&tx, &event, &member).await?,
        None => vec![Fact::LinkRequested { member: member.id, event: None }],
    };
    tx.commit(Actor::Member(member.id), facts).await?;
    Ok(())
}

/// A published evening that is not over; asked for from another page, the links are those of all.
async fn shown_evening(tx: &Tx, slug: Option<&str>) -> Result<Option<Event>, Failure> {
    let Some(slug) = slug.and_then(Slug::parse) else {
        return Ok(None);
    };
    let Some(found) = events::find_by_slug(tx.db(), &slug).await? else {
        return Ok(None);
    };
    let event = events::lock(tx, found.id).await?;
    Ok(event.filter(|event| event.stage == Stage::Published && !event.is_past(tx.now())))
}

/// The invitation that is made now is mailed itself, and is the only mail.
async fn one_evening(tx: &Tx, event: &Event, member: &Member) -> Result<Vec<Fact>, Failure> {
    let links = Fact::LinkRequested { member: member.id, event: Some(event.id) };
    if member.status_at(tx.now()) != Status::Active {
        return Ok(vec![links]);
    }
    let (_, mut facts) = invitations::ask_oneself(tx, event, member).await?;
    // Where no invitation is sent the link alone was asked for.
    if facts.is_empty() || !member.wants_invitations || event.is_closed(tx.now()) {
        facts.push(links);
    }
    Ok(facts)
}

/// Mails that this member's address was made to get within the last hour.
async fn asked_lately(tx: &Tx, member: Id<Member>) -> Result<u64, Failure> {
    let since = Some(tx.now() - Duration::hours(1));
    let of_kind = |kind: &str| facts::Filter { kind: Some(kind.to_owned()), since, ..Default::default() };
    let links = facts::Filter { subject: Some(member.uuid()), ..of_kind("link_requested") };
    let asked = facts::count(tx.db(), &links).await?;
    let invited = facts::list(tx.db(), &of_kind("invitation_made")).await?;
    let own = ("member".to_owned(), Some(member.uuid()));
    Ok(asked + invited.iter().filter(|fact| fact.actor == own).count() as u64)
}

/// Revokes the links of one purpose that a member was given until now; the others go on. New ones
/// come with the next mail, or with "mail me my link".
pub async fn revoke(app: &App, by: &By, id: Id<Member>, links: Revocable) -> Result<Member, Failure> {
    let tx = app.store.write(app.now()).await?;
    let mut member = members::lock(&tx, id).await?.ok_or(Refused::Missing)?;
    if !member.status.belongs() {
        return Err(Refused::NotAMember.into());
    }
    match links {
        Revocable::Answers => rows::raise_epochs(&tx, id).await?,
        Revocable::Feed => member.feed_epoch += 1,
        Revocable::Preferences => member.preferences_epoch += 1,
    }
    member.revision += 1;
    member.updated_at = tx.now();
    members::update(&tx, &member).await?;
    tx.commit(by.actor, vec![Fact::LinksRevoked { member: id, links }]).await?;
    Ok(member)
}
