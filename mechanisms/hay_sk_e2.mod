TITLE Calcium-dependent potassium channel of layer 5 pyramidal cells (SK_E2)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Kohler M, Hirschberg B, Bond CT, Kinzie JM, Marrion NV, Maylie J, Adelman JP (1996)
Small-conductance, calcium-activated potassium channels from mammalian brain. Science 273:1709-1714.

The rates are those of the model at 34 degC; they do not depend on temperature. Also the SK of the
models of the Allen Institute (Gouwens et al. 2018).
Hill's equation is written with powers of the concentration, not of its inverse, so that it has a
value and a slope at 0 mM.
ENDCOMMENT

NEURON {
    SUFFIX hay_sk_e2
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, ztau, kd, zinf
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = 1e-5 (S/cm2) <0,1e9>
    ztau = 1 (ms) <1e-9,1e9>
    kd = 4.3e-4 (mM) <1e-12,1e9>
}

STATE { z }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    zinf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*z*(v - ek)
}

INITIAL {
    rates(cai)
    z = zinf
}

DERIVATIVE gates {
    rates(cai)
    z' = (zinf - z)/ztau
}

PROCEDURE rates(c (mM)) {
    LOCAL power
    UNITSOFF
    power = c^4.8
    zinf = power/(power + kd^4.8)
    UNITSON
}
