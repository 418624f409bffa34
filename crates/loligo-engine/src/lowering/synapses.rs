//! Synapses as populations: one for each synaptic mechanism, with its code.

use std::collections::BTreeMap;

use loligo_mechanism::graph::Expr;
use loligo_mechanism::mechanism::{Mechanism, PRESYNAPTIC, VOLTAGE};
use loligo_mechanism::membrane::Phases;
use loligo_model::{Insertion, Joins, Model, Quantity, Recorded};

use super::error::LoweringError;
use super::events;
use super::folding::{Folded, fold};
use super::merging::{Merged, merged, source};
use super::playing::{WhyNotPlayed, not_played};
use super::recording::is_computed;
use super::sets::MechanismSet;
use super::sites::Sites;
use crate::code::GroupCode;
use crate::convention::Choices;
use crate::program::{Code, Group, Junctions, Part, Population, Site, Source};
use crate::sources::Fold;
use crate::tree::Tree;

/// How a model's synapses are lowered.
pub(super) struct Synapses<'a> {
    pub(super) model: &'a Model,
    pub(super) choices: Choices,
    pub(super) phases: &'a [Phases],
    /// Where the cells are that they join.
    pub(super) sites: &'a Sites<'a>,
}

impl Synapses<'_> {
    /// Adds the populations of a model's synapses and their codes: whole, then what those that can be
    /// are folded into. Synapses onto one compartment follow each other, in the order in which they
    /// were made.
    pub(super) fn add_to(
        &self,
        codes: &mut Vec<Code>,
        populations: &mut Vec<Population>,
    ) -> Result<(), LoweringError> {
        let insertions = self.model.insertions().iter().enumerate();
        let joined = insertions.filter(|(_, insertion)| !insertion.joins.is_empty());
        let mut first = self.model.shape().compartments.len();
        let mut foldable = Vec::new();
        for (mechanism, insertion) in joined {
            check(&insertion.mechanism)?;
            let recordings = self.model.recordings().iter();
            let theirs =
                |what: &Recorded| what.mechanism() == Some(mechanism) && is_computed(*what);
            let mut recorded: Vec<Recorded> = recordings.map(|r| r.what).filter(theirs).collect();
            recorded.sort_unstable();
            recorded.dedup();
            let set = self.set(mechanism, insertion)?;
            let merged = merged(self.model, &set, recorded, self.choices, self.phases)?;
            let whole = merged.clone();
            let code = whole.code(self.model, self.phases, GroupCode::of_synapses)?;
            check_sources(&insertion.mechanism, &code, mechanism)?;
            let joins = &insertion.joins;
            let mut cells: Vec<usize> = (0..joins.len()).collect();
            cells.sort_by_key(|synapse| joins.post[*synapse]);
            let kind = Kind {
                mechanism,
                first,
                joins,
                cells,
            };
            let part = match insertion.mechanism.conductance {
                Some(_) => Part::Gaps,
                None => Part::Whole,
            };
            populations.push(self.population(&kind, part, codes.len()));
            codes.push(code);
            if let Some(folded) = self.folded(&merged, mechanism) {
                foldable.push((kind, merged, folded));
            }
            first += joins.len();
        }
        for (kind, merged, folded) in foldable {
            self.add_folded(&kind, merged, folded, codes, populations)?;
        }
        Ok(())
    }

    /// A mechanism and those of its numbers that are played.
    fn set(&self, mechanism: usize, insertion: &Insertion) -> Result<MechanismSet, LoweringError> {
        let plays = self.model.plays().iter().map(|play| play.quantity);
        let theirs = plays.filter(|quantity| quantity.mechanism() == Some(mechanism));
        let mut played: Vec<Quantity> = theirs.collect();
        played.sort_unstable();
        played.dedup();
        match (played.first(), insertion.mechanism.conductance) {
            (Some(&quantity), Some(_)) => {
                let reason = WhyNotPlayed::GapJunction;
                Err(not_played(self.model, quantity, reason))
            }
            _ => Ok(MechanismSet {
                mechanisms: vec![mechanism],
                played,
            }),
        }
    }

    fn population(&self, of: &Kind<'_>, part: Part, code: usize) -> Population {
        let ends = |ends: &[usize]| {
            let synapses = of.cells.iter();
            synapses
                .map(|synapse| self.sites.compartment(ends[*synapse]))
                .collect()
        };
        let pre: Vec<Site> = ends(&of.joins.pre);
        Population {
            tree: Tree::point(),
            groups: vec![Group {
                code,
                compartments: vec![0],
            }],
            species: Vec::new(),
            junctions: Some(Junctions {
                mechanism: of.mechanism,
                first: of.first,
                post: match part {
                    Part::Sources => pre.clone(),
                    Part::Whole | Part::Gaps | Part::Weights(_) => ends(&of.joins.post),
                },
                pre,
                part,
            }),
            cells: of.cells.clone(),
        }
    }

    /// The synapses of a mechanism in a form that can be folded; not if currents are recorded, or what
    /// they would share is trained.
    fn folded(&self, merged: &Merged, mechanism: usize) -> Option<Folded> {
        // an event comes to one synapse, and not to all of a compartment; conductances of gap junctions
        // are in a matrix that is solved for; what is played changes from step to step
        let insertion = &self.model.insertions()[mechanism];
        let moves = insertion.mechanism.conductance.is_some() || !merged.played.is_empty();
        if events::is_told(insertion) || moves {
            return None;
        }
        let (recorded, _) = &merged.recorded;
        let folded = fold(merged.membrane.clone(), &|symbol| {
            self.quantity(symbol, mechanism).is_some()
        })?;
        let shared = self.shared(&folded, mechanism);
        let mut trained = self.model.trainables().iter();
        let is_trained = trained.any(|trainable| shared.contains(&trainable.quantity));
        (recorded.is_empty() && !is_trained).then_some(folded)
    }

    /// The number of a synapse that a symbol stands for.
    fn quantity(&self, symbol: &str, mechanism: usize) -> Option<Quantity> {
        match source(self.model, &[mechanism], symbol)? {
            Source::Value(quantity) if quantity.mechanism() == Some(mechanism) => Some(quantity),
            _ => None,
        }
    }

    /// What the synapses of a source must share: numbers, and states at t = 0.
    fn shared(&self, folded: &Folded, mechanism: usize) -> Vec<Quantity> {
        let numbers = folded.shared.iter();
        let numbers = numbers.filter_map(|symbol| self.quantity(symbol, mechanism));
        let states = 0..self.model.insertions()[mechanism].mechanism.states.len();
        let states = states.map(|state| Quantity::InitialState { mechanism, state });
        numbers.chain(states).collect()
    }

    /// Adds the sources of synapses, and what the synapses weigh them with.
    fn add_folded(
        &self,
        kind: &Kind<'_>,
        merged: Merged,
        folded: Folded,
        codes: &mut Vec<Code>,
        populations: &mut Vec<Population>,
    ) -> Result<(), LoweringError> {
        let shared = self.shared(&folded, kind.mechanism);
        let with = |states: bool, values: Vec<Expr>| {
            let mut membrane = folded.sources.clone();
            if !states {
                membrane.states.clear();
            }
            merged.clone().computing(membrane, values)
        };
        let of_sources = with(true, Vec::new());
        let of_sources = of_sources.code(self.model, self.phases, GroupCode::of_sources)?;
        let weights = with(false, folded.weights.clone());
        let weights = weights.code(self.model, self.phases, GroupCode::of_weights)?;
        // a source is in each compartment that synapses come from, and has the numbers of the first
        let mut sources: BTreeMap<usize, usize> = BTreeMap::new();
        for synapse in &kind.cells {
            let source = sources.entry(kind.joins.pre[*synapse]);
            source.or_insert(*synapse);
        }
        let number: BTreeMap<usize, usize> = sources.keys().copied().zip(0..).collect();
        let synapses = kind.cells.iter();
        let names = &of_sources.state_names;
        let factors = folded.factors.iter();
        let fold = Fold {
            sources: populations.len(),
            source: synapses.map(|s| number[&kind.joins.pre[*s]]).collect(),
            factors: factors
                .filter_map(|factor| names.iter().position(|name| name == factor))
                .collect(),
            shared,
        };
        let first_of_each = Kind {
            cells: sources.into_values().collect(),
            ..*kind
        };
        populations.push(self.population(&first_of_each, Part::Sources, codes.len()));
        populations.push(self.population(kind, Part::Weights(fold), codes.len() + 1));
        codes.extend([of_sources, weights]);
        Ok(())
    }
}

/// The synapses of a mechanism.
struct Kind<'a> {
    /// Its position in the model.
    mechanism: usize,
    /// See [`Junctions::first`].
    first: usize,
    joins: &'a Joins,
    /// Those of a population, in its order.
    cells: Vec<usize>,
}

/// That nothing is read which only a membrane has.
fn check_sources(of: &Mechanism, code: &Code, mechanism: usize) -> Result<(), LoweringError> {
    let theirs = |source: &Source| match source {
        Source::Value(Quantity::Celsius)
        | Source::TimeStep
        | Source::SolveStep
        | Source::Draw(_) => true,
        Source::Value(quantity) => quantity.mechanism() == Some(mechanism),
        Source::Area | Source::Capacitance | Source::Axial | Source::Diameter | Source::Volume => {
            false
        }
    };
    match code.sources.iter().find(|(_, source)| !theirs(source)) {
        None => Ok(()),
        Some((symbol, _)) => Err(LoweringError::UnknownSymbolOfSynapse {
            mechanism: of.name.clone(),
            symbol: symbol.clone(),
        }),
    }
}

/// That a synapse asks for nothing that it does not have.
fn check(mechanism: &Mechanism) -> Result<(), LoweringError> {
    let initial = mechanism.states.iter().map(|state| state.initial);
    let initial: Vec<_> = initial.collect();
    let graph = &mechanism.graph;
    let mut symbols = graph.symbols_of(&initial).into_iter();
    let voltage = symbols.find(|symbol| [VOLTAGE, PRESYNAPTIC].contains(&graph.name(*symbol)));
    match voltage {
        None => Ok(()),
        Some(symbol) => Err(LoweringError::SynapseStartsFromVoltage {
            mechanism: mechanism.name.clone(),
            symbol: graph.name(symbol).to_owned(),
        }),
    }
}
