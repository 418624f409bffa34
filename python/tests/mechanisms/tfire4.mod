: A membrane that integrates a fast current of excitation and a slower one of inhibition, both of which decay. There
: is a spike when m reaches 1. When that is follows from steps that never reach beyond it: inhibition outlasts
: excitation, so that m grows no faster than it does now.

NEURON {
    ARTIFICIAL_CELL TFire4
    RANGE taue, taui, taum, e, inhibition, m, looks
}

PARAMETER {
    taue = 5 (ms)
    taui = 15 (ms)
    taum = 40 (ms)
    nearly = 1e-6
}

ASSIGNED {
    e
    inhibition
    m
    since (ms)
    looks
}

INITIAL {
    e = 0
    inhibition = 0
    m = 0
    since = t
    looks = 0
    net_send(1e9, 1)
}

PROCEDURE progress() {
    LOCAL d, em
    d = t - since
    em = exp(-d/taum)
    m = m*em + e*taue/(taum - taue)*(em - exp(-d/taue)) + inhibition*taui/(taum - taui)*(em - exp(-d/taui))
    e = e*exp(-d/taue)
    inhibition = inhibition*exp(-d/taui)
    since = t
}

FUNCTION least() (ms) {
    LOCAL slope
    slope = (e + inhibition - m)/taum
    least = 1e9
    IF (slope > 0) {
        least = (1 - m)/slope
    }
}

NET_RECEIVE (weight) {
    progress()
    IF (flag == 1) {
        looks = looks + 1
        IF (m > 1 - nearly) {
            net_event(t)
            m = 0
        }
        net_send(least(), 1)
    } ELSE {
        IF (weight > 0) {
            e = e + weight
        } ELSE {
            inhibition = inhibition + weight
        }
        net_move(t + least())
    }
}
