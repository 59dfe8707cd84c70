//! The line of an evening: who waits, who is offered a seat, and what became of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    id::Id,
    invitation::Invitation,
    member::Member,
    rsvp::{Answer, Line, Rsvp, Seat},
    waitlist::{self, History, Offer, Served, Waiting, precedence},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    OrCorrupt, StoreError, Tx,
    events::event_row,
    from_row,
    rsvps::{row, to_domain},
};

/// How far back it is looked who waited in vain.
const LOOKS_BACK: Months = Months::new(12);

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
        .filter(in_line(event))
        .into_model::<InLine>()
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Line::default());
    }
    let histories = histories(db, among_line(event), now).await?;
    let mut line = Line::default();
    for row in rows {
        let history = row.member_id.and_then(|id| histories.get(&Id::new(id))).copied().unwrap_or_default();
        let party = Waiting {
            invitation: Id::new(row.invitation_id),
            size: 1 + from_row(row.guests),
            number: row.number.or_corrupt("rsvps.number")?,
            precedence: precedence(history, row.let_pass),
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

fn in_line(event: Id<Event>) -> Condition {
    Condition::all()
        .add(row::Column::EventId.eq(event.uuid()))
        .add(row::Column::Seat.is_in([Seat::Waitlisted.name(), Seat::Offered.name()]))
}

/// Rows of members who are in the line of an evening.
fn among_line(event: Id<Event>) -> Condition {
    let members = row::Entity::find()
        .select_only()
        .column(row::Column::MemberId)
        .filter(in_line(event))
        .filter(row::Column::MemberId.is_not_null())
        .into_query();
    Condition::all().add(row::Column::MemberId.in_subquery(members))
}

/// What the last twelve months say of one member.
pub async fn history(
    db: &impl ConnectionTrait,
    member: Id<Member>,
    now: DateTime<Utc>,
) -> Result<History, StoreError> {
    let own = Condition::all().add(row::Column::MemberId.eq(member.uuid()));
    Ok(histories(db, own, now).await?.get(&member).copied().unwrap_or_default())
}

/// What the last twelve months say of the members whose rows are meant; of who asked for nothing,
/// nothing.
pub async fn histories(
    db: &impl ConnectionTrait,
    whose: Condition,
    now: DateTime<Utc>,
) -> Result<BTreeMap<Id<Member>, History>, StoreError> {
    let since = now.checked_sub_months(LOOKS_BACK).unwrap_or(DateTime::UNIX_EPOCH);
    let past: Vec<Uuid> = event_row::Entity::find()
        .select_only()
        .column(event_row::Column::Id)
        .filter(event_row::Column::Stage.eq(Stage::Published.name()))
        .filter(event_row::Column::EndsAt.gt(since))
        .filter(event_row::Column::EndsAt.lte(now))
        .order_by_asc(event_row::Column::EndsAt)
        .order_by_asc(event_row::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    if past.is_empty() {
        return Ok(BTreeMap::new());
    }
    let asked: Vec<(Uuid, Option<Uuid>, String)> = row::Entity::find()
        .select_only()
        .columns([row::Column::EventId, row::Column::MemberId, row::Column::Seat])
        .filter(row::Column::EventId.is_in(past.iter().copied()))
        .filter(row::Column::Answer.eq(Answer::Yes.name()))
        .filter(whose)
        .into_tuple()
        .all(db)
        .await?;
    let order: BTreeMap<Uuid, usize> = past.into_iter().enumerate().map(|(at, id)| (id, at)).collect();
    let mut last: BTreeMap<Id<Member>, (usize, bool)> = BTreeMap::new();
    for (event, member, seat) in asked {
        let (Some(at), Some(member)) = (order.get(&event), member) else { continue };
        let waited = !Seat::from_name(&seat).or_corrupt("rsvps.seat")?.is_confirmed();
        let known = last.entry(Id::new(member)).or_insert((*at, waited));
        if known.0 < *at {
            *known = (*at, waited);
        }
    }
    // Attendance is not kept yet: this is the one place that will count it.
    let late_no_shows = 0;
    let history = |(_, waited_last_time)| History { waited_last_time, late_no_shows };
    Ok(last.into_iter().map(|(member, asked)| (member, history(asked))).collect())
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

/// Whether the numbers alone are not the order of a line: somebody in it got no seat last time. Asked
/// of the database, because the answer is mostly no and a line may be long. Attendance will add those
/// who go last.
async fn goes_anybody_first(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let since = now.checked_sub_months(LOOKS_BACK).unwrap_or(DateTime::UNIX_EPOCH);
    let (waited, later) = (Past::of("waited"), Past::of("later"));
    let unseated = Seat::ALL.into_iter().filter(|seat| !seat.is_confirmed()).map(Seat::name);
    let same_end = waited.ends_at().equals(later.ends_at_column());
    let after = Condition::any()
        .add(later.ends_at().gt(waited.ends_at()))
        .add(Condition::all().add(same_end).add(later.id().gt(waited.id())));
    let answered_later = later
        .yeses(since, now)
        .and_where(later.member().equals(waited.member_column()))
        .cond_where(after)
        .to_owned();
    let in_line = row::Entity::find()
        .select_only()
        .column(row::Column::MemberId)
        .filter(in_line(event))
        .filter(row::Column::MemberId.is_not_null());
    let first = waited
        .yeses(since, now)
        .and_where(waited.seat().is_in(unseated))
        .and_where(waited.member().in_subquery(in_line.into_query()))
        .and_where(Expr::exists(answered_later).not())
        .limit(1)
        .to_owned();
    Ok(db.query_one(&first).await?.is_some())
}

/// Answers to past evenings with those evenings, under names of their own within a statement.
struct Past {
    rsvp: Alias,
    evening: Alias,
}

impl Past {
    fn of(name: &str) -> Self {
        Self { rsvp: Alias::new(format!("{name}_rsvp")), evening: Alias::new(format!("{name}_evening")) }
    }

    fn column(&self, column: row::Column) -> Expr {
        Expr::col((self.rsvp.clone(), column))
    }

    fn of_evening(&self, column: event_row::Column) -> Expr {
        Expr::col((self.evening.clone(), column))
    }

    fn seat(&self) -> Expr {
        self.column(row::Column::Seat)
    }

    fn member(&self) -> Expr {
        self.column(row::Column::MemberId)
    }

    fn member_column(&self) -> (Alias, row::Column) {
        (self.rsvp.clone(), row::Column::MemberId)
    }

    fn id(&self) -> Expr {
        self.of_evening(event_row::Column::Id)
    }

    fn ends_at(&self) -> Expr {
        self.of_evening(event_row::Column::EndsAt)
    }

    fn ends_at_column(&self) -> (Alias, event_row::Column) {
        (self.evening.clone(), event_row::Column::EndsAt)
    }

    /// Each yes to a published evening that ended within a span of time.
    fn yeses(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> SelectStatement {
        Query::select()
            .expr(Expr::value(1))
            .from_as(row::Entity, self.rsvp.clone())
            .from_as(event_row::Entity, self.evening.clone())
            .and_where(self.id().equals((self.rsvp.clone(), row::Column::EventId)))
            .and_where(self.of_evening(event_row::Column::Stage).eq(Stage::Published.name()))
            .and_where(self.ends_at().gt(since))
            .and_where(self.ends_at().lte(now))
            .and_where(self.column(row::Column::Answer).eq(Answer::Yes.name()))
            .to_owned()
    }
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
