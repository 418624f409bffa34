TITLE Calcium under the membrane, with a buffer and a pump

COMMENT
Hines ML, Carnevale NT (2000) Expanding NEURON's repertoire of mechanisms with NMODL. Neural Comput
12:995-1007.

A shell of the given depth: the calcium current fills it, a buffer binds, a pump of two steps
carries calcium out, and what it carries is a current. Amounts of the pump are per area: 1 mM um is
1e-10 mol/cm2. With these rates it stands still at 5e-5 mM inside and 2 mM outside.
ENDCOMMENT

NEURON {
    SUFFIX capool
    USEION ca READ ica, cai, cao WRITE cai, ica
    RANGE depth, buffer0, kon, koff, pump0, k1, k2, k3, k4, pumped
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
    depth = .1 (um) <1e-9,1e9>
    buffer0 = .5 (mM) <0,1e9> : all of the buffer
    kon = 100 (/mM-ms) <0,1e9>
    koff = .1 (/ms) <0,1e9>
    pump0 = 2e-3 (mM um) <0,1e9> : all of the pump
    k1 = 1000 (/mM-ms) <0,1e9>
    k2 = .1 (/ms) <0,1e9>
    k3 = .1 (/ms) <0,1e9>
    k4 = .025 (/mM-ms) <0,1e9>
}

STATE {
    cai (mM)
    free (mM)
    bound (mM)
    pump (mM um)
    loaded (mM um)
}

ASSIGNED {
    ica (mA/cm2)
    cao (mM)
    pumped (mA/cm2)
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    pumped = (1e-4)*2*FARADAY*(k3*loaded - k4*cao*pump)
    ica = pumped
}

INITIAL {
    bound = buffer0*kon*cai/(kon*cai + koff)
    free = buffer0 - bound
    loaded = pump0*(k1*cai + k4*cao)/(k1*cai + k2 + k3 + k4*cao)
    pump = pump0 - loaded
    pumped = (1e-4)*2*FARADAY*(k3*loaded - k4*cao*pump)
}

KINETIC scheme {
    COMPARTMENT depth { cai free bound }
    : what other mechanisms carried in the last step; the pump is a reaction below
    ~ cai << (-(1e4)*(ica - pumped)/(2*FARADAY))
    ~ cai + free <-> bound (kon*depth, koff*depth)
    ~ cai + pump <-> loaded (k1, k2)
    ~ loaded <-> pump (k3, k4*cao)
    CONSERVE pump + loaded = pump0
    CONSERVE free + bound = buffer0*depth
}
