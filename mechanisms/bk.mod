TITLE Calcium- and voltage-dependent potassium channel of large conductance (BK)

COMMENT
Moczydlowski E, Latorre R (1983) Gating kinetics of Ca2+-activated K+ channels from rat muscle
incorporated into planar lipid bilayers: evidence for two voltage-dependent Ca2+ binding reactions.
J Gen Physiol 82:511-542.
Migliore M, Cook EP, Jaffe DB, Turner DA, Johnston D (1995) Computer simulations of morphologically
reconstructed CA3 hippocampal neurons. J Neurophysiol 73:1157-1168.

Two calcium ions bind, each in the electric field of the membrane; the parameters are those of the
model of Migliore et al.
ENDCOMMENT

NEURON {
    SUFFIX bk
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, d1, d2, k1, k2, opening, closing, oinf, otau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}

PARAMETER {
    gbar = .01 (S/cm2) <0,1e9>
    d1 = .84
    d2 = 1
    k1 = 4.8e-4 (mM) <1e-12,1e9>
    k2 = 1.3e-7 (mM) <1e-12,1e9>
    opening = .28 (/ms) <0,1e9>
    closing = .48 (/ms) <0,1e9>
}

STATE { o }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    oinf
    otau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*o*(v - ek)
}

INITIAL {
    rates(v, cai)
    o = oinf
}

DERIVATIVE gates {
    rates(v, cai)
    o' = (oinf - o)/otau
}

PROCEDURE rates(v (mV), c (mM)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = opening*c/(c + affinity(k1, d1, v))
    beta = closing/(1 + c/affinity(k2, d2, v))
    oinf = alpha/(alpha + beta)
    otau = 1/(alpha + beta)
    UNITSON
}

: of a site at the fraction d of the voltage
FUNCTION affinity(k (mM), d, v (mV)) (mM) {
    affinity = k*exp(-(1e-3)*2*d*FARADAY*v/(R*(celsius + 273.15)))
}
