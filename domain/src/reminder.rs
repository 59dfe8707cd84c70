//! When an evening is remembered: the same wall time, some days before.

use chrono::{DateTime, Utc};

use crate::{
    event::{Event, Stage},
    time::days_before,
};

/// Days before the evening, unless a community sets others.
pub const DEFAULT_DAYS: [u32; 2] = [7, 1];

/// The instant of the reminder some days before, in the zone of the evening.
pub fn due_at(event: &Event, days: u32) -> Option<DateTime<Utc>> {
    days_before(&event.span, u64::from(days))
}

/// The reminder that is due now, as the number of days, and those that a long stop has made
/// obsolete. A time that was already past when the evening got its present start, or was
/// published, is left out; of several that are due only the nearest to the evening is said.
pub fn due(event: &Event, days: &[u32], now: DateTime<Utc>) -> Option<u32> {
    let since = event.published_at?.max(event.start_set_at);
    if event.stage != Stage::Published || event.span.starts_at <= now {
        return None;
    }
    days.iter()
        .copied()
        .filter(|days| due_at(event, *days).is_some_and(|due| since < due && due <= now))
        .min()
}

/// The next instant after `now` at which [`due`] has something to say.
pub fn next_due(event: &Event, days: &[u32], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if event.stage != Stage::Published {
        return None;
    }
    days.iter().filter_map(|days| due_at(event, *days)).filter(|due| *due > now).min()
}
