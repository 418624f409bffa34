//! The adjoint of a block: the same step read from the bottom up.
//!
//! With w the solution of the transposed (that is, the same) cable equation for the cotangent of
//! the voltage, w is the cotangent of the right-hand side, −w·V′ that of the diagonal, and
//! −(w_i − w_j)(V′_i − V′_j) that of the conductance between i and j, where V′ is what the solve
//! found. The groups' adjoint tapes take it from there. Sums over time are in double precision.
//!
//! The same page is the tangent of the adjoint (forward over reverse, for Hessian products) where
//! the numbers of the block have tangents: see [`crate::stepper`].

mod currents;
mod diffusion;
mod origin;
mod seeds;
mod sums;
mod values;
mod wanted;

pub(crate) use origin::Origin;
pub(crate) use seeds::Seeds;
pub(crate) use wanted::Asked;
pub use wanted::Wanted;

use loligo_mechanism::mechanism::{Course, PRESYNAPTIC};
use loligo_mechanism::membrane::Phases;
use loligo_model::Quantity;

use crate::block::{Block, Field, Half, HeldKind, Kernels, Moment, Slots};
use crate::code::{self, cotangent_of, tangent_name};
use crate::convention::{Convention, Scheme};
use crate::dual::{Number, Scalar};
use crate::folded::Rows;
use crate::gaps::Equation;
use crate::kernel::{Base, Kernel, Operand};
use crate::lanes::{Lanes, NodeLayout};
use crate::observe::Tap;
use crate::stepper::Stepper;
use crate::vector::Real;
use currents::recorded_position;
use diffusion::LinkSums;
use sums::Sums;
use wanted::{GroupPlan, plan};

/// Where the cotangents of a block are.
pub(crate) struct Reverse<S: Stepper> {
    /// A slot: voltage, then states.
    cotangent: usize,
    /// The solution of the transposed equation, over nodes.
    transposed: usize,
    /// For Crank–Nicolson the voltage in the middle of the step, over nodes.
    solved: usize,
    /// What bypasses the solve, over nodes.
    bypass: usize,
    /// Of synapses the cotangent of the voltage on their other side, over nodes.
    presynaptic: usize,
    /// `[group][value]`
    recorded: Vec<Vec<usize>>,
    plans: Vec<GroupPlan>,
    kernels: Kernels<S::Real>,
    /// Where the second half of a step leaves what the first adds to the cotangent of the voltage,
    /// over nodes.
    updated: usize,
    /// The same of the voltage on the other side.
    presynaptic_updated: usize,
    sums: Sums<S::Wide>,
    /// Where the sums of the edges start, `[edge][lane]`, if the cable's numbers are wanted.
    edges: Option<usize>,
    /// The same of the links of each species.
    links: LinkSums,
    /// `[injection][step]`, and behind these what is held, and what is played.
    pub(crate) injected: Option<Vec<S::Wide>>,
    /// `[holding][step]`
    pub(crate) commanded: Option<Vec<S::Wide>>,
    /// For each holding, if it is ideal, the cotangents of this step.
    ideal: Vec<Ideal<S::Number>>,
}

/// Cotangents around an ideal clamp.
#[derive(Clone, Copy, Default)]
struct Ideal<N> {
    /// Of its current.
    current: N,
    /// Of the voltage that the solve found, but for what its current made of it.
    voltage: N,
}

/// What the reverse sweep of a block with slots of this length needs of its workspace.
pub(crate) fn workspace_len<T: Real>(lanes: &Lanes, layout: &NodeLayout, slot: usize) -> usize {
    let groups = lanes.population().groups.iter().zip(&layout.groups);
    let recorded: usize = groups
        .map(|(group, region)| lanes.program.codes[group.code].recorded.len() * region.len())
        .sum();
    let sides = if lanes.population().has_sides() { 2 } else { 0 };
    slot.next_multiple_of(T::LANES) + (4 + sides) * layout.len + recorded
}

impl<S: Stepper> Reverse<S> {
    /// Binds the adjoint tapes; cotangents go to the workspace from `start` on.
    pub(crate) fn new(stepper: &S, asked: &Asked, start: usize) -> Self {
        let block = stepper.plain();
        let nodes = block.memory.nodes;
        let mut end = start;
        let mut take = |len: usize| {
            let at = end;
            end += len.next_multiple_of(S::Real::LANES);
            at
        };
        let cotangent = take(block.memory.slot);
        let [transposed, solved, bypass, updated] = [(); 4].map(|()| take(nodes));
        let sides = if block.memory.has_other_side() {
            nodes
        } else {
            0
        };
        let [presynaptic, presynaptic_updated] = [(); 2].map(|()| take(sides));
        let recorded: Vec<Vec<usize>> = block
            .memory
            .recorded
            .iter()
            .zip(&block.layout.groups)
            .map(|(values, region)| values.iter().map(|_| take(region.len())).collect())
            .collect();
        let program = &block.lanes.program;
        let quantities = &asked.quantities;
        let mut sum_len = 0;
        let plans: Vec<GroupPlan> = block
            .lanes
            .population()
            .groups
            .iter()
            .zip(&block.layout.groups)
            .map(|(group, region)| {
                let mut plan = plan(&program.codes[group.code], asked);
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
        let sum_len = sum_len + edges.map_or(0, |_| edge_sums);
        let (links, sum_len) = diffusion::link_sums(block, &plans, quantities, sum_len);
        let sums = Sums::zeros(sum_len);
        let steps = block.inputs.steps;
        let mut reverse = Reverse {
            cotangent,
            transposed,
            solved,
            bypass,
            presynaptic,
            presynaptic_updated,
            recorded,
            plans,
            kernels: Kernels::default(),
            updated,
            sums,
            edges,
            links,
            injected: asked.stimuli.then(|| {
                let drives = block.injections.len() + block.held.len() + block.played.len();
                vec![S::Wide::default(); drives * steps]
            }),
            commanded: asked
                .clamps
                .then(|| vec![S::Wide::default(); block.holdings.len() * steps]),
            ideal: vec![Ideal::default(); block.holdings.len()],
        };
        reverse.kernels = Kernels::new(&block.lanes, |group, phases| {
            reverse.kernel(stepper, group, phases)
        });
        reverse
    }

    fn kernel(&self, stepper: &S, group: usize, phases: Phases) -> Kernel<S::Real> {
        let block = stepper.plain();
        let code = &block.lanes.program.codes[block.lanes.population().groups[group].code];
        let tape = code.tape(S::adjoint(phases, self.plans[group].invariants.clone()));
        let elements = block.layout.computed[group];
        Kernel::new(&tape, block.unit, elements, |name| {
            let Some(name) = tangent_name(name) else {
                return self.operand(block, group, phases, name);
            };
            if let Some(i) = code.invariants.iter().position(|n| n == name) {
                return stepper.moving_invariants()[group][i];
            }
            match self.operand(block, group, phases, name) {
                Operand::Sum(at) => Operand::Sum(at + self.sums.shift()),
                operand => operand.shifted(stepper.shift()),
            }
        })
    }

    /// What a symbol of a group's adjoint stands for.
    fn operand(&self, block: &Block<S::Real>, group: usize, phases: Phases, name: &str) -> Operand {
        let region = &block.layout.groups[group];
        let code = &block.lanes.program.codes[block.lanes.population().groups[group].code];
        let plan = &self.plans[group];
        let states = &block.memory.states[group];
        if name == "v" {
            return Operand::Moving(Base::From, region.start);
        }
        if name == code::TIME {
            return Operand::Time;
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
            let voltage = match phases {
                Phases::Update => self.updated,
                _ => self.cotangent,
            };
            return Operand::Fixed(voltage + region.start);
        }
        if name == PRESYNAPTIC {
            return Operand::Fixed(block.memory.presynaptic + region.start);
        }
        if name == cotangent_of(PRESYNAPTIC) {
            let voltage = match phases {
                Phases::Update => self.presynaptic_updated,
                _ => self.presynaptic,
            };
            return Operand::Fixed(voltage + region.start);
        }
        if let Some(i) = code.state_names.iter().position(|n| n == name) {
            return block.memory.state(phases, states[i]);
        }
        let cotangent = |of: &String| cotangent_of(of) == name;
        if let Some(i) = code.state_names.iter().position(cotangent) {
            return Operand::Fixed(self.cotangent + states[i]);
        }
        if let Some(i) = code.invariants.iter().position(|n| n == name) {
            return block.invariants[group][i];
        }
        if let Some(i) = code.draws.iter().position(|(n, _)| n == name) {
            return Operand::Fixed(block.memory.draws[group][i]);
        }
        if let Some(i) = plan.invariants.iter().position(cotangent) {
            return Operand::Sum(plan.sums[i]);
        }
        let reservoirs = block.memory.reservoirs.iter();
        for reservoir in reservoirs.filter(|own| own.is_in(region)) {
            if cotangent(&code::rhs_of(&reservoir.name)) {
                return Operand::Fixed(reservoir.solution + region.start);
            }
            let state = code.state_names.iter().position(|n| *n == reservoir.name);
            if let (Some(i), true) = (state, code::solved_of(&reservoir.name) == name) {
                let solved = match reservoir.found {
                    Some(found) => found + region.start,
                    None => block.memory.halfway(states[i]),
                };
                return Operand::Moving(Base::Factors, solved);
            }
        }
        let mut recorded = 0..code.recorded.len();
        match recorded.find(|i| cotangent(&code::recorded(*i))) {
            Some(i) => Operand::Fixed(self.recorded[group][i]),
            None => unreachable!("an adjoint has no other symbol, but `{name}`"),
        }
    }

    /// Forgets all cotangents and sums.
    pub(crate) fn clear(&mut self, stepper: &mut S) {
        let block = stepper.plain();
        let len = workspace_len::<S::Real>(&block.lanes, &block.layout, block.memory.slot);
        stepper.clear(self.cotangent..self.cotangent + len);
        self.sums.clear();
    }

    /// The transpose of the last update that only recorded states need.
    pub(crate) fn finish(
        &mut self,
        stepper: &mut S,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        let last = stepper.plain().inputs.steps;
        if stepper.plain().lanes.program.convention == Convention::Jaxley {
            return;
        }
        if !cotangents.add_leading(stepper, last, self.cotangent) {
            return;
        }
        let nodes = stepper.plain().memory.nodes;
        stepper.clear(self.transposed..self.transposed + nodes);
        let moment = stepper.plain().end();
        // what the transpose reads of the update, which must not change the state
        let state = stepper.state(slots.to);
        stepper.membrane(moment, slots);
        stepper.restore(slots.to, &state);
        self.membrane(stepper, moment, slots);
    }

    /// Where the cotangents of the state are, those of the voltage first.
    pub(crate) fn cotangent(&self) -> usize {
        self.cotangent
    }

    /// Invariants of a group whose cotangents are summed.
    pub(crate) fn wanted(&self, group: usize) -> &[String] {
        &self.plans[group].invariants
    }

    /// Adds to the sum of such an invariant.
    pub(crate) fn add_sum(
        &mut self,
        group: usize,
        invariant: usize,
        element: usize,
        more: S::Wide,
    ) {
        let start = self.plans[group].sums[invariant];
        self.sums.add(start + element, more);
    }

    /// Where the cotangents of the voltages on the other side of synapses are.
    pub(crate) fn presynaptic(&self) -> usize {
        self.presynaptic
    }

    /// Where the solution of the transposed equation is.
    pub(crate) fn transposed(&self) -> usize {
        self.transposed
    }

    /// The transpose of what synapses wrote down after a step.
    pub(crate) fn written(
        &mut self,
        stepper: &mut S,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        cotangents.add_following(stepper, step + 1, self.cotangent);
        self.seed_currents(stepper, step, (slots.to, slots), cotangents);
    }

    /// Whether derivatives by weights of folded synapses are wanted, in drive and in slope.
    pub(crate) fn wanted_weights(&self) -> [bool; 2] {
        let weights = &self.plans[0].positions;
        [0, 1].map(|side| weights.iter().any(|weight| weight % 2 == side))
    }

    /// Takes the derivatives by the weights of folded synapses.
    pub(crate) fn take_weights(&mut self, rows: &Rows<S::Number>) {
        let plan = &self.plans[0];
        for (weight, start) in plan.positions.iter().zip(&plan.sums) {
            for synapse in 0..rows.synapses() {
                let derivative = rows.derivative(*weight, synapse);
                self.sums.add(start + synapse, derivative);
            }
        }
    }

    /// The transpose of the cable equation of a step, and of what was written down after it.
    pub(crate) fn equation(
        &mut self,
        stepper: &mut S,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        self.before_solve(stepper, step, slots, cotangents);
        stepper.solve_again(Field::Voltage, slots, self.cotangent, self.transposed);
        self.after_solve(stepper, step, slots, cotangents);
    }

    /// What comes before the solve of the transposed equation.
    pub(crate) fn before_solve(
        &mut self,
        stepper: &mut S,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        // what was recorded of the voltage and the currents after the step
        cotangents.add_following(stepper, step + 1, self.cotangent);
        match stepper.plain().lanes.program.scheme {
            // currents are those of the voltage after the step, as it was overwritten
            Scheme::BackwardEuler => {
                self.seed_currents(stepper, step, (slots.to, slots), cotangents);
                self.release(stepper, step, HeldKind::Voltage);
                exchange_held(stepper, slots);
            }
            Scheme::CrankNicolson => {
                self.release(stepper, step, HeldKind::Voltage);
                exchange_held(stepper, slots);
                self.extrapolate(stepper, slots);
                self.seed_currents(stepper, step, (self.solved, slots), cotangents);
            }
        }
    }

    /// What comes after it: electrodes and conductances.
    pub(crate) fn after_solve(
        &mut self,
        stepper: &mut S,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        self.electrodes(stepper, step, slots, cotangents);
        self.conductances(stepper, self.where_solved(stepper, slots));
    }

    /// Where what the step solved for is, over nodes.
    pub(crate) fn where_solved(&self, stepper: &S, slots: Slots) -> usize {
        match stepper.plain().lanes.program.scheme {
            Scheme::BackwardEuler => slots.to,
            Scheme::CrankNicolson => self.solved,
        }
    }

    /// Where the transposed equation is.
    pub(crate) fn equation_at(&self) -> Equation {
        Equation {
            rhs: self.cotangent,
            solution: self.transposed,
        }
    }

    /// The transpose of overwriting: the cotangent of what is held is that of its value.
    fn release(&mut self, stepper: &mut S, step: usize, kind: HeldKind) {
        let (steps, injections) = {
            let block = stepper.plain();
            (block.inputs.steps, block.injections.len())
        };
        for index in 0..stepper.plain().held.len() {
            let held = stepper.plain().held[index];
            if held.kind == kind {
                let at = self.cotangent + held.position;
                if let Some(injected) = &mut self.injected {
                    let sum = &mut injected[(injections + index) * steps + step];
                    *sum = *sum + stepper.number(at).widen();
                }
                stepper.set(at, S::Number::default());
            }
        }
    }

    /// The transpose of playing: the cotangent of what is overwritten is that of the sample.
    fn release_played(&mut self, stepper: &mut S, moment: Moment, half: Half) {
        let block = stepper.plain();
        let (sample, _) = block.sample(moment, half);
        for index in 0..stepper.plain().played.len() {
            let at = self.cotangent + stepper.plain().played[index].position;
            let more = stepper.number(at).widen();
            self.add_played(stepper, index, sample, more);
            stepper.set(at, S::Number::default());
        }
    }

    /// Adds to the cotangent of a sample of what is played.
    fn add_played(&mut self, stepper: &S, index: usize, sample: usize, more: S::Wide) {
        let block = stepper.plain();
        let row = block.injections.len() + block.held.len() + index;
        if let Some(injected) = &mut self.injected {
            let sum = &mut injected[row * block.inputs.steps + sample];
            *sum = *sum + more;
        }
    }

    /// The transpose of the membrane of a step in which no events are delivered.
    pub(crate) fn membranes(
        &mut self,
        stepper: &mut S,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        // what was recorded of the states between update and membrane, then the tapes
        self.second_half(stepper, step, slots, cotangents, &|_| true);
        self.first_half(stepper, step, slots);
    }

    /// The transpose of what comes behind the events of a step. Of states that were written down as they
    /// were behind the events only those count for whose position in a slot `counts` holds.
    pub(crate) fn second_half(
        &mut self,
        stepper: &mut S,
        step: usize,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
        counts: &dyn Fn(usize) -> bool,
    ) {
        cotangents.add_leading_of(stepper, step, self.cotangent, counts);
        self.release(stepper, step, HeldKind::State);
        let moment = stepper.plain().moment(step);
        stepper.plain_mut().draw(moment);
        self.last_tapes(stepper, moment, slots);
    }

    /// Adds the cotangents of states that were written down as they were before the events of a step:
    /// those for whose position in a slot `counts` holds.
    pub(crate) fn before_events(
        &mut self,
        stepper: &mut S,
        step: usize,
        cotangents: &Seeds<'_, S::Number>,
        counts: &dyn Fn(usize) -> bool,
    ) {
        cotangents.add_leading_of(stepper, step, self.cotangent, counts);
    }

    /// The transpose of what comes before the events of a step.
    pub(crate) fn first_half(&mut self, stepper: &mut S, step: usize, slots: Slots) {
        let nodes = stepper.plain().memory.nodes;
        let crank_nicolson = stepper.plain().lanes.program.scheme == Scheme::CrankNicolson;
        let moment = stepper.plain().moment(step);
        self.first_tapes(stepper, moment, slots);
        if crank_nicolson {
            for position in 0..nodes {
                let bypass = stepper.number(self.bypass + position);
                stepper.add(self.cotangent + position, bypass);
            }
        }
        exchange_held(stepper, slots);
    }

    /// The transpose of V_{n+1} = 2V_{n+½} − V_n.
    fn extrapolate(&mut self, stepper: &mut S, slots: Slots) {
        let half = S::Number::constant(0.5);
        for group in 0..stepper.plain().layout.groups.len() {
            for position in stepper.plain().layout.groups[group].clone() {
                let before = stepper.number(slots.from + position);
                let middle = half * (before + stepper.number(slots.to + position));
                stepper.set(self.solved + position, middle);
                let cotangent = stepper.number(self.cotangent + position);
                stepper.set(self.bypass + position, S::Number::default() - cotangent);
                stepper.set(self.cotangent + position, cotangent + cotangent);
            }
        }
        for position in branch_points(stepper) {
            let solved = stepper.number(slots.to + position);
            stepper.set(self.solved + position, solved);
            stepper.set(self.bypass + position, S::Number::default());
        }
    }

    fn clear_recorded(&self, stepper: &mut S) {
        for (group, values) in self.recorded.iter().enumerate() {
            let len = stepper.plain().layout.groups[group].len();
            for at in values {
                stepper.clear(*at..*at + len);
            }
        }
    }

    fn conductances(&mut self, stepper: &S, solved: usize) {
        let Some(start) = self.edges else { return };
        let block = stepper.plain();
        let width = block.lanes.width();
        let number = |at: usize| stepper.number(at);
        for (edge, (child, parent)) in block.order.edges().enumerate() {
            for lane in 0..width {
                let (child, parent) = (child + lane, parent + lane);
                let w = number(self.transposed + child) - number(self.transposed + parent);
                let v = number(solved + child) - number(solved + parent);
                self.sums.add(start + edge * width + lane, -(w * v).widen());
            }
        }
    }

    fn membrane(&mut self, stepper: &mut S, moment: Moment, slots: Slots) {
        stepper.plain_mut().draw(moment);
        self.last_tapes(stepper, moment, slots);
        self.first_tapes(stepper, moment, slots);
    }

    /// The transpose of the last tapes of a step, the only ones if it has no halves.
    fn last_tapes(&mut self, stepper: &mut S, moment: Moment, slots: Slots) {
        let last = moment.last(stepper.plain().lanes.program.phases);
        if last != Phases::MembraneOnly {
            self.diffuse(stepper, slots, Course::Cable);
        }
        self.run(stepper, last, moment.time, slots);
    }

    /// The transpose of what comes before them.
    fn first_tapes(&mut self, stepper: &mut S, moment: Moment, slots: Slots) {
        let last = moment.last(stepper.plain().lanes.program.phases);
        self.release_played(stepper, moment, Half::Currents);
        if last == Phases::Membrane {
            self.diffuse(stepper, slots, Course::Shells);
            self.run(stepper, Phases::Update, moment.time, slots);
            self.add_updated(stepper);
            self.release_played(stepper, moment, Half::Update);
        }
        // a branch point's voltage before the step has no effect
        let ends = branch_points(stepper);
        stepper.clear(self.cotangent + ends.start..self.cotangent + ends.end);
    }

    fn run(&mut self, stepper: &mut S, phases: Phases, time: f64, slots: Slots) {
        let workspace = &mut stepper.plain_mut().workspace;
        let sums = self.sums.array();
        self.kernels.run(phases, time, slots, workspace, sums);
    }

    /// The voltage enters both halves of a step.
    fn add_updated(&self, stepper: &mut S) {
        for group in 0..stepper.plain().layout.groups.len() {
            for position in stepper.plain().layout.groups[group].clone() {
                let more = stepper.number(self.updated + position);
                stepper.add(self.cotangent + position, more);
                if stepper.plain().memory.has_other_side() {
                    let more = stepper.number(self.presynaptic_updated + position);
                    stepper.add(self.presynaptic + position, more);
                }
            }
        }
    }

    /// The transpose of what is written down at t = 0, after which the cotangents are those of the
    /// state at t = 0.
    pub(crate) fn start(
        &mut self,
        stepper: &mut S,
        slots: Slots,
        cotangents: &Seeds<'_, S::Number>,
    ) {
        let nodes = stepper.plain().memory.nodes;
        let recorded = self.recorded.clone();
        let mut any = false;
        self.clear_recorded(stepper);
        cotangents.each_current(0, |tap, value| match tap {
            Tap::Fixed(at) => {
                let at = recorded_position(stepper.plain(), &recorded, *at);
                stepper.set(at, value);
                any = true;
            }
            Tap::Membrane(node) => {
                if let Some(electrode) = node.electrode {
                    let at = recorded_position(stepper.plain(), &recorded, electrode.current);
                    stepper.add(at, value);
                    any = true;
                }
            }
            Tap::Slot(_) | Tap::Clamp(_) => {}
        });
        if any {
            // currents of the initial state: the membrane without the solve; of a run that goes on it
            // leaves the states alone, too
            let kept = match stepper.plain().inputs.goes_on {
                true => stepper.plain().memory.slot,
                false => nodes,
            };
            let kept = self.cotangent..self.cotangent + kept;
            let before: Vec<S::Number> = kept.clone().map(|at| stepper.number(at)).collect();
            stepper.clear(kept.clone());
            stepper.clear(self.transposed..self.transposed + nodes);
            let moment = stepper.plain().beginning();
            let slots = Slots {
                to: slots.from,
                ..slots
            };
            stepper.first_half(moment, slots);
            self.membrane(stepper, moment, slots);
            for (at, before) in kept.zip(before) {
                stepper.add(at, before);
            }
        }
        cotangents.add_following(stepper, 0, self.cotangent);
        self.initial_currents(stepper, slots.from, cotangents);
    }
}

/// Puts what a solve found in the place of voltages that were held after it, or the other way round.
fn exchange_held<S: Stepper>(stepper: &mut S, slots: Slots) {
    for index in 0..stepper.plain().held.len() {
        let block = stepper.plain();
        let held = block.held[index];
        if held.kind == HeldKind::Voltage {
            let (at, kept) = (
                slots.to + held.position,
                slots.factors + block.memory.factors.held + index,
            );
            let [shown, found] = [at, kept].map(|at| stepper.number(at));
            stepper.set(at, found);
            stepper.set(kept, shown);
        }
    }
}

/// Positions of the branch points, which come after all groups.
fn branch_points<S: Stepper>(stepper: &S) -> std::ops::Range<usize> {
    let block = stepper.plain();
    block.layout.groups.last().map_or(0, |region| region.end)..block.memory.nodes
}
