pub mod app;
pub mod assets;
pub mod config;
pub mod csv_input;
pub mod docs;
pub mod entries;
pub mod feeds;
pub mod i18n;
pub mod letters;
pub mod limits;
pub mod pages;
pub mod sight;
pub mod use_cases;
pub mod words;
pub mod worker;

// The samples of the pages are shared with an example, which names this crate from outside.
#[cfg(test)]
extern crate self as mensuel;
