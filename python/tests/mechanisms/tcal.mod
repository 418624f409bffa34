TITLE calcium channel of the tests

NEURON {
    SUFFIX tcal
    USEION ca READ eca WRITE ica
    RANGE gbar
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 1e-3 (S/cm2) }

STATE { m h }

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    celsius (degC)
    minf hinf
    mtau (ms)
    htau (ms)
}

INITIAL {
    rates()
    m = minf
    h = hinf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ica = gbar*m^2*h*(v - eca)
}

DERIVATIVE states {
    rates()
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}

PROCEDURE rates() {
    LOCAL alpha, beta, q
    UNITSOFF
    q = 2.3^((celsius - 23)/10)
    if (v == -27) { v = v + 0.0001 }
    alpha = 0.055*(-27 - v)/(exp((-27 - v)/3.8) - 1)
    beta = 0.94*exp((-75 - v)/17)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)/q
    alpha = 0.000457*exp((-13 - v)/50)
    beta = 0.0065/(exp((-v - 15)/28) + 1)
    hinf = alpha/(alpha + beta)
    htau = 1/(alpha + beta)/q
    UNITSON
}
