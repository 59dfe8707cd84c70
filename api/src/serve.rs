//! Opening the community's data, and starting the service on it.

mod cannot;
mod data_dir;
mod door;

pub use cannot::CannotStart;
pub(crate) use door::{Listener, listen};

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mensuel_infra::{
    clock::Clock,
    links::Links,
    mail::{
        imap::Mailbox,
        relay::{Mailer, Patience, Relay},
    },
    store::{Place, Store, StoreError},
};
use secrecy::ExposeSecret as _;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use url::Url;

use crate::{
    app::{App, Community, Inner},
    config::{Config, Mistake, Setting, Wrong},
    demo::mailbox::Folder,
    feeds::Kept,
    limits::Limits,
    mail_doors::{imap, lmtp},
    schema::{self, Schema},
    units::Units,
    worker,
};

/// How the service is started.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether it also works the queue of mails, if the configuration agrees.
    pub work: bool,
    /// With the page of all mails.
    pub demo: bool,
    pub patience: Patience,
}

impl Default for Options {
    fn default() -> Self {
        Self { work: true, demo: false, patience: Patience::default() }
    }
}

/// The running service.
pub struct Started {
    /// What is listened on, with the port that was free.
    pub address: SocketAddr,
    pub app: App,
    /// Where mail is taken in by LMTP.
    pub lmtp: Option<SocketAddr>,
    server: door::Server,
    aside: Aside,
    /// Held as long as the service runs.
    _lock: Option<File>,
}

impl Started {
    /// Ends gracefully: requests at work are answered, a mail at work is sent.
    pub async fn stop(self) {
        self.server.stop().await;
        // What was asked for and is not answered any more is still done.
        let _ = tokio::time::timeout(STOP_WITHIN, self.app.units.done()).await;
        self.aside.stop().await;
        let _ = self.app.store.clone().close().await;
    }
}

/// Opens the data, listens, and serves until [`Started::stop`].
pub async fn start(config: Config, clock: Arc<dyn Clock>, options: Options) -> Result<Started, CannotStart> {
    let lock = lock(&config)?;
    let store = own_store(&config).await?;
    let listener = listen(config.bind)?;
    let base = config.link_base(Some(listener.address))?;
    let app = new_app(&config, store, clock, base, options)?;
    let work = options.work && config.worker;
    let mail_in = MailIn::open(&config, work).await?;
    let mut started = begin(app, listener, lock, work, None).await?;
    mail_in.serve(&mut started);
    Ok(started)
}

/// The doors that mail comes in by, beside HTTP.
struct MailIn {
    lmtp: Option<TcpListener>,
    mailbox: Option<Mailbox>,
}

impl MailIn {
    async fn open(config: &Config, work: bool) -> Result<Self, CannotStart> {
        let lmtp = match config.lmtp_bind {
            Some(address) => {
                Some(lmtp::listen(address).await.map_err(|source| CannotStart::Listen { address, source })?)
            }
            None => None,
        };
        let mailbox = config.imap_url.as_ref().filter(|_| work);
        let mailbox = mailbox.map(|url| Mailbox::parse(url.expose_secret())).transpose();
        Ok(Self { lmtp, mailbox: mailbox.map_err(CannotStart::Mailbox)? })
    }

    fn serve(self, started: &mut Started) {
        let app = started.app.clone();
        if let Some(listener) = self.lmtp {
            started.lmtp = listener.local_addr().ok();
            started.aside.add(|stop| lmtp::serve(app.clone(), listener, stop));
        }
        if let Some(mailbox) = self.mailbox {
            started.aside.add(|stop| imap::keep(app, mailbox, stop));
        }
    }
}

/// The lock of the one service on SQLite; PostgreSQL serves several.
pub(crate) fn lock(config: &Config) -> Result<Option<File>, CannotStart> {
    if config.is_postgres() { Ok(None) } else { data_dir::lock_or_refuse(&config.data_dir).map(Some) }
}

/// The store under that lock, its schema at head.
pub(crate) async fn own_store(config: &Config) -> Result<Store, CannotStart> {
    let store = open_store(config).await?;
    if !config.is_postgres() && schema::of(store.read()).await? == Schema::Behind {
        schema::bring_to_head(&store).await?;
    }
    check_schema(&store, CannotStart::SchemaBehind).await?;
    Ok(store)
}

/// Serves what was opened, and shows the mails of a folder.
pub(crate) async fn begin(
    app: App,
    listener: Listener,
    lock: Option<File>,
    work: bool,
    mails: Option<Folder>,
) -> Result<Started, CannotStart> {
    app.store.refresh().await?;
    let address = listener.address;
    let server = door::serve(listener, app.clone(), mails)?;
    let aside = Aside::start(&app, work);
    Ok(Started { address, app, lmtp: None, server, aside, _lock: lock })
}

/// The tasks beside the requests.
#[derive(Debug)]
struct Aside {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Aside {
    fn start(app: &App, work: bool) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks = vec![tokio::spawn(listen_for_changes(app.clone(), stop.subscribe()))];
        if work {
            tasks.push(tokio::spawn(worker::run(app.clone(), stop.subscribe())));
        }
        Self { stop, tasks }
    }

    fn add<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        work: impl FnOnce(watch::Receiver<bool>) -> F,
    ) {
        self.tasks.push(tokio::spawn(work(self.stop.subscribe())));
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = tokio::time::timeout(STOP_WITHIN, task).await;
        }
    }
}

/// What is still at work then is given up; a mail's lease ends by itself.
const STOP_WITHIN: Duration = Duration::from_secs(4);
/// How often what other processes did is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(400);

async fn listen_for_changes(app: App, mut stop: watch::Receiver<bool>) {
    let mut away = false;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        match app.store.refresh().await {
            Ok(_) => away = false,
            Err(error) if !away => {
                tracing::warn!(%error, "the database does not answer");
                away = true;
            }
            Err(_) => {}
        }
    }
}

/// Works the queue alone until told to stop.
pub async fn work(app: App, stop: impl Future<Output = ()>) {
    let aside = Aside::start(&app, true);
    stop.await;
    aside.stop().await;
}

/// What the links of a command begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// It prints or mails links.
    Needed,
    NotNeeded,
}

/// Whether a community was begun there. A database server answers for itself.
pub fn has_data(config: &Config) -> bool {
    match Place::parse(config.database_url.expose_secret()) {
        Some(Place::Sqlite(file)) => file.exists(),
        Some(Place::Postgres(_)) | None => true,
    }
}

/// Opens the data for a command, beside a running service or without one.
pub async fn open(config: &Config, clock: Arc<dyn Clock>, base: Base) -> Result<App, CannotStart> {
    let base = match base {
        Base::Needed => config.link_base(None)?,
        Base::NotNeeded => config.link_base(None).or_else(|mistake| nowhere().ok_or(mistake))?,
    };
    let store = open_store(config).await?;
    if config.is_postgres() {
        check_schema(&store, CannotStart::SchemaBehind).await?;
    } else {
        enter_sqlite(config, &store).await?;
    }
    let options = Options { work: false, ..Options::default() };
    new_app(config, store, clock, base, options)
}

fn nowhere() -> Option<Url> {
    Url::parse("http://localhost").ok()
}

/// Without a running service the schema is brought to head under its lock; beside one it must be
/// right already.
async fn enter_sqlite(config: &Config, store: &Store) -> Result<(), CannotStart> {
    const TRIES: u32 = 20;
    for _ in 0..TRIES {
        if schema::of(store.read()).await? == Schema::AtHead {
            return Ok(());
        }
        if let Some(_lock) = data_dir::lock(&config.data_dir)? {
            if schema::of(store.read()).await? == Schema::Behind {
                schema::bring_to_head(store).await?;
            }
            return check_schema(store, CannotStart::SchemaBehind).await;
        }
        // Another command may be at it.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    check_schema(store, CannotStart::SchemaOfAnother).await
}

async fn check_schema(store: &Store, behind: CannotStart) -> Result<(), CannotStart> {
    match schema::of(store.read()).await? {
        Schema::AtHead => Ok(()),
        Schema::Behind => Err(behind),
        Schema::Newer => Err(CannotStart::SchemaNewer),
    }
}

/// Brings the schema to head; on SQLite no service may run meanwhile.
pub async fn migrate(config: &Config) -> Result<(), CannotStart> {
    let _lock = lock(config)?;
    let store = open_store(config).await?;
    if schema::of(store.read()).await? == Schema::Behind {
        schema::bring_to_head(&store).await?;
    }
    let checked = check_schema(&store, CannotStart::SchemaBehind).await;
    let _ = store.close().await;
    checked
}

/// As [`migrate`], for a database that nobody else uses.
pub async fn migrate_url(url: &str) -> Result<(), StoreError> {
    let place = Place::parse(url).ok_or_else(|| StoreError::Database("not a database address".to_owned()))?;
    let store = Store::open(&place).await?;
    schema::bring_to_head(&store).await?;
    store.close().await
}

async fn open_store(config: &Config) -> Result<Store, CannotStart> {
    data_dir::make(&config.data_dir)?;
    let place = Place::parse(config.database_url.expose_secret())
        .ok_or_else(|| Mistake::new(Setting::Named("MENSUEL_DATABASE_URL".to_owned()), Wrong::Database))?;
    if let Place::Sqlite(file) = &place
        && let Some(folder) = file.parent().filter(|folder| *folder != Path::new(""))
    {
        data_dir::make(folder)?;
    }
    Ok(Store::open(&place).await?)
}

pub(crate) fn new_app(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
    base: Url,
    options: Options,
) -> Result<App, CannotStart> {
    let (mailer, per_minute) = match &config.smtp_url {
        Some(url) => {
            let relay = Relay::parse(url.expose_secret())?;
            let per_minute = config.mail_per_minute(&relay);
            (Mailer::smtp(relay, options.patience)?, per_minute)
        }
        None => {
            let path = mail_dir(config);
            let files = Mailer::files(path.clone());
            (files.map_err(|source| CannotStart::DataDir { path, source })?, None)
        }
    };
    let keys = config.keys()?;
    Ok(App::new(Inner {
        store,
        clock,
        mailer,
        inbox: config.inbox(keys.clone()),
        links: Links::new(keys, base),
        community: Community {
            name: config.community.clone(),
            zone: config.time_zone,
            language: config.language,
            mail_from: config.mail_from.clone(),
            demo: options.demo,
            reads_mail: config.inbound_mail,
            mail_to_files: config.smtp_url.is_none(),
            trusted_proxies: config.trusted_proxies.clone(),
            waitlist: config.waitlist,
            held_dates: config.held_dates,
            season_begins: config.season_begins,
        },
        kept: Kept::default(),
        limits: Limits::default(),
        mail_waits: tokio::sync::Notify::new(),
        dkim: config.dkim.clone(),
        pace: worker::Pace::new(per_minute),
        units: Units::here(),
    }))
}

/// Where mails become files while no relay is set.
pub fn mail_dir(config: &Config) -> PathBuf {
    config.data_dir.join("mail")
}
