TITLE NMDA receptors with two states, which magnesium blocks

COMMENT
Destexhe A, Mainen ZF, Sejnowski TJ (1998) Kinetic models of synaptic transmission. In: Koch C,
Segev I (eds) Methods in neuronal modeling, 2nd ed. MIT Press, pp 1-25.
Destexhe A, Mainen ZF, Sejnowski TJ (1994) An efficient method for computing synaptic conductances
based on a kinetic model of receptor binding. Neural Comput 6:14-18.
Jahr CE, Stevens CF (1990) Voltage dependence of NMDA-activated macroscopic conductances predicted by
single-channel kinetics. J Neurosci 10:3178-3182.

A receptor is closed or open. A spike brings a pulse of transmitter, which binds; one that comes
during a pulse prolongs it. The share of open receptors of a connection is known in closed form
(1994), so that the two states below stand for all connections of a synapse, however many. The weight
of a connection is its conductance with all receptors open. The rates are those of the fits (1998);
temperature is not part of them. Magnesium outside the cell blocks what is open, at once (1990).
ENDCOMMENT

NEURON {
    POINT_PROCESS destexhe_nmda
    NONSPECIFIC_CURRENT i
    RANGE alpha, beta, transmitter, duration, e, mg, g, i
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (mM) = (milli/liter)
}

PARAMETER {
    alpha = .072 (/mM-ms) <0,1e9> : binding
    beta = .0066 (/ms) <1e-9,1e9> : unbinding
    transmitter = 1 (mM) <0,1e9> : while there is some
    duration = 1 (ms) <0,1e9> : of the pulse
    e = 0 (mV)
    mg = 1 (mM) <0,1e9> : magnesium outside
}

STATE {
    rising (uS) : conductance of connections that have transmitter
    falling (uS) : conductance of the others
}

ASSIGNED {
    v (mV)
    reached (uS) : weights of connections that have transmitter
    g (uS)
    i (nA)
}

BREAKPOINT {
    SOLVE binding METHOD cnexp
    g = unblocked(v)*(rising + falling)
    i = g*(v - e)
}

INITIAL {
    rising = 0
    falling = 0
    reached = 0
}

DERIVATIVE binding {
    rising' = alpha*transmitter*(reached - rising) - beta*rising
    falling' = -beta*falling
}

: the share of open channels without a magnesium ion in them
FUNCTION unblocked(v (mV)) {
    unblocked = 1/(1 + mg/3.57(mM)*exp(-.062(/mV)*v))
}

: exposed: whether there is transmitter; pulses: how many spikes came; open: the share of receptors that
: was open at the time since. What the synapse sends itself has the number of the spike as its flag.
NET_RECEIVE(weight (uS), exposed, pulses, open, since (ms)) {
    LOCAL rate, steady
    INITIAL {
        exposed = 0
        pulses = 0
        open = 0
        since = t
    }
    IF (flag == 0) {
        IF (exposed == 0) {
            open = open*exp(-beta*(t - since))
            since = t
            exposed = 1
            rising = rising + weight*open
            falling = falling - weight*open
            reached = reached + weight
        }
        pulses = pulses + 1
        net_send(duration, pulses)
    } ELSE IF (flag == pulses) {
        : no spike came while there was transmitter, which is gone now
        rate = alpha*transmitter + beta
        steady = alpha*transmitter/rate
        open = steady + (open - steady)*exp(-rate*(t - since))
        since = t
        exposed = 0
        rising = rising - weight*open
        falling = falling + weight*open
        reached = reached - weight
    }
}
