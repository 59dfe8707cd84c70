//! Open discussion: no speaker; subjects proposed by members, and a time box for each.

use super::{Details, Role};
use crate::{event::Field, text::Line};

pub const DEFAULT_MINUTES: u32 = 150;
/// Minutes for a subject unless set.
pub const DEFAULT_TIME_BOX: u32 = 7;
pub const ROLES: &[Role] = &[Role::Scribe];
pub const FIELDS: &[Field] = &[Field::Subjects, Field::TimeBoxMinutes];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDiscussion {
    pub subjects: Vec<Line>,
    pub time_box_minutes: u32,
}

impl OpenDiscussion {
    pub(super) fn read(details: &Details) -> Self {
        Self {
            subjects: details.subjects.clone(),
            time_box_minutes: details.time_box_minutes.unwrap_or(DEFAULT_TIME_BOX),
        }
    }
}
