//! Why the service or a command did not start.

use std::{fmt, io, net::SocketAddr, path::PathBuf};

use i18n_embed_fl::fl;
use mensuel_domain::lang::Lang;
use mensuel_infra::{
    keys::KeysError,
    mail::{imap::ImapError, relay::RelayUrlError},
    store::StoreError,
};

use crate::{
    config::Mistake,
    i18n::words,
    words::{io_error, keys_error, mailbox_error, relay_error},
};

/// What stood in the way.
#[derive(Debug)]
pub enum CannotStart {
    Setting(Mistake),
    DataDir {
        path: PathBuf,
        source: io::Error,
    },
    /// Another service works in this directory.
    Locked(PathBuf),
    Store(StoreError),
    Keys(KeysError),
    Relay(RelayUrlError),
    Mailbox(ImapError),
    /// Older than this version.
    SchemaBehind,
    /// A service of another version works on this database.
    SchemaOfAnother,
    SchemaNewer,
    /// The demo's season could not be made.
    Demo(String),
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
}

impl CannotStart {
    /// What it is and what to do.
    pub fn sentence(&self, lang: Lang) -> String {
        let w = words(lang);
        let shown = |path: &PathBuf| path.display().to_string();
        match self {
            CannotStart::Setting(mistake) => mistake.sentence(lang),
            CannotStart::DataDir { path, source } => {
                fl!(w, "start-data-dir", path = shown(path), why = io_error(lang, source))
            }
            CannotStart::Locked(path) => fl!(w, "start-locked", path = shown(path)),
            CannotStart::Store(error) => fl!(w, "start-store", why = error.to_string()),
            CannotStart::Keys(error) => fl!(w, "start-keys", why = keys_error(lang, error)),
            CannotStart::Relay(error) => fl!(w, "start-relay", why = relay_error(lang, error)),
            CannotStart::Mailbox(error) => fl!(w, "start-mailbox", why = mailbox_error(lang, error)),
            CannotStart::SchemaBehind => fl!(w, "start-schema-behind"),
            CannotStart::SchemaOfAnother => fl!(w, "start-schema-of-another"),
            CannotStart::SchemaNewer => fl!(w, "start-schema-newer"),
            CannotStart::Demo(why) => fl!(w, "start-demo", why = why.as_str()),
            CannotStart::Listen { address, source } => {
                fl!(w, "start-listen", address = address.to_string(), why = io_error(lang, source))
            }
        }
    }
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Lang::En))
    }
}

impl std::error::Error for CannotStart {}

impl From<Mistake> for CannotStart {
    fn from(mistake: Mistake) -> Self {
        CannotStart::Setting(mistake)
    }
}
impl From<StoreError> for CannotStart {
    fn from(error: StoreError) -> Self {
        CannotStart::Store(error)
    }
}
impl From<KeysError> for CannotStart {
    fn from(error: KeysError) -> Self {
        CannotStart::Keys(error)
    }
}
impl From<RelayUrlError> for CannotStart {
    fn from(error: RelayUrlError) -> Self {
        CannotStart::Relay(error)
    }
}
