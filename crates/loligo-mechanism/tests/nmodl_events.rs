//! NET_RECEIVE: what events do to the variables of a mechanism, and the events that it sends.

use loligo_mechanism::event::{Broadcast, Receiver};
use loligo_mechanism::graph::Expr;
use loligo_mechanism::mechanism::{Mechanism, Placement};
use loligo_mechanism::nmodl;

fn compile(text: &str) -> Mechanism {
    nmodl::compile(text, "x.mod").unwrap_or_else(|error| panic!("{error}"))
}

fn receiver(mechanism: &Mechanism) -> &Receiver {
    mechanism.receiver.as_ref().expect("takes events")
}

fn value(mechanism: &Mechanism, expr: Expr, at: &[(&str, f64)]) -> f64 {
    let lookup = |name: &str| {
        let mut parameters = mechanism.parameters.iter();
        let given = at
            .iter()
            .find(|(given, _)| *given == name)
            .map(|(_, value)| *value);
        let default = || parameters.find(|p| p.name == name).map(|p| p.default);
        given
            .or_else(default)
            .unwrap_or_else(|| panic!("{name} has no value"))
    };
    mechanism.graph.evaluate(&[expr], &lookup)[0]
}

/// What a state or memory is after an event.
fn after(mechanism: &Mechanism, name: &str, at: &[(&str, f64)]) -> f64 {
    let updates = &receiver(mechanism).updates;
    let update = updates.iter().find(|(updated, _)| updated == name);
    let (_, expr) = update.unwrap_or_else(|| panic!("{name} is changed by events"));
    value(mechanism, *expr, at)
}

/// A synapse with short-term depression: a state jumps, a variable remembers the last event, and the
/// connection keeps what is left of its resource.
const SYNAPSE: &str = "NEURON { POINT_PROCESS x NONSPECIFIC_CURRENT i RANGE tau, recovery, e }
    PARAMETER { tau = 3 (ms) recovery = 100 (ms) use = .5 e = 0 (mV) }
    ASSIGNED { v (mV) i (nA) last (ms) unread }
    STATE { g (uS) }
    INITIAL { g = 0 last = -1000 }
    BREAKPOINT { SOLVE s METHOD cnexp  i = g*(v - e) }
    DERIVATIVE s { g' = -g/tau }
    NET_RECEIVE (weight (uS), left, tsyn (ms)) {
        INITIAL { left = 1  tsyn = t }
        IF (weight <= 0) { VERBATIM return; ENDVERBATIM }
        left = 1 - (1 - left)*exp(-(t - tsyn)/recovery)
        IF (t - last > 1) { state_discontinuity(g, g + weight*use*left) }
        left = left*(1 - use)
        tsyn = t
        last = t
        unread = weight
    }";

#[test]
fn an_event_changes_states_memories_and_its_connection() {
    let mechanism = compile(SYNAPSE);
    assert_eq!(mechanism.placement, Placement::Point);
    let received = receiver(&mechanism);
    let names: Vec<&str> = received.arguments.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["weight", "left", "tsyn"]);
    let initial: Vec<f64> = received
        .arguments
        .iter()
        .map(|argument| value(&mechanism, argument.initial, &[("weight", 2.0)]))
        .collect();
    assert_eq!(initial, [2.0, 1.0, 0.0]);

    let at = |weight: f64, t: f64| {
        [
            ("weight", weight),
            ("t", t),
            ("g", 0.25),
            ("left", 0.5),
            ("tsyn", t),
            ("last", 4.0),
            ("flag", 0.0),
        ]
    };
    assert_eq!(
        after(&mechanism, "g", &at(2.0, 7.0)),
        0.25 + 2.0 * 0.5 * 0.5
    );
    assert_eq!(after(&mechanism, "g", &at(2.0, 4.5)), 0.25);
    assert_eq!(after(&mechanism, "last", &at(2.0, 7.0)), 7.0);
    let left = received.arguments[1].updated;
    assert_eq!(value(&mechanism, left, &at(2.0, 7.0)), 0.25);
    // `return;` leaves everything as it was
    assert_eq!(after(&mechanism, "g", &at(-1.0, 7.0)), 0.25);
    assert_eq!(after(&mechanism, "last", &at(-1.0, 7.0)), 4.0);
    assert_eq!(value(&mechanism, left, &at(-1.0, 7.0)), 0.5);
    // what nothing reads is not remembered
    assert!(received.updates.iter().all(|(name, _)| name != "unread"));
    assert!(mechanism.memory.iter().any(|state| state.name == "last"));
}

#[test]
fn a_cell_by_itself_sends_events() {
    let mechanism = compile(
        "NEURON { ARTIFICIAL_CELL x RANGE tau, m } PARAMETER { tau = 10 (ms) } ASSIGNED { m t0 (ms) }
         INITIAL { m = 0  t0 = t  net_send(2, 7) }
         NET_RECEIVE (w) {
             m = m*exp(-(t - t0)/tau)
             t0 = t
             IF (flag == 0) {
                 m = m + w
                 IF (m > 1) { net_event(t + 0.5)  m = 0 }
             } ELSE {
                 net_send(tau, flag)
             }
         }",
    );
    assert_eq!(mechanism.placement, Placement::Cell);
    let received = receiver(&mechanism);
    let start = &received.initial_sends[0];
    let number = |expr| value(&mechanism, expr, &[]);
    assert_eq!((number(start.delay), number(start.flag)), (2.0, 7.0));
    let at = |m: f64, flag: f64| {
        [
            ("m", m),
            ("t0", 5.0),
            ("t", 5.0),
            ("w", 0.75),
            ("flag", flag),
        ]
    };
    assert_eq!(after(&mechanism, "m", &at(0.125, 0.0)), 0.875);
    assert_eq!(after(&mechanism, "m", &at(0.5, 0.0)), 0.0);
    let fire = &received.fires[0];
    assert_ne!(value(&mechanism, fire.condition, &at(0.5, 0.0)), 0.0);
    assert_eq!(value(&mechanism, fire.condition, &at(0.125, 0.0)), 0.0);
    assert_eq!(value(&mechanism, fire.condition, &at(0.5, 1.0)), 0.0);
    assert_eq!(value(&mechanism, fire.time, &at(0.5, 0.0)), 5.5);
    let again = &received.sends[0];
    assert_ne!(value(&mechanism, again.condition, &at(0.5, 7.0)), 0.0);
    assert_eq!(value(&mechanism, again.condition, &at(0.5, 0.0)), 0.0);
    assert_eq!(value(&mechanism, again.flag, &at(0.5, 7.0)), 7.0);
    assert!(!again.moves);
}

#[test]
fn a_threshold_is_watched_and_connections_hear_of_it() {
    let mechanism = compile(
        "NEURON { POINT_PROCESS x RANGE threshold } PARAMETER { threshold = -20 (mV) } ASSIGNED { v (mV) }
         INITIAL { net_send(0, 1) }
         NET_RECEIVE (w, traced) {
             IF (flag == 1) { WATCH (v > threshold) 2 }
             IF (flag == 2) { FOR_NETCONS (weight, trace) { weight = weight + 0.1*trace  trace = 0 } net_move(t + 3) }
         }",
    );
    let received = receiver(&mechanism);
    let watch = &received.watches[0];
    let at = |flag: f64| [("flag", flag), ("v", -15.0), ("t", 1.0)];
    assert_ne!(value(&mechanism, watch.condition, &at(1.0)), 0.0);
    assert_eq!(value(&mechanism, watch.condition, &at(2.0)), 0.0);
    assert_eq!(value(&mechanism, watch.rises, &at(1.0)), 5.0);
    assert_eq!(value(&mechanism, watch.flag, &at(1.0)), 2.0);
    let broadcast = &received.broadcasts[0];
    let each = [Broadcast::symbol(0), Broadcast::symbol(1)];
    let of_one = [(each[0].as_str(), 2.0), (each[1].as_str(), 5.0)];
    let updated: Vec<f64> = broadcast
        .updated
        .iter()
        .map(|e| value(&mechanism, *e, &of_one))
        .collect();
    assert_eq!(updated, [2.5, 0.0]);
    let moved = &received.sends[0];
    assert!(moved.moves);
    assert_eq!(value(&mechanism, moved.delay, &at(2.0)), 3.0);
}

#[test]
fn events_that_make_no_sense() {
    let wrong = |text: &str| {
        let error = nmodl::compile(text, "x.mod").expect_err("is refused");
        error
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        wrong("NEURON { POINT_PROCESS x } INITIAL { net_send(1, 1) }"),
        "x.mod:1:1: INITIAL sends an event, but there is no NET_RECEIVE to take it"
    );
    assert_eq!(
        wrong("NEURON { POINT_PROCESS x } BREAKPOINT { net_event(t) }"),
        "x.mod:1:41: net_event has no meaning in BREAKPOINT"
    );
    assert_eq!(
        wrong("NEURON { POINT_PROCESS x } NET_RECEIVE (w) { net_send(1) }"),
        "x.mod:1:46: `net_send` takes 2 arguments, not 1"
    );
    assert_eq!(
        wrong("NEURON { POINT_PROCESS x } ASSIGNED { v } NET_RECEIVE (w) { WATCH (v) 1 }"),
        "x.mod:1:68: WATCH waits for one value to pass another: WATCH (v > threshold) 1"
    );
    assert_eq!(
        wrong("NEURON { POINT_PROCESS x POINTER p } NET_RECEIVE (w) { p = w }"),
        "x.mod:1:56: `p` cannot be assigned here: a POINTER is only read here: what it points to is not \
         the mechanism's"
    );
}
