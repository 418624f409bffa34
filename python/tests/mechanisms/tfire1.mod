: A leaky integrator of events: m decays, an event adds its weight, and above 1 there is a spike, after which
: events are lost for a while.

NEURON {
    ARTIFICIAL_CELL TFire1
    RANGE tau, refractory, m
}

PARAMETER {
    tau = 10 (ms)
    refractory = 5 (ms)
}

ASSIGNED {
    m
    since (ms)
    silent
}

INITIAL {
    m = 0
    since = t
    silent = 0
}

NET_RECEIVE (weight) {
    IF (silent == 0) {
        m = m*exp(-(t - since)/tau) + weight
        since = t
        IF (m > 1) {
            silent = 1
            net_event(t)
            net_send(refractory, 1)
        }
    } ELSE IF (flag == 1) {
        silent = 0
        m = 0
        since = t
    }
}
