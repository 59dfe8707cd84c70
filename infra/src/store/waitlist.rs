//! The line of an evening: who waits, who is offered a seat, and what became of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    id::Id,
    invitation::Invitation,
    member::Member,
    rsvp::{Line, Rsvp, Seat},
    waitlist::{self, History, Offer, Served, Waiting, precedence},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    OrCorrupt, StoreError, Tx, asked, from_row, members,
    rsvps::{row, to_domain},
};

/// Of a row what the line needs: it may be long, and is read whole.
#[derive(FromQueryResult)]
struct InLine {
    invitation_id: Uuid,
    member_id: Option<Uuid>,
    guests: i32,
    seat: String,
    number: Option<i64>,
    offer_until: Option<DateTime<Utc>>,
    let_pass: bool,
}

/// All who wait for an evening and all who are offered a seat, with what the last twelve months
/// say of them. `without` is a party that is left out of those who wait.
pub async fn line(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    without: Option<Id<Invitation>>,
    now: DateTime<Utc>,
) -> Result<Line, StoreError> {
    use row::Column;
    let rows = row::Entity::find()
        .select_only()
        .columns([Column::InvitationId, Column::MemberId, Column::Guests, Column::Seat])
        .columns([Column::Number, Column::OfferUntil, Column::LetPass])
        .filter(rows_in_line(event))
        .into_model::<InLine>()
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Line::default());
    }
    let waited = asked::who_waited(db, members_in_line(event), None, now).await?;
    let mut line = Line::default();
    for row in rows {
        let party = Waiting {
            invitation: Id::new(row.invitation_id),
            size: 1 + from_row(row.guests),
            number: row.number.or_corrupt("rsvps.number")?,
            precedence: precedence(history_of(&waited, row.member_id), row.let_pass),
        };
        if row.seat == Seat::Offered.name() {
            let until = row.offer_until.or_corrupt("rsvps.offer_until")?;
            line.offers.push(Offer { party, until });
        } else if Some(party.invitation) != without {
            line.waiting.push(party);
        }
    }
    Ok(line)
}

fn rows_in_line(event: Id<Event>) -> Condition {
    Condition::all()
        .add(row::Column::EventId.eq(event.uuid()))
        .add(row::Column::Seat.is_in([Seat::Waitlisted.name(), Seat::Offered.name()]))
}

/// Of members: who are in the line of an evening.
fn members_in_line(event: Id<Event>) -> Condition {
    let members = row::Entity::find()
        .select_only()
        .column(row::Column::MemberId)
        .filter(rows_in_line(event))
        .filter(row::Column::MemberId.is_not_null())
        .into_query();
    Condition::all().add(members::row::Column::Id.in_subquery(members))
}

/// What the last twelve months say of one member.
pub async fn history(
    db: &impl ConnectionTrait,
    member: Id<Member>,
    now: DateTime<Utc>,
) -> Result<History, StoreError> {
    let own = Condition::all().add(members::row::Column::Id.eq(member.uuid()));
    let waited = asked::who_waited(db, own, Some(1), now).await?;
    Ok(history_of(&waited, Some(member.uuid())))
}

/// `waited` are those who waited the last time that they asked.
fn history_of(waited: &BTreeSet<Uuid>, member: Option<Uuid>) -> History {
    let waited_last_time = member.is_some_and(|member| waited.contains(&member));
    History { waited_last_time, late_no_shows: 0 }
}

/// The place in the line of a party that waits: 1 is next.
pub async fn place(
    db: &impl ConnectionTrait,
    rsvp: &Rsvp,
    now: DateTime<Utc>,
) -> Result<Option<u32>, StoreError> {
    let Some(number) = rsvp.number.filter(|_| rsvp.seat == Seat::Waitlisted) else {
        return Ok(None);
    };
    if goes_anybody_first(db, rsvp.event, now).await? {
        return Ok(waitlist::place(&line(db, rsvp.event, None, now).await?.waiting, rsvp.invitation));
    }
    // Nobody goes before anybody but by number, which the database counts faster than a long line
    // is read.
    let before = row::Entity::find()
        .filter(row::Column::EventId.eq(rsvp.event.uuid()))
        .filter(row::Column::Seat.eq(Seat::Waitlisted.name()))
        .filter(row::Column::Number.lt(number))
        .count(db)
        .await?;
    Ok(u32::try_from(before + 1).ok())
}

/// Of those who wait for an evening `limit`, in the order of the line, after so many others.
pub async fn waiting(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    after: u32,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Rsvp>, StoreError> {
    let waiting = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::Seat.eq(Seat::Waitlisted.name()));
    if !goes_anybody_first(db, event, now).await? {
        let rows = waiting.order_by_asc(row::Column::Number).offset(u64::from(after)).limit(limit);
        return rows.all(db).await?.into_iter().map(to_domain).collect();
    }
    let mut parties = line(db, event, None, now).await?.waiting;
    waitlist::sort(&mut parties);
    let (skip, take) = (after.try_into().unwrap_or(usize::MAX), limit.try_into().unwrap_or(usize::MAX));
    let shown: Vec<Uuid> =
        parties.into_iter().skip(skip).take(take).map(|party| party.invitation.uuid()).collect();
    let mut rows = waiting.filter(row::Column::InvitationId.is_in(shown.iter().copied())).all(db).await?;
    rows.sort_by_key(|row| shown.iter().position(|id| *id == row.invitation_id));
    rows.into_iter().map(to_domain).collect()
}

/// Whether the numbers alone are not the order of a line. Asked of the database, because the answer
/// is mostly no and a line may be long.
async fn goes_anybody_first(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    Ok(!asked::who_waited(db, members_in_line(event), Some(1), now).await?.is_empty())
}

/// When the first of the offers of an evening ends.
pub async fn next_offer_until(
    db: &impl ConnectionTrait,
    event: Id<Event>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let first: Option<Option<DateTime<Utc>>> = row::Entity::find()
        .select_only()
        .column(row::Column::OfferUntil)
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::Seat.eq(Seat::Offered.name()))
        .order_by_asc(row::Column::OfferUntil)
        .into_tuple()
        .one(db)
        .await?;
    Ok(first.flatten())
}

/// Keeps what serving the line gave: offers end, then seats are given, then offered.
pub async fn keep(tx: &Tx, served: &Served) -> Result<(), StoreError> {
    for party in &served.lapsed {
        changed(tx, [party.invitation], Seat::Waitlisted)
            .col_expr(row::Column::Number, Expr::value(party.number))
            .col_expr(row::Column::OfferUntil, Expr::cust("null"))
            .col_expr(row::Column::LetPass, Expr::value(true))
            .exec(tx.db())
            .await?;
    }
    if !served.seated.is_empty() {
        changed(tx, served.seated.iter().map(|party| party.invitation), Seat::Confirmed)
            .col_expr(row::Column::Number, Expr::cust("null"))
            .col_expr(row::Column::OfferUntil, Expr::cust("null"))
            .exec(tx.db())
            .await?;
    }
    for offer in &served.offered {
        changed(tx, [offer.party.invitation], Seat::Offered)
            .col_expr(row::Column::OfferUntil, Expr::value(offer.until))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}

/// Takes offers back: their parties wait where they did.
pub async fn withdraw(tx: &Tx, offers: &[Offer]) -> Result<(), StoreError> {
    if offers.is_empty() {
        return Ok(());
    }
    changed(tx, offers.iter().map(|offer| offer.party.invitation), Seat::Waitlisted)
        .col_expr(row::Column::OfferUntil, Expr::cust("null"))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// No offer of an evening lasts longer than that: it moved, and with it the cut-off.
pub async fn end_offers_by(tx: &Tx, event: Id<Event>, latest: DateTime<Utc>) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::OfferUntil, Expr::value(latest))
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::Seat.eq(Seat::Offered.name()))
        .filter(row::Column::OfferUntil.gt(latest))
        .exec(tx.db())
        .await?;
    Ok(())
}

fn changed(
    tx: &Tx,
    which: impl IntoIterator<Item = Id<Invitation>>,
    seat: Seat,
) -> sea_orm::UpdateMany<row::Entity> {
    row::Entity::update_many()
        .col_expr(row::Column::Seat, Expr::value(seat.name()))
        .col_expr(row::Column::ChangedAt, Expr::value(tx.now()))
        .filter(Expr::col(row::Column::InvitationId).is_in(which.into_iter().map(Id::uuid)))
}
