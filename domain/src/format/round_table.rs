//! Round table: a moderator, panellists or none, a few tables of a given size.

use std::num::NonZeroU32;

use super::{Details, Person, Role};
use crate::{event::Field, text::Line};

pub const DEFAULT_MINUTES: u32 = 150;
/// The most tables, and the most seats at one.
pub const MOST_TABLES: u32 = 500;

pub const ROLES: &[Role] = &[Role::Moderator, Role::Panellist, Role::Scribe];
pub const FIELDS: &[Field] =
    &[Field::Moderator, Field::Panel, Field::Questions, Field::Tables, Field::SeatsPerTable];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundTable {
    pub moderator: Person,
    pub panel: Vec<Person>,
    pub tables: NonZeroU32,
    pub seats_per_table: NonZeroU32,
    /// Questions collected before.
    pub questions: Vec<Line>,
}

impl RoundTable {
    pub(super) fn read(details: &Details) -> Result<Self, Vec<Field>> {
        let tables = details.tables.and_then(NonZeroU32::new);
        let seats = details.seats_per_table.and_then(NonZeroU32::new);
        match (&details.moderator, tables, seats) {
            (Some(moderator), Some(tables), Some(seats_per_table)) => Ok(Self {
                moderator: moderator.clone(),
                panel: details.panel.clone(),
                tables,
                seats_per_table,
                questions: details.questions.clone(),
            }),
            (moderator, tables, seats) => Err([
                (moderator.is_none(), Field::Moderator),
                (tables.is_none(), Field::Tables),
                (seats.is_none(), Field::SeatsPerTable),
            ]
            .into_iter()
            .filter_map(|(missing, field)| missing.then_some(field))
            .collect()),
        }
    }
}

/// Tables × seats, once both are known.
pub(crate) fn seats(details: &Details) -> Option<u32> {
    Some(details.tables?.saturating_mul(details.seats_per_table?))
}
