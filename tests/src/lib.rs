
pub mod mailbox;
pub mod postgres;
