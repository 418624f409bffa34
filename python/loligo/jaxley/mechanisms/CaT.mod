TITLE Low-threshold calcium channel (T type), under Jaxley's names

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441.
ENDCOMMENT

NEURON {
    SUFFIX CaT
    USEION ca READ eca WRITE ica
    RANGE gCaT, vx
}

PARAMETER {
    gCaT = 4e-5 (S/cm2)
    vx = 2 (mV)
}

STATE { u }

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    u_inf
    u_tau (ms)
    s_inf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    s_inf = 1/(1 + exp(-(v + vx + 57)/6.2))
    ica = gCaT*s_inf^2*u*(v - eca)
}

INITIAL {
    rates(v)
    u = u_inf
}

DERIVATIVE gates {
    rates(v)
    u' = (u_inf - u)/u_tau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    u_inf = 1/(1 + capped_exp((v + vx + 81)/4))
    u_tau = (30.8 + 211.4 + capped_exp((v + vx + 113.2)/5))/(3.7*(1 + capped_exp((v + vx + 84)/3.2)))
    UNITSON
}

: Jaxley caps its exponentials. During spikes u_tau depends on it: 0.27 ms at any voltage above -15 mV,
: where the published equation gives 0.0002 ms at 30 mV.
FUNCTION capped_exp(x) {
    IF (x < 20) {
        capped_exp = exp(x)
    } ELSE {
        capped_exp = exp(20)
    }
}
