TITLE Delayed rectifier potassium channel of retinal ganglion cells

COMMENT
Fohlmeister JF, Miller RF (1997) Impulse encoding mechanisms of ganglion cells in the tiger
salamander retina. J Neurophysiol 78:1935-1947.

Rates of 22 degC; temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX fohlmeister_k
    USEION k READ ek WRITE ik
    RANGE gbar, ninf, ntau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .012 (S/cm2) <0,1e9>
}

STATE { n }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    ninf
    ntau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*n*n*n*n*(v - ek)
}

INITIAL {
    rates(v)
    n = ninf
}

DERIVATIVE gates {
    rates(v)
    n' = (ninf - n)/ntau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = .02*vtrap(-(v + 40), 10)
    beta = .4*exp(-(v + 50)/80)
    ninf = alpha/(alpha + beta)
    ntau = 1/(alpha + beta)
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
