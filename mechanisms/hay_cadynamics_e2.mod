TITLE Calcium under the membrane of layer 5 pyramidal cells (CaDynamics_E2)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.

A shell that a fraction gamma of the calcium current fills and that empties exponentially. Also the
CaDynamics of the models of the Allen Institute (Gouwens et al. 2018).
ENDCOMMENT

NEURON {
    SUFFIX hay_cadynamics_e2
    USEION ca READ ica WRITE cai
    RANGE gamma, decay, depth, mincai
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    gamma = .05 <0,1> : fraction of the calcium that is not buffered
    decay = 80 (ms) <1e-9,1e9>
    depth = .1 (um) <1e-9,1e9>
    mincai = 1e-4 (mM) <0,1e9>
}

STATE {
    cai (mM)
}

ASSIGNED {
    ica (mA/cm2)
}

BREAKPOINT {
    SOLVE shell METHOD cnexp
}

DERIVATIVE shell {
    cai' = -(1e4)*ica*gamma/(2*FARADAY*depth) - (cai - mincai)/decay
}
