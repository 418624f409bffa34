TITLE High-voltage-activated calcium channel of neocortical neurons

COMMENT
Mainen ZF, Sejnowski TJ (1996) Influence of dendritic structure on firing pattern in model
neocortical neurons. Nature 382:363-366.
Reuveni I, Friedman A, Amitai Y, Gutnick MJ (1993) Stepwise repolarization from Ca2+ plateaus in
neocortical pyramidal cells: evidence for nonhomogeneous distribution of HVA Ca2+ channels in
dendrites. J Neurosci 13:4609-4621.

The rates were measured at 23 degC; they and the conductance grow 2.3-fold over 10 degC. The model
of the paper runs at 37 degC.
ENDCOMMENT

NEURON {
    SUFFIX mainen_ca
    USEION ca READ eca WRITE ica
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
    celsius (degC)
    eca (mV)
    ica (mA/cm2)
    q10
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = q10*gbar*m*m*h*(v - eca)
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
    LOCAL alpha, beta
    UNITSOFF
    q10 = 2.3^((celsius - 23)/10)
    alpha = .055*vtrap(-(v + 27), 3.8)
    beta = .94*exp(-(v + 75)/17)
    minf = alpha/(alpha + beta)
    mtau = 1/(q10*(alpha + beta))
    alpha = .000457*exp(-(v + 13)/50)
    beta = .0065/(exp(-(v + 15)/28) + 1)
    hinf = alpha/(alpha + beta)
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
