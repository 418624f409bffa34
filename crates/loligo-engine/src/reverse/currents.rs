//! The transpose of electrodes and of recorded currents: of groups, of clamps, through membranes.

use super::{Ideal, Reverse, Seeds, branch_points};
use crate::block::{Block, Slots};
use crate::convention::Scheme;
use crate::dual::{Number, Scalar};
use crate::observe::{Node, Tap};
use crate::stepper::Stepper;
use crate::vector::Real;

impl<S: Stepper> Reverse<S> {
    /// Cotangents of recorded values of groups, of membrane currents and of clamp currents.
    pub(super) fn seed_currents(
        &mut self,
        stepper: &mut S,
        step: usize,
        (solved, slots): (usize, Slots),
        cotangents: &Seeds<'_, S::Number>,
    ) {
        self.clear_recorded(stepper);
        self.ideal.fill(Ideal::default());
        let recorded = self.recorded.clone();
        cotangents.each_current(step + 1, |tap, value| match tap {
            Tap::Fixed(at) => {
                let at = recorded_position(stepper.plain(), &recorded, *at);
                stepper.set(at, value);
            }
            Tap::Membrane(node) => {
                self.axial_current(stepper, node, solved, value);
                self.electrode_current(stepper, node, (solved, slots), value);
                for &clamp in &node.holdings {
                    self.seed_clamp(stepper, clamp, step, value);
                }
            }
            Tap::Clamp(index) => self.seed_clamp(stepper, *index, step, value),
            Tap::Slot(_) => {}
        });
        self.hold(stepper);
    }

    /// The cotangent of a clamp's current reaches the voltage that the solve found.
    fn seed_clamp(&mut self, stepper: &mut S, index: usize, step: usize, value: S::Number) {
        let holding = stepper.plain().holdings[index];
        if stepper.plain().command(&holding, step).is_none() {
            return;
        }
        if holding.ideal {
            add(&mut self.ideal[index].current, value);
        } else {
            let through = value * S::Number::constant(holding.conductance);
            stepper.add(self.cotangent + holding.position, -through);
        }
    }

    /// The transpose of an ideal clamp is one: it holds w at minus the cotangent of its current.
    fn hold(&mut self, stepper: &mut S) {
        for (index, ideal) in self.ideal.iter_mut().enumerate() {
            let holding = stepper.plain().holdings[index];
            if holding.ideal {
                let at = self.cotangent + holding.position;
                let conductance = S::Number::constant(holding.conductance);
                ideal.voltage = stepper.number(at);
                stepper.add(at, -ideal.current * conductance);
            }
        }
    }

    /// Adds what gap junctions bring to a node of the transposed equation to what is on the right-hand
    /// side beside an ideal clamp, if the node has one.
    pub(crate) fn join_clamp(&mut self, stepper: &S, position: usize, inflow: S::Number) {
        let holdings = stepper.plain().holdings.iter().zip(&mut self.ideal);
        for (_, ideal) in holdings.filter(|(holding, _)| holding.position == position) {
            add(&mut ideal.voltage, inflow);
        }
    }

    /// The cotangent of the voltage at which an ideal clamp holds its node: of the current that
    /// holds w there, taken as in [`Block::clamp_current`].
    fn held(&self, stepper: &S, index: usize, slots: Slots) -> S::Wide {
        let block = stepper.plain();
        let number = |at: usize| stepper.number(at).widen();
        let here = number(self.transposed + block.holdings[index].position);
        let membrane = number(block.membrane_diagonal(index, slots));
        let mut held = self.ideal[index].voltage.widen() - membrane * here;
        for &(edge, other) in &block.around[index] {
            let conductance = number(block.memory.conductance + edge);
            let difference = number(self.transposed + other) - here;
            add(&mut held, conductance * difference);
        }
        held
    }

    /// The transpose of what the neighbours bring to a node; `voltage` is where the voltages are.
    fn axial_current(&mut self, stepper: &mut S, node: &Node, voltage: usize, value: S::Number) {
        let conductances = stepper.plain().memory.conductance;
        for &(edge, other) in &node.neighbours {
            let flow = stepper.number(conductances + edge) * value;
            stepper.add(self.cotangent + other, flow);
            let here = self.cotangent + node.position;
            stepper.set(here, stepper.number(here) - flow);
            if let Some(edges) = self.edges {
                let there = stepper.number(voltage + other);
                let difference = there - stepper.number(voltage + node.position);
                self.sums.add(edges + edge, (value * difference).widen());
            }
        }
    }

    /// The transpose of what electrodes that are mechanisms bring to a node.
    fn electrode_current(
        &self,
        stepper: &mut S,
        node: &Node,
        (voltage, slots): (usize, Slots),
        value: S::Number,
    ) {
        let Some(electrode) = node.electrode else {
            return;
        };
        let here = stepper.number(voltage + node.position);
        let slope = stepper.number(slots.factors + electrode.kept);
        stepper.add(self.cotangent + node.position, -(value * slope));
        let at = |number| recorded_position(stepper.plain(), &self.recorded, number);
        let [slope, drive] = [electrode.slope, electrode.drive].map(at);
        stepper.add(slope, -(value * here));
        stepper.add(drive, value);
    }

    pub(super) fn electrodes(
        &mut self,
        stepper: &mut S,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        let steps = stepper.plain().inputs.steps;
        if let Some(injected) = &mut self.injected {
            for (index, injection) in stepper.plain().injections.iter().enumerate() {
                let cotangent = stepper.number(self.transposed + injection.position);
                add(&mut injected[index * steps + step], cotangent.widen());
            }
            cotangents.each_current(step + 1, |tap, value| {
                if let Tap::Membrane(node) = tap {
                    for &index in &node.injections {
                        add(&mut injected[index * steps + step], value.widen());
                    }
                }
            });
        }
        let crank_nicolson = stepper.plain().lanes.program.scheme == Scheme::CrankNicolson;
        for index in 0..stepper.plain().holdings.len() {
            let holding = stepper.plain().holdings[index];
            if stepper.plain().command(&holding, step).is_none() {
                continue;
            }
            let conductance = S::Wide::constant(holding.conductance);
            let mut command = if holding.ideal {
                self.held(stepper, index, slots)
            } else {
                stepper.number(self.transposed + holding.position).widen() * conductance
            };
            if holding.ideal && crank_nicolson {
                // half of the target is the voltage before the step
                command = command * S::Wide::constant(0.5);
                stepper.add(self.bypass + holding.position, S::Number::narrow(command));
            }
            if let Some(commanded) = &mut self.commanded {
                cotangents.each_current(step + 1, |tap, value| {
                    let direct = match tap {
                        Tap::Clamp(clamp) => *clamp == index,
                        Tap::Membrane(node) => node.holdings.contains(&index),
                        _ => false,
                    };
                    if direct && !holding.ideal {
                        add(&mut command, value.widen() * conductance);
                    }
                });
                add(&mut commanded[index * steps + step], command);
            }
        }
    }

    /// The transpose of membrane and clamp currents written down at t = 0.
    pub(super) fn initial_currents(
        &mut self,
        stepper: &mut S,
        slot: usize,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        let steps = stepper.plain().inputs.steps;
        cotangents.each_current(0, |tap, value| match tap {
            Tap::Membrane(node) => {
                self.axial_current(stepper, node, slot, value);
                if let Some(injected) = &mut self.injected {
                    for &index in &node.injections {
                        add(&mut injected[index * steps], value.widen());
                    }
                }
                for &clamp in &node.holdings {
                    self.commanded_initially(stepper, clamp, value);
                }
            }
            Tap::Clamp(index) => self.commanded_initially(stepper, *index, value),
            _ => {}
        });
        self.initial_branch_points(stepper, slot);
    }

    /// Branch points start where their neighbours put them.
    fn initial_branch_points(&mut self, stepper: &mut S, slot: usize) {
        let block = stepper.plain();
        let (width, conductances) = (block.lanes.width(), block.memory.conductance);
        let edges: Vec<(usize, usize)> = block.order.edges().collect();
        let mut axial = vec![S::Wide::default(); block.memory.nodes];
        for (edge, &(child, parent)) in edges.iter().enumerate() {
            for lane in 0..width {
                let g = stepper.number(conductances + edge * width + lane).widen();
                add(&mut axial[child + lane], g);
                add(&mut axial[parent + lane], g);
            }
        }
        let first = branch_points(stepper).start;
        for (edge, &(child, parent)) in edges.iter().enumerate() {
            for (node, other) in [(child, parent), (parent, child)] {
                if node < first {
                    continue;
                }
                for lane in 0..width {
                    let (node, other, at) = (node + lane, other + lane, edge * width + lane);
                    let share = stepper.number(conductances + at).widen() / axial[node];
                    let cotangent = stepper.number(self.cotangent + node).widen();
                    let through = S::Number::narrow(share * cotangent);
                    stepper.add(self.cotangent + other, through);
                    if let Some(edges) = self.edges {
                        let difference = stepper.number(slot + other) - stepper.number(slot + node);
                        let of_conductance = cotangent * difference.widen() / axial[node];
                        self.sums.add(edges + at, of_conductance);
                    }
                }
            }
        }
    }

    fn commanded_initially(&mut self, stepper: &mut S, index: usize, value: S::Number) {
        let block = stepper.plain();
        let (holding, steps) = (block.holdings[index], block.inputs.steps);
        if holding.ideal || block.command(&holding, 0).is_none() {
            return;
        }
        let through = value.widen() * S::Wide::constant(holding.conductance);
        let to = self.cotangent + holding.position;
        stepper.set(to, stepper.number(to) - S::Number::narrow(through));
        if let Some(commanded) = &mut self.commanded {
            add(&mut commanded[index * steps], through);
        }
    }
}

fn add<N: Scalar>(to: &mut N, more: N) {
    *to = *to + more;
}

/// The position of the cotangent of a recorded value, given that of the value.
pub(super) fn recorded_position<T: Real>(
    block: &Block<T>,
    cotangents: &[Vec<usize>],
    at: usize,
) -> usize {
    for ((values, cotangents), region) in block
        .memory
        .recorded
        .iter()
        .zip(cotangents)
        .zip(&block.layout.groups)
    {
        for (value, cotangent) in values.iter().zip(cotangents) {
            if (*value..*value + region.len()).contains(&at) {
                return cotangent + at - value;
            }
        }
    }
    unreachable!("a tap of a recorded value points into one")
}
