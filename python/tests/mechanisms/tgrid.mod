TITLE A test: a rate of two arguments, given as a table

NEURON {
    SUFFIX tgrid
    NONSPECIFIC_CURRENT i
    RANGE shift
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gmax = 3e-5 (S/cm2)
    shift = 0.4
}

STATE { m }

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

FUNCTION_TABLE opening(v (mV), x)

INITIAL { m = 0 }

BREAKPOINT {
    SOLVE follow METHOD cnexp
    i = gmax*m*opening(v, 1 - m)*(v + 30 (mV))
}

DERIVATIVE follow { m' = (opening(v, shift) - m)/(5 (ms)) }
