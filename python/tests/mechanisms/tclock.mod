TITLE A test: a conductance that grows with time, opens at a given one, and a state that follows a wave

NEURON {
    SUFFIX tclock
    NONSPECIFIC_CURRENT i
    RANGE gmax, onset, g, wave
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gmax = 2e-5 (S/cm2)
    onset = 9.99 (ms)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    g (S/cm2)
    wave
}

STATE { swing }

INITIAL { swing = t }

BREAKPOINT {
    SOLVE follow METHOD cnexp
    g = gmax*swing*t/(10 (ms))
    IF (t > onset) { g = g + gmax }
    i = g*(v + 80)
}

DERIVATIVE follow {
    wave = sin(0.3(/ms)*t)
    swing' = (wave - swing)/(3 (ms))
}
