//! Synapses as populations: one for each synaptic mechanism, with its code.

use loligo_mechanism::mechanism::{Mechanism, PRESYNAPTIC, VOLTAGE};
use loligo_mechanism::membrane::Phases;
use loligo_model::{Model, Quantity, Recorded, Recording};

use super::{LoweringError, code, is_computed};
use crate::code::GroupCode;
use crate::convention::{Convention, Scheme};
use crate::program::{Code, Group, Junctions, Population, Site, Source};
use crate::tree::Tree;

/// The populations of a model's synapses and their codes, the first of which comes after so many
/// others. Synapses onto one compartment follow each other, in the order in which they were made.
pub(super) fn populations(
    model: &Model,
    choices: (Scheme, Convention),
    phases: &[Phases],
    site: &dyn Fn(usize) -> Site,
    codes: usize,
) -> Result<Vec<(Code, Population)>, LoweringError> {
    let insertions = model.insertions().iter().enumerate();
    let joined = insertions.filter(|(_, insertion)| !insertion.joins.is_empty());
    let mut first = model.shape().compartments.len();
    let mut populations = Vec::new();
    for (mechanism, insertion) in joined {
        check(&insertion.mechanism)?;
        let recordings = model.recordings().iter().map(|recording| recording.what);
        let theirs = |what: &Recorded| what.mechanism() == Some(mechanism) && is_computed(*what);
        let mut recorded: Vec<Recorded> = recordings.filter(theirs).collect();
        recorded.sort_unstable();
        recorded.dedup();
        let of_synapses = GroupCode::of_synapses;
        let code = code(model, &[mechanism], recorded, choices, phases, of_synapses)?;
        check_sources(&insertion.mechanism, &code, mechanism)?;
        let joins = &insertion.joins;
        let mut cells: Vec<usize> = (0..joins.len()).collect();
        cells.sort_by_key(|synapse| joins.post[*synapse]);
        let ends = |ends: &[usize]| cells.iter().map(|synapse| site(ends[*synapse])).collect();
        let population = Population {
            tree: Tree::point(),
            groups: vec![Group {
                code: codes + populations.len(),
                compartments: vec![0],
            }],
            species: Vec::new(),
            junctions: Some(Junctions {
                mechanism,
                first,
                pre: ends(&joins.pre),
                post: ends(&joins.post),
            }),
            cells,
        };
        first += joins.len();
        populations.push((code, population));
    }
    Ok(populations)
}

/// That nothing is read which only a membrane has.
fn check_sources(of: &Mechanism, code: &Code, mechanism: usize) -> Result<(), LoweringError> {
    let theirs = |source: &Source| match source {
        Source::Value(Quantity::Celsius) | Source::TimeStep | Source::Draw(_) => true,
        Source::Value(quantity) => quantity.mechanism() == Some(mechanism),
        Source::Area | Source::Capacitance | Source::Axial | Source::Diameter => false,
    };
    match code.sources.iter().find(|(_, source)| !theirs(source)) {
        None => Ok(()),
        Some((symbol, _)) => Err(LoweringError::UnknownSymbolOfSynapse {
            mechanism: of.name.clone(),
            symbol: symbol.clone(),
        }),
    }
}

/// Where a recording of a synapse is read.
pub(super) fn site(populations: &[Population], recording: &Recording) -> Site {
    let of = recording.what.mechanism();
    let theirs = |p: &Population| p.junctions.as_ref().map(|j| j.mechanism) == of;
    let population = populations.iter().position(theirs).unwrap_or_default();
    let mut cells = populations[population].cells.iter();
    let cell = cells.position(|synapse| *synapse == recording.compartment);
    Site {
        population,
        cell: cell.unwrap_or_default(),
        compartment: 0,
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
