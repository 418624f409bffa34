//! How far the functions of a tape are from the true ones, in units in the last place, on every
//! vector unit of the machine; and that all units with fused multiply–add agree bit for bit.
//!
//! Run with `--nocapture` to see the table.

mod double_double;

use double_double::DoubleDouble;
use loligo_engine::vector::{Binding, Real, Runner, VectorUnit};
use loligo_mechanism::Graph;
use loligo_mechanism::graph::{Binary, Unary};
use loligo_mechanism::tape::{Output, OutputKind, Tape, compile};

/// A function, where it is sampled, and how far off it may be.
struct Case {
    name: &'static str,
    function: Function,
    range: (f64, f64),
    /// Units in the last place, f64 and f32.
    bounds: (f64, f64),
}

#[derive(Clone, Copy)]
enum Function {
    Unary(Unary, fn(DoubleDouble) -> DoubleDouble),
    /// E′ computed from E.
    ExprelFirst,
    /// aᵇ with a from the range and this b.
    Power(f64),
}

const SAMPLES: usize = 4096;

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name, function, ranges: &[(f64, f64)], bounds| {
        for &range in ranges {
            cases.push(Case {
                name,
                function,
                range,
                bounds,
            });
        }
    };
    let near_zero = [(-1e-12, 1e-12), (-1e-4, 1e-4), (-0.5, 0.5), (-2.5, 2.5)];
    let wide = [(-30.0, 30.0), (-87.0, 87.0), (-700.0, 700.0)];
    let both: Vec<(f64, f64)> = near_zero.into_iter().chain(wide).collect();
    let unary = Function::Unary;
    add("exp", unary(Unary::Exp, |x| x.exp()), &both, (1.0, 1.0));
    add(
        "exprel",
        unary(Unary::Exprel(0), |x| x.exprel(0)),
        &both,
        (2.0, 2.0),
    );
    add(
        "exprel'",
        unary(Unary::Exprel(1), |x| x.exprel(1)),
        &both,
        (6.0, 6.0),
    );
    add(
        "exprel' of exprel",
        Function::ExprelFirst,
        &near_zero,
        (10.0, 10.0),
    );
    // E is near -x, and its last place is what counts
    let far = [((-30.0, 30.0), 38.0), ((-87.0, 87.0), 95.0)];
    for (range, bound) in far {
        let name = "exprel' of exprel";
        add(name, Function::ExprelFirst, &[range], (bound, bound));
    }
    add(
        "exprel''",
        unary(Unary::Exprel(2), |x| x.exprel(2)),
        &both,
        (10.0, 10.0),
    );
    add(
        "phi 1",
        unary(Unary::Phi(1), |x| x.phi(1)),
        &both,
        (2.0, 2.0),
    );
    add(
        "phi 2",
        unary(Unary::Phi(2), |x| x.phi(2)),
        &both,
        (6.0, 6.0),
    );
    add(
        "phi 3",
        unary(Unary::Phi(3), |x| x.phi(3)),
        &both,
        (8.0, 8.0),
    );
    add("tanh", unary(Unary::Tanh, |x| x.tanh()), &both, (3.0, 3.0));
    let positive = [
        (0.5, 2.0),
        (0.999, 1.001),
        (1e-3, 1e3),
        (1e-37, 1e-30),
        (1e30, 1e38),
    ];
    add("log", unary(Unary::Log, |x| x.log()), &positive, (1.0, 1.0));
    let angles = [(-0.8, 0.8), (-10.0, 10.0), (-1e4, 1e4)];
    add("sin", unary(Unary::Sin, |x| x.sine(0)), &angles, (2.0, 2.0));
    add("cos", unary(Unary::Cos, |x| x.sine(1)), &angles, (2.0, 2.0));
    for exponent in [-3.7, 0.1, 0.5, 3.0] {
        let ranges = [(0.9, 1.1), (1e-4, 10.0), (10.0, 1e7)];
        add("pow", Function::Power(exponent), &ranges, (4.0, 4.0));
    }
    cases
}

/// Where a function is sampled, and its true values there.
struct Sampled<T> {
    samples: Vec<T>,
    truths: Vec<DoubleDouble>,
}

impl Case {
    fn tape(&self) -> Tape {
        let mut graph = Graph::new();
        let x = graph.symbol("x");
        let value = match self.function {
            Function::Unary(function, _) => graph.unary(function, x),
            Function::ExprelFirst => {
                let exprel = graph.unary(Unary::Exprel(0), x);
                graph.binary(Binary::ExprelFirst, x, exprel)
            }
            Function::Power(_) => {
                // a symbol, so that the graph does not turn it into products
                let exponent = graph.symbol("exponent");
                graph.binary(Binary::Pow, x, exponent)
            }
        };
        let output = Output {
            name: "y".into(),
            value,
            kind: OutputKind::Store,
        };
        compile(&graph, &[output])
    }

    /// Half of the samples evenly spaced, half with evenly spaced logarithms of their size.
    fn samples<T: Real>(&self) -> Vec<T> {
        let (low, high) = self.range;
        let even = (0..SAMPLES / 2).map(|i| low + (high - low) * i as f64 / (SAMPLES / 2) as f64);
        let smallest: f64 = if low > 0.0 { low } else { high * 1e-6 };
        let logarithmic = (0..SAMPLES / 2).map(|i| {
            let size = smallest * (high / smallest).powf(i as f64 / (SAMPLES / 2) as f64);
            if low < 0.0 && i % 2 == 0 { -size } else { size }
        });
        even.chain(logarithmic).map(T::from_f64).collect()
    }

    fn run<T: Real>(&self, unit: VectorUnit, samples: &[T]) -> Vec<T> {
        let tape = self.tape();
        let mut runner = Runner::<T>::new(&tape, unit);
        for (index, input) in tape.inputs.iter().enumerate() {
            runner.bind_input(
                index,
                match self.function {
                    Function::Power(exponent) if input == "exponent" => Binding::Uniform(exponent),
                    _ => Binding::Array { offset: 0 },
                },
            );
        }
        runner.bind_output(0, samples.len());
        let mut workspace = samples.to_vec();
        workspace.resize(2 * samples.len(), T::ZERO);
        runner.run(&mut workspace, &mut [], samples.len());
        workspace.split_off(samples.len())
    }

    fn truth<T: Real>(&self, x: f64) -> DoubleDouble {
        match self.function {
            Function::Unary(_, truth) => truth(x.into()),
            Function::ExprelFirst => DoubleDouble::from(x).exprel(1),
            // the exponent as the tape's precision holds it
            Function::Power(exponent) => {
                DoubleDouble::from(x).pow(T::from_f64(exponent).to_f64().into())
            }
        }
    }

    /// The samples with the true values there: they take most of the time, and no vector unit has others.
    fn sampled<T: Real>(&self) -> Sampled<T> {
        let samples = self.samples::<T>();
        let truths = samples.iter().map(|x| self.truth::<T>(x.to_f64()));
        Sampled {
            truths: truths.collect(),
            samples,
        }
    }

    /// The largest error in units in the last place, and where.
    fn error<T: Real>(&self, unit: VectorUnit, sampled: &Sampled<T>) -> (f64, f64) {
        let results = self.run(unit, &sampled.samples);
        let mut worst = (0.0, f64::NAN);
        for ((x, y), &truth) in sampled.samples.iter().zip(&results).zip(&sampled.truths) {
            let size = truth.high.abs();
            // no promise is made where the result, or eˣ on the way to it, over- or underflows
            let highest = T::EXPREL_HIGHEST
                .to_f64()
                .min(T::HOT.lowest.abs().to_f64() - 1.0);
            let is_exponential = self.range.0 < 0.0 && self.range.1 <= 700.0;
            if size < T::SMALLEST_NORMAL.to_f64() || is_exponential && x.to_f64().abs() > highest {
                continue;
            }
            let ulp = size.log2().floor().exp2() * T::EPSILON.to_f64();
            let error = (((y.to_f64() - truth.high) - truth.low) / ulp).abs();
            // NaN is the worst error of all
            if error.is_nan() || error > worst.0 {
                worst = (error, x.to_f64());
            }
        }
        worst
    }
}

#[test]
fn functions_are_within_their_bounds() {
    println!("function  range                    unit     ulp f64    ulp f32");
    let mut too_far = Vec::new();
    for case in cases() {
        let (in_double, in_single) = (case.sampled::<f64>(), case.sampled::<f32>());
        for unit in VectorUnit::present() {
            let (double, at) = case.error(unit, &in_double);
            let (single, at_single) = case.error(unit, &in_single);
            let range = format!("{:e} to {:e}", case.range.0, case.range.1);
            println!(
                "{:9} {range:24} {:7} {double:8.3} {single:10.3}",
                case.name,
                unit.name()
            );
            // without fused multiply–add each step rounds once more
            let slack = if unit.is_fused() { 1.0 } else { 2.0 };
            if double > case.bounds.0 * slack {
                too_far.push(format!("{} at {at}: {double} ulp ({unit})", case.name));
            }
            if single > case.bounds.1 * slack {
                too_far.push(format!(
                    "{} at {at_single} in f32: {single} ulp ({unit})",
                    case.name
                ));
            }
        }
    }
    assert!(too_far.is_empty(), "{too_far:#?}");
}
