TITLE Slow potassium channel of spike-frequency adaptation (M current), under Jaxley's names

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441.
ENDCOMMENT

NEURON {
    SUFFIX Km
    USEION k READ ek WRITE ik
    RANGE gKm, taumax
}

PARAMETER {
    gKm = 4e-6 (S/cm2)
    taumax = 4000 (ms)
}

STATE { p }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    p_inf
    p_tau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gKm*p*(v - ek)
}

INITIAL {
    rates(v)
    p = p_inf
}

DERIVATIVE gates {
    rates(v)
    p' = (p_inf - p)/p_tau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    p_inf = 1/(1 + exp(-(v + 35)/10))
    p_tau = taumax/(3.3*exp((v + 35)/20) + exp(-(v + 35)/20))
    UNITSON
}
