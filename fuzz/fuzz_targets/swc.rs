//! Any text is a morphology or an error, never a crash or a hang; a morphology can be cut into
//! compartments, or says why not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loligo_morphology::{Morphology, Roots, SwcOptions};

/// A three-point soma with a branching dendrite and an axon.
const SEED: &str = "# a neuron
1 1 0 0 0 5 -1
2 1 0 5 0 5 1
3 1 0 -5 0 5 1
4 3 10 0 0 1 1
5 3 20 0 0 .9 4
6 3 30 5 0 .8 5
7 3 30 -5 0 .7 5
8 2 -10 0 0 .5 1
9 2 -50 0 0 .4 8
";

const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    "-1",
    "0",
    "1",
    "2",
    "5",
    "9",
    "-",
    ".",
    "e",
    "1e300",
    "nan",
    "inf",
    "#",
    "4 3 10 0 0 1 1\n",
    "10 4 0 50 0 1 9\n",
    "11 1 0 0 0 5 -1\n",
    "9999999999999999999",
    ",",
    "é",
];

fuzz_target!(|data: &[u8]| {
    let text = edits::text(data, &[SEED], PIECES);
    let options = SwcOptions {
        min_radius: Some(0.1),
        max_branch_len: None,
        roots: Roots::Join,
    };
    for options in [SwcOptions::default(), options] {
        if let Ok(cell) = Morphology::parse_swc(&text, "fuzz.swc", &options) {
            for branch in &cell.branches {
                let _ = branch.compartments(3);
            }
        }
    }
});
