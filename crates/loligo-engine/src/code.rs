//! The tapes of one group: compartments with the same set of mechanisms.
//!
//! Everything that a step does at a compartment is one function of the voltage, the states and
//! numbers that do not change during a run. It is split once into a prologue (what needs computing
//! only once per run) and a step, and each of these has tapes for its value, its tangent and its
//! adjoint, made when they are first asked for.
//!
//! Symbols beside those of the membrane: `capacitance` (C/Δt, µS), `axial` (the sum of the
//! conductances to the neighbours, µS). The step's results are the right-hand side `rhs` (nA) and
//! the diagonal `diagonal` (µS) of the cable equation, and the same of the equation of each
//! concentration that diffuses (µm³/ms·mM, µm³/ms; but for what flows to neighbours): one along the
//! cable has its equation with the currents, others theirs with the update of the states.
//!
//! A synapse is a group of its own, of which each is an element: it also reads the voltage on its
//! other side, and its results are what it adds to the equation of the compartment that it is onto.
//! Where synapses are folded onto their sources there are two groups instead: sources, which have
//! states only, and whose `v` is that of the compartment that they are in; and what synapses weigh
//! their sources with, which is made by a prologue and has no step.

mod receiving;

pub use receiving::{Handler, Handling, Sent, sent};

use std::collections::{BTreeSet, HashMap};

use loligo_mechanism::graph::{Expr, Graph};
use loligo_mechanism::mechanism::{Course, PRESYNAPTIC};
use loligo_mechanism::membrane::{Membrane, MembraneState, Owner, Phases};
use loligo_mechanism::passes::{
    differentiate, hoist, reassociate, share_functions, share_reciprocals, simplify,
};
use loligo_mechanism::tape::{Output, OutputKind, Tape, compile};

/// nA per (mA/cm² · µm²).
pub const CURRENT: f64 = 1e-2;

/// Name of the time, ms: the same everywhere, and another in every step.
pub const TIME: &str = "t";
/// Name of the volume of the compartment, µm³.
pub const VOLUME: &str = "volume of the compartment";
/// Name of the time step that linear systems at the end of a step are solved for, ms.
pub const SOLVE_STEP: &str = "dt of the solve";
/// Name of the right-hand side of the cable equation.
pub const RHS: &str = "rhs";
/// Name of its diagonal.
pub const DIAGONAL: &str = "diagonal";
/// Name of the voltage after the solve, which adjoints and tangents read.
pub const SOLVED: &str = "solved";

/// Name of the right-hand side of a diffusing concentration's equation.
pub fn rhs_of(state: &str) -> String {
    format!("{RHS} of {state}")
}

/// Name of its diagonal.
pub fn diagonal_of(state: &str) -> String {
    format!("{DIAGONAL} of {state}")
}

/// Name of a concentration after it diffused.
pub fn solved_of(state: &str) -> String {
    format!("{SOLVED} of {state}")
}

/// Name of a concentration's diffusion constant, times the cross section unless it diffuses along the
/// cable: a result of the prologue.
pub fn conductivity_of(state: &str) -> String {
    format!("conductivity of {state}")
}

/// Name of the tangent of something.
pub fn tangent_of(name: &str) -> String {
    format!("tangent:{name}")
}

/// What a name is the tangent of, if it is one.
pub fn tangent_name(name: &str) -> Option<&str> {
    name.strip_prefix("tangent:")
}

/// Name of the cotangent of something.
pub fn cotangent_of(name: &str) -> String {
    format!("cotangent:{name}")
}

/// Name of a recorded value.
pub fn recorded(index: usize) -> String {
    format!("recorded{index}")
}

/// Name of what a synapse weighs its source with.
fn weight(index: usize) -> String {
    format!("weight{index}")
}

/// One phase's function: its results by name.
#[derive(Clone, Debug)]
struct Function {
    results: Vec<(String, Expr)>,
}

/// The mathematics of a group, from which tapes are made.
#[derive(Clone, Debug)]
pub struct GroupCode {
    graph: Graph,
    /// Names of the states, in order.
    pub states: Vec<String>,
    /// Symbols of the voltages that a step reads: that of the compartment, and that on the other side
    /// of a synapse.
    pub voltages: &'static [&'static str],
    /// Those among the states that diffuse, and which way.
    pub diffusing: Vec<(String, Course)>,
    /// Numbers of ions among them that are what the update makes of them.
    pub leading: Vec<String>,
    /// What the steps read beside voltage and states, in a fixed order: numbers of the model and
    /// results of the prologue.
    pub invariants: Vec<String>,
    /// What the prologue reads: numbers of the model.
    pub sources: Vec<String>,
    /// How many values are recorded.
    pub recorded: usize,
    prologue: Vec<(String, Expr)>,
    initial: Vec<Expr>,
    functions: Vec<(Phases, Function)>,
    /// How its mechanisms take events.
    pub handlers: Vec<Handler>,
}

impl GroupCode {
    /// The code of a membrane for a step in these phases; `recorded` are functions of its voltage and
    /// states.
    pub fn new(mut membrane: Membrane, phases: &[Phases], recorded_values: &[Expr]) -> Self {
        let function = |&phases| {
            let function = step_function(&mut membrane, phases, recorded_values);
            (phases, function)
        };
        let functions = phases.iter().map(function).collect();
        GroupCode::of_functions(membrane, functions, &["v"], recorded_values.len())
    }

    /// The code of synapses, whose currents are in nA.
    pub fn of_synapses(
        mut membrane: Membrane,
        phases: &[Phases],
        recorded_values: &[Expr],
    ) -> Self {
        let function = |&phases| {
            let function = synapse_function(&mut membrane, phases, recorded_values);
            (phases, function)
        };
        let functions = phases.iter().map(function).collect();
        let voltages = &["v", PRESYNAPTIC];
        GroupCode::of_functions(membrane, functions, voltages, recorded_values.len())
    }

    /// The code of sources of synapses, of which a step leaves states and nothing else.
    pub fn of_sources(mut membrane: Membrane, phases: &[Phases], _: &[Expr]) -> Self {
        let names: Vec<String> = membrane.states.iter().map(|s| s.name.clone()).collect();
        let function = |&phases| {
            let states = membrane.step(phases, &[]).states;
            let results = names.iter().cloned().zip(states).collect();
            (phases, Function { results })
        };
        let functions = phases.iter().map(function).collect();
        GroupCode::of_functions(membrane, functions, &["v"], 0)
    }

    /// The code of what synapses weigh their sources with: formulas of numbers.
    pub fn of_weights(membrane: Membrane, phases: &[Phases], weights: &[Expr]) -> Self {
        let nothing = |&phases| (phases, Function { results: vec![] });
        let functions = phases.iter().map(nothing).collect();
        let graph = &membrane.graph;
        let symbols = graph.symbols_of(weights).into_iter();
        let sources = symbols.map(|symbol| graph.name(symbol).to_owned());
        let sources = sources.collect::<BTreeSet<String>>().into_iter().collect();
        let names = (0..weights.len()).map(weight);
        GroupCode {
            states: Vec::new(),
            voltages: &[],
            diffusing: Vec::new(),
            leading: Vec::new(),
            invariants: names.clone().collect(),
            sources,
            recorded: 0,
            prologue: names.zip(weights.iter().copied()).collect(),
            initial: Vec::new(),
            functions,
            handlers: Vec::new(),
            graph: membrane.graph,
        }
    }

    fn of_functions(
        mut membrane: Membrane,
        functions: Vec<(Phases, Function)>,
        voltages: &'static [&'static str],
        recorded: usize,
    ) -> Self {
        let receivers = std::mem::take(&mut membrane.receivers);
        let handlers = receivers.iter();
        let handlers = handlers.map(|receiver| Handler::new(&mut membrane, receiver));
        let mut handlers: Vec<Handler> = handlers.collect();
        let states: Vec<String> = membrane.states.iter().map(|s| s.name.clone()).collect();
        let leading = membrane.states.iter();
        let leading = leading.filter(|s| s.owner == Owner::Ion && s.kept.is_none());
        let leading = leading.map(|s| s.name.clone()).collect();
        let initial: Vec<Expr> = membrane.states.iter().map(|s| s.initial).collect();
        let diffusing = membrane.states.iter();
        let diffusing = diffusing.filter_map(|s| {
            let diffusion = s.diffusion?;
            let what = (s.name.clone(), diffusion.course);
            Some((what, diffusion.conductivity))
        });
        let (diffusing, conductivities): (Vec<(String, Course)>, Vec<Expr>) = diffusing.unzip();
        let draws: Vec<String> = membrane.draws.iter().map(|d| d.symbol.clone()).collect();
        let mut graph = membrane.graph;
        let initial = simplify::simplify(&mut graph, &initial);
        let conductivities = simplify::simplify(&mut graph, &conductivities);

        let results = functions.iter().flat_map(|(_, function)| &function.results);
        let mut outputs: Vec<Expr> = results.map(|(_, e)| *e).collect();
        let handled = handlers.iter_mut().flat_map(Handler::results);
        let handled: Vec<Expr> = handled.map(|(_, value)| *value).collect();
        outputs.extend(simplify::simplify(&mut graph, &handled));
        let varies = |name: &str| {
            let mut own = states.iter().chain(&draws);
            let mut handlers = handlers.iter();
            voltages.contains(&name)
                || name == TIME
                || own.any(|own| own == name)
                || handlers.any(|handler| handler.varies(name))
        };
        let outputs = reassociate::reassociate(&mut graph, &outputs, &varies);
        let hoisted = hoist::hoist(&mut graph, &outputs, "prologue", &varies);
        let mut values = hoisted.outputs.iter();
        let functions = functions.into_iter().map(|(phases, function)| {
            let results = function.results.into_iter().zip(&mut values);
            let results = results.map(|((name, _), value)| (name, *value)).collect();
            (phases, Function { results })
        });
        let functions: Vec<(Phases, Function)> = functions.collect();
        let invariants = |name: &String| !varies(name);
        let names = |roots: &[Expr]| -> BTreeSet<String> {
            graph
                .symbols_of(roots)
                .into_iter()
                .map(|s| graph.name(s).to_owned())
                .collect()
        };
        let invariants: Vec<String> = names(&hoisted.outputs)
            .into_iter()
            .filter(invariants)
            .collect();
        for (result, value) in handlers
            .iter_mut()
            .flat_map(Handler::results)
            .zip(&mut values)
        {
            result.1 = *value;
        }
        let mut prologue = hoisted.prologue;
        let names_of_conductivities = diffusing.iter().map(|(state, _)| conductivity_of(state));
        prologue.extend(names_of_conductivities.zip(conductivities));
        let mut roots: Vec<Expr> = prologue.iter().map(|(_, e)| *e).collect();
        roots.extend(&initial);
        let mut sources = names(&roots);
        sources.extend(invariants.iter().cloned());
        let made: Vec<&String> = prologue.iter().map(|(name, _)| name).collect();
        let sources: Vec<String> = sources
            .into_iter()
            .filter(|name| !made.contains(&name) && !voltages.contains(&name.as_str()))
            .collect();
        GroupCode {
            states,
            voltages,
            diffusing,
            leading,
            invariants,
            sources,
            recorded,
            prologue,
            initial,
            functions,
            handlers,
            graph,
        }
    }

    fn function(&self, phases: Phases) -> &Function {
        let mut functions = self.functions.iter();
        match functions.find(|(of, _)| *of == phases) {
            Some((_, function)) => function,
            None => unreachable!("{phases:?} is none of the phases of the program's steps"),
        }
    }

    /// The names that the prologue computes.
    pub fn prologue_results(&self) -> impl Iterator<Item = &str> {
        self.prologue.iter().map(|(name, _)| name.as_str())
    }

    /// The sources that a name of the step depends on: itself if it is a source.
    pub fn sources_of(&self, invariant: &str) -> Vec<String> {
        match self.prologue.iter().find(|(name, _)| name == invariant) {
            Some((_, expr)) => {
                let symbols = self.graph.symbols_of(&[*expr]);
                symbols
                    .into_iter()
                    .map(|s| self.graph.name(s).to_owned())
                    .collect()
            }
            None => vec![invariant.to_owned()],
        }
    }

    /// Sources → results of the prologue.
    pub fn prologue_tape(&self) -> Tape {
        let outputs = self
            .prologue
            .iter()
            .map(|(name, value)| store(name, *value));
        compile(&self.graph, &outputs.collect::<Vec<_>>())
    }

    /// Voltage and sources → states at t = 0.
    pub fn initial_tape(&self) -> Tape {
        let outputs = self
            .states
            .iter()
            .zip(&self.initial)
            .map(|(name, value)| store(name, *value));
        compile(&self.graph, &outputs.collect::<Vec<_>>())
    }

    /// Voltage, states and invariants → new states, right-hand side, diagonal, recorded values.
    pub fn step_tape(&self, phases: Phases) -> Tape {
        let outputs: Vec<Output> = self
            .function(phases)
            .results
            .iter()
            .map(|(name, value)| self.result(name, name, *value))
            .collect();
        compile(&self.graph, &outputs)
    }

    /// The transpose of a step: cotangents of new states, of the right-hand side and of recorded
    /// values (the cotangent of the diagonal is minus that of the right-hand side times
    /// [`SOLVED`]) → cotangents of the voltage, of the old states, and, accumulated, of each of
    /// `wanted` invariants.
    pub fn adjoint_tape(&mut self, phases: Phases, wanted: &[String]) -> Tape {
        let cotangents = self.cotangents(phases, wanted);
        let cotangents = reassociate::reassociate(&mut self.graph, &cotangents, &|_| true);
        let cotangents = share_reciprocals::share_reciprocals(&mut self.graph, &cotangents);
        let cotangents = share_functions::share_functions(&mut self.graph, &cotangents);
        let outputs = self.cotangent_outputs(&cotangents, wanted);
        compile(&self.graph, &outputs)
    }

    /// Cotangents of the voltages, of the old states and of each of `wanted`.
    ///
    /// Neither they nor their tangents are simplified: that joins nested divisions, and a second
    /// derivative divides by a fourth power, which for a rate such as 1/(1 + exp((V + 84)/3.2))
    /// leaves the range of single precision at −15 mV. It would also be longer.
    fn cotangents(&mut self, phases: Phases, wanted: &[String]) -> Vec<Expr> {
        let results = self.function(phases).results.clone();
        let graph = &mut self.graph;
        let seeds: Vec<(Expr, Expr)> = results
            .iter()
            .map(|(name, value)| (*value, cotangent_symbol(graph, name)))
            .collect();
        let voltages = self.voltages.iter();
        let mut inputs: Vec<Expr> = voltages.map(|name| graph.symbol(name)).collect();
        inputs.extend(
            self.states
                .iter()
                .map(|name| graph.symbol(name))
                .collect::<Vec<_>>(),
        );
        inputs.extend(
            wanted
                .iter()
                .map(|name| graph.symbol(name))
                .collect::<Vec<_>>(),
        );
        differentiate::adjoints(graph, &seeds, &inputs)
    }

    fn cotangent_outputs(&self, cotangents: &[Expr], wanted: &[String]) -> Vec<Output> {
        let (voltages, rest) = cotangents.split_at(self.voltages.len());
        let named = self.voltages.iter().zip(voltages);
        let mut outputs: Vec<Output> = named
            .map(|(name, value)| store(&cotangent_of(name), *value))
            .collect();
        for (name, value) in self.states.iter().zip(rest) {
            let name = cotangent_of(name);
            outputs.push(Output {
                kind: OutputKind::StoreOver(name.clone()),
                name,
                value: *value,
            });
        }
        for (name, value) in wanted.iter().zip(&rest[self.states.len()..]) {
            let name = cotangent_of(name);
            outputs.push(Output {
                name,
                value: *value,
                kind: OutputKind::Accumulate,
            });
        }
        outputs
    }

    /// A step and its tangent together.
    pub fn tangent_tape(&mut self, phases: Phases) -> Tape {
        let results = self.function(phases).results.clone();
        let values: Vec<Expr> = results.iter().map(|(_, value)| *value).collect();
        let seeds = self.tangent_seeds(&[]);
        let tangents = differentiate::tangents(&mut self.graph, &values, &seeds);
        let tangents = simplify::simplify(&mut self.graph, &tangents);
        let mut outputs = Vec::new();
        for ((name, value), tangent) in results.iter().zip(tangents) {
            outputs.push(self.result(name, name, *value));
            outputs.push(self.result(name, &tangent_of(name), tangent));
        }
        compile(&self.graph, &outputs)
    }

    /// The transpose of a step and the tangent of that transpose together, for Hessian products.
    pub fn adjoint_tangent_tape(&mut self, phases: Phases, wanted: &[String]) -> Tape {
        let values = self.cotangents(phases, wanted);
        let adjoint = self.cotangent_outputs(&values, wanted);
        let mut also: Vec<String> = self.states.iter().map(|name| cotangent_of(name)).collect();
        also.extend([cotangent_of(RHS), SOLVED.to_owned()]);
        let diffusing = self.diffusing.iter();
        also.extend(
            diffusing.flat_map(|(state, _)| [cotangent_of(&rhs_of(state)), solved_of(state)]),
        );
        also.extend((0..self.recorded).map(|index| cotangent_of(&recorded(index))));
        let seeds = self.tangent_seeds(&also);
        let tangents = differentiate::tangents(&mut self.graph, &values, &seeds);
        let mut outputs = Vec::new();
        for (output, tangent) in adjoint.into_iter().zip(tangents) {
            let kind = match &output.kind {
                OutputKind::StoreOver(name) => OutputKind::StoreOver(tangent_of(name)),
                kind => kind.clone(),
            };
            let name = tangent_of(&output.name);
            outputs.push(output);
            outputs.push(Output {
                name,
                value: tangent,
                kind,
            });
        }
        compile(&self.graph, &outputs)
    }

    /// Symbols with a tangent: voltage, states, invariants, and `also`.
    fn tangent_seeds(&mut self, also: &[String]) -> HashMap<Expr, Expr> {
        let voltages = self.voltages.iter();
        let mut names: Vec<String> = voltages.map(|&name| name.to_owned()).collect();
        names.extend(self.states.iter().cloned());
        names.extend(self.invariants.iter().filter(|n| *n != "dt").cloned());
        names.extend_from_slice(also);
        let graph = &mut self.graph;
        names
            .iter()
            .map(|name| (graph.symbol(name), graph.symbol(&tangent_of(name))))
            .collect()
    }

    /// Cotangents of prologue results → cotangents of `wanted` sources.
    pub fn prologue_adjoint_tape(&mut self, wanted: &[String]) -> Tape {
        let results = self.prologue.clone();
        let outputs = self.once_adjoint_outputs(&results, &[], wanted);
        compile(&self.graph, &outputs)
    }

    /// Cotangents of initial states → cotangents of `v` and of `wanted` sources.
    pub fn initial_adjoint_tape(&mut self, wanted: &[String]) -> Tape {
        let results = self.initial_results();
        let outputs = self.once_adjoint_outputs(&results, &["v".to_owned()], wanted);
        compile(&self.graph, &outputs)
    }

    /// [`GroupCode::prologue_adjoint_tape`] and its tangent.
    pub fn prologue_adjoint_tangent_tape(&mut self, wanted: &[String]) -> Tape {
        let results = self.prologue.clone();
        let outputs = self.once_adjoint_outputs(&results, &[], wanted);
        self.once_adjoint_tangent_tape(&results, outputs)
    }

    /// [`GroupCode::initial_adjoint_tape`] and its tangent.
    pub fn initial_adjoint_tangent_tape(&mut self, wanted: &[String]) -> Tape {
        let results = self.initial_results();
        let outputs = self.once_adjoint_outputs(&results, &["v".to_owned()], wanted);
        self.once_adjoint_tangent_tape(&results, outputs)
    }

    fn once_adjoint_tangent_tape(
        &mut self,
        results: &[(String, Expr)],
        adjoint: Vec<Output>,
    ) -> Tape {
        let values: Vec<Expr> = adjoint.iter().map(|output| output.value).collect();
        let mut seeds = self.once_seeds();
        let graph = &mut self.graph;
        for (name, _) in results {
            let name = cotangent_of(name);
            seeds.insert(graph.symbol(&name), graph.symbol(&tangent_of(&name)));
        }
        let tangents = differentiate::tangents(graph, &values, &seeds);
        let mut outputs = Vec::new();
        for (output, tangent) in adjoint.into_iter().zip(tangents) {
            let name = tangent_of(&output.name);
            outputs.extend([output, store(&name, tangent)]);
        }
        compile(graph, &outputs)
    }

    fn initial_results(&self) -> Vec<(String, Expr)> {
        let states = self.states.iter().cloned();
        states.zip(self.initial.iter().copied()).collect()
    }

    fn once_adjoint_outputs(
        &mut self,
        results: &[(String, Expr)],
        also: &[String],
        wanted: &[String],
    ) -> Vec<Output> {
        let graph = &mut self.graph;
        let seeds: Vec<(Expr, Expr)> = results
            .iter()
            .map(|(name, value)| (*value, graph.symbol(&cotangent_of(name))))
            .collect();
        let names: Vec<&String> = also.iter().chain(wanted).collect();
        let inputs: Vec<Expr> = names.iter().map(|name| graph.symbol(name)).collect();
        let cotangents = differentiate::adjoints_of_used(graph, &seeds, &inputs);
        names
            .into_iter()
            .zip(cotangents)
            .map(|(name, value)| store(&cotangent_of(name), value))
            .collect()
    }

    /// Prologue results' tangents from those of the sources.
    pub fn prologue_tangent_tape(&mut self) -> Tape {
        let results = self.prologue.clone();
        self.once_tangent_tape(&results)
    }

    /// Initial states' tangents from those of the voltage and the sources.
    pub fn initial_tangent_tape(&mut self) -> Tape {
        let results = self.initial_results();
        self.once_tangent_tape(&results)
    }

    /// Symbols of what is computed once that have a tangent: the voltage and the sources.
    fn once_seeds(&mut self) -> HashMap<Expr, Expr> {
        let graph = &mut self.graph;
        let sources = self.sources.iter().map(String::as_str);
        sources
            .filter(|name| *name != "dt")
            .chain(["v"])
            .map(|name| (graph.symbol(name), graph.symbol(&tangent_of(name))))
            .collect()
    }

    fn once_tangent_tape(&mut self, results: &[(String, Expr)]) -> Tape {
        let seeds = self.once_seeds();
        let graph = &mut self.graph;
        let values: Vec<Expr> = results.iter().map(|(_, value)| *value).collect();
        let tangents = differentiate::tangents(graph, &values, &seeds);
        let outputs: Vec<Output> = results
            .iter()
            .zip(tangents)
            .map(|((name, _), tangent)| store(&tangent_of(name), tangent))
            .collect();
        compile(graph, &outputs)
    }

    /// A result of a step: states are updated in place.
    fn result(&self, result: &str, name: &str, value: Expr) -> Output {
        let kind = if self.states.iter().any(|s| s == result) {
            OutputKind::StoreOver(name.to_owned())
        } else {
            OutputKind::Store
        };
        Output {
            name: name.to_owned(),
            value,
            kind,
        }
    }
}

/// The cotangent of a result of a step; that of a diagonal follows from the solve, whose
/// transpose is −w·V.
fn cotangent_symbol(graph: &mut Graph, name: &str) -> Expr {
    let of = name.strip_prefix(DIAGONAL);
    let Some(of) = of.filter(|of| of.is_empty() || of.starts_with(" of ")) else {
        return graph.symbol(&cotangent_of(name));
    };
    let rhs = graph.symbol(&cotangent_of(&format!("{RHS}{of}")));
    let solved = graph.symbol(&format!("{SOLVED}{of}"));
    let product = graph.mul(rhs, solved);
    graph.neg(product)
}

fn store(name: &str, value: Expr) -> Output {
    Output {
        name: name.to_owned(),
        value,
        kind: OutputKind::Store,
    }
}

fn step_function(membrane: &mut Membrane, phases: Phases, recorded_values: &[Expr]) -> Function {
    let step = membrane.step(phases, recorded_values);
    if phases == Phases::Update {
        return update_function(membrane, &step.states);
    }
    let graph = &mut membrane.graph;
    let [capacitance, axial, area] =
        ["capacitance", "axial", "area"].map(|name| graph.symbol(name));
    let unit = graph.constant(CURRENT);
    let area = graph.mul(unit, area);
    let charge = graph.mul(capacitance, step.voltage);
    let driven = graph.mul(area, step.drive);
    let rhs = graph.add(charge, driven);
    let passive = graph.add(capacitance, axial);
    let active = graph.mul(area, step.slope);
    let diagonal = graph.add(passive, active);
    let mut results: Vec<(String, Expr)> = membrane
        .states
        .iter()
        .map(|s| s.name.clone())
        .zip(step.states)
        .collect();
    results.extend(equations_along(membrane, &results, &step.outflows));
    results.extend([(RHS.to_owned(), rhs), (DIAGONAL.to_owned(), diagonal)]);
    results.extend(
        step.recorded
            .into_iter()
            .enumerate()
            .map(|(i, e)| (recorded(i), e)),
    );
    Function { results }
}

/// New states, and what a synapse adds to the right-hand side (nA) and to the diagonal (µS).
fn synapse_function(membrane: &mut Membrane, phases: Phases, recorded_values: &[Expr]) -> Function {
    let step = membrane.step(phases, recorded_values);
    let names = membrane.states.iter().map(|state| state.name.clone());
    let mut results: Vec<(String, Expr)> = names.zip(step.states).collect();
    if phases != Phases::Update {
        results.extend([
            (RHS.to_owned(), step.drive),
            (DIAGONAL.to_owned(), step.slope),
        ]);
        let values = step.recorded.into_iter().enumerate();
        results.extend(values.map(|(index, value)| (recorded(index), value)));
    }
    Function { results }
}

/// The equations of states that diffuse along the cable, given what the rest of the step made of them
/// and, unless the step leaves them alone, the lines of what fluxes take out.
fn equations_along(
    membrane: &mut Membrane,
    stepped: &[(String, Expr)],
    outflows: &[[Expr; 2]],
) -> Vec<(String, Expr)> {
    let states = membrane.states.iter().zip(stepped);
    let along = states.filter(|(state, _)| state.outflow.is_some());
    let graph = &mut membrane.graph;
    let dt = graph.symbol(SOLVE_STEP);
    let equations = along.zip(outflows).map(|((state, (name, stepped)), line)| {
        let volume = volume_of(graph, state);
        let capacity = graph.div(volume, dt);
        let [slope, drive] = line.map(|part| graph.mul(volume, part));
        let held = graph.mul(capacity, *stepped);
        [
            (rhs_of(name), graph.add(held, drive)),
            (diagonal_of(name), graph.add(capacity, slope)),
        ]
    });
    equations.flatten().collect()
}

/// The volume in which the concentration of a compartment is that diffuses, µm³.
fn volume_of(graph: &mut Graph, state: &MembraneState) -> Expr {
    match state.diffusion.and_then(|diffusion| diffusion.volume) {
        Some(per_length) => {
            let length = graph.symbol("length");
            graph.mul(per_length, length)
        }
        None => graph.symbol(VOLUME),
    }
}

/// New states, and the equations of those that diffuse behind their update.
fn update_function(membrane: &mut Membrane, updated: &[Expr]) -> Function {
    let graph = &mut membrane.graph;
    let states = membrane.states.iter().zip(updated);
    let mut results: Vec<(String, Expr)> =
        states.clone().map(|(s, e)| (s.name.clone(), *e)).collect();
    for (state, updated) in states {
        let course = state.diffusion.map(|diffusion| diffusion.course);
        if course != Some(Course::Shells) {
            continue;
        }
        let volume = volume_of(graph, state);
        let dt = graph.symbol("dt");
        let capacity = graph.div(volume, dt);
        let rhs = graph.mul(capacity, *updated);
        results.push((rhs_of(&state.name), rhs));
        results.push((diagonal_of(&state.name), capacity));
    }
    Function { results }
}
