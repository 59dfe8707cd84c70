//! Mail that did not arrive, sent again.

use mensuel_domain::{
    fact::{Fact, Notice},
    id::Id,
};
use mensuel_infra::store::outbox;

use super::{By, Failure, Refused};
use crate::app::App;

/// Queues a failed or expired notification again, due at once.
pub async fn retry(app: &App, by: &By, id: Id<Notice>) -> Result<(), Failure> {
    let tx = app.store.write(app.now()).await?;
    outbox::find(tx.db(), id.uuid()).await?.ok_or(Refused::Missing)?;
    if !outbox::requeue(&tx, id.uuid()).await? {
        return Err(Refused::NotRetriable.into());
    }
    by.take_key(&tx, Some(id.uuid())).await?;
    tx.commit(by.actor, vec![Fact::NoticeRetried { notice: id }]).await?;
    Ok(())
}
