TITLE High-voltage-activated calcium channel of layer 5 pyramidal cells (Ca_HVA)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Reuveni I, Friedman A, Amitai Y, Gutnick MJ (1993) Stepwise repolarization from Ca2+ plateaus in
neocortical pyramidal cells: evidence for nonhomogeneous distribution of HVA Ca2+ channels in
dendrites. J Neurosci 13:4609-4621.

The rates are those of the model at 34 degC; they do not depend on temperature. Also the Ca_HVA of
the models of the Allen Institute (Gouwens et al. 2018).
ENDCOMMENT

NEURON {
    SUFFIX hay_ca_hva
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
    eca (mV)
    ica (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*m*m*h*(v - eca)
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
    alpha = .055*vtrap(-(v + 27), 3.8)
    beta = .94*exp(-(v + 75)/17)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    alpha = .000457*exp(-(v + 13)/50)
    beta = .0065/(exp(-(v + 15)/28) + 1)
    hinf = alpha/(alpha + beta)
    htau = 1/(alpha + beta)
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
