//! What is held at given values: voltages, and states.

use loligo_model::{Quantity, Recorded, Recording};

use super::Lowered;
use super::error::LoweringError;
use crate::convention::Convention;
use crate::program::{Driven, Site, Stimulus};

impl Lowered<'_> {
    /// What a run holds, as stimuli.
    pub(super) fn held(
        &self,
        held: &[Recording],
        convention: Convention,
    ) -> Result<Vec<Stimulus>, LoweringError> {
        let stimulus = |held: &Recording| {
            let site = self.sites.row(held.what.mechanism(), held.compartment);
            let drives = self.driven(&site, held.what);
            let drives = drives.filter(|_| convention == Convention::Jaxley);
            let drives = drives.ok_or_else(|| LoweringError::NothingToHold {
                name: held.name.clone(),
                place: self.place_recorded(held),
            })?;
            Ok(Stimulus { site, drives })
        };
        held.iter().map(stimulus).collect()
    }

    /// What is driven where something is held; `None` if it is no state there.
    fn driven(&self, site: &Site, what: Recorded) -> Option<Driven> {
        let (group, code) = self.code_at(site)?;
        let symbol = match what {
            Recorded::Voltage => return Some(Driven::Voltage),
            Recorded::State { mechanism, state } => {
                let quantity = Some(Quantity::InitialState { mechanism, state });
                let state = code.states.iter().position(|own| *own == quantity)?;
                return Some(Driven::State { group, state });
            }
            Recorded::IonNumber { ion, value } => self.model.ions()[ion].symbol(value),
            Recorded::CommonNumber { common } => self.model.commons()[common].clone(),
            _ => return None,
        };
        let state = code.state_names.iter().position(|name| *name == symbol)?;
        Some(Driven::State { group, state })
    }
}
