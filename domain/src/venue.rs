//! Where an evening takes place.

use serde::{Deserialize, Serialize};

use crate::{
    id::Id,
    text::{Line, Prose},
};

/// Name and area are seen by all; address and access notes by those the evening says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    pub id: Id<Venue>,
    pub name: Line,
    /// Postcode and town.
    pub area: Option<Line>,
    pub address: Option<Line>,
    /// The code of the door, the floor.
    pub access_notes: Option<Prose>,
}

impl Venue {
    /// Another address than before, or another town where no address is known. An address that was
    /// not there yet, or that is taken away, moves nobody.
    pub fn is_elsewhere(&self, after: &Venue) -> bool {
        let differ = |before: &Option<Line>, after: &Option<Line>| match (before, after) {
            (Some(before), Some(after)) => before.as_str().to_lowercase() != after.as_str().to_lowercase(),
            (None, _) | (_, None) => false,
        };
        match (&self.address, &after.address) {
            (None, None) => differ(&self.area, &after.area),
            (before, after) => differ(before, after),
        }
    }
}

/// The postcode and town of a postal address: what follows its last comma, when that starts with
/// a postcode of five digits.
pub fn area_of(address: &Line) -> Option<Line> {
    let last = address.as_str().rsplit(',').next()?.trim();
    let postcode = last.split(' ').next()?;
    let is_postcode = postcode.len() == 5 && postcode.chars().all(|c| c.is_ascii_digit());
    is_postcode.then(|| Line::parse(last).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_postcode_and_town() {
        let area = |text: &str| area_of(&Line::parse(text).unwrap()).map(String::from);
        assert_eq!(area("12 quai Rambaud, 69002 Lyon").as_deref(), Some("69002 Lyon"));
        assert_eq!(area("12 quai Rambaud"), None);
    }
}
