//! Any text is a mechanism or an error with a place, never a crash or a hang.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loligo_mechanism::{library, nmodl};

const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "{",
    "}",
    "(",
    ")",
    "=",
    "'",
    "+",
    "-",
    "*",
    "/",
    "^",
    "<",
    ">",
    ",",
    "==",
    "&&",
    "||",
    "!",
    "v",
    "m",
    "minf",
    "celsius",
    "exp(",
    "fabs(",
    "rates(v)",
    "0",
    "1e9",
    "1e-300",
    "(mV)",
    "IF (v < ",
    "ELSE {",
    "LOCAL a ",
    "FROM i = 0 TO 9 {",
    "STATE {",
    "PARAMETER {",
    "FUNCTION f(x) { f = ",
    "PROCEDURE p() {",
    "SOLVE ",
    "METHOD cnexp",
    "VERBATIM",
    "COMMENT",
    "RANGE ",
    "USEION ca READ cai WRITE ica",
    "é",
    "\0",
];

fuzz_target!(|data: &[u8]| {
    let seeds: Vec<&str> = library::names().filter_map(library::source).collect();
    let text = edits::text(data, &seeds, PIECES);
    match nmodl::compile(&text, "fuzz.mod") {
        Ok(mechanism) => assert!(nmodl::report(&mechanism).starts_with(&mechanism.name)),
        Err(error) => assert!(error.to_string().starts_with("fuzz.mod:")),
    }
});
