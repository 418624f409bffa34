: An integrator of a current that decays: taus di/dt = -i, taum dm/dt = i - m; an event adds its weight to the
: current. There is a spike when m reaches 1, after which m is 0; that moment is known in between events:
: m = a exp(-t/taus) + b exp(-t/taum).

NEURON {
    ARTIFICIAL_CELL TFire2
    RANGE taus, taum, i, m
}

PARAMETER {
    taus = 20 (ms)
    taum = 10 (ms)
}

ASSIGNED {
    i
    m
    since (ms)
}

INITIAL {
    i = 0
    m = 0
    since = t
    net_send(1e9, 1)
}

FUNCTION crossing(a, b) (ms) {
    LOCAL peak, after, n
    crossing = 1e9
    IF (a > 0 && b < 0) {
        peak = log(-b*taus/(a*taum))/(1/taum - 1/taus)
        IF (peak > 0 && a*exp(-peak/taus) + b*exp(-peak/taum) > 1) {
            : m is concave up to its peak, so that Newton's method comes from the left and stays there
            after = 0
            FROM n = 1 TO 12 {
                after = after + (1 - a*exp(-after/taus) - b*exp(-after/taum))/(-a/taus*exp(-after/taus) - b/taum*exp(-after/taum))
            }
            crossing = after
        }
    }
}

NET_RECEIVE (weight) {
    LOCAL a
    a = i*taus/(taus - taum)
    m = a*exp(-(t - since)/taus) + (m - a)*exp(-(t - since)/taum)
    i = i*exp(-(t - since)/taus)
    since = t
    IF (flag == 1) {
        net_event(t)
        m = 0
        a = i*taus/(taus - taum)
        net_send(crossing(a, -a), 1)
    } ELSE {
        i = i + weight
        a = i*taus/(taus - taum)
        IF (m >= 1) {
            net_move(t)
        } ELSE {
            net_move(t + crossing(a, m - a))
        }
    }
}
