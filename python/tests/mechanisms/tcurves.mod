TITLE A test: functions that NEURON has built in, in a rate and in a current

NEURON {
    SUFFIX tcurves
    NONSPECIFIC_CURRENT i
    RANGE angle, around, bend, level, saturation, wave, ghk
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER { gmax = 2e-5 (S/cm2) }

STATE { m }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    angle
    around
    bend
    level
    saturation
    wave
    ghk
}

INITIAL { m = erf(v/(60 (mV))) }

BREAKPOINT {
    SOLVE follow METHOD derivimplicit
    UNITSOFF
    angle = atan(0.05*v) + 0.1*acos(0.009*v) + asin(0.009*v)
    around = atan2(v + 30, v + 50)
    bend = erf(0.03*v)
    saturation = hyperbol(v + 100, 1, 30) + sigmoid(v + 100, 1, 40, 3) - revsigmoid(v + 100, 1, 40, 2) + gauss(v, -40, 20)
    wave = harmonic(t, 20, 0.5, 3) + pulse(t, 9.99, 1, 15) + sawtooth(t + 0.01, 11, 0.2)
    ghk = nrn_ghk(v, 1e-4, 2, 2)
    i = gmax*(v + 40)*(1 + m + 0.2*angle + 0.1*bend*saturation) + 0.2*gmax*wave + 1e-9*ghk
    UNITSON
}

DERIVATIVE follow {
    level = 1 + erf(v/(60 (mV)))
    m' = (atan(level - m) - 0.1*m*m*m)/(4 (ms))
}
