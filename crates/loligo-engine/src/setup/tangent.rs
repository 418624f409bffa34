//! How what is computed once per run moves along a direction.

use std::sync::Arc;

use loligo_model::Quantity;

use super::{Cables, Passages, Setup, Spread, conductances, initial_voltage, played, run_once};
use crate::block::played_at_start;
use crate::code::{conductivity_of, tangent_of};
use crate::dual::{Dual, Scalar};
use crate::inputs::{Inputs, LaneLookup};
use crate::lanes::{Lanes, NodeLayout};
use crate::program::{Code, Source, TapeKind};
use crate::vector::VectorUnit;

/// A setup that moves along a direction.
#[derive(Clone, Debug)]
pub(crate) struct MovingSetup {
    pub(crate) plain: Setup,
    pub(crate) tangent: SetupTangent,
    /// Tangents of the inputs.
    pub(crate) directions: Arc<Inputs>,
}

impl MovingSetup {
    pub(crate) fn new(
        lanes: &Lanes,
        layout: &NodeLayout,
        (inputs, directions): (&Inputs, Arc<Inputs>),
        unit: VectorUnit,
    ) -> Self {
        let plain = Setup::new(lanes, layout, inputs, unit);
        let tangent = SetupTangent::new(lanes, layout, &plain, (inputs, &directions), unit);
        MovingSetup {
            plain,
            tangent,
            directions,
        }
    }
}

/// The tangent of a [`Setup`].
#[derive(Clone, Debug)]
pub(crate) struct SetupTangent {
    /// An array over nodes.
    pub(crate) voltage: Vec<f64>,
    /// `[group][state]`, each over the group's region.
    pub(crate) states: Vec<Vec<Vec<f64>>>,
    /// `[group][invariant]`
    pub(crate) invariants: Vec<Vec<Spread>>,
    /// `[group]`: a name and its tangent over the group's region for each source. That of the
    /// axial conductance is 0 here: the conductances of the edges move instead, see
    /// [`crate::block::TangentBlock`].
    pub(crate) sources: Vec<Vec<(String, Vec<f64>)>>,
    /// `[edge][lane]`
    pub(crate) conductance: Vec<f64>,
    /// `[species]`, with their values.
    pub(crate) diffusion: Vec<Passages<Dual<f64>>>,
}

impl<'a> Cables<'a, Dual<f64>> {
    /// The cable's numbers and their tangents, which `moving` looks up.
    pub(crate) fn moving(
        lanes: &'a Lanes,
        lookup: &LaneLookup<'_>,
        moving: &LaneLookup<'_>,
    ) -> Self {
        Cables::of(lanes, |quantity| duals(lanes, lookup, moving, quantity))
    }
}

fn duals<'l>(
    lanes: &'l Lanes,
    lookup: &'l LaneLookup<'l>,
    moving: &'l LaneLookup<'l>,
    quantity: Quantity,
) -> impl Fn(usize, usize) -> Dual<f64> + 'l {
    let value = lanes.values(lookup, quantity);
    let tangent = lanes.values(moving, quantity);
    move |compartment, lane| Dual {
        value: value(compartment, lane),
        tangent: tangent(compartment, lane),
    }
}

impl SetupTangent {
    /// `tangents` are those of the inputs.
    fn new(
        lanes: &Lanes,
        layout: &NodeLayout,
        setup: &Setup,
        (inputs, tangents): (&Inputs, &Inputs),
        unit: VectorUnit,
    ) -> Self {
        let (lookup, moving) = (LaneLookup::new(inputs), LaneLookup::new(tangents));
        let cables = Cables::moving(lanes, &lookup, &moving);
        let (conductance, axial) = conductances(lanes, layout, &cables);
        let given = duals(lanes, &lookup, &moving, Quantity::InitialVoltage);
        let voltage = initial_voltage(lanes, layout, given, &conductance, &axial);
        let mut tangent = SetupTangent {
            voltage: voltage.iter().map(|v| v.tangent).collect(),
            states: Vec::new(),
            invariants: Vec::new(),
            sources: Vec::new(),
            conductance: conductance.iter().map(|g| g.tangent).collect(),
            diffusion: Vec::new(),
        };
        let all_species = &lanes.population().species;
        let mut conductivities = vec![Vec::new(); all_species.len()];
        for (group, at) in lanes.population().groups.iter().enumerate() {
            let code = &lanes.program.codes[at.code];
            let place = GroupPlace {
                lanes,
                layout,
                group,
                code,
            };
            let sources = place.sources(&cables, &moving, tangents);
            let made = place.prologue(setup, &sources, unit);
            for (index, species) in all_species.iter().enumerate() {
                let name = conductivity_of(&species.name);
                let tangents = made.iter().find(|(result, _)| *result == name);
                let tangents = tangents.map_or(&[][..], |(_, tangents)| tangents);
                let values = &setup.diffusion[index].conductivity[layout.groups[group].clone()];
                let duals = values.iter().zip(tangents);
                let duals = duals.map(|(&value, &tangent)| Dual { value, tangent });
                conductivities[index].push(duals.collect());
            }
            tangent.invariants.push(place.invariants(&sources, &made));
            let mut states = place.initial_states(setup, &tangent.voltage, &sources, unit);
            place.given_states(&lookup, &moving, &mut states);
            tangent.states.push(states);
            tangent.sources.push(sources);
        }
        tangent.diffusion = all_species
            .iter()
            .zip(&conductivities)
            .map(|(species, values)| Passages::new(lanes, layout, &cables, species, values))
            .collect();
        tangent
    }
}

/// A group of a block.
struct GroupPlace<'a> {
    lanes: &'a Lanes,
    layout: &'a NodeLayout,
    group: usize,
    code: &'a Code,
}

impl GroupPlace<'_> {
    fn for_each(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let start = self.layout.groups[self.group].start;
        self.layout.for_each_in_group(
            self.lanes.population(),
            self.group,
            |compartment, lane, position| visit(compartment, lane, position - start),
        );
    }

    fn sources(
        &self,
        cables: &Cables<'_, Dual<f64>>,
        moving: &LaneLookup<'_>,
        directions: &Inputs,
    ) -> Vec<(String, Vec<f64>)> {
        let solve_step = self.lanes.program.solve_step(directions.dt);
        let tangent = |source: Source| {
            let mut tangents = vec![0.0; self.layout.groups[self.group].len()];
            if let Source::Value(quantity) = source {
                let value = self.lanes.values(moving, quantity);
                self.for_each(|compartment, lane, at| tangents[at] = value(compartment, lane));
                let start = self.layout.groups[self.group].start;
                let played = played(self.lanes, self.layout, self.group, source);
                for (position, stimulus, batch) in played {
                    let drive = &directions.stimuli[stimulus];
                    tangents[position - start] = played_at_start(drive, batch, directions);
                }
                return tangents;
            }
            self.for_each(|compartment, lane, at| {
                let (cable, geometry) = cables.at(compartment, lane);
                let number = match source {
                    Source::Area => cable.area(geometry),
                    Source::Capacitance => cable.capacitance(geometry, solve_step),
                    Source::Diameter => cable.radius + cable.radius,
                    Source::Axial | Source::TimeStep | Source::Draw(_) | Source::Value(_) => {
                        Dual::constant(0.0)
                    }
                };
                tangents[at] = number.tangent;
            });
            tangents
        };
        let sources = self.code.sources.iter();
        sources
            .map(|(name, source)| (name.clone(), tangent(*source)))
            .collect()
    }

    /// Results of the prologue and their tangents.
    fn prologue(
        &self,
        setup: &Setup,
        sources: &[(String, Vec<f64>)],
        unit: VectorUnit,
    ) -> Vec<(String, Vec<f64>)> {
        let results: Vec<String> = self.code.prologue_results.clone();
        let prologue = run_once(
            self.code,
            TapeKind::PrologueTangent,
            &setup.sources[self.group],
            &moving_sources(sources),
            &results.iter().map(|n| tangent_of(n)).collect::<Vec<_>>(),
            self.layout.groups[self.group].len(),
            unit,
        );
        results.into_iter().zip(prologue).collect()
    }

    fn invariants(
        &self,
        sources: &[(String, Vec<f64>)],
        made: &[(String, Vec<f64>)],
    ) -> Vec<Spread> {
        let find = |name: &String| {
            let mut found = sources.iter().chain(made);
            found.find(|(n, _)| n == name).map(|(_, tangent)| tangent)
        };
        self.code
            .invariants
            .iter()
            .map(|name| match find(name) {
                Some(tangent) => Spread::of(tangent.clone()),
                None => unreachable!("an invariant is a source or a result"),
            })
            .collect()
    }

    fn initial_states(
        &self,
        setup: &Setup,
        voltage: &[f64],
        sources: &[(String, Vec<f64>)],
        unit: VectorUnit,
    ) -> Vec<Vec<f64>> {
        let region = self.layout.groups[self.group].clone();
        let mut inputs = moving_sources(sources);
        inputs.push(("v".to_owned(), &setup.voltage[region.clone()]));
        inputs.push((tangent_of("v"), &voltage[region.clone()]));
        let names = self.code.state_names.iter().map(|n| tangent_of(n));
        run_once(
            self.code,
            TapeKind::InitialTangent,
            &setup.sources[self.group],
            &inputs,
            &names.collect::<Vec<_>>(),
            region.len(),
            unit,
        )
    }

    /// States that were given move as what was given.
    fn given_states(
        &self,
        lookup: &LaneLookup<'_>,
        moving: &LaneLookup<'_>,
        states: &mut [Vec<f64>],
    ) {
        for (quantity, tangents) in self.code.states.iter().zip(states) {
            let &Some(quantity) = quantity else {
                continue;
            };
            let given = duals(self.lanes, lookup, moving, quantity);
            self.for_each(|compartment, lane, at| {
                let given = given(compartment, lane);
                if !given.value.is_nan() {
                    tangents[at] = given.tangent;
                }
            });
        }
    }
}

/// Tangents of sources as the inputs of a tape.
fn moving_sources(sources: &[(String, Vec<f64>)]) -> Vec<(String, &[f64])> {
    sources
        .iter()
        .map(|(name, tangent)| (tangent_of(name), tangent.as_slice()))
        .collect()
}
