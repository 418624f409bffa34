//! Point processes that join two compartments, as synapses: by reading the voltage of the other one by
//! a POINTER, or by taking the events of spikes there.

use std::collections::HashMap;

use thiserror::Error;

use crate::mechanism::{Mechanism, PRESYNAPTIC, Placement};

/// Why a mechanism does not join two compartments.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NotASynapse {
    /// It sits in a membrane, or nowhere.
    #[error("`{name}` is no point process, so it cannot join two compartments")]
    Placement {
        /// The mechanism.
        name: String,
    },
    /// It takes no events and reads no other voltage, or several.
    #[error(
        "`{name}` has {pointers} POINTERs and takes no events (NET_RECEIVE); what joins two compartments \
         reads the voltage of the other one by a single POINTER, or takes the events of spikes there"
    )]
    Pointers {
        /// The mechanism.
        name: String,
        /// How many it has.
        pointers: usize,
    },
    /// It has to do with more than voltages and currents.
    #[error("`{name}` uses the ion `{ion}`, which a synapse between two compartments cannot")]
    Ion {
        /// The mechanism.
        name: String,
        /// The ion.
        ion: String,
    },
}

impl Mechanism {
    /// A synapse as it is, and a point process with one POINTER as the synapse that reads by it the
    /// voltage of the compartment it comes from, as it was before the step (NEURON's half gap junctions
    /// and graded synapses); one that takes events and has no POINTER as the synapse that takes those of
    /// its own connection.
    ///
    /// ```
    /// let half = loligo_mechanism::library::builtin("halfgap").unwrap();
    /// let synapse = half.into_synapse()?;
    /// assert!(synapse.parameters.iter().all(|parameter| parameter.name != "vgap"));
    /// # Ok::<(), loligo_mechanism::pointer::NotASynapse>(())
    /// ```
    ///
    /// # Errors
    /// [`NotASynapse`] for any other mechanism.
    pub fn into_synapse(mut self) -> Result<Self, NotASynapse> {
        let name = self.name.clone();
        match self.placement {
            Placement::Synapse => return Ok(self),
            Placement::Point => {}
            Placement::Density | Placement::Cell => return Err(NotASynapse::Placement { name }),
        }
        if let Some(used) = self.ions.first() {
            let ion = used.ion.clone();
            return Err(NotASynapse::Ion { name, ion });
        }
        let pointers = self.parameters.iter().filter(|p| p.default.is_nan());
        let pointers: Vec<String> = pointers.map(|p| p.name.clone()).collect();
        let pointer = match pointers.as_slice() {
            [] if self.receiver.is_some() => None,
            [pointer] => Some(pointer),
            _ => {
                let pointers = pointers.len();
                return Err(NotASynapse::Pointers { name, pointers });
            }
        };
        self.placement = Placement::Synapse;
        let Some(pointer) = pointer else {
            return Ok(self);
        };
        self.parameters.retain(|p| p.name != *pointer);
        self.rewrite(|graph, expressions| {
            let [pointer, other] = [pointer, PRESYNAPTIC].map(|name| graph.symbol(name));
            graph.substitute(expressions, &HashMap::from([(pointer, other)]))
        });
        Ok(self)
    }
}
