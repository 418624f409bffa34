//! What the reverse sweep of a program needs of a budget of memory.

use std::sync::Arc;

use crate::block::Block;
use crate::checkpoint::{INSTRUCTIONS, Plan, Weights};
use crate::dual::Number;
use crate::error::RunError;
use crate::inputs::Inputs;
use crate::lanes::{Factors, Lanes, NodeLayout, slot_len};
use crate::partition::crews;
use crate::program::{Part, Program};
use crate::sources::Folding;
use crate::stepper::Stepper;
use crate::vector::{REGISTER_BYTES, Real};

/// The most registers that a tape is taken to have.
const REGISTERS: usize = 256;

impl Program {
    /// What a reverse sweep would keep, for a budget in bytes.
    ///
    /// # Errors
    /// [`RunError::Budget`] if nothing fits.
    pub fn plan<T: Real>(
        self: &Arc<Self>,
        inputs: &Inputs,
        budget: usize,
        threads: usize,
    ) -> Result<Plan, RunError> {
        let folding = Folding::of(self, &[inputs]);
        self.plan_of::<Block<T>>(inputs, &folding, budget, threads)
    }

    /// [`Program::plan`] for blocks with or without tangents.
    pub(crate) fn plan_of<S: Stepper>(
        self: &Arc<Self>,
        inputs: &Inputs,
        folding: &Folding,
        budget: usize,
        threads: usize,
    ) -> Result<Plan, RunError> {
        let (weights, fixed) = self.weights::<S>(inputs, folding, threads);
        Plan::within(budget.saturating_sub(fixed), inputs.steps, weights).map_err(|least| {
            RunError::Budget {
                budget,
                needed: least + fixed,
                steps: inputs.steps,
            }
        })
    }

    /// The most that a run takes whose plan this is, in bytes; events aside.
    pub(crate) fn bytes_of<S: Stepper>(
        self: &Arc<Self>,
        plan: &Plan,
        inputs: &Inputs,
        folding: &Folding,
        threads: usize,
    ) -> usize {
        let (weights, fixed) = self.weights::<S>(inputs, folding, threads);
        plan.bytes(inputs.steps, weights) + fixed
    }

    /// What states and steps weigh, and what is needed whatever is kept.
    fn weights<S: Stepper>(
        self: &Arc<Self>,
        inputs: &Inputs,
        folding: &Folding,
        threads: usize,
    ) -> (Weights, usize) {
        let crews = crews::<S::Real>(self, inputs.lanes, folding).into_iter();
        let crews: Vec<Bytes> = crews
            .map(|members| {
                let blocks = members.into_iter().map(|(index, range)| {
                    Bytes::of_block::<S>(&Lanes {
                        program: Arc::clone(self),
                        index,
                        range,
                    })
                });
                blocks.fold(Bytes::default(), Bytes::plus)
            })
            .collect();
        let all = |of: &dyn Fn(&Bytes) -> usize| -> usize { crews.iter().map(of).sum() };
        // what is reversed at the same time: the largest crews, one for each thread
        let local = |of: &dyn Fn(&Bytes) -> usize| -> usize {
            let mut weights: Vec<usize> = crews.iter().map(of).collect();
            weights.sort_unstable_by(|a, b| b.cmp(a));
            weights.iter().take(threads.max(1)).sum()
        };
        let weights = Weights {
            snapshot: all(&|crew| crew.slot),
            local_snapshot: local(&|crew| crew.slot),
            step: local(&|crew| crew.step),
            total_step: all(&|crew| crew.step),
        };
        (
            weights,
            all(&|crew| crew.setup) + local(&|crew| crew.workspace),
        )
    }
}

/// What a block takes, or a crew of them.
#[derive(Clone, Copy, Default)]
struct Bytes {
    /// A state.
    slot: usize,
    /// A state and what a step leaves beside it.
    step: usize,
    /// What is computed once.
    setup: usize,
    /// What it runs and is reversed with, states aside.
    workspace: usize,
}

impl Bytes {
    fn of_block<S: Stepper>(lanes: &Lanes) -> Self {
        // a number of the block, and one in double precision
        let number = S::Number::PARTS * size_of::<S::Real>();
        let wide = S::Wide::PARTS * size_of::<f64>();
        let layout = NodeLayout::new::<S::Real>(lanes.population(), lanes.width());
        let slot = slot_len(lanes, &layout).next_multiple_of(S::Real::LANES);
        let factors = Factors::new::<S::Real>(lanes, &layout).len;
        let population = lanes.population();
        let groups = population.groups.iter().zip(&layout.groups);
        let arrays: usize = groups
            .map(|(group, region)| {
                let code = &lanes.program.codes[group.code];
                region.len() * (code.sources.len() + code.invariants.len())
            })
            .sum();
        let setup = arrays + slot + 2 * layout.len + population.tree.edges.len() * lanes.width();
        // the step's arrays, cotangents, and sums in double precision; of synapses the other side, and
        // their wiring, or the matrix that they are folded into, by rows and by columns
        let sides = match population.part() {
            None => 0,
            Some(Part::Whole | Part::Gaps | Part::Sources) => 5,
            Some(Part::Weights(fold)) => 12 * fold.factors.len(),
        };
        let species = population.species.len();
        let step = 3 * slot + (9 + 4 * species + sides) * layout.len + arrays;
        // tapes forth and back, whose registers are as long as what they compute, up to a limit
        let longest = |region: &std::ops::Range<usize>| {
            (region.len() * REGISTERS * size_of::<S::Real>()).min(REGISTER_BYTES)
        };
        let tapes = 2 * lanes.program.phases.len();
        let registers: usize = layout.groups.iter().map(longest).sum::<usize>() * tapes;
        Bytes {
            slot: slot * number,
            step: (slot + factors) * number,
            setup: setup * wide,
            workspace: INSTRUCTIONS + registers + step * number + setup * wide,
        }
    }

    fn plus(self, other: Bytes) -> Self {
        Bytes {
            slot: self.slot + other.slot,
            step: self.step + other.step,
            setup: self.setup + other.setup,
            workspace: self.workspace + other.workspace,
        }
    }
}
