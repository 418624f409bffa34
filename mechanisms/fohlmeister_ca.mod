TITLE Calcium channel of retinal ganglion cells

COMMENT
Fohlmeister JF, Miller RF (1997) Impulse encoding mechanisms of ganglion cells in the tiger
salamander retina. J Neurophysiol 78:1935-1947.

Rates of 22 degC; temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX fohlmeister_ca
    USEION ca READ eca WRITE ica
    RANGE gbar, cinf, ctau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .0022 (S/cm2) <0,1e9>
}

STATE { c }

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    cinf
    ctau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*c*c*c*(v - eca)
}

INITIAL {
    rates(v)
    c = cinf
}

DERIVATIVE gates {
    rates(v)
    c' = (cinf - c)/ctau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = .3*vtrap(-(v + 13), 10)
    beta = 10*exp(-(v + 38)/18)
    cinf = alpha/(alpha + beta)
    ctau = 1/(alpha + beta)
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
