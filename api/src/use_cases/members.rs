//! Members: added, changed, erased.

mod entered;
pub(super) mod leaving;

pub use entered::{Change, Entered, NewMember};

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::{Departure, Event, Stage},
    fact::{Actor, Fact},
    id::Id,
    member::{Member, MemberRole, Status},
    text::{Email, PersonName},
};
use mensuel_infra::store::{StoreError, Tx, events, idempotency, inbound, members};

use entered::{addresses, applied, changed_facts};

use super::{By, Failure, Refused, invitations, tally::Tally, tokens};
use crate::app::App;

/// Adds a member, and invites them to the evenings whose followers have been asked for.
pub async fn create(app: &App, by: &By, new: NewMember) -> Result<Member, Failure> {
    let tx = app.store.write(app.now()).await?;
    lock_evenings_to_come(&tx).await?;
    let (member, mut facts) = create_in(&tx, new).await?;
    facts.extend(invitations::invite_newcomer(&tx, &member).await?);
    by.take_key(&tx, Some(member.id.uuid())).await?;
    tx.commit(by.actor, facts).await?;
    Ok(member)
}

/// As [`create`], in a transaction that does more, and inviting nobody.
pub async fn create_in(tx: &Tx, new: NewMember) -> Result<(Member, Vec<Fact>), Failure> {
    check_addresses(tx, &new.emails, None).await?;
    let member = Member {
        id: tx.new_id(),
        name: new.name,
        emails: addresses(&new.emails, &[]),
        language: new.language,
        company: new.company,
        job_title: new.job_title,
        member_since: new.member_since,
        status: new.status,
        paused_until: new.paused_until.filter(|_| new.status == Status::Paused),
        follows: new.follows,
        wants_invitations: new.wants_invitations,
        wants_nudges: new.wants_nudges,
        wants_news: new.wants_news,
        reminders: new.reminders,
        roles: if new.status.belongs() { new.roles } else { BTreeSet::new() },
        preferences_epoch: 0,
        feed_epoch: 0,
        revision: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    members::insert(tx, &member).await.map_err(taken)?;
    let mut facts = vec![Fact::MemberAdded { member: member.id }];
    if member.is_organizer() {
        facts.push(Fact::OrganizerAdded { member: member.id });
    }
    Ok((member, facts))
}

/// Changes a member. Who leaves frees their seats; who becomes active, or begins to follow, is
/// invited to the evenings whose followers have been asked for.
pub async fn change(
    app: &App,
    by: &By,
    id: Id<Member>,
    if_match: Option<u32>,
    changes: Vec<Change>,
) -> Result<Member, Failure> {
    let tx = app.store.write(app.now()).await?;
    let member = locked(&tx, id, &changes).await?.ok_or(Refused::Missing)?;
    if if_match.is_some_and(|revision| revision != member.revision) {
        return Err(Refused::Stale.into());
    }
    let (after, mut facts) = change_in(app, &tx, &member, changes).await?;
    facts.extend(invite_if_newly(&tx, &member, &after).await?);
    tx.commit(by.actor, facts).await?;
    Ok(after)
}

/// Unsubscribes the holder of a link from invitations, nudges and news.
pub async fn unsubscribe(app: &App, id: Id<Member>) -> Result<Member, Failure> {
    by_themselves(app, id, Change::every_kind(false)).await
}

/// Takes the unsubscription back.
pub async fn resubscribe(app: &App, id: Id<Member>) -> Result<Member, Failure> {
    by_themselves(app, id, Change::every_kind(true)).await
}

/// What the holder of their link chooses: mail, formats, reminders, language, a pause.
pub async fn by_themselves(app: &App, id: Id<Member>, changes: Vec<Change>) -> Result<Member, Failure> {
    let tx = app.store.write(app.now()).await?;
    let found = locked(&tx, id, &changes).await?;
    let member = found.filter(|member| member.status.belongs()).ok_or(Refused::Gone)?;
    let (after, mut facts) = change_in(app, &tx, &member, changes).await?;
    facts.extend(invite_if_newly(&tx, &member, &after).await?);
    tx.commit(Actor::Member(id), facts).await?;
    Ok(after)
}

/// Gives somebody the role of an organizer, from the command line: a member of this address, or a
/// new one.
pub async fn add_organizer(app: &App, email: &Email, name: Option<PersonName>) -> Result<Member, Failure> {
    let tx = app.store.write(app.now()).await?;
    lock_evenings_to_come(&tx).await?;
    let roles = BTreeSet::from([MemberRole::Organizer]);
    let (member, facts) = match members::find_by_email(tx.db(), email).await? {
        Some(known) => {
            let member = members::lock(&tx, known.id).await?.ok_or(Refused::Missing)?;
            if !member.status.belongs() {
                return Err(Refused::NotAMember.into());
            }
            let mut changes = vec![Change::Roles(roles)];
            changes.extend(name.map(Change::Name));
            change_in(app, &tx, &member, changes).await?
        }
        None => {
            let name = name.unwrap_or_else(|| name_of(email));
            let new = NewMember { roles, ..NewMember::named(name, email.clone(), app.community.language) };
            let (member, mut facts) = create_in(&tx, new).await?;
            facts.extend(invitations::invite_newcomer(&tx, &member).await?);
            (member, facts)
        }
    };
    tx.commit(Actor::Operator, facts).await?;
    Ok(member)
}

/// `zoe.durand@soie.example` is Zoe Durand until somebody says better.
fn name_of(email: &Email) -> PersonName {
    let local = email.as_str().split('@').next().unwrap_or_default();
    let words = local.split(['.', '_', '-', '+']).filter(|word| !word.is_empty());
    let name: Vec<String> = words.map(mensuel_infra::say::capitalized).collect();
    PersonName::parse(&name.join(" "))
        .or_else(|_| PersonName::parse(local))
        .expect("the local part of an address is a short line without controls")
}

/// Ends the pauses whose day has come, inviting those who are active again; answers how many.
pub async fn end_pauses(app: &App) -> Result<u64, Failure> {
    let filter = members::Filter { status: Some(Status::Paused), ..Default::default() };
    let mut ended = Tally::default();
    for paused in members::list(app.store.read(), &filter).await? {
        if paused.status_at(app.now()) != Status::Paused {
            ended.add("the end of a pause", end_pause(app, paused.id).await.map(u64::from));
        }
    }
    ended.finish()
}

async fn end_pause(app: &App, id: Id<Member>) -> Result<bool, Failure> {
    let tx = app.store.write(app.now()).await?;
    let changes = vec![Change::Status(Status::Active)];
    let Some(member) = locked(&tx, id, &changes).await? else {
        return Ok(false);
    };
    if member.status != Status::Paused || member.status_at(tx.now()) != Status::Active {
        return Ok(false);
    }
    let (after, mut facts) = change_in(app, &tx, &member, changes).await?;
    facts.extend(invitations::invite_newcomer(&tx, &after).await?);
    tx.commit(Actor::Mensuel, facts).await?;
    Ok(true)
}

/// When the next pause ends.
pub async fn next_end_of_pause(app: &App) -> Result<Option<DateTime<Utc>>, Failure> {
    let filter = members::Filter { status: Some(Status::Paused), ..Default::default() };
    let paused = members::list(app.store.read(), &filter).await?;
    Ok(paused.iter().filter_map(|member| member.paused_until).min())
}

/// Forgets a person: their answers, links, tokens and words go, programmes say "a former member".
pub async fn erase(app: &App, by: &By, id: Id<Member>) -> Result<(), Failure> {
    let tx = app.store.write(app.now()).await?;
    let evenings = leaving::lock_all(&tx, id).await?;
    let member = lock_with_organizers(&tx, id).await?.ok_or(Refused::Missing)?;
    check_not_last_organizer(&tx, &member, false).await?;
    for event in &evenings {
        idempotency::forget(&tx, event.id.uuid()).await?;
    }
    let mut facts = leaving::leave(app, &tx, id, Departure::Erased, evenings).await?;
    facts.extend(tokens::revoke_all_of(&tx, id).await?);
    idempotency::forget(&tx, id.uuid()).await?;
    inbound::forget_senders(&tx, member.emails.iter().map(|address| address.email.key())).await?;
    members::delete(&tx, id).await?;
    facts.push(Fact::MemberErased { member: id });
    tx.commit(by.actor, facts).await?;
    Ok(())
}

/// The member under the locks that these changes need, taken in the one order.
pub async fn locked(tx: &Tx, id: Id<Member>, changes: &[Change]) -> Result<Option<Member>, Failure> {
    let invites = |change: &Change| match change {
        Change::Status(_) | Change::Follows(_) | Change::WantsInvitations(_) | Change::PausedUntil(_) => true,
        Change::Name(_)
        | Change::Emails(_)
        | Change::Language(_)
        | Change::Company(_)
        | Change::JobTitle(_)
        | Change::MemberSince(_)
        | Change::WantsNudges(_)
        | Change::WantsNews(_)
        | Change::Reminders(_)
        | Change::Roles(_) => false,
    };
    if changes.iter().any(leaves) {
        leaving::lock_all(tx, id).await?;
    } else if changes.iter().any(invites) {
        lock_evenings_to_come(tx).await?;
    }
    let organizes = |change: &Change| leaves(change) || matches!(change, Change::Roles(_));
    if changes.iter().any(organizes) {
        lock_with_organizers(tx, id).await
    } else {
        Ok(members::lock(tx, id).await?)
    }
}

fn leaves(change: &Change) -> bool {
    matches!(change, Change::Status(status) if !status.belongs())
}

/// Who loses the role waits for who else is losing it, so that one stays.
async fn lock_with_organizers(tx: &Tx, id: Id<Member>) -> Result<Option<Member>, Failure> {
    let organizers = members::organizers(tx.db()).await?;
    let order: BTreeSet<Id<Member>> = organizers.iter().map(|member| member.id).chain([id]).collect();
    let mut found = None;
    for one in order {
        let member = members::lock(tx, one).await?;
        found = found.or_else(|| member.filter(|member| member.id == id));
    }
    Ok(found)
}

/// As [`change`], under the locks of [`locked`], in a transaction that does more, and inviting nobody.
pub async fn change_in(
    app: &App,
    tx: &Tx,
    member: &Member,
    changes: Vec<Change>,
) -> Result<(Member, Vec<Fact>), Failure> {
    for change in &changes {
        if let Change::Emails(emails) = change {
            check_addresses(tx, emails, Some(member.id)).await?;
        }
    }
    let mut after = applied(member.clone(), changes);
    if after == *member {
        return Ok((after, Vec::new()));
    }
    check_not_last_organizer(tx, member, after.is_organizer()).await?;
    after.revision += 1;
    after.updated_at = tx.now();
    members::update(tx, &after).await.map_err(taken)?;
    let mut facts = changed_facts(member, &after);
    if member.is_organizer() && !after.is_organizer() {
        facts.extend(tokens::revoke_all_of(tx, member.id).await?);
    }
    if member.status.belongs() && !after.status.belongs() {
        let evenings = leaving::lock_all(tx, member.id).await?;
        facts.extend(leaving::leave(app, tx, member.id, Departure::Left, evenings).await?);
    }
    Ok((after, facts))
}

async fn invite_if_newly(tx: &Tx, before: &Member, after: &Member) -> Result<Vec<Fact>, Failure> {
    let formats = mensuel_domain::format::Format::ALL;
    let newly = |format| !before.is_invited_to(format, tx.now()) && after.is_invited_to(format, tx.now());
    if formats.into_iter().any(newly) {
        return invitations::invite_newcomer(tx, after).await;
    }
    Ok(Vec::new())
}

async fn check_not_last_organizer(tx: &Tx, member: &Member, stays: bool) -> Result<(), Failure> {
    if !member.is_organizer() || stays {
        return Ok(());
    }
    let others = members::organizers(tx.db()).await?;
    match others.iter().any(|other| other.id != member.id && other.status.belongs()) {
        true => Ok(()),
        false => Err(Refused::LastOrganizer.into()),
    }
}

/// Locks the evenings that a newcomer may be invited to, in the order of their ids.
async fn lock_evenings_to_come(tx: &Tx) -> Result<(), Failure> {
    let filter =
        events::Filter { from: Some(tx.now()), stages: vec![Stage::Published], ..Default::default() };
    let order: BTreeSet<Id<Event>> =
        events::list(tx.db(), &filter).await?.iter().map(|event| event.id).collect();
    for event in order {
        events::lock(tx, event).await?;
    }
    Ok(())
}

/// No address stands twice, here or with somebody else.
async fn check_addresses(tx: &Tx, entered: &[Entered], own: Option<Id<Member>>) -> Result<(), Failure> {
    let mut keys = BTreeSet::new();
    for (at, one) in entered.iter().enumerate() {
        let holder = members::find_by_email(tx.db(), &one.email).await?;
        let is_others = holder.is_some_and(|holder| Some(holder.id) != own);
        if is_others || !keys.insert(one.email.key()) {
            return Err(Refused::EmailTaken { pointer: format!("/emails/{at}/email") }.into());
        }
    }
    Ok(())
}

fn taken(error: StoreError) -> Failure {
    match error {
        StoreError::Taken(_) => Refused::EmailTaken { pointer: "/emails".to_owned() }.into(),
        StoreError::Corrupt(_) | StoreError::Interrupted(_) | StoreError::Database(_) => error.into(),
    }
}
