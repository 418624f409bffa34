//! The binary of the command `loligo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(loligo_cli::run(std::env::args_os()))
}
