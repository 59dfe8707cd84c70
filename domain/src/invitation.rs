//! One row for each evening and person: what makes their link, their calendar entry and their answer one.

use chrono::{DateTime, Utc};

use crate::{
    event::Event,
    format::Role,
    id::Id,
    member::Member,
    text::{Email, PersonName},
    wave::Wave,
};

/// Made in the transaction of the first of: an invitation asked for, "invite me", an answer on
/// behalf, being on the programme. Never made twice for one person and evening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: Id<Invitation>,
    pub event: Id<Event>,
    pub guest: Invitee,
    /// The UID (RFC 5545, section 3.8.4.7) of this person's calendar entry: random, stored, never
    /// made again. Only this person was sent it.
    pub uid: String,
    /// Raised to revoke the link.
    pub link_epoch: u32,
    pub wave: Option<u32>,
    pub invited_at: DateTime<Utc>,
    /// The first notification that left for this person about this evening.
    pub told_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitee {
    Member(Id<Member>),
    /// Somebody on the programme who is no member.
    NamedGuest {
        name: PersonName,
        email: Email,
    },
}

impl Invitee {
    pub fn member(&self) -> Option<Id<Member>> {
        match self {
            Invitee::Member(member) => Some(*member),
            Invitee::NamedGuest { .. } => None,
        }
    }

    /// Whether both are one person: of a named guest the address says so, whatever the name.
    pub fn is_same(&self, other: &Invitee) -> bool {
        self.key() == other.key()
    }

    /// What tells people apart, in no order that means something.
    pub fn key(&self) -> (Option<Id<Member>>, Option<String>) {
        match self {
            Invitee::Member(member) => (Some(*member), None),
            Invitee::NamedGuest { email, .. } => (None, Some(email.key())),
        }
    }
}

/// Who is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedFor {
    /// Every active member who follows the format and was not invited, and the programme.
    Followers,
    /// The people of the programme.
    Programme,
    /// The followers of one wave, and those of the waves that went who came since.
    Wave(Wave),
}

impl AskedFor {
    pub const ALL: [AskedFor; 5] = [
        AskedFor::Followers,
        AskedFor::Programme,
        AskedFor::Wave(Wave::First),
        AskedFor::Wave(Wave::Second),
        AskedFor::Wave(Wave::Third),
    ];

    pub const fn name(self) -> &'static str {
        match self {
            AskedFor::Followers => "followers",
            AskedFor::Programme => "programme",
            AskedFor::Wave(wave) => wave.name(),
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asked_for| asked_for.name() == name)
    }
}

/// An invitee with the role that their mail names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnProgramme {
    pub role: Role,
    pub invitee: Invitee,
}
