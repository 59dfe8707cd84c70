pub mod calendar;
pub mod clock;
pub mod i18n;
pub mod keys;
pub mod links;
pub mod mail;
pub mod markdown;
pub mod say;
