//! Holders of signed links: 404 for what is none of ours, 410 for what was revoked.

use actix_web::HttpRequest;
use mensuel_domain::{
    event::Event,
    fact::Actor,
    format::Role,
    id::Id,
    invitation::{Invitation, Invitee},
    member::{Member, short_name},
    rsvp::Rsvp,
    text::PersonName,
};
use mensuel_infra::{
    links::Purpose,
    store::{events, invitations, members, rsvps},
};

use super::{app, unverified};
use crate::{
    problem::Problem,
    sight::{self, Reader},
    use_cases,
};

/// Somebody with their link to one evening.
#[derive(Clone, Debug)]
pub struct RsvpLink {
    pub event: Event,
    pub invitation: Invitation,
    /// `None` for a named guest of the programme.
    pub member: Option<Member>,
    pub name: PersonName,
    pub role: Option<Role>,
    pub rsvp: Option<Rsvp>,
}

impl RsvpLink {
    /// "Zoé D."
    pub fn short_name(&self) -> String {
        short_name(&self.name)
    }

    pub fn reader(&self) -> Reader {
        Reader::invited(&self.event, &self.invitation.guest, self.rsvp.as_ref())
    }

    pub fn actor(&self) -> Actor {
        use_cases::invitations::actor(&self.invitation)
    }
}

/// The holder of `/r/{token}`.
pub async fn rsvp_link(req: &HttpRequest, token: &str) -> Result<RsvpLink, Problem> {
    let app = app(req);
    let Some(claim) = app.links.verify(token, Purpose::Rsvp) else {
        return Err(unverified(req, Problem::UnknownLink));
    };
    let db = app.store.read();
    let invitation = invitations::find(db, Id::new(claim.id)).await?;
    let invitation = invitation.filter(|found| claim.is_of_epoch(found.link_epoch)).ok_or(Problem::GONE)?;
    let event = events::find(db, invitation.event).await?.ok_or(Problem::GONE)?;
    let role = sight::role_of(&event, &invitation.guest);
    let (member, name) = match &invitation.guest {
        Invitee::Member(id) => {
            let member = members::find(db, *id).await?;
            let member = member.filter(|member| belongs(member, req)).ok_or(Problem::GONE)?;
            let name = member.name.clone();
            (Some(member), name)
        }
        // Taken off the programme, they are nobody's guest.
        Invitee::NamedGuest { .. } if role.is_none() => return Err(Problem::GONE),
        Invitee::NamedGuest { name, .. } => (None, name.clone()),
    };
    let rsvp = rsvps::find(db, invitation.id).await?;
    Ok(RsvpLink { event, invitation, member, name, role, rsvp })
}

/// The holder of `/u/{token}`.
pub async fn preferences_link(req: &HttpRequest, token: &str) -> Result<Member, Problem> {
    let app = app(req);
    let Some(claim) = app.links.verify(token, Purpose::Preferences) else {
        return Err(unverified(req, Problem::UnknownLink));
    };
    let member = members::find(app.store.read(), Id::new(claim.id)).await?;
    member
        .filter(|member| claim.is_of_epoch(member.preferences_epoch) && belongs(member, req))
        .ok_or(Problem::GONE)
}

fn belongs(member: &Member, req: &HttpRequest) -> bool {
    member.status_at(app(req).now()).belongs()
}
