TITLE Leak channel, under Jaxley's names

COMMENT
Pospischil M, Toledo-Rodriguez M, Monier C, Piwkowska Z, Bal T, Fregnac Y, Markram H, Destexhe A
(2008) Minimal Hodgkin-Huxley type models for different classes of cortical and thalamic neurons.
Biol Cybern 99:427-441.
ENDCOMMENT

NEURON {
    SUFFIX Leak
    NONSPECIFIC_CURRENT i
    RANGE gLeak, eLeak
}

PARAMETER {
    gLeak = 1e-4 (S/cm2)
    eLeak = -70 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

BREAKPOINT {
    i = gLeak*(v - eLeak)
}
