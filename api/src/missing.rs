//! What a new installation still lacks.

use mensuel_infra::store::{StoreError, members};

use crate::{app::App, config::unnamed};

/// What a new installation lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Organizer,
    /// Each mail would come from "Mensuel".
    Name,
    Relay,
    BaseUrl,
}

/// In the order in which it is best done.
pub async fn of(app: &App) -> Result<Vec<Missing>, StoreError> {
    if app.community.demo {
        return Ok(Vec::new());
    }
    let mut missing = Vec::new();
    if members::organizers(app.store.read()).await?.is_empty() {
        missing.push(Missing::Organizer);
    }
    if app.community.name == unnamed() {
        missing.push(Missing::Name);
    }
    if app.community.mail_to_files {
        missing.push(Missing::Relay);
    } else if is_this_machine(app.links.host()) {
        missing.push(Missing::BaseUrl);
    }
    Ok(missing)
}

/// What the pages say of it: while links lead to this machine, who looks is who installs it. Afterwards the command line
/// alone says it.
pub async fn for_everybody(app: &App) -> Result<Vec<Missing>, StoreError> {
    if is_this_machine(app.links.host()) { of(app).await } else { Ok(Vec::new()) }
}

/// Links to this machine are of no use in somebody's mail.
fn is_this_machine(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}
