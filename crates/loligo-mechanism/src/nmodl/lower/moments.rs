//! BEFORE and AFTER: what is done for all mechanisms in one sweep, at a moment of NEURON's run.
//!
//! At the start: BEFORE INITIAL, INITIAL, AFTER INITIAL, BEFORE BREAKPOINT, BREAKPOINT, BEFORE STEP, a
//! recording. In each step: BEFORE BREAKPOINT, BREAKPOINT, the voltage, the solved blocks, AFTER SOLVE,
//! BEFORE STEP, a recording. So AFTER SOLVE and BEFORE STEP end the phase in which states are stepped;
//! BEFORE STEP is run once more at the start.

use std::collections::HashMap;

use super::super::ast::{Block, Moment};
use super::super::diagnostics::{Diagnostic, Span};
use super::super::names::Meaning;
use super::Lowering;
use super::environment::{Binding, Missing, Scope, Variable};
use super::execute::Phase;
use super::phases::Phases;
use crate::graph::Expr;

/// What stands for the current of an ion at the start, of which only a membrane knows.
const UNKNOWN: &str = "current at the start";

impl<'p> Lowering<'p, '_> {
    /// The statements of a moment.
    pub(super) fn at(&self, moment: Moment) -> Option<&'p Block> {
        self.program.moments.get(&moment).map(|timed| &timed.body)
    }

    fn place_of(&self, moment: Moment) -> Span {
        let timed = self.program.moments.get(&moment);
        timed.map_or(super::START, |timed| timed.span)
    }

    /// Runs BEFORE INITIAL, on variables as they are before anything assigns them. What it assigns to
    /// states and numbers of ions is lost: they are still to start.
    pub(super) fn before_initial(&mut self, file: Scope<'p>) -> Result<Scope<'p>, Diagnostic> {
        let Some(block) = self.at(Moment::BeforeInitial) else {
            return Ok(file);
        };
        let mut old = file.clone();
        let mut starting: Vec<Variable<'p>> = Vec::new();
        for (name, meaning) in self.variables() {
            if matches!(meaning, Meaning::IonInput | Meaning::Shared) {
                starting.push(Variable::Plain(name));
            }
        }
        starting.extend(self.names.states().into_iter().map(Variable::Plain));
        for &variable in &starting {
            old.insert(variable, Binding::Missing(Missing::BeforeInitial));
        }
        let mut after = self.run(Phase::Initial, old, Some(block))?;
        for variable in starting {
            match file.get(&variable) {
                Some(&start) => after.insert(variable, start),
                None => after.remove(&variable),
            };
        }
        Ok(after)
    }

    /// Runs BEFORE STEP as it is run at the start: behind INITIAL, and behind a first BREAKPOINT, of which
    /// nothing else remains.
    pub(super) fn first_before_step(
        &mut self,
        initial: Scope<'p>,
    ) -> Result<Scope<'p>, Diagnostic> {
        let Some(block) = self.at(Moment::BeforeStep) else {
            return Ok(initial);
        };
        let mut file = initial.clone();
        let unknown = self.executor.graph.symbol(UNKNOWN);
        for ion in &self.program.interface.ions {
            let current = format!("i{}", ion.name.text);
            for name in ion.reads.iter().filter(|name| name.text == current) {
                file.insert(Variable::Plain(&name.text), Binding::Value(unknown));
            }
        }
        if self.has_currents() {
            let before = self.at(Moment::BeforeBreakpoint);
            file = self.run(Phase::Breakpoint, file, before)?;
            file = self.run(Phase::Breakpoint, file, self.program.breakpoint.as_ref())?;
        }
        let found = file.clone();
        let after = self.run(Phase::Initial, file, Some(block))?;
        let graph = &mut self.executor.graph;
        let start = HashMap::from([(graph.symbol("t"), graph.constant(0.0))]);
        let mut left = initial;
        for (variable, binding) in after {
            if found.get(&variable) == Some(&binding) {
                continue;
            }
            let binding = match binding {
                Binding::Value(value) => {
                    let value = self.executor.graph.substitute(&[value], &start)[0];
                    self.check_known(value)?;
                    Binding::Value(value)
                }
                missing @ Binding::Missing(_) => missing,
            };
            left.insert(variable, binding);
        }
        Ok(left)
    }

    fn check_known(&self, value: Expr) -> Result<(), Diagnostic> {
        if !self.executor.graph.mentions(value, UNKNOWN) {
            return Ok(());
        }
        let construct = "BEFORE STEP that reads the current of an ion";
        let advice = "what it is at the start, only a membrane knows";
        let place = self.place_of(Moment::BeforeStep);
        Err(Diagnostic::unsupported(place, construct, advice))
    }

    /// Runs AFTER SOLVE and BEFORE STEP, behind the solved blocks.
    pub(super) fn after_solve(
        &mut self,
        phases: &mut Phases<'p>,
        mut file: Scope<'p>,
    ) -> Result<Scope<'p>, Diagnostic> {
        for moment in [Moment::AfterSolve, Moment::BeforeStep] {
            let Some(block) = self.at(moment) else {
                continue;
            };
            let place = self.place_of(moment);
            // NEURON runs a BREAKPOINT without currents among the solved blocks
            let is_late = !phases.breakpoint_is_solved && !self.effects.breakpoint.is_empty();
            if is_late && !self.has_currents() {
                let construct = format!(
                    "{} in a mechanism without currents whose BREAKPOINT changes what is solved",
                    moment.name()
                );
                return Err(Diagnostic::unsupported(place, construct, ""));
            }
            let mut stepped = phases.dynamics.keys();
            if let Some(state) = stepped.find(|state| self.effects.moment(moment, state)) {
                let construct = format!(
                    "{} that assigns the state `{state}`, which a block that is solved steps,",
                    moment.name()
                );
                return Err(Diagnostic::unsupported(place, construct, ""));
            }
            self.warn_of_doubled_currents(moment, place);
            self.bind_states(phases, &mut file);
            file = self.update(phases, file, block, moment.name().to_owned())?;
        }
        Ok(file)
    }

    /// NEURON adds the current that a mechanism writes to the ion's once more behind each of these blocks.
    fn warn_of_doubled_currents(&mut self, moment: Moment, place: Span) {
        let ions = self.program.interface.ions.iter();
        let mut written = ions.flat_map(|ion| &ion.writes).filter(|name| {
            let meaning = self.names.variable(&name.text);
            matches!(meaning, Some(Meaning::Current { .. }))
        });
        if let Some(name) = written.next() {
            let message = format!(
                "behind {} NEURON counts `{}` once more in the ion's current, as it records it; here it \
                 is counted once",
                moment.name(),
                name.text
            );
            self.warn(place, &message);
        }
    }
}
