//! Mails that a full mailbox kept out.

use chrono::Duration;
use mensuel_domain::{fact::Fact, text::Email};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{StoreError, Tx, invitations, members, outbox::Recipient};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "full_mailboxes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub notice_id: Uuid,
        pub member_id: Option<Uuid>,
        /// Of a named guest.
        pub invitation_id: Option<Uuid>,
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

/// Counts a mail that a full mailbox kept out, each once however often it was tried. With the third
/// within 30 days nothing more is sent to that address: then what is true from now on, and only
/// then. Addresses that are nobody's any more are not counted.
pub async fn count(
    tx: &Tx,
    whose: Recipient,
    email: &Email,
    notice: Uuid,
    why: &str,
) -> Result<Option<Vec<Fact>>, StoreError> {
    use row::Column;
    let (member_id, invitation_id) = match whose {
        Recipient::Member(_) => match members::find_by_email(tx.db(), email).await? {
            Some(member) => (Some(member.id.uuid()), None),
            None => return Ok(None),
        },
        Recipient::NamedGuest(guest) => (None, Some(guest.uuid())),
    };
    let row =
        row::Model { notice_id: notice, member_id, invitation_id, email_key: email.key(), at: tx.now() };
    let once = OnConflict::column(Column::NoticeId).do_nothing().to_owned();
    kept(
        row::Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(tx.db()).await,
    )?;
    let lately = row::Entity::find()
        .filter(Column::EmailKey.eq(email.key()))
        .filter(Column::At.gt(tx.now() - WITHIN))
        .count(tx.db())
        .await?;
    if lately < MOST {
        return Ok(None);
    }
    Ok(match whose {
        Recipient::Member(_) => {
            let member = members::stop_address(tx, email, why).await?;
            member.map(|member| vec![Fact::MemberChanged { member }])
        }
        Recipient::NamedGuest(guest) => invitations::stop_guest(tx, guest, why).await?.then(Vec::new),
    })
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
