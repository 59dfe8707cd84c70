pub mod announcements;
pub mod app;
pub mod assets;
pub mod callers;
pub mod cli;
pub mod config;
pub mod csv_input;
pub mod demo;
pub mod docs;
pub mod doctor;
pub mod entries;
pub mod feed_doors;
pub mod feeds;
pub mod http;
pub mod i18n;
pub mod json;
pub mod letters;
pub mod limits;
pub mod mail_doors;
pub mod missing;
pub mod page_doors;
pub mod pages;
pub mod problem;
pub mod routes;
pub mod running;
pub mod schema;
pub mod serve;
pub mod sight;
pub mod units;
pub mod use_cases;
pub mod words;
pub mod worker;

// The samples of the pages are shared with an example, which names this crate from outside.
#[cfg(test)]
extern crate self as mensuel;
