TITLE Calcium channel (N type) of retinal ganglion cells of the cat

COMMENT
Benison G, Keizer J, Chalupa LM, Robinson DW (2001) Modeling temporal behavior of postnatal cat
retinal ganglion cells. J Theor Biol 210:187-199.

Temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX benison_can
    USEION ca READ eca WRITE ica
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
    eca (mV)
    ica (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*m*m*h*(v - eca)
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
    alpha = .1*vtrap(-(v - 20), 10)
    beta = .4*exp(-(v + 25)/18)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    alpha = .01*exp(-(v + 50)/10)
    beta = .1/(1 + exp(-(v + 17)/17))
    hinf = alpha/(alpha + beta)
    htau = 1/(alpha + beta)
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
