//! What is computed once per run, in double precision whatever the precision of the run: the cable,
//! the prologues of all groups, the states at t = 0.

mod tangent;

use loligo_mechanism::mechanism::Course;

use crate::block::{Slots, played_at_start};
use crate::code;
use crate::diffusion::{self, Species, Stretch};
use crate::dual::Scalar;
use crate::geometry::{Cable, axial_conductance, pull_back_conductance};
use crate::inputs::{Inputs, LaneLookup};
use crate::kernel::{Kernel, Operand};
use crate::lanes::{Lanes, NodeLayout};
use crate::program::{Code, Driven, Source, TapeKind};
use crate::vector::{AlignedVec, VectorUnit};
use loligo_model::Quantity;
use loligo_morphology::CompartmentGeometry;

pub(crate) use tangent::MovingSetup;

/// A number for a whole group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spread {
    /// The same everywhere.
    Uniform(f64),
    /// One per element of the group's region.
    Each(Vec<f64>),
}

impl Spread {
    fn of(values: Vec<f64>) -> Self {
        let first = values[0];
        let uniform = values.iter().all(|v| v.to_bits() == first.to_bits());
        if uniform {
            Spread::Uniform(first)
        } else {
            Spread::Each(values)
        }
    }
}

/// The state of a block before its first step, and what does not change while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// Voltage, an array over nodes.
    pub(crate) voltage: Vec<f64>,
    /// `[group][state]`, each over the group's region.
    pub(crate) states: Vec<Vec<Vec<f64>>>,
    /// `[group][invariant]` in the order of [`Code::invariants`].
    pub(crate) invariants: Vec<Vec<Spread>>,
    /// `[group][source]` in the order of [`Code::sources`].
    pub(crate) sources: Vec<Vec<Spread>>,
    /// Conductance of each edge, `[edge][lane]`, µS.
    pub(crate) conductance: Vec<f64>,
    /// The sum of the conductances at each node, an array over nodes, µS.
    pub(crate) axial: Vec<f64>,
    /// `[species]`
    pub(crate) diffusion: Vec<Passages>,
}

/// How easily a concentration flows.
#[derive(Clone, Debug)]
pub(crate) struct Passages<N = f64> {
    /// The conductivity in each compartment that has the concentration, an array over nodes, µm⁴/ms;
    /// along the cable the diffusion constant, µm²/ms.
    pub(crate) conductivity: Vec<N>,
    /// Of each link, `[link][lane]`, µm³/ms.
    pub(crate) conductance: Vec<N>,
}

impl<N: Scalar> Passages<N> {
    /// `conductivities` are results of prologues, `[group]` over the group's region, empty where a
    /// group does not have the concentration.
    fn new(
        lanes: &Lanes,
        layout: &NodeLayout,
        cables: &Cables<'_, N>,
        species: &Species,
        conductivities: &[Vec<N>],
    ) -> Self {
        let mut conductivity = vec![N::default(); layout.len];
        for (region, values) in layout.groups.iter().zip(conductivities) {
            conductivity[region.start..region.start + values.len()].copy_from_slice(values);
        }
        let ends = Ends {
            layout,
            cables,
            conductivity: &conductivity,
        };
        let links = 0..species.links.len();
        let conductance = links.flat_map(|link| {
            let ends = &ends;
            (0..lanes.width()).map(move |lane| ends.conductance(species, link, lane))
        });
        let conductance = conductance.collect();
        Passages {
            conductivity,
            conductance,
        }
    }
}

/// What the conductances of links are made of.
pub(crate) struct Ends<'a, N> {
    pub(crate) layout: &'a NodeLayout,
    pub(crate) cables: &'a Cables<'a, N>,
    /// See [`Passages::conductivity`].
    pub(crate) conductivity: &'a [N],
}

impl<N: Scalar> Ends<'_, N> {
    fn conductance(&self, species: &Species, link: usize, lane: usize) -> N {
        match species.course {
            Course::Shells => diffusion::conductance(self.shells(species, link, lane)),
            Course::Cable => {
                let at = |compartment| self.medium(compartment, lane);
                axial_conductance(&species.edges[link], at)
            }
        }
    }

    /// The transpose of what a link's conductance is made of: adds to the cotangents of a compartment's
    /// conductivity and of its cable's numbers.
    pub(crate) fn pull_back(
        &self,
        species: &Species,
        link: usize,
        lane: usize,
        cotangent: N,
        mut add: impl FnMut(usize, N, Cable<N>),
    ) {
        match species.course {
            Course::Shells => {
                let ends = self.shells(species, link, lane);
                let slope = diffusion::pull_back_conductance(ends, cotangent);
                let own = Cable {
                    length: slope.length,
                    ..Cable::default()
                };
                let link = species.links[link];
                for compartment in [link.child, link.parent] {
                    add(compartment, slope.conductivity, own);
                }
            }
            Course::Cable => pull_back_conductance(
                &species.edges[link],
                cotangent,
                |compartment| self.medium(compartment, lane),
                |compartment, slope| {
                    let constant = self.conductivity_at(compartment, lane);
                    let (of_constant, own) = Cable::pull_back_medium(constant, slope);
                    add(compartment, of_constant, own);
                },
            ),
        }
    }

    /// Child and parent of a link.
    fn shells(&self, species: &Species, link: usize, lane: usize) -> [Stretch<N>; 2] {
        let link = species.links[link];
        [link.child, link.parent].map(|compartment| Stretch {
            conductivity: self.conductivity_at(compartment, lane),
            length: self.cables.at(compartment, lane).0.length,
        })
    }

    fn medium(&self, compartment: usize, lane: usize) -> (Cable<N>, &CompartmentGeometry) {
        let (cable, geometry) = self.cables.at(compartment, lane);
        let constant = self.conductivity_at(compartment, lane);
        (cable.of_medium(constant), geometry)
    }

    fn conductivity_at(&self, compartment: usize, lane: usize) -> N {
        self.conductivity[self.layout.offset[compartment] + lane]
    }
}

/// The cable's numbers at every compartment of a block, `[compartment][lane]`.
pub(crate) struct Cables<'a, N = f64> {
    pub(crate) numbers: Vec<Cable<N>>,
    lanes: &'a Lanes,
}

impl<'a> Cables<'a> {
    pub(crate) fn new(lanes: &'a Lanes, lookup: &LaneLookup<'_>) -> Self {
        Cables::of(lanes, |quantity| lanes.values(lookup, quantity))
    }
}

impl<'a, N: Scalar> Cables<'a, N> {
    /// `column` gives the numbers of a quantity by compartment and lane.
    fn of<F: Fn(usize, usize) -> N>(lanes: &'a Lanes, column: impl Fn(Quantity) -> F) -> Self {
        let mut numbers = Vec::new();
        let [radius, length, axial_resistivity, capacitance] = [
            Quantity::Radius,
            Quantity::Length,
            Quantity::AxialResistivity,
            Quantity::Capacitance,
        ]
        .map(column);
        for compartment in 0..lanes.population().tree.compartments {
            for lane in 0..lanes.width() {
                numbers.push(Cable {
                    radius: radius(compartment, lane),
                    length: length(compartment, lane),
                    axial_resistivity: axial_resistivity(compartment, lane),
                    capacitance: capacitance(compartment, lane),
                });
            }
        }
        Cables { numbers, lanes }
    }

    pub(crate) fn at(
        &self,
        compartment: usize,
        lane: usize,
    ) -> (Cable<N>, &'a CompartmentGeometry) {
        let geometry = &self.lanes.program.geometry[self.lanes.compartment(compartment, lane)];
        (
            self.numbers[compartment * self.lanes.width() + lane],
            geometry,
        )
    }
}

impl Setup {
    pub(crate) fn new(
        lanes: &Lanes,
        layout: &NodeLayout,
        inputs: &Inputs,
        unit: VectorUnit,
    ) -> Self {
        let lookup = LaneLookup::new(inputs);
        let cables = Cables::new(lanes, &lookup);
        let (conductance, axial) = conductances(lanes, layout, &cables);
        let given = lanes.values(&lookup, Quantity::InitialVoltage);
        let voltage = initial_voltage(lanes, layout, given, &conductance, &axial);
        let mut setup = Setup {
            voltage,
            states: Vec::new(),
            invariants: Vec::new(),
            sources: Vec::new(),
            conductance,
            axial,
            diffusion: Vec::new(),
        };
        let population = lanes.population();
        let mut conductivities = vec![Vec::new(); population.species.len()];
        for group in 0..population.groups.len() {
            let code = &lanes.program.codes[population.groups[group].code];
            let sources: Vec<Spread> = code
                .sources
                .iter()
                .map(|(_, source)| {
                    setup.source(lanes, layout, inputs, &lookup, &cables, group, *source)
                })
                .collect();
            let region = layout.groups[group].clone();
            let prologue = prologue(code, &sources, region.len(), unit);
            let len = region.len();
            let initial = initial_states(code, &sources, &setup.voltage[region], unit);
            for (species, conductivities) in population.species.iter().zip(&mut conductivities) {
                let name = code::conductivity_of(&species.name);
                let result = code.prologue_results.iter().position(|n| *n == name);
                conductivities.push(match result.map(|result| &prologue[result]) {
                    Some(Spread::Uniform(value)) => vec![*value; len],
                    Some(Spread::Each(values)) => values.clone(),
                    None => Vec::new(),
                });
            }
            setup.invariants.push(
                code.invariants
                    .iter()
                    .map(|name| {
                        let source = code.sources.iter().position(|(n, _)| n == name);
                        let result = code.prologue_results.iter().position(|n| n == name);
                        match (source, result) {
                            (Some(i), _) => sources[i].clone(),
                            (_, Some(i)) => prologue[i].clone(),
                            (None, None) => unreachable!("an invariant is a source or a result"),
                        }
                    })
                    .collect(),
            );
            setup.states.push(initial);
            setup.sources.push(sources);
            setup.given_states(lanes, layout, &lookup, group, code);
        }
        let species = population.species.iter().zip(&conductivities);
        setup.diffusion = species
            .map(|(species, values)| Passages::new(lanes, layout, &cables, species, values))
            .collect();
        setup
    }

    /// States that were given start at what was given.
    fn given_states(
        &mut self,
        lanes: &Lanes,
        layout: &NodeLayout,
        lookup: &LaneLookup<'_>,
        group: usize,
        code: &Code,
    ) {
        let start = layout.groups[group].start;
        for (state, quantity) in code.states.iter().enumerate() {
            let &Some(quantity) = quantity else {
                continue;
            };
            let values = &mut self.states[group][state];
            let given = lanes.values(lookup, quantity);
            layout.for_each_in_group(lanes.population(), group, |compartment, lane, position| {
                let given = given(compartment, lane);
                if !given.is_nan() {
                    values[position - start] = given;
                }
            });
        }
    }

    #[allow(clippy::too_many_arguments)] // what a source is read from
    fn source(
        &self,
        lanes: &Lanes,
        layout: &NodeLayout,
        inputs: &Inputs,
        lookup: &LaneLookup<'_>,
        cables: &Cables<'_>,
        group: usize,
        source: Source,
    ) -> Spread {
        let solve_step = lanes.program.solve_step(inputs.dt);
        match source {
            Source::TimeStep => return Spread::Uniform(inputs.dt),
            Source::SolveStep => return Spread::Uniform(solve_step),
            _ => {}
        }
        let region = layout.groups[group].clone();
        let mut values = vec![0.0; region.len()];
        let number = match source {
            Source::Value(quantity) => Some(lanes.values(lookup, quantity)),
            _ => None,
        };
        let code = &lanes.program.codes[lanes.population().groups[group].code];
        layout.for_each_in_group(lanes.population(), group, |compartment, lane, position| {
            if let Some(number) = &number {
                values[position - region.start] = number(compartment, lane);
                return;
            }
            let (cable, geometry) = cables.at(compartment, lane);
            values[position - region.start] = match source {
                Source::Area => cable.area(geometry),
                Source::Capacitance => cable.capacitance(geometry, solve_step),
                Source::Axial => self.axial[position],
                Source::Diameter => 2.0 * cable.radius,
                Source::Volume => cable.volume(geometry),
                Source::Draw(draw) => {
                    let compartment = lanes.row(compartment, lane);
                    code.drawn(inputs.seed, draw, compartment, 0)
                }
                Source::SolveStep => solve_step,
                Source::TimeStep | Source::Value(_) => inputs.dt,
            };
        });
        for (position, stimulus, batch) in played(lanes, layout, group, source) {
            let drive = &inputs.stimuli[stimulus];
            values[position - region.start] = played_at_start(drive, batch, inputs);
        }
        let used = lanes.population().groups[group].compartments.len() * layout.width;
        let first = values[0];
        if values[..used]
            .iter()
            .all(|v| v.to_bits() == first.to_bits())
        {
            return Spread::Uniform(first);
        }
        values[used..].fill(first);
        Spread::Each(values)
    }
}

/// Where in an array over nodes a source of a group is played; the stimulus that drives it, and the lane of the
/// batch.
fn played(
    lanes: &Lanes,
    layout: &NodeLayout,
    group: usize,
    source: Source,
) -> impl Iterator<Item = (usize, usize, usize)> {
    let stimuli = lanes.program.stimuli.iter().enumerate();
    let driven = stimuli.filter(move |(_, stimulus)| {
        matches!(stimulus.drives, Driven::Number { group: of, quantity, .. }
            if of == group && source == Source::Value(quantity))
    });
    driven.flat_map(move |(number, stimulus)| {
        let here = lanes.of_site(&stimulus.site);
        let offset = layout.offset.get(stimulus.site.compartment);
        let first = offset.copied().unwrap_or_default();
        here.map(move |(lane, batch)| (first + lane, number, batch))
    })
}

fn conductances<N: Scalar>(
    lanes: &Lanes,
    layout: &NodeLayout,
    cables: &Cables<'_, N>,
) -> (Vec<N>, Vec<N>) {
    let mut conductance = Vec::new();
    let mut axial = vec![N::default(); layout.len];
    for edge in &lanes.population().tree.edges {
        for lane in 0..lanes.width() {
            let g = axial_conductance(edge, |compartment| cables.at(compartment, lane));
            conductance.push(g);
            for node in [edge.child, edge.parent] {
                let sum = &mut axial[layout.offset[node] + lane];
                *sum = *sum + g;
            }
        }
    }
    (conductance, axial)
}

/// Given at compartments; at branch points what lets no charge gather there.
fn initial_voltage<N: Scalar>(
    lanes: &Lanes,
    layout: &NodeLayout,
    given: impl Fn(usize, usize) -> N,
    conductance: &[N],
    axial: &[N],
) -> Vec<N> {
    let mut voltage = vec![N::default(); layout.len];
    let tree = &lanes.population().tree;
    for compartment in 0..tree.compartments {
        for lane in 0..lanes.width() {
            voltage[layout.offset[compartment] + lane] = given(compartment, lane);
        }
    }
    for (index, edge) in tree.edges.iter().enumerate() {
        for (node, other) in [(edge.child, edge.parent), (edge.parent, edge.child)] {
            if node < tree.compartments {
                continue;
            }
            for lane in 0..lanes.width() {
                let at = layout.offset[node] + lane;
                let share = conductance[index * lanes.width() + lane] / axial[at];
                voltage[at] = voltage[at] + share * voltage[layout.offset[other] + lane];
            }
        }
    }
    layout.pad(lanes.population(), &mut voltage);
    voltage
}

/// The results of a prologue, uniform where everything that they depend on is.
fn prologue(code: &Code, sources: &[Spread], len: usize, unit: VectorUnit) -> Vec<Spread> {
    let results = run_once(
        code,
        TapeKind::Prologue,
        sources,
        &[],
        &code.prologue_results,
        len,
        unit,
    );
    results.into_iter().map(Spread::of).collect()
}

fn initial_states(
    code: &Code,
    sources: &[Spread],
    voltage: &[f64],
    unit: VectorUnit,
) -> Vec<Vec<f64>> {
    let inputs = [("v".to_owned(), voltage)];
    run_once(
        code,
        TapeKind::Initial,
        sources,
        &inputs,
        &code.state_names,
        voltage.len(),
        unit,
    )
}

/// Runs a tape that is run once, over the region of a group: reads sources and `inputs`, returns
/// what it stores under the names `results`.
pub(crate) fn run_once(
    code: &Code,
    kind: TapeKind,
    sources: &[Spread],
    inputs: &[(String, &[f64])],
    results: &[String],
    len: usize,
    unit: VectorUnit,
) -> Vec<Vec<f64>> {
    let tape = code.tape(kind);
    let mut arena: Vec<f64> = Vec::new();
    let mut place = |values: &[f64]| {
        arena.extend_from_slice(values);
        Operand::Fixed(arena.len() - values.len())
    };
    let mut kernel = Kernel::<f64>::new(&tape, unit, len, |name| {
        if let Some(i) = code.sources.iter().position(|(n, _)| n == name) {
            return match &sources[i] {
                Spread::Uniform(value) => Operand::Uniform(*value),
                Spread::Each(values) => place(values),
            };
        }
        match inputs.iter().find(|(n, _)| n == name) {
            Some((_, values)) => place(values),
            None => place(&vec![0.0; len]),
        }
    });
    let mut workspace = AlignedVec::zeros(arena.len());
    workspace.copy_from_slice(&arena);
    kernel.run(Slots::default(), 0.0, &mut workspace, &mut []);
    results
        .iter()
        .map(|name| match kernel.stored(name) {
            Some(at) => workspace[at..at + len].to_vec(),
            None => vec![0.0; len],
        })
        .collect()
}
