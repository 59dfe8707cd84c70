//! Path templates: `/r/{token}.ics` against `/r/abc.ics`.

use super::exchange::decoded;

/// The values of a template's variables, when the path is of its shape.
pub(super) fn fits(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(values),
            (Some(wanted), Some(given)) => values.extend(segment(wanted, given)?),
            _ => return None,
        }
    }
}

/// `Some(None)` for the same words, `Some(Some(…))` for a variable with its value.
fn segment(wanted: &str, given: &str) -> Option<Option<(String, String)>> {
    let Some((name, rest)) = wanted.strip_prefix('{').and_then(|w| w.split_once('}')) else {
        return (wanted == given).then_some(None);
    };
    let value = given.strip_suffix(rest).filter(|v| !v.is_empty())?;
    Some(Some((name.to_owned(), decoded(value))))
}
