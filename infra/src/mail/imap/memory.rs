//! What is known from one visit to the next of the mails that are still unseen.

use std::collections::BTreeSet;

/// By UID, which means something under one UIDVALIDITY only (RFC 9051, section 2.3.1.1).
#[derive(Debug, Default)]
pub struct Memory {
    validity: Option<u32>,
    /// Taken in, and the server refused to mark it as seen, as in a mailbox that may only be read.
    taken: BTreeSet<u32>,
    /// Could not be taken in.
    put_off: BTreeSet<u32>,
}

impl Memory {
    /// What to take of the unseen mails: the oldest first, after them those that were put off, so
    /// that none of these keeps the others from being reached.
    pub(super) fn order(&mut self, validity: Option<u32>, unseen: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let unseen: BTreeSet<u32> = unseen.into_iter().collect();
        if self.validity != validity {
            *self = Self { validity, ..Self::default() };
        }
        self.taken.retain(|uid| unseen.contains(uid));
        self.put_off.retain(|uid| unseen.contains(uid));
        let mut order: Vec<u32> = unseen.difference(&self.taken).copied().collect();
        order.sort_by_key(|uid| self.put_off.contains(uid));
        order
    }

    pub(super) fn take(&mut self, uid: u32) {
        self.put_off.remove(&uid);
        self.taken.insert(uid);
    }

    pub(super) fn put_off(&mut self, uid: u32) {
        self.put_off.insert(uid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_off_comes_last_and_what_was_taken_not_again() {
        let mut memory = Memory::default();
        assert_eq!(memory.order(Some(1), [3, 1, 2]), [1, 2, 3]);
        memory.put_off(1);
        memory.take(2);
        assert_eq!(memory.order(Some(1), [1, 2, 3, 4]), [3, 4, 1]);
        // Another mailbox under the same name.
        assert_eq!(memory.order(Some(2), [1, 2, 3]), [1, 2, 3]);
    }
}
