//! The demonstration: a service with a made-up season, to look around.
//!
//! The season is made by the same functions that organizers and members cause to run, on a clock
//! that is led through the last weeks: its mails, answers and promotions are real ones.

pub mod mailbox;
mod season;

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use mensuel_domain::{
    event::Stage,
    fact::Actor,
    id::Id,
    member::Member,
    text::{Email, Line, PersonName},
};
use mensuel_infra::{
    clock::{Clock, FakeClock},
    links::{Claim, Purpose},
    store::{Store, StoreError, events, invitations, members, tokens::Scope},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    config::Config,
    serve::{self, CannotStart, Listener, Options, Started},
    use_cases::{By, Failure, tokens},
};

/// Where to look.
#[derive(Clone, Debug)]
pub struct Links {
    pub season: String,
    /// A member's answer to the next evening.
    pub rsvp: String,
    pub feed: String,
    /// The private feed of that member.
    pub member_feed: String,
    pub mailbox: String,
    pub docs: String,
    /// An API token of scope `admin`.
    pub token: String,
    /// Something to ask the API for.
    pub api: String,
}

/// What the demo remembers of itself; written last, so that a half-made season is made again.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    token: String,
    /// Whose links are shown.
    guide: Id<Member>,
}

/// Continues the demo of the data directory; makes it when there is none, when its season is past,
/// or when asked to. `making` is called before the season is made.
pub async fn start(
    mut config: Config,
    clock: Arc<dyn Clock>,
    fresh: bool,
    making: impl FnOnce(),
) -> Result<(Started, Links), CannotStart> {
    dress(&mut config);
    let lock = serve::lock(&config)?;
    let mut kept = if fresh { None } else { read_kept(&config.data_dir) };
    if kept.is_none() {
        clear(&config.data_dir)?;
    }
    let mut store = serve::own_store(&config).await?;
    if kept.is_some() && is_past(&store, &*clock).await? {
        store.close().await?;
        clear(&config.data_dir)?;
        store = serve::own_store(&config).await?;
        kept = None;
    }
    let listener = listen(config.bind)?;
    let kept = match kept {
        Some(kept) => kept,
        None => {
            making();
            make(&config, &store, &listener, &*clock).await?
        }
    };
    let base = config.link_base(Some(listener.address))?;
    let options = Options { demo: true, ..Options::default() };
    let app = serve::new_app(&config, store, clock, base, options)?;
    let links = links(&app, &kept).await.map_err(cannot)?;
    let mails = mailbox::Folder(serve::mail_dir(&config));
    Ok((serve::begin(app, listener, lock, true, Some(mails)).await?, links))
}

/// A community of its own, reached where it listens.
fn dress(config: &mut Config) {
    config.base_url = None;
    if config.community.as_str() == "Mensuel"
        && let Ok(name) = Line::parse("Les CTO du Confluent")
    {
        config.community = name;
    }
    if let Ok(address) = Email::parse("soirees@confluent.example") {
        config.mail_from = address;
    }
}

/// The address that is configured, or a free port beside it.
fn listen(address: SocketAddr) -> Result<Listener, CannotStart> {
    match serve::listen(address) {
        Err(CannotStart::Listen { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {
            serve::listen(SocketAddr::new(address.ip(), 0))
        }
        other => other,
    }
}

/// No published evening is to come.
async fn is_past(store: &Store, clock: &dyn Clock) -> Result<bool, StoreError> {
    let filter = events::Filter {
        from: Some(clock.now()),
        stages: vec![Stage::Published],
        limit: Some(1),
        ..Default::default()
    };
    Ok(events::list(store.read(), &filter).await?.is_empty())
}

async fn make(
    config: &Config,
    store: &Store,
    listener: &Listener,
    clock: &dyn Clock,
) -> Result<Kept, CannotStart> {
    let now = clock.now();
    let led = Arc::new(FakeClock::at(now));
    let base = config.link_base(Some(listener.address))?;
    let options = Options { demo: true, ..Options::default() };
    let app = serve::new_app(config, store.clone(), led.clone(), base, options)?;
    let made = season::make(&app, &led, now).await.map_err(cannot)?;
    led.set(now);
    let by = By::actor(Actor::Operator);
    let name = PersonName::parse("démonstration").map_err(|wrong| CannotStart::Demo(wrong.to_string()))?;
    let token = tokens::create(&app, &by, name, Scope::Admin, Some(made.organizer)).await.map_err(cannot)?;
    let kept = Kept { token: token.secret.expose_secret().to_owned(), guide: made.guide };
    write_kept(&config.data_dir, &kept)?;
    Ok(kept)
}

fn cannot(failure: Failure) -> CannotStart {
    CannotStart::Demo(match failure {
        Failure::Refused(refused) => format!("{refused:?}"),
        Failure::Store(error) => error.to_string(),
        Failure::Panicked => "a fault of the program".to_owned(),
    })
}

/// The links of the guide: to the next evening that they are invited to, and their feed.
async fn links(app: &App, kept: &Kept) -> Result<Links, Failure> {
    let db = app.store.read();
    let at = |path: &str| format!("{}{path}", app.links.season());
    let (mut rsvp, mut member_feed) = (app.links.season(), app.links.feed().https());
    if let Some(guide) = members::find(db, kept.guide).await? {
        let claim = Claim { purpose: Purpose::Feed, id: guide.id.uuid(), epoch: guide.feed_epoch };
        member_feed = app.links.member_feed(&app.links.sign(claim)).https();
        let invited = invitations::of_member(db, guide.id).await?;
        let filter =
            events::Filter { from: Some(app.now()), stages: vec![Stage::Published], ..Default::default() };
        let to_come = events::list(db, &filter).await?;
        if let Some(next) = to_come.iter().find_map(|event| invited.get(&event.id)) {
            let claim = Claim { purpose: Purpose::Rsvp, id: next.id.uuid(), epoch: next.link_epoch };
            rsvp = app.links.rsvp(&app.links.sign(claim));
        }
    }
    Ok(Links {
        season: app.links.season(),
        rsvp,
        feed: app.links.feed().https(),
        member_feed,
        mailbox: at("demo/mailbox"),
        docs: at("api/docs"),
        token: kept.token.clone(),
        api: at("api/v1/events"),
    })
}

fn kept_path(data_dir: &Path) -> PathBuf {
    data_dir.join("demo.json")
}

fn read_kept(data_dir: &Path) -> Option<Kept> {
    serde_json::from_str(&fs::read_to_string(kept_path(data_dir)).ok()?).ok()
}

fn write_kept(data_dir: &Path, kept: &Kept) -> Result<(), CannotStart> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let path = kept_path(data_dir);
    let write = || {
        let text = serde_json::to_string(kept)?;
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(text.as_bytes())
    };
    write().map_err(|source| CannotStart::DataDir { path: path.clone(), source })
}

/// Removes what a demo made before, by name; keys stay, and make no old link good again.
fn clear(data_dir: &Path) -> Result<(), CannotStart> {
    let broken = |path: &Path, source| Err(CannotStart::DataDir { path: path.to_owned(), source });
    for name in ["demo.json", "mensuel.db", "mensuel.db-wal", "mensuel.db-shm"] {
        let path = data_dir.join(name);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return broken(&path, error),
        }
    }
    let mails = data_dir.join("mail");
    match fs::remove_dir_all(&mails) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => broken(&mails, error),
    }
}

#[cfg(test)]
mod tests;
