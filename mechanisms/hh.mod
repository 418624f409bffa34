TITLE Sodium, potassium and leak channels of the squid giant axon

COMMENT
Hodgkin AL, Huxley AF (1952) A quantitative description of membrane current and its application to
conduction and excitation in nerve. J Physiol 117:500-544.

Equations 12, 13, 20, 21, 23 and 24 and table 3 of the paper, with the voltage V of the paper
(displacement from rest, depolarization negative) replaced by v = -65 - V, so that the axon rests
at -65 mV. The rates were measured at 6.3 degC and grow threefold over 10 degC (p. 519).
ENDCOMMENT

NEURON {
    SUFFIX hh
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gnabar, gkbar, gl, el, gna, gk
    RANGE minf, hinf, ninf, mtau, htau, ntau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gnabar = .12 (S/cm2) <0,1e9>
    gkbar = .036 (S/cm2) <0,1e9>
    gl = .0003 (S/cm2) <0,1e9>
    el = -54.3 (mV)
}

STATE { m h n }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    il (mA/cm2)
    gna (S/cm2)
    gk (S/cm2)
    minf
    hinf
    ninf
    mtau (ms)
    htau (ms)
    ntau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    gna = gnabar*m*m*m*h
    gk = gkbar*n*n*n*n
    ina = gna*(v - ena)
    ik = gk*(v - ek)
    il = gl*(v - el)
}

INITIAL {
    rates(v)
    m = minf
    h = hinf
    n = ninf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
    n' = (ninf - n)/ntau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta, q10
    TABLE minf, hinf, ninf, mtau, htau, ntau DEPEND celsius FROM -100 TO 100 WITH 200

    UNITSOFF
    q10 = 3^((celsius - 6.3)/10)

    : sodium activation, eq. 20 and 21
    alpha = .1*vtrap(-(v + 40), 10)
    beta = 4*exp(-(v + 65)/18)
    minf = alpha/(alpha + beta)
    mtau = 1/(q10*(alpha + beta))

    : sodium inactivation, eq. 23 and 24
    alpha = .07*exp(-(v + 65)/20)
    beta = 1/(exp(-(v + 35)/10) + 1)
    hinf = alpha/(alpha + beta)
    htau = 1/(q10*(alpha + beta))

    : potassium activation, eq. 12 and 13
    alpha = .01*vtrap(-(v + 55), 10)
    beta = .125*exp(-(v + 65)/80)
    ninf = alpha/(alpha + beta)
    ntau = 1/(q10*(alpha + beta))
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
