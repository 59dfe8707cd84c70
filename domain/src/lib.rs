//! What Mensuel decides: pure functions from values to decisions.
//!
//! No clock, no database, no mail and no `async` in this crate: `now` is an argument, and the
//! outcome of a decision is a value together with the [`fact::Fact`]s that it makes true.

pub mod delivery;
pub mod event;
pub mod fact;
pub mod format;
pub mod id;
pub mod inbound;
pub mod invitation;
pub mod lang;
pub mod member;
pub mod pause;
pub mod reminder;
pub mod rsvp;
pub mod series;
pub mod text;
pub mod time;
pub mod venue;
pub mod waitlist;
pub mod wave;
