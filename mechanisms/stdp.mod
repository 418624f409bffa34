TITLE Synapse whose weight depends on the times of spikes before and behind it

COMMENT
Song S, Miller KD, Abbott LF (2000) Competitive Hebbian learning through spike-timing-dependent synaptic
plasticity. Nat Neurosci 3:919-926.

A spike before the synapse opens the share w of the conductance that is the weight of the connection, and
lowers w by what spikes behind it have left of minus; a spike behind it raises w by what spikes before it
have left of plus. Each spike adds to plus or minus, which decay with tau_plus and tau_minus; w stays between
0 and 1. Spikes behind it are when the voltage where it sits rises above a level, so that each
connection needs a synapse of its own there. The defaults are those of the paper; temperature is not part of
it.
ENDCOMMENT

NEURON {
    POINT_PROCESS stdp
    NONSPECIFIC_CURRENT i
    RANGE tau, e, i, start, tau_plus, tau_minus, a_plus, a_minus, level
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau = 5 (ms) <1e-9,1e9> : of the conductance
    e = 0 (mV)
    start = .5 <0,1> : w at t = 0
    tau_plus = 20 (ms) <1e-9,1e9>
    tau_minus = 20 (ms) <1e-9,1e9>
    a_plus = .005 <0,1>
    a_minus = .00525 <0,1>
    level = 0 (mV) : of the voltage, at which a spike is behind the synapse
}

STATE {
    g (uS)
    w
    plus
    minus
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
    w = start
    plus = 0
    minus = 0
    net_send(0, 1)
}

DERIVATIVE decay {
    g' = -g/tau
    w' = 0
    plus' = -plus/tau_plus
    minus' = -minus/tau_minus
}

NET_RECEIVE(weight (uS)) {
    IF (flag == 0) {
        g = g + weight*w
        w = w - minus
        IF (w < 0) {
            w = 0
        }
        plus = plus + a_plus
    }
    IF (flag == 1) {
        WATCH (v > level) 2
    }
    IF (flag == 2) {
        w = w + plus
        IF (w > 1) {
            w = 1
        }
        minus = minus + a_minus
    }
}
