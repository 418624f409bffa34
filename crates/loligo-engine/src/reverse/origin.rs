//! The transpose of what is computed once per run, with or without tangents.

use crate::code::{cotangent_of, tangent_of};
use crate::dual::{Dual, Number};
use crate::inputs::{Inputs, LaneLookup};
use crate::lanes::Lanes;
use crate::program::{Code, TapeKind};
use crate::setup::{Cables, MovingSetup, Setup, run_once};
use crate::vector::VectorUnit;

/// A function of a group that is computed once per run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Once {
    /// Sources → what the step reads.
    Prologue,
    /// Voltage and sources → states at t = 0.
    Initial,
}

/// A group of a block, and what is wanted of it.
pub(crate) struct GroupPart<'a> {
    pub(crate) code: &'a Code,
    pub(crate) group: usize,
    /// The group's region of an array over nodes.
    pub(crate) region: std::ops::Range<usize>,
    /// Sources whose cotangents are wanted.
    pub(crate) wanted: &'a [String],
    pub(crate) unit: VectorUnit,
}

/// What a block starts from.
pub(crate) trait Origin: Send {
    /// What its numbers are.
    type Number: Number;

    /// The cable's numbers.
    fn cables<'l>(&self, lanes: &'l Lanes, inputs: &Inputs) -> Cables<'l, Self::Number>;

    /// The conductivities of each species, an array over nodes.
    fn conductivities(&self) -> Vec<Vec<Self::Number>>;

    /// From cotangents of the results of a function, by their names and over the group's region,
    /// those of the voltage (0 for the prologue) and of each wanted source.
    fn pull_back(
        &self,
        once: Once,
        part: &GroupPart<'_>,
        cotangents: &[(&str, Vec<Self::Number>)],
    ) -> Vec<Vec<Self::Number>>;
}

impl Origin for Setup {
    type Number = f64;

    fn cables<'l>(&self, lanes: &'l Lanes, inputs: &Inputs) -> Cables<'l> {
        Cables::new(lanes, &LaneLookup::new(inputs))
    }

    fn conductivities(&self) -> Vec<Vec<f64>> {
        let species = self.diffusion.iter();
        species
            .map(|passages| passages.conductivity.clone())
            .collect()
    }

    fn pull_back(
        &self,
        once: Once,
        part: &GroupPart<'_>,
        cotangents: &[(&str, Vec<f64>)],
    ) -> Vec<Vec<f64>> {
        let wanted = part.wanted.to_vec();
        let kind = match once {
            Once::Prologue => TapeKind::PrologueAdjoint(wanted),
            Once::Initial => TapeKind::InitialAdjoint(wanted),
        };
        let voltage = ("v".to_owned(), &self.voltage[part.region.clone()]);
        let seeds = cotangents
            .iter()
            .map(|(name, values)| (cotangent_of(name), values.as_slice()));
        let inputs: Vec<(String, &[f64])> = seeds.chain([voltage]).collect();
        part.run(self, kind, &inputs, &part.results())
    }
}

impl Origin for MovingSetup {
    type Number = Dual<f64>;

    fn cables<'l>(&self, lanes: &'l Lanes, inputs: &Inputs) -> Cables<'l, Dual<f64>> {
        let moving = LaneLookup::new(&self.directions);
        Cables::moving(lanes, &LaneLookup::new(inputs), &moving)
    }

    fn conductivities(&self) -> Vec<Vec<Dual<f64>>> {
        let species = self.tangent.diffusion.iter();
        species
            .map(|passages| passages.conductivity.clone())
            .collect()
    }

    fn pull_back(
        &self,
        once: Once,
        part: &GroupPart<'_>,
        cotangents: &[(&str, Vec<Dual<f64>>)],
    ) -> Vec<Vec<Dual<f64>>> {
        let wanted = part.wanted.to_vec();
        let kind = match once {
            Once::Prologue => TapeKind::PrologueAdjointTangent(wanted),
            Once::Initial => TapeKind::InitialAdjointTangent(wanted),
        };
        let halves: Vec<[(String, Vec<f64>); 2]> = cotangents
            .iter()
            .map(|(name, duals)| {
                let name = cotangent_of(name);
                let values = duals.iter().map(|dual| dual.value).collect();
                let tangents = duals.iter().map(|dual| dual.tangent).collect();
                [(tangent_of(&name), tangents), (name, values)]
            })
            .collect();
        let region = part.region.clone();
        let mut inputs: Vec<(String, &[f64])> = vec![
            ("v".to_owned(), &self.plain.voltage[region.clone()]),
            (tangent_of("v"), &self.tangent.voltage[region]),
        ];
        let sources = &self.tangent.sources[part.group];
        let named = |(name, values): &'_ (String, Vec<f64>)| (tangent_of(name), values.clone());
        let moving: Vec<(String, Vec<f64>)> = sources.iter().map(named).collect();
        for (name, values) in halves.iter().flatten().chain(&moving) {
            inputs.push((name.clone(), values));
        }
        let names = part.results();
        let tangents: Vec<String> = names.iter().map(|name| tangent_of(name)).collect();
        let count = names.len();
        let results = part.run(&self.plain, kind, &inputs, &[names, tangents].concat());
        let (values, tangents) = results.split_at(count);
        let join = |(values, tangents): (&Vec<f64>, &Vec<f64>)| {
            let pairs = values.iter().zip(tangents);
            pairs
                .map(|(&value, &tangent)| Dual { value, tangent })
                .collect()
        };
        values.iter().zip(tangents).map(join).collect()
    }
}

impl GroupPart<'_> {
    /// Names of the cotangents of the voltage and of what is wanted.
    fn results(&self) -> Vec<String> {
        let wanted = self.wanted.iter().map(String::as_str);
        ["v"].into_iter().chain(wanted).map(cotangent_of).collect()
    }

    fn run(
        &self,
        setup: &Setup,
        kind: TapeKind,
        inputs: &[(String, &[f64])],
        results: &[String],
    ) -> Vec<Vec<f64>> {
        let sources = &setup.sources[self.group];
        let len = self.region.len();
        run_once(self.code, kind, sources, inputs, results, len, self.unit)
    }
}
