TITLE High-threshold calcium channel (L type)

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441. Equations of I_L.
ENDCOMMENT

NEURON {
    SUFFIX pospischil_cal
    USEION ca READ eca WRITE ica
    RANGE gbar, qinf, rinf, qtau, rtau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-4 (S/cm2) <0,1e9>
}

STATE { q r }

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
    qinf
    rinf
    qtau (ms)
    rtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*q*q*r*(v - eca)
}

INITIAL {
    rates(v)
    q = qinf
    r = rinf
}

DERIVATIVE gates {
    rates(v)
    q' = (qinf - q)/qtau
    r' = (rinf - r)/rtau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = .055*vtrap(-27 - v, 3.8)
    beta = .94*exp((-75 - v)/17)
    qinf = alpha/(alpha + beta)
    qtau = 1/(alpha + beta)
    alpha = .000457*exp((-13 - v)/50)
    beta = .0065/(exp((-15 - v)/28) + 1)
    rinf = alpha/(alpha + beta)
    rtau = 1/(alpha + beta)
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
