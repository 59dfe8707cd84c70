//! Cursors: the key of a page's last item, opaque to its reader.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What a list is ordered by.
pub trait Key: Sized {
    fn bytes(&self) -> Vec<u8>;
    fn from_bytes(bytes: &[u8]) -> Option<Self>;

    fn written(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    fn read(text: &str) -> Option<Self> {
        Self::from_bytes(&URL_SAFE_NO_PAD.decode(text).ok()?)
    }
}

impl Key for Uuid {
    fn bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok()
    }
}

/// A name as lists are sorted by, and whose.
impl Key for (String, Uuid) {
    fn bytes(&self) -> Vec<u8> {
        [self.1.as_bytes(), self.0.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, name) = bytes.split_at_checked(16)?;
        let name = std::str::from_utf8(name).ok().filter(|name| !name.contains(char::is_control))?;
        Some((name.to_owned(), Uuid::from_slice(id).ok()?))
    }
}

impl Key for (DateTime<Utc>, Uuid) {
    fn bytes(&self) -> Vec<u8> {
        [self.0.timestamp_micros().to_be_bytes().as_slice(), self.1.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (micros, id) = bytes.split_at_checked(8)?;
        let micros = i64::from_be_bytes(micros.try_into().ok()?);
        // Beyond these years a database may not follow.
        let at = DateTime::from_timestamp_micros(micros)?;
        let usual = (0..=32_503_680_000).contains(&at.timestamp());
        usual.then(|| Uuid::from_slice(id).ok()).flatten().map(|id| (at, id))
    }
}

/// A group of the roster, a number within it, and who.
impl Key for (u8, i64, Uuid) {
    fn bytes(&self) -> Vec<u8> {
        [[self.0].as_slice(), &self.1.to_be_bytes(), self.2.as_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (group, rest) = bytes.split_first()?;
        let (number, id) = rest.split_at_checked(8)?;
        Some((*group, i64::from_be_bytes(number.try_into().ok()?), Uuid::from_slice(id).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let id = Uuid::from_u128(7);
        let at = "2027-01-14T18:00:00.123456Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(Uuid::read(&id.written()), Some(id));
        assert_eq!(<(DateTime<Utc>, Uuid)>::read(&(at, id).written()), Some((at, id)));
        assert_eq!(<(u8, i64, Uuid)>::read(&(2, -5, id).written()), Some((2, -5, id)));
        let name = ("emilie noël".to_owned(), id);
        assert_eq!(<(String, Uuid)>::read(&name.written()), Some(name));
        assert_eq!(<(String, Uuid)>::read(&("\0".to_owned(), id).written()), None);
        assert_eq!(<(DateTime<Utc>, Uuid)>::read(&id.written()), None);
        for wrong in ["", "x", "=", "é", "AAAA"] {
            assert_eq!(Uuid::read(wrong), None, "{wrong}");
        }
    }
}
