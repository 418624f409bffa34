//! The NMODL front end: `.mod` files as NEURON's users write them.
//!
//! [`compile`] goes from text to a [`Mechanism`]: [`parse`] (tokens, then the syntax tree of
//! [`ast`]), semantic checks, then lowering, which runs INITIAL, the solved blocks and BREAKPOINT
//! once on expressions, with FUNCTIONs and PROCEDUREs inlined. Every error points into the text;
//! what this version cannot do is an error that names the construct and the place.
//!
//! What differs from NEURON, on purpose:
//! - TABLE: its names are checked; values are computed exactly instead of interpolated.
//! - CONDUCTANCE: its name is checked; slopes come from the expressions themselves.
//! - Units behind numbers and names do not change a value; where they do not fit together, a warning
//!   says so. Only constants of nature in UNITS have a value.
//! - THREADSAFE and INDEPENDENT {…} ask for nothing here, nor does printf.
//! - VERBATIM: C code is refused wherever a block of the mechanism reaches it, but for the idioms in
//!   the table of `nmodl/idioms.rs` (`return;`, messages, reading an ion, streams of random numbers). C
//!   code outside of blocks, and in routines that only NEURON's interpreter calls, is no part of the
//!   model: a warning says so.
//! - WHILE, and FROM with bounds that only a run knows, are unrolled up to 40 times, and as often as the
//!   defaults of PARAMETERs say up to 400 times; a number that is not settled by then is not a number, so
//!   that the run says where.
//! - BEFORE and AFTER INITIAL, BEFORE BREAKPOINT, AFTER SOLVE and BEFORE STEP are run in the phases in which
//!   NEURON's fixed step has them. Behind these blocks NEURON counts the current of an ion that the
//!   mechanism writes once more in the ion's, as it is recorded; here it is counted once, with a warning.
//! - A POINTER is a number that users set; what it points to cannot be followed or assigned yet.
//! - Random numbers are those of the run's seed, not NEURON's.
//! - EXTERNAL is a number that users set, as a POINTER is.
//! - STATEs under METHOD derivimplicit, sparse, euler or runge are stepped so under NEURON's
//!   conventions; under Loligo's own they are stepped exactly where they are linear in themselves and
//!   do not depend on each other.
//! - A block that is solved is run once. NEURON runs those that are solved implicitly several times in each
//!   step, and BREAKPOINT twice: a variable that they step by themselves (`n = n + 1`) is another there.
//! - STEADYSTATE leaves the solution; under second order NEURON adds dt/1e9 of it.
//! - LONGITUDINAL_DIFFUSION whose volume or conductivity changes during a run is an error.
//! - after_cvode and cvode_t are taken for derivimplicit.
//! - Defaults of PARAMETER are taken as written; NEURON's translator keeps six digits of them.
//! - SOLVE of a KINETIC block that is not linear is solved to rounding; NEURON stops where the states,
//!   in their own units, change by less than 1e-6, and sets negative ones to 0.
//! - Not supported, each with an error at its place: STEPPED, LAG, SOLVE inside a
//!   loop, SOLVE in a FUNCTION or PROCEDURE of a block other than LINEAR and NONLINEAR, FUNCTION_TABLE of
//!   more than two arguments; numbers of ions that BEFORE and AFTER assign (but for BEFORE BREAKPOINT), and
//!   states that they assign and a solved block steps; `poisrand`, `factorial`, `poisson`, `legendre` and
//!   what else of SCoP is no formula; METHODs other than cnexp, derivimplicit, sparse, euler, runge, newton,
//!   after_cvode and cvode_t.
//! - The limits of a STATE (FROM … TO …) and its tolerance concern NEURON's graphical interface
//!   and its variable step, and are dropped.

pub mod ast;
mod check;
mod diagnostics;
mod idioms;
mod lexer;
mod lower;
mod names;
mod parser;
mod print;
mod source;
mod table;
mod token;
mod units;

pub use diagnostics::{NmodlError, Place, Problem, Span};
pub use print::print;
pub use source::Source;
pub use table::{Table, TableError};

pub use crate::report::report;

use std::path::Path;

use crate::mechanism::Mechanism;
use diagnostics::Diagnostic;

/// Parses a mechanism. `file` is the name that errors print.
///
/// # Errors
/// The first place where the text is not NMODL, or not yet ours.
pub fn parse(text: &str, file: &str) -> Result<ast::Program, NmodlError> {
    let source = Source::new(text, file)?;
    parser::parse(source.text()).map_err(|diagnostic| located(diagnostic, &source))
}

/// Parses, checks and lowers a mechanism. `file` is the name that errors print.
///
/// ```
/// use loligo_mechanism::nmodl;
/// let leak = nmodl::compile(
///     "NEURON { SUFFIX leak NONSPECIFIC_CURRENT i RANGE g, e }
///      PARAMETER { g = .001 (S/cm2) <0,1e9>  e = -70 (mV) }
///      ASSIGNED { v (mV) i (mA/cm2) }
///      BREAKPOINT { i = g*(v - e) }",
///     "leak.mod",
/// )?;
/// assert_eq!(leak.name, "leak");
/// assert_eq!(leak.parameters[1].default, -70.0);
///
/// let error = nmodl::compile("NEURON { SUFIX leak }", "leak.mod").unwrap_err();
/// assert!(error.to_string().starts_with(
///     "leak.mod:1:10: unknown line of the NEURON block `SUFIX`; did you mean `SUFFIX`?"
/// ));
/// # Ok::<(), nmodl::NmodlError>(())
/// ```
///
/// # Errors
/// The first place where the text is not NMODL, means nothing, or is not supported yet.
pub fn compile(text: &str, file: &str) -> Result<Mechanism, NmodlError> {
    Source::new(text, file)?.compile()
}

/// Reads and compiles a `.mod` file, and the files that it includes.
///
/// # Errors
/// A file cannot be read, or [`compile`] fails.
pub fn read(path: impl AsRef<Path>) -> Result<Mechanism, NmodlError> {
    Source::read(path)?.compile()
}

impl Source {
    /// Parses, checks and lowers the mechanism.
    ///
    /// # Errors
    /// The first place where the text is not NMODL, means nothing, or is not supported.
    pub fn compile(&self) -> Result<Mechanism, NmodlError> {
        let stages = || -> Result<Mechanism, Diagnostic> {
            let program = parser::parse(self.text())?;
            let names = names::Names::of(&program, self.text())?;
            let effects = check::check(&program, &names)?;
            let mut mechanism = lower::lower(&program, &names, &effects, self)?;
            mechanism.warnings.extend(units::check(&program, self));
            Ok(mechanism)
        };
        stages().map_err(|diagnostic| located(diagnostic, self))
    }
}

fn located(diagnostic: Diagnostic, source: &Source) -> NmodlError {
    let place = source.place(diagnostic.span);
    diagnostic.at(place)
}
