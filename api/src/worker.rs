//! What happens without anybody asking: mail leaves, reminders are planned, series grow, pauses end,
//! waitlists are served.
//!
//! Several workers may share a database, in one process or in many: what each does is claimed or
//! done once by the database.

mod attempt;
mod calendar;
mod desk;
mod ladder;
mod pace;
mod refusal;
#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::{DateTime, Utc};
use mensuel_infra::store::outbox;
use tokio::sync::watch;

use crate::{app::App, use_cases::Failure};

pub use calendar::{next_reminder, plan_reminders};
pub use pace::Pace;

/// How often [`until_idle`] looks whether another process is done.
const LOOKS_ASIDE: Duration = Duration::from_millis(20);

/// Works until `stop` says so: then nothing new is begun, and mails at work are waited for. What
/// other processes do is heard through the store's changes, which somebody must look for.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    tokio::join!(desk::keep(app.clone(), stop.clone()), calendar::keep(app, stop));
}

/// Works all mail that is due now; answers for how many it is known what became of them.
pub async fn settle_due(app: &App) -> Result<usize, Failure> {
    Ok(desk::Desk::new(app).work_off().await?)
}

/// Does everything that is due at this instant of the clock, and waits for what others have begun.
/// For tests: with a clock that stands still, nothing is due any more when this returns.
pub async fn until_idle(app: &App) -> Result<(), Failure> {
    calendar::tend(app).await?;
    loop {
        let finished = app.mail_waits.notified();
        tokio::pin!(finished);
        finished.as_mut().enable();
        let settled = settle_due(app).await?;
        let now = app.now();
        if outbox::is_anything_leased(app.store.read(), now).await? {
            tokio::select! {
                () = finished => {}
                () = app.clock.changed() => {}
                () = app.clock.sleep_until(now + outbox::LEASE) => {}
                // Another process does not ring here.
                () = tokio::time::sleep(LOOKS_ASIDE) => {}
            }
        } else if settled == 0 && !is_anything_due(app).await? {
            return Ok(());
        }
    }
}

/// When something comes due next, of mail or of the calendar. For tests: whoever moves a clock that
/// stands still goes from one such instant to the next, and everything happens at its time.
pub async fn next_due(app: &App) -> Result<DateTime<Utc>, Failure> {
    let mail = outbox::next_due(app.store.read()).await?;
    Ok(calendar::next_due(app).await?.min(mail.unwrap_or(DateTime::<Utc>::MAX_UTC)))
}

async fn is_anything_due(app: &App) -> Result<bool, Failure> {
    let next = outbox::next_due(app.store.read()).await?;
    Ok(next.is_some_and(|next| next <= app.now()))
}

/// Whether a running service was told to end; also when whoever would tell is gone.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
