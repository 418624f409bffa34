: A source of spikes, so many at intervals that are even, negative exponential, or in between.

NEURON {
    ARTIFICIAL_CELL TStim
    RANGE start, interval, number, noise
    RANDOM stream
}

PARAMETER {
    start = 5 (ms)
    interval = 10 (ms)
    number = 10
    noise = 0
}

ASSIGNED {
    left
}

INITIAL {
    left = number
    IF (left > 0) {
        net_send(start + interspike() - (1 - noise)*interval, 1)
    }
}

FUNCTION interspike() (ms) {
    interspike = (1 - noise)*interval + noise*interval*random_negexp(stream)
}

NET_RECEIVE (weight) {
    IF (flag == 1) {
        net_event(t)
        left = left - 1
        IF (left > 0) {
            net_send(interspike(), 1)
        }
    }
    IF (flag == 0 && weight < 0) {
        left = 0
    }
}
