//! The harness: the real server on a free port, a real database, a real SMTP peer, and a clock
//! that the test moves.

pub mod app;
pub mod artifacts;
pub mod calendars;
pub mod client;
pub mod connection;
pub mod contract;
pub mod dovecot;
pub mod eventually;
pub mod mail_in;
pub mod mailbox;
pub mod postgres;

pub use app::TestApp;
pub use client::{Answer, Client};
pub use eventually::{eventually, soon, within};
