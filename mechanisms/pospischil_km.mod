TITLE Slow potassium channel of spike-frequency adaptation (M current)

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441. Equations of I_M.
ENDCOMMENT

NEURON {
    SUFFIX pospischil_km
    USEION k READ ek WRITE ik
    RANGE gbar, taumax, pinf, ptau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 4e-6 (S/cm2) <0,1e9>
    taumax = 4000 (ms) <1e-9,1e9>
}

STATE { p }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    pinf
    ptau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*p*(v - ek)
}

INITIAL {
    rates(v)
    p = pinf
}

DERIVATIVE gates {
    rates(v)
    p' = (pinf - p)/ptau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    pinf = 1/(1 + exp(-(v + 35)/10))
    ptau = taumax/(3.3*exp((v + 35)/20) + exp(-(v + 35)/20))
    UNITSON
}
