TITLE Reversal potential of calcium from its concentrations

COMMENT
Nernst W (1888) Zur Kinetik der in Losung befindlichen Korper: Theorie der Diffusion. Z Phys Chem
2:613-637.

Loligo and NEURON do the same without it wherever a mechanism reads or writes a concentration of
calcium; this is for models that read eca alone.
ENDCOMMENT

NEURON {
    SUFFIX ca_nernst
    USEION ca READ cai, cao WRITE eca
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}

ASSIGNED {
    celsius (degC)
    cai (mM)
    cao (mM)
    eca (mV)
}

BREAKPOINT {
    eca = nernst_potential()
}

INITIAL {
    eca = nernst_potential()
}

FUNCTION nernst_potential() (mV) {
    nernst_potential = (1e3)*R*(celsius + 273.15)/(2*FARADAY)*log(cao/cai)
}
