//! A block of lanes while it runs: its workspace, and the step.
//!
//! The workspace is one array, so that its size is known before the run: first the *slots*, each a
//! complete state (voltage over nodes, then the states of each group), with the factors of the
//! solve that left it; then what one step needs.

mod diffusion;
mod electrodes;
mod held;
mod kernels;
mod memory;
mod played;
mod tangent;

pub(crate) use diffusion::{Diffusing, Reservoir};
pub(crate) use held::HeldKind;
pub(crate) use kernels::Kernels;
pub(crate) use memory::{Memory, Slots};
pub(crate) use played::{Half, Played, played_at_start};
pub(crate) use tangent::TangentBlock;

use std::sync::Arc;

use crate::arena;
use crate::convention::Scheme;
use crate::inputs::Inputs;
use crate::kernel::Operand;
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::{self, Electrode};
use crate::setup::{Setup, Spread};
use crate::vector::{AlignedVec, Real, SolveOrder, VectorUnit};
use electrodes::{Holding, Injection, Injectors};
use held::Held;
use loligo_mechanism::mechanism::Course;
use loligo_mechanism::membrane::Phases;

/// What a step solves a linear system for, over the nodes of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Field {
    Voltage,
    /// A concentration, by its position in [`Block::diffusing`].
    Concentration(usize),
}

/// Where the matrix of a linear system is.
pub(crate) struct System<'b> {
    pub(crate) order: &'b SolveOrder,
    /// `[edge][lane]`, in the workspace.
    pub(crate) conductance: usize,
    /// Relative to the factors of the step.
    pub(crate) factors: usize,
}

impl<'b> System<'b> {
    /// The system of a field; of a block its parts, so that its workspace can be changed meanwhile.
    pub(crate) fn of<T>(
        field: Field,
        memory: &Memory,
        order: &'b SolveOrder,
        diffusing: &'b [Diffusing<T>],
    ) -> Self {
        match field {
            Field::Voltage => System {
                order,
                conductance: memory.conductance,
                factors: 0,
            },
            Field::Concentration(index) => {
                let Diffusing { order, at, .. } = &diffusing[index];
                System {
                    order,
                    conductance: at.conductance,
                    factors: at.factors,
                }
            }
        }
    }
}

/// What is computed of a step, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Which of its phases.
    pub(crate) phases: Phases,
    /// The time at its start, ms.
    pub(crate) time: f64,
    /// Which random numbers are drawn: see [`crate::random::Which::moment`].
    pub(crate) draws: u64,
}

impl Moment {
    /// The phases that leave the cable equation and the state after the step, among those of the
    /// program's steps.
    pub(crate) fn last(self, phases: &[Phases]) -> Phases {
        match phases.contains(&self.phases) {
            true => self.phases,
            false => Phases::Membrane,
        }
    }
}

/// A block of lanes, ready to step.
pub(crate) struct Block<T: Real> {
    pub(crate) lanes: Lanes,
    pub(crate) inputs: Arc<Inputs>,
    pub(crate) layout: NodeLayout,
    pub(crate) memory: Memory,
    pub(crate) order: SolveOrder,
    pub(crate) diffusing: Vec<Diffusing<T>>,
    pub(crate) unit: VectorUnit,
    pub(crate) workspace: AlignedVec<T>,
    /// Positions of invariants that differ within a group, `[group][invariant]`.
    pub(crate) invariants: Vec<Vec<Operand>>,
    pub(crate) injections: Vec<Injection>,
    injectors: Injectors<T>,
    pub(crate) holdings: Vec<Holding>,
    pub(crate) held: Vec<Held>,
    pub(crate) played: Vec<Played>,
    /// Edges of the nodes of ideal clamps (positions in the array of conductances), and where they
    /// lead, `[holding]`.
    pub(crate) around: Vec<Vec<(usize, usize)>>,
    /// Right-hand sides of their nodes before the clamp is added: see [`Block::clamp_current`].
    unclamped: Vec<T>,
    /// Electrodes that are mechanisms, where a membrane's current is recorded.
    electrodes: Vec<Electrode>,
    kernels: Kernels<T>,
    branch_points: Vec<(usize, T)>,
}

impl<T: Real> Block<T> {
    /// A block with the model's state at t = 0 in the slot at `slot`, and `extra` more elements in
    /// its workspace after [`Memory::end`].
    pub(crate) fn new(
        lanes: Lanes,
        inputs: Arc<Inputs>,
        setup: &Setup,
        unit: VectorUnit,
        extra: usize,
    ) -> Self {
        let layout = NodeLayout::new::<T>(lanes.population(), lanes.width());
        let (memory, invariants) = Memory::new::<T>(&lanes, &layout, setup);
        let mut workspace = arena::take::<T>(memory.end + extra);
        // padding is computed along, and must be numbers
        workspace[..memory.end].fill(T::ZERO);
        for (group, spreads) in setup.invariants.iter().enumerate() {
            for (spread, operand) in spreads.iter().zip(&invariants[group]) {
                if let (Spread::Each(values), Operand::Fixed(at)) = (spread, operand) {
                    fill(&mut workspace[*at..*at + values.len()], values);
                }
            }
        }
        let conductance = memory.conductance;
        fill(
            &mut workspace[conductance..conductance + setup.conductance.len()],
            &setup.conductance,
        );
        let tree = &lanes.population().tree;
        let offset = |node: usize| layout.offset[node];
        let order = SolveOrder::new(
            tree.edges
                .iter()
                .map(|edge| (offset(edge.child), offset(edge.parent))),
            [offset(tree.root)].into_iter(),
            lanes.width(),
        );
        let reservoirs = &memory.reservoirs;
        let diffusing = diffusion::diffusing(&lanes, &layout, reservoirs, setup, &mut workspace);
        let branch_points = (tree.compartments..tree.nodes)
            .flat_map(|node| offset(node)..offset(node) + lanes.width())
            .map(|position| (position, T::from_f64(setup.axial[position])))
            .collect();
        let kernels = kernels::kernels(&lanes, &layout, &memory, &invariants, unit);
        let (injections, holdings) = electrodes::drives::<T>(&lanes, &layout);
        let around = holdings
            .iter()
            .map(|holding| match holding.ideal {
                true => order.neighbours(holding.position).collect(),
                false => Vec::new(),
            })
            .collect();
        let mut block = Block {
            injectors: Injectors::new(&injections, &inputs),
            held: held::held(&lanes, &layout, &memory.states),
            played: played::played(&lanes, &layout, &memory.states),
            around,
            electrodes: Vec::new(),
            unclamped: vec![T::ZERO; holdings.len()],
            lanes,
            inputs,
            layout,
            memory,
            order,
            diffusing,
            unit,
            workspace,
            invariants,
            injections,
            holdings,
            kernels,
            branch_points,
        };
        block.electrodes = observe::electrodes(&block);
        block
    }

    /// Writes the state at t = 0 into a slot.
    pub(crate) fn start(&mut self, setup: &Setup, slot: usize) {
        self.write_state(&setup.voltage, &setup.states, slot);
    }

    fn write_state(&mut self, voltage: &[f64], states: &[Vec<Vec<f64>>], slot: usize) {
        if self.memory.slot == 0 {
            return;
        }
        fill(&mut self.workspace[slot..slot + voltage.len()], voltage);
        for (states, offsets) in states.iter().zip(&self.memory.states) {
            for (values, offset) in states.iter().zip(offsets) {
                fill(
                    &mut self.workspace[slot + offset..slot + offset + values.len()],
                    values,
                );
            }
        }
    }

    /// A step. What the first one does depends on the convention.
    #[inline]
    pub(crate) fn moment(&self, step: usize) -> Moment {
        let phases = if step == 0 && !self.inputs.goes_on {
            self.lanes.program.convention.first_step()
        } else {
            Phases::UpdateAndMembrane
        };
        Moment {
            phases,
            time: step as f64 * self.inputs.dt,
            draws: step as u64 + 1,
        }
    }

    /// The membrane at t = 0, which is the middle of the step that would lead there.
    pub(crate) fn beginning(&self) -> Moment {
        Moment {
            phases: Phases::MembraneOnly,
            time: -0.5 * self.inputs.dt,
            draws: 0,
        }
    }

    /// The update after the last step.
    pub(crate) fn end(&self) -> Moment {
        Moment {
            phases: Phases::UpdateAndMembrane,
            time: self.inputs.steps as f64 * self.inputs.dt,
            draws: self.inputs.steps as u64 + 1,
        }
    }

    /// Draws the random numbers that the membrane reads.
    pub(crate) fn draw(&mut self, moment: Moment) {
        for (group, positions) in self.memory.draws.iter().enumerate() {
            if positions.is_empty() {
                continue;
            }
            let population = self.lanes.population();
            let code = &self.lanes.program.codes[population.groups[group].code];
            let start = self.layout.groups[group].start;
            let (lanes, workspace) = (&self.lanes, &mut self.workspace);
            for (draw, at) in positions.iter().enumerate() {
                self.layout
                    .for_each_in_group(population, group, |compartment, lane, position| {
                        let compartment = lanes.row(compartment, lane);
                        let number = code.drawn(self.inputs.seed, draw, compartment, moment.draws);
                        workspace[at + position - start] = T::from_f64(number);
                    });
            }
        }
    }

    /// An element of what does not change during a run.
    pub(crate) fn constant(&self, operand: Operand, element: usize) -> T {
        match operand {
            Operand::Uniform(value) => T::from_f64(value),
            Operand::Fixed(at) => self.workspace[at + element],
            _ => unreachable!("what does not change does not move: {operand:?}"),
        }
    }

    /// Time in the middle of a step, ms.
    pub(crate) fn middle(&self, step: usize) -> f64 {
        (step as f64 + 0.5) * self.inputs.dt
    }

    /// What follows the membrane in a step: electrodes, and the cable equation.
    #[inline]
    pub(crate) fn complete(&mut self, step: usize, slots: Slots) {
        self.drive(step, slots);
        self.factor(slots);
        self.advance(slots);
    }

    /// What stimuli and clamps add to the cable equation.
    #[inline]
    pub(crate) fn drive(&mut self, step: usize, slots: Slots) {
        self.inject(step);
        self.hold(step, slots);
    }

    /// Updates the states and leaves the cable equation's right-hand side and diagonal.
    #[inline]
    pub(crate) fn membrane(&mut self, moment: Moment, slots: Slots) {
        self.first_half(moment, slots);
        self.second_half(moment, slots);
    }

    /// What comes from the currents on: right-hand side and diagonal, and diffusion along the cable.
    #[inline]
    pub(crate) fn second_half(&mut self, moment: Moment, slots: Slots) {
        self.run(moment.last(self.lanes.program.phases), moment.time, slots);
        self.keep_slopes(slots, 0);
        self.leave_branch_points(slots);
        if moment.phases != Phases::MembraneOnly {
            self.diffuse(slots, Course::Cable);
        }
    }

    /// What comes before the currents, in a step that has halves, and the step's random numbers.
    pub(crate) fn first_half(&mut self, moment: Moment, slots: Slots) {
        self.draw(moment);
        match moment.phases {
            _ if !self.lanes.program.steps_in_halves() => return,
            Phases::MembraneOnly => self.leave_states(slots, 0),
            _ => {
                self.play(moment, Half::Update, slots);
                self.run(Phases::Update, moment.time, slots);
                self.diffuse(slots, Course::Shells);
            }
        }
        self.play(moment, Half::Currents, slots);
    }

    fn run(&mut self, phases: Phases, time: f64, slots: Slots) {
        let workspace = &mut self.workspace;
        self.kernels.run(phases, time, slots, workspace, &mut []);
    }

    /// An update that leaves the states as they are, so much further on.
    fn leave_states(&mut self, slots: Slots, shift: usize) {
        let memory = &self.memory;
        let from = slots.from + shift;
        let to = slots.factors + memory.factors.halfway + shift;
        self.workspace
            .copy_within(from + memory.nodes..from + memory.slot, to);
    }

    /// Keeps the slopes of electrodes that are mechanisms, so much further on, for the transpose.
    fn keep_slopes(&mut self, slots: Slots, shift: usize) {
        for electrode in &self.electrodes {
            let slope = self.workspace[electrode.slope + shift];
            self.workspace[slots.factors + electrode.kept + shift] = slope;
        }
    }

    /// A branch point has neither membrane nor capacitance.
    fn leave_branch_points(&mut self, slots: Slots) {
        for &(position, axial) in &self.branch_points {
            self.workspace[self.memory.rhs + position] = T::ZERO;
            self.workspace[slots.factors + position] = axial;
        }
    }

    /// Where the solve leaves its solution: the voltage after the step, or for Crank–Nicolson that
    /// in the middle of it.
    pub(crate) fn solved(&self, slots: Slots) -> usize {
        match self.lanes.program.scheme {
            Scheme::BackwardEuler => slots.to,
            Scheme::CrankNicolson => self.memory.middle,
        }
    }

    /// The cable equation: one tree solve.
    pub(crate) fn factor(&mut self, slots: Slots) {
        let memory = &self.memory;
        let (nodes, end) = (memory.nodes, memory.end);
        let (fixed, moving) = self.workspace.split_at_mut(end);
        let (equation, conductance) = fixed.split_at_mut(memory.conductance);
        let (rhs, middle) = equation.split_at_mut(memory.middle);
        let rhs = &mut rhs[memory.rhs..];
        let (factors, to) = (slots.factors - end, slots.to - end);
        let parts = [factors..factors + nodes, to..to + nodes];
        if let Ok([factors, to]) = moving.get_disjoint_mut(parts) {
            let solution = match self.lanes.program.scheme {
                Scheme::BackwardEuler => to,
                Scheme::CrankNicolson => middle,
            };
            self.order
                .factor_and_solve(self.unit, conductance, factors, rhs, solution);
        }
    }

    /// Solves the cable equation once more, with the factors that are there, in arrays of someone else.
    pub(crate) fn respond(&self, factors: usize, rhs: &mut [T], solution: &mut [T]) {
        let conductance = &self.workspace[self.memory.conductance..];
        let factors = &self.workspace[factors..];
        let order = &self.order;
        order.solve(self.unit, conductance, factors, rhs, solution);
    }

    /// From the solution of the cable equation to the end of the step.
    #[inline]
    pub(crate) fn advance(&mut self, slots: Slots) {
        if self.lanes.program.scheme == Scheme::CrankNicolson {
            self.extrapolate(slots);
        }
    }

    /// From the middle of the step to its end; branch points, which have no charge, stay solved.
    fn extrapolate(&mut self, slots: Slots) {
        let two = T::from_f64(2.0);
        let middle = self.memory.middle;
        for region in &self.layout.groups {
            for position in region.clone() {
                let (solved, before) = (
                    self.workspace[middle + position],
                    self.workspace[slots.from + position],
                );
                self.workspace[slots.to + position] = two * solved - before;
            }
        }
        for &(position, _) in &self.branch_points {
            self.workspace[slots.to + position] = self.workspace[middle + position];
        }
    }
}

impl<T: Real> Drop for Block<T> {
    fn drop(&mut self) {
        arena::give(std::mem::replace(&mut self.workspace, AlignedVec::zeros(0)));
    }
}

fn fill<T: Real>(to: &mut [T], from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = T::from_f64(*from);
    }
}
