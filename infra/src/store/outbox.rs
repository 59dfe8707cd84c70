//! Notifications that have to leave. A row holds ids only; the mail is written when it leaves.

mod delivery;
mod pause;

pub use delivery::{
    Because, LEASE, Lease, Outcome, claim, is_anything_leased, next_due, postpone, release, renew, settle,
};
pub use pause::{begin as begin_pause, pause};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::{Audience, Detail, Fact, NoticeKind, Notification, notifications},
    id::Id,
    invitation::Invitation,
    member::Member,
    text::Email,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, from_row, invitations, members};
use crate::clock;

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

/// Enqueues what the facts say must be told.
pub(super) async fn enqueue(tx: &Tx, change: i64, facts: &[Fact]) -> Result<(), StoreError> {
    let mut single = Vec::new();
    for notification in facts.iter().flat_map(notifications) {
        match notification.audience {
            Audience::Invited(invitation) => {
                single.push(to_one(tx, change, &notification, Some(invitation)).await?);
            }
            Audience::Member(member) => {
                let recipient = Recipient::Member(member);
                single.push(new_row(tx, change, &notification, notification.detail.invitation, recipient)?);
            }
            Audience::Wave(_) | Audience::AllInvited | Audience::Reminded { .. } => {
                to_all_invited(tx, change, &notification).await?;
            }
            Audience::Organizers => to_organizers(tx, change, &notification).await?,
        }
    }
    for slice in single.chunks(500) {
        let rows: Vec<_> = slice.iter().cloned().map(IntoActiveModel::into_active_model).collect();
        row::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

async fn to_one(
    tx: &Tx,
    change: i64,
    notification: &Notification,
    invitation: Option<Id<Invitation>>,
) -> Result<row::Model, StoreError> {
    let invitation = invitation.or_corrupt("outbox.invitation_id")?;
    let found = invitations::find(tx.db(), invitation).await?.or_corrupt("outbox.invitation_id")?;
    let recipient = match found.guest.member() {
        Some(member) => Recipient::Member(member),
        None => Recipient::NamedGuest(invitation),
    };
    new_row(tx, change, notification, Some(invitation), recipient)
}

fn new_row(
    tx: &Tx,
    change: i64,
    notification: &Notification,
    invitation: Option<Id<Invitation>>,
    recipient: Recipient,
) -> Result<row::Model, StoreError> {
    let (recipient_kind, recipient_id) = match recipient {
        Recipient::Member(id) => ("member", id.uuid()),
        Recipient::NamedGuest(id) => ("named_guest", id.uuid()),
    };
    Ok(row::Model {
        id: clock::new_uuid(tx.now()),
        kind: notification.kind.name().to_owned(),
        event_id: notification.event.map(Id::uuid),
        invitation_id: invitation.map(Id::uuid),
        recipient_kind: recipient_kind.to_owned(),
        recipient_id,
        detail: serde_json::to_string(&notification.detail).or_corrupt("outbox.detail")?,
        state: State::Queued.name().to_owned(),
        why: None,
        due_at: due_at(tx, notification.kind),
        attempts: 0,
        lease_until: None,
        lease_id: None,
        last_error: None,
        uncertain: false,
        change,
        created_at: tx.now(),
        finished_at: None,
        round_id: round_of(tx, notification.kind),
        sent_to_hash: None,
    })
}

/// What invites waits for the end of its round's undo window; the rest is due at once.
fn due_at(tx: &Tx, kind: NoticeKind) -> DateTime<Utc> {
    if kind == NoticeKind::Invitation { tx.invitations_due() } else { tx.now() }
}

fn round_of(tx: &Tx, kind: NoticeKind) -> Option<Uuid> {
    tx.round().filter(|_| kind == NoticeKind::Invitation)
}

const COLUMNS: [row::Column; 13] = [
    row::Column::Id,
    row::Column::InvitationId,
    row::Column::RecipientKind,
    row::Column::RecipientId,
    row::Column::Kind,
    row::Column::EventId,
    row::Column::Detail,
    row::Column::State,
    row::Column::DueAt,
    row::Column::Attempts,
    row::Column::Change,
    row::Column::CreatedAt,
    row::Column::RoundId,
];

/// One row for everybody with an invitation to the evening, in one statement. A wave goes to those
/// of it for whom no invitation was ever enqueued.
async fn to_all_invited(tx: &Tx, change: i64, notification: &Notification) -> Result<(), StoreError> {
    use invitations::row::{Column, Entity};
    let event = notification.event.or_corrupt("outbox.event_id")?;
    let mut rows = Entity::find()
        .select_only()
        .expr(invitations::random_uuid(tx.db().get_database_backend()))
        .column(Column::Id)
        .expr(Expr::cust("case when member_id is null then 'named_guest' else 'member' end"))
        .expr(Expr::cust("coalesce(member_id, id)"))
        .filter(Column::EventId.eq(event.uuid()));
    if let Audience::Wave(wave) = notification.audience {
        rows = rows.filter(Column::Id.not_in_subquery(invited_by_mail(event)));
        if let Some(wave) = wave {
            rows = rows.filter(Column::Wave.eq(super::to_row(wave)));
        }
    }
    if let Audience::Reminded { days, nearer } = notification.audience {
        rows = rows.filter(invitations::is_reminded(days, nearer));
    }
    insert_select(tx, change, notification, rows.into_query()).await
}

/// The invitations for which a mail was ever enqueued.
fn invited_by_mail(event: Id<Event>) -> SelectStatement {
    row::Entity::find()
        .select_only()
        .column(row::Column::InvitationId)
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::Kind.eq(NoticeKind::Invitation.name()))
        .filter(row::Column::InvitationId.is_not_null())
        .into_query()
}

fn never_mailed(event: Id<Event>) -> Select<invitations::row::Entity> {
    use invitations::row::{Column, Entity};
    Entity::find()
        .filter(Column::EventId.eq(event.uuid()))
        .filter(Column::Id.not_in_subquery(invited_by_mail(event)))
}

/// Invitations for which no mail was ever enqueued.
pub async fn not_yet_mailed(
    db: &impl ConnectionTrait,
    event: Id<Event>,
) -> Result<Vec<Invitation>, StoreError> {
    let rows = never_mailed(event).order_by_asc(invitations::row::Column::Id).all(db).await?;
    rows.into_iter().map(invitations::to_domain).collect()
}

pub async fn count_not_yet_mailed(db: &impl ConnectionTrait, event: Id<Event>) -> Result<u64, StoreError> {
    Ok(never_mailed(event).count(db).await?)
}

async fn to_organizers(tx: &Tx, change: i64, notification: &Notification) -> Result<(), StoreError> {
    let rows = members::row::Entity::find()
        .select_only()
        .expr(invitations::random_uuid(tx.db().get_database_backend()))
        .expr(invitations::typed_id_or_null(
            tx.db().get_database_backend(),
            notification.detail.invitation.map(Id::uuid),
        ))
        .expr(Expr::cust("'member'"))
        .column(members::row::Column::Id)
        .filter(members::is_organizer());
    insert_select(tx, change, notification, rows.into_query()).await
}

/// Completes a select of (id, invitation, recipient kind, recipient id) to whole rows.
async fn insert_select(
    tx: &Tx,
    change: i64,
    notification: &Notification,
    mut rows: SelectStatement,
) -> Result<(), StoreError> {
    rows.expr(Expr::value(notification.kind.name()))
        .expr(invitations::typed_id_or_null(tx.db().get_database_backend(), notification.event.map(Id::uuid)))
        .expr(Expr::value(serde_json::to_string(&notification.detail).or_corrupt("outbox.detail")?))
        .expr(Expr::value(State::Queued.name()))
        .expr(Expr::value(due_at(tx, notification.kind)))
        .expr(Expr::value(0))
        .expr(Expr::value(change))
        .expr(Expr::value(tx.now()))
        .expr(invitations::typed_id_or_null(tx.db().get_database_backend(), round_of(tx, notification.kind)));
    let mut insert = Query::insert();
    insert
        .into_table(row::Entity)
        .columns(COLUMNS)
        .select_from(rows)
        .map_err(|error| StoreError::Database(error.to_string()))?;
    tx.db().execute(&insert).await?;
    Ok(())
}

/// All that was ever written for the same person about the same evening, this one left out, in
/// the order in which it was written.
pub async fn beside(db: &impl ConnectionTrait, notice: &Notice) -> Result<Vec<Notice>, StoreError> {
    let Some(event) = notice.event else {
        return Ok(Vec::new());
    };
    let recipient = match notice.recipient {
        Recipient::Member(id) => id.uuid(),
        Recipient::NamedGuest(id) => id.uuid(),
    };
    let rows = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::RecipientId.eq(recipient))
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
