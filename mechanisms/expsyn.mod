TITLE Synapse whose conductance jumps and decays exponentially

COMMENT
Roth A, van Rossum MCW (2009) Modeling synapses. In: De Schutter E (ed) Computational modeling
methods for neuroscientists. MIT Press, pp 139-160.

The weight of a connection is the conductance that a spike opens. Temperature is not part of it.
ENDCOMMENT

NEURON {
    POINT_PROCESS expsyn
    NONSPECIFIC_CURRENT i
    RANGE tau, e, i
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau = 2 (ms) <1e-9,1e9>
    e = 0 (mV)
}

STATE {
    g (uS)
}

ASSIGNED {
    v (mV)
    i (nA)
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = g*(v - e)
}

INITIAL {
    g = 0
}

DERIVATIVE decay {
    g' = -g/tau
}

NET_RECEIVE(weight (uS)) {
    g = g + weight
}
