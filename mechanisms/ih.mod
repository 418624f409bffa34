TITLE Hyperpolarization-activated cation channel

COMMENT
McCormick DA, Huguenard JR (1992) A model of the electrophysiological properties of thalamocortical
relay neurons. J Neurophysiol 68:1384-1400.

Of thalamocortical cells. Measured at 36 degC; sped up threefold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX ih
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, vhalf, k, minf, mtau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-4 (S/cm2) <0,1e9>
    e = -43 (mV)
    vhalf = -75 (mV)
    k = 5.5 (mV) <1e-9,1e9>
}

STATE { m }

ASSIGNED {
    v (mV)
    celsius (degC)
    i (mA/cm2)
    minf
    mtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    i = gbar*m*(v - e)
}

INITIAL {
    rates(v)
    m = minf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
}

PROCEDURE rates(v (mV)) {
    LOCAL q10
    UNITSOFF
    q10 = 3^((celsius - 36)/10)
    minf = 1/(1 + exp((v - vhalf)/k))
    mtau = 1/(exp(-14.59 - .086*v) + exp(-1.87 + .0701*v))/q10
    UNITSON
}
