//! Rows come in with the facts that they tell of, in the same transaction.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::{Audience, Fact, NoticeKind, Notification, notifications},
    id::Id,
    invitation::Invitation,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use super::{Recipient, State, row};
use crate::{
    clock,
    store::{OrCorrupt, StoreError, Tx, invitations, members, to_row},
};

/// Enqueues what the facts say must be told.
pub(in crate::store) async fn enqueue(tx: &Tx, change: i64, facts: &[Fact]) -> Result<(), StoreError> {
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
            rows = rows.filter(Column::Wave.eq(to_row(wave)));
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
