//! What the clock brings: reminders, the growth of series, the ends of pauses, and seats for those
//! who wait: mornings, and offers that end.

use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    event::{Event, Stage},
    fact::{Actor, Fact},
    id::Id,
    reminder,
    time::start_of_day,
};
use mensuel_infra::store::{events, inbound, reminders, series};
use tokio::{sync::watch, time::sleep};

use super::told_to_stop;
use crate::{
    app::App,
    use_cases::{self, Failure, tally::Tally},
};

/// After a change of the community, before the calendar is looked at again.
const SETTLES: Duration = Duration::from_secs(5);
/// Days for which people's words in mail that came in are kept.
const WORDS_KEPT: i64 = 90;
/// After a failure.
const PAUSE: Duration = Duration::from_secs(30);

/// Does what the clock brings, when it brings it, until told to stop.
pub(super) async fn keep(app: App, mut stop: watch::Receiver<bool>) {
    match use_cases::events::derive_instants(&app).await {
        Ok(0) => {}
        Ok(moved) => tracing::info!(moved, "the rules of a zone changed: instants were derived again"),
        Err(failure) => tracing::error!(?failure, "instants could not be derived again"),
    }
    let mut changes = app.store.changes();
    loop {
        let changed = app.clock.changed();
        let next = match tend_and_look(&app).await {
            Ok(next) => next,
            Err(failure) => {
                tracing::error!(?failure, "reminders, growth, pauses or waitlists could not be seen to");
                tokio::select! {
                    () = told_to_stop(&mut stop) => return,
                    () = sleep(PAUSE) => continue,
                }
            }
        };
        tokio::select! {
            () = told_to_stop(&mut stop) => return,
            () = app.clock.sleep_until(next) => {}
            () = changed => {}
            _ = changes.changed() => {
                tokio::select! {
                    () = told_to_stop(&mut stop) => return,
                    () = app.clock.sleep_until(next) => {}
                    () = sleep(SETTLES) => {}
                }
            }
        }
    }
}

async fn tend_and_look(app: &App) -> Result<DateTime<Utc>, Failure> {
    tend(app).await?;
    next_due(app).await
}

/// When the clock brings something next.
pub(super) async fn next_due(app: &App) -> Result<DateTime<Utc>, Failure> {
    let midnight = next_midnight(app).await?;
    let others = [
        next_reminder(app).await?,
        use_cases::members::next_end_of_pause(app).await?,
        use_cases::waves::next_date(app).await?,
        use_cases::seats::next_service(app).await?,
    ];
    Ok(others.into_iter().flatten().fold(midnight, DateTime::min))
}

/// Answers none: nobody waits for it.
async fn forget_words(app: &App) -> Result<u64, Failure> {
    inbound::forget_words(&app.store, app.now() - chrono::Duration::days(WORDS_KEPT)).await?;
    Ok(0)
}

/// Everything that is due now; answers how much there was.
pub(super) async fn tend(app: &App) -> Result<u64, Failure> {
    let mut done = Tally::default();
    done.add("the planning of reminders", plan_reminders(app).await);
    done.add("the end of pauses", use_cases::members::end_pauses(app).await);
    done.add("the growth of series", use_cases::series::grow_all(app).await);
    done.add("forgetting guests of the past", use_cases::programme::forget_guests(app).await);
    done.add("the sending of waves", use_cases::waves::send_due(app).await);
    done.add("the serving of waitlists", use_cases::seats::serve_due(app).await);
    done.add("forgetting what people wrote", forget_words(app).await);
    if done.done() > 0 {
        app.mail_waits.notify_one();
    }
    done.finish()
}

/// Plans the reminders that are due, each once for its evening, days and start; answers how many.
pub async fn plan_reminders(app: &App) -> Result<u64, Failure> {
    let now = app.now();
    let most = reminder::CHOICES.into_iter().max().unwrap_or(0);
    // A day more than the earliest reminder, for hours that the clocks add.
    let soon = now.checked_add_days(Days::new(u64::from(most) + 1));
    let mut planned = Tally::default();
    for event in published(app, soon).await? {
        let due = reminder::due(&event, now);
        if due.is_empty() {
            continue;
        }
        let known = reminders::planned(app.store.read(), event.id, event.span.starts_at).await?;
        for days in due.iter().filter(|days| !known.contains(days)) {
            let done = plan(app, event.id, days).await;
            planned.add("the reminder of an evening", done.map(u64::from));
        }
    }
    planned.finish()
}

/// Whether anybody is reminded by it.
async fn plan(app: &App, event: Id<Event>, days: u32) -> Result<bool, Failure> {
    let tx = app.store.write(app.now()).await?;
    let Some(event) = events::lock(&tx, event).await? else {
        tx.undo().await?;
        return Ok(false);
    };
    let (due, starts_at) = (reminder::due(&event, tx.now()), event.span.starts_at);
    if !due.contains(days) || !reminders::plan(&tx, event.id, days, starts_at).await? {
        tx.undo().await?;
        return Ok(false);
    }
    let nearer = due.nearer_than(days);
    if !reminders::concerns_anybody(&tx, event.id, days, nearer).await? {
        reminders::pass(tx).await?;
        return Ok(false);
    }
    let fact = Fact::ReminderDue { event: event.id, days, starts_at, nearer };
    tx.commit(Actor::Mensuel, vec![fact]).await?;
    Ok(true)
}

/// When the next reminder comes due.
pub async fn next_reminder(app: &App) -> Result<Option<DateTime<Utc>>, Failure> {
    let now = app.now();
    let coming = published(app, None).await?;
    Ok(coming.iter().filter_map(|event| reminder::next_due(event, now)).min())
}

async fn published(app: &App, to: Option<DateTime<Utc>>) -> Result<Vec<Event>, Failure> {
    let filter =
        events::Filter { from: Some(app.now()), to, stages: vec![Stage::Published], ..Default::default() };
    Ok(events::list(app.store.read(), &filter).await?)
}

/// The next midnight in the zone of any series, or of the community: then a series may grow.
async fn next_midnight(app: &App) -> Result<DateTime<Utc>, Failure> {
    let series = series::all(app.store.read()).await?;
    let zones = series.values().map(|series| series.rule.zone).chain([app.community.zone]);
    let now = app.now();
    Ok(zones.map(|zone| midnight_after(now, zone)).min().unwrap_or(now + chrono::Duration::days(1)))
}

fn midnight_after(now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let tomorrow = now.with_timezone(&zone).date_naive().succ_opt();
    tomorrow.map_or(now + chrono::Duration::days(1), |day| start_of_day(day, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_day_begins_in_its_own_zone() {
        let at = |now: &str, zone| midnight_after(now.parse().unwrap(), zone).to_rfc3339();
        assert_eq!(at("2026-12-31T22:30:00Z", Tz::Europe__Paris), "2026-12-31T23:00:00+00:00");
        assert_eq!(at("2026-12-31T23:00:00Z", Tz::Europe__Paris), "2027-01-01T23:00:00+00:00");
        // Cairo goes forward at midnight: that day begins at one.
        assert_eq!(at("2026-04-23T12:00:00Z", Tz::Africa__Cairo), "2026-04-23T22:00:00+00:00");
    }
}
