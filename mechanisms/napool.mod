TITLE Sodium inside a cylinder

COMMENT
Kager H, Wadman WJ, Somjen GG (2000) Simulated seizures and spreading depression in a neuron model
incorporating interstitial space and ion concentrations. J Neurophysiol 84:495-512.

The sodium current fills the volume of the compartment; nothing but a pump takes it out.
ENDCOMMENT

NEURON {
    SUFFIX napool
    USEION na READ ina WRITE nai
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

STATE {
    nai (mM)
}

ASSIGNED {
    diam (um)
    ina (mA/cm2)
}

BREAKPOINT {
    SOLVE pool METHOD cnexp
}

DERIVATIVE pool {
    : a cylinder has 4/diam of membrane for each volume
    nai' = -(1e4)*ina*4/(FARADAY*diam)
}
