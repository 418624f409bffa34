//! What a mechanism does where nothing moves: its steady states, time constants and currents as
//! functions of the voltage, or of a concentration.

use std::collections::HashMap;

use thiserror::Error;

use crate::graph::{Expr, Graph};
use crate::mechanism::{
    Dynamics, FIXED_VOLTAGE, Mechanism, STEP_WITHIN, VOLTAGE, after, before, stepped,
};
use crate::membrane::{Membrane, MembraneError, Owner, Phases, Rules, start_of, started};
use crate::nearest::nearest;
use crate::passes::differentiate::derivative;
use crate::surroundings;

/// A mechanism along a row of voltages or concentrations.
#[derive(Clone, PartialEq, Debug)]
pub struct Curves {
    /// Its states, and the shared numbers that it writes, in order.
    pub states: Vec<StateCurve>,
    /// Its currents where the states are steady, in order.
    pub currents: Vec<CurrentCurve>,
}

/// A state along a row of voltages or concentrations.
#[derive(Clone, PartialEq, Debug)]
pub struct StateCurve {
    /// Its name.
    pub name: String,
    /// Its steady state at each; not a number where none was found.
    pub steady: Vec<f64>,
    /// How fast it goes there: −1/(∂f/∂s) of s′ = f, ms, and for a state that the mechanism steps by
    /// itself the time constant of an exponential that does the same; not a number where it does not
    /// go there.
    pub time_constant: Vec<f64>,
}

/// A current along a row of voltages or concentrations.
#[derive(Clone, PartialEq, Debug)]
pub struct CurrentCurve {
    /// Its name.
    pub name: String,
    /// mA/cm², or nA of a point process, as the mechanism counts it.
    pub current: Vec<f64>,
}

/// Why there are no curves.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CurvesError {
    /// A name that stands for nothing that the mechanism reads.
    #[error("the mechanism `{mechanism}` reads no `{name}`{}", meant(.nearest.as_deref()))]
    UnknownName {
        /// The mechanism.
        mechanism: String,
        /// What was given.
        name: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A parameter without a default.
    #[error("the parameter `{name}` of `{mechanism}` has no default, and must be given")]
    NoDefault {
        /// The mechanism.
        mechanism: String,
        /// The parameter.
        name: String,
    },
    /// A reversal potential that is not free.
    #[error("`{name}` follows from the concentrations: give those instead")]
    Follows {
        /// Its symbol.
        name: String,
    },
    /// The mechanism cannot be in a membrane by itself.
    #[error(transparent)]
    Membrane(#[from] MembraneError),
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or(String::new(), |name| format!("; did you mean `{name}`?"))
}

/// What the kinetics of a mechanism depend on: `v`, or where nothing of them does, the first
/// concentration that they read.
///
/// ```
/// use loligo_mechanism::curves::natural_axis;
/// use loligo_mechanism::library::builtin;
///
/// assert_eq!(natural_axis(&builtin("hh").expect("is built in"))?, "v");
/// assert_eq!(natural_axis(&builtin("hay_sk_e2").expect("is built in"))?, "cai");
/// # Ok::<(), loligo_mechanism::curves::CurvesError>(())
/// ```
///
/// # Errors
/// [`CurvesError::Membrane`] if it cannot be in a membrane by itself.
pub fn natural_axis(mechanism: &Mechanism) -> Result<String, CurvesError> {
    let membrane = Membrane::new(&[mechanism], Rules::NATIVE)?;
    let own = membrane
        .states
        .iter()
        .filter(|state| state.owner != Owner::Ion);
    let mut kinetics: Vec<Expr> = own.flat_map(|s| [s.initial, s.updated]).collect();
    if mechanism.states.is_empty() {
        kinetics.extend(membrane.currents.iter().map(|current| current.value));
    }
    let depends = |name: &str| {
        let mut kinetics = kinetics.iter();
        kinetics.any(|expr| membrane.graph.mentions(*expr, name))
    };
    let concentrations = mechanism.ions.iter().flat_map(|used| {
        let numbers = [format!("{}i", used.ion), format!("{}o", used.ion)];
        let read = used.reads.iter();
        read.filter(move |symbol| numbers.contains(symbol))
    });
    let mut driving = concentrations.filter(|symbol| depends(symbol) || depends(&start_of(symbol)));
    Ok(match depends(VOLTAGE) {
        true => VOLTAGE.to_owned(),
        false => driving.next().map_or(VOLTAGE, String::as_str).to_owned(),
    })
}

/// A mechanism by itself along a row of voltages or concentrations.
///
/// Where nothing else is given, parameters are at their defaults, and the rest is as
/// [`surroundings`] says.
///
/// Args: `along` is what the row is of, by its symbol: `v` (mV), `cai` (mM); `given` are other
/// numbers, by the names of parameters and by symbols (`celsius`, `ena`, `cai`, `v`).
///
/// A steady state is what steps of up to 100 s, one after the other, come to from the state at
/// t = 0: so laws of conservation are kept, and kinetics need not be linear.
///
/// ```
/// use loligo_mechanism::curves::curves;
/// use loligo_mechanism::library::builtin;
///
/// let hh = builtin("hh").expect("is built in");
/// let curves = curves(&hh, "v", &[-65.0, 0.0], &[])?;
/// assert_eq!(curves.states[0].name, "m");
/// assert!((curves.states[0].steady[0] - 0.0529).abs() < 1e-4);
/// assert!((curves.states[0].time_constant[0] - 0.2368).abs() < 1e-4);
/// # Ok::<(), loligo_mechanism::curves::CurvesError>(())
/// ```
///
/// # Errors
/// A name that the mechanism does not read, a parameter that must be given, a reversal potential
/// that follows from concentrations, a mechanism that cannot be in a membrane by itself.
pub fn curves(
    mechanism: &Mechanism,
    along: &str,
    values: &[f64],
    given: &[(&str, f64)],
) -> Result<Curves, CurvesError> {
    let mut bench = Bench::new(mechanism)?;
    for name in given.iter().map(|(name, _)| *name).chain([along]) {
        bench.check(name)?;
    }
    let given: HashMap<&str, f64> = given.iter().copied().collect();
    for parameter in &mechanism.parameters {
        let name = parameter.name.as_str();
        if parameter.default.is_nan() && name != along && !given.contains_key(name) {
            return Err(CurvesError::NoDefault {
                mechanism: mechanism.name.clone(),
                name: name.to_owned(),
            });
        }
    }
    let shared = mechanism.shared.iter();
    let shared = shared.filter(|shared| shared.name != VOLTAGE && shared.name != along);
    let states = mechanism.states.iter().chain(shared);
    let states: Vec<&str> = states.map(|state| state.name.as_str()).collect();
    let state = |name: &&str| StateCurve {
        name: (*name).to_owned(),
        steady: Vec::new(),
        time_constant: Vec::new(),
    };
    let current = |name: &String| CurrentCurve {
        name: name.clone(),
        current: Vec::new(),
    };
    let mut curves = Curves {
        states: states.iter().map(state).collect(),
        currents: mechanism
            .currents
            .iter()
            .map(|c| current(&c.name))
            .collect(),
    };
    let time_constants: Vec<TimeConstant> = states
        .iter()
        .map(|name| bench.time_constant(name))
        .collect();
    for &value in values {
        let mut given = given.clone();
        given.insert(along, value);
        let steady = bench.steady(along, &given);
        for ((name, curve), time_constant) in
            states.iter().zip(&mut curves.states).zip(&time_constants)
        {
            let symbol = bench.symbol_of(name);
            curve
                .steady
                .push(steady.get(&symbol).copied().unwrap_or(f64::NAN));
            let tau = bench.evaluated(time_constant, &given, &steady);
            curve.time_constant.push(tau);
        }
        let currents = bench.currents(&given, &steady);
        for (curve, current) in curves.currents.iter_mut().zip(currents) {
            curve.current.push(current);
        }
    }
    Ok(curves)
}

/// A mechanism alone in a membrane whose voltage is held.
struct Bench<'m> {
    mechanism: &'m Mechanism,
    membrane: Membrane,
    /// What each state of the membrane is after a step.
    step: Vec<Expr>,
    /// A copy of the mechanism's graph, for derivatives.
    graph: Graph,
}

/// What the time constant of a state follows from.
enum TimeConstant {
    /// ∂f/∂s, in the graph of the mechanism.
    Rate(Expr),
    /// The derivative of the state after a step with respect to that before, in that of the membrane.
    Update(Expr),
}

/// Steps to a steady state, ms: as long as they go well each is ten times the one before, up to this.
const LONGEST_STEP: f64 = 1e5;
const FIRST_STEP: f64 = 0.1;
const STEPS: usize = 80;
/// The largest change of a state within the longest step, relative to its size, that is none.
const STEADY: f64 = 1e-9;
/// A state of this size is 0.
const TINY: f64 = 1e-12;
/// The step of which the time constant of an update is asked, ms.
const SHORT_STEP: f64 = 0.025;

impl<'m> Bench<'m> {
    fn new(mechanism: &'m Mechanism) -> Result<Self, CurvesError> {
        let mut membrane = Membrane::new(&[mechanism], Rules::NATIVE)?;
        let step = membrane.step(Phases::UpdateAndMembrane, &[]).states;
        Ok(Bench {
            mechanism,
            membrane,
            step,
            graph: mechanism.graph.clone(),
        })
    }

    /// That a name is one that numbers can be given for.
    fn check(&mut self, name: &str) -> Result<(), CurvesError> {
        let mechanism = self.mechanism;
        let parameters = mechanism.parameters.iter().map(|p| p.name.clone());
        let commons = mechanism.commons.iter().map(|c| c.name.clone());
        let ions = mechanism.ions.iter();
        let ions = ions.flat_map(|used| used.reads.iter().chain(&used.writes).cloned());
        let sides = mechanism
            .ions
            .iter()
            .flat_map(|used| ["i", "o"].map(|side| format!("{}{side}", used.ion)));
        let read = READABLE.iter().map(|name| (*name).to_owned());
        let known = parameters.chain(commons).chain(ions).chain(sides);
        let known: Vec<String> = known.chain(read).collect();
        if !known.iter().any(|known| known == name) {
            let nearest = nearest(name, known.iter().map(String::as_str));
            return Err(CurvesError::UnknownName {
                mechanism: mechanism.name.clone(),
                name: name.to_owned(),
                nearest: nearest.map(str::to_owned),
            });
        }
        let symbol = self.membrane.graph.symbol(name);
        let is_reversal = mechanism
            .ions
            .iter()
            .any(|used| name == format!("e{}", used.ion));
        if is_reversal && self.membrane.shared_number(name) != symbol {
            return Err(CurvesError::Follows {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// The name of a state in the membrane.
    fn symbol_of(&self, state: &str) -> String {
        let shared = self.mechanism.shared.iter();
        match shared.into_iter().any(|shared| shared.name == state) {
            true => state.to_owned(),
            false => format!("{}.{state}", self.mechanism.name),
        }
    }

    /// A number that does not evolve, by its symbol in the membrane.
    fn number(&self, symbol: &str, given: &HashMap<&str, f64>) -> f64 {
        let own = started(symbol).unwrap_or(symbol);
        let prefix = format!("{}.", self.mechanism.name);
        let own = match own.strip_prefix(&prefix) {
            // a state for which nothing was given
            Some(_) if own != symbol => return f64::NAN,
            Some(own) => own,
            None => own,
        };
        if let Some(given) = given.get(own) {
            return *given;
        }
        let parameters = &self.mechanism.parameters;
        if let Some(parameter) = parameters.iter().find(|p| p.name == own) {
            return parameter.default;
        }
        let commons = &self.mechanism.commons;
        if let Some(common) = commons.iter().find(|c| c.name == own) {
            return common.default;
        }
        if self.mechanism.draws.iter().any(|draw| draw == own) {
            return 0.5;
        }
        surrounding(self.mechanism, own)
    }

    /// The states of the membrane where they no longer change, by symbol; not a number for those that
    /// go on.
    fn steady(&self, along: &str, given: &HashMap<&str, f64>) -> HashMap<String, f64> {
        let states = &self.membrane.states;
        let initial: Vec<Expr> = states.iter().map(|state| state.initial).collect();
        let lookup = |symbol: &str| self.number(symbol, given);
        let mut now = self.membrane.graph.evaluate(&initial, &lookup);
        let held = |values: &mut [f64]| {
            for (state, value) in states.iter().zip(values) {
                if state.name == along {
                    *value = given[along];
                }
            }
        };
        held(&mut now);
        let mut moving = vec![true; states.len()];
        let mut dt = FIRST_STEP;
        for _ in 0..STEPS {
            let before = self.named(&now);
            let mut next = self.stepped(dt, given, &before);
            held(&mut next);
            if next.iter().any(|value| !value.is_finite()) {
                // a step that is too long for a solution to be found
                dt /= 10.0;
                continue;
            }
            let changes = states.iter().zip(now.iter().zip(&next));
            let changes = changes.map(|(state, (a, b))| {
                state.owner != Owner::Memory && (b - a).abs() > STEADY * b.abs().max(TINY)
            });
            moving = changes.collect();
            now = next;
            if dt >= LONGEST_STEP && !moving.contains(&true) {
                break;
            }
            dt = (10.0 * dt).min(LONGEST_STEP);
        }
        for (value, moving) in now.iter_mut().zip(moving) {
            if moving {
                *value = f64::NAN;
            }
        }
        self.named(&now)
    }

    fn named(&self, values: &[f64]) -> HashMap<String, f64> {
        let names = self.membrane.states.iter().map(|state| state.name.clone());
        names.zip(values.iter().copied()).collect()
    }

    fn stepped(
        &self,
        dt: f64,
        given: &HashMap<&str, f64>,
        states: &HashMap<String, f64>,
    ) -> Vec<f64> {
        let lookup = |symbol: &str| match (symbol, states.get(symbol)) {
            (_, Some(state)) => *state,
            ("dt", None) => dt,
            _ => self.number(symbol, given),
        };
        self.membrane.graph.evaluate(&self.step, &lookup)
    }

    fn currents(&self, given: &HashMap<&str, f64>, steady: &HashMap<String, f64>) -> Vec<f64> {
        let lookup = |symbol: &str| match steady.get(symbol) {
            Some(state) => *state,
            None if self.evolves(symbol) => f64::NAN,
            None => self.number(symbol, given),
        };
        let currents = self.membrane.currents.iter().map(|current| current.value);
        let currents: Vec<Expr> = currents.collect();
        self.membrane.graph.evaluate(&currents, &lookup)
    }

    fn evolves(&self, symbol: &str) -> bool {
        self.membrane
            .states
            .iter()
            .any(|state| state.name == symbol)
    }

    fn time_constant(&mut self, name: &str) -> TimeConstant {
        let mechanism = self.mechanism;
        let mut states = mechanism.states.iter().chain(&mechanism.shared);
        let dynamics = states.find(|state| state.name == name).map(|s| s.dynamics);
        if let Some(Dynamics::Derivative(rate)) = dynamics {
            let rate = in_one_moment(&mut self.graph, mechanism, rate);
            return TimeConstant::Rate(derivative(&mut self.graph, rate, name));
        }
        let symbol = self.symbol_of(name);
        let states = self.membrane.states.iter().zip(&self.step);
        let mut next = states.filter(|(state, _)| state.name == symbol);
        let next = next.next().map(|(_, next)| *next);
        let graph = &mut self.membrane.graph;
        let still = graph.constant(f64::NAN);
        TimeConstant::Update(next.map_or(still, |next| derivative(graph, next, &symbol)))
    }

    fn evaluated(
        &self,
        time_constant: &TimeConstant,
        given: &HashMap<&str, f64>,
        steady: &HashMap<String, f64>,
    ) -> f64 {
        let positive = |tau: f64| if tau > 0.0 { tau } else { f64::NAN };
        match time_constant {
            TimeConstant::Rate(slope) => {
                let lookup = |name: &str| {
                    let symbol = format!("{}.{name}", self.mechanism.name);
                    match steady.get(&symbol).or_else(|| steady.get(name)) {
                        Some(state) => *state,
                        None if self.evolves(&symbol) => f64::NAN,
                        None => self.number(name, given),
                    }
                };
                positive(-1.0 / self.graph.evaluate(&[*slope], &lookup)[0])
            }
            TimeConstant::Update(slope) => {
                let lookup = |symbol: &str| match (symbol, steady.get(symbol)) {
                    (_, Some(state)) => *state,
                    ("dt", None) => SHORT_STEP,
                    _ if self.evolves(symbol) => f64::NAN,
                    _ => self.number(symbol, given),
                };
                let slope = self.membrane.graph.evaluate(&[*slope], &lookup)[0];
                // a state that forgets at once, or never, has no time constant
                match slope > 0.0 && slope < 1.0 {
                    true => positive(-SHORT_STEP / slope.ln()),
                    false => f64::NAN,
                }
            }
        }
    }
}

/// An expression in which states, stepped or not, and the voltage, held or not, are what they are.
pub(crate) fn in_one_moment(graph: &mut Graph, mechanism: &Mechanism, expr: Expr) -> Expr {
    let [held, v] = [FIXED_VOLTAGE, VOLTAGE].map(|name| graph.symbol(name));
    let [within, dt] = [STEP_WITHIN, "dt"].map(|name| graph.symbol(name));
    let mut same = HashMap::from([(held, v), (within, dt)]);
    for state in mechanism.states.iter().chain(&mechanism.shared) {
        let now = graph.symbol(&state.name);
        for other in [
            before(&state.name),
            stepped(&state.name),
            after(&state.name),
        ] {
            same.insert(graph.symbol(&other), now);
        }
    }
    graph.substitute(&[expr], &same)[0]
}

/// What numbers can be given for, beside those of the mechanism and its ions.
const READABLE: [&str; 10] = [
    "v", "celsius", "t", "dt", "diam", "area", "radius", "length", "Ra", "cm",
];

/// What a mechanism finds around it, by symbol; currents that it does not make itself are 0.
fn surrounding(mechanism: &Mechanism, symbol: &str) -> f64 {
    let ions = mechanism.ions.iter();
    let ion = ions.into_iter().find_map(|used| {
        let numbers = surroundings::ion(&used.ion);
        match symbol.strip_suffix(['i', 'o']) == Some(&used.ion) {
            true if symbol.ends_with('i') => Some(numbers.inside),
            true => Some(numbers.outside),
            false if symbol.strip_prefix('e') == Some(&used.ion) => Some(numbers.reversal),
            false => None,
        }
    });
    let (length, radius) = (surroundings::LENGTH, surroundings::RADIUS);
    ion.unwrap_or(match symbol {
        "v" => surroundings::VOLTAGE,
        "celsius" => surroundings::CELSIUS,
        "diam" => 2.0 * radius,
        "area" => std::f64::consts::TAU * radius * length,
        "radius" => radius,
        "length" => length,
        "Ra" => surroundings::AXIAL_RESISTIVITY,
        "cm" => surroundings::CAPACITANCE,
        _ => 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::builtin;
    use crate::nmodl;

    fn compiled(text: &str) -> Mechanism {
        nmodl::compile(text, "x.mod").unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn gates_of_hodgkin_and_huxley_are_those_of_the_paper() {
        let hh = builtin("hh").expect("is built in");
        let voltages = [-90.0, -65.0, -40.0, 20.0];
        let warm = [("celsius", 16.3), ("gnabar", 0.2)];
        for (given, factor) in [(&[][..], 1.0), (&warm[..], 3.0)] {
            let found = curves(&hh, "v", &voltages, given).expect("curves");
            for (index, v) in voltages.into_iter().enumerate() {
                let x: f64 = (v + 40.0) / 10.0;
                let alpha = if x == 0.0 {
                    1.0
                } else {
                    x / (1.0 - (-x).exp())
                };
                let beta = 4.0 * (-(v + 65.0) / 18.0).exp();
                let m = &found.states[0];
                let steady = alpha / (alpha + beta);
                assert!((m.steady[index] / steady - 1.0).abs() < 1e-12);
                let tau = 1.0 / (factor * (alpha + beta));
                assert!((m.time_constant[index] / tau - 1.0).abs() < 1e-12);
                let h = found.states[1].steady[index];
                let conductance = if factor == 1.0 { 0.12 } else { 0.2 };
                let current = conductance * steady.powi(3) * h * (v - 50.0);
                let found = found.currents[0].current[index];
                assert!((found / current - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_scheme_keeps_what_is_conserved() {
        let scheme = compiled(
            "NEURON { SUFFIX x } STATE { a b } PARAMETER { f = 3 }
             INITIAL { a = 2 b = 0 } BREAKPOINT { SOLVE s METHOD sparse }
             KINETIC s { ~ a <-> b (f, 1) }",
        );
        let found = curves(&scheme, "v", &[-65.0], &[("f", 4.0)]).expect("curves");
        assert!((found.states[0].steady[0] - 0.4).abs() < 1e-9);
        assert!((found.states[1].steady[0] - 1.6).abs() < 1e-9);
        assert_eq!(found.states[0].time_constant[0], 0.25);
    }

    #[test]
    fn an_update_has_the_time_constant_of_its_exponential() {
        let update = compiled(
            "NEURON { SUFFIX x } STATE { n k } ASSIGNED { v dt }
             BREAKPOINT { SOLVE s } PROCEDURE s() { n = n + (1 - exp(-dt/7))*(v/100 - n) k = k + 1 }",
        );
        let found = curves(&update, "v", &[-50.0], &[]).expect("curves");
        assert!((found.states[0].steady[0] + 0.5).abs() < 1e-12);
        assert!((found.states[0].time_constant[0] - 7.0).abs() < 1e-9);
        // a counter comes to no rest
        assert!(found.states[1].steady[0].is_nan() && found.states[1].time_constant[0].is_nan());
    }

    #[test]
    fn names_are_checked() {
        let hh = builtin("hh").expect("is built in");
        let error = curves(&hh, "v", &[0.0], &[("gnabra", 1.0)]).expect_err("a typing error");
        let message = "the mechanism `hh` reads no `gnabra`; did you mean `gnabar`?";
        assert_eq!(error.to_string(), message);
        let pointing = compiled(
            "NEURON { SUFFIX x POINTER p NONSPECIFIC_CURRENT i } ASSIGNED { p } BREAKPOINT { i = p }",
        );
        let error = curves(&pointing, "v", &[0.0], &[]).expect_err("nothing is given");
        let message = "the parameter `p` of `x` has no default, and must be given";
        assert_eq!(error.to_string(), message);
        let found = curves(&pointing, "v", &[0.0], &[("p", 2.0)]).expect("curves");
        assert_eq!(found.currents[0].current, [2.0]);
    }
}
