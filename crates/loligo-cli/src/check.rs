//! `loligo check`: what a mechanism declares and computes.

use std::io::Write;

use loligo::mechanism::{nmodl, report};

use crate::arguments::CheckArguments;
use crate::error::CommandError;

/// Reads mechanisms and shows each; goes on after one that is wrong.
pub fn check(arguments: &CheckArguments, out: &mut dyn Write) -> Result<(), CommandError> {
    let mut wrong = 0;
    for (index, file) in arguments.files.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        match nmodl::read(file) {
            Ok(mechanism) => write!(out, "{}", report::report(&mechanism))?,
            Err(error) if arguments.files.len() == 1 => return Err(error.into()),
            Err(error) => {
                wrong += 1;
                writeln!(out, "error: {error}")?;
            }
        }
    }
    match wrong {
        0 => Ok(()),
        _ => Err(CommandError::Files {
            wrong,
            checked: arguments.files.len(),
        }),
    }
}
