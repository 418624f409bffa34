//! Stimuli, clamps and recordings.

mod common;

use std::f64::consts::PI;

use common::{channel, fork, leak, message, sodium, two_forks};
use loligo_model::{Model, Recorded, Waveform, Window};
use proptest::prelude::*;

#[test]
fn waveforms_are_what_their_names_say() {
    let step = Waveform::Step {
        start: 1.0,
        duration: 2.0,
        amplitude: 0.5,
        baseline: -0.1,
    };
    assert_eq!(
        [0.99, 1.0, 2.99, 3.0].map(|t| step.at(t, 0)),
        [-0.1, 0.5, 0.5, -0.1]
    );

    let ramp = Waveform::ramp(1.0, 4.0, 2.0);
    assert_eq!(
        [0.0, 1.0, 3.0, 5.0].map(|t| ramp.at(t, 0)),
        [0.0, 0.0, 1.0, 0.0]
    );

    // 50 Hz: a quarter of a period is 5 ms
    let sine = Waveform::sine(10.0, 100.0, 3.0, 50.0);
    assert!((sine.at(15.0, 0) - 3.0).abs() < 1e-12);
    assert!(sine.at(20.0, 0).abs() < 1e-12);
    assert_eq!(sine.at(9.0, 0), 0.0);
    let cosine = Waveform::Sine {
        start: 0.0,
        duration: 1.0,
        amplitude: 1.0,
        baseline: 2.0,
        frequency: 1.0,
        phase: PI / 2.0,
    };
    assert!((cosine.at(0.0, 0) - 3.0).abs() < 1e-12);

    let samples = Waveform::samples([1.0, 2.0]);
    assert_eq!([0, 1, 2].map(|step| samples.at(0.0, step)), [1.0, 2.0, 0.0]);
}

#[test]
fn what_is_played_moves_with_its_cell_and_goes_with_its_mechanism() {
    let mut cell = fork();
    cell.everywhere().insert(leak()).unwrap();
    cell.branch(1).insert(sodium()).unwrap();
    let step = Waveform::step(1.0, 2.0, 0.1);
    cell.branch(1).play("sodium.gbar", step.clone()).unwrap();
    let own: Vec<usize> = cell.plays().iter().map(|play| play.row).collect();
    let compartments = cell.shape().compartments.len();
    let network = Model::network(&[cell.clone(), cell.clone()]).unwrap();
    let there: Vec<usize> = network.plays().iter().map(|play| play.row).collect();
    let moved = own.iter().map(|row| row + compartments);
    assert_eq!(there, own.iter().copied().chain(moved).collect::<Vec<_>>());

    for (refused, expected) in [
        (
            cell.everywhere().uninsert("sodium").unwrap_err(),
            "is played",
        ),
        (
            cell.branch(1)
                .play("sodium.gbar", step.clone())
                .unwrap_err(),
            "is played in",
        ),
        (
            cell.branch(1).trainable("sodium.gbar", None).unwrap_err(),
            "both played and trained",
        ),
        (
            cell.everywhere().play("radius", step.clone()).unwrap_err(),
            "it belongs to the cable",
        ),
        (
            cell.everywhere().play("sodium.gbra", step).unwrap_err(),
            "did you mean `sodium.gbar`",
        ),
    ] {
        assert!(message(&refused).contains(expected), "{refused}");
    }
    // mechanisms are counted anew
    cell.everywhere().uninsert("leak").unwrap();
    assert_eq!(
        cell.quantity("sodium.gbar").unwrap(),
        cell.plays()[0].quantity
    );
    cell.branch(1).delete_plays().unwrap();
    assert!(cell.plays().is_empty());
    cell.everywhere().uninsert("sodium").unwrap();
}

#[test]
fn waveforms_that_cannot_be_are_refused() {
    let mut cell = fork();
    for (waveform, expected) in [
        (
            Waveform::step(f64::NAN, 1.0, 1.0),
            "start of the waveform is NaN, expected a finite number",
        ),
        (
            Waveform::step(0.0, -1.0, 1.0),
            "duration of the waveform is -1, expected 0 or more ms",
        ),
        (
            Waveform::step(0.0, 1.0, f64::INFINITY),
            "amplitude of the waveform is inf, expected a finite number",
        ),
        (
            Waveform::ramp(0.0, f64::INFINITY, 1.0),
            "duration of the waveform is inf, expected a finite number",
        ),
        (
            Waveform::sine(0.0, 1.0, 1.0, f64::NAN),
            "frequency of the waveform is NaN, expected a finite number",
        ),
        (
            Waveform::samples([0.0, f64::NAN]),
            "sample 1 of the waveform is NaN, expected a finite number",
        ),
    ] {
        assert_eq!(message(cell.at(0.5).stimulate(waveform)), expected);
    }
    assert!(cell.stimuli().is_empty());
    // a step may last for ever
    cell.at(0.5)
        .stimulate(Waveform::step(1.0, f64::INFINITY, 1.0))
        .unwrap();
}

#[test]
fn stimuli_add_up_and_are_deleted_by_place() {
    let mut cell = fork();
    let step = Waveform::step(1.0, 1.0, 0.1);
    assert_eq!(
        cell.branch(0).at(0.5).stimulate(step.clone()).unwrap(),
        0..1
    );
    assert_eq!(cell.at(0.0).stimulate(step).unwrap(), 1..4);
    assert_eq!(cell.stimuli().len(), 4);
    cell.branch(0).delete_stimuli().unwrap();
    let left: Vec<_> = cell.stimuli().iter().map(|s| s.compartment).collect();
    assert_eq!(left, [2, 5]);
}

#[test]
fn recordings_have_rows_in_the_order_of_asking() {
    let mut cell = fork();
    cell.everywhere().insert(sodium()).unwrap();
    assert_eq!(cell.branch(1).at(1.0).record("v").unwrap(), [0]);
    assert_eq!(
        cell.branch(0).compartment(..).record("sodium.m").unwrap(),
        [1, 2]
    );
    // what is there already keeps its row
    assert_eq!(cell.at(1.0).record("v").unwrap(), [3, 0, 4]);
    assert_eq!(cell.branch(0).at(0.0).record_as("soma", "v").unwrap(), [5]);
    let names: Vec<_> = cell.recordings().iter().map(|r| r.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "branch[1](0.8333).v",
            "branch[0](0.25).sodium.m",
            "branch[0](0.75).sodium.m",
            "branch[0](0.75).v",
            "branch[2](0.875).v",
            "soma"
        ]
    );
    cell.branch(0).delete_recordings().unwrap();
    assert_eq!(cell.recordings().len(), 2);
}

#[test]
fn everything_that_has_a_name_can_be_recorded() {
    let mut cell = fork();
    cell.everywhere().insert(channel("leak", "k", 0.1)).unwrap();
    cell.everywhere().insert(sodium()).unwrap();
    cell.branch(0)
        .clamp(Waveform::step(0.0, 1.0, -20.0), Some(1.0), Window::ALWAYS)
        .unwrap();
    for (name, expected) in [
        ("v", Recorded::Voltage),
        (
            "sodium.m",
            Recorded::State {
                mechanism: 1,
                state: 0,
            },
        ),
        (
            "m_sodium",
            Recorded::State {
                mechanism: 1,
                state: 0,
            },
        ),
        (
            "sodium.ina",
            Recorded::Current {
                mechanism: 1,
                current: 0,
            },
        ),
        ("ina", Recorded::IonCurrent { ion: 1 }),
        (
            "leak.g",
            Recorded::Observable {
                mechanism: 0,
                observable: 0,
            },
        ),
        ("i_membrane", Recorded::MembraneCurrent),
        ("i_clamp", Recorded::ClampCurrent { clamp: 1 }),
    ] {
        let row = cell.branch(0).at(1.0).record(name).unwrap()[0];
        assert_eq!(cell.recordings()[row].what, expected, "{name}");
    }
}

#[test]
fn what_cannot_be_recorded_is_said() {
    let mut cell = fork();
    cell.branch(0).insert(sodium()).unwrap();
    for (name, expected) in [
        (
            "ina",
            "`ina` does not exist in cell 0, branch 1, compartment 0: no mechanism there carries it",
        ),
        (
            "sodium.m",
            "`sodium.m` does not exist in cell 0, branch 1, compartment 0: `sodium` is not inserted there",
        ),
        (
            "i_clamp",
            "`i_clamp` does not exist in cell 0, branch 1, compartment 0: it is not clamped",
        ),
        ("m", "there is no recordable `m`; did you mean `sodium.m`?"),
        (
            "i_membran",
            "there is no recordable `i_membran`; did you mean `i_membrane`?",
        ),
        ("sodium.gbar", "there is no recordable `sodium.gbar`"),
    ] {
        let said = message(cell.branch(1).record(name));
        assert!(said.starts_with(expected), "{said}");
    }
    assert!(cell.recordings().is_empty());
}

#[test]
fn clamps_that_cannot_be_are_refused() {
    let mut cell = fork();
    let hold = || Waveform::samples([-70.0; 4]);
    for (resistance, window, expected) in [
        (
            Some(0.0),
            Window::ALWAYS,
            "series_resistance of the clamp is 0, expected a positive number of MΩ, or none for an ideal clamp",
        ),
        (
            Some(f64::NAN),
            Window::ALWAYS,
            "series_resistance of the clamp is NaN",
        ),
        (
            None,
            Window {
                start: f64::NAN,
                duration: 1.0,
            },
            "start of the clamp is NaN",
        ),
        (
            None,
            Window {
                start: 0.0,
                duration: -1.0,
            },
            "duration of the clamp is -1, expected 0 or more ms",
        ),
    ] {
        let said = message(cell.at(0.5).clamp(hold(), resistance, window));
        assert!(said.starts_with(expected), "{said}");
    }
    cell.branch(1).clamp(hold(), None, Window::ALWAYS).unwrap();
    assert_eq!(
        message(cell.at(0.5).clamp(hold(), Some(1.0), Window::ALWAYS)),
        "cell 0, branch 1, compartment 1 is clamped already; delete that clamp first"
    );
}

#[test]
fn a_deleted_clamp_takes_its_recording_along_and_leaves_the_others() {
    let mut cell = fork();
    cell.everywhere()
        .clamp(Waveform::samples([0.0]), Some(1.0), Window::ALWAYS)
        .unwrap();
    cell.compartment(..).record("i_clamp").unwrap();
    cell.branch(0).delete_clamps().unwrap();
    assert_eq!(cell.clamps().len(), 7);
    assert_eq!(cell.recordings().len(), 7);
    for recording in cell.recordings() {
        let Recorded::ClampCurrent { clamp } = recording.what else {
            panic!("only clamps are recorded")
        };
        assert_eq!(cell.clamps()[clamp].compartment, recording.compartment);
    }
}

#[test]
fn a_window_is_closed_at_its_start_and_open_at_its_end() {
    let window = Window {
        start: 1.0,
        duration: 2.0,
    };
    assert_eq!(
        [0.9, 1.0, 2.9, 3.0].map(|t| window.contains(t)),
        [false, true, true, false]
    );
    assert!(Window::ALWAYS.contains(1e9));
}

#[test]
fn names_tell_cells_apart() {
    let mut network = two_forks();
    network.cell(1).branch(0).at(0.0).record("v").unwrap();
    assert_eq!(network.recordings()[0].name, "cell[1].branch[0](0.25).v");
}

proptest! {
    #[test]
    fn a_ramp_stays_between_its_ends(time in -10.0..20.0, start in 0.0..5.0, duration in 0.1..5.0, amplitude in -1.0..1.0, baseline in -1.0..1.0) {
        let ramp = Waveform::Ramp { start, duration, amplitude, baseline };
        let value = ramp.at(time, 0);
        prop_assert!(value >= f64::min(amplitude, baseline) - 1e-12);
        prop_assert!(value <= f64::max(amplitude, baseline) + 1e-12);
    }
}
