//! The four formats of an evening, and all that differs between them.
//!
//! An organizer fills in [`Details`] over days; [`Programme::of`] reads them into the type of the
//! format, in which a wrong evening cannot be said. A fifth format is one file here plus what the
//! compiler then asks for.

pub mod open_discussion;
pub mod retex;
pub mod round_table;
pub mod workshop;

use serde::{Deserialize, Serialize};

use crate::{
    event::Field,
    id::Id,
    member::Member,
    text::{Email, Line, PersonName, Prose},
};
use open_discussion::OpenDiscussion;
use retex::Retex;
use round_table::RoundTable;
use workshop::Workshop;

/// What kind of evening it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    RoundTable,
    Workshop,
    Retex,
    OpenDiscussion,
}

impl Format {
    pub const ALL: [Format; 4] =
        [Format::RoundTable, Format::Workshop, Format::Retex, Format::OpenDiscussion];

    /// The name in JSON, CSV and rows.
    pub const fn name(self) -> &'static str {
        match self {
            Format::RoundTable => "round_table",
            Format::Workshop => "workshop",
            Format::Retex => "retex",
            Format::OpenDiscussion => "open_discussion",
        }
    }

    /// The name in addresses of pages and feeds.
    pub const fn slug(self) -> &'static str {
        match self {
            Format::RoundTable => "round-table",
            Format::Workshop => "workshop",
            Format::Retex => "retex",
            Format::OpenDiscussion => "open-discussion",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.slug() == slug)
    }

    /// How long an evening of this format lasts unless it says otherwise, in minutes.
    pub const fn default_minutes(self) -> u32 {
        match self {
            Format::RoundTable => round_table::DEFAULT_MINUTES,
            Format::Workshop => workshop::DEFAULT_MINUTES,
            Format::Retex => retex::DEFAULT_MINUTES,
            Format::OpenDiscussion => open_discussion::DEFAULT_MINUTES,
        }
    }

    /// The roles that this format has. Every format may have a scribe.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Format::RoundTable => round_table::ROLES,
            Format::Workshop => workshop::ROLES,
            Format::Retex => retex::ROLES,
            Format::OpenDiscussion => open_discussion::ROLES,
        }
    }

    /// The fields that only some formats have and this one has.
    const fn fields(self) -> &'static [Field] {
        match self {
            Format::RoundTable => round_table::FIELDS,
            Format::Workshop => workshop::FIELDS,
            Format::Retex => retex::FIELDS,
            Format::OpenDiscussion => open_discussion::FIELDS,
        }
    }
}

/// What somebody does on an evening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Moderator,
    Panellist,
    Facilitator,
    Speaker,
    Scribe,
}

impl Role {
    pub const ALL: [Role; 5] =
        [Role::Moderator, Role::Panellist, Role::Facilitator, Role::Speaker, Role::Scribe];

    pub const fn name(self) -> &'static str {
        match self {
            Role::Moderator => "moderator",
            Role::Panellist => "panellist",
            Role::Facilitator => "facilitator",
            Role::Speaker => "speaker",
            Role::Scribe => "scribe",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The field of an evening that names the people of this role.
    pub const fn field(self) -> Field {
        match self {
            Role::Moderator => Field::Moderator,
            Role::Panellist => Field::Panel,
            Role::Facilitator => Field::Facilitator,
            Role::Speaker => Field::Speakers,
            Role::Scribe => Field::Scribe,
        }
    }
}

/// Somebody on the programme.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    Member(Id<Member>),
    Guest {
        name: PersonName,
        email: Option<Email>,
    },
    /// Was a member and has been erased.
    Former,
    /// Nobody at present: only the leaving of the last person of a role makes it.
    Vacant,
}

impl Person {
    pub fn member(&self) -> Option<Id<Member>> {
        match self {
            Person::Member(id) => Some(*id),
            Person::Guest { .. } | Person::Former | Person::Vacant => None,
        }
    }

    fn same_as(&self, other: &Person) -> bool {
        match (self, other) {
            (Person::Member(a), Person::Member(b)) => a == b,
            (Person::Guest { name: a, email: None }, Person::Guest { name: b, .. })
            | (Person::Guest { name: a, .. }, Person::Guest { name: b, email: None }) => a == b,
            (Person::Guest { email: Some(a), .. }, Person::Guest { email: Some(b), .. }) => {
                a.key() == b.key()
            }
            (Person::Member(_) | Person::Guest { .. } | Person::Former | Person::Vacant, _) => false,
        }
    }

    /// Somebody who can be entered: a member or a named guest.
    pub fn is_somebody(&self) -> bool {
        match self {
            Person::Member(_) | Person::Guest { .. } => true,
            Person::Former | Person::Vacant => false,
        }
    }
}

/// What may be repeated outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidentiality {
    /// What was said may be used, who said it may not be told.
    #[default]
    ChathamHouse,
    AttendeesOnly,
    Public,
}

impl Confidentiality {
    pub const ALL: [Confidentiality; 3] =
        [Confidentiality::ChathamHouse, Confidentiality::AttendeesOnly, Confidentiality::Public];

    pub const fn name(self) -> &'static str {
        match self {
            Confidentiality::ChathamHouse => "chatham_house",
            Confidentiality::AttendeesOnly => "attendees_only",
            Confidentiality::Public => "public",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// The programme as far as it has been written. Every field of every format is here; which of
/// them an evening may have follows from its format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    pub moderator: Option<Person>,
    pub panel: Vec<Person>,
    pub facilitator: Option<Person>,
    pub speakers: Vec<Person>,
    pub scribe: Option<Person>,
    /// The company or the circumstances that a retex tells of.
    pub context: Option<Line>,
    pub confidentiality: Option<Confidentiality>,
    pub prerequisites: Option<Prose>,
    pub bring: Option<Prose>,
    pub case: Option<Prose>,
    pub subjects: Vec<Line>,
    /// Minutes for each subject.
    pub time_box_minutes: Option<u32>,
    /// Questions collected before.
    pub questions: Vec<Line>,
    pub tables: Option<u32>,
    pub seats_per_table: Option<u32>,
}

impl Details {
    /// How far what is said may be told, as an evening of this format says it.
    pub fn confidentiality_of(&self, format: Format) -> Option<Confidentiality> {
        match format {
            Format::Retex => Some(retex::confidentiality(self)),
            Format::RoundTable | Format::Workshop | Format::OpenDiscussion => None,
        }
    }

    /// Minutes for each subject, as an evening of this format gives them.
    pub fn time_box_of(&self, format: Format) -> Option<u32> {
        match format {
            Format::OpenDiscussion => Some(open_discussion::time_box(self)),
            Format::RoundTable | Format::Workshop | Format::Retex => None,
        }
    }

    /// Everybody on the programme with their role, in the order of the roles.
    pub fn people(&self) -> impl Iterator<Item = (Role, &Person)> {
        with(Role::Moderator, self.moderator.as_slice())
            .chain(with(Role::Panellist, &self.panel))
            .chain(with(Role::Facilitator, self.facilitator.as_slice()))
            .chain(with(Role::Speaker, &self.speakers))
            .chain(with(Role::Scribe, self.scribe.as_slice()))
    }

    /// Puts people into a role, replacing those who were there. A role of one takes the first.
    pub fn set_people(&mut self, role: Role, people: Vec<Person>) {
        match role {
            Role::Moderator => self.moderator = people.into_iter().next(),
            Role::Panellist => self.panel = people,
            Role::Facilitator => self.facilitator = people.into_iter().next(),
            Role::Speaker => self.speakers = people,
            Role::Scribe => self.scribe = people.into_iter().next(),
        }
    }

    /// The role of a member on this programme.
    pub fn role_of(&self, member: Id<Member>) -> Option<Role> {
        self.people()
            .find(|(_, person)| matches!(person, Person::Member(id) if *id == member))
            .map(|(role, _)| role)
    }

    /// The role of a named guest on this programme, by their address.
    pub fn role_of_guest(&self, email: &Email) -> Option<Role> {
        let is_theirs = |person: &Person| match person {
            Person::Guest { email: Some(other), .. } => other.key() == email.key(),
            Person::Member(_) | Person::Guest { email: None, .. } | Person::Former | Person::Vacant => false,
        };
        self.people().find(|(_, person)| is_theirs(person)).map(|(role, _)| role)
    }

    /// The addresses of those who are on this programme without being members.
    pub fn guest_emails(&self) -> impl Iterator<Item = &Email> {
        self.people().filter_map(|(_, person)| match person {
            Person::Guest { email, .. } => email.as_ref(),
            Person::Member(_) | Person::Former | Person::Vacant => None,
        })
    }

    /// The fields that hold something.
    fn filled(&self) -> Vec<Field> {
        let mut filled: Vec<Field> = self.people().map(|(role, _)| role.field()).collect();
        let mut also = |is: bool, field| {
            if is {
                filled.push(field);
            }
        };
        also(self.context.is_some(), Field::Context);
        also(self.confidentiality.is_some(), Field::Confidentiality);
        also(self.prerequisites.is_some(), Field::Prerequisites);
        also(self.bring.is_some(), Field::Bring);
        also(self.case.is_some(), Field::Case);
        also(!self.subjects.is_empty(), Field::Subjects);
        also(self.time_box_minutes.is_some(), Field::TimeBoxMinutes);
        also(!self.questions.is_empty(), Field::Questions);
        also(self.tables.is_some(), Field::Tables);
        also(self.seats_per_table.is_some(), Field::SeatsPerTable);
        filled.dedup();
        filled
    }
}

fn with(role: Role, people: &[Person]) -> impl Iterator<Item = (Role, &Person)> {
    people.iter().map(move |person| (role, person))
}

/// What is wrong with a field, seen from the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flaw {
    pub field: Field,
    pub what: Wrong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// Must be filled in before publication.
    Missing,
    /// A format without this field.
    NotOfFormat(Format),
    /// Fields of a format are written before the format is chosen.
    NoFormat,
    /// Stands on the programme twice.
    Twice,
    /// The moderator sits on the panel that they moderate.
    OnOwnPanel,
    /// Former members and vacant roles cannot be entered.
    Nobody,
    /// More places than there are seats at the tables (the number of seats).
    MoreThanSeats(u32),
    /// Must be at least one.
    Zero,
    /// Lies in the past when the evening is published.
    Past,
}

impl Wrong {
    /// Refused at every stage, not only at publication.
    pub fn contradicts(self) -> bool {
        match self {
            Wrong::Missing | Wrong::Past => false,
            Wrong::NotOfFormat(_)
            | Wrong::NoFormat
            | Wrong::Twice
            | Wrong::OnOwnPanel
            | Wrong::Nobody
            | Wrong::MoreThanSeats(_)
            | Wrong::Zero => true,
        }
    }
}

/// The whole programme of an evening in the type of its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Programme {
    RoundTable(RoundTable),
    Workshop(Workshop),
    Retex(Retex),
    OpenDiscussion(OpenDiscussion),
}

impl Programme {
    /// Reads the details as a format: the typed programme, or everything that is wrong with them.
    pub fn of(format: Format, details: &Details, capacity: Option<u32>) -> Result<Self, Vec<Flaw>> {
        let mut flaws = contradictions(Some(format), details, capacity);
        let typed = match format {
            Format::RoundTable => RoundTable::read(details).map(Self::RoundTable),
            Format::Workshop => Workshop::read(details, capacity).map(Self::Workshop),
            Format::Retex => Retex::read(details).map(Self::Retex),
            Format::OpenDiscussion => Ok(Self::OpenDiscussion(OpenDiscussion::read(details))),
        };
        match typed {
            Ok(programme) if flaws.is_empty() => Ok(programme),
            Ok(_) => Err(flaws),
            Err(missing) => {
                flaws.extend(missing.into_iter().map(|field| Flaw { field, what: Wrong::Missing }));
                Err(flaws)
            }
        }
    }
}

/// What can never be right, however much is still to be filled in.
pub fn contradictions(format: Option<Format>, details: &Details, capacity: Option<u32>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for field in details.filled() {
        match format {
            Some(format) if field != Field::Scribe && !format.fields().contains(&field) => {
                flaws.push(Flaw { field, what: Wrong::NotOfFormat(format) });
            }
            None => flaws.push(Flaw { field, what: Wrong::NoFormat }),
            Some(_) => {}
        }
    }
    flaws.extend(wrong_people(details));
    for (field, number) in [
        (Field::Capacity, capacity),
        (Field::Tables, details.tables),
        (Field::SeatsPerTable, details.seats_per_table),
        (Field::TimeBoxMinutes, details.time_box_minutes),
    ] {
        if number == Some(0) {
            flaws.push(Flaw { field, what: Wrong::Zero });
        }
    }
    if format == Some(Format::RoundTable)
        && let (Some(capacity), Some(seats)) = (capacity, round_table::seats(details))
        && capacity > seats
    {
        flaws.push(Flaw { field: Field::Capacity, what: Wrong::MoreThanSeats(seats) });
    }
    flaws
}

fn wrong_people(details: &Details) -> Vec<Flaw> {
    let people: Vec<(Role, &Person)> = details.people().collect();
    let mut flaws = Vec::new();
    for (at, (role, person)) in people.iter().enumerate() {
        if !person.is_somebody() {
            flaws.push(Flaw { field: role.field(), what: Wrong::Nobody });
        }
        let Some((other, _)) = people[..at].iter().find(|(_, before)| before.same_as(person)) else {
            continue;
        };
        let moderates = (*other, *role) == (Role::Moderator, Role::Panellist);
        let what = if moderates { Wrong::OnOwnPanel } else { Wrong::Twice };
        flaws.push(Flaw { field: role.field(), what });
    }
    flaws
}
