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
        Self { subjects: details.subjects.clone(), time_box_minutes: time_box(details) }
    }
}

/// Minutes for each subject, unless those who talk go on.
pub(super) fn time_box(details: &Details) -> u32 {
    details.time_box_minutes.unwrap_or(DEFAULT_TIME_BOX)
}
