//! Members and their addresses.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mensuel_domain::{
    format::Format,
    id::Id,
    lang::Lang,
    member::{Address, Follows, Member, MemberRole, Status},
    reminder::Times,
    text::{Email, Line, PersonName, folded},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{OrCorrupt, StoreError, Tx, from_row, full_mailboxes, join_names, outbox, split_names, to_row};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        /// The name, folded: the order of lists.
        pub name_key: String,
        /// Name and company, folded: what is searched.
        pub search: String,
        pub language: String,
        pub company: Option<String>,
        pub job_title: Option<String>,
        pub member_since: Option<Date>,
        pub status: String,
        pub paused_until: Option<DateTimeUtc>,
        pub follows: String,
        pub wants_invitations: bool,
        pub wants_nudges: bool,
        pub wants_news: bool,
        /// Days before an evening, as a list of names.
        pub reminder_days: String,
        pub roles: String,
        pub preferences_epoch: i32,
        pub feed_epoch: i32,
        pub revision: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod email_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "member_emails")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub email_key: String,
        pub member_id: Uuid,
        pub email: String,
        pub is_primary: bool,
        pub verified: bool,
        pub stopped: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn to_domain(row: row::Model, emails: Vec<email_row::Model>) -> Result<Member, StoreError> {
    let line = |text: Option<String>| text.map(|t| Line::parse(&t)).transpose().or_corrupt("members");
    Ok(Member {
        id: Id::new(row.id),
        name: PersonName::parse(&row.name).or_corrupt("members.name")?,
        emails: emails.into_iter().map(to_address).collect::<Result<_, _>>()?,
        language: Lang::from_tag(&row.language).or_corrupt("members.language")?,
        company: line(row.company)?,
        job_title: line(row.job_title)?,
        member_since: row.member_since,
        status: Status::from_name(&row.status).or_corrupt("members.status")?,
        paused_until: row.paused_until,
        follows: Follows::from_names(split_names(&row.follows)).or_corrupt("members.follows")?,
        wants_invitations: row.wants_invitations,
        wants_nudges: row.wants_nudges,
        wants_news: row.wants_news,
        reminders: reminders(&row.reminder_days).or_corrupt("members.reminder_days")?,
        // A role of a later version is not ours to judge, and not lost: rows keep it until saved.
        roles: split_names(&row.roles).filter_map(MemberRole::from_name).collect(),
        preferences_epoch: from_row(row.preferences_epoch),
        feed_epoch: from_row(row.feed_epoch),
        revision: from_row(row.revision),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn reminders(column: &str) -> Option<Times> {
    let days: Option<Vec<u32>> = split_names(column).map(|days| days.parse().ok()).collect();
    Times::of(days?).ok()
}

fn to_address(row: email_row::Model) -> Result<Address, StoreError> {
    Ok(Address {
        email: Email::parse(&row.email).or_corrupt("member_emails.email")?,
        primary: row.is_primary,
        verified: row.verified,
        stopped: row.stopped,
    })
}

/// What a member stands by in a list.
pub fn name_key(member: &Member) -> String {
    folded(member.name.as_str())
}

fn to_model(member: &Member) -> row::Model {
    let company = member.company.as_ref().map_or("", |company| company.as_str());
    row::Model {
        id: member.id.uuid(),
        name: member.name.to_string(),
        name_key: name_key(member),
        search: folded(&format!("{}\n{}", member.name, company)),
        language: member.language.code().to_owned(),
        company: member.company.clone().map(String::from),
        job_title: member.job_title.clone().map(String::from),
        member_since: member.member_since,
        status: member.status.name().to_owned(),
        paused_until: member.paused_until,
        follows: join_names(member.follows.names()),
        wants_invitations: member.wants_invitations,
        wants_nudges: member.wants_nudges,
        wants_news: member.wants_news,
        reminder_days: reminder_days(member.reminders),
        roles: join_names(member.roles.iter().map(|role| role.name())),
        preferences_epoch: to_row(member.preferences_epoch),
        feed_epoch: to_row(member.feed_epoch),
        revision: to_row(member.revision),
        created_at: member.created_at,
        updated_at: member.updated_at,
    }
}

fn reminder_days(times: Times) -> String {
    let days: Vec<String> = times.iter().map(|days| days.to_string()).collect();
    join_names(days.iter().map(String::as_str))
}

fn to_email_models(member: &Member) -> Vec<email_row::ActiveModel> {
    let row = |address: &Address| email_row::Model {
        email_key: address.email.key(),
        member_id: member.id.uuid(),
        email: address.email.to_string(),
        is_primary: address.primary,
        verified: address.verified,
        stopped: address.stopped.clone(),
    };
    member.emails.iter().map(|address| row(address).into_active_model()).collect()
}

/// Fails with [`StoreError::Taken`] when an address is another member's.
pub async fn insert(tx: &Tx, member: &Member) -> Result<(), StoreError> {
    row::Entity::insert(to_model(member).into_active_model()).exec_without_returning(tx.db()).await?;
    insert_emails(tx, member).await
}

/// Saves a member. An address to which mail goes again begins anew: what was counted of its full
/// mailbox is forgotten.
pub async fn update(tx: &Tx, member: &Member) -> Result<(), StoreError> {
    to_model(member).into_active_model().reset_all().update(tx.db()).await?;
    let of_member = || email_row::Column::MemberId.eq(member.id.uuid());
    let stopped = email_row::Entity::find()
        .filter(of_member())
        .filter(email_row::Column::Stopped.is_not_null())
        .all(tx.db())
        .await?;
    let still = |key: &str| member.emails.iter().any(|one| one.stopped.is_some() && one.email.key() == key);
    for address in stopped.iter().filter(|address| !still(&address.email_key)) {
        full_mailboxes::forget(tx, &address.email_key).await?;
    }
    email_row::Entity::delete_many().filter(of_member()).exec(tx.db()).await?;
    insert_emails(tx, member).await
}

async fn insert_emails(tx: &Tx, member: &Member) -> Result<(), StoreError> {
    if !member.emails.is_empty() {
        email_row::Entity::insert_many(to_email_models(member)).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// Sends nothing to an address any more; answers whose it is. Stopped before, it is left as it is.
pub async fn stop_address(tx: &Tx, email: &Email, why: &str) -> Result<Option<Id<Member>>, StoreError> {
    let Some(address) = email_row::Entity::find_by_id(email.key()).one(tx.db()).await? else {
        return Ok(None);
    };
    if address.stopped.is_some() {
        return Ok(None);
    }
    email_row::Entity::update_many()
        .col_expr(email_row::Column::Stopped, Expr::value(why))
        .filter(Expr::col(email_row::Column::EmailKey).eq(email.key()))
        .exec(tx.db())
        .await?;
    row::Entity::update_many()
        .col_expr(row::Column::Revision, Expr::col(row::Column::Revision).add(1))
        .col_expr(row::Column::UpdatedAt, Expr::value(tx.now()))
        .filter(Expr::col(row::Column::Id).eq(address.member_id))
        .exec(tx.db())
        .await?;
    Ok(Some(Id::new(address.member_id)))
}

/// Removes the member and all that hangs on them: addresses, invitations, answers, queued mail.
pub async fn delete(tx: &Tx, id: Id<Member>) -> Result<(), StoreError> {
    outbox::forget_addresses(tx, id).await?;
    row::Entity::delete_by_id(id.uuid()).exec(tx.db()).await?;
    Ok(())
}

pub async fn find(db: &impl ConnectionTrait, id: Id<Member>) -> Result<Option<Member>, StoreError> {
    let Some(row) = row::Entity::find_by_id(id.uuid()).one(db).await? else {
        return Ok(None);
    };
    let emails = email_row::Entity::find().filter(email_row::Column::MemberId.eq(id.uuid())).all(db).await?;
    to_domain(row, emails).map(Some)
}

/// As [`find`], and nobody else changes this member before the transaction ends.
pub async fn lock(tx: &Tx, id: Id<Member>) -> Result<Option<Member>, StoreError> {
    if row::Entity::find_by_id(id.uuid()).lock_exclusive().one(tx.db()).await?.is_none() {
        return Ok(None);
    }
    find(tx.db(), id).await
}

pub async fn find_by_email(db: &impl ConnectionTrait, email: &Email) -> Result<Option<Member>, StoreError> {
    match email_row::Entity::find_by_id(email.key()).one(db).await? {
        Some(row) => find(db, Id::new(row.member_id)).await,
        None => Ok(None),
    }
}

/// What a list of members is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub status: Option<Status>,
    /// Words, each in the name, the company or an address, in any case and with or without accents.
    pub text: Option<String>,
    /// The name's key and the id of the last one of the page before.
    pub after: Option<(String, Uuid)>,
    pub limit: Option<u64>,
}

/// By name.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter) -> Result<Vec<Member>, StoreError> {
    let mut query = row::Entity::find()
        .order_by_asc(row::Column::NameKey)
        .order_by_asc(row::Column::Id)
        .limit(filter.limit);
    if let Some(status) = filter.status {
        query = query.filter(row::Column::Status.eq(status.name()));
    }
    if let Some((name, id)) = &filter.after {
        let same_name =
            Condition::all().add(row::Column::NameKey.eq(name.as_str())).add(row::Column::Id.gt(*id));
        let later = Condition::any().add(row::Column::NameKey.gt(name.as_str())).add(same_name);
        query = query.filter(later);
    }
    for word in filter.text.iter().flat_map(|text| text.split_whitespace()) {
        query = query.filter(has_word(word));
    }
    with_emails(db, query.all(db).await?).await
}

fn has_word(word: &str) -> Condition {
    let escaped = folded(word).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let like = || sea_orm::sea_query::LikeExpr::new(format!("%{escaped}%")).escape('\\');
    let emails = email_row::Entity::find()
        .select_only()
        .column(email_row::Column::MemberId)
        .filter(Expr::col(email_row::Column::EmailKey).like(like()));
    Condition::any()
        .add(Expr::col((row::Entity, row::Column::Search)).like(like()))
        .add(row::Column::Id.in_subquery(sea_orm::QueryTrait::into_query(emails)))
}

pub async fn find_many(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Id<Member>>,
) -> Result<BTreeMap<Id<Member>, Member>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(Id::uuid).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = row::Entity::find().filter(row::Column::Id.is_in(ids)).all(db).await?;
    Ok(with_emails(db, rows).await?.into_iter().map(|member| (member.id, member)).collect())
}

async fn with_emails(db: &impl ConnectionTrait, rows: Vec<row::Model>) -> Result<Vec<Member>, StoreError> {
    let mut emails: BTreeMap<Uuid, Vec<email_row::Model>> = BTreeMap::new();
    // In slices: both databases limit how many values one statement may carry.
    for slice in rows.chunks(500) {
        let ids: Vec<Uuid> = slice.iter().map(|row| row.id).collect();
        let found = email_row::Entity::find().filter(email_row::Column::MemberId.is_in(ids)).all(db).await?;
        for email in found {
            emails.entry(email.member_id).or_default().push(email);
        }
    }
    rows.into_iter()
        .map(|row| {
            let emails = emails.remove(&row.id).unwrap_or_default();
            to_domain(row, emails)
        })
        .collect()
}

pub async fn organizers(db: &impl ConnectionTrait) -> Result<Vec<Member>, StoreError> {
    let rows = row::Entity::find().filter(is_organizer()).order_by_asc(row::Column::Id).all(db).await?;
    with_emails(db, rows).await
}

pub(crate) fn is_organizer() -> Expr {
    Expr::col((row::Entity, row::Column::Roles)).like(format!("%,{},%", MemberRole::Organizer.name()))
}

/// Active at an instant, wanting invitations, and following a format.
pub(crate) fn is_invited_to(format: Format, now: DateTime<Utc>) -> Condition {
    let col = |column| Expr::col((row::Entity, column));
    Condition::all()
        .add(col(row::Column::WantsInvitations).eq(true))
        .add(
            Condition::any().add(col(row::Column::Status).eq(Status::Active.name())).add(
                Condition::all()
                    .add(col(row::Column::Status).eq(Status::Paused.name()))
                    .add(col(row::Column::PausedUntil).lte(now)),
            ),
        )
        .add(
            Condition::any()
                .add(col(row::Column::Follows).like("%,all,%"))
                .add(col(row::Column::Follows).like(format!("%,{},%", format.name()))),
        )
}

/// Members whom one of these addresses reaches.
pub(crate) fn has_one_of(emails: &[&Email]) -> Condition {
    let theirs = email_row::Entity::find()
        .select_only()
        .column(email_row::Column::MemberId)
        .filter(email_row::Column::EmailKey.is_in(emails.iter().map(|email| email.key())));
    Condition::all().add(Expr::col((row::Entity, row::Column::Id)).in_subquery(theirs.into_query()))
}

/// Those to whom an evening is remembered so many days before, and not at a nearer time that is due
/// as well. Who wants no reminders may still be asked whether they come.
pub(crate) fn is_reminded(days: u32, nearer: Times) -> Condition {
    let col = || Expr::col((row::Entity, row::Column::ReminderDays));
    let has = |days: u32| format!("%,{days},%");
    let chose = nearer.iter().fold(Condition::all().add(col().like(has(days))), |condition, nearer| {
        condition.add(col().not_like(has(nearer)))
    });
    let any = Condition::any().add(chose);
    if is_default(days, nearer) { any.add(col().eq("")) } else { any }
}

/// As [`is_reminded`], of somebody who has chosen nothing.
pub(crate) fn is_default(days: u32, nearer: Times) -> bool {
    Times::DEFAULT.contains(days) && !nearer.iter().any(|nearer| Times::DEFAULT.contains(nearer))
}
