//! `mensuel`: see `mensuel --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mensuel::cli::main()
}
