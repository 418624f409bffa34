//! No text makes the front end panic, overflow the stack, or run on.

use loligo_mechanism::nmodl;
use proptest::prelude::*;

/// Pieces that get far into the grammar when strung together.
const PIECES: &[&str] = &[
    "NEURON",
    "SUFFIX",
    "USEION",
    "READ",
    "WRITE",
    "RANGE",
    "NONSPECIFIC_CURRENT",
    "UNITS",
    "PARAMETER",
    "STATE",
    "ASSIGNED",
    "INITIAL",
    "BREAKPOINT",
    "DERIVATIVE",
    "FUNCTION",
    "PROCEDURE",
    "LOCAL",
    "IF",
    "ELSE",
    "FROM",
    "TO",
    "SOLVE",
    "METHOD",
    "cnexp",
    "TABLE",
    "DEPEND",
    "WITH",
    "VERBATIM",
    "ENDVERBATIM",
    "COMMENT",
    "ENDCOMMENT",
    "TITLE",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
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
    "!",
    "~",
    "\"",
    ":",
    "?",
    "a",
    "b",
    "m",
    "v",
    "i",
    "na",
    "ena",
    "ina",
    "exp",
    "fabs",
    "0",
    "1",
    "1e9",
    ".5",
    "(mV)",
    "µ",
    "\n",
    "\t",
];

const START: &str = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i }\nPARAMETER { a = 1 b }\n\
                     ASSIGNED { v c }\nSTATE { m }\n";

proptest! {
    #[test]
    fn any_characters(text in any::<String>()) {
        let _ = nmodl::compile(&text, "x.mod").map_err(|e| e.to_string());
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = pieces.join(" ");
        let _ = nmodl::compile(&text, "x.mod").map_err(|e| e.to_string());
        let text = format!("{START}BREAKPOINT {{ i = 0 {text} }}");
        let _ = nmodl::compile(&text, "x.mod").map_err(|e| e.to_string());
    }

    #[test]
    fn a_mechanism_with_a_part_cut_out(from in 0usize..3000, length in 0usize..40) {
        let text = loligo_mechanism::library::source("hh").expect("is built in");
        let from = from.min(text.len());
        let to = (from + length).min(text.len());
        let text = format!("{}{}", &text[..from], &text[to..]);
        let _ = nmodl::compile(&text, "x.mod").map_err(|e| e.to_string());
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let wrap = |expression: String| format!("{START}BREAKPOINT {{ i = {expression} }}");
    let n = 100_000;
    for text in [
        wrap("(".repeat(n)),
        wrap(format!("{}v{}", "(".repeat(n), ")".repeat(n))),
        wrap(format!("{}v", "-".repeat(n))),
        wrap(format!("{}v", "!".repeat(n))),
        wrap(format!("v{}", "^v".repeat(n))),
        wrap(format!("v{}", "+v".repeat(n))),
        wrap(format!("{}v{}", "exp(".repeat(n), ")".repeat(n))),
        wrap(format!("{}v", "v||v&&v<v+v*(".repeat(n))),
        wrap(format!("0 {}", "{ ".repeat(n))),
        wrap(format!("0 {}", "IF (v) { ".repeat(n))),
        wrap(format!("0 IF (v) {{ }} {}", "ELSE IF (v) { } ".repeat(n))),
    ] {
        let error = nmodl::compile(&text, "x.mod").expect_err("is too deep");
        assert!(error.to_string().contains("nested too deeply"), "{error}");
    }
}

#[test]
fn a_cascade_of_calls_is_bounded() {
    // each function calls the next one twice: 2^n calls
    let functions = |n: usize| {
        let mut text = format!("{START}BREAKPOINT {{ i = f0(v) }}\n");
        for k in 0..n {
            let next = k + 1;
            text += &format!("FUNCTION f{k}(x) {{ f{k} = f{next}(x) * f{next}(x + 1) }}\n");
        }
        text + &format!("FUNCTION f{n}(x) {{ f{n} = x }}\n")
    };
    let error = nmodl::compile(&functions(30), "x.mod").expect_err("is too large");
    assert!(error.to_string().contains("too large"), "{error}");
    let error = nmodl::compile(&functions(3000), "x.mod").expect_err("is too deep");
    assert!(error.to_string().contains("nested too deeply"), "{error}");
}

#[test]
fn formulas_that_grow_in_a_loop_are_bounded() {
    for step in [
        "c = c*v + 1",
        "c = exp(c)",
        "c = c*c",
        "IF (c > v) { c = c/v } ELSE { c = -c }",
    ] {
        let text = format!("{START}BREAKPOINT {{ c = v FROM k = 1 TO 20000 {{ {step} }} i = c }}");
        let error = nmodl::compile(&text, "x.mod").expect_err("grows too far");
        let message = error.to_string();
        assert!(
            message.contains("too large") || message.contains("too deeply"),
            "{message}"
        );
    }
}
