TITLE Calcium-dependent potassium channel of the slow afterhyperpolarization, hippocampal pyramidal cells

COMMENT
Migliore M, Cook EP, Jaffe DB, Turner DA, Johnston D (1995) Computer simulations of morphologically
reconstructed CA3 hippocampal neurons. J Neurophysiol 73:1157-1168.

Four calcium ions open it. Temperature is not part of it.
ENDCOMMENT

NEURON {
    SUFFIX migliore_kahp
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, winf, wtau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = .003 (S/cm2) <0,1e9>
}

STATE { w }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    winf
    wtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*w*(v - ek)
}

INITIAL {
    rates(cai)
    w = winf
}

DERIVATIVE gates {
    rates(cai)
    w' = (winf - w)/wtau
}

PROCEDURE rates(c (mM)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = 1.3e13*c^4
    beta = .005
    winf = alpha/(alpha + beta)
    wtau = 1/(alpha + beta)
    UNITSON
}
