//! Workshop: a facilitator and a counted number of places.

use std::num::NonZeroU32;

use super::{Details, Person, Role};
use crate::{event::Field, text::Prose};

pub const DEFAULT_MINUTES: u32 = 180;
pub const ROLES: &[Role] = &[Role::Facilitator, Role::Scribe];
pub const FIELDS: &[Field] = &[Field::Facilitator, Field::Prerequisites, Field::Bring, Field::Case];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workshop {
    pub facilitator: Person,
    pub places: NonZeroU32,
    pub prerequisites: Option<Prose>,
    /// What to bring.
    pub bring: Option<Prose>,
    pub case: Option<Prose>,
}

impl Workshop {
    pub(super) fn read(details: &Details, capacity: Option<u32>) -> Result<Self, Vec<Field>> {
        match (&details.facilitator, capacity.and_then(NonZeroU32::new)) {
            (Some(facilitator), Some(places)) => Ok(Self {
                facilitator: facilitator.clone(),
                places,
                prerequisites: details.prerequisites.clone(),
                bring: details.bring.clone(),
                case: details.case.clone(),
            }),
            (None, Some(_)) => Err(vec![Field::Facilitator]),
            (Some(_), None) => Err(vec![Field::Capacity]),
            (None, None) => Err(vec![Field::Facilitator, Field::Capacity]),
        }
    }
}
