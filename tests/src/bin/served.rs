//! The program itself, for tests that kill it: as `api/src/main.rs`, but always built with them.

use std::process::ExitCode;

fn main() -> ExitCode {
    mensuel::cli::main()
}
