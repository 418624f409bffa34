//! Functions traced in Python: expressions as lists of entries, and the mechanisms made of them.

use std::collections::HashMap;

use loligo::mechanism::graph::{Expr, Graph};
use loligo::mechanism::mechanism::{
    Common, Current, Direction, Dynamics, Flux, IonUse, Manner, Mechanism, Method, Observable,
    Parameter, Placement, Scope, Solve, State,
};
use loligo::mechanism::membrane::start_of;
use loligo::mechanism::traced::{self, Entry, System, TraceError};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;

use crate::errors::{exception, raised};

/// Operation, operands, number, name: `("constant", [], 2.0, "")`, `("symbol", [], 0.0, "v")`,
/// `("mul", [0, 1], 0.0, "")`.
type EntryRow = (String, Vec<usize>, f64, String);

/// Unknowns, what they were before, their change, what stands for the solution.
type SystemRow = (Vec<String>, Vec<usize>, Vec<usize>, Vec<String>);

/// An ion, what is read, what is written, charge.
type IonRow = (String, Vec<String>, Vec<String>, Option<i32>);

fn graph_of(
    entries: Vec<EntryRow>,
    systems: Vec<SystemRow>,
) -> Result<(Graph, Vec<Expr>), TraceError> {
    let entries: Vec<Entry> = entries
        .into_iter()
        .map(
            |(operation, operands, number, name)| match operation.as_str() {
                "constant" => Entry::Constant(number),
                "symbol" => Entry::Symbol(name),
                _ => Entry::Call(operation, operands),
            },
        )
        .collect();
    let systems: Vec<System> = systems
        .into_iter()
        .map(|(unknowns, before, change, solution)| System {
            unknowns,
            before,
            change,
            solution,
        })
        .collect();
    traced::graph(&entries, &systems)
}

/// The symbol of what a number that changes is at t = 0.
#[pyfunction]
pub fn start_symbol(symbol: &str) -> String {
    start_of(symbol)
}

/// Traced expressions, to be evaluated.
#[pyclass(module = "loligo._engine", frozen)]
pub struct Formulas {
    graph: Graph,
    expressions: Vec<Expr>,
}

#[pymethods]
impl Formulas {
    /// Expressions from a list of entries and the implicit steps among them.
    #[new]
    fn new(entries: Vec<EntryRow>, systems: Vec<SystemRow>) -> PyResult<Self> {
        let (graph, expressions) = graph_of(entries, systems).map_err(raised)?;
        Ok(Formulas { graph, expressions })
    }

    /// The values of entries, shape (entry, point), for inputs with a number at each point; an input
    /// without numbers is not a number.
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        entries: Vec<usize>,
        inputs: HashMap<String, Vec<f64>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let found = entries.iter().map(|&entry| {
            let missing = || exception("InternalError", format!("there is no entry {entry}"));
            self.expressions.get(entry).copied().ok_or_else(missing)
        });
        let outputs = found.collect::<PyResult<Vec<Expr>>>()?;
        let points = inputs.values().map(Vec::len).max().unwrap_or(1);
        let mut values = Array2::zeros((outputs.len(), points));
        for (point, mut column) in values.columns_mut().into_iter().enumerate() {
            let at = |name: &str| {
                let numbers = inputs.get(name).map(Vec::as_slice).unwrap_or_default();
                numbers.get(point).copied().unwrap_or(f64::NAN)
            };
            let here = self.graph.evaluate(&outputs, &at);
            column
                .iter_mut()
                .zip(here)
                .for_each(|(to, from)| *to = from);
        }
        Ok(values.into_pyarray(py))
    }
}

/// A mechanism as the tracer describes it; expressions are positions in `entries`.
#[derive(FromPyObject)]
pub struct Description {
    pub name: String,
    pub source: String,
    entries: Vec<EntryRow>,
    systems: Vec<SystemRow>,
    /// Name, default, units.
    parameters: Vec<(String, f64, String)>,
    /// Name, value at t = 0, whether it is a rate, rate or next value.
    states: Vec<(String, usize, bool, usize)>,
    /// Name, value at t = 0 unless it is the stored one, whether it is a rate, rate or next value.
    shared: Vec<(String, Option<usize>, bool, usize)>,
    /// Name, default.
    commons: Vec<(String, f64)>,
    ions: Vec<IonRow>,
    /// Name, ion, density.
    currents: Vec<(String, Option<String>, usize)>,
    /// That of a gap junction.
    conductance: Option<usize>,
    /// Name, rate.
    fluxes: Vec<(String, usize)>,
    /// Name, value.
    observables: Vec<(String, usize)>,
    /// Names of the states that are stepped together, and whether by an implicit step.
    solves: Vec<(Vec<String>, bool)>,
    /// The state that says when it spikes.
    spikes: Option<String>,
    /// Whether it takes for granted what Jaxley's mechanisms do.
    in_jaxleys_manner: bool,
    /// Whether it sits between two compartments.
    is_synapse: bool,
}

impl Description {
    /// The mechanism that it describes.
    pub fn mechanism(self) -> PyResult<Mechanism> {
        let (mut graph, expressions) = graph_of(self.entries, self.systems).map_err(raised)?;
        let at = |entry: usize| {
            let missing = || exception("InternalError", format!("there is no entry {entry}"));
            expressions.get(entry).copied().ok_or_else(missing)
        };
        let dynamics = |is_rate: bool, step: usize| -> PyResult<Dynamics> {
            Ok(match is_rate {
                true => Dynamics::Derivative(at(step)?),
                false => Dynamics::Update(at(step)?),
            })
        };
        let state = |name: String, initial: Expr, dynamics: Dynamics| State {
            name,
            units: String::new(),
            initial,
            dynamics,
            corrected: None,
            kept: None,
        };
        let states = self.states.into_iter().map(|(name, initial, rate, step)| {
            Ok(state(name, at(initial)?, dynamics(rate, step)?))
        });
        let states = states.collect::<PyResult<_>>()?;
        let mut shared = Vec::new();
        for (name, initial, is_rate, step) in self.shared {
            let initial = match initial {
                Some(entry) => at(entry)?,
                None => graph.symbol(&start_of(&name)),
            };
            shared.push(state(name, initial, dynamics(is_rate, step)?));
        }
        let currents = self.currents.into_iter().map(|(name, ion, density)| {
            let density = at(density)?;
            let direction = Direction::Outward;
            Ok(Current {
                name,
                ion,
                direction,
                density,
            })
        });
        let currents = currents.collect::<PyResult<_>>()?;
        let fluxes = self.fluxes.into_iter().map(|(number, rate)| {
            let rate = at(rate)?;
            Ok(Flux { number, rate })
        });
        let fluxes = fluxes.collect::<PyResult<_>>()?;
        let observables = self.observables.into_iter().map(|(name, value)| {
            Ok(Observable {
                name,
                units: String::new(),
                value: at(value)?,
                stepped: None,
            })
        });
        let observables = observables.collect::<PyResult<_>>()?;
        Ok(Mechanism {
            name: self.name,
            conductance: self.conductance.map(at).transpose()?,
            placement: match self.is_synapse {
                true => Placement::Synapse,
                false => Placement::Density,
            },
            parameters: parameters(self.parameters),
            states,
            commons: commons(self.commons),
            shared,
            solves: solves(self.solves),
            spikes: self.spikes,
            ions: ions(self.ions),
            currents,
            fluxes,
            manner: match self.in_jaxleys_manner {
                true => Manner::Jaxley,
                false => Manner::Neuron,
            },
            observables,
            graph,
            ..Mechanism::default()
        })
    }
}

fn parameters(rows: Vec<(String, f64, String)>) -> Vec<Parameter> {
    let parameter = |(name, default, units)| Parameter {
        name,
        default,
        units,
        limits: None,
        scope: Scope::Range,
    };
    rows.into_iter().map(parameter).collect()
}

fn commons(rows: Vec<(String, f64)>) -> Vec<Common> {
    let common = |(name, default)| Common { name, default };
    rows.into_iter().map(common).collect()
}

fn solves(rows: Vec<(Vec<String>, bool)>) -> Vec<Solve> {
    let solve = |(states, is_implicit)| Solve {
        states,
        method: match is_implicit {
            true => Method::Implicit,
            false => Method::Discrete,
        },
        wording: String::new(),
        conserved: Vec::new(),
    };
    rows.into_iter().map(solve).collect()
}

fn ions(rows: Vec<IonRow>) -> Vec<IonUse> {
    let ion = |(ion, reads, writes, valence)| IonUse {
        ion,
        reads,
        writes,
        valence,
    };
    rows.into_iter().map(ion).collect()
}
