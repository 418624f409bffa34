TITLE persistent sodium channel of the tests: gates without states, which solved blocks compute

NEURON {
    SUFFIX tnap
    USEION na READ ena WRITE ina
    RANGE gbar
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 1e-3 (S/cm2) }

STATE { h }

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
    hinf
    fast
    late
}

: leaves `late` at 0: in the first step, which solves nothing, the channel is closed
INITIAL {
    gates(v)
    h = hinf
    late = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gbar*fast^2*late*h*(v - ena)
}

DERIVATIVE states {
    gates(v)
    h' = (hinf - h)/20
}

PROCEDURE gates(v (mV)) {
    UNITSOFF
    fast = 1/(1 + exp(-(v + 50)/4))
    late = 1/(1 + exp(-(v + 40)/6))
    hinf = 1/(1 + exp((v + 55)/7))
    UNITSON
}
