//! What a person reads who makes a mistake in a mechanism file: each test makes one in a file that is
//! right, and shows the whole message.

use insta::assert_snapshot;
use loligo_mechanism::nmodl;

/// A file without a mistake.
const FILE: &str = "\
TITLE a delayed rectifier
NEURON {
    SUFFIX kdr
    USEION k READ ek WRITE ik
    RANGE gbar, g
}
UNITS {
    (mV) = (millivolt)
}
PARAMETER {
    gbar = 0.01 (S/cm2)
    vhalf = -40 (mV)
}
STATE { n }
ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    ninf
    ntau (ms)
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*n^4
    ik = g*(v - ek)
}
INITIAL {
    rates(v)
    n = ninf
}
DERIVATIVE states {
    rates(v)
    n' = (ninf - n)/ntau
}
PROCEDURE rates(v (mV)) {
    LOCAL a
    a = exp((v - vhalf)/10)
    IF (a > 1) {
        ntau = 2
    } ELSE {
        ntau = 1
    }
    ninf = boltzmann(v, vhalf)
}
FUNCTION boltzmann(v (mV), half (mV)) {
    boltzmann = 1/(1 + exp(-(v - half)/8))
}
";

/// What is said of the file when one piece of it is another: the error, or the warnings.
fn mistake(piece: &str, other: &str) -> String {
    assert_eq!(FILE.matches(piece).count(), 1, "{piece}");
    match nmodl::compile(&FILE.replace(piece, other), "kdr.mod") {
        Ok(mechanism) => mechanism.warnings.join("\n"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_file_has_no_mistake() {
    assert_snapshot!(mistake("TITLE", "TITLE"), @"");
}

#[test]
fn a_block_without_its_closing_brace() {
    assert_snapshot!(mistake("    ntau (ms)\n}", "    ntau (ms)"), @"
    kdr.mod:22:1: expected the name of a variable, or `}`, found `BREAKPOINT`: the ASSIGNED block of line 15 is not closed
       |
    22 | BREAKPOINT {
       | ^^^^^^^^^^
    ");
}

#[test]
fn a_procedure_without_its_closing_brace() {
    assert_snapshot!(mistake("    ninf = boltzmann(v, vhalf)\n}", "    ninf = boltzmann(v, vhalf)"), @"
    kdr.mod:45:1: expected a statement or `}`, found `FUNCTION`: the PROCEDURE block of line 36 is not closed
       |
    45 | FUNCTION boltzmann(v (mV), half (mV)) {
       | ^^^^^^^^
    ");
}

#[test]
fn the_last_brace_is_missing() {
    assert_snapshot!(mistake("half)/8))\n}\n", "half)/8))\n"), @"
    kdr.mod:48:1: expected a statement or `}`, found the end of the file: the FUNCTION block of line 46 is not closed
       |
    48 |
       | ^
    ");
}

#[test]
fn a_brace_too_many() {
    assert_snapshot!(mistake("    ninf = boltzmann(v, vhalf)\n}", "    ninf = boltzmann(v, vhalf)\n}\n}"), @"
    kdr.mod:46:1: this `}` closes nothing: every block before it is closed
       |
    46 | }
       | ^
    ");
}

#[test]
fn a_parenthesis_that_is_not_closed() {
    assert_snapshot!(mistake("g*(v - ek)", "g*(v - ek"), @"
    kdr.mod:26:19: expected `)`, found the end of the line
       |
    26 |     ik = g*(v - ek
       |                   ^
    ");
}

#[test]
fn a_parenthesis_too_many() {
    assert_snapshot!(mistake("g*(v - ek)", "g*(v - ek))"), @"
    kdr.mod:26:20: expected a statement or `}`, found `)`
       |
    26 |     ik = g*(v - ek))
       |                    ^
    ");
}

#[test]
fn a_misspelt_block() {
    assert_snapshot!(mistake("PARAMETER {", "PARAMATER {"), @"
    kdr.mod:10:1: unknown block `PARAMATER`; did you mean `PARAMETER`?
       |
    10 | PARAMATER {
       | ^^^^^^^^^
    ");
}

#[test]
fn a_block_in_lower_case() {
    assert_snapshot!(mistake("BREAKPOINT {", "breakpoint {"), @"
    kdr.mod:23:1: unknown block `breakpoint`; did you mean `BREAKPOINT`?
       |
    23 | breakpoint {
       | ^^^^^^^^^^
    ");
}

#[test]
fn a_misspelt_line_of_the_neuron_block() {
    assert_snapshot!(mistake("RANGE gbar", "RNAGE gbar"), @"
    kdr.mod:5:5: unknown line of the NEURON block `RNAGE`; did you mean `RANGE`?
      |
    5 |     RNAGE gbar, g
      |     ^^^^^
    ");
}

#[test]
fn a_misspelt_statement() {
    assert_snapshot!(mistake("SOLVE states METHOD cnexp", "SLOVE states METHOD cnexp"), @"
    kdr.mod:24:5: unknown statement `SLOVE`; did you mean `SOLVE`?
       |
    24 |     SLOVE states METHOD cnexp
       |     ^^^^^
    ");
}

#[test]
fn a_misspelt_method() {
    assert_snapshot!(mistake("METHOD cnexp", "METHOD cnxep"), @"
    kdr.mod:24:25: unknown METHOD `cnxep`; did you mean `cnexp`?
       |
    24 |     SOLVE states METHOD cnxep
       |                         ^^^^^
    ");
}

#[test]
fn a_method_without_its_keyword() {
    assert_snapshot!(mistake("SOLVE states METHOD cnexp", "SOLVE states cnexp"), @"
    kdr.mod:24:18: expected METHOD or the next statement, found `cnexp`
       |
    24 |     SOLVE states cnexp
       |                  ^^^^^
    ");
}

#[test]
fn using_for_method() {
    assert_snapshot!(mistake("METHOD cnexp", "USING cnexp"), @"
    kdr.mod:24:18: expected METHOD or the next statement, found `USING`
       |
    24 |     SOLVE states USING cnexp
       |                  ^^^^^
    ");
}

#[test]
fn a_solved_block_that_there_is_not() {
    assert_snapshot!(mistake("SOLVE states", "SOLVE state"), @"
    kdr.mod:24:11: unknown DERIVATIVE or PROCEDURE block `state`; did you mean `states`?
       |
    24 |     SOLVE state METHOD cnexp
       |           ^^^^^
    ");
}

#[test]
fn nothing_is_solved() {
    assert_snapshot!(mistake("    SOLVE states METHOD cnexp\n", ""), @"
    kdr.mod:31:12: nothing solves the DERIVATIVE block `states`; BREAKPOINT needs SOLVE states METHOD cnexp
       |
    31 | DERIVATIVE states {
       |            ^^^^^^
    ");
}

#[test]
fn an_equals_sign_for_a_comparison() {
    assert_snapshot!(mistake("a > 1", "a = 1"), @"
    kdr.mod:39:11: expected `)`, found `=`: a comparison is written `==`
       |
    39 |     IF (a = 1) {
       |           ^
    ");
}

#[test]
fn an_assignment_with_two_equals_signs() {
    assert_snapshot!(mistake("ntau = 2", "ntau == 2"), @"
    kdr.mod:40:14: `==` compares; an assignment is written with one `=`
       |
    40 |         ntau == 2
       |              ^^
    ");
}

#[test]
fn an_undeclared_variable() {
    assert_snapshot!(mistake("g*(v - ek)", "g*(v - eK)"), @"
    kdr.mod:26:17: unknown variable `eK`; did you mean `ek`?
       |
    26 |     ik = g*(v - eK)
       |                 ^^
    ");
}

#[test]
fn a_variable_that_is_only_used() {
    assert_snapshot!(mistake("    ninf\n", ""), @"
    kdr.mod:43:5: unknown variable `ninf`; PARAMETER, STATE, ASSIGNED and LOCAL declare variables
       |
    43 |     ninf = boltzmann(v, vhalf)
       |     ^^^^
    ");
}

#[test]
fn an_undeclared_local() {
    assert_snapshot!(mistake("    LOCAL a\n", ""), @"
    kdr.mod:37:5: unknown variable `a`; PARAMETER, STATE, ASSIGNED and LOCAL declare variables
       |
    37 |     a = exp((v - vhalf)/10)
       |     ^
    ");
}

#[test]
fn an_ion_that_has_no_such_variable() {
    assert_snapshot!(mistake("READ ek", "READ ena"), @"
    kdr.mod:4:19: `ena` is no variable of the ion k, which has ik, ek, ki, ko
      |
    4 |     USEION k READ ena WRITE ik
      |                   ^^^
    ");
}

#[test]
fn an_ion_that_is_written_and_not_declared() {
    assert_snapshot!(mistake("USEION k READ ek WRITE ik", "USEION k READ ek WRITE gk"), @"
    kdr.mod:4:28: `gk` is no variable of the ion k, which has ik, ek, ki, ko
      |
    4 |     USEION k READ ek WRITE gk
      |                            ^^
    ");
}

#[test]
fn an_ion_without_read() {
    assert_snapshot!(mistake("USEION k READ ek", "USEION k ek"), @"
    kdr.mod:4:14: expected READ or WRITE, found `ek`
      |
    4 |     USEION k ek WRITE ik
      |              ^^
    ");
}

#[test]
fn commas_missing_in_a_list() {
    assert_snapshot!(mistake("RANGE gbar, g", "RANGE gbar g"), @"
    kdr.mod:5:16: expected `,` between names, or a line such as RANGE, found `g`
      |
    5 |     RANGE gbar g
      |                ^
    ");
}

#[test]
fn a_comma_at_the_end_of_a_list() {
    assert_snapshot!(mistake("RANGE gbar, g\n", "RANGE gbar, g,\n"), @"
    kdr.mod:6:1: expected a name, found `}`
      |
    6 | }
      | ^
    ");
}

#[test]
fn a_parameter_is_assigned_nothing() {
    assert_snapshot!(mistake("gbar = 0.01", "gbar ="), @"
    kdr.mod:11:12: expected a number, found `(`
       |
    11 |     gbar = (S/cm2)
       |            ^
    ");
}

#[test]
fn a_parameter_is_a_formula() {
    assert_snapshot!(mistake("vhalf = -40 (mV)", "vhalf = 2*20 (mV)"), @"
    kdr.mod:12:14: a default is a number, not a formula
       |
    12 |     vhalf = 2*20 (mV)
       |              ^
    ");
}

#[test]
fn a_constant_is_assigned() {
    assert_snapshot!(mistake("    g = gbar*n^4", "    celsius = 20\n    g = gbar*n^4"), @"
    kdr.mod:25:5: `celsius` cannot be assigned here: it is given from outside
       |
    25 |     celsius = 20
       |     ^^^^^^^
    ");
}

#[test]
fn a_function_is_assigned_elsewhere() {
    assert_snapshot!(mistake("    n = ninf", "    boltzmann = 1"), @"
    kdr.mod:30:5: `boltzmann` is a routine, not a variable: call it, as in boltzmann(…)
       |
    30 |     boltzmann = 1
       |     ^^^^^^^^^
    ");
}

#[test]
fn a_state_is_assigned_where_it_evolves() {
    assert_snapshot!(mistake("    n' = (ninf - n)/ntau", "    n = (ninf - n)/ntau"), @"
    kdr.mod:34:5: `n` cannot be assigned here: DERIVATIVE says how a state changes; write n' = …
       |
    34 |     n = (ninf - n)/ntau
       |     ^
    ");
}

#[test]
fn an_equation_outside_of_derivative() {
    assert_snapshot!(mistake("    n = ninf", "    n' = 0"), @"
    kdr.mod:30:5: n' = … has no meaning in INITIAL
       |
    30 |     n' = 0
       |     ^
    ");
}

#[test]
fn an_equation_for_what_is_no_state() {
    assert_snapshot!(mistake("n' = (ninf", "m' = (ninf"), @"
    kdr.mod:34:5: unknown state `m`; STATE declares what has an equation
       |
    34 |     m' = (ninf - n)/ntau
       |     ^
    ");
}

#[test]
fn units_without_parentheses() {
    assert_snapshot!(mistake("vhalf = -40 (mV)", "vhalf = -40 mV"), @"kdr.mod:12:17: `mV` is declared here; if it is a unit, write (mV)");
}

#[test]
fn units_in_brackets() {
    assert_snapshot!(mistake("vhalf = -40 (mV)", "vhalf = -40 [mV]"), @"
    kdr.mod:12:17: units stand in parentheses, as in (mV)
       |
    12 |     vhalf = -40 [mV]
       |                 ^
    ");
}

#[test]
fn units_that_are_not_closed() {
    assert_snapshot!(mistake("gbar = 0.01 (S/cm2)", "gbar = 0.01 (S/cm2"), @"
    kdr.mod:11:23: expected `)` behind a unit, found the end of the line
       |
    11 |     gbar = 0.01 (S/cm2
       |                       ^
    ");
}

#[test]
fn a_constant_of_nature_in_wrong_units() {
    assert_snapshot!(mistake("(mV) = (millivolt)", "F = (faraday) (volt)"), @"
    kdr.mod:8:10: (faraday) and (volt) are not units of the same quantity
      |
    8 |     F = (faraday) (volt)
      |          ^^^^^^^^^^^^^^
    ");
}

#[test]
fn elseif_in_one_word() {
    assert_snapshot!(mistake("} ELSE {", "} ELSEIF (a > 0) {"), @"
    kdr.mod:41:7: NMODL has no `ELSEIF`: write ELSE IF (…) { … }
       |
    41 |     } ELSEIF (a > 0) {
       |       ^^^^^^
    ");
}

#[test]
fn elif_as_in_python() {
    assert_snapshot!(mistake("} ELSE {", "} elif (a > 0) {"), @"
    kdr.mod:41:7: NMODL has no `elif`: write ELSE IF (…) { … }
       |
    41 |     } elif (a > 0) {
       |       ^^^^
    ");
}

#[test]
fn else_without_braces() {
    assert_snapshot!(mistake("} ELSE {\n        ntau = 1\n    }", "} ELSE ntau = 1"), @"
    kdr.mod:41:12: expected `{`, found `ntau`
       |
    41 |     } ELSE ntau = 1
       |            ^^^^
    ");
}

#[test]
fn then_as_in_fortran() {
    assert_snapshot!(mistake("IF (a > 1) {", "IF (a > 1) THEN {"), @"
    kdr.mod:39:16: expected `{`, found `THEN`: IF (…) is followed by its block
       |
    39 |     IF (a > 1) THEN {
       |                ^^^^
    ");
}

#[test]
fn a_condition_without_parentheses() {
    assert_snapshot!(mistake("IF (a > 1)", "IF a > 1"), @"
    kdr.mod:39:8: expected `(`, found `a`
       |
    39 |     IF a > 1 {
       |        ^
    ");
}

#[test]
fn else_without_if() {
    assert_snapshot!(mistake("    IF (a > 1) {\n        ntau = 2\n    } ELSE", "    ELSE"), @"
    kdr.mod:39:5: expected a statement or `}`, found `ELSE`
       |
    39 |     ELSE {
       |     ^^^^
    ");
}

#[test]
fn a_comment_that_does_not_end() {
    assert_snapshot!(mistake("STATE { n }", "COMMENT the gate\nSTATE { n }"), @"
    kdr.mod:14:1: COMMENT has no matching ENDCOMMENT
       |
    14 | COMMENT the gate
       | ^^^^^^^
    ");
}

#[test]
fn endcomment_alone() {
    assert_snapshot!(mistake("STATE { n }", "ENDCOMMENT\nSTATE { n }"), @"
    kdr.mod:14:1: ENDCOMMENT has no matching COMMENT
       |
    14 | ENDCOMMENT
       | ^^^^^^^^^^
    ");
}

#[test]
fn a_comment_as_in_c() {
    assert_snapshot!(mistake("    rates(v)\n    n = ninf", "    /* at rest */\n    n = ninf"), @"
    kdr.mod:29:5: expected a statement or `}`, found `/`: a comment starts with `:`, or stands between COMMENT and ENDCOMMENT
       |
    29 |     /* at rest */
       |     ^
    ");
}

#[test]
fn a_line_comment_as_in_c() {
    assert_snapshot!(mistake("STATE { n }", "STATE { n } // the gate"), @"
    kdr.mod:14:13: expected a block such as NEURON or PARAMETER, found `/`: a comment starts with `:`, or stands between COMMENT and ENDCOMMENT
       |
    14 | STATE { n } // the gate
       |             ^
    ");
}

#[test]
fn a_line_comment_as_in_c_in_a_block() {
    assert_snapshot!(mistake("    n = ninf", "    n = ninf // at rest"), @"
    kdr.mod:30:15: expected an expression, found `/`: a comment starts with `:`, or stands between COMMENT and ENDCOMMENT
       |
    30 |     n = ninf // at rest
       |               ^
    ");
}

#[test]
fn a_comment_as_in_python() {
    assert_snapshot!(mistake("STATE { n }", "# the gate\nSTATE { n }"), @"
    kdr.mod:14:1: expected a block such as NEURON or PARAMETER, found `#`: a comment starts with `:`, or stands between COMMENT and ENDCOMMENT
       |
    14 | # the gate
       | ^
    ");
}

#[test]
fn semicolons_as_in_c() {
    assert_snapshot!(mistake("    n = ninf", "    n = ninf;"), @"
    kdr.mod:30:13: expected a statement or `}`, found `;`: statements need nothing between them
       |
    30 |     n = ninf;
       |             ^
    ");
}

#[test]
fn a_declaration_as_in_c() {
    assert_snapshot!(mistake("    LOCAL a\n", "    double a;\n"), @"
    kdr.mod:37:5: NMODL has no `double`: LOCAL declares the variables of a block
       |
    37 |     double a;
       |     ^^^^^^
    ");
}

#[test]
fn increment_as_in_c() {
    assert_snapshot!(mistake("        ntau = 2", "        ntau += 2"), @"
    kdr.mod:40:14: NMODL has no `+=`: write ntau = ntau + …
       |
    40 |         ntau += 2
       |              ^
    ");
}

#[test]
fn a_loop_as_in_c() {
    assert_snapshot!(mistake("        ntau = 2", "        for (i = 0; i < 3; i++) { ntau = 2 }"), @"
    kdr.mod:40:9: NMODL has no `for`: write FROM i = 0 TO 9 { … }
       |
    40 |         for (i = 0; i < 3; i++) { ntau = 2 }
       |         ^^^
    ");
}

#[test]
fn a_return_as_in_c() {
    assert_snapshot!(mistake("    boltzmann = 1/(1 + exp(-(v - half)/8))", "    return 1/(1 + exp(-(v - half)/8))"), @"
    kdr.mod:47:5: NMODL has no `return`: a FUNCTION returns what is assigned to its name
       |
    47 |     return 1/(1 + exp(-(v - half)/8))
       |     ^^^^^^
    ");
}

#[test]
fn two_stars_for_a_power() {
    assert_snapshot!(mistake("n^4", "n**4"), @"
    kdr.mod:25:16: expected an expression, found `*`: a power is written `^`
       |
    25 |     g = gbar*n**4
       |                ^
    ");
}

#[test]
fn a_word_for_and() {
    assert_snapshot!(mistake("a > 1", "a > 1 and a < 3"), @"
    kdr.mod:39:15: expected `)`, found `and`: it is written `&&`
       |
    39 |     IF (a > 1 and a < 3) {
       |               ^^^
    ");
}

#[test]
fn a_minus_sign_of_a_text_processor() {
    assert_snapshot!(mistake("(v - ek)", "(v − ek)"), @"
    kdr.mod:26:15: expected `)`, found `−`: this is not the minus sign of a keyboard, `-`
       |
    26 |     ik = g*(v − ek)
       |               ^
    ");
}

#[test]
fn a_number_with_a_comma() {
    assert_snapshot!(mistake("vhalf = -40", "vhalf = -40,5"), @"
    kdr.mod:12:16: no comma separates parameters, and a number has a decimal point
       |
    12 |     vhalf = -40,5 (mV)
       |                ^
    ");
}

#[test]
fn a_multiplication_sign_left_out() {
    assert_snapshot!(mistake("g*(v - ek)", "g (v - ek)"), @"
    kdr.mod:26:10: `g` is a variable, not a function: is a `*` missing?
       |
    26 |     ik = g (v - ek)
       |          ^
    ");
}

#[test]
fn a_misspelt_function() {
    assert_snapshot!(mistake("exp((v - vhalf)", "epx((v - vhalf)"), @"
    kdr.mod:38:9: unknown function `epx`; did you mean `exp`?
       |
    38 |     a = epx((v - vhalf)/10)
       |         ^^^
    ");
}

#[test]
fn a_misspelt_function_of_the_file() {
    assert_snapshot!(mistake("ninf = boltzmann(", "ninf = boltzman("), @"
    kdr.mod:44:12: unknown function `boltzman`; did you mean `boltzmann`?
       |
    44 |     ninf = boltzman(v, vhalf)
       |            ^^^^^^^^
    ");
}

#[test]
fn too_few_arguments() {
    assert_snapshot!(mistake("boltzmann(v, vhalf)", "boltzmann(v)"), @"
    kdr.mod:44:12: `boltzmann` takes 2 arguments, not 1
       |
    44 |     ninf = boltzmann(v)
       |            ^^^^^^^^^
    ");
}

#[test]
fn a_procedure_without_its_arguments() {
    assert_snapshot!(mistake("INITIAL {\n    rates(v)", "INITIAL {\n    rates()"), @"
    kdr.mod:29:5: `rates` takes 1 argument, not 0
       |
    29 |     rates()
       |     ^^^^^
    ");
}

#[test]
fn a_procedure_without_parentheses() {
    assert_snapshot!(mistake("INITIAL {\n    rates(v)", "INITIAL {\n    rates"), @"
    kdr.mod:29:10: expected `=`, `'` or `(` after `rates`, found the end of the line
       |
    29 |     rates
       |          ^
    ");
}

#[test]
fn a_procedure_in_a_formula() {
    assert_snapshot!(mistake("ninf = boltzmann(v, vhalf)\n}", "ninf = 1\n}\nFUNCTION f(x) { f = rates(x) }"), @"
    kdr.mod:46:21: the PROCEDURE `rates` has no value
       |
    46 | FUNCTION f(x) { f = rates(x) }
       |                     ^^^^^
    ");
}

#[test]
fn a_function_that_returns_nothing() {
    assert_snapshot!(mistake("    boltzmann = 1/(1 + exp(-(v - half)/8))", "    LOCAL b\n    b = 1"), @"
    kdr.mod:44:12: `boltzmann` is read here, but no path through the FUNCTION gives it a value
       |
    44 |     ninf = boltzmann(v, vhalf)
       |            ^^^^^^^^^
    ");
}

#[test]
fn a_variable_declared_twice() {
    assert_snapshot!(mistake("ASSIGNED {", "ASSIGNED {\n    gbar (S/cm2)"), @"
    kdr.mod:16:5: `gbar` is already declared as a PARAMETER at line 11
       |
    16 |     gbar (S/cm2)
       |     ^^^^
    ");
}

#[test]
fn a_suffix_in_quotes() {
    assert_snapshot!(mistake("SUFFIX kdr", "SUFFIX \"kdr\""), @r#"
    kdr.mod:3:12: expected the name of the mechanism, found `"kdr"`
      |
    3 |     SUFFIX "kdr"
      |            ^^^^^
    "#);
}

#[test]
fn an_assigned_with_a_default() {
    assert_snapshot!(mistake("    ninf\n", "    ninf = 0\n"), @"
    kdr.mod:20:10: ASSIGNED variables have no default; declare it in PARAMETER
       |
    20 |     ninf = 0
       |          ^
    ");
}

#[test]
fn range_outside_of_the_neuron_block() {
    assert_snapshot!(mistake("UNITS {", "RANGE ninf\nUNITS {"), @"
    kdr.mod:7:1: RANGE belongs in the NEURON block
      |
    7 | RANGE ninf
      | ^^^^^
    ");
}

#[test]
fn a_statement_outside_of_any_block() {
    assert_snapshot!(mistake("STATE { n }", "STATE { n }\nvhalf = -40"), @"
    kdr.mod:15:1: `vhalf` is assigned outside of any block
       |
    15 | vhalf = -40
       | ^^^^^
    ");
}

#[test]
fn verbatim_that_computes() {
    assert_snapshot!(mistake("    n = ninf", "    VERBATIM\n    n = 0.5;\n    ENDVERBATIM"), @"
    kdr.mod:30:5: VERBATIM is not supported yet: C code has no meaning here; write it in NMODL
       |
    30 |     VERBATIM
       |     ^^^^^^^^
    ");
}

#[test]
fn a_local_that_has_no_value() {
    assert_snapshot!(mistake("    a = exp((v - vhalf)/10)\n", ""), @"
    kdr.mod:38:9: `a` is read here, but nothing has assigned it before
       |
    38 |     IF (a > 1) {
       |         ^
    ");
}

#[test]
fn a_parenthesis_that_is_not_closed_on_lines_of_an_old_macintosh() {
    let text = FILE.replace("g*(v - ek)", "g*(v - ek").replace('\n', "\r");
    let error = nmodl::compile(&text, "kdr.mod").map(|_| ());
    let error = error.expect_err("is not closed").to_string();
    assert!(
        error.starts_with("kdr.mod:26:19: expected `)`, found the end of the line"),
        "{error}"
    );
}
