//! Retex, *retour d’expérience*: one or more speakers tell what happened to them.

use super::{Confidentiality, Details, Person, Role};
use crate::{event::Field, text::Line};

pub const DEFAULT_MINUTES: u32 = 150;
pub const ROLES: &[Role] = &[Role::Speaker, Role::Scribe];
pub const FIELDS: &[Field] = &[Field::Speakers, Field::Context, Field::Confidentiality];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retex {
    /// The first one is here so that there is one.
    pub speaker: Person,
    pub other_speakers: Vec<Person>,
    pub context: Option<Line>,
    pub confidentiality: Confidentiality,
}

impl Retex {
    pub(super) fn read(details: &Details) -> Result<Self, Vec<Field>> {
        let (speaker, others) = details.speakers.split_first().ok_or_else(|| vec![Field::Speakers])?;
        Ok(Self {
            speaker: speaker.clone(),
            other_speakers: others.to_vec(),
            context: details.context.clone(),
            confidentiality: confidentiality(details),
        })
    }
}

/// A retex always has a level.
pub(super) fn confidentiality(details: &Details) -> Confidentiality {
    details.confidentiality.unwrap_or_default()
}
