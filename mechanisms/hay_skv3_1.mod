TITLE Fast potassium channel of layer 5 pyramidal cells (SKv3_1, Kv3.1)

COMMENT
Hay E, Hill S, Schurmann F, Markram H, Segev I (2011) Models of neocortical layer 5b pyramidal cells
capturing a wide range of dendritic and perisomatic active properties. PLoS Comput Biol 7:e1002107.
Rettig J, Wunder F, Stocker M, Lichtinghagen R, Mastiaux F, Beckh S, Kues W, Pedarzani P, Schroter
KH, Ruppersberg JP, Veh R, Pongs O (1992) Characterization of a Shaw-related potassium channel
family in rat brain. EMBO J 11:2473-2486.

The rates are those of the model at 34 degC; they do not depend on temperature. Also the Kv3_1 of
the models of the Allen Institute (Gouwens et al. 2018).
ENDCOMMENT

NEURON {
    SUFFIX hay_skv3_1
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
    UNITSOFF
    minf = 1/(1 + exp(-(v - 18.7)/9.7))
    mtau = 4/(1 + exp(-(v + 46.56)/44.14))
    UNITSON
}
