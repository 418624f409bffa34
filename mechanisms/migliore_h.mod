TITLE Hyperpolarization-activated cation channel of CA1 pyramidal cells

COMMENT
Migliore M, Hoffman DA, Magee JC, Johnston D (1999) Role of an A-type K+ conductance in the
back-propagation of action potentials in the dendrites of hippocampal pyramidal neurons. J Comput
Neurosci 7:5-15.
Magee JC (1998) Dendritic hyperpolarization-activated currents modify the integrative properties of
hippocampal CA1 pyramidal neurons. J Neurosci 18:7613-7624.

The time constant is that of 33 degC and falls 4.5-fold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX migliore_h
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, vhalf, linf, ltau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-4 (S/cm2) <0,1e9>
    e = -30 (mV)
    vhalf = -81 (mV)
}

STATE { l }

ASSIGNED {
    v (mV)
    celsius (degC)
    i (mA/cm2)
    linf
    ltau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    i = gbar*l*(v - e)
}

INITIAL {
    rates(v)
    l = linf
}

DERIVATIVE gates {
    rates(v)
    l' = (linf - l)/ltau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, q10
    UNITSOFF
    q10 = 4.5^((celsius - 33)/10)
    linf = 1/(1 + exp((v - vhalf)/8))
    : .0378/mV is F/RT at 33 degC
    u = .0378*2.2*(v + 75)
    ltau = exp(.4*u)/(q10*.011*(1 + exp(u)))
    UNITSON
}
