//! Answers, the waitlist, and the counters of each evening.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    id::Id,
    invitation::Invitation,
    member::Member,
    rsvp::{Answer, Channel, PlaceKind, Rsvp, Seat},
    waitlist::Room,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, from_row, to_row};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rsvps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub invitation_id: Uuid,
        pub event_id: Uuid,
        pub member_id: Option<Uuid>,
        pub answer: String,
        pub guests: i32,
        pub guest_names: String,
        pub seat: String,
        pub number: Option<i64>,
        pub place: String,
        pub channel: String,
        pub answered_at: DateTimeUtc,
        pub before_move: bool,
        /// The answer or its seat: a promotion is no answer.
        pub changed_at: DateTimeUtc,
        pub offer_until: Option<DateTimeUtc>,
        pub let_pass: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod room_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_seats")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub confirmed: i32,
        pub guests: i32,
        pub waitlisted: i32,
        pub offered: i32,
        pub yes: i32,
        pub no: i32,
        pub maybe: i32,
        pub next_number: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn to_domain(row: row::Model) -> Result<Rsvp, StoreError> {
    Ok(Rsvp {
        invitation: Id::new(row.invitation_id),
        event: Id::new(row.event_id),
        member: row.member_id.map(Id::new),
        answer: Answer::from_name(&row.answer).or_corrupt("rsvps.answer")?,
        guests: from_row(row.guests),
        guest_names: serde_json::from_str(&row.guest_names).or_corrupt("rsvps.guest_names")?,
        seat: Seat::from_name(&row.seat).or_corrupt("rsvps.seat")?,
        number: row.number,
        offer_until: row.offer_until,
        let_pass: row.let_pass,
        place: match row.place.as_str() {
            "in_person" => PlaceKind::InPerson,
            "online" => PlaceKind::Online,
            _ => return Err(super::corrupt("rsvps.place")),
        },
        channel: Channel::from_name(&row.channel).or_corrupt("rsvps.channel")?,
        answered_at: row.answered_at,
        before_move: row.before_move,
    })
}

fn to_model(rsvp: &Rsvp, now: DateTime<Utc>) -> Result<row::Model, StoreError> {
    Ok(row::Model {
        invitation_id: rsvp.invitation.uuid(),
        event_id: rsvp.event.uuid(),
        member_id: rsvp.member.map(Id::uuid),
        answer: rsvp.answer.name().to_owned(),
        guests: to_row(rsvp.guests),
        guest_names: serde_json::to_string(&rsvp.guest_names).or_corrupt("rsvps.guest_names")?,
        seat: rsvp.seat.name().to_owned(),
        number: rsvp.number,
        place: match rsvp.place {
            PlaceKind::InPerson => "in_person".to_owned(),
            PlaceKind::Online => "online".to_owned(),
        },
        channel: rsvp.channel.name().to_owned(),
        answered_at: rsvp.answered_at,
        before_move: rsvp.before_move,
        changed_at: now,
        offer_until: rsvp.offer_until,
        let_pass: rsvp.let_pass,
    })
}

/// Keeps an answer, new or changed.
pub async fn save(tx: &Tx, rsvp: &Rsvp) -> Result<(), StoreError> {
    use row::Column;
    row::Entity::insert(to_model(rsvp, tx.now())?.into_active_model())
        .on_conflict(
            OnConflict::column(Column::InvitationId)
                .update_columns([
                    Column::Answer,
                    Column::Guests,
                    Column::GuestNames,
                    Column::Seat,
                    Column::Number,
                    Column::Place,
                    Column::Channel,
                    Column::AnsweredAt,
                    Column::BeforeMove,
                    Column::ChangedAt,
                    Column::OfferUntil,
                    Column::LetPass,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Marks every answer to an evening as given before it moved.
pub async fn mark_before_move(tx: &Tx, event: Id<Event>) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::BeforeMove, Expr::value(true))
        .filter(Expr::col(row::Column::EventId).eq(event.uuid()))
        .exec(tx.db())
        .await?;
    Ok(())
}

pub async fn delete(tx: &Tx, invitation: Id<Invitation>) -> Result<(), StoreError> {
    row::Entity::delete_by_id(invitation.uuid()).exec(tx.db()).await?;
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, invitation: Id<Invitation>) -> Result<Option<Rsvp>, StoreError> {
    row::Entity::find_by_id(invitation.uuid()).one(db).await?.map(to_domain).transpose()
}

/// All answers to an evening, by invitation.
pub async fn of_event(
    db: &impl ConnectionTrait,
    event: Id<Event>,
) -> Result<BTreeMap<Id<Invitation>, Rsvp>, StoreError> {
    let rows = row::Entity::find().filter(row::Column::EventId.eq(event.uuid())).all(db).await?;
    rows.into_iter().map(|row| to_domain(row).map(|rsvp| (rsvp.invitation, rsvp))).collect()
}

/// Some of the answers to an evening that have one of these seats, in the order of their invitations.
pub async fn with_seats(
    db: &impl ConnectionTrait,
    event: Id<Event>,
    seats: &[Seat],
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Rsvp>, StoreError> {
    let mut query = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .filter(row::Column::Seat.is_in(seats.iter().map(|seat| seat.name())))
        .order_by_asc(row::Column::InvitationId)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::InvitationId.gt(after));
    }
    query.all(db).await?.into_iter().map(to_domain).collect()
}

/// All answers of a member, by evening.
pub async fn of_member(
    db: &impl ConnectionTrait,
    member: Id<Member>,
) -> Result<BTreeMap<Id<Event>, Rsvp>, StoreError> {
    let rows = row::Entity::find().filter(row::Column::MemberId.eq(member.uuid())).all(db).await?;
    rows.into_iter().map(|row| to_domain(row).map(|rsvp| (rsvp.event, rsvp))).collect()
}

/// When the answers of a member, or the seats that follow from them, last changed, by evening.
pub async fn changed_of_member(
    db: &impl ConnectionTrait,
    member: Id<Member>,
) -> Result<BTreeMap<Id<Event>, DateTime<Utc>>, StoreError> {
    let rows = row::Entity::find().filter(row::Column::MemberId.eq(member.uuid())).all(db).await?;
    Ok(rows.into_iter().map(|row| (Id::new(row.event_id), row.changed_at)).collect())
}

/// When an answer, or the seat that follows from it, last changed.
pub async fn changed(
    db: &impl ConnectionTrait,
    invitation: Id<Invitation>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(row::Entity::find_by_id(invitation.uuid()).one(db).await?.map(|row| row.changed_at))
}

pub(super) async fn insert_room(tx: &Tx, event: Id<Event>) -> Result<(), StoreError> {
    room_row::Entity::insert(to_room_model(event, &Room::default()).into_active_model())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

fn to_room_model(event: Id<Event>, room: &Room) -> room_row::Model {
    room_row::Model {
        event_id: event.uuid(),
        confirmed: to_row(room.confirmed),
        guests: to_row(room.guests),
        waitlisted: to_row(room.waitlisted),
        offered: to_row(room.offered),
        yes: to_row(room.yes),
        no: to_row(room.no),
        maybe: to_row(room.maybe),
        next_number: room.next_number,
    }
}

fn to_room(row: room_row::Model, capacity: Option<u32>) -> Room {
    Room {
        capacity,
        confirmed: from_row(row.confirmed),
        guests: from_row(row.guests),
        waitlisted: from_row(row.waitlisted),
        offered: from_row(row.offered),
        yes: from_row(row.yes),
        no: from_row(row.no),
        maybe: from_row(row.maybe),
        next_number: row.next_number,
    }
}

/// The counters of an evening, with its places.
pub async fn room(db: &impl ConnectionTrait, event: &Event) -> Result<Room, StoreError> {
    let row = room_row::Entity::find_by_id(event.id.uuid()).one(db).await?;
    Ok(to_room(row.or_corrupt("event_seats: no row")?, event.places()))
}

pub async fn save_room(tx: &Tx, event: Id<Event>, room: &Room) -> Result<(), StoreError> {
    to_room_model(event, room).into_active_model().reset_all().update(tx.db()).await?;
    Ok(())
}

/// The counters of several evenings.
pub async fn rooms<'a>(
    db: &impl ConnectionTrait,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<BTreeMap<Id<Event>, Room>, StoreError> {
    let places: BTreeMap<Uuid, Option<u32>> =
        events.into_iter().map(|event| (event.id.uuid(), event.places())).collect();
    let rows = room_row::Entity::find()
        .filter(room_row::Column::EventId.is_in(places.keys().copied()))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let capacity = places.get(&row.event_id).copied().flatten();
            (Id::new(row.event_id), to_room(row, capacity))
        })
        .collect())
}

/// The counters as the rows would give them: for tests and the doctor.
pub async fn recount(db: &impl ConnectionTrait, event: &Event) -> Result<Room, StoreError> {
    let kept = room(db, event).await?;
    let mut room = Room { capacity: kept.capacity, next_number: kept.next_number, ..Room::default() };
    for rsvp in of_event(db, event.id).await?.values() {
        match rsvp.answer {
            Answer::Yes => room.yes += 1,
            Answer::No => room.no += 1,
            Answer::Maybe => room.maybe += 1,
        }
        match rsvp.seat {
            Seat::Confirmed => {
                room.confirmed += 1;
                room.guests += rsvp.guests;
            }
            Seat::Programme => room.guests += rsvp.guests,
            Seat::Waitlisted => room.waitlisted += 1,
            Seat::Offered => room.offered += 1 + rsvp.guests,
            Seat::None | Seat::Pending => {}
        }
    }
    Ok(room)
}
