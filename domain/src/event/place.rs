//! What becomes of an evening when others than its editor change what is around it: its venue, its series.

use chrono::{DateTime, Utc};

use super::{Event, Stage};
use crate::{
    fact::{Decision, Fact},
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
    pub fn venue_moved(&self, now: DateTime<Utc>) -> Decision<Event> {
        let mut event = self.venue_described(now);
        if !self.is_announced_for(now) {
            return Decision::unchanged(event);
        }
        event.moved_sequence = event.sequence;
        let moved = Fact::EventMoved {
            event: self.id,
            from_start: self.span.starts_at,
            from_end: self.span.ends_at,
            from_venue: self.venue,
            told: true,
        };
        Decision::of(event, moved)
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
