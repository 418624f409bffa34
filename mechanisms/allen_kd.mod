TITLE Slowly inactivating potassium channel (D type) of cortical neurons (Kd)

COMMENT
Gouwens NW, Berg J, Feng D, Sorensen SA, Zeng H, Hawrylycz MJ, Koch C, Arkhipov A (2018) Systematic
generation of biophysically detailed models for diverse cortical neuron types. Nat Commun 9:710.
Foust AJ, Yu Y, Popovic M, Zecevic D, McCormick DA (2011) Somatic membrane potential and Kv1
channels control spike repolarization in cortical axon collaterals and presynaptic boutons. J
Neurosci 31:15490-15498.

A mechanism of the perisomatic and all-active models of the Allen Cell Types Database; its others
are hay_ih, hay_im, hay_sk_e2, hay_skv3_1, hay_ca_hva, hay_ca_lvast and hay_cadynamics_e2.
Temperature is not part of it.
ENDCOMMENT

NEURON {
    SUFFIX allen_kd
    USEION k READ ek WRITE ik
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
    ek (mV)
    ik (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*h*(v - ek)
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
    UNITSOFF
    minf = 1/(1 + exp(-(v + 43)/8))
    mtau = 1
    hinf = 1/(1 + exp((v + 67)/7.3))
    htau = 1500
    UNITSON
}
