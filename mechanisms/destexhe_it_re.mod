TITLE Low-threshold calcium channel (T type) of thalamic reticular cells

COMMENT
Destexhe A, Contreras D, Steriade M, Sejnowski TJ, Huguenard JR (1996) In vivo, in vitro, and
computational analysis of dendritic calcium currents in thalamic reticular neurons. J Neurosci
16:169-185.

Measured at 24 degC; both gates grow 2.5-fold over 10 degC.
ENDCOMMENT

NEURON {
    SUFFIX destexhe_it_re
    USEION ca READ eca WRITE ica
    RANGE gbar, shift, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .003 (S/cm2) <0,1e9>
    shift = 0 (mV)
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
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
    LOCAL u, q10
    UNITSOFF
    q10 = 2.5^((celsius - 24)/10)
    u = v + shift
    minf = 1/(1 + exp(-(u + 50)/7.4))
    mtau = (3 + 1/(exp((u + 25)/10) + exp(-(u + 100)/15)))/q10
    hinf = 1/(1 + exp((u + 78)/5))
    htau = (85 + 1/(exp((u + 46)/4) + exp(-(u + 405)/50)))/q10
    UNITSON
}
