//! The facade's main job from outside: gradients against differences, fits, and what wrong calls
//! say.

use std::ops::ControlFlow;

use loligo::Error;
use loligo::model::Sharing;
use loligo::prelude::*;

/// A cell of three branches with spikes.
fn fork() -> Result<Model, Error> {
    let end = Some(Attachment { branch: 0, at: 1.0 });
    let mut branches = Vec::new();
    for (length, radius, count) in [(30.0, 8.0, 1), (100.0, 1.0, 3), (80.0, 0.7, 2)] {
        branches.push(Model::cylinder(length, radius, count)?);
    }
    let mut cell = Model::tree(&branches, &[None, end, end])?;
    cell.everywhere().insert(mechanism("hh")?)?;
    cell.branch(0).stimulate(Waveform::step(1.0, 5.0, 0.6))?;
    cell.at(1.0).record("v")?;
    Ok(cell)
}

fn settings() -> Settings {
    Settings::new(8.0)
}

/// The mean square of the voltages, which has a derivative everywhere.
fn mean_square(v: &[f64]) -> (f64, Vec<f64>) {
    let count = v.len() as f64;
    let value = v.iter().map(|v| v * v).sum::<f64>() / count;
    (value, v.iter().map(|v| 2.0 * v / count).collect())
}

fn proceed(_: &loligo::fit::Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn shared_numbers_have_the_gradient_of_differences() -> Result<(), Error> {
    let mut cell = fork()?;
    cell.branch(..).trainable("hh.gnabar", None)?;
    cell.everywhere().trainable("hh.gkbar", None)?;
    cell.compartment(..).trainable("radius", None)?;
    cell.everywhere().trainable("celsius", None)?;
    let pairs = cell.select().branch([1, 2]).sharing(Sharing::Shared);
    let pairs = pairs.selection().map_err(loligo::model::ModelError::from)?;
    cell.trainable("axial_resistivity", None, &pairs)?;
    let simulation = Simulation::new(&cell, &settings())?;
    let start = simulation.parameters().values.clone();
    assert_eq!(start.len(), 3 + 1 + 6 + 1 + 1);
    let (_, gradient) = simulation.value_and_gradient(&start, &mean_square)?;
    let loss = |values: Vec<f64>| -> Result<f64, Error> {
        let run = simulation.run_batch(&[values])?;
        Ok(mean_square(&run.recordings.lane(0)).0)
    };
    for (index, derivative) in gradient.iter().enumerate() {
        // of two step sizes one is better, whatever the scale of the number
        let best = [1e-5, 1e-6]
            .into_iter()
            .try_fold(f64::INFINITY, |best: f64, relative| {
                let h = relative * start[index].abs();
                let moved = |by: f64| {
                    let mut values = start.clone();
                    values[index] += by;
                    loss(values)
                };
                let difference = (moved(h)? - moved(-h)?) / (2.0 * h);
                Ok::<f64, Error>(best.min((difference / derivative - 1.0).abs()))
            })?;
        assert!(best < 1e-6, "number {index}: off by {best:e}");
    }
    Ok(())
}

/// The product is how the gradient moves: within what rounding leaves of a central difference,
/// (1e-12)^(2/3) = 1e-8 of its size, and somewhat more where the function bends; and a batch of
/// products is a loop, bit by bit.
#[test]
fn products_with_the_hessian_are_differences_of_gradients() -> Result<(), Error> {
    let mut cell = fork()?;
    cell.set_celsius(6.3)?;
    cell.everywhere().trainable("hh.gnabar", None)?;
    cell.branch(vec![0, 1, 2]).trainable("radius", None)?;
    cell.everywhere().trainable("celsius", None)?;
    let simulation = Simulation::new(&cell, &settings())?;
    let at = simulation.parameters().values.clone();
    let samples = simulation.inputs().samples() * simulation.program().recordings();
    let loss = MeanSquaredError::from(vec![-60.0; samples]);
    let along: Vec<f64> = at
        .iter()
        .enumerate()
        .map(|(i, p)| p * (1.0 + i as f64).sin())
        .collect();

    let found = simulation.hessian_product(&at, &along, &loss)?;
    let (value, gradient) = simulation.value_and_gradient(&at, &loss)?;
    assert!((found.value - value).abs() <= 1e-12 * value);
    for (a, b) in found.gradient.iter().zip(&gradient) {
        assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} {b}");
    }
    let moved = |step: f64| -> Result<Vec<f64>, Error> {
        let there: Vec<f64> = at.iter().zip(&along).map(|(p, d)| p + step * d).collect();
        Ok(simulation.value_and_gradient(&there, &loss)?.1)
    };
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let size = norm(&mut found.product.iter().copied());
    let mut best = f64::INFINITY;
    for step in [1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6] {
        let (more, less) = (moved(step)?, moved(-step)?);
        let differences = more.iter().zip(&less).map(|(a, b)| (a - b) / (2.0 * step));
        let apart = norm(&mut found.product.iter().zip(differences).map(|(p, d)| p - d));
        best = best.min(apart / size);
    }
    println!("product and differences of gradients: {best:.1e}");
    assert!(best <= 1e-6, "{best:e}");

    let other: Vec<f64> = along.iter().map(|d| -0.5 * d).collect();
    let batch = simulation.hessian_products(&[at.clone(), at], &[along, other], &loss)?;
    assert_eq!(batch[0], found);
    assert_eq!(batch[1].gradient, found.gradient);
    for (half, whole) in batch[1].product.iter().zip(&found.product) {
        assert_eq!(*half, -0.5 * whole);
    }
    Ok(())
}

#[test]
fn a_batch_is_a_loop_bit_by_bit() -> Result<(), Error> {
    let mut cell = fork()?;
    cell.branch(..).trainable("hh.gnabar", None)?;
    let simulation = Simulation::new(&cell, &settings())?;
    let lanes = vec![vec![0.12, 0.1, 0.11], vec![0.2, 0.05, 0.1], vec![0.15; 3]];
    let together = simulation.values_and_gradients(&lanes, &mean_square)?;
    for (lane, together) in lanes.iter().zip(together) {
        let (value, gradient) = simulation.value_and_gradient(lane, &mean_square)?;
        assert_eq!((value, gradient), (together.value, together.gradient));
    }
    Ok(())
}

#[test]
fn conductances_are_recovered_from_several_starts() -> Result<(), Error> {
    let mut cell = fork()?;
    cell.branch(0).set("hh.gnabar", 0.14)?;
    let target = Simulation::new(&cell, &settings())?.run()?;
    cell.branch(0).set("hh.gnabar", 0.11)?;
    cell.branch(0).trainable("hh.gnabar", Some((0.08, 0.2)))?;
    let loss = MeanSquaredError::from(target.lane(0));
    for method in [Method::Lbfgs, Method::Adam { learning_rate: 0.1 }] {
        let mut model = cell.clone();
        let options = FitOptions {
            method,
            steps: 150,
            starts: 3,
            seed: 7,
        };
        let mut steps = 0;
        let fit = fit(&mut model, &settings(), &loss, &options, |progress| {
            steps = progress.step;
            assert_eq!(progress.losses.len(), 3);
            ControlFlow::Continue(())
        })?;
        let found = fit.parameters.values[0];
        assert!((found - 0.14).abs() < 1e-3, "{method:?}: {found}");
        assert_eq!(model.parameters(), fit.parameters);
        assert_eq!(fit.losses.len(), 3);
        assert_eq!(fit.losses[0].len(), steps);
    }
    Ok(())
}

#[test]
fn a_fit_can_be_stopped() -> Result<(), Error> {
    let mut cell = fork()?;
    cell.branch(0).trainable("hh.gnabar", None)?;
    let options = FitOptions::default();
    let fit = fit(&mut cell, &settings(), &mean_square, &options, |progress| {
        if progress.step == 2 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    assert_eq!(fit.losses[0].len(), 2);
    Ok(())
}

#[test]
fn wrong_calls_are_explained() -> Result<(), Error> {
    let mut cell = fork()?;
    let options = FitOptions::default();
    let loss = MeanSquaredError::from(vec![0.0; 5]);
    assert_eq!(
        message(fit(&mut cell, &settings(), &loss, &options, proceed)),
        "nothing is trainable: make something trainable before the fit"
    );
    cell.branch(0).trainable("hh.gnabar", None)?;
    let simulation = Simulation::new(&cell, &settings())?;
    assert_eq!(
        message(simulation.value_and_gradient(&[0.1, 0.2], &mean_square)),
        "2 parameters were given, but the model has 1 trainable numbers"
    );
    assert_eq!(
        message(simulation.value_and_gradient(&[0.1], &loss)),
        "the target of the loss has 5 samples, but the recordings have 963"
    );
    assert_eq!(
        message(simulation.value_and_gradient(&[0.1], &|_: &[f64]| (0.0, vec![]))),
        "the derivative of the loss has 0 samples, but the recordings have 963"
    );
    let several = FitOptions {
        starts: 2,
        ..options.clone()
    };
    assert_eq!(
        message(fit(&mut cell, &settings(), &mean_square, &several, proceed)),
        "`hh.gnabar` needs a lower and an upper bound for more than one start"
    );
    let still = FitOptions {
        method: Method::Adam {
            learning_rate: f64::NAN,
        },
        ..options.clone()
    };
    assert_eq!(
        message(fit(&mut cell, &settings(), &mean_square, &still, proceed)),
        "learning_rate is NaN, expected a positive number"
    );
    let none = FitOptions {
        steps: 0,
        ..options
    };
    assert_eq!(
        message(fit(&mut cell, &settings(), &mean_square, &none, proceed)),
        "steps is 0, expected 1 or more"
    );
    let message_of = |settings: Settings| -> Result<String, Error> {
        let simulation = Simulation::new(&fork()?, &settings);
        Ok(message(simulation.and_then(|simulation| simulation.run())))
    };
    for duration in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        let expected = format!("the duration is {duration} ms, expected a positive number");
        assert_eq!(message_of(Settings::new(duration))?, expected);
    }
    assert!(
        message_of(Settings {
            dt: 0.0,
            ..settings()
        })?
        .starts_with("dt is 0")
    );
    assert!(
        message_of(Settings {
            record_every: 0,
            ..settings()
        })?
        .starts_with("record_every is 0")
    );
    let tight = Settings {
        budget: Some(1000),
        ..settings()
    };
    let said = message(Simulation::new(&cell, &tight)?.value_and_gradient(&[0.1], &mean_square));
    assert!(
        said.contains("needs at least") && said.ends_with("the budget is 1000"),
        "{said}"
    );
    // numbers that are none, in the model's words: of a run, and of a lane of a batch
    assert_eq!(
        message(simulation.value_and_gradient(&[f64::NAN], &mean_square)),
        "`hh.gnabar` of cell 0, branch 0, compartment 0 is NaN, expected a finite number"
    );
    assert_eq!(
        message(simulation.run_batch(&[vec![0.1], vec![f64::INFINITY]])),
        "`hh.gnabar` of cell 0, branch 0, compartment 0 in lane 1 is inf, expected a finite number"
    );
    assert_eq!(
        message(simulation.run_batch(&[])),
        "a batch needs at least one lane"
    );
    let mut silent = fork()?;
    let everywhere = silent.everything();
    silent.delete_recordings(&everywhere);
    assert_eq!(
        message(Simulation::new(&silent, &settings())?.run()),
        "nothing is recorded: record something before the run"
    );
    let unknown = mechanism("hhh").map(|_| ()).map_err(Error::from);
    assert!(
        message(unknown).starts_with("there is no built-in mechanism `hhh` (did you mean `hh`?);")
    );
    Ok(())
}

#[test]
fn a_run_that_diverges_says_where() -> Result<(), Error> {
    let mut cell = fork()?;
    cell.branch(1)
        .at(0.5)
        .stimulate(Waveform::step(2.0, 1.0, 1e308))?;
    let said = message(Simulation::new(&cell, &settings())?.run());
    assert!(
        said.contains("diverged") && said.contains("cell 0, branch 1"),
        "{said}"
    );
    Ok(())
}

#[test]
fn samples_have_times() -> Result<(), Error> {
    let thinned = Settings {
        record_every: 4,
        ..settings()
    };
    let simulation = Simulation::new(&fork()?, &thinned)?;
    let times = simulation.times();
    assert_eq!(simulation.run()?.samples, times.len());
    assert_eq!((times[0], times.len()), (0.0, 81));
    assert!((times[80] - 8.0).abs() < 1e-12);
    Ok(())
}
