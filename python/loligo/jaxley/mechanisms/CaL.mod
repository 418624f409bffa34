TITLE High-threshold calcium channel (L type), under Jaxley's names

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441.
ENDCOMMENT

NEURON {
    SUFFIX CaL
    USEION ca READ eca WRITE ica
    RANGE gCaL
}

PARAMETER {
    gCaL = 1e-4 (S/cm2)
}

STATE { q r }

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    q_inf
    q_tau (ms)
    r_inf
    r_tau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gCaL*q^2*r*(v - eca)
}

INITIAL {
    rates(v)
    q = q_inf
    r = r_inf
}

DERIVATIVE gates {
    rates(v)
    q' = (q_inf - q)/q_tau
    r' = (r_inf - r)/r_tau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = 0.055*vtrap(-27 - v, 3.8)
    beta = 0.94*exp((-75 - v)/17)
    q_inf = alpha/(alpha + beta)
    q_tau = 1/(alpha + beta)
    alpha = 0.000457*exp((-13 - v)/50)
    beta = 0.0065/(exp((-15 - v)/28) + 1)
    r_inf = alpha/(alpha + beta)
    r_tau = 1/(alpha + beta)
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
