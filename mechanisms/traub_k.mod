TITLE Delayed rectifier potassium channel of hippocampal pyramidal cells

COMMENT
Traub RD, Miles R (1991) Neuronal networks of the hippocampus. Cambridge University Press.

Temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX traub_k
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
    gbar = .08 (S/cm2) <0,1e9>
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
    alpha = .032*vtrap(-(v + 52), 5)
    beta = .5*exp(-(v + 57)/40)
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
