TITLE Potassium channel (A type) of CA1 pyramidal cells, distal

COMMENT
Migliore M, Hoffman DA, Magee JC, Johnston D (1999) Role of an A-type K+ conductance in the
back-propagation of action potentials in the dendrites of hippocampal pyramidal neurons. J Comput
Neurosci 7:5-15.

Slopes go with the absolute temperature; activation is that of 24 degC and grows fivefold over 10
degC. sh shifts voltages.
ENDCOMMENT

NEURON {
    SUFFIX migliore_kad
    USEION k READ ek WRITE ik
    RANGE gbar, sh, ninf, linf, ntau, ltau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .008 (S/cm2) <0,1e9>
    sh = 0 (mV)
}

STATE { n l }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    ninf
    linf
    ntau (ms)
    ltau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*n*l*(v - ek)
}

INITIAL {
    rates(v)
    n = ninf
    l = linf
}

DERIVATIVE gates {
    rates(v)
    n' = (ninf - n)/ntau
    l' = (linf - l)/ltau
}

PROCEDURE rates(v (mV)) {
    LOCAL u, zeta, q10
    UNITSOFF
    q10 = 5^((celsius - 24)/10)
    u = v - sh
    zeta = -1.8 - 1/(1 + exp((u + 40)/5))
    ninf = 1/(1 + boltzmann(zeta, u + 1))
    ntau = atleast(boltzmann(zeta*.39, u + 1)/(q10*.1*(1 + boltzmann(zeta, u + 1))), .2)
    linf = 1/(1 + boltzmann(3, u + 56))
    ltau = atleast(.26*(u + 50), 2)
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
