//! Mails as `.eml` files, for a service that has no relay yet.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use mensuel_domain::text::Email;

use super::relay::{Accepted, Hindrance, SendError, Step};

/// A directory of numbered mails. A mail is there whole or not at all.
#[derive(Clone, Debug)]
pub struct Files {
    directory: PathBuf,
    last: Arc<Mutex<u32>>,
}

impl Files {
    pub(super) fn open(directory: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        let mut last = 0;
        for entry in fs::read_dir(&directory)? {
            last = last.max(number(&entry?.file_name().to_string_lossy()).unwrap_or(0));
        }
        Ok(Self { directory, last: Arc::new(Mutex::new(last)) })
    }

    pub(super) async fn send(&self, to: &Email, bytes: &[u8]) -> Result<Accepted, SendError> {
        let (files, label, bytes) = (self.clone(), label(to), bytes.to_vec());
        let written = tokio::task::spawn_blocking(move || files.write(&label, &bytes)).await;
        let failed = |error: io::Error| {
            let why = Hindrance::Said(error.to_string());
            SendError::Connection { step: Step::Content, why }
        };
        let path = written.map_err(io::Error::other).flatten().map_err(failed)?;
        Ok(Accepted::File { path })
    }

    fn write(&self, label: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let temporary = self.directory.join(format!(".{}-{}.part", std::process::id(), *last));
        // The links in a mail are somebody's: nobody else on the machine reads them.
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        loop {
            *last += 1;
            let path = self.directory.join(format!("{:04}-{label}.eml", *last));
            if place(&temporary, &path)? {
                File::open(&self.directory)?.sync_all()?;
                return Ok(path);
            }
        }
    }
}

/// Gives a written file its name, unless that name is taken: another process may number the same directory.
fn place(temporary: &Path, path: &Path) -> io::Result<bool> {
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary).map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // A file system without links.
        Err(_) if path.exists() => Ok(false),
        Err(_) => fs::rename(temporary, path).map(|()| true),
    }
}

fn number(name: &str) -> Option<u32> {
    name.strip_suffix(".eml")?.split('-').next()?.parse().ok()
}

/// The local part of an address as letters, digits and hyphens.
fn label(to: &Email) -> String {
    let local = to.as_str().split('@').next().unwrap_or_default();
    local.chars().take(40).map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}
