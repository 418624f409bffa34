TITLE A test: an amplifier whose equations a function and a procedure have solved, and levels that a loop finds

NEURON {
    SUFFIX tamplifier
    NONSPECIFIC_CURRENT i
    RANGE level, last
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    g = 1e-5 (S/cm2)
    gain = 3
    tau = 2 (ms)
    last (mV)
    until[3] (ms)
    target[3] (mV)
}

STATE {
    held (mV)
    sent (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    dt (ms)
    level (mV)
}

INITIAL {
    held = v
    last = v
    until[0] = 5
    until[1] = 12
    until[2] = 1e9
    target[0] = -70
    target[1] = -50
    target[2] = -60
}

BREAKPOINT {
    SOLVE update
    levels()
    i = g*current()
}

PROCEDURE levels() {
    FROM k = 0 TO 2 {
        level = target[k]
        if (t < until[k]) {
            VERBATIM
            break;
            ENDVERBATIM
        }
    }
}

FUNCTION current() (mV) {
    LOCAL weight[2]
    weight[0] = 0.75
    weight[1] = 0.25
    SOLVE amplifier
    current = weight[0]*(v - sent) + weight[1]*(v - level)
}

LINEAR amplifier {
    LOCAL ratio
    ratio = tau/dt
    ~ held + ratio*held = v + ratio*last
    ~ sent + gain*held = level + gain*level
}

PROCEDURE update() {
    SOLVE amplifier
    last = held
}
