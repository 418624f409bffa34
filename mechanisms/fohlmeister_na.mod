TITLE Sodium channel of retinal ganglion cells

COMMENT
Fohlmeister JF, Miller RF (1997) Impulse encoding mechanisms of ganglion cells in the tiger
salamander retina. J Neurophysiol 78:1935-1947.

Rates of 22 degC; temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX fohlmeister_na
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
    gbar = .05 (S/cm2) <0,1e9>
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
    alpha = .6*vtrap(-(v + 30), 10)
    beta = 20*exp(-(v + 55)/18)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    alpha = .4*exp(-(v + 50)/20)
    beta = 6/(1 + exp(-(v + 20)/10))
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
