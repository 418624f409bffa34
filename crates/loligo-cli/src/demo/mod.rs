//! `loligo demo`: simulate a reconstructed neuron, differentiate it, fit it.

mod experiment;
mod outcome;
mod speed;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;

use indicatif::{ProgressBar, ProgressStyle};
use loligo::Simulation;
use loligo::fit::{FitOptions, Method, fit};
use loligo::loss::MeanSquaredError;

use crate::arguments::DemoArguments;
use crate::error::CommandError;
use crate::picture;
use crate::table;
use experiment::Experiment;
use outcome::Outcome;

/// Steps in the free numbers that bounds are mapped to.
const LEARNING_RATE: f64 = 0.05;

/// Runs the demo and writes its picture and its numbers.
pub fn demo(arguments: &DemoArguments, out: &mut dyn Write) -> Result<(), CommandError> {
    fs::create_dir_all(&arguments.out).map_err(|source| CommandError::Folder {
        folder: arguments.out.clone(),
        source,
    })?;
    let Experiment {
        morphology,
        mut model,
        truth,
        settings,
    } = Experiment::new()?;
    writeln!(
        out,
        "A CA1 pyramidal cell with Hodgkin–Huxley channels, a current step into its soma.\n"
    )?;
    let simulation = Simulation::new(&model, &settings)?;
    let before = simulation.run()?;
    let target = Simulation::new(&truth, &settings)?.run()?;
    let loss = MeanSquaredError::from(target.lane(0));
    table::write(out, &speed::measure(&simulation, &loss)?)?;

    let parameters = simulation.parameters();
    let numbers = parameters.values.len();
    let branches = model.shape().branches.len();
    writeln!(
        out,
        "\nRecovering {numbers} conductances of {branches} branches from the voltages of a cell that differs."
    )?;
    let bar = progress_bar(u64::from(arguments.steps));
    let options = FitOptions {
        method: Method::Adam {
            learning_rate: LEARNING_RATE,
        },
        steps: arguments.steps as usize,
        ..FitOptions::default()
    };
    let fit = fit(&mut model, &settings, &loss, &options, |progress| {
        bar.set_position(progress.step as u64);
        bar.set_message(format!("{:.3} mV", progress.best.sqrt()));
        ControlFlow::Continue(())
    })?;
    bar.finish_and_clear();

    let after = Simulation::new(&model, &settings)?.run()?;
    let outcome = Outcome {
        morphology: &morphology,
        truth: &truth,
        start: parameters,
        model: &model,
        fit: &fit,
        times: &simulation.times(),
        traces: [&before, &after, &target],
    };
    table::write(out, &outcome.by_region()?)?;
    writeln!(
        out,
        "\nroot mean square difference from the target: {} mV before, {} mV after",
        table::size(fit.losses[0][0].sqrt()),
        table::size(fit.loss.sqrt())
    )?;
    let picture = arguments.out.join("demo.png");
    picture::save(&picture, &outcome)?;
    let traces = arguments.out.join("traces.csv");
    let numbers = arguments.out.join("demo.npz");
    outcome.write_csv(&traces)?;
    outcome.write_npz(&numbers)?;
    for file in [picture, traces, numbers] {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}

fn progress_bar(steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("  {bar:40} {pos}/{len}  {msg}  {eta} left");
    let bar = ProgressBar::new(steps);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
