TITLE A test: what is done before and after the blocks of all mechanisms, and recorded

NEURON {
    SUFFIX tmoments
    NONSPECIFIC_CURRENT i
    RANGE runs, start, opened, g, seen, highest, mean, n
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER { gmax = 3e-5 (S/cm2) }

STATE { m n }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    g (S/cm2)
    runs
    start
    opened
    seen
    highest (mV)
    mean (mA/cm2)
}

BEFORE INITIAL { runs = 1 + v/(100 (mV)) }

INITIAL {
    m = 0.2
    start = runs*m
}

AFTER INITIAL { opened = start + m }

BEFORE BREAKPOINT { g = gmax*m*(1 + v/(200 (mV))) }

BREAKPOINT {
    SOLVE follow METHOD cnexp
    i = g*(v + 40 (mV))*opened + 0.01*gmax*seen*v
}

DERIVATIVE follow { m' = (1/(1 + exp(-(v + 40 (mV))/(9 (mV)))) - m)/(3 (ms)) }

AFTER SOLVE {
    seen = seen + m
    n = n + 0.5
}

BEFORE STEP {
    IF (v > highest) { highest = v }
    mean = 0.9*mean + 0.1*i
}
