//! What members asked for at other evenings, and whether they got it: the one place where it is
//! told who goes first, in a line and in the waves. Attendance will tell here who goes last.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::{Event, Stage},
    id::Id,
    rsvp::{Answer, Seat},
    waitlist::REMEMBERED,
};
use sea_orm::{
    Condition, ConnectionTrait, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    StoreError,
    events::{self, event_row::Column as Evening},
    members::row::{Column as Member, Entity as Members},
    rsvps::{self, row::Column as Rsvp},
};

/// Of these members those who waited the last time that they asked; `most` is as many as have to be
/// known.
pub(super) async fn who_waited(
    db: &impl ConnectionTrait,
    members: Condition,
    most: Option<u64>,
    now: DateTime<Utc>,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let found =
        Members::find().select_only().column(Member::Id).filter(members).filter(waited_last_time(now));
    let found: Vec<Uuid> = found.limit(most).into_tuple().all(db).await?;
    Ok(found.into_iter().collect())
}

/// Of `members`: said yes to an evening that ended within the time that is remembered, got no seat,
/// and had none at one that ended since.
pub(super) fn waited_last_time(now: DateTime<Utc>) -> Expr {
    let (waited, since) = (Yes::named("waited"), Yes::named("since"));
    let oldest = now.checked_sub_months(REMEMBERED).unwrap_or(DateTime::UNIX_EPOCH);
    let had_a_seat_since = since
        .to(|seat| seat.is_confirmed())
        .and_where(since.evening(Evening::EndsAt).lte(now))
        .and_where(since.evening(Evening::EndsAt).gte(waited.evening(Evening::EndsAt)))
        .to_owned();
    Expr::exists(
        waited
            .to(|seat| !seat.is_confirmed())
            .and_where(waited.evening(Evening::EndsAt).gt(oldest))
            .and_where(waited.evening(Evening::EndsAt).lte(now))
            .and_where(Expr::exists(had_a_seat_since).not())
            .to_owned(),
    )
}

/// Of `members`: had, or has, a seat at another evening than this one.
pub(super) fn seated_elsewhere(event: Id<Event>) -> Expr {
    let yes = Yes::named("seated");
    let elsewhere = yes.rsvp(Rsvp::EventId).ne(event.uuid());
    Expr::exists(yes.to(|seat| seat.is_confirmed()).and_where(elsewhere).to_owned())
}

/// A yes of the member of the statement around it, under a name of its own.
struct Yes {
    rsvp: Alias,
    evening: Alias,
}

impl Yes {
    fn named(name: &str) -> Self {
        Self { rsvp: Alias::new(format!("{name}_rsvp")), evening: Alias::new(format!("{name}_evening")) }
    }

    fn rsvp(&self, column: Rsvp) -> Expr {
        Expr::col((self.rsvp.clone(), column))
    }

    fn evening(&self, column: Evening) -> Expr {
        Expr::col((self.evening.clone(), column))
    }

    /// To published evenings, with such a seat.
    fn to(&self, seat: impl Fn(&Seat) -> bool) -> SelectStatement {
        let seats = Seat::ALL.into_iter().filter(seat).map(Seat::name);
        Query::select()
            .expr(Expr::value(1))
            .from_as(rsvps::row::Entity, self.rsvp.clone())
            .from_as(events::event_row::Entity, self.evening.clone())
            .and_where(self.evening(Evening::Id).eq(self.rsvp(Rsvp::EventId)))
            .and_where(self.evening(Evening::Stage).eq(Stage::Published.name()))
            .and_where(self.rsvp(Rsvp::MemberId).eq(Member::Id.into_simple_expr()))
            .and_where(self.rsvp(Rsvp::Answer).eq(Answer::Yes.name()))
            .and_where(self.rsvp(Rsvp::Seat).is_in(seats))
            .to_owned()
    }
}
