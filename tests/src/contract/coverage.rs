//! Which documented statuses were met by the suite.
//!
//! Each test process appends what it met to a file of its own under `MENSUEL_CONTRACT_DIR`; after
//! the suite `contract_coverage` reads them all.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{Contract, Operation};

/// Where the notes go; without it none are taken.
pub const DIRECTORY: &str = "MENSUEL_CONTRACT_DIR";

/// Statuses that one piece of code gives for every operation: met once is enough.
const SHARED: [u16; 5] = [400, 401, 413, 415, 429];

/// Notes that this operation answered with this status.
pub(super) fn note(operation: &Operation, status: u16) {
    static MET: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let line = format!("{} {} {status}", operation.method, operation.template);
    let mut met = MET.lock().unwrap_or_else(PoisonError::into_inner);
    if met.get_or_insert_default().insert(line.clone()) {
        append(Path::new(&directory), &line);
    }
}

fn append(directory: &Path, line: &str) {
    fs::create_dir_all(directory).expect("the directory of the notes can be made");
    let path = directory.join(format!("{}.txt", std::process::id()));
    let file = OpenOptions::new().create(true).append(true).open(path);
    let mut file = file.expect("the notes can be written");
    writeln!(file, "{line}").expect("the notes can be written");
}

/// Every documented status that nothing under the directory met, as `METHOD template status`.
///
/// # Errors
/// The directory or a file in it cannot be read.
pub fn missing(contract: &Contract, directory: &Path) -> std::io::Result<Vec<String>> {
    let mut met = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        met.extend(fs::read_to_string(entry?.path())?.lines().map(str::to_owned));
    }
    Ok(unmet(contract, &met))
}

pub(super) fn unmet(contract: &Contract, met: &BTreeSet<String>) -> Vec<String> {
    let mut missing = Vec::new();
    for status in SHARED {
        if !met.iter().any(|line| line.ends_with(&format!(" {status}"))) {
            missing.push(format!("(any) {status}"));
        }
    }
    for operation in contract.operations() {
        let own = operation.statuses.iter().filter(|status| !SHARED.contains(status));
        let lines = own.map(|status| format!("{} {} {status}", operation.method, operation.template));
        missing.extend(lines.filter(|line| !met.contains(line)));
    }
    missing
}
