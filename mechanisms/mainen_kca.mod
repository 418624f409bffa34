TITLE Slow calcium-dependent potassium channel of neocortical neurons

COMMENT
Mainen ZF, Sejnowski TJ (1996) Influence of dendritic structure on firing pattern in model
neocortical neurons. Nature 382:363-366.
Reuveni I, Friedman A, Amitai Y, Gutnick MJ (1993) Stepwise repolarization from Ca2+ plateaus in
neocortical pyramidal cells: evidence for nonhomogeneous distribution of HVA Ca2+ channels in
dendrites. J Neurosci 13:4609-4621.

The rates were measured at 23 degC; they and the conductance grow 2.3-fold over 10 degC. The model
of the paper runs at 37 degC.
The rate of opening is .01/ms per mM, as in the model that the authors published.
ENDCOMMENT

NEURON {
    SUFFIX mainen_kca
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, ninf, ntau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = 1e-3 (S/cm2) <0,1e9>
}

STATE { n }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    q10
    ninf
    ntau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = q10*gbar*n*(v - ek)
}

INITIAL {
    rates(cai)
    n = ninf
}

DERIVATIVE gates {
    rates(cai)
    n' = (ninf - n)/ntau
}

PROCEDURE rates(c (mM)) {
    LOCAL alpha, beta
    UNITSOFF
    q10 = 2.3^((celsius - 23)/10)
    alpha = .01*c
    beta = .02
    ninf = alpha/(alpha + beta)
    ntau = 1/(q10*(alpha + beta))
    UNITSON
}
