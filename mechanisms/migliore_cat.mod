TITLE Calcium channel (T type) of hippocampal pyramidal cells

COMMENT
Migliore M, Cook EP, Jaffe DB, Turner DA, Johnston D (1995) Computer simulations of morphologically
reconstructed CA3 hippocampal neurons. J Neurophysiol 73:1157-1168.

The driving force is that of Goldman's equation; temperature enters nothing else.
ENDCOMMENT

NEURON {
    SUFFIX migliore_cat
    USEION ca READ cai, cao WRITE ica
    RANGE gbar, minf, hinf, mtau, htau
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
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    cao (mM)
    ica (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = gbar*m*m*h*ghk(v, cai, cao)
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
    alpha = .2*vtrap(19.26 - v, 10)
    beta = .009*exp(-v/22.03)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    alpha = 1e-6*exp(-v/16.26)
    beta = 1/(exp((29.79 - v)/10) + 1)
    hinf = alpha/(alpha + beta)
    htau = 1/(alpha + beta)
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
