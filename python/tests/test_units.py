"""Units in `.mod` files: where modlunit, which comes with NEURON, finds a fault, and where it finds none.

The file declares all its units, so that modlunit has no reason to complain of what is only not said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import loligo as lo

MODLUNIT = Path(sys.executable).parent / "modlunit"

pytestmark = pytest.mark.skipif(not MODLUNIT.exists(), reason="NEURON is not there, and modlunit comes with it")

FILE = """
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) (um) = (micron)
  (molar) = (1/liter) (mM) = (millimolar) (uM) = (micromolar)
  F = (faraday) (coulomb)  R = (k-mole) (joule/degC) }
NEURON { SUFFIX checked USEION ca READ cai, cao WRITE ica NONSPECIFIC_CURRENT i RANGE gbar }
PARAMETER { gbar = 1 (S/cm2) gcond = 1 (S) e = 0 (mV) tau = 1 (ms) rate = 1 (/ms) slow = 1 (/s)
  depth = 1 (um) small = 1 (uM) k = 9 (mV) zero = 273.15 (degC) on = 1 (/mM-ms) volume = 1 (um3) }
STATE { m (1) p (1) c (mM) b (mM) d (mM) }
ASSIGNED { v (mV) celsius (degC) area (um2) cai (mM) cao (mM) ica (mA/cm2) i (mA/cm2) x (1) y (mV) w (ms) }
BREAKPOINT {
    SOLVE states METHOD cnexp
    SOLVE scheme METHOD sparse
    ica = 0 (mA/cm2)
    i = gbar*m*(v - e)
    x = gate(v)
    y = v
    w = tau
    BREAKPOINT_HERE
}
DERIVATIVE states {
    DERIVATIVE_HERE
}
KINETIC scheme {
    KINETIC_HERE
}
FUNCTION gate(u (mV)) (1) {
    gate = exp(u/k)
}
"""
PLACES = {
    "BREAKPOINT": "w = tau",
    "DERIVATIVE": "m' = (1 - m)/tau",
    "KINETIC": "~ c <-> b (rate, rate)",
}

RIGHT = {
    "BREAKPOINT": [
        "ica = gbar*(v - e)",
        "y = v + 5 (mV)",
        "y = 5",
        "x = exp((v + 40)/18 (mV))",
        "x = log(cao/cai) + sin(m) + 3^((celsius - 20)/10 (degC))",
        "c = (1e-3)*small",
        "c = cai - (1e4)*tau*ica/(2*F*depth)",
        "y = (1000)*R*(celsius + zero)/(2*F)*log(cao/cai)",
        "w = 1/rate + (1000)*1/slow",
        "IF (v > e) { x = 1 } ELSE { x = 2 }",
        "x = gate(y)",
        "{ LOCAL l l = v y = l }",
    ],
    "DERIVATIVE": ["m' = -m*rate", "m' = (0.001)*(1 - m)*slow"],
    "KINETIC": [
        "~ c + b <-> d (on, rate)",
        "~ c << (ica*(1e4)/(F*depth))",
        "COMPARTMENT volume { c } ~ c << (-(1e4)*ica*area/(2*F))",
    ],
}

WRONG = {
    "BREAKPOINT": [
        "ica = gbar*m",
        "i = gcond*(v - e)",
        "i = gbar*(v - tau)",
        "y = v + m",
        "x = exp(v)",
        "x = log(cai)",
        "x = 3^(v*rate)",
        "m = tau",
        "IF (v > tau) { x = 1 }",
        "x = gate(tau)",
        "y = 5 (ms)",
        "c = small",
        "c = (1000)*small",
        "w = 1/slow",
        "w = 1/(rate + slow)",
        "c = cai - tau*ica/(2*F*depth)",
        "y = R*(celsius + zero)/(2*F)*log(cao/cai)",
        "x = cao/small + log(cao/small)",
        "{ LOCAL l l = tau y = l }",
        "y = v*v",
        "y = v^2",
    ],
    "DERIVATIVE": ["m' = -m", "m' = -m*slow", "m' = (1 - m)*tau"],
    "KINETIC": [
        "~ c + b <-> d (rate, rate)",
        "~ c + b <-> d (on, on)",
        "~ p <-> c (rate, rate)",
        "~ c << (ica/(F*depth))",
        "COMPARTMENT volume { c } ~ c << (-ica*area/(2*F))",
    ],
}


def verdicts(tmp_path: Path, block: str, statement: str) -> tuple[bool, list[str]]:
    """Whether modlunit is content, and what Loligo warns of."""
    text = FILE
    for place, usual in PLACES.items():
        text = text.replace(f"{place}_HERE", statement if place == block else usual)
    file = tmp_path / "checked.mod"
    file.write_text(text)
    modlunit = subprocess.run([MODLUNIT, file], capture_output=True, check=False, text=True)
    assert "syntax" not in modlunit.stderr
    warnings = lo.Mechanism.from_mod(file).warnings
    # a BREAKPOINT that assigns to a state, or a state that nothing changes, is another matter
    return modlunit.returncode == 0, [w for w in warnings if " in (" in w or "has no units" in w]


@pytest.mark.parametrize(("block", "statement"), [(b, s) for b, group in RIGHT.items() for s in group])
def test_what_modlunit_accepts_is_accepted(tmp_path: Path, block: str, statement: str) -> None:
    content, warnings = verdicts(tmp_path, block, statement)
    assert content
    assert warnings == []


@pytest.mark.parametrize(("block", "statement"), [(b, s) for b, group in WRONG.items() for s in group])
def test_what_modlunit_refuses_is_a_warning(tmp_path: Path, block: str, statement: str) -> None:
    content, warnings = verdicts(tmp_path, block, statement)
    assert not content
    assert warnings != []
