TITLE Transient potassium channel of cortical neurons (K_T)

COMMENT
Gouwens NW, Berg J, Feng D, Sorensen SA, Zeng H, Hawrylycz MJ, Koch C, Arkhipov A (2018) Systematic
generation of biophysically detailed models for diverse cortical neuron types. Nat Commun 9:710.
Korngreen A, Sakmann B (2000) Voltage-gated K+ channels in layer 5 neocortical pyramidal neurones
from young rats: subtypes and gradients. J Physiol 525:621-639.

A mechanism of the perisomatic and all-active models of the Allen Cell Types Database; its others
are hay_ih, hay_im, hay_sk_e2, hay_skv3_1, hay_ca_hva, hay_ca_lvast and hay_cadynamics_e2. Measured
at 21 degC; sped up 2.3-fold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX allen_k_t
    USEION k READ ek WRITE ik
    RANGE gbar, vshift, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2) <0,1e9>
    vshift = 0 (mV)
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*m*m*m*h*(v - ek)
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
    LOCAL u, q10
    UNITSOFF
    q10 = 2.3^((celsius - 21)/10)
    u = v - vshift
    minf = 1/(1 + exp(-(u + 47)/29))
    mtau = (.34 + .92*exp(-((u + 71)/59)^2))/q10
    hinf = 1/(1 + exp((u + 66)/10))
    htau = (8 + 49*exp(-((u + 73)/23)^2))/q10
    UNITSON
}
