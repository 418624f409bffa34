TITLE one of everything that the front end reads

NEURON {
    SUFFIX everything
    USEION ca READ cai, cao, eca WRITE ica VALENCE 2
    USEION na READ ina WRITE nai
    NONSPECIFIC_CURRENT i
    RANGE gbar, g, w
    GLOBAL q
    THREADSAFE
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (molar) = (1/liter)
    (mM) = (millimolar)
    F = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
    depth = 0.1 (micron)
}

DEFINE N 3

CONSTANT {
    zero = 273.15 (degC)
}

INDEPENDENT { t FROM 0 TO 1 WITH 1 (ms) }

PARAMETER {
    gbar = 1e-3 (S/cm2) <0, 1>
    q = 3
    k[N] = 2 (/ms)
    total = 1 (mM)
}

STATE {
    m h FROM 0 TO 1 START 0.5 <1e-4>
    nai (mM)
    c[N] (mM)
    o s
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ica (mA/cm2) ina (mA/cm2) i (mA/cm2)
    eca (mV) cai (mM) cao (mM)
    g (S/cm2)
    minf mtau (ms)
    w
    a[2] (mV)
}

LOCAL shift

INITIAL {
    rates(v)
    m = minf
    h = h0
    shift = 1
    FROM j = 0 TO N - 1 {
        c[j] = j
    }
    SOLVE scheme STEADYSTATE sparse
}

BREAKPOINT {
    LOCAL x, y
    SOLVE states METHOD derivimplicit
    SOLVE scheme METHOD sparse
    SOLVE count
    CONDUCTANCE g USEION ca
    g = gbar*m^3*h
    ica = g*(v - eca)
    x = fabs(v)
    y = (1e-3)*5 (mV)
    IF (v > -40 && x < 3 || !(y == 1)) {
        i = x
    } ELSE IF (v != 0) {
        i = -y
    } ELSE {
        i = 2^-3
    }
    VERBATIM
    return 0;
    ENDVERBATIM
    printf("%g\n", v)
}

DERIVATIVE states {
    rates(v)
    m' = (minf - m)/mtau
    h' = -h*h
    nai' = -(1e4)*ina/(F*depth)
}

KINETIC scheme {
    COMPARTMENT 2 { o }
    COMPARTMENT l, k[l] { c }
    ~ o + 2 s <-> c[0] (k[0], exp(v))
    FROM l = 0 TO N - 2 {
        ~ c[l] <-> c[l + 1] (1, 2)
    }
    ~ o -> (1)
    ~ s << (ica)
    CONSERVE o + s + c[0] = total
}

PROCEDURE rates(u (mV)) {
    TABLE minf, mtau DEPEND celsius FROM -100 TO 100 WITH 200
    UNITSOFF
    minf = 1/(1 + exp(-(u + 40)/10))
    mtau = q^((celsius - 20)/10)*gate(u, 1)
    UNITSON
}

PROCEDURE count() {
    w = w + 1
    shift = shift*2
}

FUNCTION gate(u (mV), y) (ms) {
    IF (fabs(u/y) < 1e-6) {
        gate = y*(1 - u/y/2)
    } ELSE {
        gate = exprelr(u/y) + sqrt(log(2)) + fmin(1, tanh(sin(y))) + pow(2, y)
    }
}

COMMENT
a comment
ENDCOMMENT
