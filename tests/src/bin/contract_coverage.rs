//! Fails when the contract documents a status that no test of the suite has met.

use std::path::PathBuf;
use std::process::ExitCode;

use mensuel_tests::contract::{Contract, coverage};

fn main() -> ExitCode {
    let Some(directory) = std::env::var_os(coverage::DIRECTORY).map(PathBuf::from) else {
        eprintln!("{} does not say where the notes of the suite are", coverage::DIRECTORY);
        return ExitCode::from(2);
    };
    match coverage::missing(Contract::load(), &directory) {
        Ok(missing) if missing.is_empty() => {
            println!("every documented status was met");
            ExitCode::SUCCESS
        }
        Ok(missing) => {
            eprintln!("documented in openapi.yaml and met by no test ({}):", missing.len());
            missing.iter().for_each(|line| eprintln!("  {line}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("the notes in {} cannot be read: {error}", directory.display());
            ExitCode::from(2)
        }
    }
}
