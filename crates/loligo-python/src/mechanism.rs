//! Mechanisms: channels, from NMODL text.

use std::path::PathBuf;
use std::sync::Arc;

use loligo::mechanism::mechanism::Scope;
use loligo::mechanism::{self, library, nmodl};
use pyo3::prelude::*;

use crate::errors::raised;

/// A density mechanism of the membrane.
#[pyclass(module = "loligo._engine", frozen)]
pub struct Mechanism {
    pub mechanism: Arc<mechanism::Mechanism>,
    text: String,
    file: String,
}

/// The names of the built-in mechanisms.
#[pyfunction]
pub fn builtin_names() -> Vec<&'static str> {
    library::names().collect()
}

/// The NMODL text of a built-in mechanism.
#[pyfunction]
pub fn builtin_source(name: &str) -> Option<&'static str> {
    library::source(name)
}

/// Name, default, units and limits of a parameter, and whether it has one value for all compartments.
type Parameter<'a> = (&'a str, f64, &'a str, Option<(f64, f64)>, bool);

/// What a mechanism is compiled from again: its text, its file, its name.
type Arguments = (String, String, Option<String>);

#[pymethods]
impl Mechanism {
    /// Compiles NMODL text; `file` is the name that errors print, `name` replaces that of the text.
    #[staticmethod]
    #[pyo3(signature = (text, file, name=None))]
    fn compile(text: String, file: String, name: Option<String>) -> PyResult<Self> {
        let mut mechanism = nmodl::compile(&text, &file).map_err(raised)?;
        if let Some(name) = name {
            mechanism.name = name;
        }
        Ok(Mechanism {
            mechanism: Arc::new(mechanism),
            text,
            file,
        })
    }

    /// Reads a `.mod` file.
    ///
    /// Raises:
    ///     MissingFileError, UnreadableFileError: The file cannot be read.
    ///     MechanismError: It is not NMODL, or not yet ours; the message points into its text.
    #[staticmethod]
    fn from_mod(path: PathBuf) -> PyResult<Self> {
        let file = path.display().to_string();
        let bytes = std::fs::read(&path).map_err(|source| {
            let file = file.clone();
            raised(nmodl::NmodlError::Unreadable { file, source })
        })?;
        Mechanism::compile(String::from_utf8_lossy(&bytes).into_owned(), file, None)
    }

    /// The name that it is inserted by.
    #[getter]
    fn name(&self) -> &str {
        &self.mechanism.name
    }

    /// The NMODL text that it is made of.
    #[getter]
    fn source(&self) -> &str {
        &self.text
    }

    /// Name, default, units, limits and scope of each parameter.
    #[getter]
    fn parameters(&self) -> Vec<Parameter<'_>> {
        let parameters = self.mechanism.parameters.iter();
        parameters
            .map(|p| {
                let global = p.scope == Scope::Global;
                (
                    p.name.as_str(),
                    p.default,
                    p.units.as_str(),
                    p.limits,
                    global,
                )
            })
            .collect()
    }

    /// The names of the states.
    #[getter]
    fn states(&self) -> Vec<&str> {
        let states = self.mechanism.states.iter();
        states.map(|state| state.name.as_str()).collect()
    }

    /// The names of the currents.
    #[getter]
    fn currents(&self) -> Vec<&str> {
        let currents = self.mechanism.currents.iter();
        currents.map(|current| current.name.as_str()).collect()
    }

    /// The names of what can be recorded besides.
    #[getter]
    fn observables(&self) -> Vec<&str> {
        let observables = self.mechanism.observables.iter();
        observables
            .map(|observable| observable.name.as_str())
            .collect()
    }

    /// What a user should know but need not mend.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.mechanism.warnings.clone()
    }

    /// Parameters, states, currents and their slopes as formulas.
    fn report(&self) -> String {
        nmodl::report(&self.mechanism)
    }

    /// The same mechanism under another name.
    fn renamed(&self, name: String) -> Self {
        let mut mechanism = (*self.mechanism).clone();
        mechanism.name = name;
        Mechanism {
            mechanism: Arc::new(mechanism),
            text: self.text.clone(),
            file: self.file.clone(),
        }
    }

    fn __repr__(&self) -> String {
        format!("<mechanism {}>", self.mechanism.name)
    }

    /// Pickles as its text.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Arguments)> {
        let name = Some(self.mechanism.name.clone());
        let maker = py.get_type::<Mechanism>().getattr("compile")?;
        Ok((maker, (self.text.clone(), self.file.clone(), name)))
    }
}
