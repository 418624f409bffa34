//! A mechanism in words, formulas and numbers: what `loligo check FILE.mod` prints.

mod costs;
mod steps;

use std::collections::HashMap;
use std::fmt::Write;

use crate::formula::{formula, number};
use crate::graph::{Expr, Graph};
use crate::mechanism::{
    Direction, Dynamics, FIXED_VOLTAGE, Mechanism, Parameter, Placement, Scope,
};
use crate::passes::differentiate;
use steps::Steps;

/// Parameters with units, defaults and limits; ions; currents with their slopes ∂I/∂v; states with
/// their equations, the step that is chosen for each and why, and time constants; what can be
/// recorded; how many operations that is before and after simplification; warnings.
///
/// ```
/// let pas = loligo_mechanism::library::builtin("pas").unwrap();
/// let text = loligo_mechanism::report::report(&pas);
/// assert!(text.contains("i = g*(v - e)"));
/// assert!(text.contains("di/dv = g"));
/// ```
pub fn report(mechanism: &Mechanism) -> String {
    let mut report = Report {
        graph: mechanism.graph.clone(),
        names: HashMap::new(),
        text: String::new(),
    };
    for observable in &mechanism.observables {
        let value = report.with_voltage(observable.value);
        if report.graph.literal(value).is_none() {
            report.names.insert(value, observable.name.clone());
        }
    }
    let kind = match mechanism.placement {
        Placement::Density => "density mechanism",
        Placement::Point => "point process",
        Placement::Cell => "artificial cell",
        Placement::Synapse if mechanism.conductance.is_some() => "gap junction",
        Placement::Synapse => "synapse",
    };
    report.line(0, &format!("{}: {kind}", mechanism.name));
    report.parameters(mechanism);
    report.commons(mechanism);
    report.ions(mechanism);
    report.currents(mechanism);
    report.states(mechanism);
    report.fluxes(mechanism);
    report.observables(mechanism);
    if mechanism.depends_on_temperature() {
        report.line(0, "depends on celsius");
    }
    report.costs(mechanism);
    if report.text.contains("exprelr(") {
        report.line(0, "exprelr(x) is x/(exp(x) - 1), and 1 at x = 0");
    }
    report.section("warnings", mechanism.warnings.len());
    for warning in &mechanism.warnings {
        report.line(1, warning);
    }
    report.text
}

struct Report {
    graph: Graph,
    /// Expressions that have a name of their own.
    names: HashMap<Expr, String>,
    text: String,
}

impl Report {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&"  ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn section(&mut self, title: &str, entries: usize) {
        if entries > 0 {
            self.line(0, title);
        }
    }

    /// An expression in which the voltage that slopes hold fixed is the voltage.
    fn with_voltage(&mut self, expr: Expr) -> Expr {
        let [held, v] = [FIXED_VOLTAGE, "v"].map(|name| self.graph.symbol(name));
        self.graph.substitute(&[expr], &HashMap::from([(held, v)]))[0]
    }

    /// An expression that may be printed by its name.
    fn value(&mut self, expr: Expr) -> String {
        let expr = self.with_voltage(expr);
        match self.names.get(&expr) {
            Some(name) => name.clone(),
            None => self.formula(expr),
        }
    }

    /// An expression itself, with its parts printed by their names.
    fn formula(&mut self, expr: Expr) -> String {
        let expr = self.with_voltage(expr);
        formula(&self.graph, expr, &self.names)
    }

    fn parameters(&mut self, mechanism: &Mechanism) {
        self.section("parameters", mechanism.parameters.len());
        let width = |text: &dyn Fn(&Parameter) -> usize| {
            mechanism.parameters.iter().map(text).max().unwrap_or(0)
        };
        let name_width = width(&|p| p.name.chars().count());
        let value_width = width(&|p| number(p.default).chars().count());
        let unit_width = width(&|p| p.units.chars().count());
        for parameter in &mechanism.parameters {
            let Parameter {
                name,
                default,
                units,
                limits,
                scope,
            } = parameter;
            let default = number(*default);
            let reach = match scope {
                Scope::Range => "per compartment",
                Scope::Global => "one for all",
            };
            let mut line =
                format!("{name:name_width$}  {default:>value_width$} {units:unit_width$}  {reach}");
            if let Some((lowest, highest)) = limits {
                let (lowest, highest) = (number(*lowest), number(*highest));
                let _ = write!(line, ", from {lowest} to {highest}");
            }
            self.line(1, &line);
        }
    }

    fn commons(&mut self, mechanism: &Mechanism) {
        self.section(
            "numbers in common with other mechanisms",
            mechanism.commons.len(),
        );
        for common in &mechanism.commons {
            self.line(1, &format!("{}  {}", common.name, number(common.default)));
        }
    }

    fn fluxes(&mut self, mechanism: &Mechanism) {
        self.section(
            "changes at the end of a step, implicitly",
            mechanism.fluxes.len(),
        );
        for flux in &mechanism.fluxes {
            let rate = self.value(flux.rate);
            self.line(1, &format!("{}' = {rate}", flux.number));
        }
    }

    fn ions(&mut self, mechanism: &Mechanism) {
        self.section("ions", mechanism.ions.len());
        for ion in &mechanism.ions {
            let mut parts = Vec::new();
            if !ion.reads.is_empty() {
                parts.push(format!("reads {}", ion.reads.join(", ")));
            }
            if !ion.writes.is_empty() {
                parts.push(format!("writes {}", ion.writes.join(", ")));
            }
            if let Some(valence) = ion.valence {
                parts.push(format!("valence {valence}"));
            }
            self.line(1, &format!("{}: {}", ion.ion, parts.join("; ")));
        }
    }

    fn currents(&mut self, mechanism: &Mechanism) {
        let units = match mechanism.placement {
            Placement::Density => "mA/cm2",
            Placement::Point | Placement::Cell | Placement::Synapse => "nA",
        };
        let direction = match mechanism.currents.first().map(|current| current.direction) {
            Some(Direction::Inward) => "inward",
            _ => "outward",
        };
        self.section(
            &format!("currents, {units}, {direction} positive"),
            mechanism.currents.len(),
        );
        for current in &mechanism.currents {
            let density = self.value(current.density);
            self.line(1, &format!("{} = {density}", current.name));
            let slope = differentiate::derivative(&mut self.graph, current.density, "v");
            let slope = self.value(slope);
            self.line(2, &format!("d{}/dv = {slope}", current.name));
        }
    }

    fn states(&mut self, mechanism: &Mechanism) {
        let all = mechanism.states.iter().chain(&mechanism.shared);
        self.section("states", mechanism.states.len() + mechanism.shared.len());
        let steps = Steps::of(mechanism);
        let at_rest = steps::at_rest(mechanism);
        for state in all {
            let name = &state.name;
            let initial = self.value(state.initial);
            let whose = match mechanism.shared.iter().any(|shared| shared.name == *name) {
                true => " (shared with other mechanisms)",
                false => "",
            };
            self.line(1, &format!("{name}{whose} starts at {initial}"));
            let still = Dynamics::Update(self.graph.symbol(name));
            match state.dynamics {
                Dynamics::Derivative(derivative) => {
                    let rate = self.value(derivative);
                    self.line(2, &format!("{name}' = {rate}"));
                    self.time_constant(mechanism, name, derivative, at_rest.as_ref());
                }
                dynamics if dynamics == still && state.kept.is_none() => {
                    self.line(2, "keeps its value");
                }
                Dynamics::Update(_) if state.dynamics == still => {}
                Dynamics::Update(update) => {
                    let next = self.value(update);
                    self.line(2, &format!("becomes {next} in each step"));
                }
            }
            if state.dynamics != still {
                for line in steps.lines(name) {
                    self.line(2, &line);
                }
            }
            if let Some(corrected) = state.corrected {
                let corrected = self.value(corrected);
                self.line(2, &format!("is then made {corrected}"));
            }
            if let Some(kept) = state.kept {
                let kept = self.value(kept);
                self.line(2, &format!("is left as {kept} with the currents"));
            }
        }
    }

    fn observables(&mut self, mechanism: &Mechanism) {
        self.section("can also be recorded", mechanism.observables.len());
        for observable in &mechanism.observables {
            let value = self.formula(observable.value);
            let units = match observable.units.as_str() {
                "" => String::new(),
                units => format!(" ({units})"),
            };
            self.line(1, &format!("{}{units} = {value}", observable.name));
        }
    }
}
