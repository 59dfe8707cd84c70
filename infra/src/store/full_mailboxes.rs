//! Mails that a full mailbox kept out.

use chrono::Duration;
use mensuel_domain::{id::Id, member::Member, text::Email};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{StoreError, Tx, members};

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
    let inserted = row::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::column(Column::NoticeId).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await;
    match inserted {
        Ok(_) | Err(sea_orm::DbErr::RecordNotInserted) => {}
        Err(error) => return Err(error.into()),
    }
    let lately = row::Entity::find()
        .filter(Column::EmailKey.eq(email.key()))
        .filter(Column::At.gt(tx.now() - WITHIN))
        .count(tx.db())
        .await?;
    if lately < MOST { Ok(None) } else { members::stop_address(tx, email, why).await }
}
