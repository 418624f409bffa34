//! The adjoint of a block: the same step read from the bottom up.
//!
//! With w the solution of the transposed (that is, the same) cable equation for the cotangent of
//! the voltage, w is the cotangent of the right-hand side, −w·V′ that of the diagonal, and
//! −(w_i − w_j)(V′_i − V′_j) that of the conductance between i and j, where V′ is what the solve
//! found. The groups' adjoint tapes take it from there. Sums over time are in double precision.

mod currents;
mod seeds;
mod values;
mod wanted;

pub(crate) use seeds::Seeds;
pub use wanted::Wanted;

use loligo_mechanism::membrane::Phases;
use loligo_model::Quantity;

use crate::block::{Block, Slots};
use crate::code::{self, cotangent_of};
use crate::convention::{Convention, Scheme};
use crate::kernel::{Base, Bases, Kernel, Operand};
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::Tap;
use crate::program::TapeKind;
use crate::vector::Real;
use currents::recorded_position;
use wanted::{GroupPlan, plan, wanted_quantities};

/// Where the cotangents of a block are.
pub(crate) struct Reverse<T: Real> {
    /// A slot: voltage, then states.
    cotangent: usize,
    /// The solution of the transposed equation, over nodes.
    transposed: usize,
    /// For Crank–Nicolson the voltage in the middle of the step, over nodes.
    solved: usize,
    /// What bypasses the solve, over nodes.
    bypass: usize,
    /// `[group][value]`
    recorded: Vec<Vec<usize>>,
    plans: Vec<GroupPlan>,
    kernels: Vec<[Kernel<T>; 2]>,
    /// Sums over time, in double precision.
    sums: Vec<f64>,
    /// Where the sums of the edges start, `[edge][lane]`, if the cable's numbers are wanted.
    edges: Option<usize>,
    /// `[injection][step]`
    pub(crate) injected: Option<Vec<f64>>,
    /// `[holding][step]`
    pub(crate) commanded: Option<Vec<f64>>,
}

/// What the reverse sweep of a block with slots of this length needs of its workspace.
pub(crate) fn workspace_len<T: Real>(lanes: &Lanes, layout: &NodeLayout, slot: usize) -> usize {
    let groups = lanes.population().groups.iter().zip(&layout.groups);
    let recorded: usize = groups
        .map(|(group, region)| lanes.program.codes[group.code].recorded.len() * region.len())
        .sum();
    slot.next_multiple_of(T::LANES) + 3 * layout.len + recorded
}

impl<T: Real> Reverse<T> {
    /// Binds the adjoint tapes; cotangents go to the workspace from `start` on.
    pub(crate) fn new(block: &Block<T>, wanted: &Wanted, start: usize) -> Self {
        let nodes = block.memory.nodes;
        let mut end = start;
        let mut take = |len: usize| {
            let at = end;
            end += len.next_multiple_of(T::LANES);
            at
        };
        let cotangent = take(block.memory.slot);
        let [transposed, solved, bypass] = [(); 3].map(|()| take(nodes));
        let recorded: Vec<Vec<usize>> = block
            .memory
            .recorded
            .iter()
            .zip(&block.layout.groups)
            .map(|(values, region)| values.iter().map(|_| take(region.len())).collect())
            .collect();
        let program = &block.lanes.program;
        let quantities = wanted_quantities(block, wanted);
        let mut sum_len = 0;
        let plans: Vec<GroupPlan> = block
            .lanes
            .population()
            .groups
            .iter()
            .zip(&block.layout.groups)
            .map(|(group, region)| {
                let mut plan = plan(&program.codes[group.code], &quantities);
                for _ in &plan.invariants {
                    plan.sums.push(sum_len);
                    sum_len += region.len();
                }
                plan
            })
            .collect();
        let cable = [
            Quantity::Radius,
            Quantity::Length,
            Quantity::AxialResistivity,
        ];
        let edges = cable
            .iter()
            .any(|q| quantities.contains(q))
            .then_some(sum_len);
        let edge_sums = block.lanes.population().tree.edges.len() * block.lanes.width();
        let sums = vec![0.0; sum_len + edges.map_or(0, |_| edge_sums)];
        let steps = block.inputs.steps;
        let mut reverse = Reverse {
            cotangent,
            transposed,
            solved,
            bypass,
            recorded,
            plans,
            kernels: Vec::new(),
            sums,
            edges,
            injected: wanted
                .stimuli
                .then(|| vec![0.0; block.injections.len() * steps]),
            commanded: wanted
                .clamps
                .then(|| vec![0.0; block.holdings.len() * steps]),
        };
        let groups = 0..block.layout.groups.len();
        reverse.kernels = groups
            .map(|group| {
                [Phases::MembraneOnly, Phases::UpdateAndMembrane]
                    .map(|phases| reverse.kernel(block, group, phases))
            })
            .collect();
        reverse
    }

    fn kernel(&self, block: &Block<T>, group: usize, phases: Phases) -> Kernel<T> {
        let region = block.layout.groups[group].clone();
        let code = &block.lanes.program.codes[block.lanes.population().groups[group].code];
        let plan = &self.plans[group];
        let states = &block.memory.states[group];
        let tape = code.tape(TapeKind::Adjoint(phases, plan.invariants.clone()));
        Kernel::new(&tape, block.unit, region.len(), |name| {
            if name == "v" {
                return Operand::Moving(Base::From, region.start);
            }
            if name == code::SOLVED {
                return match block.lanes.program.scheme {
                    Scheme::BackwardEuler => Operand::Moving(Base::To, region.start),
                    Scheme::CrankNicolson => Operand::Fixed(self.solved + region.start),
                };
            }
            if name == cotangent_of(code::RHS) {
                return Operand::Fixed(self.transposed + region.start);
            }
            if name == cotangent_of("v") {
                return Operand::Fixed(self.cotangent + region.start);
            }
            if let Some(i) = code.state_names.iter().position(|n| n == name) {
                return Operand::Moving(Base::From, states[i]);
            }
            if let Some(i) = code
                .state_names
                .iter()
                .position(|n| cotangent_of(n) == name)
            {
                return Operand::Fixed(self.cotangent + states[i]);
            }
            if let Some(i) = code.invariants.iter().position(|n| n == name) {
                return block.invariants[group][i];
            }
            if let Some(i) = plan.invariants.iter().position(|n| cotangent_of(n) == name) {
                return Operand::Sum(plan.sums[i]);
            }
            let recorded = 0..code.recorded.len();
            match recorded
                .into_iter()
                .find(|i| cotangent_of(&code::recorded(*i)) == name)
            {
                Some(i) => Operand::Fixed(self.recorded[group][i]),
                None => unreachable!("an adjoint has no other symbol, but `{name}`"),
            }
        })
    }

    /// Forgets all cotangents and sums.
    pub(crate) fn clear(&mut self, block: &mut Block<T>) {
        let end =
            self.cotangent + workspace_len::<T>(&block.lanes, &block.layout, block.memory.slot);
        block.workspace[self.cotangent..end].fill(T::ZERO);
        self.sums.fill(0.0);
    }

    /// The transpose of the last update that only recorded states need.
    pub(crate) fn finish(&mut self, block: &mut Block<T>, slots: Slots, cotangents: &Seeds<'_, T>) {
        let last = block.inputs.steps;
        if block.lanes.program.convention == Convention::Jaxley {
            return;
        }
        if !cotangents.add_leading(block, last, self.cotangent) {
            return;
        }
        block.workspace[self.transposed..self.transposed + block.memory.nodes].fill(T::ZERO);
        self.membrane(block, Phases::UpdateAndMembrane, slots);
    }

    /// The transpose of [`Block::step`], and of what was written down after it.
    pub(crate) fn step(
        &mut self,
        block: &mut Block<T>,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, T>,
    ) {
        let nodes = block.memory.nodes;
        let crank_nicolson = block.lanes.program.scheme == Scheme::CrankNicolson;

        // what was recorded of the voltage and the currents after the step
        cotangents.add_following(block, step + 1, self.cotangent);
        if crank_nicolson {
            self.extrapolate(block, slots);
        }
        let solved = if crank_nicolson {
            self.solved
        } else {
            slots.to
        };
        self.seed_currents(block, step, solved, cotangents);

        // the transposed cable equation
        self.solve(block, slots);

        // electrodes and conductances
        self.electrodes(block, step, cotangents);
        self.conductances(block, solved);

        // what was recorded of the states between update and membrane, then the tapes
        cotangents.add_leading(block, step, self.cotangent);
        self.membrane(block, block.phases(step), slots);
        if crank_nicolson {
            for position in 0..nodes {
                let bypass = block.workspace[self.bypass + position];
                let cotangent = &mut block.workspace[self.cotangent + position];
                *cotangent = *cotangent + bypass;
            }
        }
    }

    /// The transpose of V_{n+1} = 2V_{n+½} − V_n.
    fn extrapolate(&mut self, block: &mut Block<T>, slots: Slots) {
        let half = T::from_f64(0.5);
        let workspace = &mut block.workspace;
        for region in &block.layout.groups {
            for position in region.clone() {
                let middle =
                    half * (workspace[slots.from + position] + workspace[slots.to + position]);
                workspace[self.solved + position] = middle;
                let cotangent = workspace[self.cotangent + position];
                workspace[self.bypass + position] = T::ZERO - cotangent;
                workspace[self.cotangent + position] = cotangent + cotangent;
            }
        }
        let last = block.layout.groups.last().map_or(0, |region| region.end);
        for position in last..block.memory.nodes {
            workspace[self.solved + position] = workspace[slots.to + position];
            workspace[self.bypass + position] = T::ZERO;
        }
    }

    fn solve(&mut self, block: &mut Block<T>, slots: Slots) {
        let nodes = block.memory.nodes;
        let edges = block.lanes.population().tree.edges.len() * block.lanes.width();
        let conductance = block.memory.conductance;
        let parts = [
            conductance..conductance + edges,
            slots.factors..slots.factors + nodes,
            self.cotangent..self.cotangent + nodes,
            self.transposed..self.transposed + nodes,
        ];
        if let Ok([conductance, factors, rhs, solution]) = block.workspace.get_disjoint_mut(parts) {
            block
                .order
                .solve(block.unit, conductance, factors, rhs, solution);
        }
    }

    fn clear_recorded(&self, block: &mut Block<T>) {
        for (values, region) in self.recorded.iter().zip(&block.layout.groups) {
            for at in values {
                block.workspace[*at..*at + region.len()].fill(T::ZERO);
            }
        }
    }

    fn conductances(&mut self, block: &Block<T>, solved: usize) {
        let Some(start) = self.edges else { return };
        let width = block.lanes.width();
        let workspace = &block.workspace;
        for (edge, (child, parent)) in block.order.edges().enumerate() {
            for lane in 0..width {
                let (child, parent) = (child + lane, parent + lane);
                let w = workspace[self.transposed + child] - workspace[self.transposed + parent];
                let v = workspace[solved + child] - workspace[solved + parent];
                self.sums[start + edge * width + lane] -= (w * v).to_f64();
            }
        }
    }

    fn membrane(&mut self, block: &mut Block<T>, phases: Phases, slots: Slots) {
        let bases = Bases {
            from: slots.from,
            to: slots.to,
            factors: slots.factors,
        };
        for [membrane_only, update_and_membrane] in &mut self.kernels {
            let kernel = match phases {
                Phases::MembraneOnly => membrane_only,
                Phases::UpdateAndMembrane => update_and_membrane,
            };
            kernel.run(bases, &mut block.workspace, &mut self.sums);
        }
        // a branch point's voltage before the step has no effect
        let last = block.layout.groups.last().map_or(0, |region| region.end);
        let nodes = block.memory.nodes;
        block.workspace[self.cotangent + last..self.cotangent + nodes].fill(T::ZERO);
    }

    /// The transpose of what is written down at t = 0, after which the cotangents are those of the
    /// state at t = 0.
    pub(crate) fn start(&mut self, block: &mut Block<T>, slots: Slots, cotangents: &Seeds<'_, T>) {
        let nodes = block.memory.nodes;
        let recorded = self.recorded.clone();
        let mut any = false;
        self.clear_recorded(block);
        cotangents.each_current(0, |tap, value| {
            if let Tap::Fixed(at) = tap {
                let at = recorded_position(block, &recorded, *at);
                block.workspace[at] = value;
                any = true;
            }
        });
        if any {
            // currents of the initial state: the membrane without the solve
            let voltage = block.workspace[self.cotangent..self.cotangent + nodes].to_vec();
            block.workspace[self.transposed..self.transposed + nodes].fill(T::ZERO);
            self.membrane(
                block,
                Phases::MembraneOnly,
                Slots {
                    to: slots.from,
                    ..slots
                },
            );
            for (position, before) in voltage.into_iter().enumerate() {
                let to = &mut block.workspace[self.cotangent + position];
                *to = *to + before;
            }
        }
        cotangents.add_following(block, 0, self.cotangent);
        self.initial_currents(block, slots.from, cotangents);
    }
}
