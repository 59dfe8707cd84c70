//! The schema, one change after the other. A migration writes its tables out and imports no
//! entity: what it made must not change when the code does. Forward only.

use sea_orm_migration::prelude::*;

mod m20261122_000001_community;
mod m20261122_000002_inbound_mail;
mod m20261122_000003_offers;
mod m20261122_000004_preferences;
mod m20261122_000005_waves;
mod m20261122_000006_review;
mod m20261122_000007_returned_mail;
mod m20261122_000008_answered_entry;
mod m20261122_000009_full_mailboxes;
mod m20261122_000010_group_messages;
mod migration;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_community::MIGRATION),
            Box::new(m20261122_000002_inbound_mail::MIGRATION),
            Box::new(m20261122_000003_offers::MIGRATION),
            Box::new(m20261122_000004_preferences::MIGRATION),
            Box::new(m20261122_000005_waves::MIGRATION),
            Box::new(m20261122_000006_review::MIGRATION),
            Box::new(m20261122_000007_returned_mail::MIGRATION),
            Box::new(m20261122_000008_answered_entry::MIGRATION),
            Box::new(m20261122_000009_full_mailboxes::MIGRATION),
            Box::new(m20261122_000010_group_messages::MIGRATION),
        ]
    }
}
