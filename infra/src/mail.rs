//! Mails: what they say ([`letter`]), the bytes that leave ([`message`]), and how they leave ([`relay`]).

mod files;
mod header;
mod html;
pub mod letter;
pub mod message;
mod plain;
pub mod relay;
mod relay_url;
mod reply;
mod sheet;
mod smtp;
mod tls;
mod wire;

pub use files::Files;
pub use smtp::Smtp;
