TITLE Calcium channel (L type) of hippocampal pyramidal cells

COMMENT
Migliore M, Cook EP, Jaffe DB, Turner DA, Johnston D (1995) Computer simulations of morphologically
reconstructed CA3 hippocampal neurons. J Neurophysiol 73:1157-1168.

The driving force is that of Goldman's equation; temperature enters nothing else.
ENDCOMMENT

NEURON {
    SUFFIX migliore_cal
    USEION ca READ cai, cao WRITE ica
    RANGE gbar, ki, minf, mtau
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
    gbar = .003 (S/cm2) <0,1e9>
    ki = 1e-3 (mM) <1e-12,1e9> : half inactivation by calcium
}

STATE { m }

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    cao (mM)
    ica (mA/cm2)
    minf
    mtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*m*m*ki/(ki + cai)*ghk(v, cai, cao)
}

INITIAL {
    rates(v)
    m = minf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = 15.69*vtrap(81.5 - v, 10)
    beta = .29*exp(-v/10.86)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    UNITSON
}

: the driving force, mV: Goldman's equation for the flux of a divalent ion, divided by its conductance
FUNCTION ghk(v (mV), inside (mM), outside (mM)) (mV) {
    LOCAL x
    x = (1e3)*R*(celsius + 273.15)/(2*FARADAY)
    ghk = -x*(1 - inside/outside*exp(v/x))*vtrap(v/x, 1)
}

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}
