TITLE GABA_B receptors that open potassium channels through G-proteins

COMMENT
Destexhe A, Mainen ZF, Sejnowski TJ (1998) Kinetic models of synaptic transmission. In: Koch C,
Segev I (eds) Methods in neuronal modeling, 2nd ed. MIT Press, pp 1-25.
Destexhe A, Sejnowski TJ (1995) G protein activation kinetics and spillover of gamma-aminobutyric acid
may account for differences between inhibitory responses in the hippocampus and thalamus. Proc Natl
Acad Sci USA 92:9515-9519.

A receptor is closed or open. A spike brings a pulse of transmitter, which binds; one that comes
during a pulse prolongs it. Open receptors activate G-proteins, of which four open a channel. The weight
of a connection is the share of the receptors that its transmitter reaches: 1 for a synapse with one
connection. The rates are those of the fits (1998); temperature is not part of them.
ENDCOMMENT

NEURON {
    POINT_PROCESS destexhe_gabab
    NONSPECIFIC_CURRENT i
    RANGE gmax, k1, k2, k3, k4, kd, transmitter, duration, e, g, i
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
    (mM) = (milli/liter)
    (uM) = (micro/liter)
}

PARAMETER {
    gmax = 1e-3 (uS) <0,1e9>
    k1 = .09 (/mM-ms) <0,1e9> : binding
    k2 = .0012 (/ms) <1e-9,1e9> : unbinding
    k3 = .18 (uM/ms) <0,1e9> : activation of G-proteins
    k4 = .034 (/ms) <0,1e9> : their inactivation
    kd = 100 (uM4) <1e-9,1e9> : of four G-proteins and a channel
    transmitter = .5 (mM) <0,1e9> : while there is some
    duration = .3 (ms) <0,1e9> : of the pulse
    e = -95 (mV)
}

STATE {
    rising : open receptors of connections that have transmitter
    falling : open receptors of the others
    gprotein (uM) : active
}

ASSIGNED {
    v (mV)
    reached : receptors of connections that have transmitter
    g (uS)
    i (nA)
}

BREAKPOINT {
    SOLVE cascade METHOD cnexp
    g = gmax*bound(gprotein)
    i = g*(v - e)
}

INITIAL {
    rising = 0
    falling = 0
    gprotein = 0
    reached = 0
}

DERIVATIVE cascade {
    rising' = k1*transmitter*(reached - rising) - k2*rising
    falling' = -k2*falling
    gprotein' = k3*(rising + falling) - k4*gprotein
}

: the share of channels that four G-proteins opened
FUNCTION bound(active (uM)) (1) {
    bound = fourth(active)/(fourth(active) + kd)
}

FUNCTION fourth(active (uM)) (uM4) {
    fourth = active*active*active*active
}

: exposed: whether there is transmitter; pulses: how many spikes came; open: the share of receptors that
: was open at the time since. What the synapse sends itself has the number of the spike as its flag.
NET_RECEIVE(weight, exposed, pulses, open, since (ms)) {
    LOCAL rate, steady
    INITIAL {
        exposed = 0
        pulses = 0
        open = 0
        since = t
    }
    IF (flag == 0) {
        IF (exposed == 0) {
            open = open*exp(-k2*(t - since))
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
        rate = k1*transmitter + k2
        steady = k1*transmitter/rate
        open = steady + (open - steady)*exp(-rate*(t - since))
        since = t
        exposed = 0
        rising = rising - weight*open
        falling = falling + weight*open
        reached = reached - weight
    }
}
