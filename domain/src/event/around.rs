//! What becomes of an evening when others than its editor change what is around it: its venue, its series.

use chrono::{DateTime, Utc};

use super::{Event, Stage};
use crate::{
    fact::Fact,
    id::Id,
    series::{Month, Series},
};

impl Event {
    /// Its venue is described anew: whoever saw it sees that it changed. Where it stands in
    /// calendars they take it over.
    pub fn venue_described(&self, now: DateTime<Utc>) -> Event {
        let mut event = self.clone();
        event.touch(now, self.is_announced_for(now));
        event
    }

    /// Its venue is at another address, which moves an evening that is announced and still to come:
    /// who answered an entry of before did not answer to this place.
    pub fn venue_moved(&self, now: DateTime<Utc>) -> (Event, Option<Fact>) {
        let mut event = self.venue_described(now);
        let moved = self.is_announced_for(now).then(|| event.moved_from(self));
        (event, moved)
    }

    /// The entry as it is now is the first that tells where or when this evening is.
    pub(super) fn moved_from(&mut self, before: &Event) -> Fact {
        self.moved_sequence = self.sequence;
        Fact::EventMoved {
            event: before.id,
            from_start: before.span.starts_at,
            from_end: before.span.ends_at,
            from_venue: before.venue,
            told: before.stage == Stage::Published,
        }
    }

    /// The same evening as a month of another series: no calendar shows a difference.
    pub fn handed_to(&self, series: Id<Series>, month: Month, now: DateTime<Utc>) -> Event {
        let mut event = self.clone();
        event.occurrence = Some((series, month));
        event.touch(now, false);
        event
    }

    fn is_announced_for(&self, now: DateTime<Utc>) -> bool {
        self.stage == Stage::Published && !self.is_past(now)
    }
}
