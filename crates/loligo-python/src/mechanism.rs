//! Mechanisms: channels, from NMODL text or from traced functions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use loligo::mechanism::mechanism::{Placement, Scope};
use loligo::mechanism::{self, curves, library, nmodl};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors::{exception, raised};
use crate::tracing::Description;

/// A mechanism of the membrane.
#[pyclass(module = "loligo._engine", frozen)]
pub struct Mechanism {
    pub mechanism: Arc<mechanism::Mechanism>,
    text: String,
    origin: Origin,
}

/// What a mechanism can be made of again.
enum Origin {
    /// NMODL text from this file, with these tables.
    File(String, Option<Tables>),
    /// The description that the tracer made.
    Description(Py<PyAny>),
    /// Diffusion along the cable of this number, of this ion if of any.
    Diffusion(String, Option<String>),
}

/// For each FUNCTION_TABLE its arguments and its values.
type Tables = BTreeMap<String, Points>;

/// The arguments and values of a FUNCTION_TABLE.
#[derive(Clone, FromPyObject, IntoPyObject)]
enum Points {
    /// (x, values)
    Line(Vec<f64>, Vec<f64>),
    /// (x, y, values), where values has a row for each x.
    Grid(Vec<f64>, Vec<f64>, Vec<Vec<f64>>),
}

impl Points {
    fn table(&self) -> Result<nmodl::Table, nmodl::TableError> {
        match self {
            Points::Line(x, values) => nmodl::Table::new(x, values),
            Points::Grid(x, y, rows) => nmodl::Table::of_two(x, y, rows),
        }
    }
}

impl Mechanism {
    /// Compiles a text, which is kept so that the mechanism can be pickled.
    fn of(
        mut source: nmodl::Source,
        text: String,
        file: String,
        tables: Option<Tables>,
    ) -> PyResult<Self> {
        for (name, points) in tables.iter().flatten() {
            let table = points.table().map_err(|error| {
                exception("ArgumentError", format!("the table `{name}`: {error}"))
            })?;
            source.set_table(name, table);
        }
        Ok(Mechanism {
            mechanism: Arc::new(source.compile().map_err(raised)?),
            text,
            origin: Origin::File(file, tables),
        })
    }
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

/// The NMODL text of a mechanism that lets a concentration diffuse.
#[pyfunction]
pub fn diffusion_source(concentration: &str, constant: f64) -> Option<String> {
    library::diffusion_source(concentration, constant)
}

/// Name, kind, description, ions, species, preparation, temperature and short references.
type Entry = (
    &'static str,
    String,
    &'static str,
    Vec<String>,
    &'static str,
    &'static str,
    &'static str,
    String,
);

/// What is known of the built-in mechanisms that match, by name.
#[pyfunction]
pub fn builtin_entries(search: &str) -> Vec<Entry> {
    let entries = library::entries().iter();
    entries
        .filter(|entry| entry.matches(search))
        .map(|entry| {
            (
                entry.name.as_str(),
                entry.kind.to_string(),
                entry.description.as_str(),
                entry.ions.clone(),
                entry.species.as_str(),
                entry.preparation.as_str(),
                entry.temperature.as_str(),
                entry.citation(),
            )
        })
        .collect()
}

/// The BibTeX entries of what built-in mechanisms come from, each once; other names are passed over.
#[pyfunction]
pub fn builtin_bibliography(names: Vec<String>) -> Vec<&'static str> {
    let works = library::bibliography(names.iter().map(String::as_str));
    works.iter().map(|work| work.bibtex.as_str()).collect()
}

/// Name, default, units and limits of a parameter, and whether it has one value for all compartments.
type Parameter<'a> = (&'a str, f64, &'a str, Option<(f64, f64)>, bool);

/// Arrays by state, and by current.
type Curves<'py> = (Bound<'py, PyDict>, Bound<'py, PyDict>);

/// How a mechanism is made again: a function and its arguments.
type Remade<'py> = (Bound<'py, PyAny>, Bound<'py, PyTuple>);

#[pymethods]
impl Mechanism {
    /// Compiles NMODL text; `file` is the name that errors print, `name` replaces that of the text.
    #[staticmethod]
    #[pyo3(signature = (text, file, name=None, tables=None))]
    fn compile(
        py: Python<'_>,
        text: String,
        file: String,
        name: Option<String>,
        tables: Option<Tables>,
    ) -> PyResult<Self> {
        let source = nmodl::Source::new(&text, &file).map_err(raised)?;
        let mechanism = Mechanism::of(source, text, file, tables)?;
        Ok(match name {
            Some(name) => mechanism.renamed(py, name),
            None => mechanism,
        })
    }

    /// The mechanism that the tracer describes; `name` replaces that of the description.
    #[staticmethod]
    #[pyo3(signature = (description, name=None))]
    fn assemble(description: Bound<'_, PyAny>, name: Option<String>) -> PyResult<Self> {
        let described: Description = description.extract()?;
        let text = described.source.clone();
        let mut mechanism = described.mechanism()?;
        if let Some(name) = name {
            mechanism.name = name;
        }
        Ok(Mechanism {
            mechanism: Arc::new(mechanism),
            text,
            origin: Origin::Description(description.unbind()),
        })
    }

    /// Reads a `.mod` file, and the files that it includes.
    ///
    /// Args:
    ///     path: The file.
    ///     tables: For each FUNCTION_TABLE its arguments, which grow, and its values: `(x, values)`, or
    ///         `(x, y, values)` where `values[i, j]` is that at `x[i]` and `y[j]`.
    ///
    /// Raises:
    ///     MissingFileError, UnreadableFileError: A file cannot be read.
    ///     MechanismError: It is not NMODL, or not ours; the message points into its text.
    #[staticmethod]
    #[pyo3(signature = (path, tables=None))]
    fn from_mod(path: PathBuf, tables: Option<Tables>) -> PyResult<Self> {
        let source = nmodl::Source::read(&path).map_err(raised)?;
        let text = source.text().to_owned();
        Mechanism::of(source, text, path.display().to_string(), tables)
    }

    /// A mechanism that lets a number diffuse along the cable, with its parameter `constant`, µm²/ms.
    ///
    /// Args:
    ///     name: The name that it is inserted by.
    ///     number: The symbol of the number, which mechanisms share.
    ///     ion: The ion whose number it is, if of any.
    #[staticmethod]
    fn diffusing(name: &str, number: String, ion: Option<String>) -> PyResult<Self> {
        for symbol in [name, &number] {
            let mut letters = symbol.chars();
            let starts = letters
                .next()
                .is_some_and(|first| first.is_ascii_alphabetic());
            if !starts || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
                return Err(exception(
                    "ArgumentError",
                    format!(
                        "what diffuses is called `{symbol}`, expected letters, digits and underscores"
                    ),
                ));
            }
        }
        let mechanism = library::cable_diffusion(name, &number, ion.as_deref());
        Ok(Mechanism {
            mechanism: Arc::new(mechanism),
            text: String::new(),
            origin: Origin::Diffusion(number, ion),
        })
    }

    /// The name that it is inserted by.
    #[getter]
    fn name(&self) -> &str {
        &self.mechanism.name
    }

    /// `density` (everywhere in a membrane), `point` (a point process) or `cell` (an artificial cell).
    #[getter]
    fn placement(&self) -> &'static str {
        match self.mechanism.placement {
            Placement::Density => "density",
            Placement::Point => "point",
            Placement::Cell => "cell",
            Placement::Synapse => "synapse",
        }
    }

    /// The NMODL text, included files and all, or the Python source, that it is made of.
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

    /// The names of what a connection brings with an event; none if it takes no events.
    #[getter]
    fn arguments(&self) -> Vec<&str> {
        let receiver = self.mechanism.receiver.iter();
        let arguments = receiver.flat_map(|receiver| &receiver.arguments);
        arguments.map(|argument| argument.name.as_str()).collect()
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

    /// What its kinetics depend on: `v`, or where nothing of them does, a concentration such as `cai`.
    ///
    /// Raises:
    ///     MechanismError: It cannot be in a membrane by itself.
    fn natural_axis(&self) -> PyResult<String> {
        curves::natural_axis(&self.mechanism).map_err(raised)
    }

    /// Steady states, time constants and currents, at its defaults where nothing else is given.
    ///
    /// Args:
    ///     values: Voltages, mV, or concentrations, mM, shape (point,).
    ///     along: The symbol of what they are of: `v`, `cai`; that of `natural_axis` if left out.
    ///     given: Other numbers, by names of parameters and by symbols (`celsius`, `ena`, `cai`, `v`).
    ///
    /// Returns:
    ///     For each state its steady state and its time constant, ms, shape (point,), NaN where there is
    ///     none; for each current where the states are steady mA/cm², or nA of a point process.
    ///
    /// Raises:
    ///     UnknownNameError: A name that the mechanism does not read; the message names the nearest.
    ///     ArgumentError: A parameter that must be given, a reversal potential that follows from
    ///         concentrations.
    #[pyo3(signature = (values, along=None, given=BTreeMap::new()))]
    fn curves<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray1<'_, f64>,
        along: Option<&str>,
        given: BTreeMap<String, f64>,
    ) -> PyResult<Curves<'py>> {
        let along = match along {
            Some(along) => along.to_owned(),
            None => self.natural_axis()?,
        };
        let given: Vec<(&str, f64)> = given.iter().map(|(name, x)| (name.as_str(), *x)).collect();
        let values = values.as_slice()?;
        let found = py.detach(|| curves::curves(&self.mechanism, &along, values, &given));
        let found = found.map_err(raised)?;
        let states = PyDict::new(py);
        for curve in found.states {
            let (steady, tau) = (curve.steady, curve.time_constant);
            states.set_item(curve.name, (steady.into_pyarray(py), tau.into_pyarray(py)))?;
        }
        let currents = PyDict::new(py);
        for curve in found.currents {
            currents.set_item(curve.name, curve.current.into_pyarray(py))?;
        }
        Ok((states, currents))
    }

    /// The same mechanism under another name.
    fn renamed(&self, py: Python<'_>, name: String) -> Self {
        let mut mechanism = (*self.mechanism).clone();
        mechanism.name = name;
        Mechanism {
            mechanism: Arc::new(mechanism),
            text: self.text.clone(),
            origin: match &self.origin {
                Origin::File(file, tables) => Origin::File(file.clone(), tables.clone()),
                Origin::Description(description) => Origin::Description(description.clone_ref(py)),
                Origin::Diffusion(number, ion) => Origin::Diffusion(number.clone(), ion.clone()),
            },
        }
    }

    fn __repr__(&self) -> String {
        format!("<mechanism {}>", self.mechanism.name)
    }

    /// Pickles as its text, as its description, or as what diffuses.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Remade<'py>> {
        let name = self.mechanism.name.as_str();
        let class = py.get_type::<Mechanism>();
        match &self.origin {
            Origin::File(file, tables) => {
                let arguments = (self.text.as_str(), file.as_str(), name, tables.clone());
                Ok((class.getattr("compile")?, arguments.into_pyobject(py)?))
            }
            Origin::Description(description) => {
                let arguments = (description.bind(py), name).into_pyobject(py)?;
                Ok((class.getattr("assemble")?, arguments))
            }
            Origin::Diffusion(number, ion) => {
                let arguments = (name, number.as_str(), ion.as_deref()).into_pyobject(py)?;
                Ok((class.getattr("diffusing")?, arguments))
            }
        }
    }
}
