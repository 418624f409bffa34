TITLE Slow non-inactivating potassium channel of neocortical neurons

COMMENT
Mainen ZF, Sejnowski TJ (1996) Influence of dendritic structure on firing pattern in model
neocortical neurons. Nature 382:363-366.

The rates were measured at 23 degC; they and the conductance grow 2.3-fold over 10 degC. The model
of the paper runs at 37 degC.
ENDCOMMENT

NEURON {
    SUFFIX mainen_km
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
    gbar = 1e-3 (S/cm2) <0,1e9>
}

STATE { n }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    q10
    ninf
    ntau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = q10*gbar*n*(v - ek)
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
    q10 = 2.3^((celsius - 23)/10)
    alpha = .001*vtrap(-(v + 30), 9)
    beta = .001*vtrap(v + 30, 9)
    ninf = alpha/(alpha + beta)
    ntau = 1/(q10*(alpha + beta))
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
