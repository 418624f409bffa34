: Announces every spike of its compartment twice: at once, and a while later; an event of another cell that comes in
: between brings the second one forward, or puts it off.

NEURON {
    POINT_PROCESS TEcho
    RANGE span, level, heard
}

PARAMETER {
    span = 3 (ms)
    level = 0 (mV)
}

ASSIGNED {
    v (mV)
    waits
    heard
}

INITIAL {
    waits = 0
    heard = 0
    net_send(0, 3)
}

NET_RECEIVE (later (ms)) {
    IF (flag == 3) {
        WATCH (v > level) 2
    } ELSE IF (flag == 2) {
        net_event(t)
        IF (waits == 0) {
            waits = 1
            net_send(span, 1)
        }
    } ELSE IF (flag == 1) {
        waits = 0
        net_event(t)
    } ELSE {
        heard = heard + 1
        IF (waits == 1) {
            net_move(t + later)
        }
    }
}
