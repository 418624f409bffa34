TITLE Half of a gap junction

COMMENT
Bennett MVL, Zukin RS (2004) Electrical coupling and neuronal synchronization in the mammalian brain.
Neuron 41:495-511.

What flows out of this cell through a conductance to where vgap points: the voltage of the partner,
which has the other half. Temperature is not part of it.
ENDCOMMENT

NEURON {
    POINT_PROCESS halfgap
    NONSPECIFIC_CURRENT i
    POINTER vgap
    RANGE g, i
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    g = 1e-3 (uS) <0,1e9>
}

ASSIGNED {
    v (mV)
    vgap (mV)
    i (nA)
}

BREAKPOINT {
    i = g*(v - vgap)
}
