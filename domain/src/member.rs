//! Members, what they follow, and what their status lets them do.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    format::Format,
    id::Id,
    lang::Lang,
    reminder::Times,
    text::{Email, Line, PersonName},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: Id<Member>,
    pub name: PersonName,
    /// At least one; exactly one is primary.
    pub emails: Vec<Address>,
    pub language: Lang,
    pub company: Option<Line>,
    pub job_title: Option<Line>,
    pub member_since: Option<NaiveDate>,
    pub status: Status,
    /// With [`Status::Paused`]: active again from this instant; open when `None`.
    pub paused_until: Option<DateTime<Utc>>,
    pub follows: Follows,
    /// `false` once unsubscribed: no invitations.
    pub wants_invitations: bool,
    /// Questions while there is no yes or no.
    pub wants_nudges: bool,
    /// What organizers write to everybody.
    pub wants_news: bool,
    /// When they are reminded of the evenings they come to.
    pub reminders: Times,
    pub roles: BTreeSet<MemberRole>,
    /// Raised to revoke the links to the preferences (`/u/…`).
    pub preferences_epoch: u32,
    /// Raised to revoke the address of the private feed.
    pub feed_epoch: u32,
    pub revision: u32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// One address of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub email: Email,
    pub primary: bool,
    pub verified: bool,
    /// Why nothing is sent there any more, in the words of the bounce or complaint.
    pub stopped: Option<String>,
}

/// Rows are text, so that a later version can hold more; this one refuses to read what it does not
/// know, and is not started on a later schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    Paused,
    Left,
    Suspended,
}

impl Status {
    pub const ALL: [Status; 4] = [Status::Active, Status::Paused, Status::Left, Status::Suspended];

    pub const fn name(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Paused => "paused",
            Status::Left => "left",
            Status::Suspended => "suspended",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether the member still belongs: links work and seats are kept.
    pub const fn belongs(self) -> bool {
        match self {
            Status::Active | Status::Paused => true,
            Status::Left | Status::Suspended => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    Organizer,
}

impl MemberRole {
    pub const fn name(self) -> &'static str {
        match self {
            MemberRole::Organizer => "organizer",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        (name == MemberRole::Organizer.name()).then_some(MemberRole::Organizer)
    }
}

/// Which evenings a member is invited to without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follows {
    All,
    /// These formats; the empty set follows nothing.
    Formats(BTreeSet<Format>),
}

impl Follows {
    pub fn includes(&self, format: Format) -> bool {
        match self {
            Follows::All => true,
            Follows::Formats(formats) => formats.contains(&format),
        }
    }

    /// `all`, or names of formats.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let names: Vec<&str> = names.into_iter().collect();
        if names == ["all"] {
            return Some(Follows::All);
        }
        names.into_iter().map(Format::from_name).collect::<Option<_>>().map(Follows::Formats)
    }

    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Follows::All => vec!["all"],
            Follows::Formats(formats) => formats.iter().map(|format| format.name()).collect(),
        }
    }
}

impl Member {
    /// The address that mail goes to.
    pub fn primary_email(&self) -> Option<&Address> {
        self.emails.iter().find(|address| address.primary).or_else(|| self.emails.first())
    }

    pub fn is_organizer(&self) -> bool {
        self.roles.contains(&MemberRole::Organizer)
    }

    /// The status at an instant: a pause with an end ends by itself.
    pub fn status_at(&self, now: DateTime<Utc>) -> Status {
        match (self.status, self.paused_until) {
            (Status::Paused, Some(until)) if until <= now => Status::Active,
            (status, _) => status,
        }
    }

    /// Whether invitations of a format go to this member at all.
    pub fn is_invited_to(&self, format: Format, now: DateTime<Utc>) -> bool {
        self.status_at(now) == Status::Active && self.wants_invitations && self.follows.includes(format)
    }

    /// "Zoé D.": enough for the reader of a forwarded mail to see that they are not meant.
    pub fn short_name(&self) -> String {
        short_name(&self.name)
    }
}

/// The first name, and the initial of what follows it.
pub fn short_name(name: &PersonName) -> String {
    match name.as_str().split_once(' ') {
        Some((first, rest)) => match rest.chars().next() {
            Some(initial) => format!("{first} {}.", initial.to_uppercase()),
            None => first.to_owned(),
        },
        None => name.to_string(),
    }
}
