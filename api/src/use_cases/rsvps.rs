//! Answers, by every way to a seat.

use mensuel_domain::{
    event::Event,
    fact::{Actor, Fact, InvitedBecause},
    format::Role,
    id::Id,
    invitation::{Invitation, Invitee},
    member::Member,
    rsvp::{self, Answering, Request, Rsvp},
    waitlist::{History, Policy},
};
use mensuel_infra::store::{Tx, events, invitations, members, rsvps, waitlist};

use super::{Failure, Refused, invitations::known_of, seats};
use crate::app::App;

/// One answer that is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub actor: Actor,
    pub event: Id<Event>,
    pub whose: Whose,
    pub request: Request,
}

/// Whose answer it is.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// The holder of a link.
    Invitation(Id<Invitation>),
    /// A member for whom an organizer answers; invited by it if they were not.
    Member(Id<Member>),
}

/// Records answers, in their order: those of a list are committed together.
pub async fn answer(app: &App, asked: Vec<Asked>) -> Result<Vec<Result<Rsvp, Refused>>, Failure> {
    let tx = app.store.write(app.now()).await?;
    let mut order: Vec<Id<Event>> = asked.iter().map(|one| one.event).collect();
    order.sort();
    order.dedup();
    for event in &order {
        events::lock(&tx, *event).await?;
    }
    let mut outcomes = Vec::with_capacity(asked.len());
    let mut done = Vec::new();
    let policy = &app.community.waitlist;
    for event in order {
        done.push((Actor::Mensuel, seats::end_offers(&tx, policy, event).await?));
    }
    for one in asked {
        match answer_one(&tx, policy, &one).await {
            Ok((rsvp, facts)) => {
                done.push((one.actor, facts));
                outcomes.push(Ok(rsvp));
            }
            Err(Failure::Refused(refused)) => outcomes.push(Err(refused)),
            Err(failure) => return Err(failure),
        }
    }
    tx.commit_all(&done).await?;
    Ok(outcomes)
}

/// Everything is decided before the first row is written: a refusal leaves nothing to undo.
pub(super) async fn answer_one(
    tx: &Tx,
    policy: &Policy,
    asked: &Asked,
) -> Result<(Rsvp, Vec<Fact>), Failure> {
    let event = events::find(tx.db(), asked.event).await?.ok_or(Refused::Missing)?;
    let known = known_invitation(tx, &event, asked.whose).await?;
    let room = rsvps::room(tx.db(), &event).await?;
    let current = match &known {
        Some(invitation) => rsvps::find(tx.db(), invitation.id).await?,
        None => None,
    };
    let (member, role) = person(tx, &event, asked.whose, known.as_ref()).await?;
    let invitation = known.as_ref().map_or_else(|| tx.new_id(), |invitation| invitation.id);
    let free = rsvp::free_after(&room, current.as_ref());
    let line = seats::line(tx, &event, free, &room, Some(invitation)).await?.waiting;
    let history = match member.filter(|_| !line.is_empty()) {
        Some(member) => waitlist::history(tx.db(), member, tx.now()).await?,
        None => History::default(),
    };
    let who = Answering { invitation, member, role, current: current.as_ref(), history };
    let refused = |refusal| Refused::Rsvp { refusal, zone: event.span.zone };
    let decision =
        rsvp::answer(&event, policy, &room, who, &asked.request, line, tx.now()).map_err(refused)?;
    let mut facts = Vec::new();
    if known.is_none() {
        let member = member.ok_or(Refused::Missing)?;
        invitations::insert_as(tx, invitation, event.id, Invitee::Member(member), None).await?;
        facts.push(Fact::InvitationMade { event: event.id, invitation, why: InvitedBecause::AnsweredFor });
    }
    let unchanged = decision.is_unchanged();
    let answered = decision.value;
    if !unchanged {
        rsvps::save(tx, &answered.rsvp).await?;
        waitlist::keep(tx, &answered.served).await?;
        rsvps::save_room(tx, event.id, &answered.room).await?;
    }
    facts.extend(decision.facts);
    Ok((answered.rsvp, facts))
}

async fn known_invitation(tx: &Tx, event: &Event, whose: Whose) -> Result<Option<Invitation>, Failure> {
    Ok(match whose {
        Whose::Invitation(id) => {
            let found = invitations::find(tx.db(), id).await?;
            Some(found.filter(|invitation| invitation.event == event.id).ok_or(Refused::Missing)?)
        }
        Whose::Member(member) => match members::find(tx.db(), member).await? {
            Some(member) => known_of(tx, event, &member).await?,
            None => None,
        },
    })
}

/// The member who answers and their role; a named guest answers only while on the programme.
async fn person(
    tx: &Tx,
    event: &Event,
    whose: Whose,
    known: Option<&Invitation>,
) -> Result<(Option<Id<Member>>, Option<Role>), Failure> {
    let member = match (whose, known.map(|invitation| &invitation.guest)) {
        (_, Some(Invitee::NamedGuest { email, .. })) => {
            let role = event.details.role_of_guest(email);
            return Ok((None, Some(role.ok_or(Refused::Gone)?)));
        }
        (Whose::Member(id), _) => id,
        (Whose::Invitation(_), Some(Invitee::Member(id))) => *id,
        (Whose::Invitation(_), None) => return Err(Refused::Missing.into()),
    };
    let member = members::find(tx.db(), member).await?.ok_or(Refused::Missing)?;
    if !member.status_at(tx.now()).belongs() {
        return Err(match whose {
            Whose::Invitation(_) => Refused::Gone,
            Whose::Member(_) => Refused::NotAMember,
        }
        .into());
    }
    Ok((Some(member.id), event.details.role_of(member.id)))
}
