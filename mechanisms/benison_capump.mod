TITLE Calcium inside retinal ganglion cells of the cat, with stores and a pump

COMMENT
Benison G, Keizer J, Chalupa LM, Robinson DW (2001) Modeling temporal behavior of postnatal cat
retinal ganglion cells. J Theor Biol 210:187-199.

Calcium in the volume of a compartment, most of it bound: a fraction fi is free. Temperature is not
part of the model.
ENDCOMMENT

NEURON {
    SUFFIX benison_capump
    USEION ca READ ica, cai WRITE cai
    RANGE fi, tau, rest, vmax, kd
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
    fi = .025 <0,1> : fraction of the calcium that is free
    tau = 12.5 (ms) <1e-9,1e9> : of the stores
    rest = 1e-4 (mM) <0,1e9>
    vmax = 7.2e-6 (mM/ms) <0,1e9> : rate of the pump
    kd = 1e-4 (mM) <1e-12,1e9> : of the pump
}

STATE {
    cai (mM)
}

ASSIGNED {
    diam (um)
    ica (mA/cm2)
}

BREAKPOINT {
    SOLVE pool METHOD derivimplicit
}

DERIVATIVE pool {
    LOCAL inflow, pumped
    : a cylinder has 4/diam of membrane for each volume
    inflow = -(1e4)*ica*4/(2*FARADAY*diam)
    pumped = vmax*cai^4/(cai^4 + kd^4)
    cai' = fi*(inflow - pumped - (cai - rest)/tau)
}
