//! A step together with its tangent: how the state after it moves when the state before it and the
//! inputs do.
//!
//! The tangent of whatever lies in the workspace of the block lies in a second half of it, the same
//! distance further on. Beside the factors of a solve that is the tangent ḋ of the diagonal: with
//! A·V′ = b the tangent of the solution solves A·V̇′ = ḃ − Ȧ·V′ with the same factors. The diagonal
//! contains the sum of the conductances of a node; how that moves is left to the edges, where
//! Ȧ·V′ is the difference ġ·(V′_i − V′_j), without cancellation.

use std::sync::Arc;

use loligo_mechanism::mechanism::Course;
use loligo_mechanism::membrane::Phases;

use super::kernels::{Kernels, Within, operand};
use super::{Block, Diffusing, Field, Half, HeldKind, Memory, Moment, Slots, System, fill};
use crate::code::tangent_name;
use crate::convention::Scheme;
use crate::dual::Dual;
use crate::inputs::Inputs;
use crate::kernel::{Kernel, Operand};
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::{Node, Tap};
use crate::program::TapeKind;
use crate::setup::{MovingSetup, Spread};
use crate::stepper::Stepper;
use crate::vector::{Real, VectorUnit};

/// A block that steps with its tangent.
pub(crate) struct TangentBlock<T: Real> {
    pub(crate) block: Block<T>,
    /// How much further on the tangents lie.
    pub(crate) shift: usize,
    /// Tangents of the inputs.
    tangents: Arc<Inputs>,
    /// Tangents of the invariants, `[group][invariant]`.
    pub(crate) invariants: Vec<Vec<Operand>>,
    kernels: Kernels<T>,
    /// Tangents of [`Block::unclamped`].
    unclamped: Vec<T>,
}

impl<T: Real> TangentBlock<T> {
    /// As [`Block::new`], with room for the tangents of everything.
    pub(crate) fn new(
        lanes: Lanes,
        inputs: Arc<Inputs>,
        origin: &MovingSetup,
        unit: VectorUnit,
        extra: usize,
    ) -> Self {
        let (setup, moving) = (&origin.plain, &origin.tangent);
        let layout = NodeLayout::new::<T>(lanes.population(), lanes.width());
        let (memory, _) = Memory::new::<T>(&lanes, &layout, setup);
        let shift = (memory.end + extra).next_multiple_of(T::LANES);
        let mut end = 2 * shift;
        let mut place = |spread: &Spread| match spread {
            Spread::Uniform(tangent) => Operand::Uniform(*tangent),
            Spread::Each(tangents) => {
                end += tangents.len();
                Operand::Fixed(end - tangents.len())
            }
        };
        let invariants: Vec<Vec<Operand>> = moving
            .invariants
            .iter()
            .map(|spreads| spreads.iter().map(&mut place).collect())
            .collect();
        let mut block = Block::<T>::new(lanes, inputs, setup, unit, end - memory.end);
        // padding moves along, and must be numbers; slots are written before they are read
        block.workspace[shift..shift + memory.end].fill(T::ZERO);
        let of_invariants = moving.invariants.iter().flatten();
        for (spread, operand) in of_invariants.zip(invariants.iter().flatten()) {
            if let (Spread::Each(tangents), Operand::Fixed(at)) = (spread, operand) {
                fill(&mut block.workspace[*at..*at + tangents.len()], tangents);
            }
        }
        let conductance = memory.conductance + shift;
        let edges = moving.conductance.len();
        fill(
            &mut block.workspace[conductance..conductance + edges],
            &moving.conductance,
        );
        for (at, passages) in memory.reservoirs.iter().zip(&moving.diffusion) {
            let to = at.conductance + shift;
            let tangents: Vec<f64> = passages.conductance.iter().map(|g| g.tangent).collect();
            fill(&mut block.workspace[to..to + tangents.len()], &tangents);
        }
        TangentBlock {
            kernels: kernels(&block, &invariants, shift),
            unclamped: block.unclamped.clone(),
            block,
            shift,
            tangents: Arc::clone(&origin.directions),
            invariants,
        }
    }

    /// Writes the state at t = 0 and its tangent into a slot.
    pub(crate) fn start(&mut self, origin: &MovingSetup, slot: usize) {
        self.block.start(&origin.plain, slot);
        let (moving, slot) = (&origin.tangent, slot + self.shift);
        self.block
            .write_state(&moving.voltage, &moving.states, slot);
    }

    /// [`Block::complete`] and its tangent.
    pub(crate) fn complete(&mut self, step: usize, slots: Slots) {
        self.drive(step, slots);
        self.block.factor(slots);
        let solved = self.block.solved(slots);
        self.solve_tangent(Field::Voltage, slots, self.block.memory.rhs, solved);
        self.advance(slots);
    }

    /// [`Block::drive`] and its tangent.
    pub(crate) fn drive(&mut self, step: usize, slots: Slots) {
        self.block.drive(step, slots);
        self.inject(step);
        self.hold(step, slots);
    }

    /// [`Block::advance`] and its tangent.
    pub(crate) fn advance(&mut self, slots: Slots) {
        self.block.advance(slots);
        if self.block.lanes.program.scheme == Scheme::CrankNicolson {
            self.extrapolate(slots);
        }
    }

    /// [`Block::join_clamp`] and its tangent.
    pub(crate) fn join_clamp(&mut self, position: usize, inflow: Dual<T>) {
        self.block.join_clamp(position, inflow.value);
        let holdings = self.block.holdings.iter().zip(&mut self.unclamped);
        for (_, unclamped) in holdings.filter(|(holding, _)| holding.position == position) {
            *unclamped = *unclamped + inflow.tangent;
        }
    }

    /// [`Block::membrane`] and its tangent.
    pub(crate) fn membrane(&mut self, moment: Moment, slots: Slots) {
        self.first_half(moment, slots);
        self.second_half(moment, slots);
    }

    /// [`Block::second_half`] and its tangent.
    pub(crate) fn second_half(&mut self, moment: Moment, slots: Slots) {
        let phases = moment.last(self.block.lanes.program.phases);
        self.run(phases, moment.time, slots);
        for shift in [0, self.shift] {
            self.block.keep_slopes(slots, shift);
        }
        self.block.leave_branch_points(slots);
        for &(position, _) in &self.block.branch_points {
            let rhs = self.block.memory.rhs + position;
            self.block.workspace[rhs + self.shift] = T::ZERO;
            self.block.workspace[slots.factors + position + self.shift] = T::ZERO;
        }
        if moment.phases != Phases::MembraneOnly {
            self.diffuse(slots, Course::Cable);
        }
    }

    /// [`Block::first_half`] and its tangent.
    pub(crate) fn first_half(&mut self, moment: Moment, slots: Slots) {
        self.block.draw(moment);
        match moment.phases {
            _ if !self.block.lanes.program.steps_in_halves() => return,
            Phases::MembraneOnly => {
                for shift in [0, self.shift] {
                    self.block.leave_states(slots, shift);
                }
            }
            _ => {
                self.play(moment, Half::Update, slots);
                self.run(Phases::Update, moment.time, slots);
                self.diffuse(slots, Course::Shells);
            }
        }
        self.play(moment, Half::Currents, slots);
    }

    /// [`Block::play`] and its tangent.
    fn play(&mut self, moment: Moment, half: Half, slots: Slots) {
        self.block.play(moment, half, slots);
        let (sample, time) = self.block.sample(moment, half);
        for index in 0..self.block.played.len() {
            let played = self.block.played[index];
            let drive = &self.tangents.stimuli[played.stimulus];
            let tangent = drive.at(played.batch, self.tangents.lanes, sample, time);
            let at = self.block.playing(played, half, slots) + self.shift;
            self.block.workspace[at] = T::from_f64(tangent);
        }
    }

    fn run(&mut self, phases: Phases, time: f64, slots: Slots) {
        let workspace = &mut self.block.workspace;
        self.kernels.run(phases, time, slots, workspace, &mut []);
    }

    /// [`Block::hold_numbers`] and its tangent.
    pub(crate) fn hold_numbers(&mut self, step: usize, slots: Slots, kind: HeldKind) {
        self.block.hold_numbers(step, slots, kind);
        for index in 0..self.block.held.len() {
            let held = self.block.held[index];
            if held.kind == kind {
                let drive = &self.tangents.stimuli[held.stimulus];
                let time = self.block.middle(step);
                let tangent = drive.at(held.batch, self.tangents.lanes, step, time);
                let at = slots.to + held.position + self.shift;
                if kind == HeldKind::Voltage {
                    let kept = slots.factors + self.block.memory.factors.held + index + self.shift;
                    self.block.workspace[kept] = self.block.workspace[at];
                }
                self.block.workspace[at] = T::from_f64(tangent);
            }
        }
    }

    fn inject(&mut self, step: usize) {
        for index in 0..self.block.injections.len() {
            let injected = self.injected(index, step);
            let position = self.block.injections[index].position;
            let rhs = self.block.memory.rhs + position + self.shift;
            self.block.workspace[rhs] = self.block.workspace[rhs] + injected;
        }
    }

    /// The tangent of what an electrode injects during a step.
    fn injected(&self, index: usize, step: usize) -> T {
        let injection = &self.block.injections[index];
        let drive = &self.tangents.stimuli[injection.stimulus];
        let time = self.block.middle(step);
        T::from_f64(drive.at(injection.batch, self.tangents.lanes, step, time))
    }

    /// The tangent of what a clamp commands during a step, if it is on.
    fn commanded(&self, index: usize, step: usize) -> Option<T> {
        let holding = &self.block.holdings[index];
        self.block.command(holding, step)?;
        let drive = &self.tangents.clamps[holding.clamp];
        let time = self.block.middle(step);
        let tangent = drive.at(holding.batch, self.tangents.lanes, step, time);
        Some(T::from_f64(tangent))
    }

    fn hold(&mut self, step: usize, slots: Slots) {
        for index in 0..self.block.holdings.len() {
            let holding = self.block.holdings[index];
            let position = holding.position + self.shift;
            let (rhs, diagonal) = (self.block.memory.rhs + position, slots.factors + position);
            let Some(mut target) = self.commanded(index, step) else {
                continue;
            };
            if holding.ideal {
                self.unclamped[index] = self.block.workspace[rhs];
                // the diagonal's conductances move with the edges
                let membrane = self.block.membrane_diagonal(index, slots) + self.shift;
                self.block.workspace[membrane] = self.block.workspace[diagonal];
            }
            if holding.ideal && self.block.lanes.program.scheme == Scheme::CrankNicolson {
                target = T::HALF * (target + self.block.workspace[slots.from + position]);
            }
            let current = T::from_f64(holding.conductance) * target;
            self.block.workspace[rhs] = self.block.workspace[rhs] + current;
        }
    }

    /// With the solution x of A·x = b at `solution`, and ḃ beside `rhs`, leaves ẋ beside the
    /// solution. What is beside `rhs` is used up.
    pub(crate) fn solve_tangent(
        &mut self,
        field: Field,
        slots: Slots,
        rhs: usize,
        solution: usize,
    ) {
        self.leave_change(field, slots, rhs, solution);
        let shift = self.shift;
        let block = &mut self.block;
        block.solve_again(field, slots, rhs + shift, solution + shift);
    }

    /// With the solution x of A·x = b at `solution`, and ḃ beside `rhs`, leaves ḃ − Ȧ·x there.
    pub(crate) fn leave_change(&mut self, field: Field, slots: Slots, rhs: usize, solution: usize) {
        let block = &mut self.block;
        let (nodes, shift, width) = (block.memory.nodes, self.shift, block.lanes.width());
        let System {
            order,
            conductance,
            factors,
        } = System::of(field, &block.memory, &block.order, &block.diffusing);
        let workspace = &mut block.workspace;
        for position in 0..nodes {
            let change = workspace[slots.factors + factors + shift + position];
            let to = rhs + shift + position;
            workspace[to] = workspace[to] - change * workspace[solution + position];
        }
        for (edge, (child, parent)) in order.edges().enumerate() {
            for lane in 0..width {
                let (child, parent) = (child + lane, parent + lane);
                let change = workspace[conductance + shift + edge * width + lane];
                let flow = change * (workspace[solution + parent] - workspace[solution + child]);
                let (below, above) = (rhs + shift + child, rhs + shift + parent);
                workspace[below] = workspace[below] + flow;
                workspace[above] = workspace[above] - flow;
            }
        }
    }

    /// [`Block::diffuse`] and its tangent.
    fn diffuse(&mut self, slots: Slots, course: Course) {
        self.block.diffuse(slots, course);
        for index in 0..self.block.diffusing.len() {
            let Diffusing {
                at, branch_points, ..
            } = &self.block.diffusing[index];
            if self.block.diffusing[index].course != course {
                continue;
            }
            let at = at.clone();
            for &position in branch_points {
                let rhs = at.rhs + position + self.shift;
                let diagonal = slots.factors + at.factors + position + self.shift;
                self.block.workspace[rhs] = T::ZERO;
                self.block.workspace[diagonal] = T::ZERO;
            }
            self.solve_tangent(Field::Concentration(index), slots, at.rhs, at.solution);
            let scheme = self.block.lanes.program.scheme;
            let Block {
                memory, workspace, ..
            } = &mut self.block;
            at.leave_solution(memory, scheme, slots, self.shift, workspace);
        }
    }

    fn extrapolate(&mut self, slots: Slots) {
        let middle = self.block.memory.middle + self.shift;
        let (from, to) = (slots.from + self.shift, slots.to + self.shift);
        let workspace = &mut self.block.workspace;
        for region in &self.block.layout.groups {
            for position in region.clone() {
                let solved = workspace[middle + position];
                workspace[to + position] = solved + solved - workspace[from + position];
            }
        }
        for &(position, _) in &self.block.branch_points {
            workspace[to + position] = workspace[middle + position];
        }
    }

    /// The tangent of [`Block::reading`].
    pub(crate) fn reading(&self, tap: &Tap, step: usize, slots: Slots) -> T {
        match tap {
            Tap::Slot(at) => self.block.workspace[slots.to + at + self.shift],
            Tap::Fixed(at) => self.block.workspace[at + self.shift],
            Tap::Membrane(node) => {
                let solved = self.block.solved(slots);
                let mut current = self.inflow(node, solved, step);
                if let Some(electrode) = node.electrode {
                    let here = self.number(solved + node.position);
                    let [slope, drive] =
                        [electrode.slope, electrode.drive].map(|at| self.number(at));
                    current = current + (drive - slope * here).tangent;
                }
                let clamps = node.holdings.iter();
                clamps.fold(current, |sum, index| {
                    sum + self.clamp_current(*index, step, slots)
                })
            }
            Tap::Clamp(index) => self.clamp_current(*index, step, slots),
        }
    }

    /// The tangent of what a tap shows at t = 0.
    pub(crate) fn initial_reading(&self, tap: &Tap, slot: usize) -> T {
        match tap {
            Tap::Slot(at) => self.block.workspace[slot + at + self.shift],
            Tap::Fixed(at) => self.block.workspace[at + self.shift],
            Tap::Membrane(node) => {
                let mut current = self.inflow(node, slot, 0);
                if let Some(electrode) = node.electrode {
                    current = current + self.number(electrode.current).tangent;
                }
                let clamps = node.holdings.iter();
                clamps.fold(current, |sum, index| {
                    sum + self.initial_clamp_current(*index, slot)
                })
            }
            Tap::Clamp(index) => self.initial_clamp_current(*index, slot),
        }
    }

    fn inflow(&self, node: &Node, voltage: usize, step: usize) -> T {
        let here = self.number(voltage + node.position);
        let mut current = Dual::default();
        for &(edge, other) in &node.neighbours {
            let conductance = self.number(self.block.memory.conductance + edge);
            current = current + conductance * (self.number(voltage + other) - here);
        }
        let injections = node.injections.iter();
        injections.fold(current.tangent, |sum, index| {
            sum + self.injected(*index, step)
        })
    }

    fn clamp_current(&self, index: usize, step: usize, slots: Slots) -> T {
        let Some(target) = self.commanded(index, step) else {
            return T::ZERO;
        };
        let voltage = self.block.solved(slots);
        let holding = &self.block.holdings[index];
        let here = self.number(voltage + holding.position);
        if !holding.ideal {
            return T::from_f64(holding.conductance) * (target - here.tangent);
        }
        // what the rest of the cable leaves over
        let membrane = self.number(self.block.membrane_diagonal(index, slots));
        let mut current = membrane * here;
        for &(edge, other) in &self.block.around[index] {
            let conductance = self.number(self.block.memory.conductance + edge);
            current = current - conductance * (self.number(voltage + other) - here);
        }
        current.tangent - self.unclamped[index]
    }

    fn initial_clamp_current(&self, index: usize, slot: usize) -> T {
        let holding = &self.block.holdings[index];
        match self.commanded(index, 0) {
            Some(target) if !holding.ideal => {
                let voltage = self.block.workspace[slot + holding.position + self.shift];
                T::from_f64(holding.conductance) * (target - voltage)
            }
            _ => T::ZERO,
        }
    }
}

/// The tapes of the steps with their tangents, which lie `shift` further on; those of invariants are
/// at `moving`.
fn kernels<T: Real>(block: &Block<T>, moving: &[Vec<Operand>], shift: usize) -> Kernels<T> {
    Kernels::new(&block.lanes, |group, phases| {
        let code = &block.lanes.program.codes[block.lanes.population().groups[group].code];
        let at = Within {
            phases,
            group,
            region: &block.layout.groups[group],
            memory: &block.memory,
        };
        let plain = |name: &str| operand(name, code, at, &block.invariants[group]);
        let tape = code.tape(TapeKind::Tangent(phases));
        Kernel::new(&tape, block.unit, block.layout.computed[group], |name| {
            let Some(name) = tangent_name(name) else {
                return plain(name);
            };
            match code.invariants.iter().position(|n| n == name) {
                Some(i) => moving[group][i],
                None => plain(name).shifted(shift),
            }
        })
    })
}
