//! Runs the blocks of a mechanism in the order of a simulation, and follows what each variable is
//! from one to the next.
//!
//! NEURON runs INITIAL once, then in every step the blocks that BREAKPOINT solves and BREAKPOINT
//! itself; variables keep their values in between. Here each is run once on expressions. What a
//! variable is at the start of a block is a formula where that is known there (of parameters, or
//! of the voltage in the same step), else a symbol that is *carried*: it becomes a memory of the
//! mechanism if anything reads it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::ast::{Block, Derivative, DerivativeKind, Moment, Name, StatementKind};
use super::super::diagnostics::{Diagnostic, Span};
use super::super::names::{Meaning, start_parameter};
use super::environment::{Binding, Environment, Scope, Variable};
use super::execute::Phase;
use super::kinetic::method_of;
use super::{Lowering, value_of};
use crate::graph::Expr;
use crate::mechanism::{
    Diffusion, Dynamics, FIXED_VOLTAGE, Method, STEP_WITHIN, Solve, State, after, before, stepped,
};
use crate::passes::linear;

/// What the blocks made of the variables.
pub(super) struct Phases<'p> {
    /// After INITIAL.
    pub initial: Scope<'p>,
    /// After the solved blocks.
    pub solved: Scope<'p>,
    /// After BREAKPOINT.
    pub end: Scope<'p>,
    /// How states evolve, by name.
    pub dynamics: BTreeMap<&'p str, Dynamics>,
    /// The solved blocks, in order.
    pub solves: Vec<Solve>,
    /// What diffuses, and how.
    pub diffusions: Vec<(String, Diffusion)>,
    /// What BREAKPOINT, as one of them, makes of states that those before it have stepped.
    pub corrected: BTreeMap<&'p str, Expr>,
    /// Whether BREAKPOINT is one of them.
    pub breakpoint_is_solved: bool,
}

impl<'p> Lowering<'p, '_> {
    /// Runs INITIAL, the solved blocks and BREAKPOINT.
    pub(super) fn run_phases(&mut self) -> Result<Phases<'p>, Diagnostic> {
        let initial = self.initial()?;
        let mut phases = Phases {
            initial,
            solved: Scope::new(),
            end: Scope::new(),
            dynamics: BTreeMap::new(),
            solves: Vec::new(),
            diffusions: Vec::new(),
            corrected: BTreeMap::new(),
            breakpoint_is_solved: false,
        };
        self.solve(&mut phases)?;
        self.breakpoint(&mut phases)?;
        Ok(phases)
    }

    /// Runs INITIAL. As in NEURON, a variable is 0 before anything assigns it.
    fn initial(&mut self) -> Result<Scope<'p>, Diagnostic> {
        let mut file = Scope::new();
        for (name, meaning) in self.variables() {
            let unset = match meaning {
                Meaning::Memory | Meaning::Current { read: false } => !self.is_settable(name),
                Meaning::Shared => self.is_own_potential(name),
                _ => false,
            };
            let graph = &mut self.executor.graph;
            let value = match unset {
                true => graph.constant(0.0),
                false => graph.symbol(name),
            };
            file.insert(Variable::Plain(name), Binding::Value(value));
        }
        let mut file = self.before_initial(file)?;
        for state in &self.program.states {
            let name = state.name.text.as_str();
            // as in NEURON: the parameter m0 if there is one, else START, else 0
            let parameter = start_parameter(name);
            let start = if self.names.is_shared(name) {
                self.executor.graph.symbol(name)
            } else if self.names.variable(&parameter) == Some(Meaning::Parameter) {
                self.executor.graph.symbol(&parameter)
            } else {
                self.executor.graph.constant(state.start.unwrap_or(0.0))
            };
            file.insert(Variable::Plain(name), Binding::Value(start));
        }
        let file = self.run(Phase::Initial, file, self.program.initial.as_ref())?;
        let file = self.run(Phase::Initial, file, self.at(Moment::AfterInitial))?;
        self.first_before_step(file)
    }

    /// Runs the blocks that BREAKPOINT solves.
    fn solve(&mut self, phases: &mut Phases<'p>) -> Result<(), Diagnostic> {
        let mut file = Scope::new();
        for (name, meaning) in self.variables() {
            let value = self.at_start_of_step(&phases.initial, name, meaning);
            file.insert(Variable::Plain(name), Binding::Value(value));
        }
        for (block, method, span) in self.solves() {
            self.bind_states(phases, &mut file);
            file = if let Some(derivative) = self.names.derivative(&block.text) {
                self.derivative(phases, file, derivative, method)?
            } else if let Some(routine) = self.names.routine(&block.text) {
                let wording = format!("PROCEDURE {}", routine.name.text);
                self.executor.calls += 1;
                let file = self.update(phases, file, &routine.body, wording)?;
                self.executor.calls -= 1;
                file
            } else {
                let message = format!("nothing is called `{}`", block.text);
                return Err(Diagnostic::invalid(span, message));
            };
        }
        if let Some(block) = self.breakpoint_of_updates() {
            self.bind_states(phases, &mut file);
            phases.breakpoint_is_solved = true;
            file = self.update(phases, file, block, "BREAKPOINT".to_owned())?;
        }
        phases.solved = self.after_solve(phases, file)?;
        Ok(())
    }

    /// BREAKPOINT of a mechanism that has no currents: NEURON runs it once in each step, behind the
    /// blocks that it solves.
    fn breakpoint_of_updates(&self) -> Option<&'p Block> {
        let block = self.program.breakpoint.as_ref();
        let alone = self.at(Moment::BeforeBreakpoint).is_none();
        block.filter(|_| alone && !self.has_currents())
    }

    pub(super) fn has_currents(&self) -> bool {
        let variables = self.variables();
        let mut meanings = variables.iter().map(|(_, meaning)| meaning);
        meanings.any(|meaning| matches!(meaning, Meaning::Current { .. }))
    }

    /// Lets states be found as they are in the membrane phase.
    pub(super) fn bind_states_by_name(&mut self, file: &mut Scope<'p>) {
        for state in &self.program.states {
            let name = state.name.text.as_str();
            let symbol = self.executor.graph.symbol(name);
            file.insert(Variable::Plain(name), Binding::Value(symbol));
        }
    }

    /// At the start of each block states are symbols, or what BREAKPOINT made of these.
    pub(super) fn bind_states(&mut self, phases: &Phases<'p>, file: &mut Scope<'p>) {
        for state in &self.program.states {
            let name = state.name.text.as_str();
            let graph = &mut self.executor.graph;
            let value = match (phases.corrected.get(name), phases.dynamics.get(name)) {
                (Some(corrected), _) => *corrected,
                (None, Some(_)) => graph.symbol(&after(name)),
                (None, None) => graph.symbol(name),
            };
            file.insert(Variable::Plain(name), Binding::Value(value));
        }
    }

    fn derivative(
        &mut self,
        phases: &mut Phases<'p>,
        file: Scope<'p>,
        derivative: &'p Derivative,
        method: Option<&Name>,
    ) -> Result<Scope<'p>, Diagnostic> {
        self.enter(file);
        if matches!(
            derivative.kind,
            DerivativeKind::Linear | DerivativeKind::Nonlinear
        ) {
            return self.equations(phases, derivative);
        }
        let written = method;
        let method = method_of(derivative, written);
        self.executor.steps_in_place = method == Method::Exact;
        let found = self.executor.environment.file.clone();
        let [dt, within] = ["dt", STEP_WITHIN].map(|name| self.executor.graph.symbol(name));
        let step = Variable::Plain("dt");
        let environment = &mut self.executor.environment;
        environment.set(step, Binding::Value(within));
        let mut evolution = self.executor.evolution(derivative)?;
        self.executor.steps_in_place = false;
        let mut file = std::mem::take(&mut self.executor.environment.file);
        file.remove(&step);
        let whole_step = HashMap::from([(within, dt)]);
        for law in &mut evolution.conserved {
            law.residual = self.executor.graph.substitute(&[law.residual], &whole_step)[0];
        }
        for (state, diffusion, span) in evolution.diffusions {
            self.check_diffusion(state, &diffusion, span)?;
            phases.diffusions.push((state.to_owned(), diffusion));
        }
        let mut states = Vec::new();
        let mut rates = Vec::new();
        let mut is_implicit = method == Method::Implicit;
        for (name, rate) in evolution.rates {
            self.once(phases, name, derivative.name.span)?;
            // whether a later state finds an earlier one stepped is up to how they are stepped
            let rate = self.by_own_names(rate);
            // what a step is within a block is up to how it is stepped too
            let rate = self.executor.graph.substitute(&[rate], &whole_step)[0];
            // what cnexp cannot solve NEURON steps as derivimplicit does
            let line = linear::linear_in(&mut self.executor.graph, rate, name);
            is_implicit |= method == Method::Exact && line.is_none();
            rates.push(rate);
            states.push(name);
        }
        if is_implicit {
            let settled = self.settled(&found, &file);
            self.replace(&mut file, &settled);
            let is_sparse = written.is_some_and(|method| method.text == "sparse");
            if !is_sparse {
                rates = self.executor.graph.substitute(&rates, &settled);
                rates = self.executor.graph.substitute(&rates, &whole_step);
            }
            self.see_solution(&states, &mut file);
        } else {
            self.replace(&mut file, &whole_step);
        }
        let derivatives = rates.into_iter().map(Dynamics::Derivative);
        phases
            .dynamics
            .extend(states.iter().copied().zip(derivatives));
        let states = states.into_iter().map(str::to_owned).collect();
        phases.solves.push(Solve {
            states,
            method,
            wording: match written {
                Some(name) => format!("METHOD {}", name.text),
                None => "no METHOD".to_owned(),
            },
            conserved: evolution.conserved,
        });
        Ok(file)
    }

    /// What a conductance between compartments is made of must not change during a run.
    fn check_diffusion(
        &self,
        state: &str,
        diffusion: &Diffusion,
        span: Span,
    ) -> Result<(), Diagnostic> {
        let graph = &self.executor.graph;
        let symbols = graph.symbols_of(&diffusion.expressions().collect::<Vec<_>>());
        let mut names = symbols.into_iter().map(|symbol| graph.name(symbol));
        let changing = names.find(|name| !match self.names.variable(name) {
            Some(Meaning::Parameter) => true,
            Some(Meaning::Memory) => self.is_settable(name),
            Some(Meaning::Input) => !matches!(*name, "v" | "t"),
            _ => false,
        });
        let Some(name) = changing else {
            return Ok(());
        };
        let construct = format!("diffusion of `{state}` that `{name}` changes");
        let advice = "; volume and conductivity may depend on parameters, diam, area and celsius";
        Err(Diagnostic::unsupported(span, construct, advice))
    }

    /// NEURON runs a block that is solved implicitly once more on its solution: what it assigned is of
    /// the states after the step.
    fn see_solution(&mut self, solved: &[&str], file: &mut Scope<'p>) {
        let graph = &mut self.executor.graph;
        let mut seen = HashMap::new();
        for state in &self.program.states {
            let name = state.name.text.as_str();
            let [now, before] = [graph.symbol(name), graph.symbol(&before(name))];
            if solved.contains(&name) {
                let stepped = graph.symbol(&stepped(name));
                seen.extend([(now, stepped), (before, stepped)]);
            } else {
                seen.insert(before, now);
            }
        }
        self.replace(file, &seen);
    }

    /// Puts expressions in place of symbols in all that variables are.
    fn replace(&mut self, file: &mut Scope<'p>, symbols: &HashMap<Expr, Expr>) {
        for binding in file.values_mut() {
            if let Binding::Value(value) = binding {
                *value = self.executor.graph.substitute(&[*value], symbols)[0];
            }
        }
    }

    /// What a block that is run again and again in one step finds of variables that it assigns itself, by
    /// the symbols of what they were when it was `found`. A variable that depends on what it was is not
    /// among them: it differs from run to run.
    fn settled(&mut self, found: &Scope<'p>, left: &Scope<'p>) -> HashMap<Expr, Expr> {
        let mut waiting: Vec<(String, Expr)> = Vec::new();
        for (name, meaning) in self.variables() {
            let variable = Variable::Plain(name);
            let itself = Some(&Binding::Value(self.carried(name, meaning)));
            if let (before, Some(&Binding::Value(after))) =
                (found.get(&variable), left.get(&variable))
                && before == itself
                && left.get(&variable) != itself
            {
                waiting.push((self.carried_name(name, meaning), after));
            }
        }
        let graph = &mut self.executor.graph;
        let mut settled = HashMap::new();
        loop {
            let open: Vec<String> = waiting.iter().map(|(symbol, _)| symbol.clone()).collect();
            let (known, rest): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .partition(|(_, value)| !open.iter().any(|symbol| graph.mentions(*value, symbol)));
            if known.is_empty() {
                return settled;
            }
            for (symbol, value) in known {
                settled.insert(graph.symbol(&symbol), value);
            }
            let replaced = rest.into_iter().map(|(symbol, value)| {
                let value = graph.substitute(&[value], &settled)[0];
                (symbol, value)
            });
            waiting = replaced.collect();
        }
    }

    /// What a solved block left, as BREAKPOINT finds it: slopes of currents hold the voltage in it fixed,
    /// as they hold states fixed.
    pub(super) fn as_found(&mut self, expr: Expr) -> Expr {
        let expr = self.by_own_names(expr);
        let graph = &mut self.executor.graph;
        let [v, fixed] = [graph.symbol("v"), graph.symbol(FIXED_VOLTAGE)];
        graph.substitute(&[expr], &HashMap::from([(v, fixed)]))[0]
    }

    /// Only slopes hold the voltage fixed: in anything else it is the voltage.
    pub(super) fn let_go_of_voltage(&mut self, scope: &Scope<'p>) -> Scope<'p> {
        let graph = &mut self.executor.graph;
        let [v, held] = [graph.symbol("v"), graph.symbol(FIXED_VOLTAGE)];
        let let_go = HashMap::from([(held, v)]);
        let mut free = |binding: Binding| match binding {
            Binding::Value(value) => Binding::Value(graph.substitute(&[value], &let_go)[0]),
            missing @ Binding::Missing(_) => missing,
        };
        scope
            .iter()
            .map(|(&name, &binding)| (name, free(binding)))
            .collect()
    }

    /// An expression in which states go by their own names, whether they were stepped or not.
    fn by_own_names(&mut self, expr: Expr) -> Expr {
        let graph = &mut self.executor.graph;
        let states = self.program.states.iter();
        let names = states.flat_map(|state| {
            let name = state.name.text.as_str();
            let itself = graph.symbol(name);
            [stepped(name), after(name)].map(|other| (graph.symbol(&other), itself))
        });
        let names = names.collect();
        graph.substitute(&[expr], &names)[0]
    }

    /// States that satisfy equations become the solution.
    fn equations(
        &mut self,
        phases: &mut Phases<'p>,
        block: &'p Derivative,
    ) -> Result<Scope<'p>, Diagnostic> {
        let span = block.name.span;
        let solution = self.executor.solution(block, span)?;
        let solution = solution
            .into_iter()
            .map(|(name, value)| (name, value, span));
        let kind = match block.kind {
            DerivativeKind::Linear => "LINEAR",
            _ => "NONLINEAR",
        };
        let wording = format!("{kind} {}", block.name.text);
        self.discrete(phases, wording, solution.collect())?;
        Ok(std::mem::take(&mut self.executor.environment.file))
    }

    /// Runs a block that computes states itself.
    pub(super) fn update(
        &mut self,
        phases: &mut Phases<'p>,
        file: Scope<'p>,
        block: &'p Block,
        wording: String,
    ) -> Result<Scope<'p>, Diagnostic> {
        let before = file.clone();
        let file = self.run(Phase::Update, file, Some(block))?;
        let mut changed = Vec::new();
        for state in &self.program.states {
            let name = state.name.text.as_str();
            let variable = Variable::Plain(name);
            if file.get(&variable) != before.get(&variable) {
                changed.push((name, value_of(&file, &state.name)?, state.name.span));
            }
        }
        self.discrete(phases, wording, changed)?;
        Ok(file)
    }

    /// A block that gives states their next values: which, what, and where it says so.
    fn discrete(
        &self,
        phases: &mut Phases<'p>,
        wording: String,
        next: Vec<(&'p str, Expr, Span)>,
    ) -> Result<(), Diagnostic> {
        let mut states = Vec::new();
        for (name, value, span) in next {
            if phases.breakpoint_is_solved && phases.dynamics.contains_key(name) {
                phases.corrected.insert(name, value);
                continue;
            }
            self.once(phases, name, span)?;
            phases.dynamics.insert(name, Dynamics::Update(value));
            states.push(name.to_owned());
        }
        phases.solves.push(Solve {
            states,
            method: Method::Discrete,
            wording,
            conserved: Vec::new(),
        });
        Ok(())
    }

    /// A state is stepped by one block.
    fn once(&self, phases: &Phases<'p>, state: &str, span: Span) -> Result<(), Diagnostic> {
        if !phases.dynamics.contains_key(state) {
            return Ok(());
        }
        let message = format!("two blocks that are solved change `{state}`");
        Err(Diagnostic::invalid(span, message))
    }

    /// Runs BREAKPOINT.
    fn breakpoint(&mut self, phases: &mut Phases<'p>) -> Result<(), Diagnostic> {
        let evolving = self.evolving(phases);
        let mut file = Scope::new();
        for (name, meaning) in self.variables() {
            let value = match phases.solved.get(&Variable::Plain(name)) {
                // in the same step, at the same voltage
                Some(Binding::Value(value))
                    if !self.mentions_any(*value, &evolving)
                        && !self.effects.received.contains(name)
                        && self.holds_at_start(phases, name, *value) =>
                {
                    self.as_found(*value)
                }
                _ => self.carried(name, meaning),
            };
            file.insert(Variable::Plain(name), Binding::Value(value));
        }
        self.bind_states_by_name(&mut file);
        let before = self.at(Moment::BeforeBreakpoint);
        let mut file = self.run(Phase::Breakpoint, file, before)?;
        // it is not run again where the slopes of currents are taken
        for binding in file.values_mut() {
            if let Binding::Value(value) = binding {
                *value = self.as_found(*value);
            }
        }
        let block = self.program.breakpoint.as_ref();
        let block = block.filter(|_| !phases.breakpoint_is_solved);
        phases.end = self.run(Phase::Breakpoint, file, block)?;
        Ok(())
    }

    /// Whether INITIAL leaves in a variable what the solved blocks would: the first step has none of them.
    fn holds_at_start(&mut self, phases: &Phases<'p>, name: &str, solved: Expr) -> bool {
        let value = self.by_own_names(solved);
        let graph = &mut self.executor.graph;
        let mut start = HashMap::from([(graph.symbol("t"), graph.constant(0.0))]);
        for state in &self.program.states {
            let name = state.name.text.as_str();
            if let Some(Binding::Value(value)) = phases.initial.get(&Variable::Plain(name)) {
                start.insert(graph.symbol(name), *value);
            }
        }
        let value = graph.substitute(&[value], &start)[0];
        phases.initial.get(&Variable::Plain(name)) == Some(&Binding::Value(value))
    }

    /// Symbols that stand for something else after the solved blocks than before.
    fn evolving(&mut self, phases: &Phases<'p>) -> BTreeSet<String> {
        let states = self.program.states.iter().map(|s| s.name.text.clone());
        let mut evolving: BTreeSet<String> = states.collect();
        for (name, meaning) in self.variables() {
            let carried = self.carried(name, meaning);
            let after = phases.solved.get(&Variable::Plain(name));
            if after != Some(&Binding::Value(carried)) {
                evolving.insert(self.carried_name(name, meaning));
            }
        }
        evolving
    }

    fn mentions_any(&self, value: Expr, names: &BTreeSet<String>) -> bool {
        let graph = &self.executor.graph;
        let symbols = graph.symbols_of(&[value]);
        symbols.into_iter().any(|s| names.contains(graph.name(s)))
    }

    /// The symbol of what a variable keeps from step to step.
    pub(super) fn carried(&mut self, name: &str, meaning: Meaning) -> Expr {
        let symbol = self.carried_name(name, meaning);
        self.executor.graph.symbol(&symbol)
    }

    /// The name of that symbol: of a parameter that the mechanism assigns it is another than that of
    /// the parameter, which is what the user set.
    pub(super) fn carried_name(&self, name: &str, meaning: Meaning) -> String {
        match meaning {
            Meaning::Parameter if self.is_assigned(name) => format!("{name} now"),
            _ => name.to_owned(),
        }
    }

    /// Whether any block may assign a variable.
    pub(super) fn is_assigned(&self, name: &str) -> bool {
        self.effects.assign(name)
    }

    /// What a variable is when a step begins.
    fn at_start_of_step(&mut self, initial: &Scope<'p>, name: &'p str, meaning: Meaning) -> Expr {
        let changes = self.effects.solved.contains(name)
            || self.effects.breakpoint.contains(name)
            || self.effects.received.contains(name)
            || matches!(
                meaning,
                Meaning::Current { .. } | Meaning::Shared | Meaning::IonInput
            );
        if let (false, Some(Binding::Value(value))) = (changes, initial.get(&Variable::Plain(name)))
            && self.is_constant(*value)
        {
            self.note_read_at_start(name, *value);
            return *value;
        }
        self.carried(name, meaning)
    }

    /// Notes the parameters that what INITIAL left in another variable is computed from.
    fn note_read_at_start(&mut self, variable: &str, value: Expr) {
        let graph = &self.executor.graph;
        for symbol in graph.symbols_of(&[value]) {
            let name = graph.name(symbol);
            if name != variable && self.names.variable(name) == Some(Meaning::Parameter) {
                self.read_at_start.insert(name.to_owned());
            }
        }
    }

    /// Whether a value that INITIAL left is the same at any later time.
    fn is_constant(&self, value: Expr) -> bool {
        let graph = &self.executor.graph;
        !graph.symbols_of(&[value]).into_iter().any(|symbol| {
            let name = graph.name(symbol);
            let meaning = self.names.variable(name);
            matches!(name, "v" | "t")
                || self.executor.draws.iter().any(|draw| draw == name)
                || matches!(
                    meaning,
                    Some(
                        Meaning::IonInput
                            | Meaning::Shared
                            | Meaning::Current { .. }
                            | Meaning::Pointer
                    )
                )
                || self.names.is_shared(name)
        })
    }

    /// Numbers of ions that the mechanism writes.
    pub(super) fn shared(&mut self, phases: &Phases<'p>) -> Result<Vec<State>, Diagnostic> {
        let ions = self.program.interface.ions.iter();
        let written: Vec<&'p Name> = ions.flat_map(|ion| &ion.writes).collect();
        let mut shared = Vec::new();
        for name in written {
            let text = name.text.as_str();
            if !self.names.is_shared(text) {
                continue;
            }
            let symbol = self.executor.graph.symbol(text);
            let dynamics = match phases.dynamics.get(text) {
                Some(dynamics) => *dynamics,
                None if self.names.variable(text) == Some(Meaning::State) => {
                    Dynamics::Update(symbol)
                }
                None => Dynamics::Update(value_of(&phases.solved, name)?),
            };
            let kept = value_of(&phases.end, name)?;
            shared.push(State {
                name: text.to_owned(),
                units: "mM".to_owned(),
                initial: value_of(&phases.initial, name)?,
                dynamics,
                corrected: phases.corrected.get(text).copied(),
                kept: self.unless_itself(kept, text, &phases.solved),
            });
        }
        Ok(shared)
    }

    /// `kept`, unless it is just what the solved blocks left.
    fn unless_itself(&mut self, kept: Expr, name: &'p str, solved: &Scope<'p>) -> Option<Expr> {
        let symbol = self.executor.graph.symbol(name);
        let after = match solved.get(&Variable::Plain(name)) {
            Some(Binding::Value(after)) => Some(self.by_own_names(*after)),
            _ => None,
        };
        (kept != symbol && after != Some(kept)).then_some(kept)
    }

    /// Symbols of what variables keep from step to step, and the variables.
    pub(super) fn carried_symbols(&self) -> BTreeMap<String, &'p str> {
        let mut symbols = BTreeMap::new();
        for (name, meaning) in self.variables() {
            let carries = match meaning {
                Meaning::Memory => !self.is_settable(name),
                Meaning::Parameter => self.is_assigned(name),
                Meaning::Current { read } => !read,
                _ => false,
            };
            if carries {
                symbols.insert(self.carried_name(name, meaning), name);
            }
        }
        symbols
    }

    /// What is carried from step to step because something reads it.
    /// `events` is what events make of variables.
    pub(super) fn memory(
        &mut self,
        phases: &Phases<'p>,
        roots: &[Expr],
        events: &[(String, Expr)],
    ) -> Vec<State> {
        let candidates = self.carried_symbols();
        let mut memory: BTreeMap<String, State> = BTreeMap::new();
        let mut pending = roots.to_vec();
        while let Some(root) = pending.pop() {
            let graph = &self.executor.graph;
            let symbols = graph.symbols_of(&[root]);
            let names: Vec<String> = symbols
                .into_iter()
                .map(|s| graph.name(s).to_owned())
                .collect();
            for symbol in names {
                let Some(&name) = candidates.get(&symbol) else {
                    continue;
                };
                if memory.contains_key(&symbol) {
                    continue;
                }
                let state = self.remembered(phases, name, &symbol);
                let by_events = events.iter().filter(|(changed, _)| *changed == symbol);
                pending.extend(by_events.map(|(_, value)| *value));
                pending.extend(
                    [Some(state.dynamics_value()), state.kept]
                        .into_iter()
                        .flatten(),
                );
                memory.insert(symbol, state);
            }
        }
        memory.into_values().collect()
    }

    fn remembered(&mut self, phases: &Phases<'p>, name: &'p str, symbol: &str) -> State {
        let itself = self.executor.graph.symbol(symbol);
        let zero = self.executor.graph.constant(0.0);
        let value = |scope: &Scope<'p>| match scope.get(&Variable::Plain(name)) {
            Some(Binding::Value(value)) => Some(*value),
            _ => None,
        };
        let solved = value(&phases.solved).unwrap_or(itself);
        let kept = value(&phases.end);
        let initial = value(&phases.initial).unwrap_or(zero);
        let found = self.by_own_names(solved);
        let kept = kept.filter(|kept| *kept != itself && *kept != found);
        State {
            name: symbol.to_owned(),
            units: String::new(),
            initial,
            dynamics: Dynamics::Update(solved),
            corrected: None,
            kept,
        }
    }

    /// Runs one block that starts with these variables; the answer is what they are at its end.
    pub(super) fn run(
        &mut self,
        phase: Phase,
        file: Scope<'p>,
        block: Option<&'p Block>,
    ) -> Result<Scope<'p>, Diagnostic> {
        self.enter(file);
        self.executor.phase = phase;
        if let Some(block) = block {
            self.executor.block(block)?;
        }
        self.executor.left_block();
        Ok(std::mem::take(&mut self.executor.environment.file))
    }

    /// Lets a block start with these variables.
    pub(super) fn enter(&mut self, mut file: Scope<'p>) {
        let v = self.executor.graph.symbol("v");
        file.insert(Variable::Plain("v"), Binding::Value(v));
        let scopes = Vec::new();
        self.executor.environment = Environment { file, scopes };
    }

    /// The variables of the file, states and constants aside, with the lifetime of its text.
    pub(super) fn variables(&self) -> Vec<(&'p str, Meaning)> {
        let program = self.program;
        let interface = &program.interface;
        let parameters = program.parameters.iter().map(|p| &p.name);
        let assigned = program.assigned.iter().map(|a| &a.name);
        let ions = interface.ions.iter();
        let ions = ions.flat_map(|ion| ion.reads.iter().chain(&ion.writes));
        let mut variables: Vec<(&str, Meaning)> = parameters
            .chain(assigned)
            .chain(&program.file_locals)
            .chain(ions)
            .chain(&interface.nonspecific)
            .chain(&interface.electrode)
            .filter_map(|name| Some((name.text.as_str(), self.names.variable(&name.text)?)))
            .filter(|(_, meaning)| {
                matches!(
                    meaning,
                    Meaning::Parameter
                        | Meaning::Memory
                        | Meaning::Current { .. }
                        | Meaning::Shared
                        | Meaning::IonInput
                )
            })
            .collect();
        variables.sort_by_key(|&(name, _)| name);
        variables.dedup_by_key(|&mut (name, _)| name);
        variables
    }

    /// SOLVE statements of BREAKPOINT, in order, also those behind IF: NEURON too solves them before the
    /// rest, and whatever the condition.
    fn solves(&self) -> Vec<(&'p Name, Option<&'p Name>, Span)> {
        let mut solves = Vec::new();
        if let Some(block) = &self.program.breakpoint {
            gather_solves(block, &mut solves);
        }
        solves
    }

    /// SOLVE behind an IF.
    pub(super) fn warn_of_conditional_solves(&mut self) {
        let statements = self.program.breakpoint.iter().flat_map(|b| &b.statements);
        let direct: Vec<Span> = statements.map(|statement| statement.span).collect();
        for (_, _, span) in self.solves() {
            if !direct.contains(&span) {
                self.warn(
                    span,
                    "the block is solved whatever the condition, as in NEURON",
                );
            }
        }
    }
}

fn gather_solves<'p>(block: &'p Block, solves: &mut Vec<(&'p Name, Option<&'p Name>, Span)>) {
    for statement in &block.statements {
        match &statement.kind {
            StatementKind::Solve { block, method, .. } => {
                solves.push((block, method.as_ref(), statement.span));
            }
            StatementKind::If {
                then, otherwise, ..
            } => {
                gather_solves(then, solves);
                gather_solves(otherwise, solves);
            }
            StatementKind::Block(inner) => gather_solves(inner, solves),
            _ => {}
        }
    }
}
