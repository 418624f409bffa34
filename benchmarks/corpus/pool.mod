TITLE pool of @ion@ that its current fills and that empties by itself, beside mechanisms of the corpus

NEURON {
    SUFFIX pool_@ion@
    USEION @ion@ READ i@ion@, @ion@i WRITE @ion@i@valence@
    RANGE depth, tau, resting
}

UNITS {
    (mM) = (milli/liter)
    (um) = (micron)
    (mA) = (milliamp)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    depth = 1 (um)
    tau = 10 (ms)
    resting = @resting@ (mM)
}

STATE { @ion@i (mM) }

ASSIGNED { i@ion@ (mA/cm2) }

BREAKPOINT { SOLVE states METHOD cnexp }

DERIVATIVE states {
    @ion@i' = -(1e4)*i@ion@/(2*FARADAY*depth) - (@ion@i - resting)/tau
}
