//! What the service gave out during the tests, kept for programs that read it after the run.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Names the folder; without it nothing is kept.
pub const FOLDER: &str = "MENSUEL_ARTIFACTS_DIR";

/// The folder that this run keeps things in.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Keeps a calendar that was fetched, for example a feed; the same bytes are kept once per test.
///
/// # Panics
/// When the folder cannot be written.
pub fn keep_calendar(bytes: &[u8]) {
    keep(bytes, "ics");
}

/// As [`keep_calendar`], something else that has this file name extension.
///
/// # Panics
/// When the folder cannot be written.
pub fn keep(bytes: &[u8], extension: &str) {
    if let Some(folder) = folder() {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        write(&folder, &format!("{}-{:016x}.{extension}", label(), hasher.finish()), bytes);
    }
}

pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::create_dir_all(folder).expect("the artifacts folder can be made");
    std::fs::write(folder.join(name), bytes).expect("an artifact can be written");
}

/// The test that runs on this thread, and its process: together they name it once in a run.
pub(crate) fn label() -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("test");
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '.' };
    format!("{}-{}", name.chars().map(plain).collect::<String>(), std::process::id())
}
