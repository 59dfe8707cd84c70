//! What Mensuel keeps and carries: rows, mail, iCalendar, links, languages.

pub mod atom;
pub mod calendar;
pub mod clock;
pub mod i18n;
pub mod keys;
pub mod links;
pub mod mail;
pub mod markdown;
pub mod say;
pub mod store;
