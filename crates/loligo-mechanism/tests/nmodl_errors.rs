//! Every message of the NMODL front end, as a user reads it.

use loligo_mechanism::nmodl;

fn error(text: &str) -> String {
    match nmodl::compile(text, "x.mod") {
        Ok(_) => panic!("compiles: {text}"),
        Err(error) => error.to_string(),
    }
}

/// The message for a text, without the excerpt.
fn message(text: &str) -> String {
    error(text).lines().next().unwrap_or_default().to_owned()
}

/// A mechanism whose BREAKPOINT ends with these statements.
fn breakpoint(statements: &str) -> String {
    message(&format!(
        "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i RANGE g }} PARAMETER {{ g = 1 }} \
         ASSIGNED {{ v a }} STATE {{ m }} CONSTANT {{ c = 3 }}\n\
         BREAKPOINT {{ SOLVE s METHOD cnexp i = g*v\n{statements}\n}}\n\
         DERIVATIVE s {{ m' = -m }} FUNCTION f(x) {{ f = x }} PROCEDURE p() {{ a = 1 }}"
    ))
}

#[test]
fn an_error_shows_the_line_and_points_at_the_place() {
    let text = "TITLE x\nNEURON {\n\tSUFFIX x\n\tNONSPECIFIC_CURRENT i\n}\n\
                PARAMETER { gbar = .1 (S/cm2) }\nBREAKPOINT {\n\ti = gbra*(v + 70)\n}\n";
    let expected = "\
x.mod:8:6: unknown variable `gbra`; did you mean `gbar`?
  |
8 |  i = gbra*(v + 70)
  |      ^^^^";
    assert_eq!(error(text), expected);
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text = format!("NEURON {{ SUFFIX x }} {} oops", " ".repeat(3000));
    let error = error(&text);
    assert!(
        error.lines().all(|line| line.chars().count() < 170),
        "{error}"
    );
    assert!(error.ends_with("^^^^"), "{error}");
}

#[test]
fn an_error_at_the_end_of_the_file_points_behind_it() {
    let found = error("NEURON { SUFFIX x\n");
    assert!(
        found.starts_with("x.mod:2:1: expected a line such as SUFFIX, USEION or RANGE, or `}`, found the end of the file"),
        "{found}"
    );
}

#[test]
fn text_that_is_not_nmodl() {
    assert_eq!(
        message("# comment"),
        "x.mod:1:1: expected a block such as NEURON or PARAMETER, found `#`: a comment starts with `:`, or stands between COMMENT and ENDCOMMENT"
    );
    assert_eq!(
        message("NEURN { }"),
        "x.mod:1:1: unknown block `NEURN`; did you mean `NEURON`?"
    );
    assert_eq!(
        message("COMMENT x"),
        "x.mod:1:1: COMMENT has no matching ENDCOMMENT"
    );
    assert_eq!(
        message("NEURON { SUFFIX \"x }"),
        "x.mod:1:17: a string has no matching `\"`"
    );
    assert_eq!(
        message("PARAMETER { a = 1e400 }"),
        "x.mod:1:17: this number is too large for double precision"
    );
    // a file that does not name its mechanism names it by itself
    let error = nmodl::compile("", "").expect_err("has no name");
    assert!(
        error
            .to_string()
            .starts_with(":1:1: the NEURON block must name the mechanism: SUFFIX name"),
        "{error}"
    );
}

#[test]
fn declarations_that_make_no_sense() {
    for (text, expected) in [
        ("PARAMETER { a = b }", "1:17: expected a number, found `b`"),
        (
            "PARAMETER { a = 1 <2,1> }",
            "1:19: the lower limit 2 is above the upper limit 1",
        ),
        (
            "PARAMETER { a[n] }",
            "1:15: an array has 1 to 1000 elements, given as a number or by DEFINE",
        ),
        (
            "PARAMETER { a[0] }",
            "1:15: an array has 1 to 1000 elements, given as a number or by DEFINE",
        ),
        (
            "PARAMETER { a = 1 (mV }",
            "1:23: expected `)` behind a unit, found `}`",
        ),
        (
            "PARAMETER { a }\nSTATE { a }",
            "2:9: `a` is already declared as a PARAMETER at line 1",
        ),
        (
            "STATE { v }",
            "1:9: `v` is given from outside and cannot be a STATE",
        ),
        (
            "ASSIGNED { a = 3 }",
            "1:14: ASSIGNED variables have no default; declare it in PARAMETER",
        ),
        (
            "NEURON { RANGE a GLOBAL a } PARAMETER { a }",
            "1:25: `a` is both RANGE and GLOBAL",
        ),
        (
            "NEURON { USEION na READ eno }",
            "1:25: `eno` is no variable of the ion na, which has ina, ena, nai, nao",
        ),
        (
            "NEURON { USEION ca READ cai VALENCE 2.5 }",
            "1:37: a valence is a small integer",
        ),
        (
            "UNITS { F = (farady) (coulomb) }",
            "1:14: the unit (farady) is not known; did you mean (faraday)?",
        ),
        (
            "UNITS { F = (faraday) (mV) }",
            "1:14: (faraday) and (mV) are not units of the same quantity",
        ),
        (
            "PROCEDURE p() { LOCAL a[2] }\nPROCEDURE q() { LOCAL a[3] }",
            "2:23: an array `a` of another length than that at line 1 is not supported yet: rename one",
        ),
        (
            "CONSTANT { c = 1 } FUNCTION c() { c = 2 }",
            "1:29: `c` is already declared as a constant at line 1",
        ),
    ] {
        assert_eq!(message(text), format!("x.mod:{expected}"));
    }
}

#[test]
fn what_is_not_supported_is_named() {
    for (text, expected) in [
        ("STEPPED x { }", "1:1: a STEPPED block is not supported yet"),
        (
            "VERBATIM\n#define a 3\nENDVERBATIM PARAMETER { a = 1 }",
            "1:9: a C macro called `a`, which the mechanism uses, is not supported yet: write in NMODL what it stands for",
        ),
    ] {
        assert_eq!(message(text), format!("x.mod:{expected}"));
    }
    for (statements, expected) in [
        (
            "VERBATIM a = 1; ENDVERBATIM",
            "1: VERBATIM is not supported yet: C code has no meaning here; write it in NMODL",
        ),
        ("a = factorial(v)", "5: `factorial` is not supported yet"),
        (
            "FROM i = 0 TO 3 { SOLVE s METHOD cnexp }",
            "19: SOLVE inside a loop is not supported yet",
        ),
        (
            "SOLVE s METHOD adams",
            "16: METHOD adams is not supported yet: cnexp, derivimplicit, sparse, euler and runge are",
        ),
        (
            "SOLVE s METHOD cnexp IFERROR { a = 1 }",
            "22: NEURON has no IFERROR",
        ),
        (
            "VERBATIM break; ENDVERBATIM",
            "1: `break;` outside of a loop has no meaning in BREAKPOINT",
        ),
        (
            "FROM k = 1 TO 1000*g { a = k }",
            "6: a loop of 1000 turns whose bounds can be set is not supported yet: give the bound by DEFINE",
        ),
        (
            "SOLVE p METHOD cnexp",
            "16: METHOD cnexp is not supported yet: a PROCEDURE is solved without METHOD",
        ),
    ] {
        assert_eq!(breakpoint(statements), format!("x.mod:3:{expected}"));
    }
}

#[test]
fn statements_that_make_no_sense() {
    for (statements, expected) in [
        (
            "a",
            "3:2: expected `=`, `'` or `(` after `a`, found the end of the line",
        ),
        ("a = ", "4:1: expected an expression, found `}`"),
        ("a = 3 +* 4", "3:8: expected an expression, found `*`"),
        ("a = (3", "3:7: expected `)`, found the end of the line"),
        ("ELSE { }", "3:1: expected a statement or `}`, found `ELSE`"),
        (
            "a = fabz(v)",
            "3:5: unknown function `fabz`; did you mean `fabs`?",
        ),
        ("a = exp(v, 2)", "3:5: `exp` takes 1 argument, not 2"),
        ("a = pow(v)", "3:5: `pow` takes 2 arguments, not 1"),
        ("a = f()", "3:5: `f` takes 1 argument, not 0"),
        ("a = p()", "3:5: the PROCEDURE `p` has no value"),
        (
            "t = 3",
            "3:1: `t` cannot be assigned here: it is given from outside",
        ),
        (
            "c = 3",
            "3:1: `c` cannot be assigned here: it is a constant",
        ),
        ("m' = 3", "3:1: m' = … has no meaning in BREAKPOINT"),
        ("~ m << (1)", "3:1: a reaction has no meaning in BREAKPOINT"),
        (
            "CONSERVE m = 1",
            "3:1: CONSERVE has no meaning in BREAKPOINT",
        ),
        (
            "SOLVE s STEADYSTATE cnexp",
            "3:1: SOLVE … STEADYSTATE has no meaning in BREAKPOINT",
        ),
        (
            "SOLVE states METHOD cnexp",
            "3:7: unknown DERIVATIVE or PROCEDURE block `states`",
        ),
        (
            "TABLE minf DEPEND celsius FROM 0 TO 1 WITH 10",
            "3:7: unknown variable `minf`; PARAMETER, STATE, ASSIGNED and LOCAL declare variables",
        ),
        (
            "CONDUCTANCE gna",
            "3:13: unknown variable `gna`; PARAMETER, STATE, ASSIGNED and LOCAL declare variables",
        ),
        ("g[0] = 1", "3:1: `g` is no array"),
        (
            "FROM i = 1 TO 3 BY 0 { a = i }",
            "3:6: a loop must count upwards",
        ),
        (
            "FROM i = 1 TO 1e9 { a = i }",
            "3:6: too large: loops and calls unroll into more than 200000 operations; reduce the bounds of the loop",
        ),
    ] {
        assert_eq!(breakpoint(statements), format!("x.mod:{expected}"));
    }
}

#[test]
fn values_that_cannot_be_known() {
    for (statements, expected) in [
        (
            "LOCAL b a = b",
            "3:13: `b` is read here, but nothing has assigned it before",
        ),
        (
            "LOCAL b IF (v < 0) { b = 1 } a = b",
            "3:34: `b` is read here, but not every path through IF has assigned it",
        ),
    ] {
        assert_eq!(breakpoint(statements), format!("x.mod:{expected}"));
    }
}

#[test]
fn elements_that_there_are_not() {
    let with_array = |statements: &str| {
        message(&format!(
            "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }} ASSIGNED {{ v i a[3] }} BREAKPOINT {{ i = 0\n{statements} }}"
        ))
    };
    for (statements, expected) in [
        (
            "a = 1",
            "2:1: `a` is an array: say which element, as in a[0]",
        ),
        (
            "i = a",
            "2:5: `a` is an array: say which element, as in a[0]",
        ),
        ("a[3] = 1", "2:3: `a` has no element 3, only 0 to 2"),
        ("a[-1] = 1", "2:3: `a` has no element -1, only 0 to 2"),
    ] {
        assert_eq!(with_array(statements), format!("x.mod:{expected}"));
    }
}

#[test]
fn routines_that_are_no_formula() {
    let routines = |text: &str| {
        message(&format!(
            "NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i }} BREAKPOINT {{ i = f(v) }}\n{text}"
        ))
    };
    assert_eq!(
        routines("FUNCTION f(x) { f = g(x) }\nFUNCTION g(x) { g = f(x) }"),
        "x.mod:2:10: `f` calls itself (through g, f); a mechanism must be a finite formula"
    );
    assert_eq!(
        routines("FUNCTION f(x) { x = 1 }"),
        "x.mod:1:60: `f` is read here, but no path through the FUNCTION gives it a value"
    );
    assert_eq!(
        message(
            "NEURON { SUFFIX x } STATE { m n }\nBREAKPOINT { SOLVE s METHOD cnexp } \
             DERIVATIVE s { m' = f() } LINEAR l { ~ n = 1 }\nFUNCTION f() { SOLVE l f = n }"
        ),
        "x.mod:3:16: SOLVE in a routine that a block calls which is solved itself is not supported yet"
    );
    assert_eq!(
        routines("FUNCTION f(x) { SOLVE s METHOD cnexp f = 1 }"),
        "x.mod:2:17: SOLVE has no meaning in a FUNCTION"
    );
}

#[test]
fn states_that_do_not_evolve_as_written() {
    let states = |breakpoint: &str, derivative: &str| {
        message(&format!(
            "NEURON {{ SUFFIX x }} STATE {{ m }}\nBREAKPOINT {{ {breakpoint} }}\n\
             DERIVATIVE s {{ {derivative} }}\nPROCEDURE u() {{ m = 3 }}"
        ))
    };
    let solve = "SOLVE s METHOD cnexp";
    for (breakpoint, derivative, expected) in [
        (
            "",
            "m' = 1",
            "3:12: nothing solves the DERIVATIVE block `s`; BREAKPOINT needs SOLVE s METHOD cnexp",
        ),
        (
            solve,
            "n' = 1",
            "3:16: unknown state `n`; STATE declares what has an equation",
        ),
        (
            solve,
            "m = 1",
            "3:16: `m` cannot be assigned here: DERIVATIVE says how a state changes; write m' = …",
        ),
        (
            solve,
            "IF (v > 0) { m' = 1 }",
            "3:12: `m'` is read here, but not every path through IF has assigned it",
        ),
        (
            "SOLVE s METHOD cnexp SOLVE u",
            "m' = 1",
            "1:29: two blocks that are solved change `m`",
        ),
    ] {
        assert_eq!(states(breakpoint, derivative), format!("x.mod:{expected}"));
    }
}

#[test]
fn moments_that_cannot_be_met() {
    let moment = |block: &str| {
        message(&format!(
            "NEURON {{ SUFFIX x USEION ca READ cai, ica WRITE cai NONSPECIFIC_CURRENT i }}
             STATE {{ m }} ASSIGNED {{ v a cai }} PROCEDURE p() {{ cai = 1 }}
             BREAKPOINT {{ SOLVE s METHOD cnexp i = m }} DERIVATIVE s {{ m' = -m }}\n{block}"
        ))
    };
    for (block, expected) in [
        (
            "AFTER BREAKPOINT { }",
            "4:1: NEURON has no AFTER BREAKPOINT block; it has BEFORE INITIAL, AFTER INITIAL, BEFORE BREAKPOINT, AFTER SOLVE, BEFORE STEP",
        ),
        (
            "AFTER NOON { }",
            "4:7: expected INITIAL, BREAKPOINT, SOLVE or STEP after AFTER, found `NOON`",
        ),
        (
            "BEFORE INITIAL { a = m }",
            "4:22: `m` is read here, but before INITIAL it is what the run before has left, which nobody can know",
        ),
        (
            "BEFORE INITIAL { a = cai }",
            "4:22: `cai` is read here, but before INITIAL it is what the run before has left, which nobody can know",
        ),
        (
            "BEFORE INITIAL { SOLVE s STEADYSTATE sparse }",
            "4:18: SOLVE … STEADYSTATE has no meaning in BEFORE INITIAL",
        ),
        (
            "AFTER SOLVE { p() }",
            "4:1: AFTER SOLVE that assigns `cai` is not supported yet: other mechanisms would see it too early; assign it in INITIAL or in a block that BREAKPOINT solves",
        ),
        (
            "AFTER SOLVE { m = 1 }",
            "4:1: AFTER SOLVE that assigns the state `m`, which a block that is solved steps, is not supported yet",
        ),
        (
            "BEFORE STEP { a = ica }",
            "4:1: BEFORE STEP that reads the current of an ion is not supported yet: what it is at the start, only a membrane knows",
        ),
    ] {
        assert_eq!(moment(block), format!("x.mod:{expected}"));
    }
    assert_eq!(
        message("NEURON { ARTIFICIAL_CELL x }\nAFTER INITIAL { }"),
        "x.mod:2:1: NEURON never runs the AFTER INITIAL block of an ARTIFICIAL_CELL"
    );
    // a mechanism without currents takes its BREAKPOINT before AFTER SOLVE, unless that has a BEFORE
    assert_eq!(
        message(
            "NEURON { SUFFIX x } STATE { m } ASSIGNED { a }
             BREAKPOINT { SOLVE s METHOD cnexp m = 1 } DERIVATIVE s { m' = -m }\nAFTER SOLVE { a = m }
             BEFORE BREAKPOINT { a = 2 }"
        ),
        "x.mod:3:1: AFTER SOLVE in a mechanism without currents whose BREAKPOINT changes what is solved is not supported yet"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = nmodl::read("no/such/file.mod").expect_err("there is none");
    assert!(
        error
            .to_string()
            .starts_with("cannot read no/such/file.mod: "),
        "{error}"
    );
}
