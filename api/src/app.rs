//! What every door needs, and the task in which a change of the community runs.

use std::{future::Future, ops::Deref, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use mensuel_domain::{
    lang::Lang,
    text::{Email, Line},
    waitlist::Policy,
};
use mensuel_infra::{
    clock::Clock,
    links::Links,
    mail::{dkim::Dkim, inbound::Inbox, relay::Mailer},
    store::Store,
};
use tokio::sync::Notify;

use crate::{
    feeds::Kept,
    limits::Limits,
    sight::HeldDates,
    units::{self, Units},
    use_cases::Failure,
    worker::Pace,
};

/// The running service. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub mailer: Mailer,
    pub links: Links,
    /// Where mail comes in, and how it is read.
    pub inbox: Inbox,
    pub community: Community,
    /// Bytes of feeds, kept until the community changes.
    pub kept: Kept,
    pub limits: Limits,
    /// Rung when mail was enqueued: the worker looks at once.
    pub mail_waits: Notify,
    pub units: Units,
    /// Signs every mail.
    pub dkim: Option<Dkim>,
    /// How fast mail goes to one destination.
    pub pace: Pace,
}

/// What the community is called and how it counts time.
#[derive(Clone, Debug)]
pub struct Community {
    pub name: Line,
    pub zone: Tz,
    pub language: Lang,
    /// The From of every mail, and the ORGANIZER of every entry.
    pub mail_from: Email,
    /// Served with a mailbox that shows all mail.
    pub demo: bool,
    /// Mail that comes in reaches this program, so return paths may carry tokens.
    pub reads_mail: bool,
    /// No relay is configured: mails become files.
    pub mail_to_files: bool,
    /// Networks whose forwarding headers count.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// How waitlists are served.
    pub waitlist: Policy,
    pub held_dates: HeldDates,
    /// The month in which a season begins, from 1.
    pub season_begins: u32,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The day in the community's zone.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&self.community.zone).date_naive()
    }

    /// Runs a use case in a task of its own: neither a reader who hangs up nor a worker of the HTTP
    /// server that ends stops it half-way, or leaves a connection with an open transaction behind.
    /// Begun again when the database undid it, so `work` commits once, at its end.
    pub async fn unit<T, F>(&self, work: impl Fn(App) -> F + Send + Sync + 'static) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let app = self.clone();
        let task = self.units.begin(async move { units::whole(|| work(app.clone())).await });
        let done = task.await.map_err(|_| Failure::Panicked)?;
        if done.is_ok() {
            self.mail_waits.notify_one();
        }
        done
    }
}
