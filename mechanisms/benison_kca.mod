TITLE Calcium-dependent potassium channel of retinal ganglion cells of the cat

COMMENT
Benison G, Keizer J, Chalupa LM, Robinson DW (2001) Modeling temporal behavior of postnatal cat
retinal ganglion cells. J Theor Biol 210:187-199.

Its opening follows the calcium concentration at once. Temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX benison_kca
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, kd, open
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = .002 (S/cm2) <0,1e9>
    kd = 6e-4 (mM) <1e-12,1e9>
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    open
}

BREAKPOINT {
    open = cai^4/(cai^4 + kd^4)
    ik = gbar*open*(v - ek)
}
