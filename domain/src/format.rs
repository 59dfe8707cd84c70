//! The four formats of an evening, and all that differs between them.

use serde::{Deserialize, Serialize};

/// What kind of evening it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    RoundTable,
    Workshop,
    Retex,
    OpenDiscussion,
}
