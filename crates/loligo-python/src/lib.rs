//! `loligo._engine`: the engine as Python sees it.
//!
//! Knows how to turn Python objects into the facade's types and back, and nothing of neurons: no physics, no
//! defaults, no file formats. What users import is the Python package in `python/loligo`, which is built on this.

mod command;
mod datasets;
mod errors;
mod execution;
mod inputs;
mod machine;
mod mechanism;
mod model;
mod program;
mod recorded;
mod selection;
mod tangent_trace;
mod trace;
mod tracing;
mod waveform;
mod xla;

use pyo3::prelude::*;

/// The compiled half of the package `loligo`; import `loligo` instead.
// No GIL is needed: what threads share is behind locks or atomic, classes are immutable but for `Model` and `Inputs`, and
// of those PyO3 lends each to one writer or to readers, and raises where both ask at once.
#[pymodule(gil_used = false)]
mod _engine {
    use super::*;

    #[pymodule_export]
    use command::run_command_line;
    #[pymodule_export]
    use datasets::ca1_text;
    #[pymodule_export]
    use inputs::Inputs;
    #[pymodule_export]
    use machine::{default_budget, thread_count, vector_unit};
    #[pymodule_export]
    use mechanism::{
        Mechanism, builtin_bibliography, builtin_entries, builtin_names, builtin_source,
        diffusion_source,
    };
    #[pymodule_export]
    use model::Model;
    #[pymodule_export]
    use program::Program;
    #[pymodule_export]
    use selection::{Selection, SynapseSelection};
    #[pymodule_export]
    use tangent_trace::TangentTrace;
    #[pymodule_export]
    use trace::Trace;
    #[pymodule_export]
    use tracing::{Formulas, start_symbol};
    #[pymodule_export]
    use waveform::Waveform;
    #[pymodule_export]
    use xla::StagedRun;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
