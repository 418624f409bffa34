"""Point processes that NEURON has without a file, and the library has not, as NMODL."""

ALPHA_SYNAPSE = """
TITLE Conductance that rises and falls once, as x*exp(1 - x)

COMMENT
Rall W (1967) Distinguishing theoretical synaptic potentials computed for different soma-dendritic
distributions of synaptic input. J Neurophysiol 30:1138-1168.

What follows ten time constants after the onset is cut off, as by NEURON's point process of this name.
ENDCOMMENT

NEURON {
    POINT_PROCESS AlphaSynapse
    NONSPECIFIC_CURRENT i
    RANGE onset, tau, gmax, e, g, i
}

PARAMETER {
    onset = 0 (ms)
    tau = .1 (ms) <1e-3,1e6>
    gmax = 0 (uS) <0,1e9>
    e = 0 (mV)
}

ASSIGNED {
    v (mV)
    g (uS)
    i (nA)
}

BREAKPOINT {
    LOCAL x
    x = (t - onset)/tau
    IF (x < 0 || x > 10) {
        g = 0
    } ELSE {
        g = gmax*x*exp(1 - x)
    }
    i = g*(v - e)
}
"""

ELECTRODE = """
TITLE An electrode that holds up to three voltages, one after the other, through its resistance

NEURON {
    POINT_PROCESS SEClamp
    ELECTRODE_CURRENT i
    RANGE dur1, amp1, dur2, amp2, dur3, amp3, rs, i
}

PARAMETER {
    dur1 (ms)
    amp1 (mV)
    dur2 (ms)
    amp2 (mV)
    dur3 (ms)
    amp3 (mV)
    rs = 1 (megohm) <1e-9,1e9>
}

ASSIGNED {
    v (mV)
    i (nA)
}

BREAKPOINT {
    IF (t < dur1) {
        i = (amp1 - v)/rs
    } ELSE IF (t < dur1 + dur2) {
        i = (amp2 - v)/rs
    } ELSE IF (t < dur1 + dur2 + dur3) {
        i = (amp3 - v)/rs
    } ELSE {
        i = 0
    }
}
"""

STIMULATOR = """
TITLE A source of spikes at even intervals, which events turn on (weight above 0) and off (below 0)

NEURON {
    ARTIFICIAL_CELL NetStim
    RANGE start, interval, number
}

PARAMETER {
    start = 50 (ms)
    interval = 10 (ms)
    number = 10
}

ASSIGNED {
    runs
    sent
}

: flag 1: a spike is due; flag 3: a sequence begins
INITIAL {
    runs = 0
    sent = 0
    IF (start >= 0 && number > 0) {
        runs = 1
        net_send(start + span(interval) - interval, 3)
    }
}

NET_RECEIVE (w) {
    IF (flag == 0) {
        IF (w > 0 && runs == 0 && number > 0) {
            runs = 1
            sent = 0
            net_send(span(interval) - interval, 1)
        } ELSE IF (w < 0) {
            runs = 0
        }
    } ELSE IF (runs == 1) {
        IF (flag == 3) {
            sent = 0
        }
        sent = sent + 1
        net_event(t)
        IF (sent >= number) {
            runs = 0
        } ELSE {
            net_send(span(interval), 1)
        }
    }
}

: intervals are positive
FUNCTION span(mean (ms)) (ms) {
    IF (mean <= 0) {
        span = .01
    } ELSE {
        span = mean
    }
}
"""

TEXTS = {"AlphaSynapse": ALPHA_SYNAPSE, "SEClamp": ELECTRODE, "NetStim": STIMULATOR}
"""By NEURON's names."""
