//! Names: what `hh.gnabar`, `ena` or `v` stand for, and what a misspelt one was meant to be.

use loligo_mechanism::Mechanism;

use crate::error::ModelError;
use crate::model::Model;
use crate::quantity::{IonValue, Quantity};

/// The quantities that every compartment has.
const EVERYWHERE: [(&str, Quantity); 6] = [
    ("radius", Quantity::Radius),
    ("length", Quantity::Length),
    ("axial_resistivity", Quantity::AxialResistivity),
    ("capacitance", Quantity::Capacitance),
    ("v", Quantity::InitialVoltage),
    ("celsius", Quantity::Celsius),
];

/// NEURON's names of the same numbers in the same units.
const ALIASES: [(&str, Quantity); 3] = [
    ("Ra", Quantity::AxialResistivity),
    ("cm", Quantity::Capacitance),
    ("L", Quantity::Length),
];

/// How long an event takes through a connection.
const DELAY: &str = "delay";

/// Names of numbers that are not the ones that we keep.
const SAID_DIFFERENTLY: [(&str, &str); 4] = [
    ("diam", "it is twice the `radius`, µm; set that"),
    ("diameter", "it is twice the `radius`, µm; set that"),
    (
        "nseg",
        "the number of compartments is chosen when the cell is built",
    ),
    ("v_init", "the initial voltage, mV, is called `v`"),
];

impl Model {
    /// What a name stands for: `radius`, `length` (µm), `axial_resistivity` (Ω·cm), `capacitance`
    /// (µF/cm²), `v` (mV), `celsius` (°C), `mechanism.parameter`, `mechanism.state`, `ena`, `nai`,
    /// `nao` and so on for each ion. NEURON's `Ra`, `cm`, `L` and `parameter_mechanism` are
    /// understood, too.
    ///
    /// # Errors
    /// A name that stands for nothing in this model; the message names the nearest that does.
    pub fn quantity(&self, name: &str) -> Result<Quantity, ModelError> {
        let fixed = EVERYWHERE.iter().chain(&ALIASES);
        if let Some(&(_, quantity)) = fixed.into_iter().find(|(known, _)| *known == name) {
            return Ok(quantity);
        }
        if let Some(&(_, instead)) = SAID_DIFFERENTLY.iter().find(|(known, _)| *known == name) {
            return Err(ModelError::SaidDifferently {
                name: name.to_string(),
                instead,
            });
        }
        self.owned_quantities()
            .find(|(mechanism, own, _)| is_called(name, mechanism, own))
            .map(|(_, _, quantity)| quantity)
            .or_else(|| self.shared_quantity(name))
            .ok_or_else(|| ModelError::UnknownName {
                what: "quantity",
                name: name.to_string(),
                nearest: self.nearest_quantity(name),
            })
    }

    /// The canonical name of a quantity of this model.
    pub fn quantity_name(&self, quantity: Quantity) -> String {
        let of = |mechanism: usize| &self.insertions[mechanism].mechanism;
        match quantity {
            Quantity::Parameter {
                mechanism,
                parameter,
            } => owned_name(of(mechanism), &of(mechanism).parameters[parameter].name),
            Quantity::InitialState { mechanism, state } => {
                owned_name(of(mechanism), &of(mechanism).states[state].name)
            }
            Quantity::Argument {
                mechanism,
                argument,
            } => {
                let receiver = of(mechanism).receiver.as_ref();
                let argument = receiver.and_then(|receiver| receiver.arguments.get(argument));
                let name = argument.map_or("", |argument| argument.name.as_str());
                owned_name(of(mechanism), name)
            }
            Quantity::Delay { mechanism } => owned_name(of(mechanism), DELAY),
            Quantity::Ion { ion, value } => self.ions[ion].symbol(value),
            Quantity::Common { common } => self.commons[common].clone(),
            fixed => EVERYWHERE
                .iter()
                .find(|(_, known)| *known == fixed)
                .map_or_else(String::new, |(name, _)| name.to_string()),
        }
    }

    /// Every quantity that has a name in this model.
    pub fn quantities(&self) -> Vec<Quantity> {
        let fixed = EVERYWHERE.iter().map(|&(_, quantity)| quantity);
        let owned = self.owned_quantities().map(|(_, _, quantity)| quantity);
        fixed.chain(owned).chain(self.shared_quantities()).collect()
    }

    pub(crate) fn mechanism_position(&self, name: &str) -> Option<usize> {
        self.insertions
            .iter()
            .position(|insertion| insertion.mechanism.name == name)
    }

    /// Parameters, states, and what belongs to connections, each with the mechanism's name and its own.
    fn owned_quantities(&self) -> impl Iterator<Item = (&str, &str, Quantity)> {
        self.insertions
            .iter()
            .enumerate()
            .flat_map(|(mechanism, insertion)| {
                let Mechanism {
                    name,
                    parameters,
                    states,
                    ..
                } = &*insertion.mechanism;
                let parameters = parameters.iter().enumerate().map(move |(parameter, own)| {
                    let quantity = Quantity::Parameter {
                        mechanism,
                        parameter,
                    };
                    (name.as_str(), own.name.as_str(), quantity)
                });
                let states = states.iter().enumerate().map(move |(state, own)| {
                    let quantity = Quantity::InitialState { mechanism, state };
                    (name.as_str(), own.name.as_str(), quantity)
                });
                let receiver = insertion.mechanism.receiver.iter();
                let connected = receiver.flat_map(move |receiver| {
                    let arguments = receiver.arguments.iter().enumerate();
                    let arguments = arguments.map(move |(argument, own)| {
                        let quantity = Quantity::Argument {
                            mechanism,
                            argument,
                        };
                        (name.as_str(), own.name.as_str(), quantity)
                    });
                    arguments.chain([(name.as_str(), DELAY, Quantity::Delay { mechanism })])
                });
                parameters.chain(states).chain(connected)
            })
    }

    /// The numbers of ions, and common ones, that some mechanism reads or writes.
    fn shared_quantities(&self) -> impl Iterator<Item = Quantity> {
        let values = [IonValue::Reversal, IonValue::Inside, IonValue::Outside];
        let all = (0..self.ions.len())
            .flat_map(move |ion| values.map(|value| Quantity::Ion { ion, value }));
        let commons = (0..self.commons.len()).map(|common| Quantity::Common { common });
        let all = all.chain(commons);
        all.filter(|&quantity| self.values.column(quantity).is_some())
    }

    fn shared_quantity(&self, name: &str) -> Option<Quantity> {
        self.shared_quantities()
            .find(|&quantity| self.quantity_name(quantity) == name)
    }

    fn nearest_quantity(&self, name: &str) -> Option<String> {
        // the mechanism's name left out
        let owner = self.owned_quantities().find(|(_, own, _)| *own == name);
        if let Some((mechanism, own, _)) = owner {
            return Some(format!("{mechanism}.{own}"));
        }
        let known: Vec<String> = self
            .quantities()
            .into_iter()
            .map(|quantity| self.quantity_name(quantity))
            .collect();
        nearest(name, known.iter().map(String::as_str))
    }
}

/// Whether `name` is `mechanism.own`, or NEURON's `own_mechanism`.
pub(crate) fn is_called(name: &str, mechanism: &str, own: &str) -> bool {
    let split = |separator| {
        name.strip_prefix(own)
            .and_then(|rest: &str| rest.strip_prefix(separator))
    };
    split('_') == Some(mechanism)
        || name
            .strip_prefix(mechanism)
            .and_then(|rest| rest.strip_prefix('.'))
            == Some(own)
}

pub(crate) fn owned_name(mechanism: &Mechanism, own: &str) -> String {
    format!("{}.{own}", mechanism.name)
}

/// The known name that differs from `name` by the fewest typing errors, if by few.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let wanted = name.to_lowercase();
    let few = (name.chars().count() / 3).max(1);
    known
        .map(|known| {
            (
                strsim::damerau_levenshtein(&wanted, &known.to_lowercase()),
                known,
            )
        })
        .filter(|(errors, _)| *errors <= few)
        .min_by_key(|(errors, _)| *errors)
        .map(|(_, known)| known.to_string())
}
