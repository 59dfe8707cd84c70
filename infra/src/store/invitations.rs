//! Invitations: one row for each evening and person.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    format::Format,
    id::Id,
    invitation::{Invitation, Invitee},
    member::Member,
    reminder::Times,
    text::{Email, PersonName},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func, Query},
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, from_row, members, rounds::Reach, to_row};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub event_id: Uuid,
        pub member_id: Option<Uuid>,
        pub guest_name: Option<String>,
        pub guest_email: Option<String>,
        pub guest_email_key: Option<String>,
        pub uid: String,
        pub link_epoch: i32,
        pub wave: Option<i32>,
        pub invited_at: DateTimeUtc,
        /// The round that made it.
        pub round_id: Option<Uuid>,
        pub told_at: Option<DateTimeUtc>,
        /// The first calendar entry that left.
        pub entry_sent_at: Option<DateTimeUtc>,
        /// Why nothing is sent to a named guest any more.
        pub guest_stopped: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn to_domain(row: row::Model) -> Result<Invitation, StoreError> {
    let guest = match (row.member_id, row.guest_name, row.guest_email) {
        (Some(member), _, _) => Invitee::Member(Id::new(member)),
        (None, Some(name), Some(email)) => Invitee::NamedGuest {
            name: PersonName::parse(&name).or_corrupt("invitations.guest_name")?,
            email: Email::parse(&email).or_corrupt("invitations.guest_email")?,
        },
        (None, _, _) => return Err(super::corrupt("invitations: nobody is invited")),
    };
    Ok(Invitation {
        id: Id::new(row.id),
        event: Id::new(row.event_id),
        guest,
        uid: row.uid,
        link_epoch: from_row(row.link_epoch),
        wave: row.wave.map(from_row),
        invited_at: row.invited_at,
        told_at: row.told_at,
    })
}

/// Those of an evening to whom it is remembered so many days before; see [`members::is_reminded`].
pub(crate) fn is_reminded(days: u32, nearer: Times) -> Condition {
    let chose = members::row::Entity::find()
        .select_only()
        .column(members::row::Column::Id)
        .filter(members::is_reminded(days, nearer));
    let any = Condition::any().add(row::Column::MemberId.in_subquery(chose.into_query()));
    match members::is_default(days, nearer) {
        true => any.add(row::Column::MemberId.is_null()),
        false => any,
    }
}

/// A random UID for a calendar entry (RFC 7986, section 5.3 asks for one that tells nothing).
pub fn new_uid() -> String {
    let random: u128 = rand::random();
    format!("{random:032x}")
}

/// Makes the invitation of one person. Fails with [`StoreError::Taken`] when there is one.
pub async fn insert(
    tx: &Tx,
    event: Id<Event>,
    guest: Invitee,
    wave: Option<u32>,
) -> Result<Invitation, StoreError> {
    insert_as(tx, tx.new_id(), event, guest, wave).await
}

/// As [`insert`], under an identifier that was given out before.
pub async fn insert_as(
    tx: &Tx,
    id: Id<Invitation>,
    event: Id<Event>,
    guest: Invitee,
    wave: Option<u32>,
) -> Result<Invitation, StoreError> {
    let invitation = Invitation {
        id,
        event,
        guest,
        uid: new_uid(),
        link_epoch: 0,
        wave,
        invited_at: tx.now(),
        told_at: None,
    };
    let (member_id, guest_name, guest_email) = match &invitation.guest {
        Invitee::Member(member) => (Some(member.uuid()), None, None),
        Invitee::NamedGuest { name, email } => (None, Some(name.to_string()), Some(email.clone())),
    };
    let row = row::Model {
        id: invitation.id.uuid(),
        event_id: event.uuid(),
        member_id,
        guest_name,
        guest_email_key: guest_email.as_ref().map(Email::key),
        guest_email: guest_email.map(String::from),
        uid: invitation.uid.clone(),
        link_epoch: 0,
        wave: wave.map(to_row),
        invited_at: invitation.invited_at,
        round_id: tx.round(),
        told_at: None,
        entry_sent_at: None,
        guest_stopped: None,
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(invitation)
}

/// Who follows a format, is active and has no invitation yet, of some waves or of all, as a query
/// for their ids. A guest of the programme who has become a member has theirs.
fn uninvited_followers(
    event: &Event,
    format: Format,
    reach: Option<&Reach>,
    now: DateTime<Utc>,
) -> sea_orm::Select<members::row::Entity> {
    let invited = row::Entity::find()
        .select_only()
        .column(row::Column::MemberId)
        .filter(row::Column::EventId.eq(event.id.uuid()))
        .filter(row::Column::MemberId.is_not_null());
    let mut followers = members::row::Entity::find()
        .filter(members::is_invited_to(format, now))
        .filter(members::row::Column::Id.not_in_subquery(invited.into_query()));
    let guests: Vec<&Email> = event.details.guest_emails().collect();
    if !guests.is_empty() {
        followers = followers.filter(members::has_one_of(&guests).not());
    }
    match reach {
        Some(reach) => followers.filter(reach.condition(event.id, now)),
        None => followers,
    }
}

/// Invites every active member who follows the format and was not invited, all or those that a wave
/// reaches, in one statement.
pub async fn insert_followers(
    tx: &Tx,
    event: &Event,
    format: Format,
    reach: Option<&Reach>,
) -> Result<u64, StoreError> {
    use row::Column;
    let backend = tx.db().get_database_backend();
    let wave = reach.map(|reach| reach.wave.number());
    let followers = uninvited_followers(event, format, reach, tx.now())
        .select_only()
        .expr(random_uuid(backend))
        .expr(Expr::value(event.id.uuid()))
        .column(members::row::Column::Id)
        .expr(random_text(backend))
        .expr(Expr::value(0))
        .expr(typed_null_or(wave.map(to_row)))
        .expr(Expr::value(tx.now()))
        .expr(typed_id_or_null(backend, tx.round()))
        .into_query();
    let mut insert = Query::insert();
    insert
        .into_table(row::Entity)
        .columns([
            Column::Id,
            Column::EventId,
            Column::MemberId,
            Column::Uid,
            Column::LinkEpoch,
            Column::Wave,
            Column::InvitedAt,
            Column::RoundId,
        ])
        .select_from(followers)
        .map_err(|error| StoreError::Database(error.to_string()))?;
    Ok(tx.db().execute(&insert).await?.rows_affected())
}

fn typed_null_or(number: Option<i32>) -> Expr {
    match number {
        Some(number) => Expr::value(number),
        None => Expr::cust("cast(null as integer)"),
    }
}

/// An id, or nothing, of a type that both databases see.
pub(crate) fn typed_id_or_null(backend: DatabaseBackend, id: Option<Uuid>) -> Expr {
    match (id, backend) {
        (Some(id), _) => Expr::value(id),
        (None, DatabaseBackend::Postgres) => Expr::cust("cast(null as uuid)"),
        (None, _) => Expr::cust("null"),
    }
}

/// Sixteen random bytes as a UUID, made by the database: the one place where they differ.
pub(crate) fn random_uuid(backend: DatabaseBackend) -> Expr {
    match backend {
        DatabaseBackend::Postgres => Expr::cust("gen_random_uuid()"),
        _ => Expr::cust("randomblob(16)"),
    }
}

fn random_text(backend: DatabaseBackend) -> Expr {
    match backend {
        DatabaseBackend::Postgres => Expr::cust("replace(gen_random_uuid()::text, '-', '')"),
        _ => Expr::cust("lower(hex(randomblob(16)))"),
    }
}

/// The followers that [`insert_followers`] would invite, by name.
pub async fn uninvited(
    db: &impl ConnectionTrait,
    event: &Event,
    format: Format,
    reach: Option<&Reach>,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Member>>, StoreError> {
    let ids: Vec<Uuid> = uninvited_followers(event, format, reach, now)
        .select_only()
        .column(members::row::Column::Id)
        .order_by_asc(members::row::Column::NameKey)
        .order_by_asc(members::row::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(Id::new).collect())
}

pub async fn find(db: &impl ConnectionTrait, id: Id<Invitation>) -> Result<Option<Invitation>, StoreError> {
    row::Entity::find_by_id(id.uuid()).one(db).await?.map(to_domain).transpose()
}

pub async fn find_of(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    member: Id<Member>,
) -> Result<Option<Invitation>, StoreError> {
    row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::MemberId.eq(member.uuid()))
        .one(db)
        .await?
        .map(to_domain)
        .transpose()
}

pub async fn find_of_guest(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    email: &Email,
) -> Result<Option<Invitation>, StoreError> {
    row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::GuestEmailKey.eq(email.key()))
        .one(db)
        .await?
        .map(to_domain)
        .transpose()
}

/// Those that somebody has as a named guest, by any of their addresses.
pub async fn of_guest(db: &impl ConnectionTrait, emails: &[&Email]) -> Result<Vec<Invitation>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::GuestEmailKey.is_in(emails.iter().map(|email| email.key())))
        .all(db)
        .await?;
    rows.into_iter().map(to_domain).collect()
}

/// The named guests of evenings that are over who do not stand on the programme any more.
pub async fn guests_to_forget(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<Invitation>, StoreError> {
    use super::events::{event_row, people_row};
    let theirs = Expr::expr(Func::lower(Expr::col((people_row::Entity, people_row::Column::Email))));
    let on_programme = Query::select()
        .expr(Expr::value(1))
        .from(people_row::Entity)
        .and_where(
            Expr::col((people_row::Entity, people_row::Column::EventId))
                .equals((row::Entity, row::Column::EventId)),
        )
        .and_where(theirs.eq(Expr::col((row::Entity, row::Column::GuestEmailKey))))
        .to_owned();
    let over = event_row::Entity::find()
        .select_only()
        .column(event_row::Column::Id)
        .filter(event_row::Column::EndsAt.lte(now));
    let rows = row::Entity::find()
        .filter(row::Column::MemberId.is_null())
        .filter(row::Column::EventId.in_subquery(over.into_query()))
        .filter(Expr::exists(on_programme).not())
        .order_by_asc(row::Column::EventId)
        .all(db)
        .await?;
    rows.into_iter().map(to_domain).collect()
}

/// Removes an invitation with its answer and its mails.
pub async fn delete(tx: &Tx, id: Id<Invitation>) -> Result<(), StoreError> {
    row::Entity::delete_by_id(id.uuid()).exec(tx.db()).await?;
    Ok(())
}

/// Revokes the links to the answers of a member, of every evening.
pub async fn raise_epochs(tx: &Tx, member: Id<Member>) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::LinkEpoch, Expr::col(row::Column::LinkEpoch).add(1))
        .filter(row::Column::MemberId.eq(member.uuid()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// By the UID of its calendar entry, in any case of its letters: some calendars change it.
pub async fn find_by_uid(db: &impl ConnectionTrait, uid: &str) -> Result<Option<Invitation>, StoreError> {
    row::Entity::find()
        .filter(row::Column::Uid.eq(uid.to_ascii_lowercase()))
        .one(db)
        .await?
        .map(to_domain)
        .transpose()
}

/// Whether nothing is sent to a named guest any more.
pub async fn is_guest_stopped(db: &impl ConnectionTrait, id: Id<Invitation>) -> Result<bool, StoreError> {
    let row = row::Entity::find_by_id(id.uuid()).one(db).await?;
    Ok(row.is_some_and(|row| row.guest_stopped.is_some()))
}

/// Sends nothing to a named guest any more; answers whether that is new.
pub async fn stop_guest(tx: &Tx, id: Id<Invitation>, why: &str) -> Result<bool, StoreError> {
    let done = row::Entity::update_many()
        .col_expr(row::Column::GuestStopped, Expr::value(why))
        .filter(Expr::col(row::Column::Id).eq(id.uuid()))
        .filter(Expr::col(row::Column::GuestStopped).is_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected == 1)
}

/// In the order of their ids.
pub async fn of_event(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    after: Option<Uuid>,
    limit: Option<u64>,
) -> Result<Vec<Invitation>, StoreError> {
    let mut query = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .order_by_asc(row::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::Id.gt(after));
    }
    query.all(db).await?.into_iter().map(to_domain).collect()
}

/// All of a member, by evening.
pub async fn of_member(
    db: &impl ConnectionTrait,
    member: Id<Member>,
) -> Result<BTreeMap<Id<Event>, Invitation>, StoreError> {
    let rows = row::Entity::find().filter(row::Column::MemberId.eq(member.uuid())).all(db).await?;
    rows.into_iter().map(|row| to_domain(row).map(|i| (i.event, i))).collect()
}

/// Remembers that mail about this evening has left for this person, and whether it carried a
/// calendar entry.
pub async fn mark_told(
    db: &impl ConnectionTrait,
    id: Id<Invitation>,
    with_entry: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let first = |column: row::Column| {
        row::Entity::update_many()
            .col_expr(column, Expr::value(now))
            .filter(Expr::col(row::Column::Id).eq(id.uuid()))
            .filter(column.is_null())
    };
    first(row::Column::ToldAt).exec(db).await?;
    if with_entry {
        first(row::Column::EntrySentAt).exec(db).await?;
    }
    Ok(())
}

/// Whether this person was ever sent a calendar entry of this evening.
pub async fn was_sent_entry(db: &impl ConnectionTrait, id: Id<Invitation>) -> Result<bool, StoreError> {
    let row = row::Entity::find_by_id(id.uuid()).one(db).await?;
    Ok(row.is_some_and(|row| row.entry_sent_at.is_some()))
}
