TITLE Calcium under the membrane of retinal ganglion cells

COMMENT
Fohlmeister JF, Miller RF (1997) Impulse encoding mechanisms of ganglion cells in the tiger
salamander retina. J Neurophysiol 78:1935-1947.

A shell that the calcium current fills and that empties exponentially. Temperature is not part of
it.
ENDCOMMENT

NEURON {
    SUFFIX fohlmeister_cad
    USEION ca READ ica WRITE cai
    RANGE depth, tau, rest
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    depth = .1 (um) <1e-9,1e9>
    tau = 1.5 (ms) <1e-9,1e9>
    rest = 1e-4 (mM) <0,1e9>
}

STATE {
    cai (mM)
}

ASSIGNED {
    ica (mA/cm2)
}

BREAKPOINT {
    SOLVE shell METHOD cnexp
}

DERIVATIVE shell {
    LOCAL inflow
    inflow = -(1e4)*ica/(2*FARADAY*depth)
    : an outward current takes no calcium out
    IF (inflow < 0) {
        inflow = 0
    }
    cai' = inflow - (cai - rest)/tau
}
