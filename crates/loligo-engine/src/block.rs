//! A block of lanes while it runs: its workspace, and the step.
//!
//! The workspace is one array, so that its size is known before the run: first the *slots*, each a
//! complete state (voltage over nodes, then the states of each group), with the factors of the
//! solve that left it; then what one step needs.

mod diffusion;
mod tangent;

pub(crate) use diffusion::{Diffusing, Reservoir};
pub(crate) use tangent::TangentBlock;

use std::ops::Range;
use std::sync::Arc;

use crate::arena;
use crate::code;
use crate::convention::Scheme;
use crate::inputs::{Drive, Inputs};
use crate::kernel::{Base, Bases, Kernel, Operand};
use crate::lanes::{Factors, Lanes, NodeLayout};
use crate::observe::{Electrode, electrodes};
use crate::program::{Code, Site, TapeKind};
use crate::setup::{Setup, Spread};
use crate::vector::{AlignedVec, Real, SolveOrder, VectorUnit};
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    /// The state before the step.
    pub(crate) from: usize,
    /// The state after it; may be the same.
    pub(crate) to: usize,
    /// Where the factors of the solve are left, of [`Memory::factors`] elements.
    pub(crate) factors: usize,
}

impl Slots {
    fn bases(self) -> Bases {
        Bases {
            from: self.from,
            to: self.to,
            factors: self.factors,
        }
    }
}

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

/// The tapes of one group, bound to the workspace, for each of the phases of its steps.
pub(crate) struct Kernels<T: Real>(Vec<(Phases, Kernel<T>)>);

impl<T: Real> Kernels<T> {
    pub(crate) fn new(phases: &[Phases], make: impl Fn(Phases) -> Kernel<T>) -> Self {
        Kernels(phases.iter().map(|p| (*p, make(*p))).collect())
    }

    pub(crate) fn of(&mut self, phases: Phases) -> &mut Kernel<T> {
        let mut kernels = self.0.iter_mut();
        match kernels.find(|(of, _)| *of == phases) {
            Some((_, kernel)) => kernel,
            None => unreachable!("{phases:?} is none of the phases of the program's steps"),
        }
    }
}

/// A drive at an element of the arrays over nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Injection {
    /// Position of the stimulus in the model.
    pub(crate) stimulus: usize,
    pub(crate) position: usize,
    pub(crate) batch: usize,
}

/// A clamp at an element of the arrays over nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    /// Position of the clamp in the model.
    pub(crate) clamp: usize,
    pub(crate) position: usize,
    pub(crate) batch: usize,
    pub(crate) ideal: bool,
    /// µS.
    pub(crate) conductance: f64,
    pub(crate) start: f64,
    pub(crate) stop: f64,
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
    /// Injections of one stimulus into elements that follow each other.
    runs: Vec<Range<usize>>,
    pub(crate) holdings: Vec<Holding>,
    /// Edges of the nodes of ideal clamps (positions in the array of conductances), and where they
    /// lead, `[holding]`.
    pub(crate) around: Vec<Vec<(usize, usize)>>,
    /// Electrodes that are mechanisms, where a membrane's current is recorded.
    electrodes: Vec<Electrode>,
    /// Right-hand sides of their nodes before the clamp is added: see [`Block::clamp_current`].
    unclamped: Vec<T>,
    kernels: Vec<Kernels<T>>,
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
        let kernels = kernels(&lanes, &layout, &memory, &invariants, unit);
        let (injections, holdings) = drives::<T>(&lanes, &layout);
        let around = holdings
            .iter()
            .map(|holding| match holding.ideal {
                true => order.neighbours(holding.position).collect(),
                false => Vec::new(),
            })
            .collect();
        let mut block = Block {
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
            runs: runs(&injections),
            injections,
            holdings,
            kernels,
            branch_points,
        };
        block.electrodes = electrodes(&block);
        block
    }

    /// Writes the state at t = 0 into a slot.
    pub(crate) fn start(&mut self, setup: &Setup, slot: usize) {
        self.write_state(&setup.voltage, &setup.states, slot);
    }

    fn write_state(&mut self, voltage: &[f64], states: &[Vec<Vec<f64>>], slot: usize) {
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
    pub(crate) fn moment(&self, step: usize) -> Moment {
        let phases = if step == 0 {
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
                        let compartment = lanes.compartment(compartment, lane);
                        let number = code.drawn(self.inputs.seed, draw, compartment, moment.draws);
                        workspace[at + position - start] = T::from_f64(number);
                    });
            }
        }
    }

    /// Time in the middle of a step, ms.
    pub(crate) fn middle(&self, step: usize) -> f64 {
        (step as f64 + 0.5) * self.inputs.dt
    }

    /// Advances the state from t to t + Δt: the phases of ARCHITECTURE.md, "One step".
    pub(crate) fn step(&mut self, step: usize, slots: Slots) {
        // gates half a step ahead of the voltage, then what flows through the membrane
        self.membrane(self.moment(step), slots);

        // what electrodes add
        self.inject(step);
        self.hold(step, slots);

        // the cable equation: one tree solve
        self.solve(slots);
    }

    /// Updates the states and leaves the cable equation's right-hand side and diagonal.
    pub(crate) fn membrane(&mut self, moment: Moment, slots: Slots) {
        self.first_half(moment, slots);
        self.run(moment.last(self.lanes.program.phases), moment.time, slots);
        self.keep_slopes(slots, 0);
        self.leave_branch_points(slots);
    }

    /// What comes before the currents, in a step that has halves, and the step's random numbers.
    pub(crate) fn first_half(&mut self, moment: Moment, slots: Slots) {
        self.draw(moment);
        match moment.phases {
            _ if !self.lanes.program.steps_in_halves() => {}
            Phases::MembraneOnly => self.leave_states(slots, 0),
            _ => {
                self.run(Phases::Update, moment.time, slots);
                self.diffuse(slots);
            }
        }
    }

    fn run(&mut self, phases: Phases, time: f64, slots: Slots) {
        for kernels in &mut self.kernels {
            let workspace = &mut self.workspace;
            kernels
                .of(phases)
                .run(slots.bases(), time, workspace, &mut []);
        }
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

    fn inject(&mut self, step: usize) {
        let time = self.middle(step);
        for run in &self.runs {
            let injections = &self.injections[run.clone()];
            let (first, rhs) = (injections[0], self.memory.rhs + injections[0].position);
            let drive = &self.inputs.stimuli[first.stimulus];
            let rhs = &mut self.workspace[rhs..rhs + injections.len()];
            if let Drive::LaneSamples(samples) = drive {
                let steps = samples.len() / self.inputs.lanes;
                for (rhs, injection) in rhs.iter_mut().zip(injections) {
                    // past the end as within: adding a zero is what a single run does there
                    let sample = (step < steps).then(|| samples[injection.batch * steps + step]);
                    *rhs = *rhs + T::from_f64(sample.unwrap_or(0.0));
                }
            } else {
                let current = T::from_f64(drive.at(first.batch, self.inputs.lanes, step, time));
                for rhs in rhs {
                    *rhs = *rhs + current;
                }
            }
        }
    }

    fn hold(&mut self, step: usize, slots: Slots) {
        for index in 0..self.holdings.len() {
            let holding = self.holdings[index];
            let (rhs, diagonal) = (
                self.memory.rhs + holding.position,
                slots.factors + holding.position,
            );
            let Some(target) = self.command(&holding, step) else {
                continue;
            };
            if holding.ideal {
                self.unclamped[index] = self.workspace[rhs];
                let membrane = self.membrane_diagonal(index, slots);
                self.workspace[membrane] = self.around[index]
                    .iter()
                    .map(|(edge, _)| self.workspace[self.memory.conductance + edge])
                    .fold(self.workspace[diagonal], |rest, axial| rest - axial);
            }
            let mut target = T::from_f64(target);
            if holding.ideal && self.lanes.program.scheme == Scheme::CrankNicolson {
                // the half step that extrapolates to the target
                let half = T::from_f64(0.5);
                target = half * (target + self.workspace[slots.from + holding.position]);
            }
            let conductance = T::from_f64(holding.conductance);
            self.workspace[rhs] = self.workspace[rhs] + conductance * target;
            self.workspace[diagonal] = self.workspace[diagonal] + conductance;
        }
    }

    /// What a clamp commands during a step, mV, if it is on.
    pub(crate) fn command(&self, holding: &Holding, step: usize) -> Option<f64> {
        let time = self.middle(step);
        let on = time >= holding.start && time < holding.stop;
        let drive: &Drive = &self.inputs.clamps[holding.clamp];
        on.then(|| drive.at(holding.batch, self.inputs.lanes, step, time))
    }

    /// Where the solve leaves its solution: the voltage after the step, or for Crank–Nicolson that
    /// in the middle of it.
    pub(crate) fn solved(&self, slots: Slots) -> usize {
        match self.lanes.program.scheme {
            Scheme::BackwardEuler => slots.to,
            Scheme::CrankNicolson => self.memory.middle,
        }
    }

    fn solve(&mut self, slots: Slots) {
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

    /// The current that a clamp injected during the step that just ended, nA.
    pub(crate) fn clamp_current(&self, index: usize, step: usize, slots: Slots) -> T {
        let voltage = self.solved(slots);
        let holding = self.holdings[index];
        let Some(target) = self.command(&holding, step) else {
            return T::ZERO;
        };
        let solved = self.workspace[voltage + holding.position];
        if !holding.ideal {
            return T::from_f64(holding.conductance) * (T::from_f64(target) - solved);
        }
        // target − solved is all rounding: take what the rest of the cable leaves over
        let membrane = self.workspace[self.membrane_diagonal(index, slots)];
        let mut current = membrane * solved - self.unclamped[index];
        for &(edge, other) in &self.around[index] {
            let conductance = self.workspace[self.memory.conductance + edge];
            current = current - conductance * (self.workspace[voltage + other] - solved);
        }
        current
    }

    /// Where a step leaves what the membrane of a clamped node adds to its diagonal.
    pub(crate) fn membrane_diagonal(&self, index: usize, slots: Slots) -> usize {
        slots.factors + self.memory.factors.clamps + index
    }
}

impl<T: Real> Drop for Block<T> {
    fn drop(&mut self) {
        arena::give(std::mem::replace(&mut self.workspace, AlignedVec::zeros(0)));
    }
}

impl Memory {
    fn new<T: Real>(
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
        let mut slot = layout.len;
        let mut states = Vec::new();
        for (group, region) in lanes.population().groups.iter().zip(&layout.groups) {
            let count = lanes.program.codes[group.code].states.len();
            states.push((0..count).map(|i| slot + i * region.len()).collect());
            slot += count * region.len();
        }
        let factors = Factors::new::<T>(lanes, layout);
        let species = lanes.population().species.iter().zip(&factors.species);
        let reservoirs = species.map(|(species, factors)| {
            Reservoir::new(species, lanes, layout, &states, *factors, &mut take)
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
            recorded,
            draws,
            end,
        };
        (memory, invariants)
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

fn kernels<T: Real>(
    lanes: &Lanes,
    layout: &NodeLayout,
    memory: &Memory,
    invariants: &[Vec<Operand>],
    unit: VectorUnit,
) -> Vec<Kernels<T>> {
    let make = |group: usize, phases: Phases| {
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
    };
    (0..layout.groups.len())
        .map(|group| Kernels::new(lanes.program.phases, |phases| make(group, phases)))
        .collect()
}

/// Where the tapes of a group's phases find their numbers.
#[derive(Clone, Copy)]
struct Within<'a> {
    phases: Phases,
    group: usize,
    /// Of an array over nodes.
    region: &'a Range<usize>,
    memory: &'a Memory,
}

/// What a symbol of a group's step stands for in the workspace.
fn operand(name: &str, code: &Code, at: Within<'_>, invariants: &[Operand]) -> Operand {
    let Within {
        phases,
        group,
        region,
        memory,
    } = at;
    if name == "v" {
        return Operand::Moving(Base::From, region.start);
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
    for reservoir in &memory.reservoirs {
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

/// The electrodes of a block's lanes.
fn drives<T: Real>(lanes: &Lanes, layout: &NodeLayout) -> (Vec<Injection>, Vec<Holding>) {
    let program = &lanes.program;
    let position = |site: &Site, lane: usize| layout.offset[site.compartment] + lane;
    let mut injections = Vec::new();
    let mut holdings = Vec::new();
    for (stimulus, site) in program.stimuli.iter().enumerate() {
        injections.extend(lanes.of_site(site).map(|(lane, batch)| Injection {
            stimulus,
            position: position(site, lane),
            batch,
        }));
    }
    for (clamp, at) in program.clamps.iter().enumerate() {
        // an ideal clamp is a conductance beside which all others vanish in rounding
        let ideal = 1e6 * T::ROUND.to_f64();
        holdings.extend(lanes.of_site(&at.site).map(|(lane, batch)| {
            Holding {
                clamp,
                position: position(&at.site, lane),
                batch,
                ideal: at.series_resistance.is_none(),
                conductance: at
                    .series_resistance
                    .map_or(ideal, |resistance| 1.0 / resistance),
                start: at.start,
                stop: at.stop,
            }
        }));
    }
    (injections, holdings)
}

/// Splits injections where the stimulus changes or positions do not follow each other.
fn runs(injections: &[Injection]) -> Vec<Range<usize>> {
    let follows =
        |a: &Injection, b: &Injection| a.stimulus == b.stimulus && a.position + 1 == b.position;
    let mut start = 0;
    let chunks = injections.chunk_by(follows).map(|chunk| {
        start += chunk.len();
        start - chunk.len()..start
    });
    chunks.collect()
}

fn fill<T: Real>(to: &mut [T], from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = T::from_f64(*from);
    }
}
