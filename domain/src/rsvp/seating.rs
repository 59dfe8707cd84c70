//! Where an answer sits: seats taken, kept and given back, and the end of the line.

use super::{Answer, Answering, Refusal, Request, Rsvp, Seat};
use crate::waitlist::{Room, Served, Service, Waiting, serve};

/// Gives the party its seat or its place in the line; answers whether it went over the capacity.
pub(super) fn place(
    room: &mut Room,
    who: Answering<'_>,
    request: &Request,
    rsvp: &mut Rsvp,
    first_come: bool,
) -> Result<bool, Refusal> {
    let size = 1 + rsvp.guests;
    let before = who.current.map(|current| (current.seat, current.guests, current.number));
    if rsvp.answer != Answer::Yes {
        if let Some(current) = who.current {
            free(room, current);
        }
        return Ok(false);
    }
    if who.role.is_some() {
        return place_on_programme(room, who.current, rsvp, request.over_capacity);
    }
    match before {
        Some((Seat::Confirmed | Seat::Offered, guests, _)) => {
            grow_or_shrink(room, guests, rsvp.guests, request.over_capacity)?;
            if let Some(current) = who.current {
                free(room, current);
            }
            let over = !room.fits(size) && rsvp.guests > guests;
            room.seat(size);
            rsvp.seat = Seat::Confirmed;
            Ok(over)
        }
        Some((Seat::Waitlisted, guests, number)) => {
            room.waitlisted -= 1;
            let keeps = rsvp.guests <= guests;
            Ok(join(room, rsvp, number.filter(|_| keeps), request.over_capacity, first_come))
        }
        Some((Seat::Programme, guests, _)) => {
            room.guests -= guests;
            Ok(join(room, rsvp, None, request.over_capacity, first_come))
        }
        Some((Seat::None | Seat::Pending, _, _)) | None => {
            Ok(join(room, rsvp, None, request.over_capacity, first_come))
        }
    }
}

/// Beside the capacity, with guests in free seats only; answers whether it went over the capacity.
fn place_on_programme(
    room: &mut Room,
    current: Option<&Rsvp>,
    rsvp: &mut Rsvp,
    over_capacity: bool,
) -> Result<bool, Refusal> {
    if let Some(current) = current {
        free(room, current);
    }
    let had = current.map_or(0, seated_guests);
    let (grows, fits) = (rsvp.guests > had, room.fits(rsvp.guests));
    if grows && !over_capacity && (room.waitlisted > 0 || !fits) {
        let left = if room.waitlisted > 0 { had } else { had.max(room.free()) };
        return Err(Refusal::GuestsLeft { left });
    }
    room.guests += rsvp.guests;
    rsvp.seat = Seat::Programme;
    Ok(grows && !fits)
}

fn grow_or_shrink(room: &Room, had: u32, wants: u32, over_capacity: bool) -> Result<(), Refusal> {
    let more = wants.saturating_sub(had);
    if more == 0 || over_capacity {
        return Ok(());
    }
    let left = if room.waitlisted > 0 { 0 } else { room.free() };
    if more > left {
        return Err(Refusal::GuestsLeft { left: had + left });
    }
    Ok(())
}

/// To the end of the line, or to the place it kept; straight to a seat when an organizer says so,
/// or when there is one and it is `first_come`: the line is no longer served, a yes still counts.
fn join(room: &mut Room, rsvp: &mut Rsvp, kept: Option<i64>, over_capacity: bool, first_come: bool) -> bool {
    let size = 1 + rsvp.guests;
    let fits = room.fits(size);
    if over_capacity || (first_come && fits) {
        room.seat(size);
        rsvp.seat = Seat::Confirmed;
        return over_capacity && !fits;
    }
    wait(room, rsvp, kept);
    false
}

/// Serves the line with the answering party in it, and takes that one out of those seated: its
/// own answer tells it.
pub(super) fn settle_line(
    room: &mut Room,
    rsvp: &mut Rsvp,
    own: Option<Waiting>,
    mut line: Vec<Waiting>,
    service: Service,
) -> Served {
    line.extend(own);
    let mut served = serve(room, line, service, Some(rsvp.invitation));
    if let Some(own) = served.seated.iter().position(|party| party.invitation == rsvp.invitation) {
        served.seated.remove(own);
        rsvp.seat = Seat::Confirmed;
        rsvp.number = None;
    }
    served
}

/// Puts somebody who said yes outside the capacity: a seated member frees the seat, a waiting one
/// leaves the line. Guests who had seats keep them; those who waited come into free seats, or not.
pub fn onto_programme(room: &mut Room, rsvp: &mut Rsvp) {
    let had = seated_guests(rsvp);
    free(room, rsvp);
    if had == 0 && (room.waitlisted > 0 || !room.fits(rsvp.guests)) {
        rsvp.guests = 0;
        rsvp.guest_names.clear();
    }
    room.guests += rsvp.guests;
    rsvp.seat = Seat::Programme;
    (rsvp.number, rsvp.offer_until) = (None, None);
}

/// Makes the yes of somebody who goes off the programme a new yes at the end of the line.
pub fn off_programme(room: &mut Room, rsvp: &mut Rsvp) {
    free(room, rsvp);
    wait(room, rsvp, None);
}

/// At a place that was kept, or at the end of the line.
fn wait(room: &mut Room, rsvp: &mut Rsvp, kept: Option<i64>) {
    rsvp.seat = Seat::Waitlisted;
    rsvp.number = Some(room.wait(kept));
}

/// Gives back what an answer holds: its member left, or went on the programme.
pub fn free(room: &mut Room, rsvp: &Rsvp) {
    match rsvp.seat {
        Seat::Confirmed => room.unseat(1 + rsvp.guests),
        Seat::Waitlisted => room.waitlisted -= 1,
        Seat::Offered => room.offered -= 1 + rsvp.guests,
        Seat::Programme => room.guests -= rsvp.guests,
        Seat::None | Seat::Pending => {}
    }
}

/// The guests of an answer that sit, or have seats held for them.
fn seated_guests(rsvp: &Rsvp) -> u32 {
    match rsvp.seat {
        Seat::Confirmed | Seat::Offered | Seat::Programme => rsvp.guests,
        Seat::None | Seat::Waitlisted | Seat::Pending => 0,
    }
}
