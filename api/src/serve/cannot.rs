//! Why the service or a command did not start.

use std::{fmt, io, net::SocketAddr, path::PathBuf};

use mensuel_domain::lang::Lang;
use mensuel_infra::{
    keys::KeysError,
    mail::{imap::ImapError, relay::RelayUrlError},
    store::StoreError,
};

use crate::config::Mistake;

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
    /// What it is and what to do. Settings, keys and relay speak English, as their names do.
    pub fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::Fr => self.in_french(),
            Lang::En => self.in_english(),
        }
    }

    fn in_french(&self) -> String {
        match self {
            CannotStart::Setting(mistake) => mistake.to_string(),
            CannotStart::DataDir { path, source } => {
                format!("Le dossier de données {} est inutilisable\u{a0}: {source}.", path.display())
            }
            CannotStart::Locked(path) => format!(
                "Un autre «\u{a0}mensuel serve\u{a0}» travaille dans {}. Arrêtez-le d’abord, ou choisissez un autre MENSUEL_DATA_DIR.",
                path.display()
            ),
            CannotStart::Store(error) => {
                format!("La base de données est inutilisable ({error}). Vérifiez MENSUEL_DATABASE_URL.")
            }
            CannotStart::Keys(error) => format!("Les clés de signature sont inutilisables\u{a0}: {error}."),
            CannotStart::Relay(error) => format!("Le relais de courrier est inutilisable\u{a0}: {error}."),
            CannotStart::Mailbox(error) => format!("La boîte aux lettres est inutilisable\u{a0}: {error}."),
            CannotStart::SchemaBehind => {
                "Le schéma de la base est plus ancien que cette version. Lancez une fois «\u{a0}mensuel migrate\u{a0}», puis recommencez.".to_owned()
            }
            CannotStart::SchemaOfAnother => {
                "Un «\u{a0}mensuel serve\u{a0}» d’une autre version travaille sur cette base. Arrêtez-le, ou prenez sa version.".to_owned()
            }
            CannotStart::SchemaNewer => {
                "La base a été changée par une version plus récente. Prenez cette version, ou restaurez une sauvegarde.".to_owned()
            }
            CannotStart::Demo(why) => {
                format!("La saison de la démonstration n’a pas pu être faite\u{a0}: {why}.")
            }
            CannotStart::Listen { address, source } => format!(
                "Impossible d’écouter sur {address}\u{a0}: {source}. Donnez à MENSUEL_BIND une autre adresse ou un autre port."
            ),
        }
    }

    fn in_english(&self) -> String {
        match self {
            CannotStart::Setting(mistake) => mistake.to_string(),
            CannotStart::DataDir { path, source } => {
                format!("The data directory {} cannot be used: {source}.", path.display())
            }
            CannotStart::Locked(path) => format!(
                "Another `mensuel serve` works in {}. Stop it first, or choose another MENSUEL_DATA_DIR.",
                path.display()
            ),
            CannotStart::Store(error) => {
                format!("The database cannot be used ({error}). Check MENSUEL_DATABASE_URL.")
            }
            CannotStart::Keys(error) => format!("The signing keys cannot be used: {error}."),
            CannotStart::Relay(error) => format!("The mail relay cannot be used: {error}."),
            CannotStart::Mailbox(error) => format!("The mailbox cannot be used: {error}."),
            CannotStart::SchemaBehind => {
                "The database's schema is older than this version. Run `mensuel migrate` once, then start again.".to_owned()
            }
            CannotStart::SchemaOfAnother => {
                "A `mensuel serve` of another version works on this database. Stop it, or use its version.".to_owned()
            }
            CannotStart::SchemaNewer => {
                "The database was changed by a later version. Use that version, or restore a backup.".to_owned()
            }
            CannotStart::Demo(why) => format!("The demo's season could not be made: {why}."),
            CannotStart::Listen { address, source } => format!(
                "{address} cannot be listened on: {source}. Set MENSUEL_BIND to another address or port."
            ),
        }
    }
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_english())
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
