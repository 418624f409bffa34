TITLE channel of @ion@ that opens with voltage, beside mechanisms of the corpus

NEURON {
    SUFFIX channel_@ion@
    USEION @ion@ WRITE i@ion@@valence@
    RANGE g, e
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    g = 1e-4 (S/cm2)
    e = 100 (mV)
}

STATE { m }

ASSIGNED {
    v (mV)
    i@ion@ (mA/cm2)
    open
}

INITIAL {
    gating(v)
    m = open
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i@ion@ = g*m*(v - e)
}

DERIVATIVE states {
    gating(v)
    m' = (open - m)/2
}

PROCEDURE gating(v (mV)) {
    open = 1/(1 + exp(-(v + 35)/8))
}
