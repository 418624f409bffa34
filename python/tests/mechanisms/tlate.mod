TITLE a current of the tests whose block reads its own variables before it assigns them

COMMENT
A block that is solved implicitly is run several times in each step, at half a step under Crank-Nicolson: what it reads
before it assigns it is of the run before, not of the step before.
ENDCOMMENT

NEURON {
    SUFFIX tlate
    NONSPECIFIC_CURRENT i
    RANGE g, tau, inf, portion, early, i
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER { g = 2e-5 (S/cm2) }

STATE { m }

ASSIGNED {
    v (mV)
    dt (ms)
    i (mA/cm2)
    inf
    tau (ms)
    portion
    early
}

INITIAL {
    rates(v)
    m = inf
}

BREAKPOINT {
    SOLVE opening METHOD derivimplicit
    i = g*(m + 10*portion)*(v + 20(mV))
}

DERIVATIVE opening {
    early = inf + 0.1*portion
    rates(v)
    m' = (inf - m)/tau
}

PROCEDURE rates(v (mV)) {
    UNITSOFF
    if (tau > 0) {
        portion = 1 - exp(-dt/tau)
    } else {
        portion = 0
    }
    inf = 1/(1 + exp(-(v + 40)/8))
    tau = 2 + 5/(1 + exp((v + 50)/6))
    UNITSON
}
