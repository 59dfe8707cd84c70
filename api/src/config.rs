//! Configuration: `mensuel.toml` (or the file that `--config` names), and `MENSUEL_…` variables
//! over it. Everything is read and judged at once, so that all mistakes are listed together.

mod mistake;
mod settings;
mod values;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use chrono_tz::Tz;
use ipnet::IpNet;
use mensuel_domain::{
    lang::Lang,
    text::{Email, Line},
    waitlist::Policy,
};
use mensuel_infra::{
    keys::{Keys, KeysError},
    mail::{
        dkim::Dkim,
        inbound::{Addresses, Inbox, Limits},
        relay::Relay,
        verp::Verp,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

pub use mistake::{Mistake, Setting, Unit, Wrong, list};
use settings::Settings;
pub use settings::environment;

use crate::sight::HeldDates;

/// Where the configuration is looked for when nobody names a file.
pub const DEFAULT_FILE: &str = "mensuel.toml";

/// What the service was told. Secrets are not shown by a debug print.
#[derive(Clone, Debug)]
pub struct Config {
    /// The SQLite file, its keys, and mails as `.eml` when no relay is set.
    pub data_dir: PathBuf,
    /// The keys that were given; see [`Config::keys`].
    pub given_keys: Option<Keys>,
    /// `sqlite:…?mode=rwc` or `postgres://…`.
    pub database_url: SecretString,
    /// Port 0 takes a free one.
    pub bind: SocketAddr,
    /// See [`Config::link_base`].
    pub base_url: Option<Url>,
    /// `smtp://`, `smtp+starttls://` or `smtps://`; without it mails become files.
    pub smtp_url: Option<SecretString>,
    pub mail_from: Email,
    /// Whether mail that comes in reaches this program, by whatever door: return paths then carry
    /// tokens, and leaving the list works by mail too.
    pub inbound_mail: bool,
    /// What the mail server parts the extension of a local part with.
    pub mail_delimiter: char,
    /// The name under which our own mail server writes what it found out about senders (RFC 8601).
    pub authserv_id: Option<String>,
    /// Where mail is taken in by LMTP (RFC 2033); loopback only.
    pub lmtp_bind: Option<SocketAddr>,
    /// The mailbox that is looked into: `imaps://user:password@host/FOLDER`.
    pub imap_url: Option<SecretString>,
    /// Mails a minute to one destination; see [`Config::mail_per_minute`].
    pub given_mail_per_minute: Option<PerMinute>,
    /// Signs our mails, if it is set.
    pub dkim: Option<Dkim>,
    /// Networks whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// The community's name until the console saves another; so are zone and language.
    pub community: Line,
    pub time_zone: Tz,
    pub language: Lang,
    /// What is logged, as `tracing` filters are written: `info`, `warn,mensuel=debug`.
    pub log: String,
    pub log_format: LogFormat,
    /// Whether `serve` also works the queue of mails.
    pub worker: bool,
    /// How waitlists are served.
    pub waitlist: Policy,
    pub held_dates: HeldDates,
    /// The month in which a season begins, from 1.
    pub season_begins: u32,
}

/// How many mails a minute go to one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerMinute {
    AtMost(u32),
    Unlimited,
}

/// Unless set: more than a community has members at any one host, and few enough for any host.
const USUAL_PER_MINUTE: u32 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Settings that the demo has of its own, whatever is configured.
const NOT_FOR_THE_DEMO: [&str; 10] = [
    "database_url",
    "smtp_url",
    "keys",
    "mail_from",
    "inbound_mail",
    "lmtp_bind",
    "imap_url",
    "dkim_domain",
    "dkim_selector",
    "dkim_key",
];

const SEPTEMBER: u32 = 9;

impl Config {
    /// Reads the file, if there is one, and the variables over it. A named file must exist.
    /// Variables that do not begin with `MENSUEL_` are none of ours; an empty one is not set.
    pub fn load(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut settings = Settings::gather(file, env, &[]);
        let data_dir = data_dir(&mut settings);
        finish(Self::read(&mut settings, data_dir), settings)
    }

    /// The configuration of the demo: it keeps all in `demo` under the data directory, ignores
    /// database, relay and keys, and listens on loopback only.
    pub fn load_demo(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut settings = Settings::gather(file, env, &NOT_FOR_THE_DEMO);
        let data_dir = data_dir(&mut settings).join("demo");
        let config = Self::read(&mut settings, data_dir);
        if !config.bind.ip().is_loopback() {
            settings.wrong("bind", Wrong::DemoAbroad);
        }
        finish(config, settings)
    }

    fn read(settings: &mut Settings, data_dir: PathBuf) -> Self {
        let database_url = settings.take("database_url", values::database_url);
        let smtp_url = settings.take("smtp_url", values::smtp_url);
        let lmtp_bind = settings.take("lmtp_bind", values::loopback);
        let imap_url = settings.take("imap_url", values::imap_url);
        let config = Self {
            given_keys: settings.take("keys", |text| Keys::parse(&text.into()).map_err(Wrong::Keys)),
            database_url: database_url.unwrap_or_else(|| sqlite_in(&data_dir)),
            bind: settings
                .take("bind", values::bind)
                .unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            base_url: settings.take("base_url", values::base_url),
            mail_from: settings.take("mail_from", values::email).unwrap_or_else(nobody),
            inbound_mail: settings
                .take("inbound_mail", values::switch)
                .unwrap_or(lmtp_bind.is_some() || imap_url.is_some()),
            mail_delimiter: settings.take("mail_delimiter", values::delimiter).unwrap_or('+'),
            authserv_id: settings.take("authserv_id", values::word),
            lmtp_bind,
            imap_url,
            given_mail_per_minute: settings.take("mail_per_minute", values::per_minute),
            dkim: dkim(settings),
            trusted_proxies: settings.take("trusted_proxies", values::networks).unwrap_or_default(),
            community: settings.take("community", values::line).unwrap_or_else(unnamed),
            time_zone: settings.take("time_zone", values::zone).unwrap_or(Tz::Europe__Paris),
            language: settings.take("language", values::language).unwrap_or(Lang::Fr),
            log: settings.take("log", values::log_filter).unwrap_or_else(|| "info".to_owned()),
            log_format: settings.take("log_format", values::log_format).unwrap_or(LogFormat::Text),
            worker: settings.take("worker", values::switch).unwrap_or(true),
            waitlist: waitlist(settings),
            held_dates: settings.take("held_dates", values::held_dates).unwrap_or_default(),
            season_begins: settings.take("season_begins", values::month).unwrap_or(SEPTEMBER),
            data_dir,
            smtp_url,
        };
        config.check_together(settings);
        config
    }

    /// What is wrong only beside something else.
    fn check_together(&self, settings: &mut Settings) {
        if self.inbound_mail && !Addresses::has_room(&self.mail_from) {
            settings.wrong("mail_from", Wrong::NoRoomForToken);
        }
        if self.is_postgres() && !settings.was_given("keys") {
            settings.wrong("keys", Wrong::KeysForPostgres);
        }
        if settings.was_given("smtp_url") && !settings.was_given("mail_from") {
            settings.wrong("mail_from", Wrong::SenderForRelay);
        }
    }

    /// Where mail comes in, and how it is read.
    pub fn inbox(&self, keys: Keys) -> Inbox {
        Inbox {
            addresses: Addresses::new(&self.mail_from, self.mail_delimiter, Verp::new(keys)),
            authserv_id: self.authserv_id.clone(),
            limits: Limits::default(),
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.database_url.expose_secret().starts_with("postgres")
    }

    /// How many mails a minute may go to one destination through this relay. Unless it is set, a
    /// relay on this machine is not paced: it has a queue of its own.
    pub fn mail_per_minute(&self, relay: &Relay) -> Option<u32> {
        match self.given_mail_per_minute {
            Some(PerMinute::AtMost(number)) => Some(number),
            Some(PerMinute::Unlimited) => None,
            None => (!relay.is_on_this_machine()).then_some(USUAL_PER_MINUTE),
        }
    }

    /// The keys that were given, else those of the file `keys` in the data directory, which is
    /// made when there is none.
    pub fn keys(&self) -> Result<Keys, KeysError> {
        match &self.given_keys {
            Some(keys) => Ok(keys.clone()),
            None => Keys::load_or_make(&self.data_dir.join("keys")),
        }
    }

    /// What links begin with: the base address, else `http://` and the address listened on. A
    /// command that does not listen knows the latter from `bind` only, unless the port is 0.
    pub fn link_base(&self, listening: Option<SocketAddr>) -> Result<Url, Mistake> {
        let needed = || Mistake::new(Setting::Named("MENSUEL_BASE_URL".to_owned()), Wrong::BaseNeeded);
        match (&self.base_url, listening.unwrap_or(self.bind)) {
            (Some(base), _) => Ok(base.clone()),
            (None, address) if address.port() == 0 => Err(needed()),
            (None, address) => format!("http://{}", reachable(address)).parse().map_err(|_| needed()),
        }
    }
}

/// The three settings of a signature go together.
fn dkim(settings: &mut Settings) -> Option<Dkim> {
    const NAMES: [&str; 3] = ["dkim_domain", "dkim_selector", "dkim_key"];
    let given = NAMES.iter().filter(|name| settings.was_given(name)).count();
    for name in NAMES {
        if given > 0 && !settings.was_given(name) {
            settings.wrong(name, Wrong::DkimTogether);
        }
    }
    let domain = settings.take("dkim_domain", |text| Dkim::domain_of(text).map_err(Wrong::Dkim));
    let selector = settings.take("dkim_selector", |text| Dkim::selector_of(text).map_err(Wrong::Dkim));
    // A key is judged also when something else is wrong.
    let (domain, selector) = (domain.unwrap_or_default(), selector.unwrap_or_default());
    settings.take("dkim_key", |text| Dkim::new(domain, selector, text).map_err(Wrong::Dkim))
}

/// "All addresses" is none that a browser can open.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, address.port()).into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

fn finish(config: Config, settings: Settings) -> Result<Config, Vec<Mistake>> {
    let mistakes = settings.mistakes();
    if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
}

fn data_dir(settings: &mut Settings) -> PathBuf {
    settings.take("data_dir", |text| Ok(PathBuf::from(text))).unwrap_or_else(|| PathBuf::from("./data"))
}

fn waitlist(settings: &mut Settings) -> Policy {
    let usual = Policy::default();
    Policy {
        offers_within_days: settings
            .take("offers_within_days", values::days)
            .unwrap_or(usual.offers_within_days),
        offer_lasts: settings.take("offer_hours", values::offer_hours).unwrap_or(usual.offer_lasts),
        quiet: settings.take("quiet_hours", values::quiet_hours).unwrap_or(usual.quiet),
        cut_off: settings.take("cut_off_hours", values::cut_off_hours).unwrap_or(usual.cut_off),
    }
}

fn sqlite_in(data_dir: &Path) -> SecretString {
    let path = data_dir.join("mensuel.db").to_string_lossy().into_owned();
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite:{path}?mode=rwc").into()
}

fn nobody() -> Email {
    Email::parse("mensuel@localhost").expect("the default address is an address")
}

/// What a community is called that was given no name.
pub(crate) fn unnamed() -> Line {
    Line::parse("Mensuel").expect("the default name is a line")
}

#[cfg(test)]
mod tests;
