//! What a trace goes through, forth and back: a block of plain numbers, or a block whose numbers
//! have tangents. Whatever is written for a [`Stepper`] is written once for both.

use std::ops::Range;
use std::sync::Arc;

use crate::block::{Block, Field, HeldKind, Moment, Slots, System, TangentBlock};
use crate::dual::{Dual, Number};
use crate::inputs::Inputs;
use crate::kernel::Operand;
use crate::lanes::Lanes;
use crate::program::TapeKind;
use crate::reverse::Origin;
use crate::setup::{MovingSetup, Setup};
use crate::vector::{Real, VectorUnit};
use loligo_mechanism::membrane::Phases;

/// A block that can be stepped, and whose steps can be transposed.
pub(crate) trait Stepper: Sized + Send {
    /// The precision of the block.
    type Real: Real;
    /// What a number of its workspace is.
    type Number: Number<Real = Self::Real, Wide = Self::Wide>;
    /// The same in double precision.
    type Wide: Number<Real = f64, Wide = Self::Wide>;
    /// What it starts from.
    type Origin: Origin<Number = Self::Wide>;

    /// A block with `extra` more elements in (each part of) its workspace after
    /// [`crate::block::Memory::end`].
    fn new(
        lanes: Lanes,
        inputs: Arc<Inputs>,
        origin: &Self::Origin,
        unit: VectorUnit,
        extra: usize,
    ) -> Self;

    /// Writes the state at t = 0 into a slot.
    fn start(&mut self, origin: &Self::Origin, slot: usize);

    /// Updates the states and leaves the cable equation's right-hand side and diagonal; of synapses
    /// what they add to those.
    fn membrane(&mut self, moment: Moment, slots: Slots);

    /// What follows the membrane in a step: electrodes, and the cable equation.
    fn complete(&mut self, step: usize, slots: Slots);

    /// What stimuli and clamps add to the cable equation.
    fn drive(&mut self, step: usize, slots: Slots);

    /// Eliminates the matrix of the cable equation, and solves it without tangents.
    fn factor(&mut self, slots: Slots);

    /// From the solution of the cable equation to the end of the step.
    fn advance(&mut self, slots: Slots);

    /// Forgets how the state in a slot moves.
    fn stand_still(&mut self, slot: usize);

    /// Overwrites what is held of this kind.
    fn hold_numbers(&mut self, step: usize, slots: Slots, kind: HeldKind);

    /// Adds what gap junctions bring to a node to what is on its right-hand side beside an ideal clamp,
    /// if it has one.
    fn join_clamp(&mut self, position: usize, inflow: Self::Number);

    /// Takes Ȧ·x off the right-hand side's tangent, given the solution x of A·x = b.
    fn leave_change(&mut self, field: Field, slots: Slots, rhs: usize, solution: usize);

    /// What comes before the currents, in a step that has halves, and the step's random numbers.
    fn first_half(&mut self, moment: Moment, slots: Slots);

    /// What comes from the currents on, but for the solve.
    fn second_half(&mut self, moment: Moment, slots: Slots);

    /// Solves an equation of a step, which is its own transpose, for another right-hand side, which
    /// is used up.
    fn solve_again(&mut self, field: Field, slots: Slots, rhs: usize, solution: usize);

    /// The tape of the transpose of a group's step.
    fn adjoint(phases: Phases, wanted: Vec<String>) -> TapeKind;

    /// The block without tangents.
    fn plain(&self) -> &Block<Self::Real>;

    /// The same, to be changed.
    fn plain_mut(&mut self) -> &mut Block<Self::Real>;

    /// How much further on tangents lie.
    fn shift(&self) -> usize;

    /// Tangents of the invariants, `[group][invariant]`.
    fn moving_invariants(&self) -> &[Vec<Operand>];

    /// What a synapse that is folded weighs its source with, the one of this index.
    fn weight(&self, index: usize, synapse: usize) -> Self::Number;

    /// A number of the workspace.
    #[inline(always)]
    fn number(&self, at: usize) -> Self::Number {
        Number::load(&self.plain().workspace, at, self.shift())
    }

    /// Writes a number.
    #[inline(always)]
    fn set(&mut self, at: usize, to: Self::Number) {
        let shift = self.shift();
        to.store(&mut self.plain_mut().workspace, at, shift);
    }

    /// Adds to a number.
    #[inline(always)]
    fn add(&mut self, at: usize, more: Self::Number) {
        self.set(at, self.number(at) + more);
    }

    /// Sets numbers to 0.
    fn clear(&mut self, range: Range<usize>) {
        let shift = self.shift();
        let workspace = &mut self.plain_mut().workspace;
        for part in 0..Self::Number::PARTS {
            workspace[range.start + part * shift..range.end + part * shift].fill(Real::ZERO);
        }
    }

    /// Copies the state in a slot to an array of [`Number::PARTS`] times its length.
    fn save(&self, slot: usize, to: &mut [Self::Real]) {
        let block = self.plain();
        for (part, to) in to.chunks_mut(block.memory.slot.max(1)).enumerate() {
            let from = slot + part * self.shift();
            to.copy_from_slice(&block.workspace[from..from + block.memory.slot]);
        }
    }

    /// A copy of the state in a slot.
    fn state(&self, slot: usize) -> Vec<Self::Real> {
        let mut state = vec![Real::ZERO; Self::Number::PARTS * self.plain().memory.slot];
        self.save(slot, &mut state);
        state
    }

    /// Puts a state back into a slot.
    fn restore(&mut self, slot: usize, state: &[Self::Real]) {
        let shift = self.shift();
        let block = self.plain_mut();
        for (part, from) in state.chunks(block.memory.slot.max(1)).enumerate() {
            let to = slot + part * shift;
            block.workspace[to..to + from.len()].copy_from_slice(from);
        }
    }
}

impl<T: Real> Stepper for Block<T> {
    type Real = T;
    type Number = T;
    type Wide = f64;
    type Origin = Setup;

    fn new(
        lanes: Lanes,
        inputs: Arc<Inputs>,
        origin: &Setup,
        unit: VectorUnit,
        extra: usize,
    ) -> Self {
        Block::new(lanes, inputs, origin, unit, extra)
    }

    fn start(&mut self, origin: &Setup, slot: usize) {
        Block::start(self, origin, slot);
    }

    #[inline]
    fn membrane(&mut self, moment: Moment, slots: Slots) {
        Block::membrane(self, moment, slots);
    }

    #[inline]
    fn complete(&mut self, step: usize, slots: Slots) {
        Block::complete(self, step, slots);
    }

    fn drive(&mut self, step: usize, slots: Slots) {
        Block::drive(self, step, slots);
    }

    fn factor(&mut self, slots: Slots) {
        Block::factor(self, slots);
    }

    fn advance(&mut self, slots: Slots) {
        Block::advance(self, slots);
    }

    fn stand_still(&mut self, _: usize) {}

    #[inline]
    fn hold_numbers(&mut self, step: usize, slots: Slots, kind: HeldKind) {
        Block::hold_numbers(self, step, slots, kind);
    }

    fn join_clamp(&mut self, position: usize, inflow: T) {
        Block::join_clamp(self, position, inflow);
    }

    fn leave_change(&mut self, _: Field, _: Slots, _: usize, _: usize) {}

    fn first_half(&mut self, moment: Moment, slots: Slots) {
        Block::first_half(self, moment, slots);
    }

    fn second_half(&mut self, moment: Moment, slots: Slots) {
        Block::second_half(self, moment, slots);
    }

    fn solve_again(&mut self, field: Field, slots: Slots, rhs: usize, solution: usize) {
        let nodes = self.memory.nodes;
        let System {
            order,
            conductance,
            factors,
        } = System::of(field, &self.memory, &self.order, &self.diffusing);
        let edges = order.edges().len() * self.lanes.width();
        let factors = slots.factors + factors;
        let parts = [
            conductance..conductance + edges,
            factors..factors + nodes,
            rhs..rhs + nodes,
            solution..solution + nodes,
        ];
        if let Ok([conductance, factors, rhs, solution]) = self.workspace.get_disjoint_mut(parts) {
            order.solve(self.unit, conductance, factors, rhs, solution);
        }
    }

    fn adjoint(phases: Phases, wanted: Vec<String>) -> TapeKind {
        TapeKind::Adjoint(phases, wanted)
    }

    #[inline(always)]
    fn plain(&self) -> &Block<T> {
        self
    }

    #[inline(always)]
    fn plain_mut(&mut self) -> &mut Block<T> {
        self
    }

    #[inline(always)]
    fn shift(&self) -> usize {
        0
    }

    fn moving_invariants(&self) -> &[Vec<Operand>] {
        &[]
    }

    fn weight(&self, index: usize, synapse: usize) -> T {
        self.constant(self.invariants[0][index], synapse)
    }
}

impl<T: Real> Stepper for TangentBlock<T> {
    type Real = T;
    type Number = Dual<T>;
    type Wide = Dual<f64>;
    type Origin = MovingSetup;

    fn new(
        lanes: Lanes,
        inputs: Arc<Inputs>,
        origin: &MovingSetup,
        unit: VectorUnit,
        extra: usize,
    ) -> Self {
        TangentBlock::new(lanes, inputs, origin, unit, extra)
    }

    fn start(&mut self, origin: &MovingSetup, slot: usize) {
        TangentBlock::start(self, origin, slot);
    }

    fn membrane(&mut self, moment: Moment, slots: Slots) {
        TangentBlock::membrane(self, moment, slots);
    }

    fn complete(&mut self, step: usize, slots: Slots) {
        TangentBlock::complete(self, step, slots);
    }

    fn drive(&mut self, step: usize, slots: Slots) {
        TangentBlock::drive(self, step, slots);
    }

    fn factor(&mut self, slots: Slots) {
        self.block.factor(slots);
    }

    fn advance(&mut self, slots: Slots) {
        TangentBlock::advance(self, slots);
    }

    fn stand_still(&mut self, slot: usize) {
        let tangent = slot + self.shift..slot + self.shift + self.block.memory.slot;
        self.block.workspace[tangent].fill(Real::ZERO);
    }

    fn hold_numbers(&mut self, step: usize, slots: Slots, kind: HeldKind) {
        TangentBlock::hold_numbers(self, step, slots, kind);
    }

    fn join_clamp(&mut self, position: usize, inflow: Dual<T>) {
        TangentBlock::join_clamp(self, position, inflow);
    }

    fn leave_change(&mut self, field: Field, slots: Slots, rhs: usize, solution: usize) {
        TangentBlock::leave_change(self, field, slots, rhs, solution);
    }

    fn first_half(&mut self, moment: Moment, slots: Slots) {
        TangentBlock::first_half(self, moment, slots);
    }

    fn second_half(&mut self, moment: Moment, slots: Slots) {
        TangentBlock::second_half(self, moment, slots);
    }

    fn solve_again(&mut self, field: Field, slots: Slots, rhs: usize, solution: usize) {
        self.block.solve_again(field, slots, rhs, solution);
        self.solve_tangent(field, slots, rhs, solution);
    }

    fn adjoint(phases: Phases, wanted: Vec<String>) -> TapeKind {
        TapeKind::AdjointTangent(phases, wanted)
    }

    fn plain(&self) -> &Block<T> {
        &self.block
    }

    fn plain_mut(&mut self) -> &mut Block<T> {
        &mut self.block
    }

    fn shift(&self) -> usize {
        self.shift
    }

    fn moving_invariants(&self) -> &[Vec<Operand>] {
        &self.invariants
    }

    fn weight(&self, index: usize, synapse: usize) -> Dual<T> {
        Dual {
            value: self.block.weight(index, synapse),
            tangent: self.block.constant(self.invariants[0][index], synapse),
        }
    }
}
