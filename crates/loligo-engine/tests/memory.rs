//! Memory of a gradient: counted by the allocator, and seen from outside by the operating system.
//!
//! The tests run one after the other, since they count what the whole process allocates.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use loligo_engine::{Convention, Direction, Execution, Program, RunError, Scheme, Wanted};
use loligo_model::{Model, Quantity, Waveform};

use support::models::{builtin, firing, lowered, on, one_thread};
use support::quadratic::least_budget;

/// Counts the bytes that are allocated now, and the most that ever were.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grow(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

fn shrink(bytes: usize) {
    NOW.fetch_sub(bytes, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // both are there while the old is copied to the new
        grow(size);
        // SAFETY: the caller keeps the contract of `realloc`.
        let moved = unsafe { System.realloc(pointer, layout, size) };
        shrink(layout.size());
        moved
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The most bytes that `work` holds at a time beyond what was there before, and its result.
fn most_allocated<R>(work: impl FnOnce() -> R) -> (usize, R) {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let result = work();
    (PEAK.load(Ordering::Relaxed) - before, result)
}

/// The first parameter of the first mechanism, and all radii.
fn wanted(program: &Program) -> Wanted {
    let conductance = Quantity::Parameter {
        mechanism: 0,
        parameter: 0,
    };
    let layout = program.layout();
    let places =
        |quantity| (0..program.compartments()).filter_map(move |c| layout.index(quantity, c));
    Wanted {
        values: [conductance, Quantity::Radius]
            .into_iter()
            .flat_map(places)
            .collect(),
        ..Default::default()
    }
}

/// A squid cell of 1,000 compartments in 50 branches.
fn cell() -> Model {
    let branch = Model::cylinder(400.0, 1.0, 20).expect("a branch");
    let parents: Vec<_> = (0..50usize)
        .map(|index| match index {
            0 => None,
            _ => on((index - 1) / 2, 1.0),
        })
        .collect();
    let mut model = Model::tree(&vec![branch; 50], &parents).expect("a tree");
    model.everywhere().insert(builtin("hh")).expect("inserted");
    model
        .branch(0)
        .compartment(0)
        .stimulate(Waveform::step(1.0, f64::INFINITY, 2.0))
        .expect("stimulated");
    model.branch(49).at(1.0).record("v").expect("recorded");
    model
}

/// A line of /proc/self/status, in bytes; `None` where there is no such file.
fn status(field: &str) -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: usize = line
        .trim_start_matches(':')
        .split_whitespace()
        .next()?
        .parse()
        .ok()?;
    Some(kibibytes << 10)
}

#[test]
fn a_long_gradient_keeps_to_its_budget() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    const BUDGET: usize = 32 << 20;
    const SLACK: usize = 8 << 20;
    let steps = 100_000;
    let program = lowered(&cell(), Scheme::BackwardEuler, Convention::Native);
    assert_eq!(program.compartments(), 1000);
    let inputs = Arc::new(program.inputs(0.025, steps));
    let wanted = wanted(&program);
    let cotangents = vec![1e-3; inputs.samples()];

    let resident = status("VmRSS");
    let start = Instant::now();
    let (peak, (trace, gradient, traced)) = most_allocated(|| {
        let trace = program
            .trace::<f64>(&inputs, BUDGET, &one_thread())
            .expect("it fits");
        let traced = start.elapsed().as_secs_f64();
        let gradient = trace.pull_back(&cotangents, &wanted);
        (trace, gradient.expect("a gradient"), traced)
    });
    let all = start.elapsed().as_secs_f64();
    let most_resident = status("VmHWM");

    let outputs = 8 * (trace.recordings().data.len() + gradient.values.len());
    let used = peak - outputs;
    let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    println!(
        "1000 compartments, {steps} steps, {:?}: {:.2} MiB beside {:.2} MiB of results; {traced:.1} s \
         forward, {all:.1} s in all",
        trace.plan(),
        mebibytes(used),
        mebibytes(outputs),
    );
    assert!(trace.diverged().is_empty());
    assert!(gradient.values.iter().all(|v| v.is_finite() && *v != 0.0));
    assert!(used <= BUDGET, "{used} bytes of {BUDGET}");
    // the budget is for use: a plan that hardly keeps anything would run everything many times
    assert!(trace.plan().runs(steps) <= 3, "{:?}", trace.plan());
    if let (Some(before), Some(most)) = (resident, most_resident) {
        let grown = most.saturating_sub(before);
        println!("resident memory grew by {:.2} MiB", mebibytes(grown));
        assert!(grown <= BUDGET + SLACK, "{grown} bytes");
    }
}

/// Short runs, single lanes and batches, one thread and two, from the least budget that is accepted
/// to one that keeps everything. Workspaces that an earlier run left to be used again are not counted
/// a second time.
#[test]
fn every_budget_is_kept() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut cells = cell();
    cells.branch(3).insert(builtin("pas")).expect("inserted");
    for (model, lanes, steps) in [(firing(), 1, 3000), (firing(), 150, 150), (cells, 3, 200)] {
        let program = lowered(&model, Scheme::CrankNicolson, Convention::Native);
        let wanted = wanted(&program);
        let mut inputs = program.inputs(0.05, steps);
        inputs.lanes = lanes;
        inputs.record_every = steps;
        let inputs = Arc::new(inputs);
        let results = lanes * (2 * program.recordings() + wanted.values.len()) * 8;
        let cotangents = vec![1.0; 2 * lanes * program.recordings()];
        // tapes are made when they are first asked for, and belong to the program
        let gradient = |budget, threads| {
            let execution = Execution {
                threads,
                ..one_thread()
            };
            let trace = program
                .trace::<f64>(&inputs, budget, &execution)
                .expect("it fits");
            let gradient = trace.pull_back(&cotangents, &wanted).expect("a gradient");
            (trace.plan().clone(), gradient)
        };
        gradient(1 << 30, 1);
        for threads in [1, 2] {
            let least = match program.plan::<f64>(&inputs, 0, threads) {
                Err(RunError::Budget { needed, .. }) => needed,
                other => panic!("{other:?}"),
            };
            let states = least.saturating_sub(1 << 20);
            for factor in [0, 1, 2, 9, 29] {
                let budget = least + factor * states;
                let (peak, (plan, _)) = most_allocated(|| gradient(budget, threads));
                let used = peak.saturating_sub(results);
                println!("{lanes} lanes, {steps} steps: {used} bytes of {budget}, {plan:?}");
                assert!(used <= budget, "{used} bytes of {budget}");
            }
        }
    }
}

/// The events that were delivered are in the budget too: here they take more than all states.
#[test]
fn a_budget_has_room_for_events() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    const CELLS: usize = 100;
    let mut cell = Model::cylinder(20.0, 10.0, 1).expect("a cylinder");
    for name in ["hh", "expsyn"] {
        cell.everywhere().insert(builtin(name)).expect("inserted");
    }
    let mut model = Model::network(&vec![cell; CELLS]).expect("a network");
    let step = Waveform::step(0.0, f64::INFINITY, 0.3);
    model.cell(0..50).stimulate(step).expect("stimulated");
    let all: Vec<usize> = (0..CELLS).collect();
    let sources = model.detect_spikes(&all, 0.0).expect("watched");
    let (from, onto): (Vec<usize>, Vec<usize>) = (0..CELLS * CELLS)
        .map(|pair| (sources[pair / CELLS], pair % CELLS))
        .unzip();
    model
        .connect_events("expsyn", &from, &onto)
        .expect("connected");
    let weights = model.synapses("expsyn").expect("there are some");
    for (name, value) in [("expsyn.weight", 1e-4), ("expsyn.delay", 1.0)] {
        model.set_synapses(name, value, &weights).expect("set");
    }
    model.cell(0).record("v").expect("recorded");
    let program = lowered(&model, Scheme::BackwardEuler, Convention::Native);
    let wanted = wanted(&program);
    let inputs = Arc::new(program.inputs(0.025, 8000));
    let gradient = |budget| {
        let trace = program
            .trace::<f64>(&inputs, budget, &one_thread())
            .expect("it fits");
        let cotangents = vec![1.0; trace.recordings().data.len()];
        trace.pull_back(&cotangents, &wanted).expect("a gradient");
        (trace.plan().clone(), trace.spikes().len())
    };
    gradient(1 << 30);
    let least = least_budget(&program, &inputs);
    for budget in [least, 2 * least, 8 * least] {
        let (peak, (plan, spikes)) = most_allocated(|| gradient(budget));
        println!("{spikes} spikes: {peak} bytes of {budget}, {plan:?}");
        assert!(spikes * CELLS * 50 > 5 << 20, "few events");
        assert!(peak <= budget, "{peak} bytes of {budget}");
    }
}

/// The same for a Hessian product, whose recordings and gradients come with tangents.
#[test]
fn every_budget_of_a_hessian_product_is_kept() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for (model, lanes, steps) in [(firing(), 1, 3000), (firing(), 150, 150)] {
        let program = lowered(&model, Scheme::CrankNicolson, Convention::Native);
        let wanted = wanted(&program);
        let mut inputs = program.inputs(0.05, steps);
        inputs.lanes = lanes;
        inputs.record_every = steps;
        let inputs = Arc::new(inputs);
        let direction = Direction {
            places: wanted.values.clone(),
            values: vec![1e-4; lanes * wanted.values.len()],
            ..Default::default()
        };
        let results = 2 * lanes * (2 * program.recordings() + wanted.values.len()) * 8;
        let cotangents = vec![1.0; 2 * lanes * program.recordings()];
        let product = |budget, threads| {
            let execution = Execution {
                threads,
                ..one_thread()
            };
            let trace = program.trace_tangent::<f64>(&inputs, &direction, budget, &execution)?;
            let products = trace.pull_back(&cotangents, &cotangents, &wanted)?;
            Ok((trace.plan().clone(), products))
        };
        product(1 << 30, 1).expect("it fits");
        for threads in [1, 2] {
            let least = match product(0, threads) {
                Err(RunError::Budget { needed, .. }) => needed,
                other => panic!("{other:?}"),
            };
            for budget in [least, 3 * least / 2, 3 * least, 10 * least, 30 * least] {
                let (peak, outcome) = most_allocated(|| product(budget, threads));
                let (plan, _) = outcome.expect("it fits");
                let used = peak.saturating_sub(results);
                println!("{lanes} lanes, {steps} steps: {used} bytes of {budget}, {plan:?}");
                assert!(used <= budget, "{used} bytes of {budget}");
            }
        }
    }
}
