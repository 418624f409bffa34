TITLE Calcium-dependent potassium channel of retinal ganglion cells

COMMENT
Fohlmeister JF, Miller RF (1997) Impulse encoding mechanisms of ganglion cells in the tiger
salamander retina. J Neurophysiol 78:1935-1947.

Its opening follows the calcium concentration at once. Rates of 22 degC; temperature is not part of
the model.
ENDCOMMENT

NEURON {
    SUFFIX fohlmeister_kca
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
    gbar = 5e-5 (S/cm2) <0,1e9>
    kd = 1e-3 (mM) <1e-12,1e9>
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    open
}

BREAKPOINT {
    open = cai^2/(cai^2 + kd^2)
    ik = gbar*open*(v - ek)
}
