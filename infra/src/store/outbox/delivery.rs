//! Delivery: rows are claimed by a lease, tried outside of any transaction, and settled by whoever
//! still holds the lease.

use chrono::{DateTime, Duration, Utc};
use mensuel_domain::{
    fact::{Actor, Fact, NoticeKind},
    id::Id,
    invitation::Invitation,
    pause::Trouble,
    text::Email,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Query},
};
use uuid::Uuid;

use super::{Notice, State, hash_of, pause, row, to_domain};
use crate::{
    clock,
    store::{Store, StoreError, Tx, full_mailboxes, invitations, members},
};

/// How long a claim lasts unless renewed.
pub const LEASE: Duration = Duration::seconds(60);

/// The right to try some rows: who finds another lease in a row writes no outcome there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    id: Uuid,
    /// When the rows were asked for: from then on it lasts [`LEASE`], however late the answer came.
    pub since: DateTime<Utc>,
}

/// Claims up to `limit` rows that are due, oldest first, in one statement. While a mail to somebody
/// about an evening is under way, no other one about it is claimed: what they are told comes in order.
/// While the relay refuses us none is, and after a pause one alone.
pub async fn claim(
    store: &Store,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<(Lease, Vec<Notice>), StoreError> {
    use row::Column;
    let lease = Lease { id: clock::new_uuid(now), since: now };
    let pause = pause::pause(store.read()).await?;
    if pause.holds(now) || (pause.is_tried() && is_anything_leased(store.read(), now).await?) {
        return Ok((lease, Vec::new()));
    }
    let limit = if pause.is_tried() { 1 } else { limit };
    let free = Condition::any().add(Column::LeaseUntil.is_null()).add(Column::LeaseUntil.lte(now));
    let mut due = row::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(State::Queued.name()))
        .filter(Column::DueAt.lte(now))
        .filter(free)
        .filter(Expr::exists(under_way_beside(now)).not());
    if pause.is_tried() {
        // Somebody else says more of the relay than who was refused already.
        let refused = Expr::col(Column::RecipientId).is_in(pause.refused_for.iter().copied());
        due = due.order_by(refused, Order::Asc);
    }
    let mut due = due.order_by_asc(Column::DueAt).order_by_asc(Column::Change).limit(limit);
    if store.backend() == DatabaseBackend::Postgres {
        due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let rows = row::Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .col_expr(Column::LeaseId, Expr::value(lease.id))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Expr::col(Column::Id).in_subquery(due.into_query()))
        .exec_with_returning(store.housekeeping())
        .await?;
    let mut notices = rows.into_iter().map(to_domain).collect::<Result<Vec<_>, _>>()?;
    notices.sort_by_key(|notice| (notice.due_at, notice.change, notice.id));
    Ok((lease, notices))
}

/// A leased row for the same person and evening as the row of the statement around it.
fn under_way_beside(now: DateTime<Utc>) -> sea_orm::sea_query::SelectStatement {
    use row::Column;
    let beside = |column| Expr::col((Alias::new("beside"), column));
    let same = |column| beside(column).equals((row::Entity, column));
    Query::select()
        .expr(Expr::value(1))
        .from_as(row::Entity, Alias::new("beside"))
        .and_where(same(Column::EventId))
        .and_where(same(Column::RecipientId))
        .and_where(beside(Column::State).eq(State::Queued.name()))
        .and_where(beside(Column::LeaseUntil).gt(now))
        .to_owned()
}

/// Keeps a claim alive while its attempt lives; `false` when it was lost.
pub async fn renew(store: &Store, lease: Lease, id: Uuid, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let done = row::Entity::update_many()
        .col_expr(row::Column::LeaseUntil, Expr::value(now + LEASE))
        .filter(is_held(lease, id))
        .exec(store.housekeeping())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives a row back as it was: nothing was tried.
pub async fn release(store: &Store, lease: Lease, id: Uuid) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::LeaseUntil, Expr::cust("null"))
        .col_expr(row::Column::LeaseId, Expr::cust("null"))
        .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).sub(1))
        .filter(is_held(lease, id))
        .exec(store.housekeeping())
        .await?;
    Ok(())
}

/// Puts a row off: nothing was tried.
pub async fn postpone(
    store: &Store,
    lease: Lease,
    id: Uuid,
    due_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::DueAt, Expr::value(due_at))
        .col_expr(row::Column::LeaseUntil, Expr::cust("null"))
        .col_expr(row::Column::LeaseId, Expr::cust("null"))
        .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).sub(1))
        .filter(is_held(lease, id))
        .exec(store.housekeeping())
        .await?;
    Ok(())
}

/// Why a mail is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// It passes by itself: a busy relay, a broken connection.
    Passing,
    /// The relay was silent after the last dot: the mail may have arrived, and that is remembered.
    Uncertain,
    /// We are refused, whoever the mail is for: nothing is sent for a while.
    Refused(Trouble),
    /// The mailbox is full. It is counted, and the third mail within 30 days stops the address,
    /// with these words.
    Full { address: Email, stopped: String },
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sent {
        to: Email,
        /// It carried a calendar entry.
        with_entry: bool,
        /// The evenings that it listed beside the one that it is about.
        listed: Vec<Id<Invitation>>,
    },
    Dropped {
        why: String,
    },
    Failed {
        error: String,
        /// The address does not exist: nothing is sent there any more, and the error says why.
        stops: Option<Email>,
    },
    Expired {
        error: String,
    },
    /// To be tried again.
    Later {
        due_at: DateTime<Utc>,
        error: String,
        because: Because,
    },
}

/// Writes the outcome of an attempt, unless the lease was lost meanwhile. That mail has left is
/// remembered with the invitation, and that an address stops with its member, in the same
/// transaction.
pub async fn settle(
    store: &Store,
    lease: Lease,
    notice: &Notice,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let tx = Tx::begin(store, now).await?;
    let mut facts = Vec::new();
    let outcome = counted(&tx, notice, outcome, &mut facts).await?;
    let done = written(notice.id, &outcome, now).filter(is_held(lease, notice.id)).exec(tx.db()).await?;
    if done.rows_affected != 1 {
        tx.undo().await?;
        return Ok(false);
    }
    match outcome {
        Outcome::Sent { to: _, with_entry, listed } => {
            pause::end(&tx).await?;
            for invitation in listed {
                invitations::mark_told(tx.db(), invitation, false, now).await?;
            }
            if let Some(invitation) = notice.invitation
                && tells_of_the_evening(notice.kind)
            {
                invitations::mark_told(tx.db(), invitation, with_entry, now).await?;
            }
        }
        Outcome::Failed { error, stops: Some(address) } => {
            let member = members::stop_address(&tx, &address, &error).await?;
            facts.extend(member.map(|member| Fact::MemberChanged { member }));
        }
        Outcome::Later { because: Because::Refused(trouble), .. } => {
            facts.extend(pause::begin(&tx, notice.recipient.uuid(), &trouble).await?);
        }
        Outcome::Failed { stops: None, .. }
        | Outcome::Dropped { .. }
        | Outcome::Expired { .. }
        | Outcome::Later { because: Because::Passing | Because::Uncertain | Because::Full { .. }, .. } => {}
    }
    if facts.is_empty() {
        tx.keep().await?
    } else {
        tx.commit(Actor::Mensuel, facts).await?
    }
    Ok(true)
}

/// A full mailbox that was full too often is none any more.
async fn counted(
    tx: &Tx,
    notice: &Notice,
    outcome: Outcome,
    facts: &mut Vec<Fact>,
) -> Result<Outcome, StoreError> {
    let Outcome::Later { because: Because::Full { address, stopped }, .. } = &outcome else {
        return Ok(outcome);
    };
    let Some(done) = full_mailboxes::count(tx, notice.recipient, address, notice.id, stopped).await? else {
        return Ok(outcome);
    };
    facts.extend(done);
    Ok(Outcome::Failed { error: stopped.clone(), stops: None })
}

fn written(id: Uuid, outcome: &Outcome, now: DateTime<Utc>) -> sea_orm::UpdateMany<row::Entity> {
    use row::Column;
    let update = row::Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::cust("null"))
        .col_expr(Column::LeaseId, Expr::cust("null"));
    let finished = |update: sea_orm::UpdateMany<row::Entity>, state: State| {
        update
            .col_expr(Column::State, Expr::value(state.name()))
            .col_expr(Column::FinishedAt, Expr::value(now))
    };
    let said = |text: &str| Expr::value(text.to_owned());
    match outcome {
        Outcome::Sent { to, .. } => finished(update, State::Sent)
            .col_expr(Column::LastError, Expr::cust("null"))
            .col_expr(Column::SentToHash, Expr::value(hash_of(id, to))),
        Outcome::Dropped { why } => finished(update, State::Dropped).col_expr(Column::Why, said(why)),
        Outcome::Failed { error, .. } => {
            finished(update, State::Failed).col_expr(Column::LastError, said(error))
        }
        Outcome::Expired { error } => {
            finished(update, State::Expired).col_expr(Column::LastError, said(error))
        }
        Outcome::Later { due_at, error, because } => {
            let update =
                update.col_expr(Column::DueAt, Expr::value(*due_at)).col_expr(Column::LastError, said(error));
            match because {
                Because::Uncertain => update.col_expr(Column::Uncertain, Expr::value(true)),
                Because::Passing | Because::Refused(_) | Because::Full { .. } => update,
            }
        }
    }
}

/// Mail to the organizers about somebody does not tell that person; of a mail with links, the
/// evenings that it listed are told.
fn tells_of_the_evening(kind: NoticeKind) -> bool {
    kind != NoticeKind::Links && !kind.is_for_organizers()
}

fn is_held(lease: Lease, id: Uuid) -> Condition {
    Condition::all()
        .add(Expr::col(row::Column::Id).eq(id))
        .add(row::Column::LeaseId.eq(lease.id))
        .add(row::Column::State.eq(State::Queued.name()))
}

/// When the next row comes due, or its lease ends; not before a pause is over.
pub async fn next_due(db: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>, StoreError> {
    use row::Column;
    let queued = || row::Entity::find().select_only().filter(Column::State.eq(State::Queued.name()));
    let free: Option<DateTime<Utc>> = queued()
        .column(Column::DueAt)
        .filter(Column::LeaseUntil.is_null())
        .order_by_asc(Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let leased: Option<DateTime<Utc>> = queued()
        .column(Column::LeaseUntil)
        .filter(Column::LeaseUntil.is_not_null())
        .order_by_asc(Column::LeaseUntil)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let paused = pause::pause(db).await?.until;
    Ok(free.into_iter().chain(leased).min().map(|next| paused.map_or(next, |until| Ord::max(next, until))))
}

/// Whether an attempt is under way somewhere.
pub async fn is_anything_leased(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let leased = row::Entity::find()
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::State.eq(State::Queued.name()))
        .filter(row::Column::LeaseUntil.gt(now))
        .limit(1)
        .into_tuple::<Uuid>()
        .one(db)
        .await?;
    Ok(leased.is_some())
}
