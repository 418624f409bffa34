TITLE A graded synapse of the tests

NEURON {
    POINT_PROCESS TGraded
    POINTER vpre
    NONSPECIFIC_CURRENT i
    RANGE g, e, tau, half, slope, i, open
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    g = 0.004 (uS)
    e = 0 (mV)
    tau = 2 (ms)
    half = -20 (mV)
    slope = 6 (mV)
}

ASSIGNED {
    v (mV)
    vpre (mV)
    i (nA)
    open
}

STATE {
    s
}

INITIAL {
    s = 0.01
}

BREAKPOINT {
    SOLVE release METHOD cnexp
    i = g*s*(v - e)
}

DERIVATIVE release {
    open = 1/(1 + exp((half - vpre)/slope))
    s' = (open - s)/tau
}
