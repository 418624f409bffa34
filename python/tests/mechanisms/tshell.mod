TITLE magnesium of the tests: what follows a rate in its block sees the state after its step

NEURON {
    SUFFIX tshell
    USEION ca READ ica
    USEION mg WRITE mgi VALENCE 2
    RANGE tau
}

UNITS {
    (mM) = (milli/liter)
    (mA) = (milliamp)
}

PARAMETER { tau = 3 (ms) }

STATE { inside (mM) }

ASSIGNED {
    ica (mA/cm2)
    mgi (mM)
}

INITIAL {
    inside = 0.5
    mgi = inside
}

BREAKPOINT { SOLVE filling METHOD cnexp }

DERIVATIVE filling {
    UNITSOFF
    inside' = -10*ica - (inside - 0.5)/tau
    UNITSON
    mgi = inside
}
