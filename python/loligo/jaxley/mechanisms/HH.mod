TITLE Sodium, potassium and leak channels of the squid giant axon, under Jaxley's names

COMMENT
Hodgkin AL, Huxley AF (1952) A quantitative description of membrane current and its application to
conduction and excitation in nerve. J Physiol 117:500-544, as given by Sterratt D, Graham B, Gillies A,
Einevoll G, Willshaw D (2023) Principles of Computational Modelling in Neuroscience, 2nd edition,
Cambridge University Press. At 6.3 degC, whatever the temperature.
ENDCOMMENT

NEURON {
    SUFFIX HH
    NONSPECIFIC_CURRENT i
    RANGE gNa, gK, gLeak, eNa, eK, eLeak
}

PARAMETER {
    gNa = 0.12 (S/cm2)
    gK = 0.036 (S/cm2)
    gLeak = 0.0003 (S/cm2)
    eNa = 50 (mV)
    eK = -77 (mV)
    eLeak = -54.3 (mV)
}

STATE { m h n }

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    i = gNa*m^3*h*(v - eNa) + gK*n^4*(v - eK) + gLeak*(v - eLeak)
}

INITIAL {
    LOCAL a, b
    a = alpha_m(v)
    b = beta_m(v)
    m = a/(a + b)
    a = alpha_h(v)
    b = beta_h(v)
    h = a/(a + b)
    a = alpha_n(v)
    b = beta_n(v)
    n = a/(a + b)
}

DERIVATIVE gates {
    m' = alpha_m(v)*(1 - m) - beta_m(v)*m
    h' = alpha_h(v)*(1 - h) - beta_h(v)*h
    n' = alpha_n(v)*(1 - n) - beta_n(v)*n
}

UNITSOFF

FUNCTION alpha_m(v) { alpha_m = 0.1*vtrap(-(v + 40), 10) }
FUNCTION beta_m(v) { beta_m = 4*exp(-(v + 65)/18) }
FUNCTION alpha_h(v) { alpha_h = 0.07*exp(-(v + 65)/20) }
FUNCTION beta_h(v) { beta_h = 1/(exp(-(v + 35)/10) + 1) }
FUNCTION alpha_n(v) { alpha_n = 0.01*vtrap(-(v + 55), 10) }
FUNCTION beta_n(v) { beta_n = 0.125*exp(-(v + 65)/80) }

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}

UNITSON
