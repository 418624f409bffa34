//! Where things are in the workspace of a block.

use super::Reservoir;
use crate::kernel::{Base, Operand};
use crate::lanes::{Factors, Lanes, NodeLayout, voltages};
use crate::setup::{Setup, Spread};
use crate::vector::Real;
use loligo_mechanism::membrane::Phases;

/// Where things are in the workspace of a block.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    /// Length of a slot.
    pub(crate) slot: usize,
    /// `[group][state]`, relative to the slot.
    pub(crate) states: Vec<Vec<usize>>,
    /// Length of an array over nodes.
    pub(crate) nodes: usize,
    /// What a step leaves beside a slot.
    pub(crate) factors: Factors,
    pub(crate) rhs: usize,
    /// For Crank–Nicolson the voltage in the middle of a step.
    pub(crate) middle: usize,
    pub(crate) conductance: usize,
    /// Of synapses the voltage on their other side, an array over nodes; else of no length.
    pub(crate) presynaptic: usize,
    presynaptic_end: usize,
    /// `[group][value]`.
    pub(crate) recorded: Vec<Vec<usize>>,
    /// Random numbers, `[group][draw]`.
    pub(crate) draws: Vec<Vec<usize>>,
    /// `[species]`
    pub(crate) reservoirs: Vec<Reservoir>,
    /// Where slots and factors may be put, by the owner of the block.
    pub(crate) end: usize,
}

/// Where a state lives while a step reads or writes it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Slots {
    /// The state before the step.
    pub(crate) from: usize,
    /// The state after it; may be the same.
    pub(crate) to: usize,
    /// Where the factors of the solve are left, of [`Memory::factors`] elements.
    pub(crate) factors: usize,
}

impl Slots {
    /// Where positions relative to a base count from.
    pub(crate) fn at(self, base: Base) -> usize {
        match base {
            Base::From => self.from,
            Base::To => self.to,
            Base::Factors => self.factors,
        }
    }
}

impl Memory {
    /// The workspace of a block, and where its invariants are, `[group][invariant]`.
    pub(super) fn new<T: Real>(
        lanes: &Lanes,
        layout: &NodeLayout,
        setup: &Setup,
    ) -> (Self, Vec<Vec<Operand>>) {
        // what a solve takes apart is in this order: right-hand side, solution, conductances
        let mut end = 0;
        let mut take = |len: usize| {
            let start = end;
            end += len.next_multiple_of(T::LANES);
            start
        };
        let rhs = take(layout.len);
        let middle = take(layout.len);
        let conductance = take(setup.conductance.len());
        let presynaptic = take(match lanes.population().has_sides() {
            true => layout.len,
            false => 0,
        });
        let presynaptic_end = take(0);
        let mut recorded = Vec::new();
        let mut draws = Vec::new();
        let mut invariants = Vec::new();
        for (group, region) in lanes.population().groups.iter().zip(&layout.groups) {
            let code = &lanes.program.codes[group.code];
            recorded.push(code.recorded.iter().map(|_| take(region.len())).collect());
            draws.push(code.draws.iter().map(|_| take(region.len())).collect());
            let spreads = &setup.invariants[recorded.len() - 1];
            invariants.push(
                spreads
                    .iter()
                    .map(|spread| match spread {
                        Spread::Uniform(value) => Operand::Uniform(*value),
                        Spread::Each(values) => Operand::Fixed(take(values.len())),
                    })
                    .collect(),
            );
        }
        let mut slot = voltages(lanes, layout);
        let mut states = Vec::new();
        for (group, region) in lanes.population().groups.iter().zip(&layout.groups) {
            let count = lanes.program.codes[group.code].states.len();
            states.push((0..count).map(|i| slot + i * region.len()).collect());
            slot += count * region.len();
        }
        let factors = Factors::new::<T>(lanes, layout);
        let places = factors.species.iter().zip(&factors.found);
        let species = lanes.population().species.iter().zip(places);
        let reservoirs = species.map(|(species, (factors, found))| {
            Reservoir::new(
                species,
                lanes,
                layout,
                &states,
                (*factors, *found),
                &mut take,
            )
        });
        let reservoirs = reservoirs.collect();
        let memory = Memory {
            slot,
            states,
            nodes: layout.len,
            factors,
            reservoirs,
            rhs,
            middle,
            conductance,
            presynaptic,
            presynaptic_end,
            recorded,
            draws,
            end,
        };
        (memory, invariants)
    }

    /// Whether it is of synapses that see both of their sides.
    pub(crate) fn has_other_side(&self) -> bool {
        self.presynaptic < self.presynaptic_end
    }

    /// Where a state, by its position in a slot, is between the halves of a step, relative to the
    /// factors.
    pub(crate) fn halfway(&self, state: usize) -> usize {
        self.factors.halfway + state - self.nodes
    }

    /// Where tapes of these phases read and write a state, by its position in a slot.
    pub(crate) fn state(&self, phases: Phases, at: usize) -> Operand {
        let before = (Base::From, at);
        let after = (Base::To, at);
        let between = || (Base::Factors, self.halfway(at));
        let halves = self.factors.halfway < self.factors.len;
        let (read, write) = match phases {
            Phases::Update => (before, between()),
            Phases::Membrane => (between(), after),
            Phases::MembraneOnly if halves => (between(), after),
            Phases::MembraneOnly | Phases::UpdateAndMembrane => (before, after),
        };
        Operand::State { read, write }
    }
}
