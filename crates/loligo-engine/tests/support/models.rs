//! Cells that tests simulate.

use std::sync::Arc;

use loligo_engine::{Convention, Execution, Program, Recordings, Scheme, lower};
use loligo_mechanism::builder::MechanismBuilder;
use loligo_mechanism::mechanism::{Course, Diffusion, Flux};
use loligo_mechanism::{Mechanism, library, nmodl};
use loligo_model::{Attachment, Model, Waveform, Window};

/// A built-in mechanism.
pub fn builtin(name: &str) -> Mechanism {
    library::builtin(name).expect("in the library")
}

/// Where a branch attaches.
pub fn on(branch: usize, at: f64) -> Option<Attachment> {
    Some(Attachment { branch, at })
}

/// Numbers around 1 that differ from place to place, and are the same in every run of the test.
pub fn varied(count: usize, seed: f64) -> Vec<f64> {
    (0..count)
        .map(|i| 1.0 + 0.2 * (2.4 * i as f64 + 1.7 * seed).sin())
        .collect()
}

/// Sets a quantity in all compartments that have it to something around `value`.
pub fn vary(model: &mut Model, name: &str, value: f64, seed: f64) {
    let quantity = model.quantity(name).expect("a quantity");
    let count = match quantity.mechanism() {
        Some(mechanism) => {
            let present = model.insertions()[mechanism].present.iter();
            present.filter(|here| **here).count()
        }
        None => {
            let column = model.values().column(quantity).unwrap_or_default();
            column.iter().flatten().count()
        }
    };
    let numbers: Vec<f64> = varied(count, seed).iter().map(|f| value * f).collect();
    model.everywhere().set(name, numbers).expect("set");
}

/// Six branches of 1 to 3 compartments, attached at ends, in the middle, and at the root's 0 end.
pub fn branched() -> Model {
    let branch = |length, radius, count| Model::cylinder(length, radius, count).expect("a branch");
    let branches = [
        branch(40.0, 6.0, 2),
        branch(150.0, 1.2, 3),
        branch(90.0, 0.8, 2),
        branch(70.0, 0.6, 1),
        branch(60.0, 0.9, 1),
        branch(80.0, 0.5, 1),
    ];
    let parents = [
        None,
        on(0, 1.0),
        on(0, 1.0),
        on(1, 0.5),
        on(0, 0.0),
        on(4, 0.0),
    ];
    Model::tree(&branches, &parents).expect("a tree")
}

/// A leak that reads the size of its compartment.
fn sized_leak() -> Mechanism {
    MechanismBuilder::new("sized")
        .parameter("g", 1e-4, "S/cm2")
        .current("i", |x| {
            let size = x.get("diam") + 0.01 * x.get("area");
            x.get("g") * size * (x.v() + 62.0)
        })
        .build()
        .expect("a mechanism")
}

/// A branched cell that fires: squid channels everywhere, a passive leak in some dendrites, calcium
/// and slow potassium channels in others, no two numbers the same; everything recordable of one
/// kind is recorded somewhere.
pub fn firing() -> Model {
    let mut model = branched();
    model.everywhere().insert(builtin("hh")).expect("inserted");
    model
        .branch(vec![2, 3])
        .insert(builtin("pas"))
        .expect("inserted");
    model
        .branch(vec![1, 3])
        .insert(builtin("pospischil_cat"))
        .expect("inserted");
    model
        .branch(1)
        .insert(builtin("pospischil_km"))
        .expect("inserted");
    model
        .branch(vec![2, 4])
        .insert(sized_leak())
        .expect("inserted");
    let numbers = [
        ("hh.gnabar", 0.12),
        ("hh.gkbar", 0.036),
        ("hh.gl", 3e-4),
        ("hh.el", -54.3),
        // more and faster than measured, so that they matter within a few milliseconds
        ("pospischil_cat.gbar", 4e-4),
        ("pospischil_km.gbar", 4e-4),
        ("pospischil_km.taumax", 200.0),
        ("ena", 50.0),
        ("ek", -77.0),
        ("axial_resistivity", 120.0),
        ("capacitance", 1.0),
    ];
    for (seed, (name, value)) in numbers.into_iter().enumerate() {
        vary(&mut model, name, value, seed as f64);
    }
    let voltage: Vec<f64> = varied(10, 9.0).iter().map(|f| -70.0 + 5.0 * f).collect();
    model.everywhere().set("v", voltage).expect("set");
    model.set_celsius(9.1).expect("set");
    model
        .branch(0)
        .compartment(0)
        .stimulate(Waveform::step(1.0, 12.0, 1.2))
        .expect("stimulated");
    model
        .branch(3)
        .stimulate(Waveform::sine(0.5, 14.0, 0.3, 130.0))
        .expect("stimulated");
    model.everywhere().record("v").expect("recorded");
    model.branch(1).record("hh.m").expect("recorded");
    for what in ["hh.h", "hh.n"] {
        model.branch(2).record(what).expect("recorded");
    }
    model
        .branch(3)
        .record("pospischil_cat.u")
        .expect("recorded");
    for (branch, what) in [
        (1, "ik"),
        (1, "ica"),
        (2, "hh.ina"),
        (3, "pas.i"),
        (0, "hh.gna"),
    ] {
        model.branch(branch).record(what).expect("recorded");
    }
    model
        .branch(vec![0, 1])
        .record("i_membrane")
        .expect("recorded");
    model
}

/// The firing cell with states that are given, and electrodes that clamp through a resistance, for a while.
pub fn clamped() -> Model {
    let mut model = firing();
    for (seed, (name, value)) in [("hh.m", 0.06), ("hh.h", 0.6), ("hh.n", 0.3)]
        .into_iter()
        .enumerate()
    {
        vary(&mut model, name, value, seed as f64);
    }
    let window = Window {
        start: 3.0,
        duration: 6.0,
    };
    let ramp = Waveform::ramp(2.0, 8.0, 30.0);
    model
        .branch(2)
        .compartment(0)
        .clamp(ramp, Some(25.0), window)
        .expect("clamped");
    let sine = Waveform::sine(0.0, 20.0, -65.0, 20.0);
    model
        .branch(4)
        .clamp(sine, Some(50.0), Window::ALWAYS)
        .expect("clamped");
    model.branch(4).record("i_clamp").expect("recorded");
    model.branch(4).record("i_membrane").expect("recorded");
    model
        .branch(2)
        .compartment(0)
        .record("i_clamp")
        .expect("recorded");
    model
}

/// The firing cell with an ideal clamp for a while, and what passes through it and its membrane.
pub fn ideally_clamped() -> Model {
    let mut model = firing();
    let command: Vec<f64> = (0..300)
        .map(|n| -65.0 + 20.0 * (0.05 * n as f64).sin())
        .collect();
    let window = Window {
        start: 2.0,
        duration: 9.0,
    };
    model
        .branch(2)
        .compartment(1)
        .clamp(Waveform::samples(command), None, window)
        .expect("clamped");
    for current in ["i_clamp", "i_membrane"] {
        let mut place = model.branch(2).compartment(1);
        place.record(current).expect("recorded");
    }
    model
}

/// Lets calcium in, and potassium out where calcium opens channels.
fn with_calcium_channels(mut model: Model) -> Model {
    let channel = "NEURON { SUFFIX ca USEION ca READ eca WRITE ica RANGE gbar }
        PARAMETER { gbar = 1e-3 (S/cm2) } STATE { m } ASSIGNED { v ica eca celsius }
        INITIAL { m = minf(v) } BREAKPOINT { SOLVE s METHOD cnexp ica = gbar*m^2*(v - eca) }
        DERIVATIVE s { m' = (minf(v) - m)/(2/1.2^((celsius - 20)/10)) }
        FUNCTION minf(v) { minf = 1/(1 + exp(-(v + 35)/7)) }";
    let opened = "NEURON { SUFFIX sk USEION k READ ek WRITE ik USEION ca READ cai RANGE gbar }
        PARAMETER { gbar = 2e-3 (S/cm2) } STATE { z } ASSIGNED { v ik ek cai }
        INITIAL { z = zinf(cai) } BREAKPOINT { SOLVE s METHOD cnexp ik = gbar*z*(v - ek) }
        DERIVATIVE s { z' = zinf(cai) - z }
        FUNCTION zinf(c) { zinf = 1/(1 + (4e-4/c)^2.4) }";
    for text in [opened, channel] {
        let mechanism = nmodl::compile(text, "calcium.mod").expect("compiles");
        model.everywhere().insert(mechanism).expect("inserted");
    }
    model
}

/// Calcium: a channel, a pool that a pump empties, and a channel that the pool opens.
pub fn calcium() -> Model {
    // two buffers' worth of coupling: what is free, and what is bound
    let pool = "NEURON { SUFFIX pool USEION ca READ cai, ica WRITE cai RANGE depth, vmax, kd, on, off }
        PARAMETER { depth = 0.1 vmax = 2e-4 kd = 1e-3 on = 50 off = 0.05 }
        STATE { cai bound } ASSIGNED { ica }
        INITIAL { bound = .01*on*cai/(on*cai + off) }
        BREAKPOINT { SOLVE s METHOD derivimplicit }
        DERIVATIVE s {
            cai' = -10*ica/(2*96.4853*depth) - vmax*cai/(cai + kd) - on*cai*(.01 - bound) + off*bound
            bound' = on*cai*(.01 - bound) - off*bound
        }";
    let pool = nmodl::compile(pool, "pool.mod").expect("compiles");
    let mut model = with_calcium_channels(firing());
    model.everywhere().insert(pool).expect("inserted");
    for what in ["cai", "eca", "ica", "sk.z", "pool.bound"] {
        model.branch(1).record(what).expect("recorded");
    }
    model
}

/// Calcium that enters through channels and diffuses, in two shells, but for one branch; the cell
/// fires, and calcium opens channels.
pub fn diffusing() -> Model {
    let shells =
        "NEURON { SUFFIX shells USEION ca READ cai, ica WRITE cai RANGE dca, exchange, share }
        PARAMETER { dca = 0.6 exchange = 0.05 share = 0.3 }
        STATE { cai inner } ASSIGNED { ica diam }
        INITIAL { inner = cai }
        BREAKPOINT { SOLVE s METHOD sparse }
        KINETIC s {
            COMPARTMENT share*diam*diam { cai }
            COMPARTMENT (1 - share)*diam*diam { inner }
            LONGITUDINAL_DIFFUSION dca*1.3^((celsius - 20)/10)*share*diam*diam { cai }
            LONGITUDINAL_DIFFUSION dca*(1 - share)*diam*diam { inner }
            ~ cai << (-300*ica*diam)
            ~ cai <-> inner (exchange*diam*diam, exchange*diam*diam)
        }";
    let shells = nmodl::compile(shells, "shells.mod").expect("compiles");
    let mut model = with_calcium_channels(firing());
    for branch in [0, 1, 2, 4, 5] {
        let mut branch = model.branch(branch);
        branch.insert(shells.clone()).expect("inserted");
    }
    for what in ["cai", "eca", "shells.inner"] {
        model.branch(1).record(what).expect("recorded");
    }
    model
}

/// Calcium that diffuses along the cable, but for one branch, while the voltage lets it in and a pump
/// takes it out; the cell fires, and calcium opens channels.
pub fn diffusing_along() -> Model {
    let pumped = "NEURON { SUFFIX pumped USEION ca READ cai WRITE cai RANGE dca, inflow, vmax, kd }
        PARAMETER { dca = 40 inflow = 4e-4 vmax = 2e-4 kd = 1e-3 } STATE { cai }
        BREAKPOINT { SOLVE s METHOD cnexp } DERIVATIVE s { cai' = -0.02*(cai - 1e-4) }";
    let mut pumped = nmodl::compile(pumped, "pumped.mod").expect("compiles");
    let graph = &mut pumped.graph;
    let [v, cai, celsius] = ["v", "cai", "celsius"].map(|name| graph.symbol(name));
    let [dca, inflow, vmax, kd] = ["dca", "inflow", "vmax", "kd"].map(|name| graph.symbol(name));
    let [one, scale, warmth] = [1.0, -0.125, 0.03].map(|value| graph.constant(value));
    let scaled = graph.mul(scale, v);
    let closed = graph.exp(scaled);
    let closed = graph.add(one, closed);
    let entering = graph.div(inflow, closed);
    let bound = graph.add(cai, kd);
    let leaving = graph.mul(vmax, cai);
    let leaving = graph.div(leaving, bound);
    let rate = graph.sub(entering, leaving);
    let warmer = graph.mul(warmth, celsius);
    let constant = graph.mul(dca, warmer);
    pumped.fluxes = vec![Flux {
        number: "cai".to_owned(),
        rate,
    }];
    let diffusion = Diffusion {
        course: Course::Cable,
        conductivity: constant,
        volume: None,
    };
    pumped.diffusions = vec![("cai".to_owned(), diffusion)];
    let mut model = with_calcium_channels(firing());
    let mut inside = model.branch(vec![0, 1, 2, 4, 5]);
    inside.insert(pumped).expect("inserted");
    for (seed, (name, value)) in [("pumped.dca", 40.0), ("cai", 3e-4)]
        .into_iter()
        .enumerate()
    {
        vary(&mut model, name, value, seed as f64);
    }
    for branch in [1, 4] {
        model.branch(branch).record("cai").expect("recorded");
    }
    model
}

/// A passive cell of three branches with a stimulus and a clamp.
pub fn passive() -> Model {
    let mut model = branched();
    model.everywhere().insert(builtin("pas")).expect("inserted");
    model
        .branch(1)
        .compartment(0)
        .stimulate(Waveform::step(1.0, 2.0, 0.1))
        .expect("stimulated");
    let window = Window {
        start: 1.0,
        duration: 1.0,
    };
    model
        .branch(2)
        .compartment(0)
        .clamp(Waveform::step(1.0, 1.0, -60.0), Some(10.0), window)
        .expect("clamped");
    model
        .branch(0)
        .compartment(0)
        .record("v")
        .expect("recorded");
    model
}

/// The program of a model.
pub fn lowered(model: &Model, scheme: Scheme, convention: Convention) -> Arc<Program> {
    Arc::new(lower(model, scheme, convention).expect("lowered"))
}

/// A single thread on the widest vector unit.
pub fn one_thread() -> Execution {
    Execution {
        threads: 1,
        ..Execution::detect().expect("a vector unit")
    }
}

/// A model's recordings with its own numbers, in double precision.
pub fn recordings(model: &Model, scheme: Scheme, dt: f64, steps: usize) -> Recordings<f64> {
    let program = lowered(model, scheme, Convention::Native);
    let inputs = Arc::new(program.inputs(dt, steps));
    let run = program.run::<f64>(&inputs, &one_thread()).expect("a run");
    assert!(run.diverged.is_empty(), "{:?}", run.diverged);
    run.recordings
}
