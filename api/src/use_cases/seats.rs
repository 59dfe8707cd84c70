//! Giving seats to the line, under the evening's lock.

use mensuel_domain::{
    event::Event,
    fact::Fact,
    id::Id,
    invitation::Invitation,
    rsvp::{self, Answer, Rsvp, Seat},
    waitlist::{Room, Waiting},
};
use mensuel_infra::store::{Tx, rsvps};

use super::Failure;

/// The parties that could be seated if `free` seats were free, without one of them.
pub async fn line(
    tx: &Tx,
    event: &Event,
    free: u32,
    waitlisted: u32,
    without: Option<Id<Invitation>>,
) -> Result<Vec<Waiting>, Failure> {
    if free == 0 || waitlisted == 0 {
        return Ok(Vec::new());
    }
    let largest = rsvps::largest_waiting(tx, event.id).await?;
    Ok(rsvps::line(tx, event.id, free, largest, without).await?)
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
pub async fn serve(tx: &Tx, event: &Event, room: &Room) -> Result<Vec<Fact>, Failure> {
    let line = line(tx, event, room.free(), room.waitlisted, None).await?;
    let decision = rsvp::serve_line(event, room, line, tx.now());
    let (room, promoted) = decision.value;
    rsvps::seat(tx, &promoted).await?;
    rsvps::save_room(tx, event.id, &room).await?;
    Ok(decision.facts)
}
