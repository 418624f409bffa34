TITLE Slow non-inactivating potassium channel (M current)

COMMENT
Yamada WM, Koch C, Adams PR (1989) Multiple channels and calcium dynamics. In: Koch C, Segev I (eds)
Methods in neuronal modeling. MIT Press, 97-133.

Measured at 36 degC; sped up 2.3-fold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX im
    USEION k READ ek WRITE ik
    RANGE gbar, taumax, vhalf, k, minf, mtau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2) <0,1e9>
    taumax = 1000 (ms) <1e-9,1e9>
    vhalf = -35 (mV)
    k = 10 (mV) <1e-9,1e9>
}

STATE { m }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    minf
    mtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*(v - ek)
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
    q10 = 2.3^((celsius - 36)/10)
    minf = 1/(1 + exp(-(v - vhalf)/k))
    mtau = taumax/(3.3*exp((v - vhalf)/20) + exp(-(v - vhalf)/20))/q10
    UNITSON
}
