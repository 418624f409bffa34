TITLE Sodium channel of CA1 pyramidal cells, with slow inactivation

COMMENT
Migliore M, Hoffman DA, Magee JC, Johnston D (1999) Role of an A-type K+ conductance in the
back-propagation of action potentials in the dendrites of hippocampal pyramidal neurons. J Comput
Neurosci 7:5-15.

The rates are those of 24 degC and double over 10 degC; sh shifts voltages. With ar = 1 there is no
slow inactivation, with ar = 0 it is complete.
ENDCOMMENT

NEURON {
    SUFFIX migliore_na
    USEION na READ ena WRITE ina
    RANGE gbar, sh, ar, minf, hinf, sinf, mtau, htau, stau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .01 (S/cm2) <0,1e9>
    sh = 0 (mV)
    ar = 1 <0,1>
}

STATE { m h s }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    minf
    hinf
    sinf
    mtau (ms)
    htau (ms)
    stau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gbar*m*m*m*h*s*(v - ena)
}

INITIAL {
    rates(v)
    m = minf
    h = hinf
    s = sinf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
    s' = (sinf - s)/stau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta, q10, u, x
    UNITSOFF
    q10 = 2^((celsius - 24)/10)
    u = v - sh
    alpha = .4*vtrap(-(u + 30), 7.2)
    beta = .124*vtrap(u + 30, 7.2)
    minf = alpha/(alpha + beta)
    mtau = atleast(1/(q10*(alpha + beta)), .02)
    alpha = .03*vtrap(-(u + 45), 1.5)
    beta = .01*vtrap(u + 45, 1.5)
    hinf = 1/(1 + exp((u + 50)/4))
    htau = atleast(1/(q10*(alpha + beta)), .5)
    x = 1/(1 + exp((u + 58)/2))
    sinf = x + ar*(1 - x)
    stau = atleast(boltzmann(2.4, u + 60)/(.0003*(1 + boltzmann(12, u + 60))), 10)
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

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}
