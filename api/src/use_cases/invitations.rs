//! Invitations: asked for by organizers, or by members themselves.

use std::collections::BTreeSet;

use mensuel_domain::{
    event::{Event, Stage, StageRefused},
    fact::{Actor, Fact, InvitedBecause, NoticeKind},
    id::Id,
    invitation::{AskedFor, Invitation, Invitee},
    member::Member,
    text::PersonName,
};
use mensuel_infra::store::{Tx, events, invitations, members, outbox};

use super::{By, Failure, Refused, programme};
use crate::app::App;

/// Whom an invitation goes to, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOutcome {
    pub count: u64,
    pub names: Vec<(Option<Id<Member>>, PersonName)>,
}

/// Invites those who are asked for and were not invited yet. Nobody is invited twice.
pub async fn ask(
    app: &App,
    by: &By,
    event: Id<Event>,
    asked_for: AskedFor,
    dry_run: bool,
) -> Result<AskedOutcome, Failure> {
    let tx = app.store.write(app.now()).await?;
    let event = events::lock(&tx, event).await?.ok_or(Refused::Missing)?;
    check_open(&event, &tx)?;
    if dry_run {
        let names = would_be_invited(&tx, &event, asked_for).await?;
        tx.undo().await?;
        return Ok(AskedOutcome { count: names.len() as u64, names });
    }
    let (count, facts) = match asked_for {
        AskedFor::Followers => {
            let mut after = event.clone();
            after.followers_asked = true;
            if after != event {
                events::update(&tx, &event, &after).await?;
            }
            invite_followers(&tx, &event).await?
        }
        AskedFor::Programme => invite_programme(&tx, &event).await?,
    };
    by.take_key(&tx, Some(event.id.uuid())).await?;
    tx.commit(by.actor, facts).await?;
    Ok(AskedOutcome { count, names: Vec::new() })
}

fn check_open(event: &Event, tx: &Tx) -> Result<(), Failure> {
    let refused = match event.stage {
        Stage::Held | Stage::Draft => StageRefused::NotPublished,
        Stage::Cancelled => StageRefused::Cancelled,
        Stage::Published if event.is_past(tx.now()) => StageRefused::InThePast,
        Stage::Published => return Ok(()),
    };
    Err(Refused::Stage(refused).into())
}

/// Every active member who follows the format, and the programme: one mail for each who had none.
pub async fn invite_followers(tx: &Tx, event: &Event) -> Result<(u64, Vec<Fact>), Failure> {
    programme::invite(tx, event).await?;
    if let Some(format) = event.format {
        invitations::insert_followers(tx, event.id, format, None).await?;
    }
    let count = not_yet_mailed(tx, event).await?.len() as u64;
    let facts =
        if count == 0 { Vec::new() } else { vec![Fact::Invited { event: event.id, wave: None, count }] };
    Ok((count, facts))
}

async fn invite_programme(tx: &Tx, event: &Event) -> Result<(u64, Vec<Fact>), Failure> {
    let waiting: BTreeSet<Id<Invitation>> =
        programme::invite(tx, event).await?.into_iter().map(|(invitation, _)| invitation.id).collect();
    let why = InvitedBecause::OnProgramme;
    let facts: Vec<Fact> = not_yet_mailed(tx, event)
        .await?
        .into_iter()
        .filter(|invitation| waiting.contains(&invitation.id))
        .map(|invitation| Fact::InvitationMade { event: event.id, invitation: invitation.id, why })
        .collect();
    Ok((facts.len() as u64, facts))
}

/// Invitations for which no mail was ever enqueued.
async fn not_yet_mailed(tx: &Tx, event: &Event) -> Result<Vec<Invitation>, Failure> {
    let mailed: BTreeSet<Id<Invitation>> = outbox::of_event(tx.db(), event.id)
        .await?
        .into_iter()
        .filter(|notice| notice.kind == NoticeKind::Invitation)
        .filter_map(|notice| notice.invitation)
        .collect();
    let all = invitations::of_event(tx.db(), event.id, None, None).await?;
    Ok(all.into_iter().filter(|invitation| !mailed.contains(&invitation.id)).collect())
}

async fn would_be_invited(
    tx: &Tx,
    event: &Event,
    asked_for: AskedFor,
) -> Result<Vec<(Option<Id<Member>>, PersonName)>, Failure> {
    let mut invitees = programme::invitees(event);
    if let (AskedFor::Followers, Some(format)) = (asked_for, event.format) {
        let followers = invitations::uninvited(tx.db(), event.id, format, tx.now()).await?;
        invitees.extend(followers.into_iter().map(Invitee::Member));
        invitees.extend(not_yet_mailed(tx, event).await?.into_iter().map(|invitation| invitation.guest));
    }
    let known: Vec<Invitation> = invitations::of_event(tx.db(), event.id, None, None).await?;
    let waiting = not_yet_mailed(tx, event).await?;
    let names = members::find_many(tx.db(), invitees.iter().filter_map(Invitee::member)).await?;
    let mut seen = Vec::new();
    let mut people = Vec::new();
    for invitee in invitees {
        let had = known.iter().any(|invitation| invitation.guest == invitee);
        let waits = waiting.iter().any(|invitation| invitation.guest == invitee);
        if seen.contains(&invitee) || (had && !waits) {
            continue;
        }
        match &invitee {
            Invitee::Member(id) => {
                people.extend(names.get(id).map(|member| (Some(*id), member.name.clone())));
            }
            Invitee::NamedGuest { name, .. } => people.push((None, name.clone())),
        }
        seen.push(invitee);
    }
    Ok(people)
}

/// "Invite me": a member's own invitation to a published evening, made if there is none.
pub async fn ask_oneself(
    tx: &Tx,
    event: &Event,
    member: &Member,
) -> Result<(Invitation, Vec<Fact>), Failure> {
    if let Some(known) = invitations::find_of(tx.db(), event.id, member.id).await? {
        return Ok((known, Vec::new()));
    }
    let invitation = invitations::insert(tx, event.id, Invitee::Member(member.id), None).await?;
    let why = InvitedBecause::Asked;
    let fact = Fact::InvitationMade { event: event.id, invitation: invitation.id, why };
    Ok((invitation, vec![fact]))
}

/// Invites who became active, or began to follow, to the evenings whose followers were asked for
/// and whose deadline is open. The evenings are locked in the order of their ids.
pub async fn invite_newcomer(tx: &Tx, member: &Member) -> Result<Vec<Fact>, Failure> {
    let filter =
        events::Filter { from: Some(tx.now()), stages: vec![Stage::Published], ..Default::default() };
    let mut open: Vec<Event> = events::list(tx.db(), &filter).await?;
    open.retain(|event| event.followers_asked && tx.now() < event.deadline());
    open.retain(|event| event.format.is_some_and(|format| member.is_invited_to(format, tx.now())));
    let mut facts = Vec::new();
    for event in open {
        if invitations::find_of(tx.db(), event.id, member.id).await?.is_none() {
            let invitation = invitations::insert(tx, event.id, Invitee::Member(member.id), None).await?;
            let why = InvitedBecause::Follows;
            facts.push(Fact::InvitationMade { event: event.id, invitation: invitation.id, why });
        }
    }
    Ok(facts)
}

/// Who acts when a member does something by a link.
pub fn actor(invitation: &Invitation) -> Actor {
    match invitation.guest.member() {
        Some(member) => Actor::Member(member),
        None => Actor::NamedGuest(invitation.id),
    }
}
