//! The adjoint of a block: the same step read from the bottom up.
//!
//! With w the solution of the transposed (that is, the same) cable equation for the cotangent of
//! the voltage, w is the cotangent of the right-hand side, −w·V′ that of the diagonal, and
//! −(w_i − w_j)(V′_i − V′_j) that of the conductance between i and j, where V′ is what the solve
//! found. The groups' adjoint tapes take it from there. Sums over time are in double precision.

use crate::block::{Block, Slots};
use crate::code::{self, cotangent_of};
use crate::convention::{Convention, Scheme};
use crate::geometry;
use crate::inputs::LaneLookup;
use crate::kernel::{Base, Bases, Kernel, Operand};
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::{Tap, Track};
use crate::program::{Code, Source, TapeKind};
use crate::setup::{Cables, Setup, run_once};
use crate::vector::Real;
use loligo_mechanism::membrane::Phases;
use loligo_model::Quantity;

/// Which derivatives are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Places in [`crate::Inputs::values`].
    pub values: Vec<usize>,
    /// The stimuli, at every step.
    pub stimuli: bool,
    /// The command potentials of the clamps, at every step.
    pub clamps: bool,
}

/// What a group's tapes must accumulate to reach the wanted sources.
#[derive(Clone, Debug)]
struct GroupPlan {
    /// Sources that something wanted depends on.
    sources: Vec<String>,
    /// Invariants of the step that depend on these.
    invariants: Vec<String>,
    /// Where each invariant's sums start.
    sums: Vec<usize>,
}

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

    /// Cotangents of recorded values of groups, of membrane currents and of clamp currents.
    fn seed_currents(
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

    fn clear_recorded(&self, block: &mut Block<T>) {
        for (values, region) in self.recorded.iter().zip(&block.layout.groups) {
            for at in values {
                block.workspace[*at..*at + region.len()].fill(T::ZERO);
            }
        }
    }

    fn electrodes(&mut self, block: &mut Block<T>, step: usize, cotangents: &Seeds<'_, T>) {
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

    /// The transpose of membrane and clamp currents written down at t = 0.
    fn initial_currents(&mut self, block: &mut Block<T>, slot: usize, cotangents: &Seeds<'_, T>) {
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

    /// Carries the cotangents of the state at t = 0 and the sums over time back to the numbers of
    /// the model; calls `add(place in Inputs::values, lane of the block, derivative)`.
    pub(crate) fn values(
        &self,
        block: &Block<T>,
        setup: &Setup,
        mut add: impl FnMut(usize, usize, f64),
    ) {
        let lanes = &block.lanes;
        let lookup = LaneLookup::new(&block.inputs);
        let cables = Cables::new(lanes, &lookup);
        let width = lanes.width();
        let tree = &lanes.population().tree;
        let mut to = |quantity: Quantity, compartment: usize, lane: usize, value: f64| {
            let place = lanes.compartment(compartment, lane);
            if let Some(index) = lanes.program.layout.index(quantity, place) {
                add(index, lane, value);
            }
        };
        for compartment in 0..tree.compartments {
            for lane in 0..width {
                let at = self.cotangent + block.layout.offset[compartment] + lane;
                to(
                    Quantity::InitialVoltage,
                    compartment,
                    lane,
                    block.workspace[at].to_f64(),
                );
            }
        }
        for group in 0..self.plans.len() {
            self.group_values(block, setup, &cables, &lookup, group, &mut to);
        }
        let Some(start) = self.edges else { return };
        for (index, edge) in tree.edges.iter().enumerate() {
            for lane in 0..width {
                let sum = self.sums[start + index * width + lane];
                geometry::pull_back_conductance(
                    edge,
                    sum,
                    |compartment| cables.at(compartment, lane),
                    |compartment, slope| cable_values(slope, compartment, lane, &mut to),
                );
            }
        }
    }

    fn group_values(
        &self,
        block: &Block<T>,
        setup: &Setup,
        cables: &Cables<'_>,
        lookup: &LaneLookup<'_>,
        group: usize,
        to: &mut impl FnMut(Quantity, usize, usize, f64),
    ) {
        let lanes = &block.lanes;
        let plan = &self.plans[group];
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        let region = block.layout.groups[group].clone();
        let sources = &setup.sources[group];
        let len = region.len();
        let wanted = &plan.sources;
        let names: Vec<String> = wanted.iter().map(|name| cotangent_of(name)).collect();
        let sum = |i: usize| &self.sums[plan.sums[i]..plan.sums[i] + len];

        // through the prologue
        let seeds: Vec<(String, &[f64])> = (0..plan.invariants.len())
            .map(|i| (cotangent_of(&plan.invariants[i]), sum(i)))
            .collect();
        let kind = TapeKind::PrologueAdjoint(wanted.clone());
        let through_prologue = run_once(code, kind, sources, &seeds, &names, len, block.unit);

        // through the initial states, unless they were given
        let states: Vec<Vec<f64>> = (0..code.states.len())
            .map(|state| self.initial_cotangents(block, lookup, group, state, to))
            .collect();
        let mut seeds: Vec<(String, &[f64])> = code
            .state_names
            .iter()
            .zip(&states)
            .map(|(name, values)| (cotangent_of(name), values.as_slice()))
            .collect();
        let voltage = &setup.voltage[region.clone()];
        seeds.push(("v".to_owned(), voltage));
        let mut with_voltage = vec![cotangent_of("v")];
        with_voltage.extend(names);
        let kind = TapeKind::InitialAdjoint(wanted.clone());
        let through_initial = run_once(code, kind, sources, &seeds, &with_voltage, len, block.unit);

        block
            .layout
            .for_each_in_group(lanes.population(), group, |compartment, lane, position| {
                let at = position - region.start;
                to(
                    Quantity::InitialVoltage,
                    compartment,
                    lane,
                    through_initial[0][at],
                );
                for (index, name) in wanted.iter().enumerate() {
                    let mut value = through_prologue[index][at] + through_initial[index + 1][at];
                    if let Some(direct) = plan.invariants.iter().position(|n| n == name) {
                        value += sum(direct)[at];
                    }
                    let source = code
                        .sources
                        .iter()
                        .find(|(n, _)| n == name)
                        .map(|(_, s)| *s);
                    let (cable, geometry) = cables.at(compartment, lane);
                    let solve_step = lanes.program.solve_step(block.inputs.dt);
                    let slope = match source {
                        Some(Source::Value(quantity)) => {
                            to(quantity, compartment, lane, value);
                            continue;
                        }
                        Some(Source::Area) => {
                            geometry::pull_back_membrane(cable, geometry, solve_step, value, 0.0)
                        }
                        Some(Source::Capacitance) => {
                            geometry::pull_back_membrane(cable, geometry, solve_step, 0.0, value)
                        }
                        Some(Source::Diameter) => geometry::Cable {
                            radius: 2.0 * value,
                            ..Default::default()
                        },
                        Some(Source::Axial | Source::TimeStep) | None => continue,
                    };
                    cable_values(slope, compartment, lane, to);
                }
            });
    }

    /// The cotangents of a state at t = 0 where it starts at its steady state; where it was given,
    /// they are those of what was given.
    fn initial_cotangents(
        &self,
        block: &Block<T>,
        lookup: &LaneLookup<'_>,
        group: usize,
        state: usize,
        to: &mut impl FnMut(Quantity, usize, usize, f64),
    ) -> Vec<f64> {
        let lanes = &block.lanes;
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        let quantity = code.states[state];
        let region = block.layout.groups[group].clone();
        let given = lanes.values(lookup, quantity);
        let mut values = vec![0.0; region.len()];
        let start = self.cotangent + block.memory.states[group][state];
        block
            .layout
            .for_each_in_group(lanes.population(), group, |compartment, lane, position| {
                let at = position - region.start;
                let cotangent = block.workspace[start + at].to_f64();
                if given(compartment, lane).is_nan() {
                    values[at] = cotangent;
                } else {
                    to(quantity, compartment, lane, cotangent);
                }
            });
        values
    }
}

fn cable_values(
    slope: geometry::Cable,
    compartment: usize,
    lane: usize,
    to: &mut impl FnMut(Quantity, usize, usize, f64),
) {
    to(Quantity::Radius, compartment, lane, slope.radius);
    to(Quantity::Length, compartment, lane, slope.length);
    to(
        Quantity::AxialResistivity,
        compartment,
        lane,
        slope.axial_resistivity,
    );
    to(Quantity::Capacitance, compartment, lane, slope.capacitance);
}

/// The position of the cotangent of a recorded value, given that of the value.
fn recorded_position<T: Real>(block: &Block<T>, cotangents: &[Vec<usize>], at: usize) -> usize {
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

fn wanted_quantities<T: Real>(block: &Block<T>, wanted: &Wanted) -> Vec<Quantity> {
    let layout = &block.lanes.program.layout;
    let mut quantities: Vec<Quantity> = wanted
        .values
        .iter()
        .filter_map(|index| Some(layout.at(*index)?.0))
        .collect();
    quantities.sort();
    quantities.dedup();
    quantities
}

fn plan(code: &Code, quantities: &[Quantity]) -> GroupPlan {
    let has = |quantity: &Quantity| quantities.contains(quantity);
    let stretched = has(&Quantity::Radius) || has(&Quantity::Length);
    let wanted = |source: &Source| match source {
        Source::Value(quantity) => has(quantity),
        Source::Area => stretched,
        Source::Capacitance => stretched || has(&Quantity::Capacitance),
        Source::Diameter => has(&Quantity::Radius),
        Source::Axial | Source::TimeStep => false,
    };
    let sources: Vec<String> = code
        .sources
        .iter()
        .filter(|(_, source)| wanted(source))
        .map(|(name, _)| name.clone())
        .collect();
    let invariants = code
        .invariants
        .iter()
        .filter(|name| {
            code.sources_of(name)
                .iter()
                .any(|source| sources.contains(source))
        })
        .cloned()
        .collect();
    GroupPlan {
        sources,
        invariants,
        sums: Vec::new(),
    }
}

/// Cotangents of the rows that a block fills.
pub(crate) struct Seeds<'c, T> {
    /// Voltages, and states that are written down with them.
    following: Vec<(usize, &'c [T])>,
    /// States that are written down between update and membrane.
    leading: Vec<(usize, &'c [T])>,
    currents: Vec<(Tap, &'c [T])>,
    every: usize,
}

impl<'c, T: Real> Seeds<'c, T> {
    /// `rows[row]` are the cotangents of a row.
    pub(crate) fn new(tracks: Vec<Track>, row: impl Fn(usize) -> &'c [T], every: usize) -> Self {
        let mut seeds = Seeds {
            following: Vec::new(),
            leading: Vec::new(),
            currents: Vec::new(),
            every,
        };
        for track in tracks {
            let cotangents = row(track.row);
            match (track.tap, track.leads) {
                (Tap::Slot(at), true) => seeds.leading.push((at, cotangents)),
                (Tap::Slot(at), false) => seeds.following.push((at, cotangents)),
                (tap, _) => seeds.currents.push((tap, cotangents)),
            }
        }
        seeds
    }

    /// Adds the cotangents of a sample to those of the state; says whether there were any.
    fn add(
        &self,
        rows: &[(usize, &[T])],
        block: &mut Block<T>,
        index: usize,
        cotangent: usize,
    ) -> bool {
        if rows.is_empty() || !index.is_multiple_of(self.every) {
            return false;
        }
        for (at, cotangents) in rows {
            let to = &mut block.workspace[cotangent + at];
            *to = *to + cotangents[index / self.every];
        }
        true
    }

    fn add_following(&self, block: &mut Block<T>, index: usize, cotangent: usize) {
        self.add(&self.following, block, index, cotangent);
    }

    fn add_leading(&self, block: &mut Block<T>, index: usize, cotangent: usize) -> bool {
        self.add(&self.leading, block, index, cotangent)
    }

    fn each_current(&self, index: usize, mut visit: impl FnMut(&Tap, T)) {
        if index.is_multiple_of(self.every) {
            for (tap, cotangents) in &self.currents {
                visit(tap, cotangents[index / self.every]);
            }
        }
    }
}
