//! The commands as users run them: what is printed, what is written, what is said of wrong input.

use std::path::PathBuf;
use std::process::{Command, Output};

fn loligo(arguments: &[&str]) -> Output {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    Command::new(env!("CARGO_BIN_EXE_loligo"))
        .args(arguments)
        .current_dir(root)
        .output()
        .expect("the binary runs")
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A file or folder that is gone when the test ends.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        let file = format!("loligo-{}-{name}", std::process::id());
        Temporary(std::env::temp_dir().join(file))
    }

    fn with(name: &str, text: &str) -> Self {
        let file = Temporary::new(name);
        std::fs::write(&file.0, text).expect("a file can be written");
        file
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path of text")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const CA1: &str = "data/morphologies/neuromorpho/n144.swc";

#[test]
fn inspect_counts_and_draws() {
    let output = loligo(&["inspect", CA1]);
    assert!(output.status.success(), "{}", said(&output));
    let text = printed(&output);
    for expected in [
        "n144.swc", "branches", "apical", "basal", "soma", "µm²", "⣿",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[test]
fn inspect_draws_pictures() {
    for (name, start) in [("cell.png", b"\x89PNG".as_slice()), ("cell.svg", b"<svg")] {
        let picture = Temporary::new(name);
        let output = loligo(&["inspect", CA1, "--plane", "zy", "--picture", picture.path()]);
        assert!(output.status.success(), "{}", said(&output));
        let bytes = std::fs::read(&picture.0).expect("the picture");
        assert!(bytes.starts_with(start));
    }
    let output = loligo(&["inspect", CA1, "--picture", "cell.gif"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        said(&output),
        "error: cannot draw cell.gif: expected a name that ends in .png or .svg\n"
    );
    let output = loligo(&["inspect", CA1, "--picture", "no/such/folder/cell.png"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).starts_with("error: cannot draw no/such/folder/cell.png: "));
}

#[test]
fn inspect_says_which_argument_helps() {
    let flat = Temporary::with("flat.swc", "1 3 0 0 0 0 -1\n2 3 10 0 0 0 1\n");
    let output = loligo(&["inspect", flat.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("--min-radius"), "{}", said(&output));
    assert!(
        loligo(&["inspect", flat.path(), "--min-radius", "0.5"])
            .status
            .success()
    );

    let two = "1 3 0 0 0 1 -1\n2 3 10 0 0 1 1\n3 3 20 0 0 1 -1\n4 3 30 0 0 1 3\n";
    let two = Temporary::with("two.swc", two);
    let output = loligo(&["inspect", two.path()]);
    assert!(
        said(&output).contains("--root ID, or --join-roots"),
        "{}",
        said(&output)
    );
    assert!(
        loligo(&["inspect", two.path(), "--root", "3"])
            .status
            .success()
    );
    assert!(
        loligo(&["inspect", two.path(), "--join-roots"])
            .status
            .success()
    );
}

#[test]
fn inspect_names_what_is_wrong_with_a_file() {
    let output = loligo(&["inspect", "no/such/cell.swc"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).starts_with("error: cannot read no/such/cell.swc"));

    let output = loligo(&["inspect", "Cargo.toml"]);
    assert!(said(&output).starts_with("error: Cargo.toml, line 1: expected 7 numbers"));
}

#[test]
fn check_shows_currents_and_slopes() {
    let output = loligo(&["check", "mechanisms/hh.mod"]);
    assert!(output.status.success(), "{}", said(&output));
    for expected in [
        "ina = gna*(v - ena)",
        "dina/dv = gna",
        "gnabar",
        "METHOD cnexp: exact exponential step, since m' is linear in m",
        "time constant mtau = 0.2368 ms",
        "each step, simplified",
    ] {
        assert!(printed(&output).contains(expected), "{expected}");
    }
}

#[test]
fn check_points_into_the_text() {
    let wrong = Temporary::with("wrong.mod", "NEURON {\n  SUFIX leak\n}\n");
    let output = loligo(&["check", wrong.path()]);
    assert_eq!(output.status.code(), Some(1));
    let message = said(&output);
    assert!(message.contains("wrong.mod:2:3: "), "{message}");
    assert!(message.contains("did you mean `SUFFIX`?"), "{message}");

    // one wrong file does not hide the others
    let output = loligo(&["check", wrong.path(), "mechanisms/pas.mod"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("i = g*(v - e)"));
    assert_eq!(said(&output), "error: 1 of 2 files cannot be used\n");
}

#[test]
fn mechanisms_are_found_and_shown() {
    let output = loligo(&["mechanisms"]);
    assert!(output.status.success(), "{}", said(&output));
    let all = printed(&output);
    for expected in ["hh ", "hay_ca_hva", "Hodgkin and Huxley 1952", "reference"] {
        assert!(all.contains(expected), "{expected} is not in\n{all}");
    }
    let output = loligo(&["mechanisms", "calcium", "retina"]);
    let found = printed(&output);
    assert!(
        found.contains("fohlmeister_ca ") && found.contains("benison_can"),
        "{found}"
    );
    assert!(!found.contains("hay_ca_hva"), "{found}");

    let output = loligo(&["mechanisms", "--show", "pas"]);
    assert!(printed(&output).contains("i = g*(v - e)"));

    let output = loligo(&["mechanisms", "--show", "pass"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("did you mean `pas`?"),
        "{}",
        said(&output)
    );
    let output = loligo(&["mechanisms", "adaptive"]);
    assert!(printed(&output).contains("Brette and Gerstner 2005"));
    let output = loligo(&["mechanisms", "--show", "AdEx"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("`AdEx` is written in Python: `loligo.AdEx` there"));
    let output = loligo(&["mechanisms", "phlogiston"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        said(&output),
        "error: no built-in mechanism matches `phlogiston`; `loligo mechanisms` lists them all\n"
    );
}

#[test]
fn wrong_arguments_are_explained() {
    let output = loligo(&["inspekt", CA1]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("'inspect'"), "{}", said(&output));
    assert_eq!(loligo(&[]).status.code(), Some(2));
    assert!(printed(&loligo(&["--version"])).starts_with("loligo "));
}

#[test]
fn doctor_says_what_runs_use() {
    let output = loligo(&["doctor"]);
    assert!(output.status.success(), "{}", said(&output));
    for expected in ["version", "vector unit", "threads", "memory budget", "MiB"] {
        assert!(printed(&output).contains(expected), "{expected}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_loligo"))
        .arg("doctor")
        .env("LOLIGO_SIMD", "abacus")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("LOLIGO_SIMD=abacus names no vector unit"));
}

#[test]
fn the_demo_lowers_the_loss_and_writes_its_files() {
    let folder = Temporary::new("demo");
    let output = loligo(&["demo", "--steps", "3", "--out", folder.path()]);
    assert!(output.status.success(), "{}", said(&output));
    let text = printed(&output);
    for expected in [
        "compartments",
        "gradient/run",
        "651 conductances of 217 branches",
        "hh.gl",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    for (name, start) in [
        ("demo.png", b"\x89PNG".as_slice()),
        (
            "traces.csv",
            b"t (ms),before (mV),after (mV),target (mV)\n0,-65,-65,-65\n",
        ),
        ("demo.npz", b"PK"),
    ] {
        let bytes = std::fs::read(folder.0.join(name)).expect(name);
        assert!(bytes.starts_with(start), "{name}");
    }
    let output = loligo(&["demo", "--steps", "0"]);
    assert_eq!(output.status.code(), Some(2));
    let output = loligo(&["demo", "--out", "Cargo.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).starts_with("error: cannot make the folder Cargo.toml: "));
}
