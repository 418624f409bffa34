TITLE Delayed rectifier potassium channel of retinal ganglion cells of the cat

COMMENT
Benison G, Keizer J, Chalupa LM, Robinson DW (2001) Modeling temporal behavior of postnatal cat
retinal ganglion cells. J Theor Biol 210:187-199.

Temperature is not part of the model.
The rate of opening has (v + 30)/10 in its exponent. In print it has .3 v, which makes the rate
infinite at 0 mV.
ENDCOMMENT

NEURON {
    SUFFIX benison_kdr
    USEION k READ ek WRITE ik
    RANGE gbar, minf, mtau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .075 (S/cm2) <0,1e9>
}

STATE { m }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    minf
    mtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*m*m*m*(v - ek)
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
    LOCAL alpha, beta
    UNITSOFF
    alpha = .0065*vtrap(-(v + 30), 10)
    beta = .083*exp(-(v + 15)/15)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    UNITSON
}

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}
