//! What follows when people come onto a programme, or go off it.

use mensuel_domain::{
    event::{Event, Stage},
    fact::{Actor, Fact, InvitedBecause},
    format::Person,
    invitation::{Invitation, Invitee},
    rsvp::{self, Answer, Seat},
    waitlist::Room,
};
use mensuel_infra::store::{StoreError, Tx, events, invitations, rsvps};

use super::{Failure, seats};
use crate::app::App;

/// Everybody on the programme who can be written to.
pub fn invitees(event: &Event) -> Vec<Invitee> {
    let invitee = |person: &Person| match person {
        Person::Member(id) => Some(Invitee::Member(*id)),
        Person::Guest { name, email: Some(email) } => {
            Some(Invitee::NamedGuest { name: name.clone(), email: email.clone() })
        }
        Person::Guest { email: None, .. } | Person::Former | Person::Vacant => None,
    };
    event.details.people().filter_map(|(_, person)| invitee(person)).collect()
}

async fn known(tx: &Tx, event: &Event, who: &Invitee) -> Result<Option<Invitation>, StoreError> {
    match who {
        Invitee::Member(member) => invitations::find_of(tx.db(), event.id, *member).await,
        Invitee::NamedGuest { email, .. } => invitations::find_of_guest(tx.db(), event.id, email).await,
    }
}

/// The invitations of the people of the programme: those they have, and those made now.
pub async fn invite(tx: &Tx, event: &Event) -> Result<Vec<(Invitation, bool)>, Failure> {
    let mut made = Vec::new();
    for invitee in invitees(event) {
        match known(tx, event, &invitee).await? {
            Some(invitation) => made.push((invitation, false)),
            None => made.push((invitations::insert(tx, event.id, invitee, None).await?, true)),
        }
    }
    Ok(made)
}

/// Follows a change of a published programme: who came onto it is told their role and stands outside
/// the capacity; of who went off it a member joins the line, and a guest has no answer any more. The
/// line is served afterwards by the caller.
pub async fn follow(tx: &Tx, before: &Event, after: &Event, room: &mut Room) -> Result<Vec<Fact>, Failure> {
    if after.stage != Stage::Published {
        return Ok(Vec::new());
    }
    let (was, is) = (invitees(before), invitees(after));
    let stands_in = |people: &[Invitee], who: &Invitee| people.iter().any(|one| one.is_same(who));
    let mut facts = Vec::new();
    for (invitation, new) in invite(tx, after).await? {
        if new || !stands_in(&was, &invitation.guest) {
            facts.extend(came_on(tx, after, &invitation, room).await?);
        }
    }
    for gone in was.iter().filter(|who| !stands_in(&is, who)) {
        facts.extend(went_off(tx, after, gone, room).await?);
    }
    Ok(facts)
}

/// They are told their role, whatever they had answered to coming as a guest. A seated member frees
/// their seat, a waiting one leaves the line; guests who wait do not come in.
async fn came_on(
    tx: &Tx,
    event: &Event,
    invitation: &Invitation,
    room: &mut Room,
) -> Result<Vec<Fact>, Failure> {
    let why = InvitedBecause::OnProgramme;
    let told = Fact::InvitationMade { event: event.id, invitation: invitation.id, why };
    let known = rsvps::find(tx.db(), invitation.id).await?;
    let Some(mut rsvp) = known.filter(|rsvp| rsvp.answer == Answer::Yes) else {
        return Ok(vec![told]);
    };
    rsvp::onto_programme(room, &mut rsvp);
    rsvps::save(tx, &rsvp).await?;
    Ok(vec![Fact::SeatFreed { event: event.id, invitation: rsvp.invitation }, told])
}

/// A member's yes becomes a new yes at the end of the line, which is then served. A named guest is
/// nobody here any more: what they and their guests held is free.
async fn went_off(tx: &Tx, event: &Event, who: &Invitee, room: &mut Room) -> Result<Option<Fact>, Failure> {
    let Some(invitation) = known(tx, event, who).await? else {
        return Ok(None);
    };
    let Some(mut rsvp) = rsvps::find(tx.db(), invitation.id).await? else {
        return Ok(None);
    };
    match (who, rsvp.answer) {
        (Invitee::Member(_), Answer::Yes) => {
            rsvp::off_programme(room, &mut rsvp);
            rsvps::save(tx, &rsvp).await?;
            let (event, invitation) = (event.id, rsvp.invitation);
            Ok(Some(Fact::JoinedLine { event, invitation, seat: Seat::Waitlisted }))
        }
        (Invitee::Member(_), Answer::No | Answer::Maybe) => Ok(None),
        (Invitee::NamedGuest { .. }, _) => seats::take_back(tx, room, &rsvp).await,
    }
}

/// Forgets the named guests who are no longer on the programme of an evening that is over: until
/// its end they may come back, and their calendar has one entry of it. Answers how many.
pub async fn forget_guests(app: &App) -> Result<u64, Failure> {
    let mut forgotten = 0;
    for guest in invitations::guests_to_forget(app.store.read(), app.now()).await? {
        forgotten += u64::from(forget(app, &guest).await?);
    }
    Ok(forgotten)
}

fn is_gone(event: &Event, guest: &Invitation) -> bool {
    !invitees(event).iter().any(|who| who.is_same(&guest.guest))
}

async fn forget(app: &App, guest: &Invitation) -> Result<bool, Failure> {
    let tx = app.store.write(app.now()).await?;
    let event = events::lock(&tx, guest.event).await?;
    let Some(event) = event.filter(|event| is_gone(event, guest)) else {
        tx.undo().await?;
        return Ok(false);
    };
    let mut room = rsvps::room(tx.db(), &event).await?;
    if let Some(answer) = rsvps::find(tx.db(), guest.id).await? {
        seats::take_back(&tx, &mut room, &answer).await?;
        rsvps::save_room(&tx, event.id, &room).await?;
    }
    invitations::delete(&tx, guest.id).await?;
    tx.commit(Actor::Mensuel, vec![Fact::GuestForgotten { event: event.id, invitation: guest.id }]).await?;
    Ok(true)
}
