//! Rounds of invitations: each time that an audience was asked for, and what can be withdrawn of it.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    id::Id,
    invitation::AskedFor,
    wave::{Gone, Wave},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{ExprTrait, LockBehavior, LockType},
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, asked, invitations, outbox, rsvps};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitation_rounds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub event_id: Uuid,
        pub audience: String,
        pub invited: i64,
        pub asked_at: DateTimeUtc,
        pub undo_until: Option<DateTimeUtc>,
        pub opened_followers: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One time that an audience was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub id: Uuid,
    pub event: Id<Event>,
    pub audience: AskedFor,
    pub invited: u64,
    pub asked_at: DateTime<Utc>,
    /// Its mails wait until then, and can be withdrawn as long as they have not left.
    pub undo_until: Option<DateTime<Utc>>,
    /// With it the followers counted as asked.
    pub opened_followers: bool,
}

fn to_domain(row: row::Model) -> Result<Round, StoreError> {
    Ok(Round {
        id: row.id,
        event: Id::new(row.event_id),
        audience: AskedFor::from_name(&row.audience).or_corrupt("invitation_rounds.audience")?,
        invited: u64::try_from(row.invited).unwrap_or(0),
        asked_at: row.asked_at,
        undo_until: row.undo_until,
        opened_followers: row.opened_followers,
    })
}

pub async fn insert(tx: &Tx, round: &Round) -> Result<(), StoreError> {
    let row = row::Model {
        id: round.id,
        event_id: round.event.uuid(),
        audience: round.audience.name().to_owned(),
        invited: i64::try_from(round.invited).unwrap_or(i64::MAX),
        asked_at: round.asked_at,
        undo_until: round.undo_until,
        opened_followers: round.opened_followers,
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// The oldest first.
pub async fn of_event(db: &impl ConnectionTrait, event: Id<Event>) -> Result<Vec<Round>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::EventId.eq(event.uuid()))
        .order_by_asc(row::Column::AskedAt)
        .order_by_asc(row::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(to_domain).collect()
}

/// The waves that went, each when it first did.
pub fn waves(rounds: &[Round]) -> Vec<Gone> {
    let mut gone: Vec<Gone> = Vec::new();
    for round in rounds {
        let AskedFor::Wave(wave) = round.audience else { continue };
        match gone.iter_mut().find(|known| known.wave == wave) {
            Some(known) => known.invited += round.invited,
            None => gone.push(Gone { wave, at: round.asked_at, invited: round.invited }),
        }
    }
    gone
}

/// The followers that a wave reaches: its own, and those of the waves that went who came since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub wave: Wave,
    pub gone: Vec<Wave>,
}

impl Reach {
    fn has(&self, wave: Wave) -> bool {
        self.wave == wave || self.gone.contains(&wave)
    }

    /// As a condition on `members`.
    pub(super) fn condition(&self, event: Id<Event>, now: DateTime<Utc>) -> Condition {
        // Who voted for the topic joins those who waited the last time that they asked.
        let first = || Condition::any().add(asked::waited_last_time(now));
        let seated = || asked::seated_elsewhere(event);
        let mut any = Condition::any();
        if self.has(Wave::First) {
            any = any.add(first());
        }
        if self.has(Wave::Second) {
            any = any.add(Condition::all().add(first().not()).add(seated().not()));
        }
        if self.has(Wave::Third) {
            any = any.add(Condition::all().add(first().not()).add(seated()));
        }
        any
    }
}

/// What was withdrawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withdrawn {
    /// Mails that do not leave.
    pub count: u64,
    /// Rounds of which nothing is left.
    pub rounds: Vec<Round>,
}

/// Takes back what has not left of the rounds that may be withdrawn: the mails, and the invitations
/// made for them, unless somebody answered meanwhile. The evening is locked by the caller.
pub async fn withdraw(tx: &Tx, event: Id<Event>) -> Result<Withdrawn, StoreError> {
    let rounds = of_event(tx.db(), event).await?;
    let undoable: Vec<Round> = rounds.into_iter().filter(|round| round.undo_until.is_some()).collect();
    let waiting = not_left(tx, &undoable).await?;
    let made = made_for_them(tx, &waiting).await?;
    for slice in made.chunks(500) {
        // Their mails go with them.
        invitations::row::Entity::delete_many()
            .filter(invitations::row::Column::Id.is_in(slice.iter().copied()))
            .exec(tx.db())
            .await?;
    }
    let mails: Vec<Uuid> = waiting.iter().map(|(mail, _, _)| *mail).collect();
    for slice in mails.chunks(500) {
        outbox::row::Entity::delete_many()
            .filter(outbox::row::Column::Id.is_in(slice.iter().copied()))
            .exec(tx.db())
            .await?;
    }
    let mut withdrawn = Withdrawn { count: mails.len() as u64, rounds: Vec::new() };
    for round in undoable {
        let left =
            outbox::row::Entity::find().filter(outbox::row::Column::RoundId.eq(round.id)).count(tx.db());
        if left.await? == 0 {
            row::Entity::delete_by_id(round.id).exec(tx.db()).await?;
            withdrawn.rounds.push(round);
        }
    }
    Ok(withdrawn)
}

/// The mails of some rounds that nobody has begun to send: mail, invitation, round. They are locked.
async fn not_left(tx: &Tx, rounds: &[Round]) -> Result<Vec<(Uuid, Option<Uuid>, Option<Uuid>)>, StoreError> {
    use outbox::row::Column;
    if rounds.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = outbox::row::Entity::find()
        .select_only()
        .columns([Column::Id, Column::InvitationId, Column::RoundId])
        .filter(Column::RoundId.is_in(rounds.iter().map(|round| round.id)))
        .filter(Column::State.eq(outbox::State::Queued.name()))
        .filter(Column::Attempts.eq(0))
        .filter(Condition::any().add(Column::LeaseUntil.is_null()).add(Column::LeaseUntil.lte(tx.now())));
    if tx.db().get_database_backend() == DatabaseBackend::Postgres {
        query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    Ok(query.into_tuple().all(tx.db()).await?)
}

/// Of their invitations those that the round itself made, and that nobody knows of or answered.
async fn made_for_them(
    tx: &Tx,
    waiting: &[(Uuid, Option<Uuid>, Option<Uuid>)],
) -> Result<Vec<Uuid>, StoreError> {
    use invitations::row::Column;
    let answered = rsvps::row::Entity::find().select_only().column(rsvps::row::Column::InvitationId);
    let mut made = Vec::new();
    for slice in waiting.chunks(500) {
        let found: Vec<(Uuid, Option<Uuid>)> = invitations::row::Entity::find()
            .select_only()
            .columns([Column::Id, Column::RoundId])
            .filter(Column::Id.is_in(slice.iter().filter_map(|(_, invitation, _)| *invitation)))
            .filter(Column::ToldAt.is_null())
            .filter(Column::Id.not_in_subquery(answered.clone().into_query()))
            .into_tuple()
            .all(tx.db())
            .await?;
        let of_round = |(id, round): (Uuid, Option<Uuid>)| {
            let same = slice.iter().any(|(_, one, asked)| *one == Some(id) && *asked == round);
            (same && round.is_some()).then_some(id)
        };
        made.extend(found.into_iter().filter_map(of_round));
    }
    Ok(made)
}
