//! What is said of units that do not fit together, and that nothing is said of those that may.

use loligo_mechanism::nmodl;

const DECLARATIONS: &str = "\
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) (molar) = (1/liter) (mM) = (millimolar)
  F = (faraday) (coulomb)  R = (k-mole) (joule/degC) }
NEURON { SUFFIX x USEION ca READ cai, cao WRITE ica NONSPECIFIC_CURRENT i RANGE gbar, g, e }
PARAMETER { gbar = 1 (S/cm2) gcond = 1 (S) e = 0 (mV) tau = 1 (ms) rate = 1 (/ms) slow = 1 (/s)
  depth = 1 (um) small = 1 (uM) k = 9 (mV) plain = 2 n = 2 }
STATE { m c (mM) }
ASSIGNED { v (mV) g (S/cm2) x y (mV) a[2] (ms) }
";

/// The warnings about a text, without the name of the file.
fn warnings(text: &str) -> Vec<String> {
    let mechanism = nmodl::compile(text, "x.mod").unwrap_or_else(|error| panic!("{error}"));
    let warnings = mechanism.warnings.into_iter();
    warnings
        .map(|warning| warning.trim_start_matches("x.mod:").to_owned())
        .collect()
}

/// Warnings about line 9, which has these statements of BREAKPOINT, without the line.
fn statements(text: &str) -> Vec<String> {
    let rest = "DERIVATIVE s { m' = (1 - m)/tau c' = (0 - c)/tau }
        FUNCTION bare(x) { bare = x } FUNCTION gate(u (mV)) (1) { gate = exp(u/k) }";
    let head = "SOLVE s METHOD cnexp g = gbar*m ica = 0 i = g*(v - e) x = 0";
    let text = format!("{DECLARATIONS}BREAKPOINT {{ {head}\n{text}\n}}\n{rest}");
    let line_9 = warnings(&text).into_iter().filter_map(|warning| {
        let message = warning.strip_prefix("9:")?;
        Some(message.to_owned())
    });
    line_9.collect()
}

#[test]
fn units_that_cannot_fit_are_told_with_the_place_and_what_is_missing() {
    for (text, expected) in [
        (
            "ica = gbar*m",
            "7: `ica` is in (mA/cm2), but this is in (S/cm2): they differ by (mV)",
        ),
        (
            "i = gcond*(v - e)",
            "5: `i` is in (mA/cm2), but this is in (1e6 nA): they differ by (/m2)",
        ),
        (
            "i = gbar*(v - tau)",
            "15: the left side of `-` is in (mV), but this is in (ms): they differ by (mV/ms)",
        ),
        (
            "y = v + m",
            "9: the left side of `+` is in (mV), but this has no units",
        ),
        (
            "m = exp(v)",
            "9: the argument of `exp` has no units, but this is in (mV)",
        ),
        (
            "y = v*3^(v/k*tau)",
            "9: an exponent has no units, but this is in (ms)",
        ),
        ("m = tau", "5: `m` has no units, but this is in (ms)"),
        (
            "IF (v > tau) { m = 0 }",
            "9: the left side is in (mV), but this is in (ms): they differ by (mV/ms)",
        ),
        (
            "m = gate(tau)",
            "10: `u` of `gate` is in (mV), but this is in (ms): they differ by (mV/ms)",
        ),
        (
            "m = fmax(v, tau)",
            "13: the first argument of `fmax` is in (mV), but this is in (ms): they differ by (mV/ms)",
        ),
        (
            "y = 5 (ms)",
            "5: `y` is in (mV), but this is in (ms): they differ by (mV/ms)",
        ),
        (
            "y = sqrt(v*v*v*v)",
            "5: `y` is in (mV), but this is in (1e-6 V2): they differ by (/mV)",
        ),
        (
            "LOCAL l l = v a[1] = l",
            "22: `a` is in (ms), but this is in (mV): they differ by (sec/V)",
        ),
    ] {
        assert_eq!(statements(text), [expected], "{text}");
    }
}

#[test]
fn a_wrong_or_missing_conversion_is_told_with_the_factor() {
    for (text, expected) in [
        (
            "c = small",
            "5: `c` is in (mM), but this is in (0.001 mM): the factor (0.001) is missing",
        ),
        (
            "a[0] = 1/(rate + slow)",
            "18: the left side of `+` is in (/ms), but this is in (0.001 /ms): the factor (0.001) is missing",
        ),
        (
            "a[0] = 1/slow",
            "8: `a` is in (ms), but this is in (1000 ms): the factor (1000) is missing",
        ),
        (
            "c = (1000)*small",
            "5: `c` is in (mM), but this is in (1e-6 mM): the factor (1e-6) is missing",
        ),
        (
            "c = cai - tau*ica/(2*F*depth)",
            "11: the left side of `-` is in (mM), but this is in (10000 mM): the factor (10000) is missing",
        ),
        (
            "y = R*(celsius + 273.15)/(2*F)*log(cao/cai)",
            "5: `y` is in (mV), but this is in (1000 mV): the factor (1000) is missing",
        ),
        (
            "m = log(cao/small)",
            "9: the argument of `log` has no units, but this is in (1000): the factor (1000) is missing",
        ),
    ] {
        assert_eq!(statements(text), [expected], "{text}");
    }
}

#[test]
fn what_fits_or_may_fit_is_left_alone() {
    for text in [
        // written as modlunit wants it
        "y = exp(v/18 (mV))*k",
        "c = (0.001)*small",
        "c = cai - (10000)*tau*ica/(2*F*depth)",
        "y = (1000)*R*(celsius + 273.15)/(2*F)*log(cao/cai)",
        "y = sqrt(v*v) + fabs(v) + v^2/v",
        // bare numbers that have the units, or are the factor
        "m = exp((v + 40)/10) + 3^((celsius - 22)/10)",
        "c = cai - 1e4*tau*ica/(2*F*depth)",
        "c = small/1000",
        "a[1] = 1/(0.1*(v + 40)) + 2",
        "m = v/(5)",
        "y = -65",
        // what has no units fits everywhere
        "y = plain*tau",
        "y = bare(tau)",
        "m = (cai/c)^n",
        "m = cai^n/(cai^n + c^n)",
        // nothing is known at the end of paths that differ
        "LOCAL l IF (v > e) { l = v } ELSE { l = tau } y = l",
        // and nobody asks
        "UNITSOFF y = tau + m UNITSON",
    ] {
        assert_eq!(statements(text), [""; 0], "{text}");
    }
}

#[test]
fn units_are_asked_for_again_after_unitson() {
    let text = "UNITSOFF y = tau UNITSON y = m IF (m) { UNITSOFF y = tau } UNITSON y = tau";
    let columns: Vec<String> = statements(text)
        .iter()
        .map(|warning| warning.split(':').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(columns, ["30", "72"]);
}

#[test]
fn a_state_changes_in_its_units_per_millisecond() {
    let text = |equation: &str| {
        format!(
            "NEURON {{ SUFFIX x }} PARAMETER {{ k = 1 (/s) tau = 1 (ms) }} STATE {{ m c (mM) }}
             BREAKPOINT {{ SOLVE s METHOD cnexp }} DERIVATIVE s {{ m' = -m/tau\n{equation} }}"
        )
    };
    assert_eq!(warnings(&text("c' = -c/tau")), [""; 0]);
    assert_eq!(
        warnings(&text("c' = -c*k")),
        ["3:6: `c'` is in (mM/ms), but this is in (0.001 mM/ms): the factor (0.001) is missing"]
    );
    assert_eq!(
        warnings(&text("c' = -c")),
        ["3:6: `c'` is in (mM/ms), but this is in (mM): they differ by (/ms)"]
    );
}

#[test]
fn a_rate_makes_a_flux_of_what_reacts() {
    let text = |reactions: &str| {
        format!(
            "NEURON {{ SUFFIX x USEION ca READ ica }} UNITS {{ F = (faraday) (coulomb) }}
             PARAMETER {{ on = 1 (/mM-ms) off = 1 (/ms) total = 1 (mM) vol = 1 (um3) }}
             ASSIGNED {{ ica (mA/cm2) area (um2) }} STATE {{ c (mM) b (mM) cb (mM) p }}
             BREAKPOINT {{ SOLVE s METHOD sparse }} KINETIC s {{\n{reactions} }}"
        )
    };
    for (reactions, expected) in [
        ("~ c + b <-> cb (on, off)", &[][..]),
        ("~ c + c <-> cb (on, off) CONSERVE c + cb = total", &[]),
        ("COMPARTMENT vol { c } ~ c << (-(1e4)*ica*area/(2*F))", &[]),
        (
            "~ c + b <-> cb (off, on)",
            &[
                "5:17: the rate of this reaction is in (/mM-ms), but this is in (/ms): they differ by (/mM)",
                "5:22: the rate of this reaction is in (/ms), but this is in (/mM-ms): they differ by (mM)",
            ],
        ),
        (
            "COMPARTMENT vol { c } ~ c << (-(1e3)*ica*area/(2*F))",
            &[
                "5:31: a flux into this is in (1e-18 /ms), but this is in (1e-17 /ms): the factor (10) is missing",
            ],
        ),
        (
            "~ p <-> c (off, off) CONSERVE p + b = total",
            &[
                "5:9: the amount of `p` has no units, but this is in (mM)",
                "5:35: the amount of `p` has no units, but this is in (mM)",
            ],
        ),
    ] {
        let found = warnings(&text(reactions));
        let found: Vec<&String> = found
            .iter()
            .filter(|w| !w.contains("nothing changes"))
            .collect();
        assert_eq!(found, expected, "{reactions}");
    }
}

#[test]
fn what_neuron_gives_has_its_units() {
    assert_eq!(
        warnings(
            "NEURON { SUFFIX x USEION ca READ cai WRITE ica }\nPARAMETER { celsius (degC) v (volt) }
ASSIGNED { cai (uM) ica (mA) dt (ms) }\nBREAKPOINT { ica = 0 }"
        ),
        [
            "2:28: `v` is in (mV), not in (1000 mV)",
            "3:12: `cai` is in (mM), not in (0.001 mM)",
            "3:21: `ica` is in (mA/cm2), not in (1e6 nA)",
        ]
    );
}

#[test]
fn units_that_nobody_knows_are_told_once() {
    let text = "NEURON { SUFFIX x }\nPARAMETER { a = 1 (mv) b = 2 (mv) c = 3 (furlong) }";
    assert_eq!(
        warnings(text),
        [
            "2:13: the unit (mv) is not known; did you mean (mV)?",
            "2:35: the unit (furlong) is not known",
        ]
    );
    assert_eq!(
        warnings(&format!(
            "UNITS {{ (mv) = (mV) (furlong) = (201 m) }} {text}"
        )),
        [""; 0]
    );
}
