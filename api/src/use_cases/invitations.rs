//! Invitations: asked for by organizers, or by members themselves.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use mensuel_domain::{
    event::{Event, Stage, StageRefused},
    fact::{Actor, Fact, InvitedBecause},
    id::Id,
    invitation::{AskedFor, Invitation, Invitee},
    member::Member,
    wave::Wave,
};
use mensuel_infra::store::{
    StoreError, Tx, events, invitations, members, outbox,
    rounds::{self, Reach, Round},
    rsvps,
};

use super::{By, Failure, Refused, programme};
use crate::{
    app::App,
    letters::preview::{self, Preview, Reader},
};

/// Who is asked for, and for how long the mails wait so that they can be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub audience: AskedFor,
    pub undo_minutes: u32,
}

/// What an audience asked for led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub event: Event,
    pub count: u64,
    pub undo_until: Option<DateTime<Utc>>,
    pub facts: Vec<Fact>,
}

/// Invites those who are asked for and were not invited yet. Nobody is invited twice.
pub async fn ask(app: &App, by: &By, event: Id<Event>, asked: Asked) -> Result<Sent, Failure> {
    let mut tx = app.store.write(app.now()).await?;
    let event = events::lock(&tx, event).await?.ok_or(Refused::Missing)?;
    check_open_to(asked.audience, &event, tx.now())?;
    let sent = send_round(&mut tx, &event, asked).await?;
    by.take_key(&tx, Some(event.id.uuid())).await?;
    tx.commit(by.actor, sent.facts.clone()).await?;
    Ok(sent)
}

/// Nobody is invited to what takes no yes any more; people of the programme are told of it all the
/// same.
fn check_open_to(audience: AskedFor, event: &Event, now: DateTime<Utc>) -> Result<(), Failure> {
    match audience {
        AskedFor::Programme => check_announced(event, now),
        AskedFor::Followers | AskedFor::Wave(_) => check_open(event, now),
    }
}

pub(super) fn check_open(event: &Event, now: DateTime<Utc>) -> Result<(), Failure> {
    check_announced(event, now)?;
    match event.is_closed(now) {
        true => Err(Refused::Stage(StageRefused::Closed).into()),
        false => Ok(()),
    }
}

/// Published, and not over.
pub(super) fn check_announced(event: &Event, now: DateTime<Utc>) -> Result<(), Failure> {
    let refused = match event.stage {
        Stage::Held | Stage::Draft => StageRefused::NotPublished,
        Stage::Cancelled => StageRefused::Cancelled,
        Stage::Published if event.is_past(now) => StageRefused::InThePast,
        Stage::Published => return Ok(()),
    };
    Err(Refused::Stage(refused).into())
}

/// One round: an audience is invited, and it is remembered when. The evening is locked.
pub async fn send_round(tx: &mut Tx, event: &Event, asked: Asked) -> Result<Sent, Failure> {
    let undo = Duration::minutes(asked.undo_minutes.into());
    let undo_until = (asked.undo_minutes > 0).then(|| tx.now() + undo);
    let gone: Vec<Wave> =
        rounds::waves(&rounds::of_event(tx.db(), event.id).await?).iter().map(|gone| gone.wave).collect();
    let id = tx.begin_round(tx.now() + undo);
    let (count, mut facts) = match asked.audience {
        AskedFor::Followers => invite_followers(tx, event).await?,
        AskedFor::Programme => invite_programme(tx, event).await?,
        AskedFor::Wave(wave) => invite_wave(tx, event, wave, &gone).await?,
    };
    let mut after = event.clone();
    after.followers_asked |= are_followers_asked(asked.audience, &gone);
    let opened_followers = after != *event;
    if opened_followers {
        events::update(tx, event, &after).await?;
    }
    if count > 0 || opened_followers || matches!(asked.audience, AskedFor::Wave(_)) {
        let round = Round {
            id,
            event: event.id,
            audience: asked.audience,
            invited: count,
            asked_at: tx.now(),
            undo_until,
            opened_followers,
        };
        rounds::insert(tx, &round).await?;
        if facts.is_empty() {
            // Nobody was there to be invited; who comes later is, and that is a change.
            let wave = wave_of(asked.audience);
            facts.push(Fact::Invited { event: event.id, wave, count });
        }
    }
    Ok(Sent { event: after, count, undo_until, facts })
}

/// From then on newcomers are invited: the followers were asked for, or the last wave went.
fn are_followers_asked(audience: AskedFor, gone: &[Wave]) -> bool {
    match audience {
        AskedFor::Followers => true,
        AskedFor::Programme => false,
        AskedFor::Wave(wave) => Wave::ALL.into_iter().all(|one| one == wave || gone.contains(&one)),
    }
}

fn wave_of(audience: AskedFor) -> Option<u32> {
    match audience {
        AskedFor::Followers | AskedFor::Programme => None,
        AskedFor::Wave(wave) => Some(wave.number()),
    }
}

/// Every active member who follows the format, and the programme: one mail for each who had none.
async fn invite_followers(tx: &Tx, event: &Event) -> Result<(u64, Vec<Fact>), Failure> {
    programme::invite(tx, event).await?;
    if let Some(format) = event.format {
        invitations::insert_followers(tx, event, format, None).await?;
    }
    let count = outbox::count_not_yet_mailed(tx.db(), event.id).await?;
    let facts =
        if count == 0 { Vec::new() } else { vec![Fact::Invited { event: event.id, wave: None, count }] };
    Ok((count, facts))
}

async fn invite_wave(tx: &Tx, event: &Event, wave: Wave, gone: &[Wave]) -> Result<(u64, Vec<Fact>), Failure> {
    let Some(format) = event.format else {
        return Ok((0, Vec::new()));
    };
    let reach = Reach { wave, gone: gone.to_vec() };
    let count = invitations::insert_followers(tx, event, format, Some(&reach)).await?;
    Ok((count, vec![Fact::Invited { event: event.id, wave: Some(wave.number()), count }]))
}

pub(super) async fn invite_programme(tx: &Tx, event: &Event) -> Result<(u64, Vec<Fact>), Failure> {
    let waiting: BTreeSet<Id<Invitation>> =
        programme::invite(tx, event).await?.into_iter().map(|(invitation, _)| invitation.id).collect();
    let why = InvitedBecause::OnProgramme;
    let facts: Vec<Fact> = outbox::not_yet_mailed(tx.db(), event.id)
        .await?
        .into_iter()
        .filter(|invitation| waiting.contains(&invitation.id))
        .map(|invitation| Fact::InvitationMade { event: event.id, invitation: invitation.id, why })
        .collect();
    Ok((facts.len() as u64, facts))
}

/// What asking for an audience would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub names: Vec<String>,
    /// The mail of the first one, and of the first one in each other language.
    pub mails: Vec<Preview>,
}

/// As [`ask`], without doing it.
pub async fn plan(app: &App, event: Id<Event>, audience: AskedFor) -> Result<Planned, Failure> {
    let event = events::find(app.store.read(), event).await?.ok_or(Refused::Missing)?;
    check_open_to(audience, &event, app.now())?;
    let readers = would_be_invited(app, &event, audience).await?;
    let mut mails: Vec<Preview> = Vec::new();
    for reader in &readers {
        if mails.iter().all(|mail| mail.language != reader.language(&event)) {
            mails.extend(preview::invitation(app, event.id, reader).await?);
        }
    }
    Ok(Planned { names: readers.iter().map(Reader::name).collect(), mails })
}

/// The followers by name, then the programme.
async fn would_be_invited(app: &App, event: &Event, audience: AskedFor) -> Result<Vec<Reader>, Failure> {
    let db = app.store.read();
    let waiting = outbox::not_yet_mailed(db, event.id).await?;
    let known = invitations::of_event(db, event.id, None, None).await?;
    let mut invitees: Vec<Invitee> = match (audience, event.format) {
        (AskedFor::Programme, _) | (_, None) => Vec::new(),
        (AskedFor::Followers, Some(format)) => uninvited(app, event, format, None).await?,
        (AskedFor::Wave(wave), Some(format)) => {
            let gone = rounds::waves(&rounds::of_event(db, event.id).await?);
            let reach = Reach { wave, gone: gone.iter().map(|gone| gone.wave).collect() };
            uninvited(app, event, format, Some(&reach)).await?
        }
    };
    match audience {
        AskedFor::Followers => {
            invitees.extend(waiting.iter().map(|invitation| invitation.guest.clone()));
            invitees.extend(programme::invitees(event));
        }
        AskedFor::Programme => invitees.extend(programme::invitees(event)),
        AskedFor::Wave(_) => {}
    }
    let names = members::find_many(db, invitees.iter().filter_map(Invitee::member)).await?;
    let keys = |all: &[Invitation]| all.iter().map(|one| one.guest.key()).collect::<BTreeSet<_>>();
    let (known, waiting) = (keys(&known), keys(&waiting));
    let mut seen = BTreeSet::new();
    let mut readers = Vec::new();
    for invitee in invitees {
        let key = invitee.key();
        if known.contains(&key) && !waiting.contains(&key) || !seen.insert(key) {
            continue;
        }
        readers.extend(match &invitee {
            Invitee::Member(id) => names.get(id).map(|member| Reader::Member(Box::new(member.clone()))),
            Invitee::NamedGuest { name, email } => {
                Some(Reader::Guest { name: name.clone(), email: email.clone() })
            }
        });
    }
    Ok(readers)
}

async fn uninvited(
    app: &App,
    event: &Event,
    format: mensuel_domain::format::Format,
    reach: Option<&Reach>,
) -> Result<Vec<Invitee>, Failure> {
    let ids = invitations::uninvited(app.store.read(), event, format, reach, app.now()).await?;
    Ok(ids.into_iter().map(Invitee::Member).collect())
}

/// Takes back the invitations asked for with time to undo that have not left; answers how many
/// mails do not leave. A plan whose wave is taken back ends.
pub async fn withdraw(app: &App, by: &By, event: Id<Event>) -> Result<u64, Failure> {
    let tx = app.store.write(app.now()).await?;
    let event = events::lock(&tx, event).await?.ok_or(Refused::Missing)?;
    let withdrawn = rounds::withdraw(&tx, event.id).await?;
    let mut after = event.clone();
    for round in &withdrawn.rounds {
        after.followers_asked &= !round.opened_followers;
        if matches!(round.audience, AskedFor::Wave(_)) {
            after.wave_plan = None;
        }
    }
    if after != event {
        events::update(&tx, &event, &after).await?;
    }
    let mut facts = Vec::new();
    if withdrawn.count > 0 || !withdrawn.rounds.is_empty() {
        facts.push(Fact::InvitationsWithdrawn { event: event.id, count: withdrawn.count });
    }
    tx.commit(by.actor, facts).await?;
    Ok(withdrawn.count)
}

/// "Invite me": a member's own invitation to a published evening, made if there is none.
pub async fn ask_oneself(
    tx: &Tx,
    event: &Event,
    member: &Member,
) -> Result<(Invitation, Vec<Fact>), Failure> {
    if let Some(known) = known_of(tx, event, member).await? {
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
    open.retain(|event| event.followers_asked && !event.is_closed(tx.now()));
    open.retain(|event| event.format.is_some_and(|format| member.is_invited_to(format, tx.now())));
    let mut facts = Vec::new();
    for event in open {
        let invitation = match known_of(tx, &event, member).await? {
            Some(known) if is_to_be_told(tx, &known).await? => known,
            Some(_) => continue,
            None => invitations::insert(tx, event.id, Invitee::Member(member.id), None).await?,
        };
        let why = InvitedBecause::Follows;
        facts.push(Fact::InvitationMade { event: event.id, invitation: invitation.id, why });
    }
    Ok(facts)
}

/// Their mail was dropped while they were paused or unsubscribed, and they have not answered.
async fn is_to_be_told(tx: &Tx, invitation: &Invitation) -> Result<bool, Failure> {
    if invitation.told_at.is_some() || rsvps::find(tx.db(), invitation.id).await?.is_some() {
        return Ok(false);
    }
    Ok(!outbox::is_any_queued(tx.db(), invitation.id).await?)
}

/// A member's invitation to an evening. Who was put on its programme by name and address, before they
/// were a member, has that one: nobody is invited twice.
pub(super) async fn known_of(
    tx: &Tx,
    event: &Event,
    member: &Member,
) -> Result<Option<Invitation>, StoreError> {
    if let Some(own) = invitations::find_of(tx.db(), event.id, member.id).await? {
        return Ok(Some(own));
    }
    let mut emails = member.emails.iter().map(|address| &address.email);
    match emails.find(|email| event.details.role_of_guest(email).is_some()) {
        Some(email) => invitations::find_of_guest(tx.db(), event.id, email).await,
        None => Ok(None),
    }
}

/// Who acts when a member does something by a link.
pub fn actor(invitation: &Invitation) -> Actor {
    match invitation.guest.member() {
        Some(member) => Actor::Member(member),
        None => Actor::NamedGuest(invitation.id),
    }
}
