TITLE Inactivating potassium channel (A type) of retinal ganglion cells

COMMENT
Fohlmeister JF, Miller RF (1997) Impulse encoding mechanisms of ganglion cells in the tiger
salamander retina. J Neurophysiol 78:1935-1947.

Rates of 22 degC; temperature is not part of the model.
ENDCOMMENT

NEURON {
    SUFFIX fohlmeister_ka
    USEION k READ ek WRITE ik
    RANGE gbar, ainf, hinf, atau, htau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = .036 (S/cm2) <0,1e9>
}

STATE { a h }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    ainf
    hinf
    atau (ms)
    htau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*a*a*a*h*(v - ek)
}

INITIAL {
    rates(v)
    a = ainf
    h = hinf
}

DERIVATIVE gates {
    rates(v)
    a' = (ainf - a)/atau
    h' = (hinf - h)/htau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = .006*vtrap(-(v + 90), 10)
    beta = .1*exp(-(v + 30)/10)
    ainf = alpha/(alpha + beta)
    atau = 1/(alpha + beta)
    alpha = .04*exp(-(v + 70)/20)
    beta = .6/(1 + exp(-(v + 40)/10))
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
