//! Conjugate gradients on the voltages across gap junctions (see [`super`]).

use std::ops::Range;

use crate::dual::Scalar;
use crate::vector::Real;

/// The ends of a gap junction, counted among those of all: the one that its current flows out of first.
pub(super) type Ends = [u32; 2];

/// The trees that junctions join.
pub(super) trait Trees<T> {
    /// Solves for currents into the ends, and reads the voltages there.
    fn respond(&mut self, currents: &[T], voltages: &mut [T]);

    /// Adds so much of that response, by lane of the batch, to the solution.
    fn follow(&mut self, strides: &[T]);
}

/// The system of a crew's junctions, and room for its solution.
pub(super) struct Descent<T> {
    /// The junctions of each lane of the batch.
    lanes: Vec<Range<usize>>,
    /// By junction, µS.
    pub(super) conductance: Vec<T>,
    /// By junction the voltage across it.
    pub(super) across: Vec<T>,
    /// By end: what the trees' solution is there.
    pub(super) voltages: Vec<T>,
    /// By junction, as are those below: what is left of the right-hand side.
    residual: Vec<T>,
    direction: Vec<T>,
    /// What the system makes of the direction.
    image: Vec<T>,
    /// By end.
    currents: Vec<T>,
    /// By lane.
    sums: Vec<Sums>,
    /// By lane how far the solution moves along the direction.
    strides: Vec<T>,
}

/// Sums over the junctions of a lane, weighted by their conductances. Those may be negative in one step
/// of a fit: by their signs, and by their sizes, so that nothing cancels.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// The squares of what is left of the right-hand side.
    left: f64,
    left_in_size: f64,
    /// Which share of the square of a direction reaches the voltages of the ends, as the last one shows.
    share: f64,
    /// The squares of the rounding of those voltages.
    rounding: f64,
}

impl Sums {
    /// Whether a further step would move the voltages of the ends by more than their rounding.
    fn is_open(&self) -> bool {
        self.left_in_size * self.share > self.rounding
    }
}

/// A sum of many terms: of as many running sums as one addition takes cycles.
#[derive(Clone, Copy, Default)]
struct Running([f64; 4]);

impl Running {
    #[inline(always)]
    fn add(&mut self, index: usize, term: f64) {
        self.0[index % 4] += term;
    }

    fn total(self) -> f64 {
        (self.0[0] + self.0[1]) + (self.0[2] + self.0[3])
    }
}

/// Sums what currents through the junctions bring to the ends.
pub(super) fn flow<N: Scalar>(ends: &[Ends], through: impl Iterator<Item = N>, currents: &mut [N]) {
    currents.fill(N::default());
    for (&[out, into], current) in ends.iter().zip(through) {
        let (out, into) = (out as usize, into as usize);
        currents[out] = currents[out] - current;
        currents[into] = currents[into] + current;
    }
}

impl<T: Real> Descent<T> {
    /// Room for the junctions of lanes, which follow each other, and so many ends.
    pub(super) fn new(lanes: Vec<Range<usize>>, ends: usize) -> Self {
        let junctions = lanes.last().map_or(0, |last| last.end);
        let [by_junction, by_end] = [junctions, ends].map(|len| vec![T::ZERO; len]);
        Descent {
            sums: vec![Sums::default(); lanes.len()],
            strides: vec![T::ZERO; lanes.len()],
            lanes,
            conductance: by_junction.clone(),
            across: by_junction.clone(),
            voltages: by_end.clone(),
            residual: by_junction.clone(),
            direction: by_junction.clone(),
            image: by_junction,
            currents: by_end,
        }
    }

    /// Given a guess of `across`, and the voltages of the trees with what that lets flow, makes it the
    /// solution and the trees' solution that of the whole. What does not converge becomes NaN.
    pub(super) fn run(&mut self, ends: &[Ends], trees: &mut impl Trees<T>) {
        self.begin(ends);
        // exact numbers need as many iterations as a lane has junctions
        for _ in 0..4 * ends.len() + 64 {
            if !self.sums.iter().any(Sums::is_open) {
                return;
            }
            let flowing = self.conductance.iter().zip(&self.direction);
            flow(ends, flowing.map(|(g, v)| *g * *v), &mut self.currents);
            trees.respond(&self.currents, &mut self.voltages);
            for lane in 0..self.lanes.len() {
                self.advance(ends, lane);
            }
            trees.follow(&self.strides);
        }
        let unknown = T::from_f64(f64::NAN);
        for (stride, sums) in self.strides.iter_mut().zip(&self.sums) {
            *stride = if sums.is_open() { unknown } else { T::ZERO };
        }
        trees.follow(&self.strides);
    }

    /// Finds what the guess leaves, which is the first direction.
    fn begin(&mut self, ends: &[Ends]) {
        let epsilon = T::EPSILON.to_f64();
        for (lane, sums) in self.lanes.iter().zip(&mut self.sums) {
            *sums = Sums {
                share: 1.0,
                ..Sums::default()
            };
            for junction in lane.clone() {
                let [here, there] = ends[junction].map(|end| self.voltages[end as usize]);
                let residual = here - there - self.across[junction];
                self.residual[junction] = residual;
                let [here, there, left] = [here, there, residual].map(|v| v.to_f64().abs());
                let weight = self.conductance[junction].to_f64();
                sums.left += weight * left * left;
                sums.left_in_size += weight.abs() * left * left;
                sums.rounding += weight.abs() * (epsilon * (here + there)).powi(2);
            }
        }
        self.direction.copy_from_slice(&self.residual);
    }

    /// Moves along the direction as far as is best, and turns it. A lane that is solved stays as it is.
    fn advance(&mut self, ends: &[Ends], lane: usize) {
        let sums = self.sums[lane];
        self.strides[lane] = T::ZERO;
        if !sums.is_open() {
            self.direction[self.lanes[lane].clone()].fill(T::ZERO);
            return;
        }
        let lanes = self.lanes[lane].clone();
        let ends = &ends[lanes.clone()];
        let conductance = &self.conductance[lanes.clone()];
        let direction = &mut self.direction[lanes.clone()];
        let image = &mut self.image[lanes.clone()];
        let residual = &mut self.residual[lanes.clone()];
        let across = &mut self.across[lanes];

        // what the system makes of the direction: currents into the ends lower what is across
        let [mut product, mut squares, mut moved] = [Running::default(); 3];
        let junctions = ends.iter().zip(conductance).zip(direction.iter());
        let junctions = junctions.zip(image.iter_mut()).enumerate();
        for (index, (((ends, conductance), direction), image)) in junctions {
            let [here, there] = ends.map(|end| self.voltages[end as usize]);
            let response = here - there;
            *image = *direction - response;
            let [weight, along] = [*conductance, *direction].map(Real::to_f64);
            product.add(index, weight * along * image.to_f64());
            squares.add(index, weight.abs() * along * along);
            moved.add(index, weight.abs() * response.to_f64() * response.to_f64());
        }

        let stride = T::from_f64(sums.left / product.total());
        let [mut left, mut left_in_size] = [Running::default(); 2];
        let moving = across.iter_mut().zip(residual.iter_mut());
        let along = conductance.iter().zip(direction.iter()).zip(image.iter());
        for (index, (moving, along)) in moving.zip(along).enumerate() {
            let ((across, residual), ((conductance, direction), image)) = (moving, along);
            *across = *across + stride * *direction;
            *residual = *residual - stride * *image;
            let square = residual.to_f64() * residual.to_f64();
            left.add(index, conductance.to_f64() * square);
            left_in_size.add(index, conductance.to_f64().abs() * square);
        }
        let left = left.total();

        let turn = T::from_f64(left / sums.left);
        for (direction, residual) in direction.iter_mut().zip(residual.iter()) {
            *direction = *residual + turn * *direction;
        }
        self.strides[lane] = stride;
        self.sums[lane] = Sums {
            left,
            left_in_size: left_in_size.total(),
            share: moved.total() / squares.total(),
            rounding: sums.rounding,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compartments that nothing but junctions join: what a current leaves of a voltage is told for each.
    struct Apart {
        responses: Vec<f64>,
        last: Vec<f64>,
        solution: Vec<f64>,
        calls: usize,
    }

    impl Trees<f64> for Apart {
        fn respond(&mut self, currents: &[f64], voltages: &mut [f64]) {
            self.calls += 1;
            for (end, current) in currents.iter().enumerate() {
                voltages[end] = self.responses[end] * current;
            }
            self.last.copy_from_slice(voltages);
        }

        fn follow(&mut self, strides: &[f64]) {
            for (voltage, last) in self.solution.iter_mut().zip(&self.last) {
                *voltage += strides[0] * last;
            }
        }
    }

    /// From voltages without junctions to those with them, and how many solves of the trees that took.
    fn joined(
        ends: &[Ends],
        conductance: &[f64],
        responses: &[f64],
        alone: &[f64],
    ) -> (Vec<f64>, usize) {
        let lane = 0..ends.len();
        let mut descent = Descent::new(Vec::from([lane]), alone.len());
        descent.conductance.copy_from_slice(conductance);
        descent.voltages.copy_from_slice(alone);
        let mut trees = Apart {
            responses: responses.to_vec(),
            last: alone.to_vec(),
            solution: alone.to_vec(),
            calls: 0,
        };
        descent.run(ends, &mut trees);
        (trees.solution, trees.calls)
    }

    /// A single junction is a single step, as by Woodbury's formula: currents balance.
    #[test]
    fn one_junction_takes_one_step() {
        for g in [1e-4, 1.0, 1e4] {
            let (v, calls) = joined(&[[0, 1]], &[g], &[2.0, 0.5], &[-70.0, 10.0]);
            let current = g * (v[0] - v[1]);
            // the rounding of voltages, and what it makes of the current
            let near = 4.0 * f64::EPSILON * 70.0 * (1.0 + 2.0 * g);
            assert!((v[0] - (-70.0 - 2.0 * current)).abs() < near, "{v:?}");
            assert!((v[1] - (10.0 + 0.5 * current)).abs() < near, "{v:?}");
            assert_eq!(calls, 1);
        }
    }

    /// What is symmetric takes no more steps than there are junctions, also where these conduct as much
    /// as the rest.
    #[test]
    fn few_junctions_take_few_steps() {
        let ends = [[0, 1], [1, 2], [2, 0], [2, 3]];
        let (_, calls) = joined(
            &ends,
            &[1.0, 0.2, 0.7, 0.1],
            &[1.0; 4],
            &[-70.0, 10.0, 0.0, -30.0],
        );
        assert!(calls <= ends.len() + 1, "{calls}");
        let (_, calls) = joined(&ends, &[1e-3; 4], &[1.0; 4], &[-70.0, 10.0, 0.0, -30.0]);
        assert!(calls <= ends.len() + 1, "{calls}");
    }

    /// Trees that make more of a current than they lose to it have no solution.
    #[test]
    fn what_does_not_converge_is_not_a_number() {
        let ends = [[0, 1], [1, 2]];
        let (v, _) = joined(
            &ends,
            &[1.0, 1.0],
            &[f64::INFINITY, 1.0, 1.0],
            &[1.0, 2.0, 5.0],
        );
        assert!(v.iter().any(|v| v.is_nan()), "{v:?}");
    }
}
