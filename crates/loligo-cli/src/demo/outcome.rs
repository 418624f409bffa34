//! What the demo found: a table, a picture, and files.

use std::path::Path;

use loligo::Error;
use loligo::engine::Recordings;
use loligo::files::{Array, write_csv, write_npz};
use loligo::fit::Fit;
use loligo::model::{Model, ModelError, Parameters};
use loligo::morphology::{Morphology, Plane};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::experiment::{CONDUCTANCES, regions};
use crate::picture::{CellPicture, Curve, CurvePicture, Drawn, Picture, Scale};

/// The row of the soma, which is the middle of branch 0.
const SOMA: usize = 0;

/// Everything that there is to show.
pub struct Outcome<'a> {
    /// The shape of the cells.
    pub morphology: &'a Morphology,
    /// The cell whose conductances were to be found.
    pub truth: &'a Model,
    /// The parameters before the fit.
    pub start: &'a Parameters,
    /// The cell after the fit.
    pub model: &'a Model,
    /// The fit.
    pub fit: &'a Fit,
    /// Times of the samples, ms.
    pub times: &'a [f64],
    /// Voltages before, after, and of the target.
    pub traces: [&'a Recordings<f64>; 3],
}

impl Outcome<'_> {
    /// For each conductance and region the truth, the start, the mean that was recovered, and how
    /// far single compartments are off.
    pub fn by_region(&self) -> Result<Vec<Vec<String>>, Error> {
        let titles = ["S/cm²", "truth", "start", "recovered", "off by"];
        let mut rows = vec![titles.map(str::to_string).to_vec()];
        for (name, _) in CONDUCTANCES {
            let start = self.start.slice(name).and_then(|slice| slice.first());
            for region in regions() {
                let truth = members(self.truth, region, name)?;
                let found = members(self.model, region, name)?;
                let count = truth.len() as f64;
                let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
                let off = found.iter().zip(&truth).map(|(f, t)| (f / t - 1.0).powi(2));
                rows.push(vec![
                    format!("{name}, {region}"),
                    format!("{:.5}", mean(&truth)),
                    start.map_or_else(String::new, |start| format!("{start:.5}")),
                    format!("{:.5}", mean(&found)),
                    format!("{:.1} %", 100.0 * (off.sum::<f64>() / count).sqrt()),
                ]);
            }
        }
        Ok(rows)
    }

    /// The voltage of the soma before, after, and of the target.
    pub fn write_csv(&self, file: &Path) -> Result<(), Error> {
        let [before, after, target] = self.traces.map(|run| run.trace(0, SOMA));
        let columns = [
            ("t (ms)", self.times),
            ("before (mV)", &*before),
            ("after (mV)", &*after),
            ("target (mV)", &*target),
        ];
        write_csv(file, &columns)
    }

    /// Times, all voltages, the losses, and the recovered conductances by branch.
    pub fn write_npz(&self, file: &Path) -> Result<(), Error> {
        let names = ["before", "after", "target"];
        let losses = self.fit.losses.concat();
        let mut arrays = vec![
            Array {
                name: "t",
                shape: vec![self.times.len()],
                data: self.times,
            },
            Array {
                name: "loss",
                shape: vec![losses.len()],
                data: &losses,
            },
        ];
        let voltages = self.traces.map(|run| run.lane(0));
        let traces = names.into_iter().zip(self.traces).zip(&voltages);
        arrays.extend(traces.map(|((name, run), data)| Array {
            name,
            shape: vec![run.recordings, run.samples],
            data,
        }));
        for (name, range) in self.fit.parameters.slices() {
            let data = &self.fit.parameters.values[range];
            arrays.push(Array {
                name,
                shape: vec![data.len()],
                data,
            });
        }
        write_npz(file, &arrays)
    }

    fn cell(&self) -> CellPicture {
        let recovered = self.fit.parameters.slice(CONDUCTANCES[0].0);
        let by_branch = recovered.unwrap_or_default();
        let title = "recovered gnabar, S/cm²";
        CellPicture::by_branch(self.morphology, Plane::Xy, by_branch, title)
    }

    fn voltages(&self) -> CurvePicture {
        let curve = |name: &str, colour, run: &Recordings<f64>| Curve {
            name: name.to_string(),
            colour,
            points: std::iter::zip(self.times, run.trace(0, SOMA))
                .map(|(&t, v)| (t, v))
                .collect(),
        };
        let [before, after, target] = self.traces;
        CurvePicture {
            title: "voltage of the soma".to_string(),
            across: "time, ms".to_string(),
            up: "mV".to_string(),
            scale: Scale::Linear,
            curves: vec![
                curve("before", full_palette::GREY_500, before),
                curve("target", BLACK, target),
                curve("after", full_palette::ORANGE_700, after),
            ],
        }
    }

    fn losses(&self) -> CurvePicture {
        let losses = self.fit.losses.iter().flatten().enumerate();
        CurvePicture {
            title: "loss".to_string(),
            across: "step".to_string(),
            up: "mV²".to_string(),
            scale: Scale::Logarithmic,
            curves: vec![Curve {
                name: String::new(),
                colour: full_palette::BLUE_600,
                points: losses.map(|(step, &loss)| (step as f64, loss)).collect(),
            }],
        }
    }
}

impl Picture for Outcome<'_> {
    fn draw<B: DrawingBackend>(&self, canvas: &DrawingArea<B, Shift>) -> Drawn<B> {
        let (width, height) = canvas.dim_in_pixel();
        let (left, right) = canvas.split_horizontally(width * 2 / 5);
        let (above, below) = right.split_vertically(height * 3 / 5);
        self.cell().draw(&left)?;
        self.voltages().draw(&above)?;
        self.losses().draw(&below)
    }
}

fn members(model: &Model, group: &str, name: &str) -> Result<Vec<f64>, ModelError> {
    let quantity = model.quantity(name)?;
    let members = model.groups().compartments(group).unwrap_or_default();
    let values = members.iter();
    Ok(values
        .filter_map(|&c| model.values().value(quantity, c))
        .collect())
}
