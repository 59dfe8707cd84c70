//! Mails: what they say ([`letter`]), the bytes that leave ([`message`]), and how they leave ([`relay`]);
//! and those that come back ([`inbound`]).

pub mod dkim;
pub mod dns;
mod files;
mod header;
mod html;
pub mod imap;
pub mod inbound;
pub mod letter;
pub mod lmtp;
pub mod message;
mod plain;
pub mod relay;
mod relay_url;
mod reply;
mod sheet;
mod smtp;
mod tls;
pub mod verp;
mod wire;

pub use files::Files;
pub use smtp::Smtp;
