TITLE A test: an electrode that injects a current which rests on the voltage, as a clamp with a resistance does

NEURON {
    POINT_PROCESS TElectrode
    ELECTRODE_CURRENT i
    RANGE onset, end, command, rs, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
}

PARAMETER {
    onset = 3 (ms)
    end = 12 (ms)
    command = -20 (mV)
    rs = 80 (megohm)
}

ASSIGNED {
    v (mV)
    i (nA)
}

BREAKPOINT {
    IF (t >= onset && t < end) {
        i = (command - v)/rs
    } ELSE {
        i = 0
    }
}
