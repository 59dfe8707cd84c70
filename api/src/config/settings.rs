//! Which settings were given, by whom, and what was wrong with them.

use std::{collections::BTreeMap, fs, io, path::Path};

use config::{FileFormat, Source as _, Value, ValueKind};
use secrecy::{ExposeSecret as _, SecretString};

use super::{DEFAULT_FILE, Mistake, Setting, Wrong};

const PREFIX: &str = "MENSUEL_";

/// Every setting: its name in the file; in capitals behind `MENSUEL_` the variable.
const NAMES: [&str; 29] = [
    "data_dir",
    "keys",
    "database_url",
    "bind",
    "base_url",
    "smtp_url",
    "mail_from",
    "inbound_mail",
    "mail_delimiter",
    "authserv_id",
    "lmtp_bind",
    "imap_url",
    "mail_per_minute",
    "dkim_domain",
    "dkim_selector",
    "dkim_key",
    "trusted_proxies",
    "community",
    "time_zone",
    "language",
    "log",
    "log_format",
    "worker",
    "offers_within_days",
    "offer_hours",
    "quiet_hours",
    "cut_off_hours",
    "held_dates",
    "season_begins",
];

/// Settings that may come from a file of their own, named by `…_file`.
const SECRETS: [&str; 5] = ["keys", "database_url", "smtp_url", "imap_url", "dkim_key"];

/// The variables of this process that are meant for us. Bytes that are not UTF-8 are replaced, so
/// that they become a mistake of their setting.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        Some((name, value.to_string_lossy().into_owned()))
    })
}

/// One text that somebody wrote for a setting.
struct Given {
    written: Setting,
    /// `None` when the file that should hold it could not be read or holds nothing, which was noted then.
    text: Option<SecretString>,
    /// Whether the text names a file that holds the value.
    in_file: bool,
}

impl Given {
    fn new(written: Setting, text: String) -> Self {
        Self { written, text: Some(text.into()), in_file: false }
    }

    fn text(&self) -> Option<&str> {
        self.text.as_ref().map(|text| text.expose_secret().trim())
    }
}

/// One place that settings come from.
struct Layer {
    values: Vec<(String, Given)>,
}

pub(super) struct Settings {
    given: BTreeMap<&'static str, Given>,
    mistakes: Vec<Mistake>,
}

impl Settings {
    /// Everything that the file and then the variables say. What is `ignored` is known, but
    /// neither read nor judged.
    pub(super) fn gather(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
        ignored: &[&str],
    ) -> Self {
        let mut settings = Self { given: BTreeMap::new(), mistakes: Vec::new() };
        if let Some(layer) = settings.file_layer(file) {
            settings.lay(layer, ignored);
        }
        settings.lay(env_layer(env), ignored);
        settings.read_secrets();
        settings
    }

    /// The value of a setting; `None` when it was not given or is wrong, which is then noted.
    pub(super) fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let given = self.given.get(name)?;
        match read(given.text()?) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.mistakes.push(Mistake::new(given.written.clone(), wrong));
                None
            }
        }
    }

    pub(super) fn was_given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Notes a mistake that shows only beside other settings.
    pub(super) fn wrong(&mut self, name: &str, wrong: Wrong) {
        let unset = || Setting::Named(variable(name));
        let written = self.given.get(name).map_or_else(unset, |given| given.written.clone());
        self.mistakes.push(Mistake::new(written, wrong));
    }

    pub(super) fn mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    fn file_layer(&mut self, file: Option<&Path>) -> Option<Layer> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        let name = path.display().to_string();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && file.is_none() => return None,
            Err(error) => {
                self.mistakes.push(Mistake::new(Setting::Named(name), Wrong::Unreadable(error)));
                return None;
            }
        };
        match config::File::from_str(&text, FileFormat::Toml).collect() {
            Ok(table) => Some(self.toml_layer(&name, table)),
            Err(error) => {
                // Only the first line: the others repeat the text, and it may be a password.
                let place = error.to_string().lines().next().unwrap_or_default().to_owned();
                self.mistakes.push(Mistake::new(Setting::Named(name), Wrong::NotToml(place)));
                None
            }
        }
    }

    fn toml_layer(&mut self, file: &str, table: config::Map<String, Value>) -> Layer {
        let mut values = Vec::new();
        for (key, value) in table {
            let written = Setting::InFile { key: key.clone(), file: file.to_owned() };
            match text_of(value.kind) {
                Some(text) => values.push((key, Given::new(written, text))),
                None => self.mistakes.push(Mistake::new(written, no_such_setting(&key))),
            }
        }
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        Layer { values }
    }

    /// Puts a layer over what is there.
    fn lay(&mut self, layer: Layer, ignored: &[&str]) {
        let mut over: BTreeMap<&'static str, Given> = BTreeMap::new();
        for (key, mut given) in layer.values {
            let Some((name, in_file)) = known(&key) else {
                self.mistakes.push(Mistake::new(given.written, no_such_setting(&key)));
                continue;
            };
            if ignored.contains(&name) || given.text().is_none_or(str::is_empty) {
                continue;
            }
            if let Some(other) = over.get(name) {
                let wrong = Wrong::SetTwice(other.written.clone());
                self.mistakes.push(Mistake::new(given.written, wrong));
                continue;
            }
            given.in_file = in_file;
            over.insert(name, given);
        }
        self.given.append(&mut over);
    }

    fn read_secrets(&mut self) {
        for given in self.given.values_mut().filter(|given| given.in_file) {
            match secret(given.text().unwrap_or_default()) {
                Ok(text) => given.text = Some(text),
                Err(wrong) => {
                    given.text = None;
                    self.mistakes.push(Mistake::new(given.written.clone(), wrong));
                }
            }
        }
    }
}

fn secret(path: &str) -> Result<SecretString, Wrong> {
    match fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => Err(Wrong::SecretEmpty(path.to_owned())),
        Ok(text) => Ok(text.into()),
        Err(error) => Err(Wrong::SecretUnreadable { path: path.to_owned(), error }),
    }
}

fn env_layer(env: impl Iterator<Item = (String, String)>) -> Layer {
    let ours = env.filter_map(|(written, text)| {
        // `MENSUEL_Bind` is not `MENSUEL_BIND`: kept as it is, it is nobody's setting.
        let key = written.strip_prefix(PREFIX)?;
        let key = if key.chars().any(char::is_lowercase) { written.clone() } else { key.to_lowercase() };
        Some((key, Given::new(Setting::Named(written), text)))
    });
    let mut values: Vec<_> = ours.collect();
    values.sort_by(|(a, _), (b, _)| a.cmp(b));
    Layer { values }
}

/// The setting that a key names, and whether it names a file that holds the value.
fn known(key: &str) -> Option<(&'static str, bool)> {
    let same = |wanted: &str| NAMES.into_iter().find(|name| *name == wanted);
    let secret = |key: &str| same(key).filter(|name| SECRETS.contains(name));
    same(key).map(|name| (name, false)).or_else(|| Some((secret(key.strip_suffix("_file")?)?, true)))
}

/// A value as the text that a variable would hold; tables and nothing have none.
fn text_of(kind: ValueKind) -> Option<String> {
    match kind {
        ValueKind::String(text) => Some(text),
        ValueKind::Boolean(value) => Some(value.to_string()),
        ValueKind::I64(number) => Some(number.to_string()),
        ValueKind::I128(number) => Some(number.to_string()),
        ValueKind::U64(number) => Some(number.to_string()),
        ValueKind::U128(number) => Some(number.to_string()),
        ValueKind::Float(number) => Some(number.to_string()),
        ValueKind::Array(items) => {
            let items: Option<Vec<String>> = items.into_iter().map(|item| text_of(item.kind)).collect();
            items.map(|items| items.join(","))
        }
        ValueKind::Nil | ValueKind::Table(_) => None,
    }
}

fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_uppercase())
}

fn no_such_setting(key: &str) -> Wrong {
    let key = key.trim_start_matches(PREFIX).to_lowercase();
    match NAMES.into_iter().find(|name| name.replace('_', "") == key.replace(['_', '-'], "")) {
        Some(name) if name == key => Wrong::WrittenSo { variable: variable(name), name },
        Some(name) => Wrong::CalledSo { variable: variable(name), name },
        None => Wrong::NoSuchSetting { names: NAMES.join(", "), secrets: SECRETS.join("_file, ") + "_file" },
    }
}
