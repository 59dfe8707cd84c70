//! What follows when somebody is no member any more: seats, the line, programmes.

use std::collections::BTreeSet;

use mensuel_domain::{
    event::{Departure, Event, Stage},
    fact::Fact,
    id::Id,
    member::Member,
};
use mensuel_infra::store::{Tx, events, invitations, rsvps};

use crate::{
    app::App,
    use_cases::{Failure, seats},
};

/// Locks every evening that this member has to do with, or may have before the transaction ends,
/// in the order of their ids.
pub(super) async fn lock_all(tx: &Tx, member: Id<Member>) -> Result<Vec<Event>, Failure> {
    let order = concerned(tx, member).await?;
    let mut locked = Vec::with_capacity(order.len());
    for event in order {
        locked.extend(events::lock(tx, event).await?);
    }
    Ok(locked)
}

/// As [`lock_all`], of several members.
pub(in crate::use_cases) async fn lock_all_of(
    tx: &Tx,
    members: &BTreeSet<Id<Member>>,
) -> Result<(), Failure> {
    let mut order = BTreeSet::new();
    for member in members {
        order.extend(concerned(tx, *member).await?);
    }
    for event in order {
        events::lock(tx, event).await?;
    }
    Ok(())
}

async fn concerned(tx: &Tx, member: Id<Member>) -> Result<BTreeSet<Id<Event>>, Failure> {
    let to_come =
        events::Filter { from: Some(tx.now()), stages: vec![Stage::Published], ..Default::default() };
    let mut ids: BTreeSet<Id<Event>> =
        events::list(tx.db(), &to_come).await?.iter().map(|event| event.id).collect();
    ids.extend(events::with_member(tx.db(), member).await?.iter().map(|event| event.id));
    ids.extend(invitations::of_member(tx.db(), member).await?.keys());
    Ok(ids)
}

/// Takes them off the programmes, frees their seats and serves the lines. Of the past, who left
/// stays in the record, and who is erased does not.
pub(super) async fn leave(
    app: &App,
    tx: &Tx,
    member: Id<Member>,
    becomes: Departure,
    evenings: Vec<Event>,
) -> Result<Vec<Fact>, Failure> {
    let mut facts = Vec::new();
    for event in evenings {
        let over = event.stage == Stage::Cancelled || event.is_past(tx.now());
        let (event, left) = off_programme(tx, event, member, becomes).await?;
        facts.extend(left);
        if becomes == Departure::Erased || !over {
            facts.extend(withdraw(app, tx, &event, member).await?);
        }
    }
    Ok(facts)
}

async fn off_programme(
    tx: &Tx,
    mut event: Event,
    member: Id<Member>,
    becomes: Departure,
) -> Result<(Event, Vec<Fact>), Failure> {
    let mut facts = Vec::new();
    while let Some(decision) = event.without(member, becomes, tx.now()) {
        events::update(tx, &event, &decision.value).await?;
        event = decision.value;
        facts.extend(decision.facts);
    }
    Ok((event, facts))
}

/// Takes an answer back as if it had not been given, and gives what it held to the line.
async fn withdraw(app: &App, tx: &Tx, event: &Event, member: Id<Member>) -> Result<Vec<Fact>, Failure> {
    let Some(invitation) = invitations::find_of(tx.db(), event.id, member).await? else {
        return Ok(Vec::new());
    };
    let Some(answer) = rsvps::find(tx.db(), invitation.id).await? else {
        return Ok(Vec::new());
    };
    let mut room = rsvps::room(tx.db(), event).await?;
    let mut facts: Vec<Fact> = seats::take_back(tx, &mut room, &answer).await?.into_iter().collect();
    facts.extend(seats::serve(tx, &app.community.waitlist, event, &room).await?);
    Ok(facts)
}
