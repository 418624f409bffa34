//! What the synapses share that come from one compartment, their *source*, and in which runs they do.
//!
//! Most graded synapses see of a step only the voltage before them, and differ in how much of what this
//! makes goes where. What they share is then computed once for each source, and folds the synapses into
//! a sparse matrix: see [`crate::folded`]. Whether they share it is for the numbers of a run to say;
//! where they do not, synapses are stepped one by one.

use std::ops::Range;

use crate::inputs::{Inputs, LaneLookup};
use crate::program::{Junctions, Part, Population, Program};
use crate::reverse::Wanted;
use loligo_model::Quantity;

/// How the synapses of a population are folded onto their sources.
#[derive(Debug)]
pub(crate) struct Fold {
    /// The population of the sources.
    pub(crate) sources: usize,
    /// For each synapse its source among these.
    pub(crate) source: Vec<usize>,
    /// States of a source that its synapses weigh. By twos, the invariants of a synapse say how much of
    /// each it adds to the drive and to the slope.
    pub(crate) factors: Vec<usize>,
    /// What the synapses of a source must share.
    pub(crate) shared: Vec<Quantity>,
}

/// The mechanisms whose synapses are folded in a run, by their positions in the model: for each lane of a
/// batch, or one list for all. By default there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folding(Vec<Vec<usize>>);

impl Folding {
    /// All that can be: those whose synapses share what they must in each of `numbers`, which are a
    /// run's and how these move.
    pub(crate) fn of(program: &Program, numbers: &[&Inputs]) -> Self {
        // a state that is carried on, or held, is that of each synapse
        if numbers[0].goes_on || numbers[0].keeps_end || program.holds_states() {
            return Folding::default();
        }
        let lookups = numbers.iter().map(|inputs| LaneLookup::new(inputs));
        let lookups: Vec<LaneLookup<'_>> = lookups.collect();
        let populations = program.populations.iter().enumerate();
        let folds = populations.filter_map(|(index, population)| {
            let junctions = population.junctions.as_ref()?;
            let columns = junctions.fold()?.columns(program);
            Some((index, junctions.mechanism, columns))
        });
        let folds: Vec<(usize, usize, Vec<Range<usize>>)> = folds.collect();
        let columns: Vec<&Range<usize>> = folds.iter().flat_map(|(.., columns)| columns).collect();
        let own = numbers.iter().flat_map(|inputs| &inputs.lane_values);
        let mut own = own.flat_map(|values| &values.indices);
        let lanes = match own.any(|index| columns.iter().any(|column| column.contains(index))) {
            true => numbers[0].lanes,
            false => 1,
        };
        let of_lane = |lane: usize| {
            let shared = folds.iter().filter(|(population, _, columns)| {
                let population = &program.populations[*population];
                let mut lookups = lookups.iter();
                lookups.all(|lookup| is_shared(population, columns, lookup, lane))
            });
            shared.map(|(_, mechanism, _)| *mechanism).collect()
        };
        Folding((0..lanes).map(of_lane).collect())
    }

    fn of_lane(&self, lane: usize) -> &[usize] {
        let all = self.0.first().filter(|_| self.0.len() == 1);
        all.or(self.0.get(lane)).map_or(&[], Vec::as_slice)
    }

    /// Lanes that follow each other, and in which the same is folded.
    pub(crate) fn alike(&self, lanes: usize) -> Vec<Range<usize>> {
        let mut alike: Vec<Range<usize>> = Vec::new();
        for lane in 0..lanes {
            match alike.last_mut() {
                Some(last) if self.of_lane(last.start) == self.of_lane(lane) => last.end = lane + 1,
                _ => alike.push(lane..lane + 1),
            }
        }
        alike
    }

    /// Whether a population takes part in a lane of the run.
    pub(crate) fn includes(&self, population: &Population, lane: usize) -> bool {
        let Some(junctions) = &population.junctions else {
            return true;
        };
        let is_folded = self.of_lane(lane).contains(&junctions.mechanism);
        match junctions.part {
            Part::Whole | Part::Gaps => !is_folded,
            Part::Sources | Part::Weights(_) => is_folded,
        }
    }

    /// Whether something is wanted that folded synapses share, so that the derivatives of each are not
    /// known.
    pub(crate) fn hides(&self, program: &Program, wanted: &Wanted) -> bool {
        let populations = program.populations.iter();
        let junctions = populations.filter_map(|population| population.junctions.as_ref());
        let is_folded = |mechanism: usize| self.0.iter().any(|lane| lane.contains(&mechanism));
        let folded = junctions.filter(|junctions| is_folded(junctions.mechanism));
        let shared = folded.filter_map(|junctions| Some(&junctions.fold()?.shared));
        let shared: Vec<Quantity> = shared.flatten().copied().collect();
        let quantity = |index: &usize| program.layout.at(*index).map(|(quantity, _)| quantity);
        let mut wanted = wanted.values.iter().filter_map(quantity);
        !shared.is_empty() && wanted.any(|quantity| shared.contains(&quantity))
    }
}

impl Fold {
    /// Where what must be shared is among the numbers of a run.
    fn columns(&self, program: &Program) -> Vec<Range<usize>> {
        let starts = self.shared.iter();
        let starts = starts.filter_map(|quantity| program.layout.index(*quantity, 0));
        starts
            .map(|start| start..start + self.source.len())
            .collect()
    }
}

/// Whether the synapses of each source have the same numbers in these columns.
fn is_shared(
    population: &Population,
    columns: &[Range<usize>],
    lookup: &LaneLookup<'_>,
    lane: usize,
) -> bool {
    let fold = population.junctions.as_ref().and_then(Junctions::fold);
    let sources = fold.map_or(&[][..], |fold| &fold.source);
    columns.iter().all(|column| {
        let mut first: Vec<Option<f64>> = vec![None; sources.len()];
        let mut synapses = population.cells.iter().zip(sources);
        synapses.all(|(synapse, source)| {
            let number = lookup.value(column.start + synapse, lane);
            let first = *first[*source].get_or_insert(number);
            first == number || first.is_nan() && number.is_nan()
        })
    })
}
