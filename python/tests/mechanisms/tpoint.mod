TITLE A test: a point process with a state, a current of calcium and a reversal potential that depends on its area

NEURON {
    POINT_PROCESS TPoint
    USEION ca READ cai WRITE ica
    NONSPECIFIC_CURRENT i
    RANGE gmax, tau, share, g, i, ica
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gmax = 4e-3 (uS)
    tau = 4 (ms)
    share = 0.1
}

ASSIGNED {
    v (mV)
    i (nA)
    ica (nA)
    cai (mM)
    area (um2)
    g (uS)
}

STATE { s }

INITIAL { s = 0.2 }

BREAKPOINT {
    SOLVE release METHOD cnexp
    g = gmax*s/(1 + cai/(1e-3 (mM)))
    ica = share*g*(v - 60)
    i = (1 - share)*g*(v - area*1e-3(mV/um2))
}

DERIVATIVE release {
    s' = (1/(1 + exp(-(v + 40)/5(mV))) - s)/tau
}
