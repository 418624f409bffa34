//! `loligo doctor`: what runs use on this machine.

use std::io::Write;

use loligo::engine::thread_count;
use loligo::engine::vector::VectorUnit;
use loligo::{Error, memory};

use crate::error::CommandError;

/// Shows the version, the system, the vector unit, the threads and the budget for gradients.
pub fn doctor(out: &mut dyn Write) -> Result<(), CommandError> {
    let unit = VectorUnit::detect().map_err(|error| Error::Run(error.into()))?;
    let present: Vec<&str> = VectorUnit::present().map(VectorUnit::name).collect();
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let mebibytes = memory::default_budget() >> 20;
    writeln!(out, "version        {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "system         {system}, {machine}")?;
    writeln!(
        out,
        "vector unit    {} (here: {}; LOLIGO_SIMD chooses)",
        unit.name(),
        present.join(", ")
    )?;
    writeln!(
        out,
        "threads        {} (LOLIGO_NUM_THREADS chooses)",
        thread_count().map_err(Error::Run)?
    )?;
    writeln!(out, "memory budget  {mebibytes} MiB for a gradient")?;
    Ok(())
}
