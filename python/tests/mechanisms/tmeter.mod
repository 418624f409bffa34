TITLE chloride of the tests: a mechanism without currents does all of its BREAKPOINT when states are stepped

NEURON {
    SUFFIX tmeter
    USEION ca READ ica
    USEION cl WRITE cli VALENCE -1
    RANGE gain
}

UNITS {
    (mM) = (milli/liter)
    (mA) = (milliamp)
}

PARAMETER { gain = 10 }

STATE { passed (mM) }

ASSIGNED {
    ica (mA/cm2)
    cli (mM)
    dt (ms)
}

INITIAL {
    passed = 1
    cli = passed
}

BREAKPOINT {
    UNITSOFF
    passed = passed - dt*(gain*ica + 0.1*(passed - 1))
    UNITSON
    if (passed < 1) { passed = 1 }
    cli = passed
}
