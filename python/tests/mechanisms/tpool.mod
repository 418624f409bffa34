TITLE calcium pool of the tests: a shell, a buffer that binds, a pump that saturates

NEURON {
    SUFFIX tpool
    USEION ca READ ica, cai WRITE cai
    RANGE depth, vmax, kd, total, on, off
}

UNITS {
    (mM) = (milli/liter)
    (um) = (micron)
    (mA) = (milliamp)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    depth = 0.1 (um)
    vmax = 2e-4 (mM/ms)
    kd = 1e-3 (mM)
    total = 0.01 (mM)
    on = 50 (/mM-ms)
    off = 0.05 (/ms)
}

STATE {
    cai (mM)
    bound (mM)
}

ASSIGNED { ica (mA/cm2) }

INITIAL { bound = total*on*cai/(on*cai + off) }

BREAKPOINT { SOLVE states METHOD derivimplicit }

DERIVATIVE states {
    LOCAL binding
    binding = on*cai*(total - bound) - off*bound
    cai' = -(1e4)*ica/(2*FARADAY*depth) - vmax*cai/(cai + kd) - binding
    bound' = binding
}
