//! What is entered about a member, and what it makes of them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use mensuel_domain::{
    fact::Fact,
    lang::Lang,
    member::{Address, Follows, Member, MemberRole, Status},
    reminder::Times,
    text::{Email, Line, PersonName},
};

/// An address as an organizer enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    pub email: Email,
    pub primary: bool,
    /// Whether it is known to be theirs; what is left open stays, and is true of a new one.
    pub verified: Option<bool>,
    /// Mail goes there again, though it was stopped.
    pub revived: bool,
}

impl Entered {
    pub fn primary(email: Email) -> Self {
        Self { email, primary: true, verified: None, revived: false }
    }
}

#[derive(Clone, Debug)]
pub struct NewMember {
    pub name: PersonName,
    /// At least one; the first is the primary one unless another says so.
    pub emails: Vec<Entered>,
    pub language: Lang,
    pub company: Option<Line>,
    pub job_title: Option<Line>,
    pub member_since: Option<NaiveDate>,
    pub status: Status,
    pub paused_until: Option<DateTime<Utc>>,
    pub follows: Follows,
    pub roles: BTreeSet<MemberRole>,
    pub wants_invitations: bool,
    pub wants_nudges: bool,
    pub wants_news: bool,
    pub reminders: Times,
}

impl NewMember {
    /// An active member who follows everything.
    pub fn named(name: PersonName, email: Email, language: Lang) -> Self {
        Self {
            name,
            emails: vec![Entered::primary(email)],
            language,
            company: None,
            job_title: None,
            member_since: None,
            status: Status::Active,
            paused_until: None,
            follows: Follows::All,
            roles: BTreeSet::new(),
            wants_invitations: true,
            wants_nudges: true,
            wants_news: true,
            reminders: Times::DEFAULT,
        }
    }
}

/// One field and its new value; `None` clears it.
#[derive(Clone, Debug)]
pub enum Change {
    Name(PersonName),
    /// All addresses.
    Emails(Vec<Entered>),
    Language(Lang),
    Company(Option<Line>),
    JobTitle(Option<Line>),
    MemberSince(Option<NaiveDate>),
    Status(Status),
    /// When a pause ends by itself.
    PausedUntil(Option<DateTime<Utc>>),
    Follows(Follows),
    Roles(BTreeSet<MemberRole>),
    WantsInvitations(bool),
    WantsNudges(bool),
    WantsNews(bool),
    Reminders(Times),
}

impl Change {
    /// All three kinds of mail that can be switched off, or on.
    pub fn every_kind(wanted: bool) -> Vec<Change> {
        vec![Change::WantsInvitations(wanted), Change::WantsNudges(wanted), Change::WantsNews(wanted)]
    }
}

/// The member with the changes, and with what follows from the status.
pub(super) fn applied(mut member: Member, changes: Vec<Change>) -> Member {
    for change in changes {
        match change {
            Change::Name(name) => member.name = name,
            Change::Emails(emails) => member.emails = addresses(&emails, &member.emails),
            Change::Language(language) => member.language = language,
            Change::Company(company) => member.company = company,
            Change::JobTitle(title) => member.job_title = title,
            Change::MemberSince(day) => member.member_since = day,
            Change::Status(status) => member.status = status,
            Change::PausedUntil(until) => member.paused_until = until,
            Change::Follows(follows) => member.follows = follows,
            Change::Roles(roles) => member.roles = roles,
            Change::WantsInvitations(wants) => member.wants_invitations = wants,
            Change::WantsNudges(wants) => member.wants_nudges = wants,
            Change::WantsNews(wants) => member.wants_news = wants,
            Change::Reminders(times) => member.reminders = times,
        }
    }
    if member.status != Status::Paused {
        member.paused_until = None;
    }
    if !member.status.belongs() {
        member.roles.clear();
    }
    member
}

pub(super) fn changed_facts(before: &Member, after: &Member) -> Vec<Fact> {
    let member = before.id;
    let mut facts = Vec::new();
    if before.status != after.status {
        facts.push(Fact::MemberStatusChanged { member, from: before.status, to: after.status });
    }
    if before.wants_invitations != after.wants_invitations {
        let wants = after.wants_invitations;
        facts.push(if wants { Fact::Resubscribed { member } } else { Fact::Unsubscribed { member } });
    }
    if !before.is_organizer() && after.is_organizer() {
        facts.push(Fact::OrganizerAdded { member });
    }
    let mut others = before.clone();
    others.status = after.status;
    others.wants_invitations = after.wants_invitations;
    others.roles = if after.is_organizer() { after.roles.clone() } else { before.roles.clone() };
    (others.revision, others.updated_at) = (after.revision, after.updated_at);
    if others != *after {
        facts.push(Fact::MemberChanged { member });
    }
    facts
}

/// An organizer vouches for an address that they enter, unless they say otherwise, and for the one
/// that mail goes to in any case; what is known of one that stays is kept.
pub(super) fn addresses(entered: &[Entered], known: &[Address]) -> Vec<Address> {
    let primary = entered.iter().position(|one| one.primary).unwrap_or(0);
    let address = |(at, one): (usize, &Entered)| {
        let kept = known.iter().find(|address| address.email.key() == one.email.key());
        Address {
            email: one.email.clone(),
            primary: at == primary,
            verified: at == primary || one.verified.or(kept.map(|address| address.verified)).unwrap_or(true),
            stopped: kept.filter(|_| !one.revived).and_then(|address| address.stopped.clone()),
        }
    };
    entered.iter().enumerate().map(address).collect()
}
