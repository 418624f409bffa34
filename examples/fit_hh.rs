//! The main job in Rust: simulate a reconstructed neuron, differentiate it, fit it.
//!
//! cargo run --release -p loligo --example fit_hh

use std::error::Error;
use std::ops::ControlFlow;

use loligo::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    // a CA1 pyramidal cell; Model::from_swc("mine.swc", &Compartments::d_lambda())? for another
    let mut cell = Model::from_morphology(&datasets::ca1()?, &Compartments::d_lambda())?;
    cell.everywhere().insert(mechanism("hh")?)?;
    cell.set_celsius(6.3)?;
    let step = Waveform::step(5.0, 20.0, 0.5);
    cell.group("soma").at(0.5).stimulate(step)?;
    cell.group("soma").at(0.5).record("v")?;
    let settings = Settings::new(30.0);

    // a target: the response of the same cell with fewer sodium channels
    cell.everywhere().set("hh.gnabar", 0.1)?;
    let target = Simulation::new(&cell, &settings)?.run()?;
    cell.everywhere().set("hh.gnabar", 0.12)?;

    // recover the sodium conductance of every branch
    cell.branch(..).trainable("hh.gnabar", Some((0.01, 0.5)))?;
    let loss = MeanSquaredError::from(target.lane(0));
    let fit = fit(
        &mut cell,
        &settings,
        &loss,
        &FitOptions::default(),
        |progress| {
            println!("step {:3}: loss {:.4} mV²", progress.step, progress.best);
            ControlFlow::Continue(())
        },
    )?;
    let soma = fit.parameters.values[0];
    println!("gnabar of the soma: {soma:.4} S/cm², 0.1 was to be found");
    Ok(())
}
