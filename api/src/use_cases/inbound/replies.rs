//! What calendars answer: one record with the page and the organizers, the newest wins.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::{Actor, Fact, NoticeKind},
    id::Id,
    inbound::{Reason, Told, is_to_be_told},
    invitation::{Invitation, Invitee},
    rsvp::{Answer, Channel, Request, Rsvp, Seat},
};
use mensuel_infra::{
    calendar::{PartStat, reply::Reply},
    mail::inbound::{
        Inbound,
        answer::{Invited, OnRecord, Turn, Verdict, given_at, may_apply, supersedes, turn},
    },
    store::{
        Tx, events,
        inbound::{self as rows, About, Filed, Kind},
        invitations, members,
        outbox::{self, Notice},
        rsvps,
    },
};

use super::Judged;
use crate::{
    app::App,
    use_cases::{
        Failure, Refused,
        rsvps::{Asked, Whose, answer_one},
        seats,
    },
};

/// What an invitation tells of a mail about it.
pub(super) fn about(invitation: &Invitation) -> About {
    About {
        member: invitation.guest.member(),
        event: Some(invitation.event),
        invitation: Some(invitation.id),
        ..About::default()
    }
}

pub(super) async fn judge(app: &App, tx: &Tx, mail: &Inbound, reply: &Reply) -> Result<Judged, Failure> {
    let known = invitations::find_by_uid(tx.db(), &reply.uid).await?;
    let invited = match &known {
        Some(invitation) => invited(tx, invitation).await?,
        None => None,
    };
    let ignored = |reason| Judged::ignored(Kind::Reply, reason);
    let verdict = may_apply(reply, invited.as_ref(), mail.from.as_ref(), &mail.auth);
    let (Some(invitation), Some(answer)) = (known, answer_of(reply.partstat)) else {
        return Ok(match verdict {
            Verdict::Ignore(why) => ignored(why.reason()),
            Verdict::Apply | Verdict::Hold(_) => ignored(Reason::NoAnswerInReply),
        });
    };
    let about = About {
        answer: Some(answer),
        given_at: Some(given_at(reply, tx.now())),
        sequence: Some(reply.sequence),
        ..about(&invitation)
    };
    match verdict {
        // Whoever knows the UID and answers for somebody else is not put down under the member.
        Verdict::Ignore(why) => Ok(ignored(why.reason())),
        Verdict::Hold(why) => Ok(ignored(why.reason()).about(about)),
        Verdict::Apply => record(app, tx, &invitation, reply, answer).await.map(|judged| judged.about(about)),
    }
}

fn answer_of(partstat: PartStat) -> Option<Answer> {
    match partstat {
        PartStat::Accepted => Some(Answer::Yes),
        PartStat::Tentative => Some(Answer::Maybe),
        PartStat::Declined => Some(Answer::No),
        PartStat::NeedsAction => None,
    }
}

/// The addresses by which a reply may be the invited person's.
async fn invited(tx: &Tx, invitation: &Invitation) -> Result<Option<Invited>, Failure> {
    let uid = invitation.uid.clone();
    let member = match &invitation.guest {
        Invitee::NamedGuest { email, .. } => {
            let address = email.clone();
            return Ok(Some(Invited { uid, address, aliases: Vec::new(), known: Vec::new() }));
        }
        Invitee::Member(member) => members::find(tx.db(), *member).await?,
    };
    let Some(member) = member else { return Ok(None) };
    let Some(address) = member.primary_email().map(|address| address.email.clone()) else {
        return Ok(None);
    };
    let of = |verified: bool| {
        let addresses = member.emails.iter().filter(move |address| address.verified == verified);
        addresses.map(|address| address.email.clone()).collect()
    };
    Ok(Some(Invited { uid, address, aliases: of(true), known: of(false) }))
}

async fn record(
    app: &App,
    tx: &Tx,
    invitation: &Invitation,
    reply: &Reply,
    answer: Answer,
) -> Result<Judged, Failure> {
    let ignored = |reason| Ok(Judged::ignored(Kind::Reply, reason));
    let event = events::lock(tx, invitation.event).await?.ok_or(Refused::Missing)?;
    let current = rsvps::find(tx.db(), invitation.id).await?;
    let record = on_record(tx, &event, invitation.id, current.as_ref()).await?;
    let before_move = match supersedes(reply, tx.now(), &record) {
        Turn::OlderThanReply => return ignored(Reason::OlderThanReply),
        Turn::OlderThanAnswer => return ignored(Reason::OlderThanAnswer),
        Turn::BeforeMove => true,
        Turn::Counts => false,
    };
    let actor = match &invitation.guest {
        Invitee::Member(member) => Actor::Member(*member),
        Invitee::NamedGuest { .. } => Actor::NamedGuest(invitation.id),
    };
    let policy = &app.community.waitlist;
    let ended = seats::end_offers(tx, policy, event.id).await?;
    let request = request(answer, current.as_ref(), before_move);
    let asked = Asked { actor, event: event.id, whose: Whose::Invitation(invitation.id), request };
    match answer_one(tx, policy, &asked).await {
        Ok((rsvp, facts)) => {
            let mut done = vec![(Actor::Mensuel, ended), (actor, facts)];
            done.retain(|(_, facts)| !facts.is_empty());
            Ok(Judged { done, ..Judged::ignored(Kind::Reply, recorded_as(&rsvp, before_move)) })
        }
        Err(Failure::Refused(refused)) => {
            let mut judged = not_taken(tx, &event, invitation, current.as_ref(), &refused).await?;
            judged.done.extend(Some((Actor::Mensuel, ended)).filter(|(_, facts)| !facts.is_empty()));
            Ok(judged)
        }
        Err(failure) => Err(failure),
    }
}

async fn on_record(
    tx: &Tx,
    event: &Event,
    invitation: Id<Invitation>,
    current: Option<&Rsvp>,
) -> Result<OnRecord, Failure> {
    Ok(OnRecord {
        last_reply: rows::last_reply(tx.db(), invitation).await?,
        elsewhere: current.and_then(given_elsewhere),
        moved_at_sequence: event.moved_sequence,
    })
}

fn given_elsewhere(rsvp: &Rsvp) -> Option<DateTime<Utc>> {
    match rsvp.channel {
        Channel::Calendar => None,
        Channel::Link | Channel::Page | Channel::Organizer | Channel::Import => Some(rsvp.answered_at),
    }
}

/// Guests are named on the web only: a calendar's yes keeps those that were named there.
fn request(answer: Answer, current: Option<&Rsvp>, before_move: bool) -> Request {
    let guests = current.filter(|_| answer == Answer::Yes).map_or(0, |rsvp| rsvp.guests);
    let channel = Channel::Calendar;
    Request { answer, guests, guest_names: Vec::new(), channel, over_capacity: false, before_move }
}

fn recorded_as(rsvp: &Rsvp, before_move: bool) -> Reason {
    match rsvp.seat {
        _ if before_move => Reason::RecordedBeforeMove,
        Seat::Waitlisted | Seat::Pending => Reason::Waitlisted,
        Seat::None | Seat::Confirmed | Seat::Offered | Seat::Programme => Reason::Recorded,
    }
}

/// Nothing was changed; whose calendar now shows something that is not so is told, once.
async fn not_taken(
    tx: &Tx,
    event: &Event,
    invitation: &Invitation,
    current: Option<&Rsvp>,
    refused: &Refused,
) -> Result<Judged, Failure> {
    let why = match refused {
        Refused::Rsvp { refusal, .. } => Reason::of_refusal(refusal),
        // What else an answer can be refused for: who was invited is not there any more.
        _ => Reason::NoLongerInvited,
    };
    let before = outbox::of_kind(tx.db(), invitation.id, NoticeKind::AnswerNotTaken).await?;
    let before: Vec<Told> = before.iter().filter_map(told).collect();
    let sequence = event.sequence;
    let fact = Fact::AnswerNotTaken { event: event.id, invitation: invitation.id, why, sequence };
    let is_told = is_to_be_told(why, sequence, current.map(|rsvp| rsvp.answered_at), &before);
    let done = if is_told { vec![(Actor::Mensuel, vec![fact])] } else { Vec::new() };
    Ok(Judged { done, ..Judged::ignored(Kind::Reply, why) })
}

fn told(notice: &Notice) -> Option<Told> {
    let sequence = notice.detail.sequence.unwrap_or_default();
    notice.detail.why.map(|why| Told { why, sequence, at: notice.created_at })
}

/// An organizer takes an answer that was held as the member's own, unless a newer one stands: it
/// counts from when it was given, not from when it is taken. The evening is locked. Answers with
/// what ended by itself, and what was done.
pub(super) async fn take(
    app: &App,
    tx: &Tx,
    actor: Actor,
    filed: &Filed,
) -> Result<(Vec<Fact>, Vec<Fact>), Failure> {
    let (Some(event), Some(invitation), Some(answer)) =
        (filed.about.event, filed.about.invitation, filed.about.answer)
    else {
        return Err(Refused::NotHeld.into());
    };
    let evening = events::find(tx.db(), event).await?.ok_or(Refused::Missing)?;
    let current = rsvps::find(tx.db(), invitation).await?;
    let record = on_record(tx, &evening, invitation, current.as_ref()).await?;
    let given_at = filed.about.given_at.unwrap_or(filed.received_at);
    // What was kept without its SEQUENCE answers the first date, as far as is known.
    let sequence = filed.about.sequence.unwrap_or(0);
    let before_move = match turn(given_at, sequence, &record) {
        Turn::OlderThanReply | Turn::OlderThanAnswer => return Err(Refused::AnsweredSince.into()),
        Turn::BeforeMove => true,
        Turn::Counts => false,
    };
    let policy = &app.community.waitlist;
    let ended = seats::end_offers(tx, policy, event).await?;
    let request = request(answer, current.as_ref(), before_move);
    let asked = Asked { actor, event, whose: Whose::Invitation(invitation), request };
    answer_one(tx, policy, &asked).await.map(|(_, facts)| (ended, facts))
}
