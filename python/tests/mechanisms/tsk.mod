TITLE calcium-dependent potassium channel of the tests

NEURON {
    SUFFIX tsk
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar
}

UNITS {
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 1e-3 (S/cm2) }

STATE { z }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    dt (ms)
    zinf
}

INITIAL {
    rate(cai)
    z = zinf
}

BREAKPOINT {
    SOLVE states
    ik = gbar*z*(v - ek)
}

: advances its state itself
PROCEDURE states() {
    rate(cai)
    z = z + (1 - exp(-dt))*(zinf - z)
    VERBATIM
    return 0;
    ENDVERBATIM
}

PROCEDURE rate(ca (mM)) {
    if (ca < 1e-7) { ca = ca + 1e-7 }
    zinf = 1/(1 + (0.00043/ca)^4.8)
}
