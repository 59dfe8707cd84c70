//! The names of an evening's fields, as JSON and CSV write them.

use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($variant:ident = $name:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Field {
            $(#[serde(rename = $name)] $variant),*
        }

        impl Field {
            pub const ALL: &[Field] = &[$(Field::$variant),*];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Field::$variant => $name),*
                }
            }
        }
    };
}

fields! {
    Stage = "stage",
    Format = "format",
    Title = "title",
    Summary = "summary",
    Language = "language",
    StartsAt = "starts_at",
    EndsAt = "ends_at",
    VenueId = "venue_id",
    OnlineUrl = "online_url",
    Capacity = "capacity",
    MaxGuests = "max_guests",
    OpensAt = "opens_at",
    Deadline = "deadline",
    MembersOnly = "members_only",
    AddressFor = "address_for",
    Moderator = "moderator",
    Panel = "panel",
    Facilitator = "facilitator",
    Speakers = "speakers",
    Scribe = "scribe",
    Context = "context",
    Confidentiality = "confidentiality",
    Prerequisites = "prerequisites",
    Bring = "bring",
    Case = "case",
    Subjects = "subjects",
    TimeBoxMinutes = "time_box_minutes",
    Questions = "questions",
    Tables = "tables",
    SeatsPerTable = "seats_per_table",
}

impl Field {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}
