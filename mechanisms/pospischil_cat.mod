TITLE Low-threshold calcium channel (T type)

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441. Equations of I_T, whose activation is instantaneous.
ENDCOMMENT

NEURON {
    SUFFIX pospischil_cat
    USEION ca READ eca WRITE ica
    RANGE gbar, vx, sinf, uinf, utau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 4e-5 (S/cm2) <0,1e9>
    vx = 2 (mV)
}

STATE { u }

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    sinf
    uinf
    utau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    sinf = 1/(1 + exp(-(v + vx + 57)/6.2))
    ica = gbar*sinf*sinf*u*(v - eca)
}

INITIAL {
    rates(v)
    u = uinf
}

DERIVATIVE gates {
    rates(v)
    u' = (uinf - u)/utau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    uinf = 1/(1 + exp((v + vx + 81)/4))
    utau = (30.8 + 211.4 + exp((v + vx + 113.2)/5))/(3.7*(1 + exp((v + vx + 84)/3.2)))
    UNITSON
}
