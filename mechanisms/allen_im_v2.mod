TITLE Muscarinic potassium channel of cortical neurons (Im_v2)

COMMENT
Gouwens NW, Berg J, Feng D, Sorensen SA, Zeng H, Hawrylycz MJ, Koch C, Arkhipov A (2018) Systematic
generation of biophysically detailed models for diverse cortical neuron types. Nat Commun 9:710.
Vervaeke K, Gu N, Agdestein C, Hu H, Storm JF (2006) Kv7/KCNQ/M-channels in rat glutamatergic
hippocampal axons and their role in regulation of excitability and transmitter release. J Physiol
576:235-256.

A mechanism of the perisomatic and all-active models of the Allen Cell Types Database; its others
are hay_ih, hay_im, hay_sk_e2, hay_skv3_1, hay_ca_hva, hay_ca_lvast and hay_cadynamics_e2. Measured
at 30 degC; sped up 2.3-fold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX allen_im_v2
    USEION k READ ek WRITE ik
    RANGE gbar, minf, mtau
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

STATE { m }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    minf
    mtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*(v - ek)
}

INITIAL {
    rates(v)
    m = minf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta, q10
    UNITSOFF
    q10 = 2.3^((celsius - 30)/10)
    alpha = .007*exp(2.4*(v + 48)/26.12)
    beta = .007*exp(-3.6*(v + 48)/26.12)
    minf = alpha/(alpha + beta)
    mtau = (15 + 1/(alpha + beta))/q10
    UNITSON
}
