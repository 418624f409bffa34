//! Point cells with events.
use std::sync::Arc;
use std::time::Instant;
use loligo_engine::{Convention, Execution, Scheme, Wanted, lower};
use loligo_mechanism::library;
use loligo_model::{Model, Quantity, Waveform};
fn main() {
    let arg = |n: usize, d: usize| std::env::args().nth(n).map_or(d, |a| a.parse().unwrap());
    let (cells, per, steps) = (arg(1, 1000), arg(2, 10), arg(3, 4000));
    let amp: f64 = std::env::args().nth(6).map_or(0.02, |a| a.parse().unwrap());
    let mut cell = Model::cylinder(10.0, 2.0, 1).unwrap();
    cell.everywhere().insert(library::builtin("hh").unwrap()).unwrap();
    cell.everywhere().insert(library::builtin("expsyn").unwrap()).unwrap();
    let mut model = Model::network(&vec![cell; cells]).unwrap();
    let t = Instant::now();
    let n = cells * per;
    let mut x = 12345u64;
    let mut rnd = || { x ^= x << 13; x ^= x >> 7; x ^= x << 17; x };
    let pre: Vec<usize> = (0..n).map(|_| (rnd() % cells as u64) as usize).collect();
    let post: Vec<usize> = (0..n).map(|i| i / per).collect();
    let delays: Vec<f64> = (0..n).map(|_| 1.0 + (rnd() % 4000) as f64 * 1e-3).collect();
    let sources = model.detect_spikes(&pre, 0.0).unwrap();
    if per > 0 { model.connect_events("expsyn", &sources, &post).unwrap();
    let all = model.synapses("expsyn").unwrap();
    model.set_synapses("expsyn.weight", 2e-5, &all).unwrap();
    model.set_synapses("expsyn.delay", delays, &all).unwrap(); }
    println!("connect {:?}", t.elapsed());
    for c in 0..cells { model.cell(c).stimulate(Waveform::step(1.0, 1e9, 0.005 + amp * c as f64 / cells as f64)).unwrap(); }
    model.cell(0).record("v").unwrap();
    let t = Instant::now();
    let program = Arc::new(lower(&model, Scheme::BackwardEuler, Convention::Native).unwrap());
    println!("lower {:?}", t.elapsed());
    let inputs = Arc::new(program.inputs(0.025, steps));
    let mut execution = Execution::detect().unwrap();
    execution.threads = arg(4, 1);
    let per_step = 1e9 / (cells * steps) as f64;
    let time = |work: &mut dyn FnMut()| { let mut b = f64::INFINITY; for _ in 0..arg(5, 5) { let s = Instant::now(); work(); b = b.min(s.elapsed().as_secs_f64()); } b*per_step };
    let spikes = program.run::<f64>(&inputs, &execution).unwrap().spikes.len();
    let run = time(&mut || { let r = program.run::<f64>(&inputs, &execution).unwrap(); assert!(r.diverged.is_empty()); });
    println!("run {run:.1} ns per cell and step; {spikes} spikes, {:.2} events per step, {:.1} Hz", (spikes * per) as f64 / steps as f64, spikes as f64 / cells as f64 / (steps as f64 * 25e-6));
    if per > 0 && arg(7, 0) > 0 {
    let layout = program.layout();
    let q = model.quantity("expsyn.weight").unwrap();
    let w = Wanted { values: (0..n).map(|row| layout.index(q, row).unwrap()).collect(), ..Wanted::default() };
    let _ = Quantity::Radius;
    let grad = time(&mut || {
        let trace = program.trace::<f64>(&inputs, 4<<30, &execution).unwrap();
        let c = vec![1.0; trace.recordings().data.len()];
        trace.pull_back(&c, &w).unwrap();
    });
    println!("gradient {grad:.1}, ratio {:.2}", grad/run); }
}
