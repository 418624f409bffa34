: An excitatory synapse that learns from the order of spikes: a spike of the cell, seen in its voltage, strengthens
: all connections by what is left of their last events, and an event weakens its own by what is left of the last spike.

NEURON {
    POINT_PROCESS TLearning
    NONSPECIFIC_CURRENT i
    RANGE tau, g, level, rise, fall, spike
}

PARAMETER {
    tau = 2 (ms)
    level = -20 (mV)
    rise = 0.3
    fall = 0.25
    window = 10 (ms)
}

ASSIGNED {
    v (mV)
    i (nA)
    spike (ms)
}

STATE {
    g (uS)
}

INITIAL {
    g = 0
    spike = -1e9
    net_send(0, 1)
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = g*v
}

DERIVATIVE decay {
    g' = -g/tau
}

NET_RECEIVE (weight (uS), change, last (ms)) {
    INITIAL {
        change = 0
        last = -1e9
    }
    IF (flag == 0) {
        change = change - fall*exp((spike - t)/window)
        last = t
        g = g + weight*(1 + change)
    } ELSE IF (flag == 2) {
        spike = t
        FOR_NETCONS (w, own, before (ms)) {
            own = own + rise*exp((before - t)/window)
        }
    } ELSE {
        WATCH (v > level) 2
    }
}
