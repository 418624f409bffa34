TITLE Synapse with short-term depression and facilitation

COMMENT
Tsodyks M, Uziel A, Markram H (2000) Synchrony generation in recurrent networks with frequency-dependent
synapses. J Neurosci 20:RC50.
Tsodyks M, Pawelzik K, Markram H (1998) Neural networks with dynamic synapses. Neural Comput 10:821-835.
Tsodyks MV, Markram H (1997) The neural code between neocortical pyramidal neurons depends on
neurotransmitter release probability. Proc Natl Acad Sci USA 94:719-723.

The resources of a connection are recovered, active or inactive: a spike makes the share u of the
recovered ones active; active ones become inactive with the time constant tau, inactive ones recover
with tau_recovery. Each spike moves u towards 1 by the share use of the way, and u falls back to 0 with
tau_facilitation; where that is 0 there is no facilitation, and u is always use. In between all is known
in closed form, so that a connection keeps its resources at its last spike. The weight of a connection
is its conductance with all resources active. The defaults are those of a depressing synapse between
excitatory cells (2000); temperature is not part of it.
ENDCOMMENT

NEURON {
    POINT_PROCESS tsodyks_markram
    NONSPECIFIC_CURRENT i
    RANGE tau, tau_recovery, tau_facilitation, use, e, i
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau = 3 (ms) <1e-9,1e9> : of active resources
    tau_recovery = 800 (ms) <1e-9,1e9> : of inactive ones
    tau_facilitation = 0 (ms) <0,1e9>
    use = .5 <0,1>
    e = 0 (mV)
}

STATE {
    g (uS)
}

ASSIGNED {
    v (mV)
    i (nA)
}

BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = g*(v - e)
}

INITIAL {
    g = 0
}

DERIVATIVE decay {
    g' = -g/tau
}

: what of some active resources is inactive after a while
FUNCTION inactive(passed (ms)) {
    IF (fabs(tau/tau_recovery - 1) < 1e-6) {
        inactive = passed/tau*exp(-passed/tau)
    } ELSE {
        inactive = (exp(-passed/tau) - exp(-passed/tau_recovery))*tau_recovery/(tau - tau_recovery)
    }
}

: u, active, idle (inactive): shares right after the spike at the time last
NET_RECEIVE(weight (uS), u, active, idle, last (ms)) {
    LOCAL released
    INITIAL {
        u = 0
        active = 0
        idle = 0
        last = t
    }
    idle = idle*exp(-(t - last)/tau_recovery) + active*inactive(t - last)
    active = active*exp(-(t - last)/tau)
    IF (tau_facilitation > 0) {
        u = u*exp(-(t - last)/tau_facilitation)
    } ELSE {
        u = 0
    }
    u = u + use*(1 - u)
    released = u*(1 - active - idle)
    active = active + released
    last = t
    g = g + weight*released
}
