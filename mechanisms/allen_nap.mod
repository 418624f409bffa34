TITLE Persistent sodium channel of cortical neurons (Nap)

COMMENT
Gouwens NW, Berg J, Feng D, Sorensen SA, Zeng H, Hawrylycz MJ, Koch C, Arkhipov A (2018) Systematic
generation of biophysically detailed models for diverse cortical neuron types. Nat Commun 9:710.
Magistretti J, Alonso A (1999) Biophysical properties and slow voltage-dependent inactivation of a
sustained sodium current in entorhinal cortex layer-II principal neurons: a whole-cell and
single-channel study. J Gen Physiol 114:491-509.

Activation is instantaneous. A mechanism of the perisomatic and all-active models of the Allen Cell
Types Database; its others are hay_ih, hay_im, hay_sk_e2, hay_skv3_1, hay_ca_hva, hay_ca_lvast and
hay_cadynamics_e2. Measured at 21 degC; sped up 2.3-fold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX allen_nap
    USEION na READ ena WRITE ina
    RANGE gbar, minf, hinf, htau
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

STATE { h }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    minf
    hinf
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    minf = 1/(1 + exp(-(v + 52.6)/4.6))
    ina = gbar*minf*h*(v - ena)
}

INITIAL {
    rates(v)
    h = hinf
}

DERIVATIVE gates {
    rates(v)
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta, q10
    UNITSOFF
    q10 = 2.3^((celsius - 21)/10)
    alpha = 2.88e-6*vtrap(v + 17, 4.63)
    beta = 6.94e-6*vtrap(-(v + 64.4), 2.63)
    hinf = 1/(1 + exp((v + 48.8)/10))
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
