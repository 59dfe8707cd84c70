pub mod config;
pub mod csv_input;
pub mod docs;
