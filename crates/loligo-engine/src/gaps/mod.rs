//! Gap junctions: conductances between compartments, solved for together with the trees.
//!
//! With A the matrix of the trees, a column of B for each junction (1 at one end, −1 at the other) and
//! their conductances G, the cable equation is (A + B·G·Bᵀ)·x = b. With the voltages across the
//! junctions, t = Bᵀ·x, it is A·x = b − B·G·t, where
//!
//! > (1 + K·G)·t = Bᵀ·A⁻¹·b,  K = Bᵀ·A⁻¹·B.
//!
//! This system has a row for each junction, is symmetric in the scalar product that G weighs, and is
//! little more than the identity: a junction conducts little beside the capacitance of a compartment
//! in a step. Conjugate gradients (Hestenes and Stiefel 1952, J Res Nat Bur Stand 49:409) take one
//! solve of the trees in each iteration, and for k junctions no more than k of them: few cost what
//! the formula of Woodbury does, and many need no matrix. Sums are in the order of the junctions.
//!
//! The matrix is symmetric, so the transposed equation is solved the same way.

mod descent;

use std::ops::Range;

use crate::block::Field;
use crate::crew::Seats;
use crate::dual::Number;
use crate::stepper::Stepper;
use crate::threads::for_each;
use crate::vector::{AlignedVec, Real};
use crate::wiring::Wiring;
use descent::{Descent, Ends, Trees, flow};

/// The gap junctions of a crew.
pub(crate) struct Gaps<S: Stepper> {
    /// Of each junction.
    ends: Vec<Ends>,
    /// Which member has the conductance of each, and in which lane.
    places: Vec<(usize, usize)>,
    /// Of each member that is cells what is joined of it.
    joined: Vec<Joined<S::Real>>,
    /// By junction, µS, and the voltage across it as the last solution has it.
    conductance: Vec<S::Number>,
    across: Vec<S::Number>,
    /// By end.
    currents: Vec<S::Number>,
    descent: Descent<S::Real>,
    /// Whether threads share a solve.
    is_large: bool,
}

/// A member that is cells, as junctions see it.
struct Joined<T> {
    /// Ends and their positions in an array over nodes.
    ends: Vec<(usize, usize)>,
    /// Of lanes of the batch, counted within the crew, which of its lanes they are.
    lanes: Vec<(usize, Range<usize>)>,
    /// A right-hand side that is 0 but at ends, and its solution, over nodes.
    rhs: AlignedVec<T>,
    solution: AlignedVec<T>,
}

/// Where the equation of a member is: its right-hand side and its solution.
#[derive(Clone, Copy)]
pub(crate) struct Equation {
    pub(crate) rhs: usize,
    pub(crate) solution: usize,
}

impl<S: Stepper> Gaps<S> {
    /// The gap junctions of these members, if there are any.
    pub(crate) fn new(members: &[S], wiring: &Wiring, is_large: bool) -> Option<Self> {
        let batch =
            |(member, lane): (usize, usize)| members[member].plain().lanes.cell_and_batch(lane).1;
        let all = (wiring.gaps..wiring.sources).flat_map(|member| {
            let sides = wiring.sides(member).enumerate();
            sides.map(move |(lane, sides)| ((member, lane), sides))
        });
        let mut all: Vec<((usize, usize), [usize; 2])> = all.collect();
        // those of a lane of the batch follow each other, in the order of the model
        all.sort_by_key(|(place, _)| batch(*place));
        let (places, sides): (Vec<(usize, usize)>, Vec<[usize; 2]>) = all.into_iter().unzip();
        let lanes = runs(&places, |place| batch(*place));
        let first = batch(*places.first()?);
        let mut numbers = vec![None; wiring.ends()];
        let mut count = 0;
        let mut number = |side: usize| {
            *numbers[side].get_or_insert_with(|| {
                count += 1;
                count - 1
            })
        };
        let ends: Vec<Ends> = sides.iter().map(|sides| sides.map(&mut number)).collect();
        let joined = members[..wiring.cells].iter().enumerate();
        let joined = joined.map(|(member, block)| {
            let block = block.plain();
            let taps = &wiring.taps()[member];
            let ends = numbers[taps.ends.clone()].iter().zip(&taps.positions);
            let ends = ends.filter_map(|(number, at)| Some(((*number)? as usize, *at as usize)));
            let lanes: Vec<usize> = (0..block.lanes.width()).collect();
            let of_batch = runs(&lanes, |lane| batch((member, *lane))).into_iter();
            let [rhs, solution] = [(); 2].map(|()| AlignedVec::zeros(block.memory.nodes));
            Joined {
                ends: ends.collect(),
                lanes: of_batch
                    .map(|lanes| (batch((member, lanes.start)) - first, lanes))
                    .collect(),
                rhs,
                solution,
            }
        });
        let joined = joined.collect();
        let nothing = vec![S::Number::default(); ends.len()];
        let count = count as usize;
        Some(Gaps {
            places,
            joined,
            conductance: nothing.clone(),
            across: nothing,
            currents: vec![S::Number::default(); count],
            descent: Descent::new(lanes, count),
            ends,
            is_large,
        })
    }

    /// Solves the cable equations whose right-hand sides and diagonals a step left. The voltages before
    /// it are the first guess.
    pub(crate) fn solve(&mut self, members: &mut [S], seats: impl Seats) {
        self.take_conductances(members, seats);
        for (member, joined) in self.joined.iter().enumerate() {
            let before = &members[member].plain().workspace[seats(member).from..];
            joined.read(before, &mut self.descent.voltages);
        }
        for (ends, across) in self.ends.iter().zip(&mut self.descent.across) {
            let [here, there] = ends.map(|end| self.descent.voltages[end as usize]);
            *across = here - there;
        }
        let cells = members[..self.joined.len()].iter().enumerate();
        let equations = cells.map(|(member, block)| Equation {
            rhs: block.plain().memory.rhs,
            solution: block.plain().solved(seats(member)),
        });
        let equations: Vec<Equation> = equations.collect();
        self.add_flows(members, &equations, 0);
        let cells = members[..self.joined.len()].iter_mut().enumerate();
        for_each(cells, self.is_large, |(member, block)| {
            block.factor(seats(member))
        });
        self.descend(members, seats, &equations, 0);
        self.solve_tangent(members, seats, &equations);
    }

    /// Solves cable equations once more, for other right-hand sides, which are used up.
    pub(crate) fn solve_again(
        &mut self,
        members: &mut [S],
        seats: impl Seats,
        equations: &[Equation],
    ) {
        self.take_conductances(members, seats);
        self.descent.across.fill(S::Real::ZERO);
        self.solve_trees(members, seats, equations, 0);
        self.descend(members, seats, equations, 0);
        self.solve_tangent(members, seats, equations);
    }

    /// What the junctions brought to the nodes of a member, by position.
    pub(crate) fn inflows(&self, member: usize) -> impl Iterator<Item = (usize, S::Number)> + '_ {
        let ends = self.joined[member].ends.iter();
        ends.map(|(end, position)| (*position, self.currents[*end]))
    }

    fn take_conductances(&mut self, members: &[S], seats: impl Seats) {
        for (conductance, (member, lane)) in self.conductance.iter_mut().zip(&self.places) {
            *conductance = members[*member].number(seats(*member).factors + lane);
        }
        for (part, conductance) in self.descent.conductance.iter_mut().zip(&self.conductance) {
            *part = conductance.part(0);
        }
    }

    /// The tangent of a solution, given that of the right-hand side.
    fn solve_tangent(&mut self, members: &mut [S], seats: impl Seats, equations: &[Equation]) {
        for (across, part) in self.across.iter_mut().zip(&self.descent.across) {
            *across = S::Number::of_part(0, *part);
        }
        if S::Number::PARTS == 2 {
            let cells = members[..self.joined.len()].iter_mut().enumerate();
            for_each(cells, self.is_large, |(member, block)| {
                let Equation { rhs, solution } = equations[member];
                block.leave_change(Field::Voltage, seats(member), rhs, solution);
            });
            // what the changes of the conductances let flow
            self.add_flows(members, equations, 1);
            self.descent.across.fill(S::Real::ZERO);
            self.solve_trees(members, seats, equations, 1);
            self.descend(members, seats, equations, 1);
            for (across, part) in self.across.iter_mut().zip(&self.descent.across) {
                *across = *across + S::Number::of_part(1, *part);
            }
        }
        let flowing = self.conductance.iter().zip(&self.across);
        let through = flowing.map(|(conductance, across)| *conductance * *across);
        flow(&self.ends, through, &mut self.currents);
    }

    /// Adds what flows with the voltages across the junctions as they are, to a part of right-hand sides.
    fn add_flows(&mut self, members: &mut [S], equations: &[Equation], part: usize) {
        let flowing = self.conductance.iter().zip(&self.descent.across);
        let through = flowing
            .map(|(conductance, across)| S::Number::of_part(0, conductance.part(part) * *across));
        flow(&self.ends, through, &mut self.currents);
        for (member, joined) in self.joined.iter().enumerate() {
            let rhs = equations[member].rhs;
            for (end, position) in &joined.ends {
                let current = S::Number::of_part(part, self.currents[*end].part(0));
                members[member].add(rhs + position, current);
            }
        }
    }

    /// Solves the trees by themselves, for a part of right-hand sides.
    fn solve_trees(
        &self,
        members: &mut [S],
        seats: impl Seats,
        equations: &[Equation],
        part: usize,
    ) {
        let cells = members[..self.joined.len()].iter_mut().enumerate();
        for_each(cells, self.is_large, |(member, block)| {
            let Equation { rhs, solution } = equations[member];
            let shift = part * block.shift();
            let (slots, block) = (seats(member), block.plain_mut());
            block.solve_again(Field::Voltage, slots, rhs + shift, solution + shift);
        });
    }

    /// From the solution of the trees by themselves to that of the whole.
    fn descend(
        &mut self,
        members: &mut [S],
        seats: impl Seats,
        equations: &[Equation],
        part: usize,
    ) {
        let cells = &mut members[..self.joined.len()];
        for (member, joined) in self.joined.iter().enumerate() {
            let block = &cells[member];
            let solution = equations[member].solution + part * block.shift();
            joined.read(
                &block.plain().workspace[solution..],
                &mut self.descent.voltages,
            );
        }
        let mut crew = Cells {
            members: cells,
            joined: &mut self.joined,
            factors: |member: usize| seats(member).factors,
            solution: |member: usize, block: &S| equations[member].solution + part * block.shift(),
            is_large: self.is_large,
        };
        self.descent.run(&self.ends, &mut crew);
    }
}

impl<T: Real> Joined<T> {
    /// What an array over nodes has at the ends.
    fn read(&self, nodes: &[T], to: &mut [T]) {
        for (end, position) in &self.ends {
            to[*end] = nodes[*position];
        }
    }
}

/// The cells of a crew, whose trees junctions join.
struct Cells<'c, S: Stepper, F, G> {
    members: &'c mut [S],
    joined: &'c mut [Joined<S::Real>],
    factors: F,
    solution: G,
    is_large: bool,
}

impl<S, F, G> Trees<S::Real> for Cells<'_, S, F, G>
where
    S: Stepper,
    F: Fn(usize) -> usize + Sync + Send,
    G: Fn(usize, &S) -> usize + Sync + Send,
{
    fn respond(&mut self, currents: &[S::Real], voltages: &mut [S::Real]) {
        let cells = self
            .members
            .iter_mut()
            .zip(self.joined.iter_mut())
            .enumerate();
        for_each(cells, self.is_large, |(member, (block, joined))| {
            let Joined {
                ends,
                rhs,
                solution,
                ..
            } = joined;
            if ends.is_empty() {
                return;
            }
            rhs.fill(Real::ZERO);
            for (end, position) in ends {
                rhs[*position] = currents[*end];
            }
            block.plain().respond((self.factors)(member), rhs, solution);
        });
        for joined in self.joined.iter() {
            joined.read(&joined.solution, voltages);
        }
    }

    fn follow(&mut self, strides: &[S::Real]) {
        let cells = self.members.iter_mut().zip(self.joined.iter()).enumerate();
        for_each(cells, self.is_large, |(member, (block, joined))| {
            if joined.ends.is_empty() {
                return;
            }
            let solution = (self.solution)(member, block);
            let block = block.plain_mut();
            for (of_batch, lanes) in &joined.lanes {
                let stride = strides[*of_batch];
                // a lane that is solved stays as it is, to the sign of a zero
                if stride == Real::ZERO {
                    continue;
                }
                for node in &block.layout.offset {
                    let lanes = node + lanes.start..node + lanes.end;
                    let to = &mut block.workspace[solution..][lanes.clone()];
                    for (to, moves) in to.iter_mut().zip(&joined.solution[lanes]) {
                        *to = *to + stride * *moves;
                    }
                }
            }
        });
    }
}

/// Where runs of equal keys are.
fn runs<I, K: PartialEq>(items: &[I], key: impl Fn(&I) -> K) -> Vec<Range<usize>> {
    let alike = items.chunk_by(|a, b| key(a) == key(b));
    let ranges = alike.scan(0, |end, run| {
        let start = *end;
        *end += run.len();
        Some(start..*end)
    });
    ranges.collect()
}
