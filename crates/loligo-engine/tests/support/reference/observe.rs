//! What the reference engine writes down.

use loligo_model::Recorded;

use super::super::complex::Number;
use super::Run;

impl<S: Number> Run<'_, '_, S> {
    /// Membrane currents from the membrane's side, clamp currents from Ohm's law or, for an ideal
    /// clamp, from what is missing in the balance of its node.
    pub(super) fn observe_currents(&mut self, step: usize, clean: &(Vec<S>, Vec<S>), dt: f64) {
        let number = S::from_f64;
        let compartments = self.compartments.iter().zip(&self.reference.node_of);
        self.membrane_currents = compartments
            .map(|(compartment, &node)| {
                let change = self.solved[node] - compartment.v;
                let area = compartment.area * number(1e6);
                compartment.capacitance / number(dt) * change
                    + area * (compartment.current + compartment.slope * change)
            })
            .collect();
        let clamps = self.reference.model.clamps().iter().enumerate();
        self.clamp_currents = clamps
            .map(|(index, clamp)| {
                let node = self.reference.node_of[clamp.compartment];
                let solved = self.solved[node];
                match clamp.series_resistance {
                    _ if !self.is_on(index, step) => number(0.0),
                    Some(resistance) => {
                        ((self.experiment.commands)(index, step) - solved) / number(resistance)
                    }
                    None => {
                        let mut neighbours = self.axial_current(node, &self.solved);
                        // the diagonal has the neighbours' conductances, too
                        let mut own = clean.0[node];
                        for (index, other) in self.reference.nodes.iter().enumerate() {
                            let touches = index == node && other.parent.is_some()
                                || other.parent.as_ref().is_some_and(|(p, _)| *p == node);
                            if touches {
                                own = own - self.conductance[index];
                            }
                        }
                        neighbours = -neighbours;
                        own * solved - clean.1[node] + neighbours
                    }
                }
            })
            .collect();
    }

    /// Samples at t = 0: membrane and clamp currents are those of the voltages as they are.
    pub(super) fn observe_start(&mut self, samples: &mut [Vec<S>]) {
        let number = S::from_f64;
        let reference = self.reference;
        let mut voltage = vec![number(0.0); reference.nodes.len()];
        for (compartment, &node) in self.compartments.iter().zip(&reference.node_of) {
            voltage[node] = compartment.v;
        }
        // where branches meet no charge gathers
        for (index, node) in reference.nodes.iter().enumerate() {
            if node.compartment.is_none() {
                let (mut total, mut weighted) = (number(0.0), number(0.0));
                for (child, other) in reference.nodes.iter().enumerate() {
                    let Some((parent, _)) = other.parent else {
                        continue;
                    };
                    let neighbour = match (child == index, parent == index) {
                        (true, _) => parent,
                        (_, true) => child,
                        _ => continue,
                    };
                    total = total + self.conductance[child];
                    weighted = weighted + self.conductance[child] * voltage[neighbour];
                }
                voltage[index] = weighted / total;
            }
        }
        let clamps = reference.model.clamps().iter().enumerate();
        self.clamp_currents = clamps
            .map(|(index, clamp)| match clamp.series_resistance {
                Some(resistance) if self.is_on(index, 0) => {
                    let v = self.compartments[clamp.compartment].v;
                    ((self.experiment.commands)(index, 0) - v) / number(resistance)
                }
                _ => number(0.0),
            })
            .collect();
        self.membrane_currents = (0..self.compartments.len())
            .map(|compartment| {
                let mut current = self.axial_current(reference.node_of[compartment], &voltage);
                for (index, stimulus) in reference.model.stimuli().iter().enumerate() {
                    if stimulus.compartment == compartment {
                        current = current + (self.experiment.stimuli)(index, 0);
                    }
                }
                for (index, clamp) in reference.model.clamps().iter().enumerate() {
                    if clamp.compartment == compartment {
                        current = current + self.clamp_currents[index];
                    }
                }
                current
            })
            .collect();
        self.observe(samples);
        self.observe_states(samples, false);
    }

    pub(super) fn observe(&self, samples: &mut [Vec<S>]) {
        for (row, recording) in samples.iter_mut().zip(self.reference.model.recordings()) {
            let compartment = &self.compartments[recording.compartment];
            row.push(match recording.what {
                Recorded::Voltage => compartment.v,
                what if self.state_of(recording.compartment, what).is_some() => continue,
                Recorded::MembraneCurrent => self.membrane_currents[recording.compartment],
                Recorded::ClampCurrent { clamp } => self.clamp_currents[clamp],
                what => {
                    let membrane = self.reference.membrane_of[recording.compartment];
                    let mut recorded = self.reference.membranes[membrane].recorded.iter();
                    let position = recorded.position(|r| *r == what);
                    compartment.recorded[position.expect("it was asked for")]
                }
            });
        }
    }

    pub(super) fn observe_states(&self, samples: &mut [Vec<S>], leading: bool) {
        if leading != self.reference.choices.states_lead {
            return;
        }
        for (row, recording) in samples.iter_mut().zip(self.reference.model.recordings()) {
            let state = self.state_of(recording.compartment, recording.what);
            if let Some(position) = state {
                row.push(self.compartments[recording.compartment].states[position]);
            }
        }
    }

    /// The state that a recording reads, if it reads one that is what the update makes of it.
    fn state_of(&self, compartment: usize, what: Recorded) -> Option<usize> {
        let model = self.reference.model;
        let functions = &self.reference.membranes[self.reference.membrane_of[compartment]];
        let name = match what {
            Recorded::State { mechanism, state } => {
                let owner = &model.insertions()[mechanism].mechanism;
                format!("{}.{}", owner.name, owner.states[state].name)
            }
            Recorded::IonNumber { ion, value } => model.ions()[ion].symbol(value),
            _ => return None,
        };
        let position = functions.states.iter().position(|state| *state == name)?;
        functions.updated_only[position].then_some(position)
    }
}
