//! Hessian products, against a reference that takes second derivatives, against differences of
//! gradients, and against themselves.
//!
//! Tolerances. Product and reference are exact but for rounding: what gradients.rs says of first
//! derivatives, a few 1e-12, is magnified by a spike once more, some hundred times, which makes a
//! few 1e-10 of the size of the terms; the bound is 1e-9. In the symmetry uᵀHv = vᵀHu, where all
//! numbers move, it drowns in what bends most: 1e-10.
//! Central differences of gradients have an error of h² and of rounding/h, about (1e-12)^(2/3) =
//! 1e-8 at the best step, and more for a number that hardly matters; the bound is 1e-6.

mod support;

use std::sync::Arc;

use loligo_engine::{
    Convention, Direction, Execution, Gradient, Inputs, Plan, Recordings, RunError, Scheme, Wanted,
};
use loligo_mechanism::graph::Scalar;
use loligo_model::{Model, Quantity, Recorded};

use support::complex::{Complex, STEP};
use support::directions::{along, dot, everything, kinds, moved, slopes_along};
use support::gradient::{Case, relative_distance};
use support::hyper::Hyper;
use support::models::{
    calcium, clamped, diffusing, diffusing_along, firing, ideally_clamped, one_thread,
};
use support::samples::{by_lane, by_time};

const AGAINST_REFERENCE: f64 = 1e-9;
const AGAINST_DIFFERENCES: f64 = 1e-6;
const SYMMETRY: f64 = 1e-10;
const STEPS: (f64, usize) = (0.05, 300);

const SCHEMES: [Scheme; 2] = [Scheme::BackwardEuler, Scheme::CrankNicolson];
const CONVENTIONS: [Convention; 3] = [Convention::Native, Convention::Neuron, Convention::Jaxley];

/// A loss that bends: Σ c·r + ½·b·r² over all samples r.
struct Bent<'c, 'm> {
    case: &'c Case<'m>,
    /// b
    bends: Vec<f64>,
}

/// A gradient, and how it moves.
struct Product {
    gradient: Gradient,
    product: Gradient,
    recordings: Vec<f64>,
    tangents: Vec<f64>,
    plan: Plan,
}

impl<'c, 'm> Bent<'c, 'm> {
    fn new(case: &'c Case<'m>) -> Self {
        let samples = case.inputs.samples();
        let rows = case.model.recordings().iter().enumerate();
        let bends = rows.flat_map(|(row, recording)| {
            let scale: f64 = match recording.what {
                Recorded::Voltage => 50.0,
                _ => 1.0,
            };
            (0..samples).map(move |n| (0.7 * row as f64 + 0.11 * n as f64).sin() / scale.powi(2))
        });
        Bent {
            case,
            bends: bends.collect(),
        }
    }

    /// ∂L/∂r in all lanes.
    fn cotangents(&self, recordings: &Recordings<f64>) -> Vec<f64> {
        let each = self.case.cotangents.iter().zip(&self.bends).cycle();
        let samples = by_lane(recordings).into_iter().zip(each);
        let cotangents: Vec<f64> = samples.map(|(r, (c, b))| c + b * r).collect();
        by_time(&cotangents, recordings)
    }

    /// ∂²L/∂r²·ṙ in all lanes.
    fn moved(&self, tangents: &Recordings<f64>) -> Vec<f64> {
        let each = self.bends.iter().cycle();
        let samples = by_lane(tangents).into_iter().zip(each);
        let moved: Vec<f64> = samples.map(|(t, b)| b * t).collect();
        by_time(&moved, tangents)
    }

    fn product_of(
        &self,
        inputs: &Arc<Inputs>,
        direction: &Direction,
        wanted: &Wanted,
        (budget, execution): (usize, &Execution),
    ) -> Product {
        let program = &self.case.program;
        let trace = program
            .trace_tangent::<f64>(inputs, direction, budget, execution)
            .expect("a trace");
        assert!(trace.diverged().is_empty(), "{:?}", trace.diverged());
        let cotangents = self.cotangents(trace.recordings());
        let (gradient, product) = trace
            .pull_back(&cotangents, &self.moved(trace.tangents()), wanted)
            .expect("a product");
        Product {
            gradient,
            product,
            recordings: by_lane(trace.recordings()),
            tangents: by_lane(trace.tangents()),
            plan: trace.plan().clone(),
        }
    }

    fn product(&self, direction: &Direction, wanted: &Wanted) -> Product {
        let how = (1 << 30, &one_thread());
        self.product_of(&self.case.inputs, direction, wanted, how)
    }

    /// The gradient by itself, with the inputs moved by `step` of a direction.
    fn gradient_at(&self, direction: &Direction, step: f64, wanted: &Wanted) -> Gradient {
        let inputs = Arc::new(self.case.moved_inputs(&moved(self.case, direction), step));
        let trace = self
            .case
            .program
            .trace::<f64>(&inputs, 1 << 30, &one_thread())
            .expect("a trace");
        let cotangents = self.cotangents(trace.recordings());
        trace.pull_back(&cotangents, wanted).expect("a gradient")
    }

    /// What each sample contributes to the second derivative of the loss along two directions, by
    /// the reference.
    fn reference_terms(&self, first: &Direction, second: &Direction) -> Vec<f64> {
        let (first, second) = (moved(self.case, first), moved(self.case, second));
        let rows = self
            .case
            .rows(|value, along| Hyper::moved(value, along(&first), along(&second)));
        let samples = rows
            .iter()
            .flatten()
            .zip(self.case.cotangents.iter().zip(&self.bends));
        samples
            .map(|(r, (c, b))| {
                let slope = Complex::from_f64(*c) + Complex::from_f64(*b) * r.value;
                (slope * r.tangent).im / STEP
            })
            .collect()
    }
}

/// A lane's part of a gradient, all in one.
fn flat(gradient: &Gradient, lane: usize, lanes: usize) -> Vec<f64> {
    let parts = [
        Some(&gradient.values),
        gradient.stimuli.as_ref(),
        gradient.clamps.as_ref(),
    ];
    let parts = parts.into_iter().flatten().flat_map(|values| {
        let count = values.len() / lanes;
        &values[lane * count..(lane + 1) * count]
    });
    parts.copied().collect()
}

#[track_caller]
fn same(what: &str, a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        let equal = a.to_bits() == b.to_bits();
        assert!(equal, "{what}: number {index} is {a:e} and {b:e}");
    }
}

/// Every kind of number of a case, against the reference.
fn check_reference(case: &Case, title: &str) {
    let bent = Bent::new(case);
    let wanted = everything(case);
    let direction = along(case, &wanted, 1.0);
    let found = bent.product(&direction, &wanted);
    for (name, other) in kinds(case, &along(case, &wanted, 2.0)) {
        let (slopes, moves) = slopes_along(&wanted, &found.product, &other);
        let (product, _) = dot(&slopes, &moves);
        let terms = bent.reference_terms(&direction, &other);
        let exact: f64 = terms.iter().sum();
        // a reversal potential that follows from concentrations is not what was set
        if name == "eca" && case.shares_concentrations() {
            assert_eq!((product, exact), (0.0, 0.0), "{title}, {name}");
            continue;
        }
        let size = terms.iter().map(|t| t * t).sum::<f64>().sqrt();
        let error = (product - exact).abs() / size;
        println!("{title}, {name:20}: {product:13.6e} {error:.1e}");
        assert!(exact != 0.0, "{title}: nothing bends with {name}");
        assert!(
            error <= AGAINST_REFERENCE,
            "{title}, {name}: {product} {exact}"
        );
    }
}

/// What comes along with a product: the run, its tangents and its gradient.
///
/// The run beside the tangents differs from the plain one by rounding: the compiler of tapes fuses
/// multiplications and additions where nothing else reads what it hides, and a tape that computes a
/// tangent, too, reads more. So does the gradient, whose tape is not simplified either. Run and
/// tangents are those of `jvp`, whose tapes are the same, to the last bit.
fn check_company(case: &Case, title: &str) {
    let bent = Bent::new(case);
    let wanted = everything(case);
    let direction = along(case, &wanted, 1.0);
    let found = bent.product(&direction, &wanted);
    let (run, tangents) = case
        .program
        .jvp::<f64>(&case.inputs, &direction, &one_thread())
        .expect("a run");
    same("recordings", &found.recordings, &by_lane(&run.recordings));
    same("tangents", &found.tangents, &by_lane(&tangents));
    let plain = case.program.run::<f64>(&case.inputs, &one_thread());
    let plain = by_lane(&plain.expect("a run").recordings);
    let apart = relative_distance(&found.recordings, &plain);
    let gradient = bent.gradient_at(&direction, 0.0, &wanted);
    let [a, b] = [&found.gradient, &gradient].map(|g| flat(g, 0, 1));
    let gradients = relative_distance(&a, &b);
    println!("{title}: recordings {apart:.1e}, gradient {gradients:.1e} from those of a trace");
    assert!(apart < 1e-10, "{title}: {apart:e}");
    assert!(gradients < 1e-9, "{title}: {gradients:e}");
}

fn check_everywhere(model: &Model, title: &str) {
    for scheme in SCHEMES {
        for convention in CONVENTIONS {
            let case = Case::new(model, scheme, convention, STEPS, 1);
            let title = format!("{title}, {scheme:?}, {convention:?}");
            check_reference(&case, &title);
            check_company(&case, &title);
        }
    }
}

#[test]
fn products_of_a_firing_cell() {
    check_everywhere(&firing(), "firing");
}

#[test]
fn products_of_a_clamped_cell() {
    check_everywhere(&clamped(), "clamped");
}

#[test]
fn products_under_an_ideal_clamp() {
    check_everywhere(&ideally_clamped(), "ideal clamp");
}

/// Newton's method has second derivatives, too.
#[test]
fn products_of_calcium_that_is_shared() {
    let model = calcium();
    let case = Case::new(&model, Scheme::CrankNicolson, Convention::Native, STEPS, 1);
    check_reference(&case, "calcium");
}

/// Links move, and what flows through them.
#[test]
fn products_of_calcium_that_diffuses() {
    let model = diffusing();
    for (scheme, convention) in [
        (Scheme::CrankNicolson, Convention::Native),
        (Scheme::BackwardEuler, Convention::Jaxley),
    ] {
        let case = Case::new(&model, scheme, convention, (0.05, 200), 1);
        check_reference(&case, "diffusion");
    }
}

#[test]
fn products_of_calcium_that_diffuses_along_the_cable() {
    let model = diffusing_along();
    for (scheme, convention) in [
        (Scheme::BackwardEuler, Convention::Jaxley),
        (Scheme::CrankNicolson, Convention::Native),
    ] {
        let case = Case::new(&model, scheme, convention, (0.05, 200), 1);
        check_reference(&case, "along");
    }
}

#[test]
fn products_of_thinned_recordings() {
    let model = clamped();
    for (scheme, every) in [(Scheme::BackwardEuler, 7), (Scheme::CrankNicolson, 300)] {
        let case = Case::new(&model, scheme, Convention::Native, STEPS, every);
        check_reference(&case, &format!("every {every}"));
    }
}

/// Norm-wise for each kind of number, the best of a sweep over steps.
#[test]
fn products_equal_differences_of_gradients() {
    for model in [clamped(), ideally_clamped()] {
        for (scheme, convention) in [
            (Scheme::BackwardEuler, Convention::Native),
            (Scheme::CrankNicolson, Convention::Native),
            (Scheme::BackwardEuler, Convention::Jaxley),
        ] {
            let case = Case::new(&model, scheme, convention, STEPS, 1);
            let bent = Bent::new(&case);
            let wanted = everything(&case);
            let direction = along(&case, &wanted, 3.0);
            let found = bent.product(&direction, &wanted).product;
            let differences: Vec<Gradient> = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4]
                .into_iter()
                .map(|step| {
                    let [more, less] =
                        [step, -step].map(|s| bent.gradient_at(&direction, s, &wanted));
                    let difference = |more: &Vec<f64>, less: &Vec<f64>| {
                        let pairs = more.iter().zip(less);
                        pairs.map(|(a, b)| (a - b) / (2.0 * step)).collect()
                    };
                    let drives = |more: &Option<Vec<f64>>, less: &Option<Vec<f64>>| {
                        Some(difference(more.as_ref()?, less.as_ref()?))
                    };
                    Gradient {
                        values: difference(&more.values, &less.values),
                        stimuli: drives(&more.stimuli, &less.stimuli),
                        clamps: drives(&more.clamps, &less.clamps),
                    }
                })
                .collect();
            for (name, kind) in kinds(&case, &direction) {
                let (product, _) = slopes_along(&wanted, &found, &kind);
                let apart = differences
                    .iter()
                    .map(|d| relative_distance(&product, &slopes_along(&wanted, d, &kind).0))
                    .fold(f64::INFINITY, f64::min);
                println!("{scheme:?}, {convention:?}, {name:20}: {apart:.1e}");
                assert!(product.iter().any(|p| *p != 0.0), "{name}");
                assert!(
                    apart <= AGAINST_DIFFERENCES,
                    "{scheme:?}, {convention:?}, {name}: {apart:e}"
                );
            }
        }
    }
}

#[test]
fn the_hessian_is_symmetric() {
    for model in [clamped(), ideally_clamped()] {
        for scheme in SCHEMES {
            for convention in CONVENTIONS {
                let case = Case::new(&model, scheme, convention, STEPS, 1);
                let bent = Bent::new(&case);
                let wanted = everything(&case);
                let [u, v] = [4.0, 5.0].map(|seed| along(&case, &wanted, seed));
                let [(uhv, size), (vhu, _)] = [(&u, &v), (&v, &u)].map(|(u, v)| {
                    let product = bent.product(v, &wanted).product;
                    let (slopes, moves) = slopes_along(&wanted, &product, u);
                    dot(&slopes, &moves)
                });
                let apart = (uhv - vhu).abs() / size;
                println!("{scheme:?}, {convention:?}: {uhv:.9e} {vhu:.9e} {apart:.1e}");
                let near = apart <= SYMMETRY;
                assert!(near, "{scheme:?}, {convention:?}: {uhv} {vhu}");
            }
        }
    }
}

/// Directions for a batch: each lane has its own.
fn batch(case: &Case, wanted: &Wanted, lanes: usize) -> (Arc<Inputs>, Vec<Direction>, Direction) {
    let inputs = Arc::new(Inputs {
        lanes,
        ..(*case.inputs).clone()
    });
    let each: Vec<Direction> = (0..lanes)
        .map(|lane| along(case, wanted, lane as f64))
        .collect();
    let join = |part: fn(&Direction) -> Option<&Vec<f64>>| -> Option<Vec<f64>> {
        let parts: Option<Vec<&Vec<f64>>> = each.iter().map(part).collect();
        Some(parts?.into_iter().flatten().copied().collect())
    };
    let all = Direction {
        places: each[0].places.clone(),
        values: join(|d| Some(&d.values)).expect("values"),
        stimuli: join(|d| d.stimuli.as_ref()),
        clamps: join(|d| d.clamps.as_ref()),
    };
    (inputs, each, all)
}

#[test]
fn threads_batches_and_checkpoints_do_not_change_a_bit() {
    let model = clamped();
    for (scheme, convention) in [
        (Scheme::CrankNicolson, Convention::Native),
        (Scheme::BackwardEuler, Convention::Jaxley),
    ] {
        let case = Case::new(&model, scheme, convention, STEPS, 3);
        let bent = Bent::new(&case);
        let wanted = everything(&case);
        let lanes = 19;
        let (inputs, each, all) = batch(&case, &wanted, lanes);
        let threads = |threads| Execution {
            threads,
            ..one_thread()
        };
        let least = |count| {
            let trace = case
                .program
                .trace_tangent::<f64>(&inputs, &all, 0, &threads(count));
            match trace {
                Err(RunError::Budget { needed, .. }) => needed,
                other => panic!("{:?}", other.err()),
            }
        };
        let one = bent.product_of(&inputs, &all, &wanted, (1 << 30, &threads(1)));
        assert!(one.plan.keeps_everything(STEPS.1));
        for (count, budget) in [
            (2, 1 << 30),
            (1, least(1)),
            (2, least(2) * 3 / 2),
            (1, 2 * least(1)),
        ] {
            let several = bent.product_of(&inputs, &all, &wanted, (budget, &threads(count)));
            println!("{count} threads, {budget} bytes: {:?}", several.plan);
            assert_eq!(several.plan.keeps_everything(STEPS.1), budget == 1 << 30);
            same("recordings", &one.recordings, &several.recordings);
            same("tangents", &one.tangents, &several.tangents);
            for lane in 0..lanes {
                let [a, b] = [&one.gradient, &several.gradient].map(|g| flat(g, lane, lanes));
                same("gradient", &a, &b);
                let [a, b] = [&one.product, &several.product].map(|g| flat(g, lane, lanes));
                same("product", &a, &b);
            }
        }
        for (lane, direction) in each.iter().enumerate().step_by(6) {
            let alone = bent.product(direction, &wanted);
            same(
                "gradient of a lane",
                &flat(&one.gradient, lane, lanes),
                &flat(&alone.gradient, 0, 1),
            );
            same(
                "product of a lane",
                &flat(&one.product, lane, lanes),
                &flat(&alone.product, 0, 1),
            );
        }
    }
}

/// Within the rounding of single precision of the product in double precision, while no spike
/// magnifies it.
#[test]
fn single_precision_is_near_double_precision() {
    let steps = 60;
    let model = clamped();
    for scheme in SCHEMES {
        let case = Case::new(&model, scheme, Convention::Native, (0.05, steps), 1);
        let bent = Bent::new(&case);
        let wanted = everything(&case);
        let direction = along(&case, &wanted, 1.0);
        let double = bent.product(&direction, &wanted);
        let trace = case
            .program
            .trace_tangent::<f32>(&case.inputs, &direction, 1 << 30, &one_thread())
            .expect("a trace");
        let single = |values: Vec<f64>| values.iter().map(|v| *v as f32).collect::<Vec<_>>();
        let wide = |shown: &Recordings<f32>| Recordings {
            end: Vec::new(),
            lanes: shown.lanes,
            recordings: shown.recordings,
            samples: shown.samples,
            data: shown.data.iter().map(|v| f64::from(*v)).collect(),
        };
        let cotangents = single(bent.cotangents(&wide(trace.recordings())));
        let moved = single(bent.moved(&wide(trace.tangents())));
        let (_, product) = trace
            .pull_back(&cotangents, &moved, &wanted)
            .expect("a product");
        let apart = relative_distance(&product.values, &double.product.values);
        println!("{scheme:?}: {apart:.1e}");
        // as for gradients (bits.rs), and once more for the second derivative
        let relative = 60.0 * 60.0 * 2f64.powi(-24) * 10.0 * 10.0;
        assert!(apart < relative, "{scheme:?}: {apart:e}");
    }
}

/// A lane whose numbers leave the finite is NaN and reported; the others stay what they are.
#[test]
fn a_lane_that_diverges_is_nan() {
    let model = clamped();
    let case = Case::new(&model, Scheme::BackwardEuler, Convention::Native, STEPS, 1);
    let wanted = everything(&case);
    let (inputs, _, all) = batch(&case, &wanted, 3);
    let place = case
        .program
        .layout()
        .index(Quantity::InitialVoltage, 2)
        .expect("a voltage");
    let mut bad = (*inputs).clone();
    bad.lane_values = vec![loligo_engine::LaneValues {
        indices: vec![place],
        values: vec![bad.values[place], 1e300, bad.values[place]],
    }];
    let bent = Bent::new(&case);
    let product = |inputs: &Arc<Inputs>| {
        let trace = case
            .program
            .trace_tangent::<f64>(inputs, &all, 4 << 20, &one_thread())
            .expect("a trace");
        let diverged: Vec<usize> = trace.diverged().iter().map(|d| d.lane).collect();
        let cotangents = bent.cotangents(trace.recordings());
        let moved = bent.moved(trace.tangents());
        let pulled = trace.pull_back(&cotangents, &moved, &wanted);
        (
            diverged,
            by_lane(trace.tangents()),
            pulled.expect("a product"),
        )
    };
    let (none, tangents, (gradient, products)) = product(&inputs);
    let (one, bad_tangents, (bad_gradient, bad_products)) = product(&Arc::new(bad));
    assert_eq!((none, one), (vec![], vec![1]));
    let count = tangents.len() / 3;
    assert!(bad_tangents[count..2 * count].iter().all(|t| t.is_nan()));
    for lane in 0..3 {
        for (good, bad) in [(&gradient, &bad_gradient), (&products, &bad_products)] {
            let [good, bad] = [good, bad].map(|g| flat(g, lane, 3));
            if lane == 1 {
                assert!(bad.iter().all(|b| b.is_nan()));
            } else {
                same("another lane", &good, &bad);
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let model = clamped();
    let case = Case::new(
        &model,
        Scheme::BackwardEuler,
        Convention::Native,
        (0.05, 9),
        1,
    );
    let wanted = everything(&case);
    let direction = along(&case, &wanted, 0.0);
    let trace = |direction: &Direction, budget| {
        case.program
            .trace_tangent::<f64>(&case.inputs, direction, budget, &one_thread())
    };
    let text = |error: Option<RunError>| error.expect("refused").to_string();
    let short = Direction {
        values: vec![1.0],
        ..direction.clone()
    };
    let error = text(trace(&short, 1 << 30).err());
    let places = direction.places.len();
    let expected =
        format!("the direction of the values has 1 numbers where 1 x {places} are expected");
    assert_eq!(error, expected);
    let error = text(trace(&direction, 1000).err());
    assert!(error.ends_with("the budget is 1000"), "{error}");

    let trace = trace(&direction, 1 << 30).expect("a trace");
    let samples = trace.recordings().data.len();
    let rows = model.recordings().len();
    let right = vec![0.0; samples];
    let error = text(trace.pull_back(&[1.0], &right, &wanted).err());
    let expected =
        format!("the cotangent of the recordings has 1 numbers where 10 x 1 x {rows} are expected");
    assert_eq!(error, expected);
    let error = text(trace.pull_back(&right, &[1.0], &wanted).err());
    let expected = format!(
        "the tangent of the cotangent of the recordings has 1 numbers where 10 x 1 x {rows} are \
         expected"
    );
    assert_eq!(error, expected);
    let wrong = Wanted {
        values: vec![1 << 30],
        ..Default::default()
    };
    let error = text(trace.pull_back(&right, &right, &wrong).err());
    assert!(
        error.starts_with("place 1073741824 is not one of"),
        "{error}"
    );
}
