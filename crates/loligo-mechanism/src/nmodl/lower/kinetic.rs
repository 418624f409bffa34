//! Reactions of a KINETIC block, as rates of its states, and steady states of solved blocks.

use std::collections::{BTreeMap, HashMap};

use super::super::ast::{Derivative, DerivativeKind, Expression, Name, Rates, Reaction, Term};
use super::super::diagnostics::{Diagnostic, Span};
use super::super::names::Meaning;
use super::environment::{Binding, Scope, Variable};
use super::execute::{Executor, Lowered, Phase};
use crate::graph::Expr;
use crate::mechanism::{Conserved, Course, Diffusion, Method, before as state_before};
use crate::passes::implicit::Equations;

/// NEURON looks for a steady state with one implicit step as long as this, ms.
const LONG_STEP: f64 = 1e9;

/// What the statements of a KINETIC block added up to.
#[derive(Default)]
pub(super) struct Kinetics<'p> {
    /// How much of each state comes about, per ms.
    flux: BTreeMap<&'p str, Expr>,
    /// The volume that each state is dissolved in.
    volume: BTreeMap<&'p str, Expr>,
    /// Diffusion constant times cross section of each state that diffuses, and where it says so.
    conductivity: BTreeMap<&'p str, (Expr, Span)>,
    /// How many of which states, and what they add up to.
    laws: Vec<(Vec<(f64, &'p str)>, Expr)>,
    /// Whether some flux is a product with more than one concentration.
    is_nonlinear: bool,
}

/// What a solved block says of its states.
pub(super) struct Evolution<'p> {
    pub rates: Vec<(&'p str, Expr)>,
    pub conserved: Vec<Conserved>,
    /// What diffuses, how, and where it says so.
    pub diffusions: Vec<(&'p str, Diffusion, Span)>,
}

impl<'p> Executor<'p, '_> {
    pub(super) fn reaction(&mut self, reaction: &'p Reaction) -> Lowered<()> {
        let zero = self.graph.constant(0.0);
        let (forward, backward) = match &reaction.rates {
            Rates::BothWays(forward, backward) => (
                self.flux(forward, &reaction.left)?,
                self.flux(backward, &reaction.right)?,
            ),
            Rates::OneWay(rate) => (self.flux(rate, &reaction.left)?, zero),
            Rates::Into(flux) => (zero, self.expression(flux)?),
        };
        let before = self.before_step();
        for (name, value) in [("f_flux", forward), ("b_flux", backward)] {
            let value = self.graph.substitute(&[value], &before)[0];
            let value = Binding::Value(value);
            self.environment.set(Variable::Plain(name), value);
        }
        let net = self.graph.sub(forward, backward);
        for (sign, terms) in [(-1.0, &reaction.left), (1.0, &reaction.right)] {
            for term in terms {
                self.gain(term, sign, net)?;
            }
        }
        Ok(())
    }

    /// rate · Π stateᶜᵒᵘⁿᵗ
    fn flux(&mut self, rate: &'p Expression, terms: &'p [Term]) -> Lowered<Expr> {
        let mut flux = self.expression(rate)?;
        let mut states = 0;
        for term in terms {
            let name = self.known_element(&term.name)?;
            let state = if self.names.variable(&name.text) == Some(Meaning::State) {
                states += 1;
                self.graph.symbol(&name.text)
            } else {
                self.variable(&term.name)?
            };
            let count = self.graph.constant(term.count);
            let power = self.graph.pow(state, count);
            flux = self.graph.mul(flux, power);
        }
        let factors: f64 = terms.iter().map(|term| term.count).sum();
        self.kinetics.is_nonlinear |= states > 0 && factors > 1.0;
        Ok(flux)
    }

    /// Symbols of the states, and of what they are before a step.
    fn before_step(&mut self) -> HashMap<Expr, Expr> {
        let graph = &mut self.graph;
        let states = self.names.states().into_iter();
        states
            .map(|state| (graph.symbol(state), graph.symbol(&state_before(state))))
            .collect()
    }

    fn gain(&mut self, term: &'p Term, sign: f64, net: Expr) -> Lowered<()> {
        let name = self.known_element(&term.name)?;
        // what is no state is there in any amount
        if self.names.variable(&name.text) != Some(Meaning::State) {
            return Ok(());
        }
        let count = self.graph.constant(sign * term.count);
        let gain = self.graph.mul(count, net);
        let zero = self.graph.constant(0.0);
        let flux = self.kinetics.flux.entry(&name.text).or_insert(zero);
        *flux = self.graph.add(*flux, gain);
        Ok(())
    }

    pub(super) fn conserve(&mut self, terms: &'p [Term], total: &'p Expression) -> Lowered<()> {
        let total = self.expression(total)?;
        let mut counted = Vec::new();
        for term in terms {
            counted.push((term.count, self.known_element(&term.name)?.text.as_str()));
        }
        self.kinetics.laws.push((counted, total));
        Ok(())
    }

    pub(super) fn compartment(
        &mut self,
        counter: Option<&'p Name>,
        volume: &'p Expression,
        states: &'p [Name],
    ) -> Lowered<()> {
        let volumes = self.of_each(counter, volume, states)?;
        self.kinetics.volume.extend(volumes);
        Ok(())
    }

    pub(super) fn diffusion(
        &mut self,
        counter: Option<&'p Name>,
        conductivity: &'p Expression,
        states: &'p [Name],
        span: Span,
    ) -> Lowered<()> {
        let found = self.of_each(counter, conductivity, states)?;
        let found = found.into_iter().map(|(name, value)| (name, (value, span)));
        self.kinetics.conductivity.extend(found);
        Ok(())
    }

    /// What an expression is for each of these states, element by element.
    fn of_each(
        &mut self,
        counter: Option<&'p Name>,
        expression: &'p Expression,
        states: &'p [Name],
    ) -> Lowered<Vec<(&'p str, Expr)>> {
        let mut found = Vec::new();
        for name in states {
            let elements = self.names.array(&name.text);
            if elements.is_none() && self.names.variable(&name.text).is_none() {
                self.undeclared.push(name);
                continue;
            }
            let elements = elements.unwrap_or(std::slice::from_ref(name));
            for (index, element) in elements.iter().enumerate() {
                let mut scope = Scope::new();
                if let Some(counter) = counter {
                    let index = Binding::Value(self.graph.constant(index as f64));
                    scope.insert(Variable::Plain(&counter.text), index);
                }
                self.environment.scopes.push(scope);
                let value = self.expression(expression)?;
                self.environment.scopes.pop();
                found.push((element.text.as_str(), value));
            }
        }
        Ok(found)
    }

    /// What the statements of a KINETIC block, which have been run, say of its states.
    pub(super) fn reactions(&mut self) -> Lowered<Evolution<'p>> {
        let kinetics = std::mem::take(&mut self.kinetics);
        let before = self.before_step();
        let reacting: Vec<Expr> = kinetics
            .flux
            .keys()
            .map(|name| self.graph.symbol(name))
            .collect();
        // one iteration is enough for what is linear, and NEURON makes no other
        let is_of_now = |now: &Expr| kinetics.is_nonlinear || !reacting.contains(now);
        let before = before.into_iter().filter(|(now, _)| is_of_now(now));
        let now: HashMap<Expr, Expr> = before.map(|(now, before)| (before, now)).collect();
        let mut rates = Vec::new();
        for (&name, &flux) in &kinetics.flux {
            let rate = match kinetics.volume.get(name) {
                Some(&volume) => self.graph.div(flux, volume),
                None => flux,
            };
            rates.push((name, self.graph.substitute(&[rate], &now)[0]));
        }
        let mut conserved = Vec::new();
        for (terms, total) in kinetics.laws {
            let total = self.graph.substitute(&[total], &now)[0];
            let mut residual = self.graph.neg(total);
            for &(count, name) in &terms {
                let state = self.graph.symbol(name);
                let mut amount = self.graph.constant(count);
                if let Some(&volume) = kinetics.volume.get(name) {
                    amount = self.graph.mul(amount, volume);
                }
                let amount = self.graph.mul(amount, state);
                residual = self.graph.add(residual, amount);
            }
            let mut last = terms.iter().rev();
            let last = last.find(|(_, name)| kinetics.flux.contains_key(name));
            if let Some(&(_, state)) = last {
                conserved.push(Conserved {
                    state: state.to_owned(),
                    residual,
                });
            }
        }
        let one = self.graph.constant(1.0);
        let diffusing = kinetics.conductivity.into_iter();
        let diffusions = diffusing.map(|(name, (conductivity, span))| {
            let diffusion = Diffusion {
                course: Course::Shells,
                conductivity,
                volume: Some(kinetics.volume.get(name).copied().unwrap_or(one)),
            };
            (name, diffusion, span)
        });
        Ok(Evolution {
            rates,
            conserved,
            diffusions: diffusions.collect(),
        })
    }

    /// SOLVE block in INITIAL, or in a routine.
    pub(super) fn settle(&mut self, block: &'p Derivative, span: Span) -> Lowered<()> {
        if matches!(self.phase, Phase::Derivative | Phase::Kinetic) {
            let construct = "SOLVE in a routine that a block calls which is solved itself";
            return Err(Diagnostic::unsupported(span, construct, ""));
        }
        match block.kind {
            DerivativeKind::Rates | DerivativeKind::Kinetic => self.steady_state(block, span),
            DerivativeKind::Linear | DerivativeKind::Nonlinear => self.satisfy(block, span),
        }
    }

    /// SOLVE block STEADYSTATE method: the states get the values that they tend to.
    fn steady_state(&mut self, block: &'p Derivative, span: Span) -> Lowered<()> {
        // the block sees its states as unknowns, and may leave variables
        let mut starts = Vec::new();
        for state in self.names.states() {
            let variable = Variable::Plain(state);
            let symbol = self.graph.symbol(state);
            let before = self.environment.get(variable);
            starts.push((state, before));
            self.environment.set(variable, Binding::Value(symbol));
        }
        let phase = self.phase;
        let found = self.environment.file.clone();
        let evolution = self.evolution(block)?;
        self.phase = phase;
        let left = std::mem::take(&mut self.environment.file);
        self.environment.file = found;
        for &(state, before) in &starts {
            if let Some(before) = before {
                self.environment.set(Variable::Plain(state), before);
            }
        }

        let start = |name: &str| {
            let mut starts = starts.iter();
            match starts.find(|(state, _)| *state == name) {
                Some((_, Some(Binding::Value(value)))) => Some(*value),
                _ => None,
            }
        };
        let mut guess = Vec::new();
        for (name, _) in &evolution.rates {
            let Some(value) = start(name) else {
                let message = format!("`{name}` has no value to start from");
                return Err(Diagnostic::invalid(span, message));
            };
            guess.push(value);
        }
        let names: Vec<&str> = evolution.rates.iter().map(|(name, _)| *name).collect();
        let unknowns: Vec<Expr> = names.iter().map(|name| self.graph.symbol(name)).collect();
        let rates: Vec<Expr> = evolution.rates.iter().map(|(_, rate)| *rate).collect();
        let (mut equations, before) = Equations::backward_euler(&mut self.graph, &unknowns, &rates);
        equations.conserve(&names, &evolution.conserved);
        // states that the block does not change are what they are
        let dt = self.graph.symbol("dt");
        let long = self.graph.constant(LONG_STEP);
        let mut known = HashMap::from([(dt, long)]);
        for &(state, value) in &starts {
            if let (false, Some(Binding::Value(value))) = (names.contains(&state), value) {
                known.insert(self.graph.symbol(state), value);
            }
        }
        equations.residuals = self.graph.substitute(&equations.residuals, &known);
        let mut solution = equations.solve(&mut self.graph, &guess);
        if equations.is_linear(&mut self.graph) {
            // what elimination over so long a step loses to rounding, which without CONSERVE is a
            // millionth of the sum of the states, is found where fluxes balance
            solution = equations.solve(&mut self.graph, &solution);
        }
        let mut begin: HashMap<Expr, Expr> = before.into_iter().zip(guess).collect();
        for &(state, value) in &starts {
            if let Some(Binding::Value(value)) = value {
                begin.insert(self.graph.symbol(&state_before(state)), value);
            }
        }
        let solution = self.graph.substitute(&solution, &begin);
        // what the block assigned is of the solution, on which NEURON runs it once more
        let mut solved = known;
        solved.extend(&begin);
        for (name, &value) in names.iter().zip(&solution) {
            solved.insert(self.graph.symbol(name), value);
            solved.insert(self.graph.symbol(&state_before(name)), value);
        }
        for (variable, binding) in left {
            let mut states = starts.iter();
            let is_state = states.any(|(state, _)| variable == Variable::Plain(state));
            if let Binding::Value(value) = binding
                && self.environment.file.get(&variable) != Some(&binding)
                && !is_state
            {
                let value = self.graph.substitute(&[value], &solved)[0];
                self.environment.set(variable, Binding::Value(value));
            }
        }
        for (name, value) in names.into_iter().zip(solution) {
            let value = Binding::Value(value);
            self.environment.set(Variable::Plain(name), value);
        }
        Ok(())
    }

    /// Runs a block that is solved; the states must be symbols.
    pub(super) fn evolution(&mut self, block: &'p Derivative) -> Lowered<Evolution<'p>> {
        let callers = std::mem::take(&mut self.environment.scopes);
        let is_kinetic = block.kind == DerivativeKind::Kinetic;
        if is_kinetic {
            self.phase = Phase::Kinetic;
            for state in self.names.states() {
                let before = self.graph.symbol(&state_before(state));
                let variable = Variable::Plain(state);
                self.environment.set(variable, Binding::Value(before));
            }
            self.kinetics = Kinetics::default();
            let zero = Binding::Value(self.graph.constant(0.0));
            let fluxes = ["f_flux", "b_flux"].map(|name| (Variable::Plain(name), zero));
            self.environment.scopes.push(Scope::from(fluxes));
        } else {
            self.phase = Phase::Derivative;
        }
        self.block(&block.body)?;
        self.environment.scopes = callers;
        if is_kinetic {
            return self.reactions();
        }
        let mut rates = Vec::new();
        for state in self.names.states() {
            let rate = self.environment.file.remove(&Variable::Derivative(state));
            match rate {
                None => {}
                Some(Binding::Value(rate)) => rates.push((state, rate)),
                Some(Binding::Missing(missing)) => {
                    let name = format!("{state}'");
                    return Err(missing.diagnostic(block.name.span, name));
                }
            }
        }
        Ok(Evolution {
            rates,
            conserved: Vec::new(),
            diffusions: Vec::new(),
        })
    }
}

/// What a METHOD means for a block.
pub(super) fn method_of(block: &Derivative, method: Option<&Name>) -> Method {
    match method.map(|name| name.text.as_str()) {
        Some("cnexp") if block.kind == DerivativeKind::Rates => Method::Exact,
        Some("euler") => Method::Euler,
        Some("runge") => Method::RungeKutta,
        _ => Method::Implicit,
    }
}
