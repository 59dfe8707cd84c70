//! Mail that comes in, in the shapes that clients and servers really send.

#[path = "inbound_mail/forged.rs"]
mod forged;
#[path = "inbound_mail/hostile.rs"]
mod hostile;
#[path = "inbound_mail/mint.rs"]
mod mint;
#[path = "inbound_mail/more.rs"]
mod more;
#[path = "inbound_mail/replies.rs"]
mod replies;
#[path = "inbound_mail/reports.rs"]
mod reports;
#[path = "inbound_mail/rules.rs"]
mod rules;
#[path = "inbound_mail/services.rs"]
mod services;
#[path = "../../fuzz/src/lib.rs"]
mod targets;
#[path = "inbound_mail/variants.rs"]
mod variants;
