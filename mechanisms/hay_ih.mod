TITLE Hyperpolarization-activated cation channel of layer 5 pyramidal cells (Ih)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Kole MHP, Hallermann S, Stuart GJ (2006) Single Ih channels in pyramidal neuron dendrites:
properties, distribution, and impact on action potential output. J Neurosci 26:1677-1687.

The rates are those of the model at 34 degC; they do not depend on temperature. Also the Ih of the
models of the Allen Institute (Gouwens et al. 2018).
ENDCOMMENT

NEURON {
    SUFFIX hay_ih
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, minf, mtau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2) <0,1e9>
    e = -45 (mV)
}

STATE { m }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    minf
    mtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    i = gbar*m*(v - e)
}

INITIAL {
    rates(v)
    m = minf
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
}

PROCEDURE rates(v (mV)) {
    LOCAL alpha, beta
    UNITSOFF
    alpha = .00643*vtrap(v + 154.9, 11.9)
    beta = .193*exp(v/33.1)
    minf = alpha/(alpha + beta)
    mtau = 1/(alpha + beta)
    UNITSON
}

: x/(exp(x/y) - 1), which is 0/0 at x = 0
FUNCTION vtrap(x, y) {
    IF (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } ELSE {
        vtrap = x/(exp(x/y) - 1)
    }
}
