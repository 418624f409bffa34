//! The membrane phase: what flows, as a line, and what is left of states.

use std::collections::HashMap;

use super::super::{MembraneCurrent, MembraneObservable, Slope, sum};
use super::{Merging, middle_of_step, symbol_of};
use crate::graph::Expr;
use crate::mechanism::{
    Course, Direction, FIXED_VOLTAGE, Manner, Mechanism, PRESYNAPTIC, Placement, VOLTAGE,
};
use crate::passes::{differentiate, linear};

/// The step of [`Slope::Secant`], mV, or mM for a concentration.
const SECANT_STEP: f64 = 1e-3;

/// mA/cm² per nA/µm².
const POINT_DENSITY: f64 = 100.0;

impl Merging {
    /// Currents, what can be recorded, and what the membrane phase leaves of states.
    pub(super) fn membrane_phase(
        &mut self,
        index: usize,
        mechanism: &Mechanism,
        here: &HashMap<Expr, Expr>,
        earlier: &HashMap<Expr, Expr>,
    ) {
        let so_far = self.so_far(mechanism);
        let now = |merging: &mut Self, expr: Expr| {
            merging.membrane.graph.substitute(&[here[&expr]], &so_far)[0]
        };
        for (position, current) in mechanism.currents.iter().enumerate() {
            let value = now(self, current.density);
            let density = self.density(value, mechanism.placement, current.direction);
            let (slope, drive) = match mechanism.conductance {
                // the other side is solved for as well, and is no part of the drive
                Some(conductance) => (now(self, conductance), self.membrane.graph.constant(0.0)),
                None => self.line(density, VOLTAGE),
            };
            let [value, density, slope, drive] =
                [value, density, slope, drive].map(|expr| self.at_voltage(expr));
            self.membrane.currents.push(MembraneCurrent {
                mechanism: index,
                current: position,
                ion: current.ion.clone(),
                value,
                direction: current.direction,
                density,
                slope,
                drive,
            });
        }
        for (position, observable) in mechanism.observables.iter().enumerate() {
            let value = now(self, observable.value);
            let stepped = observable.stepped.map(|(initial, after)| {
                let initial = self.at_start(here[&initial]);
                let graph = &mut self.membrane.graph;
                (initial, graph.substitute(&[here[&after]], earlier)[0])
            });
            let value = self.at_voltage(value);
            self.membrane.observables.push(MembraneObservable {
                mechanism: index,
                observable: position,
                value,
                stepped,
            });
        }
        for flux in &mechanism.fluxes {
            let rate = now(self, flux.rate);
            let outflow = self.membrane.graph.neg(rate);
            let (slope, drive) = self.line(outflow, &flux.number);
            self.fluxes.push((flux.number.clone(), slope, drive));
        }
        let states = mechanism.states.iter();
        for state in states.chain(&mechanism.shared).chain(&mechanism.memory) {
            let Some(kept) = state.kept else {
                continue;
            };
            let kept = now(self, kept);
            let name = symbol_of(mechanism, state);
            let symbol = self.membrane.graph.symbol(&name);
            if let Some(position) = self.state_named(&name) {
                self.membrane.states[position].kept = Some(kept);
            }
            self.kept.insert(symbol, kept);
        }
    }

    /// A current as a density, outward positive.
    fn density(&mut self, value: Expr, placement: Placement, direction: Direction) -> Expr {
        let graph = &mut self.membrane.graph;
        let outward = match direction {
            Direction::Outward => value,
            Direction::Inward => graph.neg(value),
        };
        // what flows through a synapse is counted as its mechanism does, in nA
        if matches!(placement, Placement::Density | Placement::Synapse) {
            return outward;
        }
        let [area, scale] = [graph.symbol("area"), graph.constant(POINT_DENSITY)];
        let share = graph.div(scale, area);
        graph.mul(share, outward)
    }

    /// What a mechanism finds in the membrane phase: shared numbers as those before it left them,
    /// and of ions' currents what those before it added.
    fn so_far(&mut self, mechanism: &Mechanism) -> HashMap<Expr, Expr> {
        let mut found = self.kept.clone();
        let (t, middle) = middle_of_step(&mut self.membrane.graph, 0.5);
        found.insert(t, middle);
        if mechanism.manner == Manner::Jaxley {
            return found;
        }
        for used in &mechanism.ions {
            let current = format!("i{}", used.ion);
            if used.reads.contains(&current) {
                let total = self.membrane.total_current(Some(&used.ion));
                found.insert(self.membrane.graph.symbol(&current), total);
            }
        }
        found
    }

    /// Lets the fluxes of each number change it, all together; where it diffuses along the cable, what
    /// flows to neighbours belongs to the same equation, which is left to the engine.
    pub(super) fn pump(&mut self) {
        for index in 0..self.membrane.states.len() {
            let state = &self.membrane.states[index];
            let course = state.diffusion.map(|diffusion| diffusion.course);
            let diffuses_along = course == Some(Course::Cable);
            let name = &state.name;
            let fluxes = self.fluxes.iter().filter(|(number, ..)| number == name);
            let (slopes, drives): (Vec<Expr>, Vec<Expr>) =
                fluxes.map(|(_, slope, drive)| (*slope, *drive)).unzip();
            if slopes.is_empty() && !diffuses_along {
                continue;
            }
            let graph = &mut self.membrane.graph;
            let [slope, drive] = [slopes, drives].map(|terms| sum(graph, &terms));
            if diffuses_along {
                self.membrane.states[index].outflow = Some([slope, drive]);
                continue;
            }
            let [number, dt] = [name.as_str(), "dt"].map(|name| graph.symbol(name));
            let before = state.kept.unwrap_or(number);
            let gained = graph.mul(dt, drive);
            let gained = graph.add(before, gained);
            let lost = graph.mul(dt, slope);
            let one = graph.constant(1.0);
            let lost = graph.add(one, lost);
            self.membrane.states[index].pumped = Some(graph.div(gained, lost));
        }
    }

    /// An expression once slopes are taken: the voltage that they held fixed is the voltage.
    fn at_voltage(&mut self, expr: Expr) -> Expr {
        let graph = &mut self.membrane.graph;
        let [held, v] = [graph.symbol(FIXED_VOLTAGE), graph.symbol("v")];
        graph.substitute(&[expr], &HashMap::from([(held, v)]))[0]
    }

    /// Slope and drive of a current as a function of `name`.
    fn line(&mut self, density: Expr, name: &str) -> (Expr, Expr) {
        let graph = &mut self.membrane.graph;
        let pre = graph.symbol(PRESYNAPTIC);
        let both = self.rules.slope == Slope::SecantOfBothSides
            && graph.mentions(density, PRESYNAPTIC)
            && name == VOLTAGE;
        if !both && let Some(line) = linear::linear_in(graph, density, name) {
            // the secant of a line is its slope
            let drive = graph.neg(line.offset);
            return (line.slope, drive);
        }
        let v = graph.symbol(name);
        let slope = match self.rules.slope {
            Slope::Exact => differentiate::derivative(graph, density, name),
            Slope::Secant | Slope::SecantOfBothSides => {
                let step = graph.constant(SECANT_STEP);
                let sides = if both { vec![v, pre] } else { vec![v] };
                let shifted = sides.into_iter().map(|side| (side, graph.add(side, step)));
                let shifted = shifted.collect();
                let moved = graph.substitute(&[density], &shifted)[0];
                let change = graph.sub(moved, density);
                graph.div(change, step)
            }
        };
        let product = graph.mul(slope, v);
        (slope, graph.sub(product, density))
    }
}
