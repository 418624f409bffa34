//! Any text is a morphology or an error, never a crash or a hang; a morphology can be cut into
//! compartments, or says why not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loligo_morphology::{AxonStub, Instantiated, Morphology};

/// A soma, an axon with a spine, and a dendrite that splits.
const SEED: &str = "; V3 text file
(\"CellBody\" (Color RGB (255, 128, 0)) (0 5 0 1) (-4 0 0 1) (0 -6 0 1) (4 0 0 1))
(\"Pia\" (0 50 0 1) (-4 50 0 1))
((Axon) (1 2 3 2) <(Color Red) (1 3 3 .1)> (9 2 3 1, S1) Normal)
((Dendrite) (1 2 3 2) (9 2 3 1)
  (Dot (Name \"m\") (9 2 3 1))
  ((9 2 3 1) (19 2 3 1) | (9 2 4 1) ((29 2 3 1) | (9 2 3 2) (1 2 3 4) High)))
((1 2 3 4) \"text\")
";

const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    ";",
    ",",
    "(",
    ")",
    "<",
    ">",
    "|",
    "\"",
    "((",
    "))",
    "(Axon)",
    "(Set \"a\"",
    "(\"CellBody\"",
    "(1 2 3 4)",
    "(1 2 3 4) ",
    "1",
    "-1",
    "0",
    ".",
    "e",
    "1e300",
    "nan",
    "inf",
    "Normal",
    "é",
];

fuzz_target!(|data: &[u8]| {
    let text = edits::text(data, &[SEED], PIECES);
    if let Ok(cell) = Morphology::parse_asc(&text, "fuzz.asc", Instantiated::default()) {
        for branch in &cell.branches {
            let _ = branch.compartments(3);
        }
        let sections = vec![(30.0, 0.5); 2];
        let _ = cell.with_axon_stub(&AxonStub { at: 1.0, sections });
    }
});
