//! The synapses of the library, event by event, against the published equations.

use std::collections::BTreeMap;

use loligo_mechanism::event::Receiver;
use loligo_mechanism::graph::Expr;
use loligo_mechanism::library;
use loligo_mechanism::mechanism::{Dynamics, Mechanism, Placement};

/// A synapse with one or several connections, whose states are integrated by the classical scheme of fourth
/// order.
struct Synapse {
    mechanism: Mechanism,
    /// States, memories and parameters.
    numbers: BTreeMap<String, f64>,
    /// The arguments of each connection.
    connections: Vec<BTreeMap<String, f64>>,
    time: f64,
    /// The longest step, ms.
    step: f64,
    /// What it sent to itself: when, through which connection, with which flag.
    sent: Vec<(f64, usize, f64)>,
}

impl Synapse {
    fn new(name: &str, set: &[(&str, f64)], weights: &[f64]) -> Self {
        let mechanism = library::builtin(name).unwrap_or_else(|| panic!("{name} is built in"));
        assert_eq!(mechanism.placement, Placement::Point);
        let mut numbers: BTreeMap<String, f64> = mechanism
            .parameters
            .iter()
            .map(|p| (p.name.clone(), p.default))
            .collect();
        numbers.extend(set.iter().map(|&(name, value)| (name.to_owned(), value)));
        let mut synapse = Synapse {
            mechanism,
            numbers,
            connections: Vec::new(),
            time: 0.0,
            step: 0.002,
            sent: Vec::new(),
        };
        let states = synapse.mechanism.states.iter();
        for state in states.chain(&synapse.mechanism.memory) {
            let start = synapse.value(state.initial, &BTreeMap::new());
            synapse.numbers.insert(state.name.clone(), start);
        }
        for &weight in weights {
            let arguments = &synapse.receiver().arguments;
            let made: BTreeMap<String, f64> = arguments
                .iter()
                .map(|argument| (argument.name.clone(), weight))
                .collect();
            let initial = arguments
                .iter()
                .map(|argument| {
                    (
                        argument.name.clone(),
                        synapse.value(argument.initial, &made),
                    )
                })
                .collect();
            synapse.connections.push(initial);
        }
        synapse
    }

    fn receiver(&self) -> &Receiver {
        self.mechanism.receiver.as_ref().expect("takes events")
    }

    fn value(&self, expr: Expr, more: &BTreeMap<String, f64>) -> f64 {
        let lookup = |name: &str| match name {
            "t" => self.time,
            _ => *more
                .get(name)
                .or_else(|| self.numbers.get(name))
                .unwrap_or_else(|| panic!("{name} has a value")),
        };
        self.mechanism.graph.evaluate(&[expr], &lookup)[0]
    }

    /// A spike through a connection, or an event that it sent to itself.
    fn take(&mut self, connection: usize, flag: f64) {
        let mut more = self.connections[connection].clone();
        more.insert("flag".to_owned(), flag);
        let received = self.receiver();
        let updates: Vec<(String, f64)> = received
            .updates
            .iter()
            .map(|(name, expr)| (name.clone(), self.value(*expr, &more)))
            .collect();
        let arguments = received
            .arguments
            .iter()
            .map(|argument| (argument.name.clone(), self.value(argument.updated, &more)))
            .collect();
        let sent: Vec<(f64, usize, f64)> = received
            .sends
            .iter()
            .filter(|send| self.value(send.condition, &more) != 0.0)
            .map(|send| {
                let when = self.time + self.value(send.delay, &more);
                (when, connection, self.value(send.flag, &more))
            })
            .collect();
        self.numbers.extend(updates);
        self.connections[connection] = arguments;
        self.sent.extend(sent);
    }

    /// Goes on to a time; what it sent to itself arrives on the way.
    fn until(&mut self, time: f64) {
        self.sent.sort_by(|a, b| a.0.total_cmp(&b.0));
        while let Some(&(when, connection, flag)) = self.sent.first() {
            if when > time {
                break;
            }
            self.sent.remove(0);
            self.pass(when);
            self.take(connection, flag);
        }
        self.pass(time);
    }

    fn spike(&mut self, connection: usize, time: f64) {
        self.until(time);
        self.take(connection, 0.0);
    }

    /// Integrates the states.
    fn pass(&mut self, time: f64) {
        let steps = ((time - self.time) / self.step).ceil();
        let h = (time - self.time) / steps;
        for _ in 0..steps as usize {
            let before = self.states();
            let at = |synapse: &mut Self, slope: &[f64], by: f64| {
                let moved: Vec<f64> = before.iter().zip(slope).map(|(x, k)| x + by * k).collect();
                synapse.set_states(&moved);
                synapse.rates()
            };
            let k1 = self.rates();
            let k2 = at(self, &k1, h / 2.0);
            let k3 = at(self, &k2, h / 2.0);
            let k4 = at(self, &k3, h);
            let mean: Vec<f64> = (0..before.len())
                .map(|i| (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]) / 6.0)
                .collect();
            at(self, &mean, h);
        }
        self.time = time;
    }

    fn states(&self) -> Vec<f64> {
        let states = self.mechanism.states.iter();
        states.map(|state| self.numbers[&state.name]).collect()
    }

    fn set_states(&mut self, values: &[f64]) {
        for (state, value) in self.mechanism.states.iter().zip(values) {
            self.numbers.insert(state.name.clone(), *value);
        }
    }

    fn rates(&self) -> Vec<f64> {
        let states = self.mechanism.states.iter();
        let rate = |dynamics: Dynamics| match dynamics {
            Dynamics::Derivative(rate) => self.value(rate, &BTreeMap::new()),
            Dynamics::Update(_) => panic!("states have equations"),
        };
        states.map(|state| rate(state.dynamics)).collect()
    }

    /// The current at a voltage, nA.
    fn current(&self, v: f64) -> f64 {
        let more = BTreeMap::from([("v".to_owned(), v)]);
        self.value(self.mechanism.currents[0].density, &more)
    }

    /// The conductance, µS, from the current 10 mV above the reversal potential.
    fn conductance(&self) -> f64 {
        self.current(self.numbers["e"] + 10.0) / 10.0
    }
}

/// A scheme of fourth order errs by (h·rate)⁴/120 of what changes, with steps h of 0.002 ms and rates up to
/// 5.2/ms: 1e-10.
const TOLERANCE: f64 = 1e-9;

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= TOLERANCE * expected.abs(),
        "{what}: {found:e}, expected {expected:e}"
    );
}

#[test]
fn a_spike_opens_its_weight_and_the_conductance_decays() {
    let mut synapse = Synapse::new("expsyn", &[], &[2e-3, 1e-3]);
    synapse.spike(0, 1.0);
    assert_close(synapse.conductance(), 2e-3, "at the spike");
    synapse.spike(1, 4.0);
    let expected = 2e-3 * (-3.0f64 / 2.0).exp() + 1e-3;
    assert_close(synapse.conductance(), expected, "after 3 ms");
    assert_close(synapse.current(-65.0), expected * -65.0, "the current");
}

#[test]
fn the_peak_of_two_exponentials_is_the_weight() {
    for (rise, decay) in [(0.5, 2.0), (0.2, 30.0), (2.0, 2.0)] {
        let set = [("tau_rise", rise), ("tau_decay", decay)];
        let mut synapse = Synapse::new("exp2syn", &set, &[3e-3]);
        synapse.spike(0, 1.0);
        assert_eq!(synapse.conductance(), 0.0);
        // equal time constants make t·exp(−t/τ), but for one part in 10,000
        let when = if rise == decay {
            rise
        } else {
            rise * decay / (decay - rise) * f64::ln(decay / rise)
        };
        synapse.until(1.0 + when);
        let tolerance = if rise == decay { 1e-7 } else { TOLERANCE };
        assert!(
            (synapse.conductance() / 3e-3 - 1.0).abs() < tolerance,
            "{rise} {decay}"
        );
    }
}

/// The share of open receptors of a two-state scheme during and after a pulse, from `start` (Destexhe et
/// al. 1994).
fn bound(alpha: f64, beta: f64, transmitter: f64, start: f64, time: f64) -> f64 {
    let rate = alpha * transmitter + beta;
    let steady = alpha * transmitter / rate;
    steady + (start - steady) * (-rate * time).exp()
}

/// The rates of 1998: α in 1/(mM ms), β in 1/ms, and the reversal potential.
const RECEPTORS: [(&str, f64, f64, f64); 3] = [
    ("destexhe_ampa", 1.1, 0.19, 0.0),
    ("destexhe_nmda", 0.072, 0.0066, 0.0),
    ("destexhe_gabaa", 5.0, 0.18, -80.0),
];

#[test]
fn receptors_bind_during_pulses_of_transmitter() {
    for (name, alpha, beta, e) in RECEPTORS {
        let mut synapse = Synapse::new(name, &[("mg", 0.0)], &[1e-3, 4e-3]);
        assert_eq!(synapse.numbers["e"], e);
        // one connection has spikes at 1 ms and 1.4 ms, which make one pulse of 1.4 ms, and at 20 ms; the
        // other has one at 1.2 ms
        for (connection, time) in [(0, 1.0), (1, 1.2), (0, 1.4)] {
            synapse.spike(connection, time);
        }
        synapse.until(1.9);
        let open = |share: [f64; 2]| 1e-3 * share[0] + 4e-3 * share[1];
        let pulse = |time: f64| bound(alpha, beta, 1.0, 0.0, time);
        let decayed = |share: f64, time: f64| share * (-beta * time).exp();
        let both = open([pulse(0.9), pulse(0.7)]);
        assert_close(synapse.conductance(), both, name);
        synapse.until(2.3);
        let first = pulse(1.3);
        let second = decayed(pulse(1.0), 0.1);
        assert_close(synapse.conductance(), open([first, second]), name);
        synapse.spike(0, 20.0);
        synapse.until(20.5);
        let left = decayed(pulse(1.4), 17.6);
        let first = bound(alpha, beta, 1.0, left, 0.5);
        let second = decayed(pulse(1.0), 18.3);
        assert_close(synapse.conductance(), open([first, second]), name);
        synapse.until(40.0);
        let first = decayed(bound(alpha, beta, 1.0, left, 1.0), 19.0);
        let second = decayed(pulse(1.0), 37.8);
        assert_close(synapse.conductance(), open([first, second]), name);
    }
}

#[test]
fn magnesium_blocks_nmda_receptors() {
    let mut synapse = Synapse::new("destexhe_nmda", &[], &[1e-3]);
    synapse.spike(0, 1.0);
    synapse.until(3.0);
    let open: f64 = synapse.states().iter().sum();
    // 1/(1 + exp(−0.062 v)/3.57) for 1 mM
    for (v, share) in [
        (-80.0, 0.024_424_7),
        (-40.0, 0.230_155_3),
        (20.0, 0.925_018_0),
    ] {
        let found = synapse.current(v) / (open * v);
        assert!((found - share).abs() < 1e-7, "{v}: {found}");
    }
}

/// dr/dt = k1·T·(1 − r) − k2·r, ds/dt = k3·r − k4·s, g = s⁴/(s⁴ + kd).
#[test]
fn g_proteins_open_channels() {
    let mut synapse = Synapse::new("destexhe_gabab", &[], &[1.0]);
    // rates are below 0.05/ms
    synapse.step = 0.1;
    let (mut r, mut s) = (0.0, 0.0);
    let (k1, k2, k3, k4) = (0.09, 0.0012, 0.18, 0.034);
    let spikes: Vec<f64> = (1..=30).map(|k| 2.0 * f64::from(k)).collect();
    for &time in &spikes {
        synapse.spike(0, time);
    }
    synapse.until(150.0);
    // Heun's rule, whose error goes as the square of the step
    let step = 1e-4;
    for k in 0..1_500_000u32 {
        let t = (f64::from(k) + 0.5) * step;
        let pulsed = spikes.iter().any(|spike| t > *spike && t < spike + 0.3);
        let transmitter = if pulsed { 0.5 } else { 0.0 };
        let rates = |r: f64, s: f64| (k1 * transmitter * (1.0 - r) - k2 * r, k3 * r - k4 * s);
        let (dr, ds) = rates(r, s);
        let (er, es) = rates(r + step * dr, s + step * ds);
        r += step / 2.0 * (dr + er);
        s += step / 2.0 * (ds + es);
    }
    let expected = 1e-3 * s.powi(4) / (s.powi(4) + 100.0);
    assert!((synapse.conductance() / expected - 1.0).abs() < 1e-7);
    assert!(expected > 1e-6, "{expected}");
}

/// dx/dt = z/τ_rec, dy/dt = −y/τ, dz/dt = y/τ − z/τ_rec, du/dt = −u/τ_facil between spikes, and at each u
/// moves by U(1 − u) and then u·x from x to y (Tsodyks, Uziel and Markram 2000).
#[test]
fn resources_are_used_up_and_recover() {
    for (use_, recovery, facilitation) in
        [(0.5, 800.0, 0.0), (0.04, 100.0, 1000.0), (0.3, 3.0, 50.0)]
    {
        let set = [
            ("use", use_),
            ("tau_recovery", recovery),
            ("tau_facilitation", facilitation),
        ];
        let mut synapse = Synapse::new("tsodyks_markram", &set, &[2e-3]);
        let (mut x, mut y, mut u) = (1.0, 0.0, 0.0);
        let mut last = 0.0;
        for time in [1.0, 21.0, 26.0, 30.0, 31.0, 90.0] {
            let gap: f64 = time - last;
            // Heun's rule
            let steps = 200_000;
            let step = gap / f64::from(steps);
            for _ in 0..steps {
                let rate = |x: f64, y: f64| ((1.0 - x - y) / recovery, -y / 3.0);
                let (dx, dy) = rate(x, y);
                let (ex, ey) = rate(x + step * dx, y + step * dy);
                x += step / 2.0 * (dx + ex);
                y += step / 2.0 * (dy + ey);
            }
            u = if facilitation == 0.0 {
                0.0
            } else {
                u * (-gap / facilitation).exp()
            };
            u += use_ * (1.0 - u);
            (x, y) = (x - u * x, y + u * x);
            synapse.spike(0, time);
            let found = synapse.conductance();
            assert!(
                (found / (2e-3 * y) - 1.0).abs() < 1e-7,
                "{use_} at {time}: {found:e}"
            );
            last = time;
        }
    }
}

/// Tsodyks and Markram (1997): for spikes at a steady rate the response goes to U(1 − q)/(1 − (1 − U)q)
/// of the whole, q = exp(−1/(rate·τ_rec)), where active resources are inactive before the next spike.
#[test]
fn depression_goes_to_its_steady_state() {
    let mut synapse = Synapse::new("tsodyks_markram", &[("tau", 0.1)], &[1e-3]);
    synapse.step = 0.05;
    for spike in 1..=60 {
        synapse.spike(0, 50.0 * f64::from(spike));
    }
    // an inactive resource starts to recover when it is inactive, τ later
    let q = (-50.0f64 / 800.0).exp();
    let limit = 1e-3 * 0.5 * (1.0 - q) / (1.0 - 0.5 * q);
    assert!((synapse.conductance() / limit - 1.0).abs() < 3e-3);
}

#[test]
fn a_gap_junction_carries_what_the_voltages_differ_by() {
    let gap = library::builtin("halfgap").expect("is built in");
    assert!(gap.receiver.is_none());
    let vgap = gap.parameters.iter().find(|p| p.name == "vgap");
    assert!(vgap.is_some_and(|p| p.default.is_nan()), "has no default");
    let at = |name: &str| match name {
        "v" => -65.0,
        "vgap" => -40.0,
        _ => 2e-3,
    };
    let current = gap.graph.evaluate(&[gap.currents[0].density], &at)[0];
    assert_close(current, 2e-3 * -25.0, "the current");
}
