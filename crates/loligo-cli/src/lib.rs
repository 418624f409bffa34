//! The command `loligo`: arguments in, tables and pictures out.
//!
//! This crate knows how to ask and how to show. It must not know any physics: what it prints comes
//! from the crate [`loligo`]. The binary and the Python package both call [`run`].

mod arguments;
mod check;
mod demo;
mod doctor;
mod error;
mod inspect;
mod mechanisms;
mod picture;
mod table;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;

use arguments::{Arguments, Command};
pub use error::CommandError;

/// Runs the command line, the program's name first, and gives the exit status: 0, 1 if the command
/// failed, 2 if the arguments make no sense.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // nobody is left to tell if this fails
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let mut out = io::stdout().lock();
    let result = execute(&arguments.command, &mut out).and_then(|()| Ok(out.flush()?));
    match result {
        Ok(()) => 0,
        // the reader of a pipe has seen enough
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("{hint}");
            }
            1
        }
    }
}

fn execute(command: &Command, out: &mut dyn Write) -> Result<(), CommandError> {
    match command {
        Command::Inspect(arguments) => inspect::inspect(arguments, out),
        Command::Check(arguments) => check::check(arguments, out),
        Command::Mechanisms(arguments) => mechanisms::mechanisms(arguments, out),
        Command::Doctor => doctor::doctor(out),
        Command::Demo(arguments) => demo::demo(arguments, out),
    }
}
