//! People of a programme, as a cell names them.

use mensuel_domain::text::{Email, PersonName};

use super::What;

/// Somebody on a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// An address, which must be a member's.
    Member(Email),
    /// `Name` or `Name <address>`: a guest.
    Guest { name: PersonName, email: Option<Email> },
}

pub(super) fn one(text: &str) -> Result<Who, What> {
    match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => guest(name, Some(address)),
        None if text.contains('@') => Email::parse(text).map(Who::Member).map_err(What::Text),
        None => guest(text, None),
    }
}

/// Several, with semicolons between.
pub(super) fn several(text: &str) -> Result<Vec<Who>, What> {
    text.split(';').map(str::trim).filter(|item| !item.is_empty()).map(one).collect()
}

fn guest(name: &str, address: Option<&str>) -> Result<Who, What> {
    let name = PersonName::parse(name.trim().trim_matches('"')).map_err(What::Text)?;
    let email = address.map(Email::parse).transpose().map_err(What::Text)?;
    Ok(Who::Guest { name, email })
}
