TITLE Calcium under the membrane of thalamic cells

COMMENT
Destexhe A, Bal T, McCormick DA, Sejnowski TJ (1996) Ionic mechanisms underlying synchronized
oscillations and propagating waves in a model of ferret thalamic slices. J Neurophysiol
76:2049-2070.
Destexhe A, Babloyantz A, Sejnowski TJ (1993) Ionic mechanisms for intrinsic slow oscillations in
thalamic relay neurons. Biophys J 65:1538-1552.

A shell that the calcium current fills and that empties exponentially. Temperature is not part of
it.
ENDCOMMENT

NEURON {
    SUFFIX destexhe_cad
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
    depth = 1 (um) <1e-9,1e9>
    tau = 5 (ms) <1e-9,1e9>
    rest = 2.4e-4 (mM) <0,1e9>
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
