//! Notifications that have to leave. A row holds ids only; the mail is written when it leaves.

mod delivery;
mod enqueue;
mod pause;

pub use delivery::{
    Because, LEASE, Lease, Outcome, claim, is_anything_leased, next_due, postpone, release, renew, settle,
};
pub(super) use enqueue::enqueue;
pub use enqueue::{count_not_yet_mailed, not_yet_mailed};
pub use pause::{begin as begin_pause, pause};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::{Detail, NoticeKind},
    id::Id,
    invitation::Invitation,
    member::Member,
    text::Email,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, from_row};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub event_id: Option<Uuid>,
        pub invitation_id: Option<Uuid>,
        pub recipient_kind: String,
        pub recipient_id: Uuid,
        pub detail: String,
        pub state: String,
        pub why: Option<String>,
        pub due_at: DateTimeUtc,
        pub attempts: i32,
        pub lease_until: Option<DateTimeUtc>,
        pub lease_id: Option<Uuid>,
        pub last_error: Option<String>,
        pub uncertain: bool,
        pub change: i64,
        pub created_at: DateTimeUtc,
        pub finished_at: Option<DateTimeUtc>,
        /// The round of invitations that it belongs to.
        pub round_id: Option<Uuid>,
        /// Of the address that it was sent to.
        pub sent_to_hash: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a notification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for its due time, or for another attempt.
    Queued,
    Sent,
    /// Not needed any more when it came due, or said by a later one.
    Dropped,
    /// Refused for good.
    Failed,
    /// Given up after 48 hours, or because the evening came.
    Expired,
}

impl State {
    pub const ALL: [State; 5] = [State::Queued, State::Sent, State::Dropped, State::Failed, State::Expired];

    pub const fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sent => "sent",
            State::Dropped => "dropped",
            State::Failed => "failed",
            State::Expired => "expired",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    Member(Id<Member>),
    /// Somebody on the programme who is no member.
    NamedGuest(Id<Invitation>),
}

impl Recipient {
    pub fn uuid(self) -> Uuid {
        match self {
            Recipient::Member(id) => id.uuid(),
            Recipient::NamedGuest(id) => id.uuid(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub id: Uuid,
    pub kind: NoticeKind,
    pub event: Option<Id<Event>>,
    pub invitation: Option<Id<Invitation>>,
    pub recipient: Recipient,
    pub detail: Detail,
    pub state: State,
    /// Why it was dropped, or what said it instead.
    pub why: Option<String>,
    pub due_at: DateTime<Utc>,
    pub attempts: u32,
    pub leased_until: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    /// An attempt ended after the last dot and without an answer: the mail may have arrived.
    pub uncertain: bool,
    /// The change that wrote it: the order among the notifications of one person.
    pub change: i64,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Of the address that it was sent to: see [`Notice::went_to`].
    pub sent_to_hash: Option<String>,
}

impl Notice {
    /// Whether it was sent to this address; `None` while that is not known.
    pub fn went_to(&self, address: &Email) -> Option<bool> {
        self.sent_to_hash.as_ref().map(|hash| *hash == hash_of(self.id, address))
    }
}

/// An address as it is remembered with the row that was sent to it: who knows the address finds it
/// again, and equal ones of two rows are not seen to be equal.
fn hash_of(row: Uuid, address: &Email) -> String {
    let digest = Sha256::new().chain_update(row.as_bytes()).chain_update(address.key()).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_domain(row: row::Model) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: row.id,
        kind: NoticeKind::from_name(&row.kind).or_corrupt("outbox.kind")?,
        event: row.event_id.map(Id::new),
        invitation: row.invitation_id.map(Id::new),
        recipient: match row.recipient_kind.as_str() {
            "member" => Recipient::Member(Id::new(row.recipient_id)),
            "named_guest" => Recipient::NamedGuest(Id::new(row.recipient_id)),
            _ => return Err(super::corrupt("outbox.recipient_kind")),
        },
        detail: serde_json::from_str(&row.detail).or_corrupt("outbox.detail")?,
        state: State::from_name(&row.state).or_corrupt("outbox.state")?,
        why: row.why,
        due_at: row.due_at,
        attempts: from_row(row.attempts),
        leased_until: row.lease_until,
        last_error: row.last_error,
        uncertain: row.uncertain,
        change: row.change,
        created_at: row.created_at,
        finished_at: row.finished_at,
        sent_to_hash: row.sent_to_hash,
    })
}

/// All that was ever written for the same person about the same evening, this one left out, in
/// the order in which it was written.
pub async fn beside(db: &impl ConnectionTrait, notice: &Notice) -> Result<Vec<Notice>, StoreError> {
    let Some(event) = notice.event else {
        return Ok(Vec::new());
    };
    let rows = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::RecipientId.eq(notice.recipient.uuid()))
        .filter(row::Column::Id.ne(notice.id))
        .order_by_asc(row::Column::Change)
        .order_by_asc(row::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(to_domain).collect()
}

/// Newest first, before a cursor.
pub async fn list(
    db: &impl ConnectionTrait,
    state: Option<State>,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: u64,
) -> Result<Vec<Notice>, StoreError> {
    use row::Column;
    let mut query =
        row::Entity::find().order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(limit);
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state.name()));
    }
    if let Some((created_at, id)) = before {
        query = query.filter(
            Condition::any()
                .add(Column::CreatedAt.lt(created_at))
                .add(Condition::all().add(Column::CreatedAt.eq(created_at)).add(Column::Id.lt(id))),
        );
    }
    query.all(db).await?.into_iter().map(to_domain).collect()
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Notice>, StoreError> {
    row::Entity::find_by_id(id).one(db).await?.map(to_domain).transpose()
}

/// The newest invitation mail of each of some invitations to one evening.
pub async fn invitation_mails(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    of: &[Invitation],
) -> Result<BTreeMap<Id<Invitation>, Notice>, StoreError> {
    let people = of.iter().map(|one| one.guest.member().map_or(one.id.uuid(), Id::uuid));
    let rows = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::RecipientId.is_in(people))
        .filter(row::Column::Kind.eq(NoticeKind::Invitation.name()))
        .order_by_asc(row::Column::CreatedAt)
        .order_by_asc(row::Column::Change)
        .all(db)
        .await?;
    let notices: Vec<Notice> = rows.into_iter().map(to_domain).collect::<Result<_, _>>()?;
    Ok(notices.into_iter().filter_map(|notice| Some((notice.invitation?, notice))).collect())
}

/// Whether a mail about this invitation still waits to leave.
pub async fn is_any_queued(
    db: &impl ConnectionTrait,
    invitation: Id<Invitation>,
) -> Result<bool, StoreError> {
    let queued = row::Entity::find()
        .filter(row::Column::InvitationId.eq(invitation.uuid()))
        .filter(row::Column::State.eq(State::Queued.name()))
        .one(db)
        .await?;
    Ok(queued.is_some())
}

/// All rows of this kind that were ever written about an invitation.
pub async fn of_kind(
    db: &impl ConnectionTrait,
    invitation: Id<Invitation>,
    kind: NoticeKind,
) -> Result<Vec<Notice>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::InvitationId.eq(invitation.uuid()))
        .filter(row::Column::Kind.eq(kind.name()))
        .all(db)
        .await?;
    rows.into_iter().map(to_domain).collect()
}

/// Forgets to which addresses mail left for somebody who is erased.
pub(super) async fn forget_addresses(tx: &Tx, member: Id<Member>) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::SentToHash, Expr::cust("null"))
        .filter(Expr::col(row::Column::RecipientId).eq(member.uuid()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// What was sent came back: it has failed after all, and why.
pub async fn came_back(tx: &Tx, id: Uuid, error: &str) -> Result<(), StoreError> {
    use row::Column;
    row::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Failed.name()))
        .col_expr(Column::LastError, Expr::value(error))
        .filter(Expr::col(Column::Id).eq(id))
        .filter(Column::State.eq(State::Sent.name()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Puts a failed or expired row back into the queue, due now and as fresh as a new one: its 48
/// hours begin again.
pub async fn requeue(tx: &Tx, id: Uuid) -> Result<bool, StoreError> {
    use row::Column;
    let done = row::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Queued.name()))
        .col_expr(Column::DueAt, Expr::value(tx.now()))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::CreatedAt, Expr::value(tx.now()))
        .col_expr(Column::LastError, Expr::cust("null"))
        .col_expr(Column::Uncertain, Expr::value(false))
        .col_expr(Column::FinishedAt, Expr::cust("null"))
        .filter(Expr::col(Column::Id).eq(id))
        .filter(Column::State.is_in([State::Failed.name(), State::Expired.name()]))
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}
