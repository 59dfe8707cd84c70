//! The data directory, and the lock of the one service that works in it.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use super::CannotStart;

const LOCK: &str = "serve.lock";

/// Makes the directory, for its owner alone: it holds addresses and keys.
pub(super) fn make(path: &Path) -> Result<(), CannotStart> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| broken(path, source))
}

/// The lock, unless somebody else holds it. It is let go when the file is dropped or the process ends.
pub(super) fn lock(path: &Path) -> Result<Option<File>, CannotStart> {
    make(path)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join(LOCK));
    let file = file.map_err(|source| broken(path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(broken(path, source)),
    }
}

pub(super) fn lock_or_refuse(path: &Path) -> Result<File, CannotStart> {
    lock(path)?.ok_or_else(|| CannotStart::Locked(path.to_owned()))
}

fn broken(path: &Path, source: io::Error) -> CannotStart {
    CannotStart::DataDir { path: path.to_owned(), source }
}
