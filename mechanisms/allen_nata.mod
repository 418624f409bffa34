TITLE Transient sodium channel of the axon of cortical neurons (NaTa)

COMMENT
Gouwens NW, Berg J, Feng D, Sorensen SA, Zeng H, Hawrylycz MJ, Koch C, Arkhipov A (2018) Systematic
generation of biophysically detailed models for diverse cortical neuron types. Nat Commun 9:710.
Colbert CM, Pan E (2002) Ion channel properties underlying axonal action potential initiation in
pyramidal neurons. Nat Neurosci 5:533-538.

A mechanism of the perisomatic and all-active models of the Allen Cell Types Database; its others
are hay_ih, hay_im, hay_sk_e2, hay_skv3_1, hay_ca_hva, hay_ca_lvast and hay_cadynamics_e2. Measured
at 23 degC; sped up 2.3-fold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX allen_nata
    USEION na READ ena WRITE ina
    RANGE gbar, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2) <0,1e9>
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gbar*m*m*m*h*(v - ena)
}

INITIAL {
    rates(v)
    m = minf
    h = hinf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta, q10
    UNITSOFF
    q10 = 2.3^((celsius - 23)/10)
    alpha = .182*vtrap(-(v + 48), 6)
    beta = .124*vtrap(v + 48, 6)
    minf = alpha/(alpha + beta)
    mtau = 1/(q10*(alpha + beta))
    alpha = .015*vtrap(v + 69, 6)
    beta = .015*vtrap(-(v + 69), 6)
    hinf = alpha/(alpha + beta)
    htau = 1/(q10*(alpha + beta))
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
