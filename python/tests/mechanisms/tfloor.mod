TITLE zinc of the tests: BREAKPOINT, which has no currents, changes what the block has stepped

NEURON {
    SUFFIX tfloor
    USEION zn WRITE zni VALENCE 2
    RANGE lowest, least, resting
}

UNITS { (mM) = (milli/liter) }

PARAMETER {
    lowest = 0.4 (mM)
    resting = 0.5 (mM)
}

STATE {
    zni (mM)
    least (mM)
}

ASSIGNED { v (mV) }

INITIAL {
    zni = resting
    least = resting
}

BREAKPOINT {
    SOLVE filling METHOD cnexp
    if (zni < lowest) {
        zni = lowest
    }
    if (least > 0.9*zni) {
        least = 0.9*zni
    }
}

DERIVATIVE filling {
    UNITSOFF
    zni' = (0.5 - 0.01*(v + 65) - zni)/2
    least' = (zni - least)/5
    UNITSON
}
