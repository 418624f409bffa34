TITLE phosphate of the tests: what an implicit block assigns is of its solution

NEURON {
    SUFFIX tcushion
    USEION ca READ ica
    USEION po WRITE poi VALENCE -2
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
    poi (mM)
}

INITIAL {
    inside = 0.5
    poi = inside
}

BREAKPOINT { SOLVE filling METHOD derivimplicit }

DERIVATIVE filling {
    poi = inside
    UNITSOFF
    inside' = -10*ica - (inside - 0.5)/tau
    UNITSON
}
