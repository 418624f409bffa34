//! The tapes of a block's groups, bound to its workspace.

use std::ops::Range;

use super::{Memory, Slots};
use crate::code;
use crate::kernel::{Base, Kernel, Operand};
use crate::lanes::{Lanes, NodeLayout};
use crate::program::{Code, TapeKind};
use crate::vector::{Real, VectorUnit};
use loligo_mechanism::mechanism::PRESYNAPTIC;
use loligo_mechanism::membrane::Phases;

/// Tapes of the groups of a block, for each of the phases of the program's steps.
#[derive(Default)]
pub(crate) struct Kernels<T: Real>(Vec<(Phases, Vec<Kernel<T>>)>);

impl<T: Real> Kernels<T> {
    /// The kernels of all groups, by position, and all phases.
    pub(crate) fn new(lanes: &Lanes, make: impl Fn(usize, Phases) -> Kernel<T>) -> Self {
        let groups = lanes.population().groups.len();
        let all = |phases| (0..groups).map(|group| make(group, phases)).collect();
        let phases = lanes.program.phases.iter();
        Kernels(phases.map(|&phases| (phases, all(phases))).collect())
    }

    /// Runs the tapes of these phases, group by group.
    #[inline]
    pub(crate) fn run(
        &mut self,
        phases: Phases,
        time: f64,
        slots: Slots,
        workspace: &mut [T],
        sums: &mut [f64],
    ) {
        let Some((_, kernels)) = self.0.iter_mut().find(|(of, _)| *of == phases) else {
            unreachable!("{phases:?} is none of the phases of the program's steps");
        };
        for kernel in kernels {
            kernel.run(slots, time, workspace, sums);
        }
    }
}

/// The tapes of the steps.
pub(super) fn kernels<T: Real>(
    lanes: &Lanes,
    layout: &NodeLayout,
    memory: &Memory,
    invariants: &[Vec<Operand>],
    unit: VectorUnit,
) -> Kernels<T> {
    Kernels::new(lanes, |group, phases| {
        let region = layout.groups[group].clone();
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        let at = Within {
            phases,
            group,
            region: &region,
            memory,
        };
        Kernel::new(
            &code.tape(TapeKind::Step(phases)),
            unit,
            layout.computed[group],
            |name| operand(name, code, at, &invariants[group]),
        )
    })
}

/// Where the tapes of a group's phases find their numbers.
#[derive(Clone, Copy)]
pub(super) struct Within<'a> {
    pub(super) phases: Phases,
    pub(super) group: usize,
    /// Of an array over nodes.
    pub(super) region: &'a Range<usize>,
    pub(super) memory: &'a Memory,
}

/// What a symbol of a group's step stands for in the workspace.
pub(super) fn operand(name: &str, code: &Code, at: Within<'_>, invariants: &[Operand]) -> Operand {
    let Within {
        phases,
        group,
        region,
        memory,
    } = at;
    if name == "v" {
        return Operand::Moving(Base::From, region.start);
    }
    if name == PRESYNAPTIC {
        return Operand::Fixed(memory.presynaptic + region.start);
    }
    if name == code::TIME {
        return Operand::Time;
    }
    if name == code::RHS {
        return Operand::Fixed(memory.rhs + region.start);
    }
    if name == code::DIAGONAL {
        return Operand::Moving(Base::Factors, region.start);
    }
    if let Some(i) = code.state_names.iter().position(|n| n == name) {
        return memory.state(phases, memory.states[group][i]);
    }
    if let Some(i) = code.invariants.iter().position(|n| n == name) {
        return invariants[i];
    }
    if let Some(i) = code.draws.iter().position(|(n, _)| n == name) {
        return Operand::Fixed(memory.draws[group][i]);
    }
    for reservoir in memory.reservoirs.iter().filter(|own| own.is_in(region)) {
        if code::rhs_of(&reservoir.name) == name {
            return Operand::Fixed(reservoir.rhs + region.start);
        }
        if code::diagonal_of(&reservoir.name) == name {
            return Operand::Moving(Base::Factors, reservoir.factors + region.start);
        }
    }
    match (0..code.recorded.len()).find(|i| code::recorded(*i) == name) {
        Some(i) => Operand::Fixed(memory.recorded[group][i]),
        None => unreachable!("a step has no other symbol, but `{name}`"),
    }
}
