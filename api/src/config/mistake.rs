//! What is wrong with a configuration, and the sentence that says so in the reader's language.

use std::io;

use i18n_embed_fl::fl;
use mensuel_domain::{lang::Lang, text::TextError};
use mensuel_infra::{
    keys::KeysError,
    mail::{dkim::DkimError, relay::RelayUrlError},
};

use crate::{
    i18n::words,
    words::{dkim_error, io_error, keys_error, relay_error, text_flaw},
};

/// One mistake in the configuration.
#[derive(Debug)]
pub struct Mistake {
    pub setting: Setting,
    pub wrong: Wrong,
}

/// A setting as its author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `MENSUEL_BIND`, or the file as a whole.
    Named(String),
    /// A line of the file.
    InFile { key: String, file: String },
}

impl Setting {
    pub fn said(&self, lang: Lang) -> String {
        match self {
            Setting::Named(name) => name.clone(),
            Setting::InFile { key, file } => {
                fl!(words(lang), "config-in-file", key = key.as_str(), file = file.as_str())
            }
        }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Days,
    Hours,
}

/// Values that may be a secret are not in here.
#[derive(Debug)]
pub enum Wrong {
    Database,
    DatabaseFile,
    Relay,
    RelayPassword,
    RelayAddress(RelayUrlError),
    Mailbox,
    MailboxPassword,
    LmtpAbroad,
    Delimiter,
    Word(String),
    PerMinute(String),
    Dkim(DkimError),
    DkimTogether,
    Bind(String),
    BaseUrl,
    /// With a path, behind which no page is served.
    BasePath(String),
    Email(String, TextError),
    Text(TextError),
    Network(String),
    Zone(String),
    Language(String),
    LogFilter(String),
    LogFormat(String),
    Switch(String),
    /// No whole number in this range.
    Whole {
        text: String,
        of: Unit,
        least: u32,
        most: u32,
    },
    QuietHours(String),
    HeldDates(String),
    Month(String),
    Keys(KeysError),
    /// The configuration file itself.
    Unreadable(io::Error),
    /// Where in the file.
    NotToml(String),
    /// A file that holds a secret.
    SecretUnreadable {
        path: String,
        error: io::Error,
    },
    /// A file that should hold a secret, and holds nothing.
    SecretEmpty(String),
    SetTwice(Setting),
    /// Known, but not in these letters.
    WrittenSo {
        variable: String,
        name: &'static str,
    },
    /// Unknown, and close to a known one.
    CalledSo {
        variable: String,
        name: &'static str,
    },
    NoSuchSetting {
        names: String,
        secrets: String,
    },
    DemoAbroad,
    KeysForPostgres,
    SenderForRelay,
    /// The sender's address is too long for one with a token.
    NoRoomForToken,
    /// Port 0 says nothing of where links lead.
    BaseNeeded,
}

impl Wrong {
    /// As part of a sentence, without its full stop.
    pub fn said(&self, lang: Lang) -> String {
        let w = words(lang);
        match self {
            Wrong::Database => fl!(w, "config-database"),
            Wrong::DatabaseFile => fl!(w, "config-database-file"),
            Wrong::Relay => fl!(w, "config-relay"),
            Wrong::RelayPassword => fl!(w, "config-relay-password"),
            Wrong::RelayAddress(error) => relay_error(lang, error),
            Wrong::Mailbox => fl!(w, "config-mailbox"),
            Wrong::MailboxPassword => fl!(w, "config-mailbox-password"),
            Wrong::LmtpAbroad => fl!(w, "config-lmtp-abroad"),
            Wrong::Delimiter => fl!(w, "config-delimiter"),
            Wrong::Word(text) => fl!(w, "config-word", text = text.as_str()),
            Wrong::PerMinute(text) => fl!(w, "config-per-minute", text = text.as_str()),
            Wrong::Dkim(error) => dkim_error(lang, error),
            Wrong::DkimTogether => fl!(w, "config-dkim-together"),
            Wrong::Bind(text) => fl!(w, "config-bind", text = text.as_str()),
            Wrong::BaseUrl => fl!(w, "config-base-url"),
            Wrong::BasePath(path) => fl!(w, "config-base-path", path = path.as_str()),
            Wrong::Email(text, error) => {
                fl!(w, "config-email", text = text.as_str(), why = text_flaw(error, lang))
            }
            Wrong::Text(error) => fl!(w, "config-text", why = text_flaw(error, lang)),
            Wrong::Network(text) => fl!(w, "config-network", text = text.as_str()),
            Wrong::Zone(text) => fl!(w, "config-zone", text = text.as_str()),
            Wrong::Language(text) => fl!(w, "config-language", text = text.as_str()),
            Wrong::LogFilter(text) => fl!(w, "config-log", text = text.as_str()),
            Wrong::LogFormat(text) => fl!(w, "config-log-format", text = text.as_str()),
            Wrong::Switch(text) => fl!(w, "config-switch", text = text.as_str()),
            &Wrong::Whole { ref text, of: Unit::Days, least, most } => {
                fl!(w, "config-days", text = text.as_str(), least = least, most = most)
            }
            &Wrong::Whole { ref text, of: Unit::Hours, least, most } => {
                fl!(w, "config-hours", text = text.as_str(), least = least, most = most)
            }
            Wrong::QuietHours(text) => fl!(w, "config-quiet-hours", text = text.as_str()),
            Wrong::HeldDates(text) => fl!(w, "config-held-dates", text = text.as_str()),
            Wrong::Month(text) => fl!(w, "config-month", text = text.as_str()),
            Wrong::Keys(error) => keys_error(lang, error),
            Wrong::Unreadable(error) => fl!(w, "config-unreadable", why = io_error(lang, error)),
            Wrong::NotToml(place) => fl!(w, "config-not-toml", place = place.as_str()),
            Wrong::SecretUnreadable { path, error } => {
                fl!(w, "config-secret-unreadable", path = path.as_str(), why = io_error(lang, error))
            }
            Wrong::SecretEmpty(path) => fl!(w, "config-secret-empty", path = path.as_str()),
            Wrong::SetTwice(other) => fl!(w, "config-twice", other = other.said(lang)),
            &Wrong::WrittenSo { ref variable, name } => {
                fl!(w, "config-written-so", variable = variable.as_str(), name = name)
            }
            &Wrong::CalledSo { ref variable, name } => {
                fl!(w, "config-called-so", variable = variable.as_str(), name = name)
            }
            Wrong::NoSuchSetting { names, secrets } => {
                fl!(w, "config-no-such", names = names.as_str(), secrets = secrets.as_str())
            }
            Wrong::DemoAbroad => fl!(w, "config-demo-abroad"),
            Wrong::KeysForPostgres => fl!(w, "config-keys-for-postgres"),
            Wrong::SenderForRelay => fl!(w, "config-sender-for-relay"),
            Wrong::NoRoomForToken => fl!(w, "config-no-room-for-token"),
            Wrong::BaseNeeded => fl!(w, "config-base-needed"),
        }
    }
}

impl Mistake {
    pub(crate) fn new(setting: Setting, wrong: Wrong) -> Self {
        Self { setting, wrong }
    }

    /// "MENSUEL_BIND: `x` is not an IP address and a port."
    pub fn sentence(&self, lang: Lang) -> String {
        let (setting, wrong) = (self.setting.said(lang), self.wrong.said(lang));
        fl!(words(lang), "config-mistake", setting = setting, wrong = wrong)
    }
}

/// All mistakes as lines for a terminal.
pub fn list(mistakes: &[Mistake], lang: Lang) -> String {
    let head = fl!(words(lang), "config-mistakes", n = mistakes.len());
    mistakes.iter().fold(head, |text, mistake| format!("{text}\n- {}", mistake.sentence(lang)))
}
