TITLE sodium and two shells of calcium that diffuse along the cell, for the tests

NEURON {
    SUFFIX tdiffuse
    USEION ca READ ica WRITE cai
    USEION na READ ina WRITE nai
    RANGE dca, dna, exchange, seen
}

UNITS {
    (mM) = (milli/liter)
    (mA) = (milliamp)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
    PI = (pi) (1)
}

DEFINE SHELLS 2

PARAMETER {
    dca = 0.6 (um2/ms)
    dna = 1.2 (um2/ms)
    exchange = 0.05 (/ms)
}

ASSIGNED {
    diam (um)
    ica (mA/cm2)
    ina (mA/cm2)
    cai (mM)
    share[SHELLS]
    seen (mM)
}

STATE {
    ca[SHELLS] (mM)
    nai (mM)
}

INITIAL {
    share[0] = 0.2
    share[1] = 1 - share[0]
    FROM i = 0 TO SHELLS - 1 { ca[i] = cai }
}

BREAKPOINT {
    SOLVE fluxes METHOD sparse
    seen = ca[1] + nai
}

KINETIC fluxes {
    COMPARTMENT i, diam*diam*share[i] { ca }
    COMPARTMENT PI*diam*diam/4 { nai }
    LONGITUDINAL_DIFFUSION i, dca*diam*diam*share[i] { ca }
    LONGITUDINAL_DIFFUSION dna*PI*diam*diam/4 { nai }
    ~ ca[0] << (-ica*PI*diam*(1e4)/(2*FARADAY))
    ~ ca[0] <-> ca[1] (exchange*diam*diam, exchange*diam*diam)
    ~ nai << (-ina*PI*diam*(1e4)/FARADAY)
    cai = ca[0]
}
