//! Mails that a full mailbox kept out.

use chrono::Duration;
use mensuel_domain::{id::Id, invitation::Invitation, member::Member, text::Email};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{StoreError, Tx, invitations, members};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "full_mailboxes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub notice_id: Uuid,
        pub member_id: Uuid,
        pub email_key: String,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod guest_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "full_guest_mailboxes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub notice_id: Uuid,
        pub invitation_id: Uuid,
        pub at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// So many mails within so long, and the address stops.
const MOST: u64 = 3;
const WITHIN: Duration = Duration::days(30);

/// Counts a mail that a full mailbox kept out, each once however often it was tried, and stops the
/// address with the third within 30 days. Answers whose address stopped now; addresses that are no
/// member's are not counted.
pub async fn count(
    tx: &Tx,
    email: &Email,
    notice: Uuid,
    why: &str,
) -> Result<Option<Id<Member>>, StoreError> {
    use row::Column;
    let Some(member) = members::find_by_email(tx.db(), email).await? else {
        return Ok(None);
    };
    let row =
        row::Model { notice_id: notice, member_id: member.id.uuid(), email_key: email.key(), at: tx.now() };
    let once = OnConflict::column(Column::NoticeId).do_nothing().to_owned();
    kept(
        row::Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(tx.db()).await,
    )?;
    let lately = row::Entity::find()
        .filter(Column::EmailKey.eq(email.key()))
        .filter(Column::At.gt(tx.now() - WITHIN))
        .count(tx.db())
        .await?;
    if lately < MOST { Ok(None) } else { members::stop_address(tx, email, why).await }
}

/// As [`count`], of a named guest, who has one address; answers whether nothing is sent to them any
/// more from now on.
pub async fn count_guest(
    tx: &Tx,
    guest: Id<Invitation>,
    notice: Uuid,
    why: &str,
) -> Result<bool, StoreError> {
    use guest_row::{Column, Entity};
    let row = guest_row::Model { notice_id: notice, invitation_id: guest.uuid(), at: tx.now() };
    let once = OnConflict::column(Column::NoticeId).do_nothing().to_owned();
    kept(Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(tx.db()).await)?;
    let lately = Entity::find()
        .filter(Column::InvitationId.eq(guest.uuid()))
        .filter(Column::At.gt(tx.now() - WITHIN))
        .count(tx.db())
        .await?;
    if lately < MOST || invitations::is_guest_stopped(tx.db(), guest).await? {
        return Ok(false);
    }
    invitations::stop_guest(tx, guest, why).await?;
    Ok(true)
}

/// What was there already is counted once.
fn kept<T>(inserted: Result<T, sea_orm::DbErr>) -> Result<(), StoreError> {
    match inserted {
        Ok(_) | Err(sea_orm::DbErr::RecordNotInserted) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Begins anew with an address to which mail goes again.
pub(super) async fn forget(tx: &Tx, email_key: &str) -> Result<(), StoreError> {
    row::Entity::delete_many().filter(row::Column::EmailKey.eq(email_key)).exec(tx.db()).await?;
    Ok(())
}
