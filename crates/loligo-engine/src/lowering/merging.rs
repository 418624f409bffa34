//! From a set of mechanisms to a code: one membrane with what is recorded of it and played in it, and where the
//! numbers come from that its tapes read.

use loligo_mechanism::Mechanism;
use loligo_mechanism::graph::Expr;
use loligo_mechanism::mechanism::VOLTAGE;
use loligo_mechanism::membrane::{Membrane, Owner, Phases, start_of, started};
use loligo_model::{IonValue, Model, Quantity, Recorded};

use super::error::LoweringError;
use super::events;
use super::playing::{check_diffusion, play};
use super::recording::record;
use super::sets::MechanismSet;
use crate::code::{self, GroupCode};
use crate::convention::{Choices, Scheme, SpikeTimes};
use crate::program::{Code, HALVES, Source};

/// Mechanisms merged into a membrane.
#[derive(Clone)]
pub(super) struct Merged {
    /// Their positions in the model, in the order of their turn.
    set: Vec<usize>,
    names: String,
    pub(super) membrane: Membrane,
    /// What is recorded, and its value.
    pub(super) recorded: (Vec<Recorded>, Vec<Expr>),
    pub(super) played: Vec<Quantity>,
}

/// Merges a set of mechanisms, of which `recorded` is recorded.
pub(super) fn merged(
    model: &Model,
    set: &MechanismSet,
    recorded: Vec<Recorded>,
    choices: Choices,
    phases: &[Phases],
) -> Result<Merged, LoweringError> {
    let Choices {
        scheme,
        convention,
        spike_times,
    } = choices;
    let MechanismSet {
        mechanisms: set,
        played,
    } = set;
    let set = &convention.order(set, |i| model.insertions()[i].mechanism.as_ref());
    let mechanisms: Vec<&Mechanism> = set
        .iter()
        .map(|&i| model.insertions()[i].mechanism.as_ref())
        .collect();
    let mover = mechanisms
        .iter()
        .find(|mechanism| mechanism.shared.iter().any(|state| state.name == VOLTAGE));
    if let (Some(mover), Scheme::CrankNicolson) = (mover, scheme) {
        return Err(LoweringError::MovesVoltage {
            mechanism: mover.name.clone(),
        });
    }
    let names = mechanisms
        .iter()
        .map(|m| m.name.as_str())
        .collect::<Vec<_>>()
        .join(" + ");
    let chosen = model.ions().iter();
    let chosen = chosen.map(|ion| (ion.name.clone(), ion.reversal)).collect();
    let membrane = Membrane::with_reversals(&mechanisms, convention.rules(scheme), &chosen);
    let mut membrane = membrane.map_err(|source| LoweringError::Membrane {
        mechanism: names.clone(),
        source,
    })?;
    if phases == HALVES {
        membrane.step_in_halves();
    }
    membrane.receivers.retain(|receiver| {
        let insertion = &model.insertions()[set[receiver.mechanism]];
        events::is_told(insertion)
    });
    if spike_times == SpikeTimes::Interpolated {
        let placed = membrane.take_events_between_steps();
        placed.map_err(|late| LoweringError::OnTheGrid {
            mechanism: mechanisms[late.mechanism].name.clone(),
            reason: late.reason,
        })?;
    }
    let recorded = record(model, set, &mut membrane, recorded);
    play(model, &mut membrane, played)?;
    Ok(Merged {
        set: set.clone(),
        names,
        membrane,
        recorded,
        played: played.clone(),
    })
}

impl Merged {
    /// The same mechanisms, of which another membrane computes other values, which nobody records.
    pub(super) fn computing(self, membrane: Membrane, values: Vec<Expr>) -> Self {
        Merged {
            membrane,
            recorded: (Vec::new(), values),
            ..self
        }
    }

    /// The code that `group_code` makes of it.
    pub(super) fn code(
        self,
        model: &Model,
        phases: &[Phases],
        group_code: fn(Membrane, &[Phases], &[Expr]) -> GroupCode,
    ) -> Result<Code, LoweringError> {
        let Merged {
            set,
            names,
            membrane,
            recorded: (kept, values),
            played,
        } = self;
        let states = membrane
            .states
            .iter()
            .map(|state| match state.owner {
                Owner::Mechanism { mechanism, state } => Some(Quantity::InitialState {
                    mechanism: set[mechanism],
                    state,
                }),
                Owner::Ion | Owner::Memory => None,
            })
            .collect();
        let draws = membrane.draws.iter();
        let draws: Vec<(String, (usize, usize))> = draws
            .map(|draw| (draw.symbol.clone(), (set[draw.mechanism], draw.draw)))
            .collect();
        let mut code = group_code(membrane, phases, &values);
        for handler in &mut code.handlers {
            handler.mechanism = set[handler.mechanism];
        }
        let sources = code
            .sources
            .iter()
            .map(|symbol| {
                let draw = draws.iter().position(|(name, _)| name == symbol);
                let source = draw
                    .map(Source::Draw)
                    .or_else(|| source(model, &set, symbol));
                let source = source.ok_or_else(|| LoweringError::UnknownSymbol {
                    mechanism: names.clone(),
                    symbol: symbol.clone(),
                })?;
                Ok((symbol.clone(), source))
            })
            .collect::<Result<_, _>>()?;
        check_diffusion(model, &code, &played)?;
        Ok(Code::new(code, states, sources, draws, kept, played))
    }
}

/// What a symbol of a membrane stands for.
pub(super) fn source(model: &Model, set: &[usize], symbol: &str) -> Option<Source> {
    let fixed = match symbol {
        "dt" => Some(Source::TimeStep),
        code::SOLVE_STEP => Some(Source::SolveStep),
        code::VOLUME => Some(Source::Volume),
        "celsius" => Some(Source::Value(Quantity::Celsius)),
        "area" => Some(Source::Area),
        "capacitance" => Some(Source::Capacitance),
        "axial" => Some(Source::Axial),
        "diam" => Some(Source::Diameter),
        "radius" => Some(Source::Value(Quantity::Radius)),
        "length" => Some(Source::Value(Quantity::Length)),
        "Ra" => Some(Source::Value(Quantity::AxialResistivity)),
        "cm" => Some(Source::Value(Quantity::Capacitance)),
        _ => None,
    };
    if fixed.is_some() {
        return fixed;
    }
    let own = started(symbol).unwrap_or(symbol);
    if let Some((owner, name)) = own.split_once('.') {
        let quantity = set.iter().find_map(|&mechanism| {
            let inserted = &model.insertions()[mechanism].mechanism;
            if inserted.name != owner {
                return None;
            }
            let mut states = inserted.states.iter();
            let state = states.position(|s| s.name == name);
            if let (true, Some(state)) = (own != symbol, state) {
                return Some(Quantity::InitialState { mechanism, state });
            }
            let parameter = inserted.parameters.iter().position(|p| p.name == name)?;
            Some(Quantity::Parameter {
                mechanism,
                parameter,
            })
        });
        return quantity.map(Source::Value);
    }
    if let Some(common) = model.commons().iter().position(|name| name == own) {
        return Some(Source::Value(Quantity::Common { common }));
    }
    model
        .ions()
        .iter()
        .enumerate()
        .find_map(|(ion, properties)| {
            let value = IonValue::ALL.into_iter().find(|value| {
                let number = properties.symbol(*value);
                symbol == number || symbol == start_of(&number)
            })?;
            Some(Source::Value(Quantity::Ion { ion, value }))
        })
}
