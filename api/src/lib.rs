pub mod config;
pub mod csv_input;
pub mod docs;
pub mod assets;
pub mod i18n;
pub mod pages;
pub mod words;

// The samples of the pages are shared with an example, which names this crate from outside.
#[cfg(test)]
extern crate self as mensuel;
pub mod app;
pub mod feeds;
pub mod limits;
pub mod use_cases;
pub mod entries;
pub mod sight;
