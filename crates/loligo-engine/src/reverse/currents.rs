//! The transpose of electrodes and of recorded currents: of groups, of clamps, through membranes.

use super::{Reverse, Seeds};
use crate::block::Block;
use crate::convention::Scheme;
use crate::observe::Tap;
use crate::vector::Real;

impl<T: Real> Reverse<T> {
    /// Cotangents of recorded values of groups, of membrane currents and of clamp currents.
    pub(super) fn seed_currents(
        &mut self,
        block: &mut Block<T>,
        step: usize,
        solved: usize,
        cotangents: &Seeds<'_, T>,
    ) {
        self.clear_recorded(block);
        let recorded = self.recorded.clone();
        cotangents.each_current(step + 1, |tap, value| match tap {
            Tap::Fixed(at) => {
                let at = recorded_position(block, &recorded, *at);
                let to = &mut block.workspace[at];
                *to = value;
            }
            Tap::Membrane(node) => {
                for &(edge, other) in &node.neighbours {
                    let conductance = block.workspace[block.memory.conductance + edge];
                    let flow = conductance * value;
                    let to = self.cotangent + other;
                    block.workspace[to] = block.workspace[to] + flow;
                    let here = self.cotangent + node.position;
                    block.workspace[here] = block.workspace[here] - flow;
                    if let Some(edges) = self.edges {
                        let difference = block.workspace[solved + other]
                            - block.workspace[solved + node.position];
                        self.sums[edges + edge] += (value * difference).to_f64();
                    }
                }
                for &clamp in &node.holdings {
                    seed_clamp(block, clamp, step, self.cotangent, value);
                }
            }
            Tap::Clamp(index) => seed_clamp(block, *index, step, self.cotangent, value),
            Tap::Slot(_) => {}
        });
    }

    pub(super) fn electrodes(
        &mut self,
        block: &mut Block<T>,
        step: usize,
        cotangents: &Seeds<'_, T>,
    ) {
        let steps = block.inputs.steps;
        if let Some(injected) = &mut self.injected {
            for (index, injection) in block.injections.iter().enumerate() {
                let cotangent = block.workspace[self.transposed + injection.position];
                injected[index * steps + step] += cotangent.to_f64();
            }
            cotangents.each_current(step + 1, |tap, value| {
                if let Tap::Membrane(node) = tap {
                    for &index in &node.injections {
                        injected[index * steps + step] += value.to_f64();
                    }
                }
            });
        }
        for (index, holding) in block.holdings.iter().enumerate() {
            if block.command(holding, step).is_none() {
                continue;
            }
            let flow = block.workspace[self.transposed + holding.position].to_f64();
            let mut command = flow * holding.conductance;
            let extrapolated = holding.ideal && block.lanes.program.scheme == Scheme::CrankNicolson;
            if extrapolated {
                // half of the target is the voltage before the step
                command *= 0.5;
                let bypass = &mut block.workspace[self.bypass + holding.position];
                *bypass = *bypass + T::from_f64(command);
            }
            if let Some(commanded) = &mut self.commanded {
                cotangents.each_current(step + 1, |tap, value| {
                    let direct = match tap {
                        Tap::Clamp(clamp) => *clamp == index,
                        Tap::Membrane(node) => node.holdings.contains(&index),
                        _ => false,
                    };
                    if direct {
                        command += value.to_f64() * holding.conductance;
                    }
                });
                commanded[index * steps + step] += command;
            }
        }
    }

    /// The transpose of membrane and clamp currents written down at t = 0.
    pub(super) fn initial_currents(
        &mut self,
        block: &mut Block<T>,
        slot: usize,
        cotangents: &Seeds<'_, T>,
    ) {
        let steps = block.inputs.steps;
        cotangents.each_current(0, |tap, value| match tap {
            Tap::Membrane(node) => {
                for &(edge, other) in &node.neighbours {
                    let flow = block.workspace[block.memory.conductance + edge] * value;
                    let (to, here) = (self.cotangent + other, self.cotangent + node.position);
                    block.workspace[to] = block.workspace[to] + flow;
                    block.workspace[here] = block.workspace[here] - flow;
                    if let Some(edges) = self.edges {
                        let difference =
                            block.workspace[slot + other] - block.workspace[slot + node.position];
                        self.sums[edges + edge] += (value * difference).to_f64();
                    }
                }
                if let Some(injected) = &mut self.injected {
                    for &index in &node.injections {
                        injected[index * steps] += value.to_f64();
                    }
                }
                for &clamp in &node.holdings {
                    self.commanded_initially(block, clamp, value);
                }
            }
            Tap::Clamp(index) => self.commanded_initially(block, *index, value),
            _ => {}
        });
        // branch points start where their neighbours put them
        let width = block.lanes.width();
        let last = block.layout.groups.last().map_or(0, |region| region.end);
        let edges: Vec<(usize, usize)> = block.order.edges().collect();
        let mut axial = vec![0.0; block.memory.nodes];
        for (edge, &(child, parent)) in edges.iter().enumerate() {
            for lane in 0..width {
                let g = block.workspace[block.memory.conductance + edge * width + lane].to_f64();
                axial[child + lane] += g;
                axial[parent + lane] += g;
            }
        }
        for (edge, &(child, parent)) in edges.iter().enumerate() {
            for (node, other) in [(child, parent), (parent, child)] {
                for lane in 0..width {
                    let (node, other) = (node + lane, other + lane);
                    if node < last {
                        continue;
                    }
                    let at = edge * width + lane;
                    let share =
                        block.workspace[block.memory.conductance + at].to_f64() / axial[node];
                    let cotangent = block.workspace[self.cotangent + node].to_f64();
                    let to = &mut block.workspace[self.cotangent + other];
                    *to = *to + T::from_f64(share * cotangent);
                    if let Some(edges) = self.edges {
                        let difference =
                            block.workspace[slot + other] - block.workspace[slot + node];
                        self.sums[edges + at] += cotangent * difference.to_f64() / axial[node];
                    }
                }
            }
        }
    }

    fn commanded_initially(&mut self, block: &mut Block<T>, index: usize, value: T) {
        let holding = block.holdings[index];
        if holding.ideal || block.command(&holding, 0).is_none() {
            return;
        }
        let through = value.to_f64() * holding.conductance;
        let to = &mut block.workspace[self.cotangent + holding.position];
        *to = *to - T::from_f64(through);
        if let Some(commanded) = &mut self.commanded {
            commanded[index * block.inputs.steps] += through;
        }
    }
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

/// The cotangent of a clamp's current reaches the voltage that the solve found.
fn seed_clamp<T: Real>(
    block: &mut Block<T>,
    index: usize,
    step: usize,
    cotangent: usize,
    value: T,
) {
    let holding = block.holdings[index];
    if block.command(&holding, step).is_some() {
        let to = &mut block.workspace[cotangent + holding.position];
        *to = *to - value * T::from_f64(holding.conductance);
    }
}
