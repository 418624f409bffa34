//! parse ∘ print is the identity, over the library and over arbitrary programs.

use loligo_mechanism::{library, nmodl};
use proptest::prelude::*;

/// Checks a text, and gives what it is printed as.
fn printed(text: &str) -> String {
    let program = nmodl::parse(text, "x.mod").unwrap_or_else(|error| panic!("{error}"));
    let printed = nmodl::print(&program);
    let again = nmodl::parse(&printed, "print.mod").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, program, "{printed}");
    assert_eq!(nmodl::print(&again), printed);
    printed
}

#[test]
fn the_library_survives() {
    for name in library::names() {
        let text = library::source(name).expect("is built in");
        let printed = printed(text);
        let (mine, again) = (nmodl::compile(text, ""), nmodl::compile(&printed, ""));
        let (mine, again) = (mine.expect("compiles"), again.expect("compiles"));
        assert_eq!(nmodl::report(&again), nmodl::report(&mine), "{name}");
    }
}

#[test]
fn everything_has_its_place() {
    let text = "\
TITLE all of it

NEURON {
    SUFFIX x
    USEION ca READ cai, cao WRITE ica VALENCE 2
    NONSPECIFIC_CURRENT i
    RANGE g, e
    GLOBAL q
}

UNITS {
    (mV) = (millivolt)
    F = (faraday) (coulomb)
    n = 12 (1/m)
}

DEFINE N 3
DEFINE M 4

CONSTANT {
    c = -1e-9 (A)
}

PARAMETER {
    g = 0.001 (S/cm2) <0, 1e9>
    e
    p[3] = 1
}

STATE {
    m (1) START 0.5
    s[4]
}

ASSIGNED {
    v (mV)
    a[3]
}

LOCAL b, d[3]

INITIAL {
    SOLVE k STEADYSTATE sparse
}

BREAKPOINT {
    LOCAL z
    SOLVE k METHOD sparse
    CONDUCTANCE g USEION ca
    UNITSOFF
    a[0] = (1000)*5 (mV) - -a[1 + 1]^2^-m
    IF (v > 3 && !(m == 0 || e != 1)) {
        z = 1
    } ELSE IF (m) {
        UNITSON
        z = 2
    } ELSE {
        f(v, 1)
        {
            z = 3 ()
        }
    }
    UNITSOFF
    FROM l = 0 TO 2 BY 2 {
        z = l
    }
    UNITSON
}

KINETIC k {
    COMPARTMENT z, a[z] { s }
    COMPARTMENT 2 { m }
    ~ s[0] + 2 m <-> s[1] (1, g)
    ~ m -> (a*b)
    ~ m -> s[0] (1)
    ~ m << (-3)
    CONSERVE m + 2 s[0] = 1
}

DERIVATIVE h {
    m' = -m/(2*(3 - (4 - 5))) - (1 + 2)
}

FUNCTION f(x (mV), y) (/ms) {
    f = 1
}

PROCEDURE r() {
    TABLE a DEPEND g FROM -100 TO 100 WITH 200
    LOCAL j, w[3], u[2]
    TABLE FROM 0 TO 1 WITH N
    s[1]' = 1
}
";
    assert_eq!(printed(text), text);
}

#[test]
fn events_equations_and_code_have_theirs() {
    let text = "\
NEURON {
    POINT_PROCESS x
    ELECTRODE_CURRENT i
    POINTER a
    EXTERNAL b
    BBCOREPOINTER c
    RANDOM d
}

VERBATIM
static double z = 3;
ENDVERBATIM

BEFORE INITIAL {
    v = 2
}

BEFORE BREAKPOINT {
    VERBATIM
    return 0;
ENDVERBATIM
    WHILE (v < 3) {
        v = v + 1
    }
}

AFTER SOLVE {
    v = 3
}

LINEAR l SOLVEFOR p, q {
    ~ p + q = 1
}

KINETIC k {
    LONGITUDINAL_DIFFUSION j, d[j] { p }
    LONGITUDINAL_DIFFUSION 2 { q }
}

NET_RECEIVE(w (uS), n) {
    INITIAL {
        n = 0
    }
    WATCH (v > 3) 2
    FOR_NETCONS(w, n) {
        w = 1
    }
}

FUNCTION_TABLE f(u (mV)) (1)

PROCEDURE r() {
    VERBATIM
    int i = 3;
    ENDVERBATIM
}

DESTRUCTOR {
    VERBATIM free(c); ENDVERBATIM
}
";
    // what leaves a block is always written the same
    let expected = text.replace("VERBATIM\n    return", "VERBATIM\nreturn");
    assert_eq!(printed(text), expected);
}

#[test]
fn parentheses_stay_where_they_say_something() {
    let printed = |formula: &str| {
        let text = printed(&format!("PROCEDURE p() {{ a = {formula} }}"));
        let line = text.lines().nth(1).expect("has a statement");
        line.trim_start_matches("    a = ").to_owned()
    };
    for (formula, expected) in [
        ("((a))*(b)", "a*b"),
        ("(a*b)*c", "a*b*c"),
        ("a*(b*c)", "a*(b*c)"),
        ("(a^b)^c", "(a^b)^c"),
        ("a^(b^c)", "a^b^c"),
        ("(-a)^2", "(-a)^2"),
        ("-(a^2)", "-a^2"),
        ("-(a*b)", "-(a*b)"),
        ("(-a)*b", "-a*b"),
        ("a^(-b)", "a^-b"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a < b) == c", "a < b == c"),
        ("a && (b || c)", "a && (b || c)"),
        ("(1e-3)*(2)", "(0.001)*(2)"),
        ("((2))", "(2)"),
        ("2 (mV)^2", "2 (mV)^2"),
        ("1e300 + 1e-300", "1e300 + 1e-300"),
    ] {
        assert_eq!(printed(formula), expected, "{formula}");
    }
}

/// A formula of anything, with parentheses where they need not be.
fn formula() -> BoxedStrategy<String> {
    let number = prop_oneof![
        (0u32..1000).prop_map(|n| n.to_string()),
        (0.0..1e30).prop_map(|x: f64| format!("{x:e}")),
        any::<f64>()
            .prop_filter("finite", |x| x.is_finite())
            .prop_map(|x| format!("{:e}", x.abs())),
    ];
    let unit = prop::sample::select(&["", "", " (mV)", " ()", " (1+8 um5/ms)"][..]);
    let leaf = prop_oneof![
        prop::sample::select(&["v", "m", "gbar", "a0_", "N"][..]).prop_map(str::to_owned),
        (number, unit).prop_map(|(number, unit)| number + unit),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let signs = &[
            "+", "-", "*", "/", "^", "<", "<=", ">", ">=", "==", "!=", "&&", "||",
        ][..];
        prop_oneof![
            (inner.clone(), prop::sample::select(signs), inner.clone())
                .prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
            (prop::sample::select(&["-", "!", "+"][..]), inner.clone())
                .prop_map(|(sign, a)| format!("{sign}{a}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("s[{a}]")),
            prop::collection::vec(inner, 0..3).prop_map(|a| format!("f({})", a.join(", "))),
        ]
    })
    .boxed()
}

/// A statement of any kind, of which only some mean something together.
fn statement() -> BoxedStrategy<String> {
    let name = prop::sample::select(&["a", "m", "s[0]", "s[i + 1]"][..]);
    let plain = prop::sample::select(&["a", "m", "k"][..]);
    let terms = prop::sample::select(&["a", "2 a + m", "s[0] + 3*m"][..]);
    let words = prop::sample::select(
        &[
            "UNITSOFF",
            "UNITSON",
            "LOCAL x, y",
            "VERBATIM return 0; ENDVERBATIM",
            "printf(\"x\")",
        ][..],
    );
    let leaf = prop_oneof![
        words.prop_map(str::to_owned),
        (name.clone(), formula()).prop_map(|(name, value)| format!("{name} = {value}")),
        (name, formula()).prop_map(|(name, value)| format!("{name}' = {value}")),
        formula().prop_map(|a| format!("f({a})")),
        (
            plain.clone(),
            prop::sample::select(&["", " METHOD cnexp", " STEADYSTATE sparse"][..])
        )
            .prop_map(|(name, how)| format!("SOLVE {name}{how}")),
        (terms.clone(), terms.clone(), formula(), formula())
            .prop_map(|(a, b, f, g)| format!("~ {a} <-> {b} ({f}, {g})")),
        (terms.clone(), formula()).prop_map(|(a, f)| format!("~ {a} -> ({f})")),
        (plain.clone(), formula()).prop_map(|(a, f)| format!("~ {a} << ({f})")),
        (terms, formula()).prop_map(|(a, f)| format!("CONSERVE {a} = {f}")),
        formula().prop_map(|f| format!("COMPARTMENT {f} {{ a m }}")),
        formula().prop_map(|f| format!("COMPARTMENT i, {f} {{ s }}")),
        (formula(), formula(), formula())
            .prop_map(|(a, b, c)| format!("TABLE a, m DEPEND k FROM {a} TO {b} WITH {c}")),
        plain.prop_map(|name| format!("CONDUCTANCE {name} USEION na")),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let body =
            prop::collection::vec(inner, 0..4).prop_map(|s| format!("{{ {} }}", s.join("\n")));
        prop_oneof![
            body.clone(),
            (formula(), body.clone()).prop_map(|(f, a)| format!("IF ({f}) {a}")),
            (formula(), body.clone(), body.clone())
                .prop_map(|(f, a, b)| format!("IF ({f}) {a} ELSE {b}")),
            (
                formula(),
                formula(),
                body.clone(),
                body.clone(),
                body.clone()
            )
                .prop_map(|(f, g, a, b, c)| format!("IF ({f}) {a} ELSE IF ({g}) {b} ELSE {c}")),
            (formula(), formula(), formula(), body)
                .prop_map(|(a, b, c, s)| format!("FROM i = {a} TO {b} BY {c} {s}")),
        ]
    })
    .boxed()
}

/// A block of a file.
fn block() -> BoxedStrategy<String> {
    let number = prop_oneof![Just(0.0), -1e3..1e3, -1e-300..1e300];
    let unit = prop::sample::select(&["", " (mV)", " (mA/cm2)", " (1)"][..]);
    let array = prop::sample::select(&["", "[2]", "[N]"][..]);
    let declaration = (any::<u16>(), array, number.clone(), unit);
    let body = || prop::collection::vec(statement(), 0..4).prop_map(|s| s.join("\n"));
    let interface = &[
        "SUFFIX x",
        "USEION na READ ena WRITE ina",
        "USEION ca WRITE cai VALENCE 2",
        "USEION k",
        "NONSPECIFIC_CURRENT i, j",
        "RANGE g, h",
        "GLOBAL q THREADSAFE",
    ][..];
    let units = &[
        "(mV) = (millivolt)",
        "F = (faraday) (kilocoulombs)",
        "PI = (pi) ()",
        "k = 2 (cm2)",
    ][..];
    prop_oneof![
        prop::collection::vec(prop::sample::select(interface), 0..4)
            .prop_map(|lines| format!("NEURON {{ {} }}", lines.join("\n"))),
        prop::collection::vec(prop::sample::select(units), 0..4)
            .prop_map(|lines| format!("UNITS {{ {} }}", lines.join("\n"))),
        declaration
            .clone()
            .prop_map(|(k, array, value, unit)| format!(
                "PARAMETER {{ p{k}{array} = {value:e}{unit} <-1,1> q{k}{array}{unit} }}"
            )),
        declaration
            .clone()
            .prop_map(|(k, array, value, unit)| format!(
                "STATE {{ s{k}{array} START {value:e}{unit} }} ASSIGNED {{ b{k}{array}{unit} }}"
            )),
        declaration.prop_map(|(k, array, value, unit)| format!(
            "CONSTANT {{ c{k} = {value:e}{unit} }} DEFINE D{k} 3 LOCAL l{k}{array}, k{k}"
        )),
        body().prop_map(|body| format!("DERIVATIVE d {{ {body} }}")),
        body().prop_map(|body| format!("KINETIC d {{ {body} }}")),
        body().prop_map(|body| format!("PROCEDURE p(a (mV), b) {{ {body} }}")),
        body().prop_map(|body| format!("FUNCTION f() (mV) {{ {body} }}")),
    ]
    .boxed()
}

proptest! {
    #[test]
    fn arbitrary_programs_survive(
        blocks in prop::collection::vec(block(), 0..6),
        initial in prop::collection::vec(statement(), 0..3),
        title in "[ -~]{0,20}",
    ) {
        let (blocks, initial) = (blocks.join("\n"), initial.join("\n"));
        printed(&format!("TITLE {title}\nDEFINE N 3\n{blocks}\nINITIAL {{ {initial} }}"));
    }
}
