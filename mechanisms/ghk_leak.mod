TITLE Leak of sodium and potassium by permeabilities

COMMENT
Goldman DE (1943) Potential, impedance, and rectification in membranes. J Gen Physiol 27:37-60.
Hodgkin AL, Katz B (1949) The effect of sodium ions on the electrical activity of the giant axon of
the squid. J Physiol 108:37-77.

The equation of Goldman, Hodgkin and Katz; permeabilities of a resting membrane.
ENDCOMMENT

NEURON {
    SUFFIX ghk_leak
    USEION na READ nai, nao WRITE ina
    USEION k READ ki, ko WRITE ik
    RANGE pna, pk
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}

PARAMETER {
    pna = 2e-8 (cm/s) <0,1e9>
    pk = 5e-7 (cm/s) <0,1e9>
}

ASSIGNED {
    v (mV)
    celsius (degC)
    nai (mM)
    nao (mM)
    ina (mA/cm2)
    ki (mM)
    ko (mM)
    ik (mA/cm2)
}

BREAKPOINT {
    ina = pna*flux(v, nai, nao)
    ik = pk*flux(v, ki, ko)
}

: mC/cm3: the charge that crosses per area and permeability
FUNCTION flux(v (mV), inside (mM), outside (mM)) (.001 coul/cm3) {
    LOCAL z
    z = (1e-3)*FARADAY*v/(R*(celsius + 273.15))
    flux = (1e-3)*FARADAY*(inside*vtrap(-z, 1) - outside*vtrap(z, 1))
}

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}
