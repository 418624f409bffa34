TITLE Delayed rectifier potassium channel of CA1 pyramidal cells

COMMENT
Migliore M, Hoffman DA, Magee JC, Johnston D (1999) Role of an A-type K+ conductance in the
back-propagation of action potentials in the dendrites of hippocampal pyramidal neurons. J Comput
Neurosci 7:5-15.

The slopes go with the absolute temperature; the time constant is that of 24 degC. sh shifts
voltages.
ENDCOMMENT

NEURON {
    SUFFIX migliore_kdr
    USEION k READ ek WRITE ik
    RANGE gbar, sh, ninf, ntau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .003 (S/cm2) <0,1e9>
    sh = 0 (mV)
}

STATE { n }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    ninf
    ntau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*n*(v - ek)
}

INITIAL {
    rates(v)
    n = ninf
}

DERIVATIVE gates {
    rates(v)
    n' = (ninf - n)/ntau
}

PROCEDURE rates(v (mV)) {
    LOCAL u
    UNITSOFF
    u = v - sh - 13
    ninf = 1/(1 + boltzmann(-3, u))
    ntau = atleast(boltzmann(-2.1, u)/(.02*(1 + boltzmann(-3, u))), 2)
    UNITSON
}

FUNCTION atleast(x, least) {
    IF (x < least) {
        atleast = least
    } ELSE {
        atleast = x
    }
}

: exp of zeta charges that cross x mV
FUNCTION boltzmann(zeta, x (mV)) {
    boltzmann = exp((1e-3)*zeta*x*9.648e4/(8.315*(273.16 + celsius)))
}
