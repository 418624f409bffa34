TITLE Delayed rectifier potassium channel, under Jaxley's names

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441.
ENDCOMMENT

NEURON {
    SUFFIX K
    USEION k READ ek WRITE ik
    RANGE gK, vt_of_all
}

PARAMETER {
    gK = 5e-3 (S/cm2)
    vt_of_all = -60 (mV)
}

STATE { n }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    n_inf
    n_tau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gK*n^4*(v - ek)
}

INITIAL {
    rates(v)
    n = n_inf
}

DERIVATIVE gates {
    rates(v)
    n' = (n_inf - n)/n_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = 0.032*vtrap(-(v - vt_of_all - 15), 5)
    beta = 0.5*exp(-(v - vt_of_all - 10)/40)
    n_inf = alpha/(alpha + beta)
    n_tau = 1/(alpha + beta)
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
