TITLE hyperpolarised cation channel of the tests: rates that read a state of their own scheme

NEURON {
    SUFFIX thcn
    USEION ca READ cai
    NONSPECIFIC_CURRENT i
    RANGE gbar, e
}

UNITS {
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-4 (S/cm2)
    e = -30 (mV)
}

STATE { closed open locked free bound }

ASSIGNED {
    v (mV)
    cai (mM)
    i (mA/cm2)
    locking (/ms)
}

INITIAL {
    closed = 0.6
    open = 0.3
    locked = 0.1
    free = 1
    bound = 0
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    i = gbar*(open + locked)*(v - e)
}

KINETIC scheme {
    UNITSOFF
    locking = 0.5*bound^2
    ~ closed <-> open (0.01*exp(-(v + 70)/15), 0.02*exp((v + 70)/15))
    ~ free <-> bound (100*cai, 0.05)
    ~ open <-> locked (locking, 0.1)
    UNITSON
    CONSERVE free + bound = 1
    CONSERVE closed + open + locked = 1
}
