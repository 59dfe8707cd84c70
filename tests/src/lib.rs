
pub mod contract;
pub mod mailbox;
pub mod postgres;
