//! Numbers that are played: to the tapes they are states, which follow a drive.

use std::collections::HashMap;

use loligo_mechanism::graph::Expr;
use loligo_mechanism::membrane::{Membrane, start_of};
use loligo_model::{Model, Quantity};
use thiserror::Error;

use super::Lowered;
use super::error::LoweringError;
use crate::code::{GroupCode, conductivity_of};
use crate::program::{Driven, Site, Stimulus};

/// Why a number cannot be played, though it is one of a mechanism or an ion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WhyNotPlayed {
    /// It moves by itself.
    #[error("mechanisms there move it themselves")]
    Moves,
    /// A reversal potential that is that of the concentrations.
    #[error("it follows the concentrations there; choose set_reversal(ion, \"given\") first")]
    Follows,
    /// How easily something diffuses is found once for a run.
    #[error("it decides how easily a concentration diffuses, which is found once for a run")]
    Diffuses,
    /// What INITIAL makes of it would move with it, which in NEURON stays.
    #[error("the mechanism's INITIAL computes something from it, once for a run")]
    ReadAtStart,
    /// Gap junctions are in a matrix of their own.
    #[error("it belongs to a gap junction")]
    GapJunction,
}

/// Makes states of what is played in a membrane, which follow the drives of a run.
pub(super) fn play(
    model: &Model,
    membrane: &mut Membrane,
    played: &[Quantity],
) -> Result<(), LoweringError> {
    for &quantity in played {
        let symbol = symbol_of(model, quantity);
        let itself = membrane.graph.symbol(&symbol);
        let moves = membrane.states.iter().any(|state| state.name == symbol);
        let reason = if moves {
            Some(WhyNotPlayed::Moves)
        } else if is_read_at_start(model, quantity) {
            Some(WhyNotPlayed::ReadAtStart)
        } else {
            (membrane.shared_number(&symbol) != itself).then_some(WhyNotPlayed::Follows)
        };
        if let Some(reason) = reason {
            return Err(not_played(model, quantity, reason));
        }
        // what states start from is what is played at t = 0
        let start = membrane.graph.symbol(&start_of(&symbol));
        membrane.follow(&symbol, (itself, itself));
        let there = HashMap::from([(itself, start)]);
        let initial: Vec<Expr> = membrane.states.iter().map(|s| s.initial).collect();
        let initial = membrane.graph.substitute(&initial, &there);
        for (state, initial) in membrane.states.iter_mut().zip(initial) {
            state.initial = initial;
        }
    }
    Ok(())
}

/// That nothing is played which decides how easily a concentration diffuses.
pub(super) fn check_diffusion(
    model: &Model,
    code: &GroupCode,
    played: &[Quantity],
) -> Result<(), LoweringError> {
    for (state, _) in &code.diffusing {
        let found_from = code.sources_of(&conductivity_of(state));
        let decides = |quantity: &&Quantity| found_from.contains(&symbol_of(model, **quantity));
        if let Some(&quantity) = played.iter().find(decides) {
            return Err(not_played(model, quantity, WhyNotPlayed::Diffuses));
        }
    }
    Ok(())
}

/// Whether a mechanism computes something from a parameter of its own, once for a run.
fn is_read_at_start(model: &Model, quantity: Quantity) -> bool {
    let Quantity::Parameter {
        mechanism,
        parameter,
    } = quantity
    else {
        return false;
    };
    let mechanism = &model.insertions()[mechanism].mechanism;
    let name = &mechanism.parameters[parameter].name;
    mechanism.read_at_start.contains(name)
}

/// That a quantity cannot be played where it is played first.
pub(super) fn not_played(model: &Model, quantity: Quantity, reason: WhyNotPlayed) -> LoweringError {
    let mut plays = model.plays().iter();
    let play = plays.find(|play| play.quantity == quantity);
    let place = play.map(|play| model.place_of(play.quantity, play.row));
    LoweringError::NothingToPlay {
        name: model.quantity_name(quantity),
        place: place.map_or_else(String::new, |place| place.to_string()),
        reason,
    }
}

/// The symbol of a number that can be played, in a membrane.
fn symbol_of(model: &Model, quantity: Quantity) -> String {
    match quantity {
        Quantity::Ion { ion, value } => model.ions()[ion].symbol(value),
        Quantity::Common { common } => model.commons()[common].clone(),
        _ => model.quantity_name(quantity),
    }
}

impl Lowered<'_> {
    /// What is played in the model, as stimuli.
    pub(super) fn played(&self) -> impl Iterator<Item = Stimulus> {
        self.model.plays().iter().map(|play| {
            let site = self.sites.row(play.quantity.mechanism(), play.row);
            let drives = self.number(&site, play.quantity);
            Stimulus { site, drives }
        })
    }

    /// How a number is played at a site.
    fn number(&self, site: &Site, quantity: Quantity) -> Driven {
        let code = self.code_at(site);
        let state = code.and_then(|(group, code)| Some((group, code.state_played(quantity)?)));
        let Some((group, state)) = state else {
            unreachable!("what is played at a site belongs to its set of mechanisms")
        };
        Driven::Number {
            group,
            state,
            quantity,
        }
    }
}
