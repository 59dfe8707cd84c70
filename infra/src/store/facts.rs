//! Facts: the audit log. They hold ids and values, never names, addresses or people's words.

use chrono::{DateTime, Utc};
use mensuel_domain::{
    event::Event,
    fact::{Actor, Fact},
    id::Id,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx};
use crate::clock;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "facts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub change: i64,
        pub at: DateTimeUtc,
        pub actor_kind: String,
        pub actor_id: Option<Uuid>,
        pub kind: String,
        pub subject_kind: String,
        pub subject_id: Option<Uuid>,
        pub data: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A fact as it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub actor: (String, Option<Uuid>),
    pub kind: String,
    pub subject: (String, Option<Uuid>),
    /// Ids and values; the shape depends on the kind.
    pub data: serde_json::Value,
}

pub(super) async fn record(tx: &Tx, change: i64, actor: Actor, facts: &[Fact]) -> Result<(), StoreError> {
    if facts.is_empty() {
        return Ok(());
    }
    let (actor_kind, actor_id) = actor_columns(actor);
    let mut rows = Vec::with_capacity(facts.len());
    for fact in facts {
        let mut data = serde_json::to_value(fact).or_corrupt("facts.data")?;
        let kind = data.as_object_mut().and_then(|object| object.remove("kind"));
        let (subject_kind, subject_id) = subject(fact);
        let row = row::Model {
            id: clock::new_uuid(tx.now()),
            change,
            at: tx.now(),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            kind: kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default().to_owned(),
            subject_kind: subject_kind.to_owned(),
            subject_id,
            data: data.to_string(),
        };
        rows.push(row.into_active_model());
    }
    // In slices: both databases limit how many values one statement may carry.
    for slice in rows.chunks(500) {
        row::Entity::insert_many(slice.to_vec()).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

fn actor_columns(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::Operator => ("operator", None),
        Actor::Organizer(id) => ("organizer", Some(id.uuid())),
        Actor::Member(id) => ("member", Some(id.uuid())),
        Actor::NamedGuest(id) => ("named_guest", Some(id.uuid())),
        Actor::Mensuel => ("mensuel", None),
    }
}

/// What a fact is about.
fn subject(fact: &Fact) -> (&'static str, Option<Uuid>) {
    match fact {
        Fact::SeriesCreated { series }
        | Fact::SeriesChanged { series }
        | Fact::SeriesSplit { series, .. } => ("series", Some(series.uuid())),
        Fact::DateHeld { event, .. }
        | Fact::EventCreated { event }
        | Fact::EventChanged { event, .. }
        | Fact::EventMoved { event, .. }
        | Fact::EventPublished { event }
        | Fact::EventCancelled { event }
        | Fact::EventDeleted { event }
        | Fact::InstantsDerived { event }
        | Fact::LeftProgramme { event, .. }
        | Fact::RoleVacated { event, .. }
        | Fact::Invited { event, .. }
        | Fact::InvitationsWithdrawn { event, .. }
        | Fact::WavesPlanned { event }
        | Fact::InvitationMade { event, .. }
        | Fact::Answered { event, .. }
        | Fact::AnswerNotTaken { event, .. }
        | Fact::Promoted { event, .. }
        | Fact::Offered { event, .. }
        | Fact::OfferExpired { event, .. }
        | Fact::OfferWithdrawn { event, .. }
        | Fact::SeatFreed { event, .. }
        | Fact::JoinedLine { event, .. }
        | Fact::GuestForgotten { event, .. }
        | Fact::ReminderDue { event, .. } => ("event", Some(event.uuid())),
        Fact::MemberAdded { member }
        | Fact::MemberChanged { member }
        | Fact::MemberStatusChanged { member, .. }
        | Fact::MemberErased { member }
        | Fact::OrganizerAdded { member }
        | Fact::LinkRequested { member, .. }
        | Fact::LinksRevoked { member, .. }
        | Fact::Unsubscribed { member }
        | Fact::Resubscribed { member } => ("member", Some(member.uuid())),
        Fact::VenueAdded { venue } | Fact::VenueChanged { venue } => ("venue", Some(venue.uuid())),
        Fact::TokenMade { token } | Fact::TokenRevoked { token } => ("api_token", Some(token.uuid())),
        Fact::NoticeRetried { notice } | Fact::NoticeBounced { notice, .. } => {
            ("outbox", Some(notice.uuid()))
        }
        Fact::MailCameIn { mail, .. } => ("inbound_mail", Some(mail.uuid())),
        Fact::MembersImported { .. } | Fact::EventsImported { .. } => ("import", None),
        Fact::MailPaused => ("outbox", None),
    }
}

/// Whether something that a feed shows follows from this fact.
pub(super) fn is_seen_in_calendars(fact: &Fact) -> bool {
    match fact {
        Fact::DateHeld { .. }
        | Fact::EventCreated { .. }
        | Fact::EventChanged { .. }
        | Fact::EventMoved { .. }
        | Fact::EventPublished { .. }
        | Fact::EventCancelled { .. }
        | Fact::EventDeleted { .. }
        | Fact::InstantsDerived { .. }
        | Fact::LeftProgramme { .. }
        | Fact::RoleVacated { .. }
        | Fact::VenueChanged { .. }
        | Fact::MemberChanged { .. }
        | Fact::MemberErased { .. }
        | Fact::EventsImported { .. } => true,
        Fact::SeriesCreated { .. }
        | Fact::SeriesChanged { .. }
        | Fact::SeriesSplit { .. }
        | Fact::Invited { .. }
        | Fact::InvitationsWithdrawn { .. }
        | Fact::WavesPlanned { .. }
        | Fact::InvitationMade { .. }
        | Fact::Answered { .. }
        | Fact::AnswerNotTaken { .. }
        | Fact::Promoted { .. }
        | Fact::Offered { .. }
        | Fact::OfferExpired { .. }
        | Fact::OfferWithdrawn { .. }
        | Fact::SeatFreed { .. }
        | Fact::JoinedLine { .. }
        | Fact::GuestForgotten { .. }
        | Fact::ReminderDue { .. }
        | Fact::MemberAdded { .. }
        | Fact::MemberStatusChanged { .. }
        | Fact::OrganizerAdded { .. }
        | Fact::LinkRequested { .. }
        | Fact::LinksRevoked { .. }
        | Fact::Unsubscribed { .. }
        | Fact::Resubscribed { .. }
        | Fact::VenueAdded { .. }
        | Fact::TokenMade { .. }
        | Fact::TokenRevoked { .. }
        | Fact::NoticeRetried { .. }
        | Fact::NoticeBounced { .. }
        | Fact::MailCameIn { .. }
        | Fact::MailPaused
        | Fact::MembersImported { .. } => false,
    }
}

/// What a list of facts is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub subject: Option<Uuid>,
    pub kind: Option<String>,
    pub since: Option<DateTime<Utc>>,
    /// The last one of the page before.
    pub before: Option<Uuid>,
    pub limit: Option<u64>,
}

/// The newest first.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<Recorded>, StoreError> {
    let mut query = narrowed(filter).order_by_desc(row::Column::Id).limit(filter.limit);
    if let Some(before) = filter.before {
        query = query.filter(row::Column::Id.lt(before));
    }
    query.all(db).await?.into_iter().map(to_recorded).collect()
}

pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<u64, StoreError> {
    Ok(narrowed(filter).count(db).await?)
}

/// What was announced of an evening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Announcement {
    Published,
    Moved,
    Cancelled,
}

impl Announcement {
    const KINDS: [&'static str; 3] = ["event_published", "event_moved", "event_cancelled"];

    fn from_kind(kind: &str) -> Option<Self> {
        let at = Self::KINDS.iter().position(|its| *its == kind)?;
        [Self::Published, Self::Moved, Self::Cancelled].get(at).copied()
    }
}

/// One announcement, known by the fact that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    pub id: Uuid,
    pub event: Id<Event>,
    pub what: Announcement,
    pub at: DateTime<Utc>,
    /// Of a move: when it began before.
    pub from_start: Option<DateTime<Utc>>,
}

/// The newest first. A move counts that guests were told of.
pub async fn announcements(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Announced>, StoreError> {
    let of_kinds = row::Entity::find().filter(row::Column::Kind.is_in(Announcement::KINDS));
    announced(db, of_kinds.limit(limit)).await
}

/// As [`announcements`], the moves of one evening.
pub async fn moves(db: &impl ConnectionTrait, event: Id<Event>) -> Result<Vec<Announced>, StoreError> {
    let filter =
        Filter { subject: Some(event.uuid()), kind: Some("event_moved".to_owned()), ..Filter::default() };
    announced(db, narrowed(&filter)).await
}

async fn announced(
    db: &impl ConnectionTrait,
    query: sea_orm::Select<row::Entity>,
) -> Result<Vec<Announced>, StoreError> {
    let rows = query.order_by_desc(row::Column::Id).all(db).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let data: serde_json::Value = serde_json::from_str(&row.data).or_corrupt("facts.data")?;
        let what = Announcement::from_kind(&row.kind).or_corrupt("facts.kind")?;
        if what == Announcement::Moved && data["told"] != true {
            continue;
        }
        all.push(Announced {
            id: row.id,
            event: row.subject_id.map(Id::new).or_corrupt("facts.subject_id")?,
            what,
            at: row.at,
            from_start: data["from_start"].as_str().and_then(|at| at.parse().ok()),
        });
    }
    Ok(all)
}

fn narrowed(filter: &Filter) -> sea_orm::Select<row::Entity> {
    let mut query = row::Entity::find();
    if let Some(subject) = filter.subject {
        query = query.filter(row::Column::SubjectId.eq(subject));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(row::Column::Kind.eq(kind.as_str()));
    }
    if let Some(since) = filter.since {
        query = query.filter(row::Column::At.gt(since));
    }
    query
}

fn to_recorded(row: row::Model) -> Result<Recorded, StoreError> {
    Ok(Recorded {
        id: row.id,
        at: row.at,
        actor: (row.actor_kind, row.actor_id),
        kind: row.kind,
        subject: (row.subject_kind, row.subject_id),
        data: serde_json::from_str(&row.data).or_corrupt("facts.data")?,
    })
}
