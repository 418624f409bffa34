TITLE Fast sodium channel of neocortical neurons

COMMENT
Mainen ZF, Sejnowski TJ (1996) Influence of dendritic structure on firing pattern in model
neocortical neurons. Nature 382:363-366.

The rates were measured at 23 degC; they and the conductance grow 2.3-fold over 10 degC. The model
of the paper runs at 37 degC.
Activation and inactivation are shifted by vshift.
ENDCOMMENT

NEURON {
    SUFFIX mainen_na
    USEION na READ ena WRITE ina
    RANGE gbar, vshift, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .1 (S/cm2) <0,1e9>
    vshift = -10 (mV)
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    q10
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = q10*gbar*m*m*m*h*(v - ena)
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
    LOCAL alpha, beta, u
    UNITSOFF
    q10 = 2.3^((celsius - 23)/10)
    u = v + vshift
    : activation
    alpha = .182*vtrap(-(u + 35), 9)
    beta = .124*vtrap(u + 35, 9)
    minf = alpha/(alpha + beta)
    mtau = 1/(q10*(alpha + beta))
    : inactivation, whose steady state is fitted apart
    alpha = .024*vtrap(-(u + 50), 5)
    beta = .0091*vtrap(u + 75, 5)
    hinf = 1/(1 + exp((u + 65)/6.2))
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
