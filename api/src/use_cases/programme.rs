//! What follows when people come onto a programme, or go off it.

use mensuel_domain::{
    event::{Event, Stage},
    fact::{Fact, InvitedBecause},
    format::Person,
    id::Id,
    invitation::{Invitation, Invitee},
    member::Member,
    rsvp::{self, Answer, Rsvp, Seat},
    waitlist::Room,
};
use mensuel_infra::store::{Tx, invitations, rsvps};

use super::Failure;

/// Members on the programme.
fn members(event: &Event) -> Vec<Id<Member>> {
    let member = |person: &Person| match person {
        Person::Member(id) => Some(*id),
        Person::Guest { .. } | Person::Former | Person::Vacant => None,
    };
    event.details.people().filter_map(|(_, person)| member(person)).collect()
}

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

/// The invitations of the people of the programme: those they have, and those made now.
pub async fn invite(tx: &Tx, event: &Event) -> Result<Vec<(Invitation, bool)>, Failure> {
    let mut made = Vec::new();
    for invitee in invitees(event) {
        let known = match &invitee {
            Invitee::Member(member) => invitations::find_of(tx.db(), event.id, *member).await?,
            Invitee::NamedGuest { email, .. } => invitations::find_of_guest(tx.db(), event.id, email).await?,
        };
        match known {
            Some(invitation) => made.push((invitation, false)),
            None => made.push((invitations::insert(tx, event.id, invitee, None).await?, true)),
        }
    }
    Ok(made)
}

/// Follows a change of a published programme: who came onto it is invited and stands outside the
/// capacity, who went off it joins the line. The line is served afterwards by the caller.
pub async fn follow(tx: &Tx, before: &Event, after: &Event, room: &mut Room) -> Result<Vec<Fact>, Failure> {
    if after.stage != Stage::Published {
        return Ok(Vec::new());
    }
    let mut facts = Vec::new();
    for (invitation, new) in invite(tx, after).await? {
        if new {
            facts.push(Fact::InvitationMade {
                event: after.id,
                invitation: invitation.id,
                why: InvitedBecause::OnProgramme,
            });
        }
    }
    let (was, is) = (members(before), members(after));
    for member in is.iter().filter(|member| !was.contains(member)) {
        facts.extend(came_on(tx, after, *member, room).await?);
    }
    for member in was.iter().filter(|member| !is.contains(member)) {
        facts.extend(went_off(tx, after, *member, room).await?);
    }
    Ok(facts)
}

async fn answered_yes(tx: &Tx, event: &Event, member: Id<Member>) -> Result<Option<Rsvp>, Failure> {
    let Some(invitation) = invitations::find_of(tx.db(), event.id, member).await? else {
        return Ok(None);
    };
    let rsvp = rsvps::find(tx.db(), invitation.id).await?;
    Ok(rsvp.filter(|rsvp| rsvp.answer == Answer::Yes))
}

/// A seated member frees their seat, a waiting one leaves the line; guests who wait do not come in.
async fn came_on(tx: &Tx, event: &Event, member: Id<Member>, room: &mut Room) -> Result<Vec<Fact>, Failure> {
    let Some(mut rsvp) = answered_yes(tx, event, member).await? else {
        return Ok(Vec::new());
    };
    rsvp::onto_programme(room, &mut rsvp);
    rsvps::save(tx, &rsvp).await?;
    Ok(vec![Fact::SeatFreed { event: event.id, invitation: rsvp.invitation }])
}

/// Their yes becomes a new yes at the end of the line, which is then served.
async fn went_off(tx: &Tx, event: &Event, member: Id<Member>, room: &mut Room) -> Result<Vec<Fact>, Failure> {
    let Some(mut rsvp) = answered_yes(tx, event, member).await? else {
        return Ok(Vec::new());
    };
    rsvp::off_programme(room, &mut rsvp);
    rsvps::save(tx, &rsvp).await?;
    Ok(vec![Fact::JoinedLine { event: event.id, invitation: rsvp.invitation, seat: Seat::Waitlisted }])
}
