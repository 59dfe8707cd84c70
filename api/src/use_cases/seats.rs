//! Giving seats to the line, under the evening's lock.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    fact::{Actor, Decision, Fact},
    id::Id,
    invitation::Invitation,
    rsvp::{self, Answer, Line, Rsvp, Seat, serve_line, withdraw_offers},
    waitlist::{Policy, Room, Served, Service},
};
use mensuel_infra::store::{Tx, events, rsvps, waitlist};
use sea_orm::ConnectionTrait;

use super::{Failure, tally::Tally};
use crate::app::App;

/// The line as far as anything can follow from it; without one that waits in it.
pub async fn line(
    tx: &Tx,
    event: &Event,
    free: u32,
    room: &Room,
    without: Option<Id<Invitation>>,
) -> Result<Line, Failure> {
    if free == 0 || room.waitlisted == 0 {
        return Ok(Line::default());
    }
    Ok(waitlist::line(tx.db(), event.id, without, tx.now()).await?)
}

/// Takes an answer back as if it had not been given; what it held is free in `room`, and given to
/// the line by the caller.
pub async fn take_back(tx: &Tx, room: &mut Room, answer: &Rsvp) -> Result<Option<Fact>, Failure> {
    rsvp::free(room, answer);
    rsvp::count(room, Some(answer.answer), None);
    rsvps::delete(tx, answer.invitation).await?;
    let held = answer.answer == Answer::Yes && answer.seat != Seat::None;
    Ok(held.then_some(Fact::SeatFreed { event: answer.event, invitation: answer.invitation }))
}

/// Serves the line after a change that was nobody's answer, and keeps the counters.
pub async fn serve(tx: &Tx, policy: &Policy, event: &Event, room: &Room) -> Result<Vec<Fact>, Failure> {
    let decision = decided(tx.db(), policy, event, room, tx.now()).await?;
    let (room, served) = decision.value;
    waitlist::keep(tx, &served).await?;
    rsvps::save_room(tx, event.id, &room).await?;
    Ok(decision.facts)
}

async fn decided(
    db: &impl ConnectionTrait,
    policy: &Policy,
    event: &Event,
    room: &Room,
    now: DateTime<Utc>,
) -> Result<Decision<(Room, Served)>, Failure> {
    let somebody = room.offered > 0 || (room.waitlisted > 0 && room.free() > 0);
    let line = if somebody { waitlist::line(db, event.id, None, now).await? } else { Line::default() };
    Ok(serve_line(event, policy, room, line, now))
}

/// Ends the offers that are over, before somebody's answer is decided: an answer that comes later
/// than its offer does not take it, though no worker has looked yet.
pub async fn end_offers(tx: &Tx, policy: &Policy, event: Id<Event>) -> Result<Vec<Fact>, Failure> {
    let first = waitlist::next_offer_until(tx.db(), event).await?;
    if first.is_none_or(|until| tx.now() < until) {
        return Ok(Vec::new());
    }
    let Some(event) = events::find(tx.db(), event).await? else {
        return Ok(Vec::new());
    };
    let room = rsvps::room(tx.db(), &event).await?;
    serve(tx, policy, &event, &room).await
}

/// Follows a move: an offer never lasts past the cut-off. Far away it becomes a seat when the line
/// is served.
pub async fn follow_move(tx: &Tx, policy: &Policy, event: &Event) -> Result<(), Failure> {
    Ok(waitlist::end_offers_by(tx, event.id, policy.cut_off_of(&event.span)).await?)
}

/// Takes back the offers of an evening that was cancelled.
pub async fn withdraw(tx: &Tx, event: &Event) -> Result<Vec<Fact>, Failure> {
    let room = rsvps::room(tx.db(), event).await?;
    if room.offered == 0 {
        return Ok(Vec::new());
    }
    let offers = waitlist::line(tx.db(), event.id, None, tx.now()).await?.offers;
    let decision = withdraw_offers(event, &room, &offers);
    waitlist::withdraw(tx, &offers).await?;
    rsvps::save_room(tx, event.id, &decision.value).await?;
    Ok(decision.facts)
}

/// Serves every line for which the time has come: offers end, mornings begin. Answers how many
/// evenings changed. Of several processes each looks, and one of them finds something to do.
pub async fn serve_due(app: &App) -> Result<u64, Failure> {
    let mut served = Tally::default();
    for (event, room) in waited_for(app).await? {
        let done = serve_if_due(app, &event, &room).await;
        served.add("the serving of a waitlist", done.map(u64::from));
    }
    served.finish()
}

async fn serve_if_due(app: &App, event: &Event, room: &Room) -> Result<bool, Failure> {
    let look = decided(app.store.read(), &app.community.waitlist, event, room, app.now()).await?;
    if look.is_unchanged() { Ok(false) } else { serve_now(app, event.id).await }
}

async fn serve_now(app: &App, event: Id<Event>) -> Result<bool, Failure> {
    let tx = app.store.write(app.now()).await?;
    let Some(event) = events::lock(&tx, event).await? else {
        return Ok(false);
    };
    let room = rsvps::room(tx.db(), &event).await?;
    let facts = serve(&tx, &app.community.waitlist, &event, &room).await?;
    let served = !facts.is_empty();
    tx.commit(Actor::Mensuel, facts).await?;
    Ok(served)
}

/// When a line is next to be served: the end of an offer, or of the quiet hours that keep a free
/// seat from who waits for it.
pub async fn next_service(app: &App) -> Result<Option<DateTime<Utc>>, Failure> {
    let (db, now) = (app.store.read(), app.now());
    let mut next = None;
    for (event, room) in waited_for(app).await? {
        let offer = waitlist::next_offer_until(db, event.id).await?;
        let morning = match app.community.waitlist.service(&event.span, now) {
            Service::Quiet { until } if room.waitlisted > 0 || room.offered > 0 => Some(until),
            Service::Quiet { .. } | Service::Seats | Service::Offers { .. } | Service::FirstCome => None,
        };
        next = [next, offer, morning].into_iter().flatten().min();
    }
    Ok(next)
}

/// The evenings to come in whose line anything can happen by itself.
async fn waited_for(app: &App) -> Result<Vec<(Event, Room)>, Failure> {
    let db = app.store.read();
    let filter =
        events::Filter { from: Some(app.now()), stages: vec![Stage::Published], ..Default::default() };
    let events = events::list(db, &filter).await?;
    let mut rooms = rsvps::rooms(db, &events).await?;
    let somebody = |room: &Room| room.offered > 0 || (room.waitlisted > 0 && room.free() > 0);
    let with_room = |event: Event| rooms.remove(&event.id).filter(somebody).map(|room| (event, room));
    Ok(events.into_iter().filter_map(with_room).collect())
}
