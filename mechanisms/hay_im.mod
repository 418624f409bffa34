TITLE Muscarinic potassium channel of layer 5 pyramidal cells (Im)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Adams PR, Brown DA, Constanti A (1982) M-currents and other potassium currents in bullfrog
sympathetic neurones. J Physiol 330:537-572.

Kinetics of 21 degC, sped up 2.3-fold over 10 degC; the model of the paper runs at 34 degC. Also the
Im of the models of the Allen Institute (Gouwens et al. 2018).
ENDCOMMENT

NEURON {
    SUFFIX hay_im
    USEION k READ ek WRITE ik
    RANGE gbar, minf, mtau
    THREADSAFE
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2) <0,1e9>
}

STATE { m }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    minf
    mtau (ms)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gbar*m*(v - ek)
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
    LOCAL alpha, beta, q10
    UNITSOFF
    q10 = 2.3^((celsius - 21)/10)
    alpha = .0033*exp(.1*(v + 35))
    beta = .0033*exp(-.1*(v + 35))
    minf = alpha/(alpha + beta)
    mtau = 1/(q10*(alpha + beta))
    UNITSON
}
