TITLE Inactivating potassium channel (A type) of retinal ganglion cells of the cat

COMMENT
Benison G, Keizer J, Chalupa LM, Robinson DW (2001) Modeling temporal behavior of postnatal cat
retinal ganglion cells. J Theor Biol 210:187-199.

Temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX benison_ka
    USEION k READ ek WRITE ik
    RANGE gbar, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .0015 (S/cm2) <0,1e9>
}

STATE { m h }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*m*m*h*(v - ek)
}

INITIAL {
    rates(v)
    m = minf
    h = hinf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = .02*vtrap(-(v + 15), 1/.12)
    beta = .05*exp(-(v + 1)/30)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    hinf = 1/(1 + exp((v + 62)/6.35))
    htau = 25
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
