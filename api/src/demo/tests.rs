use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use mensuel_domain::event::Stage;
use mensuel_infra::{
    clock::{Clock, FakeClock},
    store::{events, rsvps},
};

use super::{Started, start};
use crate::config::Config;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn started(folder: &std::path::Path, now: &str, fresh: bool) -> (Started, super::Links) {
    let settings =
        [("MENSUEL_DATA_DIR", folder.display().to_string()), ("MENSUEL_BIND", "127.0.0.1:0".to_owned())];
    let env = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
    let config = Config::load_demo(None, env).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::at(instant(now)));
    start(config, clock, fresh, || ()).await.unwrap()
}

/// What may be seen in the demo whenever it is started.
async fn check(started: &Started) {
    let db = started.app.store.read();
    let all = events::list(db, &events::Filter::default()).await.unwrap();
    let now = started.app.now();
    let staged = |stage| all.iter().filter(move |event| event.stage == stage);
    assert_eq!(staged(Stage::Cancelled).count(), 1);
    assert!(staged(Stage::Held).count() >= 2);
    assert!(staged(Stage::Draft).count() >= 2);
    let to_come: Vec<_> = staged(Stage::Published).filter(|event| !event.is_past(now)).collect();
    assert_eq!(to_come.len(), 3);
    let full = rsvps::room(db, to_come[1]).await.unwrap();
    assert_eq!((full.free(), full.waitlisted), (0, 5));
    for event in &all {
        assert_eq!(rsvps::room(db, event).await.unwrap(), rsvps::recount(db, event).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_season_in_spring_goes_on_until_it_is_past_and_one_begins_in_summer() {
    let folder = tempfile::tempdir().unwrap();
    let token = |links: &super::Links| links.token.clone();
    let (first, links) = started(folder.path(), "2027-03-11T17:30:00Z", false).await;
    let made = token(&links);
    assert!(links.rsvp.contains("/r/"), "{}", links.rsvp);
    check(&first).await;
    first.stop().await;
    let (second, links) = started(folder.path(), "2027-03-13T09:00:00Z", false).await;
    assert_eq!(token(&links), made);
    second.stop().await;
    let (third, links) = started(folder.path(), "2028-07-20T17:30:00Z", false).await;
    assert_ne!(token(&links), made);
    check(&third).await;
    tokio::time::timeout(Duration::from_secs(60), third.stop()).await.unwrap();
}
