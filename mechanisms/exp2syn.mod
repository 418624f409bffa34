TITLE Synapse whose conductance rises and decays exponentially

COMMENT
Roth A, van Rossum MCW (2009) Modeling synapses. In: De Schutter E (ed) Computational modeling
methods for neuroscientists. MIT Press, pp 139-160.

The conductance after a spike is weight*(exp(-t/tau_decay) - exp(-t/tau_rise)) over the largest value
of that difference, so that the weight of a connection is the conductance at the peak. The two time
constants must differ: a rise that is not faster than the decay is made so by one part in 10,000.
Temperature is not part of it.
ENDCOMMENT

NEURON {
    POINT_PROCESS exp2syn
    NONSPECIFIC_CURRENT i
    RANGE tau_rise, tau_decay, e, g, i
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau_rise = .5 (ms) <1e-9,1e9>
    tau_decay = 2 (ms) <1e-9,1e9>
    e = 0 (mV)
}

STATE {
    rise (uS)
    decay (uS)
}

ASSIGNED {
    v (mV)
    g (uS)
    i (nA)
}

BREAKPOINT {
    SOLVE difference METHOD cnexp
    g = decay - rise
    i = g*(v - e)
}

INITIAL {
    rise = 0
    decay = 0
}

DERIVATIVE difference {
    rise' = -rise/faster(tau_rise, tau_decay)
    decay' = -decay/tau_decay
}

: the time constant of the rise, below that of the decay
FUNCTION faster(fast (ms), slow (ms)) (ms) {
    IF (fast < .9999*slow) {
        faster = fast
    } ELSE {
        faster = .9999*slow
    }
}

: the largest value of the difference, where its two slopes are equal
FUNCTION peak(fast (ms), slow (ms)) (1) {
    LOCAL when
    when = fast*slow/(slow - fast)*log(slow/fast)
    peak = exp(-when/slow) - exp(-when/fast)
}

NET_RECEIVE(weight (uS)) {
    LOCAL jump
    jump = weight/peak(faster(tau_rise, tau_decay), tau_decay)
    rise = rise + jump
    decay = decay + jump
}
