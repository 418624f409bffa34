TITLE Fast sodium channel of hippocampal pyramidal cells

COMMENT
Traub RD, Miles R (1991) Neuronal networks of the hippocampus. Cambridge University Press.

Temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX traub_na
    USEION na READ ena WRITE ina
    RANGE gbar, minf, hinf, mtau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .1 (S/cm2) <0,1e9>
}

STATE { m h }

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
    minf
    hinf
    mtau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gbar*m*m*m*h*(v - ena)
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
    alpha = .32*vtrap(-(v + 54), 4)
    beta = .28*vtrap(v + 27, 5)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    alpha = .128*exp(-(v + 50)/18)
    beta = 4/(1 + exp(-(v + 27)/5))
    hinf = alpha/(alpha + beta)
    htau = 1/(alpha + beta)
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
